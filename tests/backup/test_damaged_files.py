"""What is no whole backup of this platform is refused in one sentence, and leaves nothing behind."""

import io
import json
import secrets
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backup import sealed
from backup.archive import Writer, reading
from backup.making import make
from backup.restoring import restore
from backup.sealed import CHUNK, Sealer, new_header
from errors import EschoolError, InputError, OperationError
from settings import Settings
from tests.backup.conftest import settings_of

KEY = b"a key for tests that is long enough to be one"


@pytest.fixture
def settings(sqlite_template: Path, tmp_path: Path) -> Settings:
    found = settings_of(tmp_path / "home", f"sqlite:///{tmp_path / 'home' / 'eschool.db'}", tmp_path / "backups")
    (tmp_path / "home" / "calls-waiting").mkdir(parents=True)
    shutil.copy(sqlite_template, tmp_path / "home" / "eschool.db")
    for number in range(3):  # several chunks that do not compress
        (tmp_path / "home" / "calls-waiting" / f"{number}.json").write_bytes(secrets.token_bytes(CHUNK))
    return found


@pytest.fixture
def file(settings: Settings) -> Path:
    return make(settings).path


def refused(settings: Settings, file: Path, tmp_path: Path) -> str:
    """The sentence; nothing was made."""
    with pytest.raises(EschoolError) as told:
        restore(settings, file, str(tmp_path / "new"))
    assert not any((tmp_path / "new").rglob("*")) if (tmp_path / "new").exists() else True
    return str(told.value)


@pytest.mark.parametrize("left", [0.0, 0.01, 0.5, 0.999])
def test_a_file_that_was_cut_off(settings: Settings, file: Path, tmp_path: Path, left: float) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * left)])
    assert (
        "is no backup" in refused(settings, file, tmp_path)
        if left == 0
        else "damaged" in refused(settings, file, tmp_path)
    )


def test_a_file_that_was_cut_off_between_two_chunks(settings: Settings, file: Path, tmp_path: Path) -> None:
    content = file.read_bytes()
    top = content.index(b"\n", len(sealed.MAGIC)) + 1
    file.write_bytes(content[: top + 2 * (CHUNK + 16)])
    assert "cut off or altered" in refused(settings, file, tmp_path)


@pytest.mark.parametrize("at", [0.1, 0.3, 0.6, 0.9])
def test_one_bit_that_was_altered(settings: Settings, file: Path, tmp_path: Path, at: float) -> None:
    content = bytearray(file.read_bytes())
    content[int(len(content) * at)] ^= 1
    file.write_bytes(content)
    assert "cut off or altered" in refused(settings, file, tmp_path)


def test_a_server_that_is_away_is_one_sentence(settings: Settings, file: Path) -> None:
    with pytest.raises(OperationError, match=r"127\.0\.0\.1:1/new does not answer: connection failed") as told:
        restore(settings, file, "postgresql://eschool:secret@127.0.0.1:1/new")
    assert "secret" not in str(told.value)
    assert not list(settings.home_path.glob(".restoring*"))


def test_two_chunks_that_changed_places(settings: Settings, file: Path, tmp_path: Path) -> None:
    content = file.read_bytes()
    top = content.index(b"\n", len(sealed.MAGIC)) + 1
    size = CHUNK + 16
    first, second = content[top : top + size], content[top + size : top + 2 * size]
    file.write_bytes(content[:top] + second + first + content[top + 2 * size :])
    assert "cut off or altered" in refused(settings, file, tmp_path)


def test_a_beginning_that_says_something_else(settings: Settings, file: Path, tmp_path: Path) -> None:
    """Whoever can write the file but has no key cannot pass an old one off as today's."""
    content = file.read_bytes()
    at = content.index(b'"made_at": "20') + len(b'"made_at": "20')
    file.write_bytes(content[:at] + b"99" + content[at + 2 :])
    assert "cut off or altered" in refused(settings, file, tmp_path)


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0", b"PK\3\4", sealed.MAGIC, sealed.MAGIC + b"{}\n"])
def test_a_foreign_file(settings: Settings, tmp_path: Path, content: bytes) -> None:
    foreign = tmp_path / "foreign"
    foreign.write_bytes(content)
    assert "is no backup of e-School" in refused(settings, foreign, tmp_path)
    assert "cannot be read" in refused(settings, tmp_path / "nowhere", tmp_path)


def test_a_backup_of_another_platform(settings: Settings, file: Path, tmp_path: Path) -> None:
    other = settings.model_copy(update={"secret_key": "the key of another platform, long enough"})
    told = refused(other, file, tmp_path)
    assert "another secret key" in told
    assert "--key-file" in told


@pytest.mark.parametrize("name", ["../out", "home/../../out", "/etc/out", "home/a\\b"])
def test_a_name_that_leads_elsewhere(tmp_path: Path, name: str) -> None:
    """Only the key's holder can make one, and even that writes nowhere else."""
    path = tmp_path / "file"
    with path.open("wb") as written:
        writer = Writer(Sealer(written, new_header(KEY, datetime.now(UTC), "sqlite", "0001", "1"), KEY))
        for one in ("database/eschool.db", name):
            writer.add(one, io.BytesIO(b"x"))
        writer.finish({})
    with pytest.raises(OperationError, match="damaged"), reading(path, KEY):
        """It does not open."""


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_what_was_sealed_is_read_wherever_one_begins(tmp_path: Path, size: int) -> None:
    content = secrets.token_bytes(size)
    path = tmp_path / "file"
    with path.open("wb") as written:
        sealer = Sealer(written, new_header(KEY, datetime.now(UTC), "sqlite", "0001", "1"), KEY)
        for start in range(0, size, 70_001):
            sealer.write(content[start : start + 70_001])
        sealer.finish()
    with sealed.Unsealed(path, KEY) as found:
        assert io.BufferedReader(found).read() == content
    for at in (0, size // 2, max(size - 3, 0)):
        with sealed.Unsealed(path, KEY) as found:
            found.seek(at)
            assert io.BufferedReader(found).read(100) == content[at : at + 100]
    if size > 100:
        assert content[:50] not in path.read_bytes()


def test_the_beginning_tells_nothing_but_what_it_must(file: Path) -> None:
    line = file.read_bytes().splitlines()[1]
    assert set(json.loads(line)) == {"made_at", "key", "database", "version", "program", "salt"}


def test_no_folder_is_named(settings: Settings) -> None:
    with pytest.raises(InputError, match="ESCHOOL_BACKUP_FOLDER"):
        make(settings.model_copy(update={"backup_folder": None}))


def test_a_backup_is_not_made_with_another_key_than_the_databases(settings: Settings) -> None:
    other = settings.model_copy(update={"secret_key": "the key of another platform, long enough"})
    with pytest.raises(OperationError, match="not this database's"):
        make(other)
    assert [path.name for path in (settings.backup_folder or Path()).iterdir()] == [".lock"]
