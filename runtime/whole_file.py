"""Files that a reader, or a crash, meets whole or as they were before."""

import os
import secrets
import time
from pathlib import Path

LONGEST_WRITE = 3600.0
"""Seconds: a part that is older is written by nobody any more."""


def write(path: Path, content: bytes, *, mode: int = 0o666) -> None:
    """Put a file in its place in one step, even if the power fails. Raises OSError, and then nothing was changed.

    `mode`: its permissions, but for those that the process's umask takes away. Threads and processes that write the
    same file at once each write it whole, and the last one's stays.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def forget_parts(folder: Path, names: str = "*.part") -> None:
    """Delete what a crash during `write` left in `folder`, but nothing that is being written.

    `names`: a pattern of the parts' names, where others write there too. A part may hold what its file would, such as
    a caller's number, and nobody comes back to it: each has a name of its own. Raises OSError.
    """
    for part in folder.glob(names):
        try:
            if part.stat().st_mtime < time.time() - LONGEST_WRITE:
                part.unlink()
        except FileNotFoundError:  # its file has its place now
            continue
