"""`eschool year` as an operator types it."""

import shutil
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import select

from db.models import SchoolYear, Student, StudentCode
from db.session import open_database
from devtools.site import SECRET_KEY
from tests.cli.test_command_line import eschool, sentence
from tests.conftest import settings_for
from tests.school.people import describe_school

pytestmark = pytest.mark.slow


@pytest.fixture
def home(sqlite_demonstration: Path, tmp_path: Path) -> Path:
    """A home with the demonstration school."""
    shutil.copy(sqlite_demonstration, tmp_path / "eschool.db")
    return tmp_path


def year(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return eschool("year", *arguments, home=home, ESCHOOL_SECRET_KEY=SECRET_KEY)


def test_a_plan_is_carried_out_and_undone(home: Path) -> None:
    database = open_database(settings_for(home, f"sqlite:///{home / 'eschool.db'}"))
    with database.reading() as session:
        start = session.scalars(select(SchoolYear.starts_on)).one().year + 1
        code = session.scalars(
            select(StudentCode.code).join(Student, Student.id == StudentCode.student_id).order_by(Student.id)
        ).first()
    principal = next(
        one["email"] for one in describe_school(database)["staff"] if "school_administrator" in one["roles"]
    )
    database.dispose()
    assert code is not None
    assert "not gone over" in year(home, "show").stderr
    looked_at = year(home, "plan", str(start), "--leave", code)
    assert "1 leave" in looked_at.stdout, looked_at.stderr
    seen = looked_at.stdout.rpartition("--plan ")[2].strip(" .\n")
    assert "has changed" in sentence(year(home, "begin", str(start), "--plan", seen, "--by", principal), 2)
    begun = year(home, "begin", str(start), "--leave", code, "--plan", seen, "--by", principal)
    assert "Done." in begun.stdout, begun.stderr
    assert "it can be undone" in year(home, "show").stdout
    assert "are in the classes where they were" in year(home, "undo", "--by", principal).stdout


def test_what_is_no_wish_is_told_in_one_sentence(home: Path) -> None:
    assert "Write --place as" in sentence(year(home, "plan", "2027", "--place", "12345678"), 2)
    assert "levels from 1 to 12" in sentence(year(home, "plan", "2027", "--finishing", "13"), 2)
    assert "no student in a class" in sentence(year(home, "plan", "2027", "--leave", "12345678"), 2)
