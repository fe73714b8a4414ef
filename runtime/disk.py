"""Whether the home folder's disk takes what is to be saved, and how much more."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from errors import DiskError, as_disk_error
from settings import Settings

PROBE = b"\0" * 4096
"""One block: an empty file can be made on a disk that is full."""
LOW = 100 * 2**20
"""Bytes below which somebody had better make room."""


def trouble(folder: Path) -> DiskError | None:
    """Whether a block can be written in `folder`: what a quota leaves counts, not only what the disk has."""
    probe = folder / f".write-probe-{secrets.token_hex(4)}"
    try:
        with probe.open("xb", buffering=0) as file:
            file.write(PROBE)
    except OSError as error:
        return as_disk_error(error) or DiskError(
            f"The folder {folder} cannot be written ({error.strerror}).", is_full=False
        )
    finally:
        with suppress(OSError):
            probe.unlink(missing_ok=True)
    return None


def free_bytes(folder: Path) -> int:
    """What this user may still write there. Raises OSError when the folder is not there."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def size_bytes(folder: Path) -> int:
    """How large its disk is. Raises OSError when the folder is not there."""
    found = os.statvfs(folder)
    return found.f_blocks * found.f_frsize


def status(settings: Settings) -> str:
    """Of the home folder's disk, for `eschool status`: `writable, 5.2 GB free`, or what is wrong and what to do."""
    folder = settings.home_path
    if wrong := trouble(folder):
        return f"away: {wrong}"
    free = free_bytes(folder)
    words = f"writable, {free / 2**30:.1f} GB free" if free >= 2**30 else f"writable, {free >> 20} MB free"
    return f"WARNING: {words}: make room" if free < LOW else words
