"""The telephone line of one call: pyst2's AGI, quiet, strict about hangups, and with keys that never get lost.

Asterisk drops a key pressed between two commands. The dialplan therefore logs every key into the channel variable
`KEYS_VARIABLE` (application StoreDTMF), and the line reads keys from that log alone: what was pressed early counts.
"""

import os
import re
import time

from asterisk.agi import AGI, AGIAppError, AGIHangup, AGIResultHangup

from agi import asserted
from agi.dialogue.steps import Event, Pressed, Silent
from agi.transport import BadClientError, Reader, Writer

KEYS_VARIABLE = "ESCHOOL_KEYS"
RESULT_VARIABLE = "ESCHOOL_RESULT"
LIMIT_VARIABLE = "ESCHOOL_LIMIT"

MAX_ENVIRONMENT_LINES = 100
MAX_COMMAND = 1800
"""Bytes of file names in one command; Asterisk's AGI buffer is 2048."""

KEYS_ARE_FRESH = 0.02
"""Seconds for which the keys are as they were read. What was pressed meanwhile came at most a packet ago; the next
reading finds it."""

SILENT_TONE = "0"
"""A tone of no frequency, as Asterisk's Playtones takes it: it goes on until something is played."""

MAX_KEYS = 400
"""Keys of one call; the variable holds about 510."""


_WHOLE_NUMBER = re.compile("-?[0-9]{1,10}")
"""What follows `result=` in every answer of Asterisk's."""


class _Nowhere:
    """Where pyst2 writes what it does: every line of a call, grades included."""

    def write(self, _text: str) -> None:
        return


