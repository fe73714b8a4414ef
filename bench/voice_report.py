"""The figures of `bench.voice` as a table, printed and kept in docs/performance.md between two markers."""

import math
import os
from dataclasses import dataclass
from datetime import date

from bench.call_script import Script
from bench.page import line, table, write_between

HEADINGS = (
    "way", "calls/s", "failed", "concurrent", "length / ideal", "first audio p50 / p99 ms", "longest gap p99 ms",
    "Asterisk ms a call", "server ms a call", "server cores", "server MB",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One way at one rate."""

    way: str
    rate: float
    failed: int
    concurrent: int
    length_ratio: float
    first_audio_ms: tuple[float, float]
    longest_gap_ms: float
    asterisk_ms_per_call: float
    server_ms_per_call: float
    server_cores: float
    server_mb: float

    @property
    def heard(self) -> bool:
        """Whether any listener heard a word."""
        return not math.isnan(self.first_audio_ms[0])

    @property
    def holds(self) -> bool:
        """Whether a caller would call this service: no call failed, and something is heard within two seconds."""
        return self.failed == 0 and self.first_audio_ms[1] < 2000

    def cells(self) -> tuple[str, ...]:
        """The row of the table."""
        ours = self.way == "ours"
        return (
            self.way,
            f"{self.rate:g}",
            str(self.failed),
            str(self.concurrent),
            f"{self.length_ratio:.3f}" if self.heard else "",
            f"{self.first_audio_ms[0]:.0f} / {self.first_audio_ms[1]:.0f}" if self.heard else "nothing heard",
            f"{self.longest_gap_ms:.0f}" if self.heard else "",
            f"{self.asterisk_ms_per_call:.1f}",
            f"{self.server_ms_per_call:.1f}" if ours else "",
            f"{self.server_cores:.2f}" if ours else "",
            f"{self.server_mb:.0f}" if ours else "",
        )

    def line(self) -> str:
        """The same as a line of text."""
        return line(self.cells())


def write_report(rows: list[Row], script: Script, on: date, *, write: bool) -> str:
    """The table with its conclusions; with `write` also put into docs/performance.md."""
    text = "\n".join((*table(HEADINGS, (row.cells() for row in rows)), "", *_conclusions(rows, script, on)))
    if write:
        write_between("voice", text)
    return text


def _conclusions(rows: list[Row], script: Script, on: date) -> list[str]:
    said = [
        f"Measured on {on.isoformat()} with {os.cpu_count()} cores, load and listeners on the same cores. "
        f"The call lasts {script.seconds:.1f} s when nothing is late and says {len(script.files)} clips."
    ]
    ours = [row for row in rows if row.way == "ours" and row.holds]
    playback = [row for row in rows if row.way == "playback" and row.holds]
    stock = [row for row in rows if row.way == "stock" and row.holds]
    if ours and playback:
        best, limit = max(row.concurrent for row in ours), max(row.concurrent for row in playback)
        said.append(f"Most calls at once without a failure: {best}, {best / limit:.2f} of plain Playback's {limit}.")
    if ours and stock:
        rate, slow = max(row.rate for row in ours), max(row.rate for row in stock)
        said.append(f"Calls a second: {rate:g}, {rate / slow:.0f} times the {slow:g} of a process a call.")
    return said
