"""Many parents' telephones at one address, played by SIPp: the last digit of a number decides what its owner does."""

import struct
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devtools.telephone.free_ports import free_block

PACKETS_OF_A_KEY = 8
TELEPHONE_EVENT = 101
SCENARIO = Path(__file__).with_name("parents.xml")


AGAIN_AFTER = 1000
"""Milliseconds between the two keys."""


def pressed_key(key: int, turn: int = 0) -> bytes:
    """A capture file of an RFC 4733 key as SIPp plays it. Its own `play_dtmf` ignores the payload type agreed on.

    turn: 0 for the first key of a call, 1 for the next: two keys with the same numbers would be one to the exchange.
    """
    capture = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    for number in range(PACKETS_OF_A_KEY + 3):
        over = number >= PACKETS_OF_A_KEY
        duration = min(number + 1, PACKETS_OF_A_KEY) * 160
        marker = 0x80 if number == 0 else 0
        rtp = struct.pack(
            "!BBHII", 0x80, TELEPHONE_EVENT | marker, 1000 + 100 * turn + number, 16000 * (turn + 1), 0x5EED
        )
        rtp += struct.pack("!BBH", key, 0x8A if over else 0x0A, duration)
        udp = struct.pack("!HHHH", 6000, 6000, 8 + len(rtp), 0) + rtp
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), number, 0, 64, 17, 0, b"\x7f\0\0\1", b"\x7f\0\0\1")
        frame = bytes(12) + b"\x08\x00" + ip + udp
        capture += struct.pack("<IIII", 0, number * 20_000, len(frame), len(frame)) + frame
    return capture


class Parents:
    """SIPp at work; `rung` counts the calls by the number that was rung."""

    def __init__(self, folder: Path, process: subprocess.Popen[bytes]) -> None:
        self._folder = folder
        self.process = process

    def rung(self) -> Counter[str]:
        """Number as it was dialled -> how often. A call counts when its INVITE came."""
        return Counter(number for number, _ in self.rings())

    def rings(self) -> list[tuple[str, float]]:
        """Every ring: number as it was dialled, and when its INVITE came (seconds of the clock)."""
        return [(words[0], float(words[-1])) for words in self._logged() if words[0] != "heard"]

    def heard(self) -> list[tuple[str, float]]:
        """Every call that was answered and that the exchange ended, its keys pressed: number, and when it ended."""
        return [(words[1], float(words[-1])) for words in self._logged() if words[0] == "heard"]

    def _logged(self) -> list[list[str]]:
        lines = "".join(path.read_text("utf-8", "replace") for path in self._folder.glob("*_logs.log")).splitlines()
        return [words for line in lines if len(words := line.split()) >= 3]


@contextmanager
def answering(
    port: int, *, answers_after: int = 200, presses_after: int = 800, address: str = "127.0.0.1"
) -> Iterator[Parents]:
    """Telephones that answer `answers_after` ms after they ring, press 1 `presses_after` ms later, and soon 1 again."""
    with tempfile.TemporaryDirectory(prefix="parents-") as name:
        folder = Path(name)
        text = SCENARIO.read_text("utf-8")
        text = text.replace("{answers_after}", str(answers_after)).replace("{presses_after}", str(presses_after))
        text = text.replace("{key}", str(folder / "key-0.pcap")).replace("{again_after}", str(AGAIN_AFTER))
        text = text.replace("{key_again}", str(folder / "key-1.pcap"))
        (folder / "parents.xml").write_text(text, "utf-8")
        for turn in (0, 1):
            (folder / f"key-{turn}.pcap").write_bytes(pressed_key(1, turn))
        media = free_block(8)
        with (folder / "sipp.out").open("wb") as output:
            command = ["sipp", "-sf", str(folder / "parents.xml"), "-i", address, "-p", str(port)]
            process = subprocess.Popen(
                [*command, "-mp", str(media), "-trace_logs", "-nostdin", "-aa", "-l", "2000"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=folder,
            )
            time.sleep(0.5)
            if process.poll() is not None:
                raise RuntimeError(f"SIPp did not start: {(folder / 'sipp.out').read_text('utf-8', 'replace')[-800:]}")
            try:
                yield Parents(folder, process)
            finally:
                process.terminate()
                try:
                    process.wait(timeout=5)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