class Line(AGI):  # type: ignore[misc]  # pyst2 has no types
    """One call. Raises AGIHangup as soon as the caller is gone, BadClientError when the peer does not speak AGI."""

    def __init__(self, reader: Reader, writer: Writer) -> None:
        # Not AGI.__init__: it installs a signal handler, which only the main thread may, and prints the call.
        self.stdin = reader
        self.stdout = writer
        self.stderr = _Nowhere()
        self._got_sighup = False
        self.env: dict[str, str] = {}
        self._keys = ""
        self._used = 0
        self._skip_end_mark = False
        self._sends_silence = True  # the dialplan began it
        self._get_agi_env()
        self._keys_read_at = time.monotonic()  # the call was answered just now: nothing can have been pressed

    @property
    def script(self) -> str:
        """The name the dialplan asked for: `agi://host/inbound` -> `inbound`."""
        return self.env.get("agi_network_script") or self.env.get("agi_request", "").rpartition("/")[2]

    @property
    def caller(self) -> str | None:
        """The caller's number as the trunk gave it; None when it is hidden."""
        number = self.env.get("agi_callerid", "")
        shown = None if number in ("", "unknown", "anonymous") else number
        return asserted.caller(self.env.get("agi_arg_1", ""), shown)

    def collect(self, files: list[str], digits: int, wait: float, between: float = 0.0, flush: bool = False) -> Event:
        """Play `files` (absolute, without extension) until a key comes, then wait for up to `digits` keys.

        wait: seconds for the first key after the last clip; between: seconds for each further one.
        """
        keys = self._without_end_mark(self._unread_keys())
        if flush:
            self._forget_keys()
            keys = ""
        while not keys:
            if not self._play_until_key(files) and wait:
                self._wait_for_key(wait)
            pressed = self._read_keys()
            if not pressed:
                return Silent()
            keys = self._without_end_mark(pressed)
        while len(keys) < digits and "#" not in keys and "*" not in keys:
            self._wait_for_key(between)
            longer = self._read_keys()
            if len(longer) == len(keys):
                break
            keys = longer
        taken = _first_entry(keys, digits)
        self._used += len(taken)
        self._skip_end_mark = digits > 1 and len(taken) == digits
        return Pressed(taken)

    def _without_end_mark(self, keys: str) -> str:
        """Who ends a complete code with a `#` that is not needed does not mean it for the next menu."""
        if self._skip_end_mark and keys:
            self._skip_end_mark = False
            if keys[0] == "#":
                self._used += 1
                return keys[1:]
        return keys

    def unread(self, count: int) -> None:
        """Give the last `count` keys back: the next `collect` gets them."""
        self._used -= count

    def play(self, files: list[str]) -> None:
        """Play `files` to the end; keys change nothing."""
        for chunk in _chunks(files):
            self._sound("Playback", "&".join(chunk))

    def send_silence(self) -> None:
        """Let Asterisk send silence until something is played: trunks take a call without packets for dead."""
        if not self._sends_silence:
            self.appexec("Playtones", SILENT_TONE)
            self._sends_silence = True

    def record(self, files: list[str], tone: str, path: str, longest: int, silence: int) -> bool:
        """Play `files`, which any key cuts short, and `tone`, then record into `path` + ".wav".

        It ends with `#`, `silence` seconds of it, or after `longest` seconds; whether there is a file then. There is
        one too when the caller hung up meanwhile (AGIHangup).
        """
        self._play_until_key(files)
        self._forget_keys()
        self._sound("Playback", tone)
        self._sound("Record", f"{path}.wav,{silence},{longest},qk")
        self._forget_keys()
        return os.path.exists(f"{path}.wav")

    def _forget_keys(self) -> None:
        """What was pressed so far is not meant for what comes next."""
        self._used += len(self._read_keys())

    def take_over(self, seconds: int) -> None:
        """Tell the dialplan's watchdog that the call is served, for `seconds` at most."""
        self.set_variable("TIMEOUT(absolute)", str(seconds))

    def end_without_a_key(self, seconds: int) -> None:
        """The same for a call that simply ends then, unless it is taken over for longer."""
        self.set_variable(LIMIT_VARIABLE, "no key")
        self.take_over(seconds)

    def finish(self) -> None:
        """Tell the dialplan that the dialogue came to its own end, and hang up."""
        self.set_variable(RESULT_VARIABLE, "done")
        self.execute("HANGUP")

    def _play_until_key(self, files: list[str]) -> bool:
        """Play; whether a key cut it short. Background leaves no gap between clips, Read leaves 50 ms."""
        return any(self._sound("Background", "&".join(chunk)) != "0" for chunk in _chunks(files))

    def _wait_for_key(self, seconds: float) -> None:
        self.send_silence()
        self.wait_for_digit(int(seconds * 1000))

    def _sound(self, application: str, arguments: str) -> str:
        """Run an application that sends sound of its own, and so ends the silence."""
        self._sends_silence = False
        return str(self.appexec(application, arguments))

    def _unread_keys(self) -> str:
        """The keys not used yet, asked for unless they were read just now."""
        if time.monotonic() - self._keys_read_at > KEYS_ARE_FRESH:
            return self._read_keys()
        return self._keys[self._used :]

    def _read_keys(self) -> str:
        """The keys not used yet, asked for."""
        # Not get_variable: pyst2 answers "hangup" there as if that were the variable's value.
        self._keys = self.execute("GET VARIABLE", KEYS_VARIABLE)["result"][1]
        self._keys_read_at = time.monotonic()
        if len(self._keys) > MAX_KEYS:
            raise AGIHangup("more keys than a call can need")
        return self._keys[self._used :]

    def _get_agi_env(self) -> None:
        for _ in range(MAX_ENVIRONMENT_LINES):
            line = self.stdin.readline()
            if not line:
                return
            key, colon, value = line.partition(":")
            if not colon or not key.startswith("agi_"):
                raise BadClientError("the first lines are not AGI's")
            self.env[key] = value.strip()
        raise BadClientError("more first lines than AGI has")

    def _quote(self, string: object) -> str:
        text = str(string)
        if '"' in text or "\n" in text or "\r" in text or "\\" in text:
            raise ValueError("an AGI argument may not hold quotes, backslashes or line ends")
        return f'"{text}"'

    def get_result(self, stdin: object = None) -> dict[str, tuple[str, str]]:
        """The answer to a command: {"result": (value, data)}. Raises AGIHangup, AGIAppError or BadClientError."""
        line = self.stdin.readline()
        if line.startswith(("HANGUP", "511")):
            raise AGIResultHangup("the caller hung up")
        if not line.startswith("200 result="):
            raise BadClientError("an answer that is not AGI's")
        value, _, rest = line.removeprefix("200 result=").partition(" ")
        if not _WHOLE_NUMBER.fullmatch(value):
            raise BadClientError("an answer that is not AGI's")
        if rest.startswith("(hangup)") or (value == "-1" and not rest):
            raise AGIResultHangup("the caller hung up")
        if value == "-1":
            raise AGIAppError("Asterisk could not do it")
        return {"result": (value, rest[rest.find("(") + 1 : rest.rfind(")")] if "(" in rest else "")}


def _first_entry(keys: str, digits: int) -> str:
    """The keys of one entry: up to and with the first `#` or `*`, `digits` at most."""
    for position, key in enumerate(keys[:digits], start=1):
        if key in "#*":
            return keys[:position]
    return keys[:digits]


def _chunks(files: list[str]) -> list[list[str]]:
    chunks: list[list[str]] = []
    size = MAX_COMMAND
    for file in files:
        size += len(file.encode()) + 1
        if size > MAX_COMMAND:
            chunks.append([])
            size = len(file.encode())
        chunks[-1].append(file)
    return chunks
