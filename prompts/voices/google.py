"""Google's speech through the gTTS library: natural, needs the internet, sends every text to Google.

gTTS packs the request; sending is done here, since gTTS neither checks the server's certificate nor ends a slow answer.
"""

import base64
import binascii
import io
import random
import re
import time
from http.client import HTTPException
from ssl import SSLError
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from gtts import gTTS

from errors import InputError, OperationError
from prompts.pronunciation import pronounced
from prompts.voices.voice import SpeechError
from settings import Engine

if TYPE_CHECKING:
    from pydub import AudioSegment

SILENCE_SECONDS = 10
ANSWER_SECONDS = 30
LARGEST_ANSWER = 10_000_000
TRIES = 4
FIRST_PAUSE_SECONDS = 0.5

# The answer of Google's `batchexecute` is lines of JSON; the one with the call's name holds the MP3 in base64.
_AUDIO = re.compile(rb'jQ1olc","\[\\"([^"\\]*)\\"\]')


class _PassingError(Exception):
    """A failure that another try may cure. The message is the reason, part of a sentence."""

    def __init__(self, reason: str = "", *, answered: bool = False) -> None:
        super().__init__(reason)
        self.answered = answered


class GoogleVoice:
    """gTTS with retries, deadlines, and a base address that can be replaced."""

    def __init__(self, base_url: str = "", first_pause: float = FIRST_PAUSE_SECONDS) -> None:
        """base_url: scheme, host and port instead of Google's; first_pause: seconds before the second try.

        Raises InputError when base_url is not an http(s) address.
        """
        if base_url and (urlsplit(base_url).scheme not in ("http", "https") or not urlsplit(base_url).hostname):
            raise InputError(f"ESCHOOL_GTTS_URL={base_url} is not usable: give an address such as https://host:port.")
        self._base_url = base_url.rstrip("/")
        self._first_pause = first_pause

    @property
    def workers(self) -> int:
        return 4  # more at once is answered with 429

    def speak(self, text: str) -> "AudioSegment":
        from pydub import AudioSegment
        from pydub.exceptions import CouldntDecodeError

        try:
            packed = gTTS(pronounced(text, Engine.GTTS), lang="bg", lang_check=False)._prepare_requests()
        except AssertionError:  # gTTS asserts that there is something to say
            raise SpeechError("there is nothing to say in it") from None
        requests = [
            Request(self._address(part.url), part.body.encode(), dict(part.headers), method="POST")  # noqa: S310
            for part in packed
        ]
        sound = b"".join(self._send(request) for request in requests)
        try:
            return AudioSegment.from_file(io.BytesIO(sound), format="mp3").set_channels(1).set_sample_width(2)
        except (CouldntDecodeError, IndexError, OSError):
            raise SpeechError("Google's answer was not an MP3") from None

    def _address(self, url: str) -> str:
        return f"{self._base_url}{urlsplit(url).path}" if self._base_url else url

    def _send(self, request: Request) -> bytes:
        """The MP3 that answers one request, in up to TRIES tries with a growing pause."""
        failure = _PassingError()
        for number in range(TRIES):
            if number:
                time.sleep(self._first_pause * 2 ** (number - 1) * random.uniform(0.8, 1.2))  # noqa: S311
            try:
                return _audio(_body(request))
            except _PassingError as error:
                failure = error
        if failure.answered:
            raise SpeechError(f"Google did not speak in {TRIES} tries ({failure})")
        raise OperationError(
            f"Google cannot be reached ({failure}): check the connection to {urlsplit(request.full_url).hostname} "
            "or set ESCHOOL_ENGINE=espeak."
        )


def _body(request: Request) -> bytes:
    """One answer, whole and in time."""
    deadline = time.monotonic() + ANSWER_SECONDS
    body = bytearray()
    try:
        with urlopen(request, timeout=SILENCE_SECONDS) as answer:  # noqa: S310  # http or https only, see __init__
            while piece := answer.read1(16_384):
                body += piece
                if time.monotonic() > deadline:
                    raise _PassingError(f"no whole answer within {ANSWER_SECONDS} s")
                if len(body) > LARGEST_ANSWER:
                    raise SpeechError("Google's answer was too long")
    except HTTPError as error:
        error.close()
        if error.code in (401, 403):
            raise OperationError(f"Google refuses to speak (status {error.code}): use another engine.") from None
        if error.code == 429 or error.code >= 500:
            raise _PassingError(f"status {error.code}", answered=True) from None
        raise SpeechError(f"Google answered with status {error.code}") from None
    except (URLError, HTTPException, OSError) as error:
        raise _PassingError(_reason(error)) from None
    return bytes(body)


def _reason(error: Exception) -> str:
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, SSLError):
        return "the server's certificate is not valid"
    if isinstance(cause, TimeoutError):
        return "no answer in time"
    return "no connection"


def _audio(body: bytes) -> bytes:
    found = _AUDIO.search(body)
    if found is None:
        raise SpeechError("Google's answer held no sound")
    try:
        return base64.b64decode(found[1], validate=True)
    except binascii.Error:
        raise SpeechError("Google's answer was garbled") from None
