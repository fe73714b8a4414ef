"""One baresip, for one call: started with a configuration of its own, commanded over its TCP control interface."""

import json
import os
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from devtools.telephone.free_ports import free_block, give_back

SAMPLES_PER_SECOND = 8000
START_SECONDS = 30.0

# No jitter buffer (named differently by version 1.0 and later ones): it would keep back a sentence's last packets.
_CONFIGURATION = """\
poll_method epoll
statmode_default off
sip_listen 127.0.0.1:{sip_port}
audio_source aufile,{folder}/says.wav
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
jitter_buffer_delay 0-0
audio_jitter_buffer_type off
rtp_ports {rtp_port}-{last_rtp_port}
module_path {modules}
module g711.so
module aufile.so
module sndfile.so
module_app account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control_port}
snd_path {folder}
"""


class BaresipError(Exception):
    """baresip could not be started or did not do what it was told."""


class Baresip:
    """A running baresip whose account is `identity` (a SIP address). A context manager: leaving it ends the process.

    port: where it is called, and the next one for TLS; None: it only calls. says: 16-bit samples of its owner's words.
    longest: seconds after which it hangs up by itself; it says silence so long, and begins later the more it is.
    on_event gets every event (`{"type": "CALL_CLOSED", "param": …}`) from a thread of its own.
    """

    def __init__(
        self,
        identity: str,
        folder: Path,
        longest: int,
        on_event: Callable[[dict[str, Any]], None],
        port: int | None = None,
        says: bytes = b"",
    ) -> None:
        self._identity = identity
        self._port = port
        self._says = says
        self._longest = longest
        self._folder = folder
        self._on_event = on_event
        self._answers: list[dict[str, Any]] = []
        self._answered = threading.Condition()
        self._taken: list[tuple[int, int]] = []

    def __enter__(self) -> Self:
        ports = self._write_configuration()
        self._log = (self._folder / "baresip.log").open("wb")
        self._process = subprocess.Popen(
            ["baresip", "-4", "-f", str(self._folder)],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        try:
            self._control = self._connect(ports)
        except BaseException:
            self._end()
            raise
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        self._control.close()
        self._reader.join(timeout=5)

    def command(self, name: str, params: str = "") -> None:
        """Give a command and wait until baresip has taken it. Raises BaresipError when it refuses."""
        text = json.dumps({"command": name, "params": params}).encode()
        with self._answered:
            self._answers.clear()
            self._control.sendall(b"%d:%s," % (len(text), text))
            if not self._answered.wait_for(lambda: self._answers, timeout=START_SECONDS):
                raise BaresipError(f"baresip did not answer to {name}")
            answer = self._answers.pop()
        if not answer.get("ok"):
            raise BaresipError(f"baresip refused {name}: {answer.get('data')}")

    def recording(self) -> Path | None:
        """The file into which what is heard is being written (16 bit, 8 kHz), once the call has sound."""
        return next(iter(self._folder.glob("dump-*-dec.wav")), None)

    def _write_configuration(self) -> int:
        modules = next((m for m in Path("/usr").glob("lib*/**/baresip/modules") if (m / "g711.so").exists()), None)
        if modules is None:
            raise BaresipError("baresip's modules are not installed: run `sh asterisk_conf/system_packages.sh test`.")
        sip_port = self._port or self._port_block(2)  # + 1 becomes TLS's
        rtp_port, control_port = self._port_block(40), self._port_block(1)
        rtp_port += rtp_port % 2
        (self._folder / "config").write_text(
            _CONFIGURATION.format(
                folder=self._folder,
                modules=modules,
                sip_port=sip_port,
                rtp_port=rtp_port,
                last_rtp_port=rtp_port + 38,
                control_port=control_port,
            )
        )
        account = f"<{self._identity}>;regint=0;audio_codecs=PCMA;dtmfmode=rtpevent;ptime=20\n"
        (self._folder / "accounts").write_text(account)
        (self._folder / "contacts").touch()
        _write_sound(self._folder / "says.wav", self._says, self._longest)
        return control_port

    def _port_block(self, size: int) -> int:
        """Ports until the end of this process."""
        first = free_block(size)
        self._taken.append((first, size))
        return first

    def _connect(self, port: int) -> socket.socket:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                return socket.create_connection(("127.0.0.1", port))
            except OSError:
                time.sleep(0.02)
        log = (self._folder / "baresip.log").read_text("utf-8", "replace")
        raise BaresipError(f"baresip did not start: {log[-400:]}")

    def _read(self) -> None:
        buffer = b""
        while True:
            try:
                data = self._control.recv(65536)
            except OSError:
                return
            if not data:
                return
            buffer += data
            while (colon := buffer.find(b":")) > 0 and len(buffer) > (end := colon + 1 + int(buffer[:colon])):
                self._take(json.loads(buffer[colon + 1 : end]))
                buffer = buffer[end + 1 :]

    def _take(self, message: dict[str, Any]) -> None:
        if message.get("event"):
            self._on_event(message)
            return
        with self._answered:
            self._answers.append(message)
            self._answered.notify_all()

    def _end(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()
        while self._taken:
            give_back(*self._taken.pop())


def _write_sound(path: Path, says: bytes, seconds: int) -> None:
    """A WAV file of 16-bit sound and then silence; the hole it has takes no room on the disk."""
    size = 2 * SAMPLES_PER_SECOND * seconds
    form = (b"fmt ", 16, 1, 1, SAMPLES_PER_SECOND, 2 * SAMPLES_PER_SECOND, 2, 16)
    path.write_bytes(struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + size, b"WAVE", *form, b"data", size) + says)
    os.truncate(path, 44 + size)
