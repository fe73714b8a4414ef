"""`eschool timetable` as an administrator of a host types it."""

import shutil
import subprocess
from pathlib import Path

import pytest

from demonstration.plan import words
from devtools.site import SECRET_KEY
from tests.cli.test_command_line import eschool, sentence
from tests.school.timetable_import.files import workbook

pytestmark = pytest.mark.slow
LEADER = f"administrator@{words.EMAIL_DOMAIN}"
DATA = workbook({"8а": [["", "пон", "вт", "ср"], [1, "Мат. / Петк.", "БЕЛ", None], [2, "Готварство / Ганева"]]})


@pytest.fixture
def home(sqlite_demonstration: Path, tmp_path: Path) -> Path:
    """A home with the demonstration school, and a file."""
    shutil.copy(sqlite_demonstration, tmp_path / "eschool.db")
    (tmp_path / "razpisanie.xlsx").write_bytes(DATA)
    return tmp_path


def timetable(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return eschool("timetable", *arguments, home=home, ESCHOOL_SECRET_KEY=SECRET_KEY)


def test_a_file_is_imported_and_put_in_use(home: Path) -> None:
    school, file = words.INSTITUTION_CODE, str(home / "razpisanie.xlsx")
    base = ("import", school, file, "--by", LEADER, "--from", "2027-03-01")
    assert "teacher Петк." in sentence(timetable(home, *base), 2)
    assert "subject Готварство" in sentence(timetable(home, *base), 2)
    told = (*base, "--name", "Петк.=Огнян Петков")
    assert "2 lessons, 1 left out." in timetable(home, *told, "--partly").stdout
    done = timetable(home, *told, "--new-subjects", "--publish", "--title", "Пролет")
    assert done.returncode == 0, done.stderr
    assert "3 lessons, 0 left out." in done.stdout
    listed = timetable(home, "list", school).stdout
    assert "2027-03-01 until the next one      3 lessons  in use  Пролет" in listed


def test_mistakes_are_told_in_a_sentence_and_nothing_is_written(home: Path) -> None:
    school = words.INSTITUTION_CODE
    (home / "x.xml").write_bytes(b"<timetable>")
    wrong = timetable(home, "import", school, str(home / "x.xml"), "--by", LEADER, "--from", "2027-03-01")
    assert "incomplete or damaged" in sentence(wrong, 2)
    file = str(home / "razpisanie.xlsx")
    teacher = f"o.petkov@{words.EMAIL_DOMAIN}"
    refused = timetable(home, "import", school, file, "--by", teacher, "--from", "2027-03-01", "--partly")
    assert "Only the school's principal or administrator may do this." in sentence(refused, 2)
    before = timetable(home, "import", school, file, "--by", LEADER, "--from", "2020-03-01", "--partly")
    assert "in no school year" in sentence(before, 2)
    assert len(timetable(home, "list", school).stdout.splitlines()) == 1
