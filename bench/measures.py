"""What all benches measure with: percentiles, and the processor time and memory of processes."""

import os
from collections.abc import Sequence
from pathlib import Path

HZ = os.sysconf("SC_CLK_TCK")
"""Clock ticks of /proc/*/stat a second."""


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that `percent` per cent of `values` (sorted) do not exceed; not a number when there are none."""
    return values[min(len(values) - 1, int(len(values) * percent / 100))] if values else float("nan")


def cpu_seconds(pid: int) -> float:
    """Seconds of CPU of a process and of its children that ended."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / HZ


def memory_mb(pid: int, figure: str = "VmRSS") -> float:
    """A process's memory now, or at most so far with figure `VmHWM`."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith(figure))) / 1024
