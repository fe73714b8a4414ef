"""What a backup holds: a ZIP of the database, the home's files, and a manifest with the size and SHA-256 of each."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

from backup.sealed import BadBackupError, Sealer, Unsealed

MANIFEST = "manifest.json"
DATABASE = {"sqlite": "database/eschool.db", "postgresql": "database/eschool.dump"}
"""The database's entry: a SQLite file, or what pg_dump wrote in its custom format."""
HOME = "home/"
"""What is below it lay in the home folder."""
VOICE = "voice/"
"""What is below it lay in the folder ESCHOOL_RECORDINGS."""
BLOCK = 2**20
FASTEST = 1
"""The level of compression: higher ones take several times as long for a tenth less."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in the backup: bytes before compression, and their SHA-256 in hexadecimal."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What must be found again: every file, and how many rows each table had."""

    rows: Mapping[str, int]
    files: Mapping[str, Entry] = field(default_factory=dict)


class Writer:
    """Puts files into a backup, one after the other."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer
        # A ZIP that cannot go back: sizes follow what they are of, and no file's size need be known before.
        onward: Any = _Onward(sealer)
        self._zip = zipfile.ZipFile(onward, "w", zipfile.ZIP_DEFLATED, compresslevel=FASTEST)
        self._files: dict[str, Entry] = {}

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, *_: object) -> None:
        """One that was not finished is given up: `zipfile` would else try to write its end once more."""
        self._zip.fp = None

    @contextmanager
    def entry(self, name: str) -> Iterator["Hashing"]:
        """Somewhere to write the bytes of a file."""
        with self._zip.open(name, "w", force_zip64=True) as file:
            hashing = Hashing(file)
            yield hashing
        self._files[name] = hashing.entry()

    def add(self, name: str, file: IO[bytes]) -> None:
        """Put in what a file holds."""
        with self.entry(name) as entry:
            while block := file.read(BLOCK):
                entry.write(block)

    def finish(self, rows: Mapping[str, int]) -> None:
        """Write the manifest and the end."""
        told = {"rows": dict(rows), "files": {name: asdict(entry) for name, entry in self._files.items()}}
        self._zip.writestr(MANIFEST, json.dumps(told))
        self._zip.close()
        self._sealer.finish()


class Hashing:
    """Knows how many bytes passed and their SHA-256, and writes them on, if anywhere."""

    def __init__(self, file: IO[bytes] | None = None) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, block: bytes) -> None:
        """Write some."""
        if self._file is not None:
            self._file.write(block)
        self._hash.update(block)
        self.size += len(block)

    def entry(self) -> Entry:
        """What was written."""
        return Entry(self.size, self._hash.hexdigest())


class Reader:
    """Takes files out of a backup; each is compared with the manifest while it is read."""

    def __init__(self, path: Path, unsealed: Unsealed) -> None:
        self.header = unsealed.header
        self._path = path
        try:
            self._zip = zipfile.ZipFile(io.BufferedReader(unsealed, BLOCK))
            told = json.loads(self._zip.read(MANIFEST))
            files = {_safe(name): Entry(**entry) for name, entry in told["files"].items()}
            self.manifest = Manifest(told["rows"], files)
        except (zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
            raise self._damaged("its list of contents cannot be read") from error
        if {*self._zip.namelist()} != {*files, MANIFEST} or DATABASE.get(self.header.database) not in files:
            raise self._damaged("what is in it is not what its list names")

    def blocks(self, name: str) -> Iterator[bytes]:
        """A file's bytes. Raises BadBackupError, at the end at the latest, when they are not those that went in."""
        hashing = Hashing()
        try:
            with self._zip.open(name) as file:
                while block := file.read(BLOCK):
                    hashing.write(block)
                    yield block
        except (zipfile.BadZipFile, KeyError, EOFError) as error:
            raise self._damaged(f"{name} cannot be read") from error
        if hashing.entry() != self.manifest.files[name]:
            raise self._damaged(f"{name} is not what went in")

    def close(self) -> None:
        """Close the file."""
        self._zip.close()

    def _damaged(self, why: str) -> BadBackupError:
        return BadBackupError(f"The backup {self._path} is damaged ({why}). Take another one.")


@contextmanager
def reading(path: Path, secret_key: bytes) -> Iterator[Reader]:
    """Open a backup.

    Raises NoBackupError for a file that is none, InputError for another secret key, BadBackupError for a damaged one.
    """
    with closing(Unsealed(path, secret_key)) as unsealed:
        reader = Reader(path, unsealed)
        try:
            yield reader
        finally:
            reader.close()


def _safe(name: str) -> str:
    """Raises ValueError for a name that would lead out of the folder it is restored into."""
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts or "\\" in name or not parts:
        raise ValueError(name)
    return name


class _Onward:
    """What `zipfile` needs of a file that can only be written onward."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def write(self, data: Any) -> int:
        return self._sealer.write(data)

    def flush(self) -> None:
        """Nothing waits here that could be flushed."""
