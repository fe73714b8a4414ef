"""A telephone without a program: SIP and RTP by hand, for what telephones of programs do not send or do not tell."""

import socket
import struct
import threading
import time
from dataclasses import dataclass
from itertools import count, pairwise
from types import TracebackType
from typing import Self

from settings import Settings

_NUMBERS = count(1)
_SO_TIMESTAMPNS = 35  # <asm-generic/socket.h>; Python does not name it
_SDP = (
    "v=0\r\no=parent 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio {port} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"
)
ANSWER_SECONDS = 20.0


@dataclass(frozen=True)
class Packet:
    """A packet of sound: when the kernel got it (time.time()), and its A-law bytes."""

    at: float
    sound: bytes


class BareTelephone:
    """Calls the product as `caller` (the user of From). A context manager: leaving it hangs up."""

    def __init__(self, settings: Settings, caller: str, headers: str = "", name: str = "") -> None:
        """headers: more header lines of the INVITE, each with its end; name: the display name in From."""
        self._exchange = (settings.sip_address, settings.sip_port)
        self._number = settings.inbound_number
        self._caller = caller
        self._headers = headers
        self._name = f'"{name}" ' if name else ""
        self._one = next(_NUMBERS)
        self._tag = ""
        self._sequence = 1
        self._in_call = False
        self._packets: list[Packet] = []
        self._over = threading.Event()
        self.answered_at = 0.0
        """time.time() at which the answer came."""

    def __enter__(self) -> Self:
        self._line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._line.bind(("127.0.0.1", 0))
        self._line.settimeout(ANSWER_SECONDS)
        self._ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._ear.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._ear.bind(("127.0.0.1", 0))
        self._ear.settimeout(0.1)
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._in_call:
            self.hang_up()
        self._over.set()
        self._listener.join()
        self._line.close()
        self._ear.close()

    def invite(self) -> None:
        """Begin to call; nobody need have answered when it returns."""
        self._send("INVITE", 1, more=self._headers, body=_SDP.format(port=self._ear.getsockname()[1]))

    def wait_for(self, status: str) -> str:
        """Wait for a response that begins with these digits; gives it. Raises AssertionError for another final one."""
        while not (answer := self._line.recv(8000).decode()).startswith(f"SIP/2.0 {status}"):
            assert answer.startswith("SIP/2.0 1"), answer
        return answer

    def call(self) -> None:
        """Call and be answered."""
        self.invite()
        answer = self.wait_for("200")
        self.answered_at = time.time()
        self._tag = ";tag=" + answer.partition("To:")[2].partition("tag=")[2].split("\r\n")[0]
        self._send("ACK", 1, self._tag)
        self._in_call = True

    def press_by_info(self, key: str) -> None:
        """A key as old GSM gateways send it: SIP INFO with application/dtmf-relay."""
        self._request("INFO", body=f"Signal={key}\r\nDuration=160\r\n", content="application/dtmf-relay")

    def cancel(self) -> None:
        """Hang up before anybody answered."""
        self._send("CANCEL", 1)

    def hang_up(self) -> None:
        """End the call."""
        self._in_call = False
        self._request("BYE")

    def wait_for_end(self) -> None:
        """Wait until the other side hangs up."""
        while not self._line.recv(8000).startswith(b"BYE "):
            pass
        self._in_call = False  # Asterisk asks for a few seconds more whether its BYE came; nobody answers

    def packets(self) -> list[Packet]:
        """The sound so far, in the order of its coming."""
        return list(self._packets)

    def largest_gap(self) -> float:
        """Seconds: the longest time without a packet, that before the first one after the answer among them."""
        times = [self.answered_at, *(packet.at for packet in self._packets if packet.at > self.answered_at)]
        return max((late - early for early, late in pairwise(times)), default=time.time())

    def _request(self, method: str, body: str = "", content: str = "") -> None:
        self._sequence += 1
        self._send(method, self._sequence, self._tag, body=body, content=content)
        while f"{self._sequence} {method}" not in (answer := self._line.recv(8000).decode()):
            pass
        assert answer.startswith("SIP/2.0 200"), answer

    def _send(
        self,
        method: str,
        sequence: int,
        tag: str = "",
        more: str = "",
        body: str = "",
        content: str = "application/sdp",
    ) -> None:
        host, port = self._line.getsockname()
        exchange = f"{self._exchange[0]}:{self._exchange[1]}"
        branch = "INVITE-1" if method == "CANCEL" else f"{method}-{sequence}"  # a CANCEL is of the same transaction
        request = (
            f"{method} sip:{self._number}@{exchange} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK-{self._one}-{port}-{branch};rport\r\n"
            f"Max-Forwards: 70\r\nFrom: {self._name}<sip:{self._caller}@{host}>;tag={self._one}\r\n"
            f"To: <sip:{self._number}@{exchange}>{tag}\r\nCall-ID: {self._one}-{port}@parents\r\n"
            f"CSeq: {sequence} {method}\r\nContact: <sip:{self._caller}@{host}:{port}>\r\n{more}"
            + (f"Content-Type: {content}\r\n" if body else "")
            + f"Content-Length: {len(body)}\r\n\r\n{body}"
        )
        self._line.sendto(request.encode(), self._exchange)

    def _listen(self) -> None:
        while not self._over.is_set():
            try:
                packet, told, _, _ = self._ear.recvmsg(2048, 64)
            except TimeoutError:
                continue
            if packet[1] & 0x7F == 8:
                seconds, nanoseconds = struct.unpack("ll", told[0][2])
                self._packets.append(Packet(seconds + nanoseconds / 1e9, packet[12:]))
