"""The home folder belongs to one user: it is closed where it is ours, and refused where it is not."""

import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import settings as settings_module
from devtools.site import SECRET_KEY
from errors import OperationError
from runtime import home
from settings import Settings


@pytest.fixture(autouse=True)
def loose() -> Iterator[None]:
    """As an operator's shell has it."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def of(path: Path) -> Settings:
    """Settings of that home."""
    return Settings(home=path, secret_key=SECRET_KEY)


def mode(path: Path) -> int:
    """The permissions."""
    return stat.S_IMODE(path.stat().st_mode)


def open_home(path: Path) -> Path:
    """A home as former versions left it."""
    path.mkdir(mode=0o755)
    for name in ("eschool.db", "eschool.db-wal", "eschool.db-shm", "secret.key"):
        (path / name).touch(mode=0o644)
    for name in ("calls-waiting", "metrics", "asterisk", "sounds"):
        (path / name).mkdir(mode=0o755)
        (path / name / "file").touch(mode=0o664)
    return path


def test_an_open_home_is_closed_with_everything_in_it(tmp_path: Path) -> None:
    path = open_home(tmp_path / "home")
    home.secure(of(path))
    assert not [each for each in (path, *path.rglob("*")) if mode(each) & 0o077]
    assert home.problems(of(path)) == []


def test_a_program_stays_executable_for_its_owner(tmp_path: Path) -> None:
    path = open_home(tmp_path / "home")
    (path / "asterisk" / "file").chmod(0o755)
    home.secure(of(path))
    assert mode(path / "asterisk" / "file") == 0o700


def test_what_is_written_from_then_on_is_private(tmp_path: Path) -> None:
    home.secure(of(tmp_path / "home"))
    (tmp_path / "home" / "new").write_text("")
    assert mode(tmp_path / "home" / "new") == 0o600


def test_reading_the_settings_closes_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESCHOOL_HOME", str(open_home(tmp_path / "home")))
    settings_module.load()
    assert mode(tmp_path / "home") == 0o700


def test_a_folder_that_serves_others_too_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir(mode=0o755)
    (tmp_path / "shared" / "letters").touch()
    with pytest.raises(OperationError, match="holds other things"):
        of(tmp_path / "shared").prepare_home()
    assert mode(tmp_path / "shared") == 0o755


def test_the_folder_of_temporary_files_is_never_closed() -> None:
    before = mode(Path(tempfile.gettempdir()))
    if not before & 0o077:
        pytest.skip("this machine's is private")
    with pytest.raises(OperationError, match="for e-School alone"):
        of(Path(tempfile.gettempdir())).prepare_home()
    assert mode(Path(tempfile.gettempdir())) == before


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    with pytest.raises(OperationError, match=r"is no folder|cannot be written"):
        of(tmp_path / "home").prepare_home()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_another_users_folder_is_refused(tmp_path: Path) -> None:
    path = open_home(tmp_path / "home")
    os.chown(path, 12345, 12345)
    with pytest.raises(OperationError, match="belongs to another user"):
        of(path).prepare_home()
    with pytest.raises(OperationError, match="belongs to another user"):
        of(path).secure_home()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_another_users_file_is_told(tmp_path: Path) -> None:
    path = open_home(tmp_path / "home")
    os.chown(path / "secret.key", 12345, 12345)
    home.secure(of(path))
    assert home.problems(of(path)) == [
        f"{path / 'secret.key'} belongs to another user: give it to the one who runs eschool (chown)."
    ]


def test_a_home_behind_a_link_is_closed_where_it_is(tmp_path: Path) -> None:
    path = open_home(tmp_path / "disk")
    (tmp_path / "home").symlink_to(path)
    home.secure(of(tmp_path / "home"))
    assert mode(path) == 0o700
    assert mode(path / "eschool.db") == 0o600


def test_a_link_in_the_home_is_not_followed_but_a_database_behind_one_is_closed(tmp_path: Path) -> None:
    path = open_home(tmp_path / "home")
    shared, elsewhere = tmp_path / "shared", tmp_path / "big-disk"
    shared.mkdir(mode=0o755)
    elsewhere.mkdir(mode=0o755)
    (elsewhere / "school.db").touch(mode=0o644)
    (elsewhere / "school.db-wal").touch(mode=0o644)
    (path / "pictures").symlink_to(shared)
    (path / "eschool.db").unlink()
    (path / "eschool.db").symlink_to(elsewhere / "school.db")
    home.secure(of(path))
    assert mode(shared) == 0o755
    assert {mode(elsewhere / name) for name in ("school.db", "school.db-wal")} == {0o600}


def test_a_database_outside_the_home_is_closed(tmp_path: Path) -> None:
    (tmp_path / "school.db").touch(mode=0o644)
    home.secure(Settings(home=tmp_path / "home", database_url=f"sqlite:///{tmp_path / 'school.db'}"))
    assert mode(tmp_path / "school.db") == 0o600


@pytest.mark.parametrize(
    "command", [["-m", "agi.agi_script", "inbound"], ["-c", "import eschool; eschool.main()", "db", "upgrade"]]
)
def test_a_process_writes_for_its_user_alone(tmp_path: Path, command: list[str]) -> None:
    """SQLite gives its -wal and -shm the modes of the database's file."""
    environment = {**os.environ, "ESCHOOL_HOME": str(tmp_path / "home"), "ESCHOOL_SECRET_KEY": SECRET_KEY}
    (tmp_path / "home").mkdir(mode=0o755)
    subprocess.run(
        [sys.executable, *command],
        env=environment,
        capture_output=True,
        check=False,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )
    assert not [each for each in (tmp_path / "home", *(tmp_path / "home").rglob("*")) if mode(each) & 0o077]
