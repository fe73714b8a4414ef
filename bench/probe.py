"""Listening telephones among the load: when each RTP packet reached the kernel, told to a microsecond.

The kernel keeps the packets and their times until somebody asks: the probes ask seldom, so as to be no load themselves.
"""

import contextlib
import itertools
import os
import random
import re
import selectors
import socket
import struct
import time
from dataclasses import dataclass, field

SO_TIMESTAMPNS = 35
"""socket(7); Python has no name for it."""

PACKET_SECONDS = 0.02
LISTEN_EVERY = 0.25
"""Seconds of sound that the kernel gathers for a probe; its buffer holds some five."""

TICK = 0.01
"""Seconds between two looks at the clock."""

KEY_PACKETS = 5
ALAW, TELEPHONE_EVENT = 8, 101


@dataclass
class Heard:
    """One probe's call, all times in seconds of the kernel's clock."""

    answered: float | None = None
    packets: list[float] = field(default_factory=list)
    refused: str = ""

    @property
    def first_audio(self) -> float | None:
        """From the answer to the first packet of sound."""
        return self.packets[0] - self.answered if self.answered and self.packets else None

    def gaps(self, since: float) -> list[float]:
        """Silences between packets later than `since` seconds after the answer, beyond the 20 ms that are sound."""
        assert self.answered is not None
        times = [at for at in self.packets if at - self.answered > since]
        return [after - before - PACKET_SECONDS for before, after in itertools.pairwise(times)]

    @property
    def length(self) -> float:
        """From the answer to the end of the last packet of sound."""
        return self.packets[-1] + PACKET_SECONDS - self.answered if self.answered and self.packets else 0.0


