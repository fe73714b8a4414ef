"""A file that only the secret key's holder reads: AES-256-GCM in chunks, so that writing or reading it needs no more
memory than one chunk, however large it is.

The construction is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár, 2015), as age has it: every file has a key of its own,
derived from the secret key and a random salt; a chunk's nonce is its number and whether it is the last one. So a chunk
that was altered, moved, or left out at the end does not open. The first two lines can be read by anybody: they say
which key it takes and what is inside, and are part of what every chunk authenticates.
"""

import io
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from db import keys
from db.vault import TAG_BYTES, derived, extracted
from errors import InputError, OperationError

MAGIC = b"InfoServ e-School backup 1\n"
CHUNK = 2**20
"""Bytes that are encrypted together."""
LONGEST_HEADER = 4096


class BadBackupError(OperationError):
    """The backup itself is not good: what is in it cannot be restored, wherever and whenever that is tried."""


class NoBackupError(InputError):
    """The file is no backup, or its beginning is damaged."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a backup says of itself to anybody. `database`: sqlite or postgresql; `version`: of its tables."""

    made_at: datetime
    key: str
    """The fingerprint of the secret key."""
    database: str
    version: str
    program: str
    salt: str


def new_header(secret_key: bytes, made_at: datetime, database: str, version: str, program: str) -> Header:
    """The header of a file that is about to be written."""
    return Header(made_at, keys.fingerprint(secret_key), database, version, program, secrets.token_hex(32))


class Sealer(io.RawIOBase):
    """Writes a sealed file onto `file`, front to back. `close` writes the last chunk and leaves `file` open."""

    def __init__(self, file: IO[bytes], header: Header, secret_key: bytes) -> None:
        super().__init__()
        told = asdict(header) | {"made_at": header.made_at.isoformat()}
        self._top = MAGIC + json.dumps(told).encode() + b"\n"
        self._file = file
        self._cipher = _cipher(secret_key, header)
        self._gathered = bytearray()
        self._number = 0
        file.write(self._top)

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: Any) -> int:
        """Take bytes; a chunk goes out when it is known not to be the last one."""
        self._gathered += data
        while len(self._gathered) > CHUNK:
            self._put(bytes(self._gathered[:CHUNK]), last=False)
            del self._gathered[:CHUNK]
        return len(data)

    def finish(self) -> None:
        """Write the last chunk: without it the file opens nowhere."""
        self._put(bytes(self._gathered), last=True)
        self._gathered.clear()

    def _put(self, chunk: bytes, *, last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._number, last=last), chunk, self._top))
        self._number += 1


def header_of(path: Path) -> Header:
    """What a backup says of itself, without its key.

    Raises NoBackupError for a file that is none, InputError for one that cannot be read.
    """
    try:
        with path.open("rb") as file:
            return _read_header(path, file)[0]
    except OSError as error:
        raise InputError(f"The backup {path} cannot be read ({error.strerror}).") from error


class Unsealed(io.RawIOBase):
    """Reads a sealed file, wherever in it. Raises BadBackupError for what was altered or cut off."""

    def __init__(self, path: Path, secret_key: bytes) -> None:
        """Raises NoBackupError for a file that is no backup, InputError for one that takes another secret key."""
        super().__init__()
        self._path = path
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise InputError(f"The backup {path} cannot be read ({error.strerror}).") from error
        try:
            self.header, self._top = _read_header(path, self._file)
            check_key(path, self.header, secret_key)
        except InputError:
            self._file.close()
            raise
        self._cipher = _cipher(secret_key, self.header)
        sealed = self._file.seek(0, io.SEEK_END) - len(self._top)
        if sealed < TAG_BYTES:
            self._file.close()
            raise _damaged(path)
        self._chunks = max(1, -(-sealed // (CHUNK + TAG_BYTES)))
        self._size = sealed - self._chunks * TAG_BYTES
        self._at = 0
        self._opened: tuple[int, bytes] = (-1, b"")

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go there."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise OSError("there is nothing before the beginning")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with what one chunk has from here on."""
        if self._at >= self._size:
            return 0
        number, offset = divmod(self._at, CHUNK)
        found = self._chunk(number)[offset : offset + len(buffer)]
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)

    def close(self) -> None:
        """Close the file too."""
        if not self.closed:
            self._file.close()
        super().close()

    def _chunk(self, number: int) -> bytes:
        if self._opened[0] != number:
            self._file.seek(len(self._top) + number * (CHUNK + TAG_BYTES))
            sealed = self._file.read(CHUNK + TAG_BYTES)
            try:
                opened = self._cipher.decrypt(_nonce(number, last=number == self._chunks - 1), sealed, self._top)
            except (InvalidTag, ValueError):
                raise _damaged(self._path) from None
            self._opened = (number, opened)
        return self._opened[1]


def check_key(path: Path, header: Header, secret_key: bytes) -> None:
    """Raises InputError for another secret key than that with which the backup was made."""
    own = keys.fingerprint(secret_key)
    if own != header.key:
        raise InputError(
            f"The backup {path} was made with another secret key (its fingerprint is {header.key}, this one's is {own})"
            ": give the key of that time with --key-file."
        )


def _damaged(path: Path) -> BadBackupError:
    return BadBackupError(f"The backup {path} is damaged: it was cut off or altered. Take another one.")


def _read_header(path: Path, file: IO[bytes]) -> tuple[Header, bytes]:
    magic, line = file.read(len(MAGIC)), file.readline(LONGEST_HEADER)
    try:
        told: Mapping[str, Any] = json.loads(line)
        if magic != MAGIC or not line.endswith(b"\n"):
            raise ValueError("none of ours")
        header = Header(**{**told, "made_at": datetime.fromisoformat(told["made_at"])})
        bytes.fromhex(header.salt)
    except (ValueError, TypeError, KeyError):
        raise NoBackupError(f"{path} is no backup of e-School, or its beginning is damaged.") from None
    return header, magic + line


def _cipher(secret_key: bytes, header: Header) -> AESGCM:
    return AESGCM(derived(extracted(secret_key), f"backup {header.salt}"))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")
