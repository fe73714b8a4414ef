"""Files that a reader, or a crash, meets whole or as they were before."""

import os
import secrets
from pathlib import Path


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