class Probe:
    """One call: dials, presses 1 after a second, listens for `hold` seconds more, hangs up."""

    def __init__(self, pbx: tuple[str, int], number: str, caller: str, hold: float) -> None:
        self.heard = Heard()
        self.done = False
        self._pbx, self._number, self._caller, self._hold = pbx, number, caller, hold
        self._sip, self._rtp = _udp(), _udp()
        self._call_id = f"probe-{os.getpid()}-{random.getrandbits(48):x}"
        self._to_tag = ""
        self._media: tuple[str, int] | None = None
        self._keyed = False
        self._began = time.time()
        self._listen_at = 0.0
        self._send("INVITE", 1, _offer(self._rtp.getsockname()[1]))

    @property
    def signalling(self) -> socket.socket:
        """What to wait for."""
        return self._sip

    def signalled(self) -> None:
        """Take one message."""
        data, ancillary, _, _ = self._sip.recvmsg(4096, 64)
        self._take_sip(data.decode("utf-8", "replace"), _kernel_time(ancillary))

    def _listen(self) -> None:
        """Take all sound that has come."""
        with contextlib.suppress(BlockingIOError):
            while True:
                data, ancillary, _, _ = self._rtp.recvmsg(4096, 64, socket.MSG_DONTWAIT)
                if data[1] & 0x7F == ALAW:
                    self.heard.packets.append(_kernel_time(ancillary))

    def tick(self) -> None:
        """Do what is due by the clock."""
        now, answered = time.time(), self.heard.answered
        if now >= self._listen_at:
            self._listen()
            self._listen_at = now + LISTEN_EVERY
        if answered is None:
            self.done = self.done or now - self._began > 15
        elif not self._keyed and now - answered >= 1.0:
            self._keyed = True
            self._press(1)
        elif now - answered >= 1.0 + self._hold and not self.done:
            self._send("BYE", 2)
            self.done = True

    def close(self) -> None:
        """Hear what is left and give the sockets back."""
        self._listen()
        self._sip.close()
        self._rtp.close()

    def _take_sip(self, text: str, at: float) -> None:
        status = text[8:11]
        if text.startswith("BYE"):
            self.done = True
        elif not text.startswith("SIP/2.0") or "INVITE" not in _header(text, "CSeq") or status < "200":
            return
        elif status == "200":
            self._to_tag = _header(text, "To").partition(";tag=")[2]
            port = re.search(r"^m=audio (\d+)", text, re.MULTILINE)
            if port and self.heard.answered is None:
                self.heard.answered = at
                self._media = (self._pbx[0], int(port[1]))
            self._send("ACK", 1)
        else:
            self.heard.refused = status
            self._send("ACK", 1)
            self.done = True

    def _press(self, key: int) -> None:
        """RFC 4733: the event's packets with its growing duration, the last one thrice with the end bit."""
        assert self._media is not None
        ssrc, stamp = random.getrandbits(32), random.getrandbits(31)
        for number in range(KEY_PACKETS + 3):
            over = number >= KEY_PACKETS
            duration = min(number + 1, KEY_PACKETS) * 160
            marker = 0x80 if number == 0 else 0
            header = struct.pack("!BBHII", 0x80, TELEPHONE_EVENT | marker, number, stamp, ssrc)
            self._rtp.sendto(header + struct.pack("!BBH", key, 0x8A if over else 0x0A, duration), self._media)

    def _send(self, method: str, number: int, body: str = "") -> None:
        host, port = self._pbx
        mine = f"{host}:{self._sip.getsockname()[1]}"
        tag = f";tag={self._to_tag}" if self._to_tag else ""
        lines = [
            f"{method} sip:{self._number}@{host}:{port} SIP/2.0",
            f"Via: SIP/2.0/UDP {mine};branch=z9hG4bK{self._call_id}{method};rport",
            f"From: <sip:{self._caller}@{mine}>;tag={self._call_id}",
            f"To: <sip:{self._number}@{host}:{port}>{tag}",
            f"Call-ID: {self._call_id}",
            f"CSeq: {number} {method}",
            f"Contact: <sip:{self._caller}@{mine}>",
            "Max-Forwards: 70",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        self._sip.sendto(("\r\n".join(lines) + "\r\n\r\n" + body).encode(), self._pbx)


class Probes:
    """Calls one after the other at a steady pace for a time; one thread serves them all."""

    def __init__(self, pbx: tuple[str, int], number: str, caller: str, hold: float) -> None:
        self._call = (pbx, number, caller, hold)

    def run(self, count: int, every: float) -> list[Heard]:
        """Make `count` calls, one every `every` seconds; returns when all are over."""
        selector = selectors.DefaultSelector()
        active: list[Probe] = []
        heard: list[Heard] = []
        next_at = time.monotonic()
        while active or len(heard) < count:
            if len(heard) < count and time.monotonic() >= next_at:
                probe = Probe(*self._call)
                selector.register(probe.signalling, selectors.EVENT_READ, probe)
                active.append(probe)
                heard.append(probe.heard)
                next_at += every
            for key, _ in selector.select(TICK):
                key.data.signalled()
            for probe in list(active):
                probe.tick()
                if probe.done:
                    active.remove(probe)
                    selector.unregister(probe.signalling)
                    probe.close()
        return heard


def _udp() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    made.bind(("127.0.0.1", 0))
    return made


def _kernel_time(ancillary: list[tuple[int, int, bytes]]) -> float:
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
            seconds, nanoseconds = struct.unpack("qq", data[:16])
            return int(seconds) + int(nanoseconds) / 1e9
    return time.time()


def _header(text: str, name: str) -> str:
    found = re.search(rf"^{name}: *(.*?)\r?$", text, re.MULTILINE | re.IGNORECASE)
    return found[1] if found else ""


def _offer(port: int) -> str:
    return "\r\n".join(
        (
            "v=0",
            "o=probe 1 1 IN IP4 127.0.0.1",
            "s=-",
            "c=IN IP4 127.0.0.1",
            "t=0 0",
            f"m=audio {port} RTP/AVP {ALAW} {TELEPHONE_EVENT}",
            f"a=rtpmap:{ALAW} PCMA/8000",
            f"a=rtpmap:{TELEPHONE_EVENT} telephone-event/8000",
            f"a=fmtp:{TELEPHONE_EVENT} 0-15",
            "",
        )
    )
