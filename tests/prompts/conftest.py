"""Settings with a home of the test's own, telephone sound as numbers, and a server that answers as Google's does."""

import audioop
import base64
import json
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from settings import Engine, Settings


def speaking(home: Path, engine: Engine = Engine.ESPEAK, **others: object) -> Settings:
    """Settings for rendering into `home`, whatever the environment holds."""
    given = {"voice": "", "piper_model": None, "gtts_url": "", "recordings": None, "cache": home / "cache"} | others
    return Settings(home=home, engine=engine, **given)  # type: ignore[arg-type]


@pytest.fixture
def config(tmp_path: Path) -> Settings:
    return speaking(tmp_path / "home")


def samples(clip: bytes) -> bytes:
    """A-law as 16-bit samples."""
    return audioop.alaw2lin(clip, 2)


def rms_steps(clip: bytes, milliseconds: int) -> list[int]:
    """RMS of each step of a clip."""
    data, step = samples(clip), 16 * milliseconds
    return [audioop.rms(data[at : at + step], 2) for at in range(0, len(data) - step + 1, step)]


@dataclass
class FakeGoogle:
    """An HTTP server of its own that answers `batchexecute` as translate.google.com does.

    faults: what to do instead with the next requests: a status, "no-audio", "garbled", "not-mp3", "hang" or "drop".
    """

    url: str = ""
    heard: list[str] = field(default_factory=list)
    faults: list[int | str] = field(default_factory=list)
    silent_for: set[str] = field(default_factory=set)
    release: threading.Event = field(default_factory=threading.Event)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"])).decode()
        ((call, parameters, _, _),) = json.loads(parse_qs(body)["f.req"][0])[0]
        text, language, _, _ = json.loads(parameters)
        assert (handler.path, call, language) == ("/_/TranslateWebserverUi/data/batchexecute", "jQ1olc", "bg")
        self.heard.append(text)
        fault = self.faults.pop(0) if self.faults else 400 if text in self.silent_for else None
        if fault == "hang":
            self.release.wait(30)
        elif isinstance(fault, int):
            handler.send_error(fault)
        elif fault != "drop":
            self._speak(handler, text, fault)

    def _speak(self, handler: BaseHTTPRequestHandler, text: str, fault: str | None) -> None:
        sound = {None: base64.b64encode(mp3_of(text)).decode(), "garbled": "@@", "not-mp3": "bm90IHNvdW5k"}.get(fault)
        inner = "[]" if fault == "no-audio" else json.dumps([sound])
        line = json.dumps([["wrb.fr", "jQ1olc", inner, None, None, None, "generic"]], separators=(",", ":"))
        content = f')]}}\'\n\n{len(line)}\n{line}\n25\n[["e",4,null,null,143]]\n'.encode()
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json; charset=utf-8")
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)


def mp3_of(text: str) -> bytes:
    """Some 24 kHz MP3 for `text`, as Google sends."""
    speech = subprocess.run(["espeak-ng", "-v", "bg", "--stdin", "--stdout"], input=text.encode(), capture_output=True)
    command = ["ffmpeg", "-v", "error", "-i", "-", "-ar", "24000", "-f", "mp3", "-"]
    return subprocess.run(command, input=speech.stdout, capture_output=True, check=True).stdout


@pytest.fixture
def google() -> Iterator[FakeGoogle]:
    """A running FakeGoogle."""
    fake = FakeGoogle()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            fake.answer(self)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_port}"
    yield fake
    fake.release.set()
    server.shutdown()
    thread.join()
    server.server_close()
