"""`eschool backup` and `eschool restore` as an operator types them at night."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import update

from db.kinds import Channel, MessagePurpose, MessageState
from db.models import Message
from db.session import open_database
from devtools.site import SECRET_KEY
from school import outbox
from tests.cli.test_command_line import eschool, sentence
from tests.conftest import settings_for
from tests.demonstration_school import NOW

pytestmark = pytest.mark.slow


@pytest.fixture
def home(sqlite_demonstration: Path, tmp_path: Path) -> Path:
    """A home with the demonstration school and its key."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    shutil.copy(sqlite_demonstration, home / "eschool.db")
    (home / "secret.key").write_text(SECRET_KEY)
    return home


def test_a_backup_its_verification_and_a_restore(home: Path, tmp_path: Path) -> None:
    folder = str(tmp_path / "backups")
    made = eschool("backup", home=home, ESCHOOL_BACKUP_FOLDER=folder)
    assert made.returncode == 0, made.stderr
    file = made.stdout.splitlines()[0]
    assert Path(file).stat().st_mode & 0o777 == 0o600
    listed = eschool("backup", "list", home=home, ESCHOOL_BACKUP_FOLDER=folder).stdout
    assert f"{Path(file).name}  " in listed
    assert "sqlite, version" in listed
    checked = eschool("check", home=home, ESCHOOL_BACKUP_FOLDER=folder).stdout
    assert "backup     ALARM: none was found good yet" in checked
    verified = eschool("backup", "verify", home=home, ESCHOOL_BACKUP_FOLDER=folder)
    assert verified.returncode == 0
    assert "is good: " in verified.stdout
    assert "backup     the last good one is 0 min old" in eschool("status", home=home).stdout

    lost = tmp_path / "lost"
    home.rename(lost)
    restored = eschool("restore", "--into", str(home), "--key-file", str(lost / "secret.key"), file, home=home)
    assert restored.returncode == 0, restored.stderr
    assert f"Restored into {home}" in restored.stdout
    assert "Erased again: 0." in restored.stdout
    assert "eschool outbox show --state unknown" in restored.stdout
    assert "Run `eschool setup`." in restored.stdout
    assert eschool("db", "check", home=home).returncode == 0
    assert (home / "secret.key").read_text() == SECRET_KEY
    assert "nothing is overwritten" in sentence(eschool("restore", "--into", str(home), file, home=home), 2)


def test_what_cannot_be_is_told_in_one_sentence(home: Path, tmp_path: Path) -> None:
    assert "ESCHOOL_BACKUP_FOLDER" in sentence(eschool("backup", home=home), 2)
    folder = str(tmp_path / "backups")
    assert "There is no backup in" in sentence(eschool("backup", "verify", home=home, ESCHOOL_BACKUP_FOLDER=folder), 2)
    foreign = tmp_path / "photo.jpg"
    foreign.write_bytes(b"\xff\xd8\xff")
    new = str(tmp_path / "new")
    assert "is no backup of e-School" in sentence(eschool("restore", "--into", new, str(foreign), home=home), 2)
    file = eschool("backup", "--folder", folder, home=home).stdout.splitlines()[0]
    key = "the key of another platform, long enough"
    told = sentence(eschool("restore", "--into", new, file, home=home, ESCHOOL_SECRET_KEY=key), 2)
    assert "another secret key" in told
    assert not Path(new).exists()
    cut = Path(file)
    cut.write_bytes(cut.read_bytes()[:-10])
    bad = eschool("backup", "verify", file, home=home)
    assert bad.returncode == 1
    assert "is damaged" in bad.stderr.splitlines()[-1]


def test_unknown_messages_are_settled_all_at_once(home: Path) -> None:
    """As after a restore."""
    database = open_database(settings_for(home, f"sqlite:///{home / 'eschool.db'}"))
    with database.session() as session:
        for _ in range(3):
            outbox.enqueue(
                session,
                channel=Channel.SMS,
                address="+359888000111",
                text="Здравейте!",
                purpose=MessagePurpose.SERVICE,
                now=NOW,
            )
        session.execute(update(Message).values(state=MessageState.UNKNOWN))
    database.dispose()
    assert "Say which" in sentence(eschool("outbox", "settle", "--sent", home=home), 2)
    settled = eschool("outbox", "settle", "--sent", "--state", "unknown", "--yes", home=home)
    assert settled.stdout == "3 messages settled as sent.\n"
