"""The folder of one voice's clips: which are whole, what else lies there, and how a clip gets in.

A clip is written beside its place and renamed into it, so that a reader meets it whole or not at all. What is not
ours is never deleted or overwritten.
"""

import fcntl
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from errors import OperationError
from prompts import manifest
from prompts.clips import CLIP_NAME, FRAME_BYTES

LOCK_NAME = ".lock"
_UNFINISHED = re.compile(r"\.([0-9a-f]{24}\.alaw|manifest\.jsonl)\.[0-9a-f]+\.part")


@dataclass(frozen=True)
class Contents:
    """What lies in the folder, by file name.

    whole: clip -> time of its last change (nanoseconds); broken: clips that are empty or not whole frames;
    foreign: whatever the product did not put there; unfinished: what an interrupted rendering left.
    """

    whole: dict[str, int]
    broken: frozenset[str]
    foreign: tuple[str, ...]
    unfinished: tuple[str, ...]


def look(folder: Path) -> Contents:
    """The contents of `folder`; nothing when there is no folder. Raises OperationError when it cannot be read."""
    whole: dict[str, int] = {}
    broken, foreign, unfinished = set(), [], []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if CLIP_NAME.fullmatch(entry.name) and entry.is_file():
                    status = entry.stat()
                    if status.st_size and status.st_size % FRAME_BYTES == 0:
                        whole[entry.name] = status.st_mtime_ns
                    else:
                        broken.add(entry.name)
                elif _UNFINISHED.fullmatch(entry.name):
                    unfinished.append(entry.name)
                elif entry.name not in (manifest.NAME, LOCK_NAME):
                    foreign.append(entry.name)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise unusable(folder, error) from error
    return Contents(whole, frozenset(broken), tuple(sorted(foreign)), tuple(unfinished))


@contextmanager
def exclusive(folder: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Be the only one who writes clips into `folder`, which is made if need be.

    `waiting` is called once when another rendering has to be waited for. The lock ends with its process,
    however that ends. Raises OperationError when the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / LOCK_NAME).open("ab")
    except OSError as error:
        raise unusable(folder, error) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def tidy(folder: Path, contents: Contents, wanted: Mapping[str, str]) -> int:
    """Remove what a killed rendering left, and make the manifest name exactly the clips that exist.

    The lock is held. Returns how many damaged lines the manifest had. Raises OSError.
    """
    for name in contents.unfinished:  # nobody else is writing, for the lock is held
        (folder / name).unlink(missing_ok=True)
    found = manifest.read(folder)
    texts = {name: text for name, text in {**found.texts, **wanted}.items() if name in contents.whole}
    if found.damaged or texts != found.texts:
        manifest.replace(folder, texts)
    return found.damaged


def unusable(folder: Path, error: OSError) -> OperationError:
    """The one sentence about a folder that cannot be used."""
    return OperationError(
        f"The folder of clips {folder} cannot be used ({error.strerror}): "
        "make room or set ESCHOOL_HOME to a folder that you may write to; what was rendered is kept."
    )
