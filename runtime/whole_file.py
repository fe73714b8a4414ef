"""Files that a reader, or a crash, meets whole or as they were before."""

import os
from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """Put a file in its place in one step, even if the power fails. Raises OSError, and then nothing was changed."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
