"""`eschool privacy` as an operator types it: a copy, an erasure, and a backup that is restored."""

import json
import shutil
import stat
import subprocess
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import select

from db.models import Student, StudentCode, Subscriber, Subscription
from db.session import open_database
from devtools.site import SECRET_KEY
from tests.cli.test_command_line import eschool, sentence
from tests.conftest import settings_for

pytestmark = pytest.mark.slow


@pytest.fixture
def home(sqlite_demonstration: Path, tmp_path: Path) -> Path:
    """A home with the demonstration school."""
    shutil.copy(sqlite_demonstration, tmp_path / "eschool.db")
    return tmp_path


def code_and_phone(home: Path) -> tuple[str, str]:
    """The ID-code of a student who is followed, and the follower's number."""
    database = open_database(settings_for(home, f"sqlite:///{home / 'eschool.db'}"))
    with database.reading() as session:
        row = session.execute(
            select(StudentCode.code, Subscriber.phone)
            .join(Student, Student.id == StudentCode.student_id)
            .join(Subscription, Subscription.student_id == Student.id)
            .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
            .where(StudentCode.revoked_at.is_(None), Subscriber.phone.is_not(None))
            .order_by(Student.id)
        ).first()
    database.dispose()
    assert row
    return row.code, row.phone


def privacy(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`eschool privacy`, with the demonstration's key."""
    return eschool("privacy", *arguments, home=home, ESCHOOL_SECRET_KEY=SECRET_KEY)


def test_a_copy_an_erasure_and_a_restored_backup(home: Path) -> None:
    code, phone = code_and_phone(home)
    assert "Оценки" in privacy(home, "show", "student", code).stdout
    copy = home / "copy.zip"
    assert privacy(home, "export", "student", code, "--output", str(copy)).returncode == 0
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with zipfile.ZipFile(copy) as archive:
        assert json.loads(archive.read("data.json"))["tables"]["student_code"][0]["code"] == code
    assert "is there already" in sentence(privacy(home, "export", "student", code, "--output", str(copy)), 2)

    shutil.copy(home / "eschool.db", home / "backup.db")
    assert "say why with --ground" in sentence(privacy(home, "erase", "student", code, "--yes"), 2)
    why = ("--ground", "consent-withdrawn", "--yes")
    assert "still at the school" in sentence(privacy(home, "erase", "student", code, *why), 2)
    assert privacy(home, "erase", "student", code, *why, "--still-here").stdout == "Erased.\n"
    assert "no student with this ID-code" in sentence(privacy(home, "show", "student", code), 2)
    listed = home / "erasures.jsonl"
    listed.write_text(privacy(home, "erasures").stdout)
    assert privacy(home, "erasures", "--since", "2099-01-01").stdout == ""

    shutil.copy(home / "backup.db", home / "eschool.db")
    assert privacy(home, "show", "student", code).returncode == 0
    assert privacy(home, "replay-erasures", str(listed)).stdout == "Erased again: 1.\n"
    assert privacy(home, "show", "student", code).returncode == 2
    assert phone.encode() not in (home / "eschool.db").read_bytes()
    assert privacy(home, "clean").stdout == "Cleaned.\n"


def test_who_is_nobody_is_told_in_one_sentence(home: Path) -> None:
    for kind, who in (("student", "12345678"), ("parent", "0888000111"), ("staff", "nobody@school.example")):
        sentence(privacy(home, "show", kind, who), 2)
