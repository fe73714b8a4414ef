"""A lesson's sheet of which something is refused: each reason stands at its student, and nothing typed is lost."""

import re
from decimal import Decimal
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from db.kinds import GradeKind
from db.models import Absence, Grade, SchoolClass
from db.session import Database
from demonstration.plan import words
from school.classbook.recording import record_grade
from tests.admin_web.conftest import MATHS
from tests.admin_web.test_own_class import SignedIn, of_8a
from tests.school.conftest import NOW
from tests.school.people import staff_id, subject_id

TAKEN = "Ученикът вече има такава срочна или годишна оценка: поправете нея."
NOT_WHOLE = "5.50 не е срочна оценка: тя е цяло число от 2 до 6."


@pytest.fixture
def sheet(demonstration: Database) -> dict[str, Any]:
    """The maths lesson of today, in which the fourth of the class has a term grade."""
    maths = subject_id(demonstration, words.MATHS)
    with demonstration.session() as session:
        class_id = session.scalars(select(SchoolClass.id).where(SchoolClass.level == 8)).one()
        record_grade(
            session,
            by=staff_id(demonstration, MATHS),
            student_id=of_8a(demonstration)[3],
            subject_id=maths,
            kind=GradeKind.TERM,
            grade=Decimal(4),
            on=NOW.date(),
            now=NOW,
        )
    return {"key": uuid4(), "class_id": class_id, "subject_id": maths, "on": NOW.date(), "lesson": 8, "kind": "term"}


def recorded(database: Database) -> int:
    with database.reading() as session:
        return sum(
            session.scalars(select(func.count()).where(table.recorded_at >= NOW)).one() for table in (Grade, Absence)
        )


def test_a_script_is_told_the_reason_of_each_student(
    signed_in: SignedIn, demonstration: Database, sheet: dict[str, Any]
) -> None:
    teacher = signed_in(MATHS)
    teacher.get("/lessons/")
    students = of_8a(demonstration)
    grades = {f"g{student}": "5" for student in students} | {f"g{students[5]}": "5,50"}
    answer = teacher.answer(
        "POST",
        "/lessons/save",
        data=sheet | grades | {"csrf_token": teacher._token},
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 422
    told = answer.get_json()
    assert told["refused"] == [
        {"student_id": students[5], "error": "5.50 не е срочна оценка: тя е цяло число от 2 до 6."}
    ]
    grades[f"g{students[5]}"] = "5"
    answer = teacher.answer(
        "POST",
        "/lessons/save",
        data=sheet | grades | {"csrf_token": teacher._token},
        headers={"Accept": "application/json"},
    )
    assert (answer.status_code, answer.get_json()["refused"]) == (422, [{"student_id": students[3], "error": TAKEN}])
    assert recorded(demonstration) == 1  # the one before


def test_without_a_script_the_page_keeps_what_was_typed(
    signed_in: SignedIn, demonstration: Database, sheet: dict[str, Any]
) -> None:
    teacher = signed_in(MATHS)
    teacher.get("/lessons/")
    students = of_8a(demonstration)
    entered = {f"g{student}": "5" for student in students} | {
        f"a{students[7]}": "late",
        f"s{students[7]}": "",
        f"r{students[8]}": 'Пречи "на" другите.',
    }
    page = unescape(teacher.post("/lessons/save", sheet | entered, status=422))
    rows = {int(found[1]): row for row in page.split("<tr>") if (found := re.search(r'name="g(\d+)"', row)) is not None}
    assert [student for student, row in rows.items() if TAKEN in row] == [students[3]]
    assert '<option value="term" selected>' in page
    assert all('value="5"' in row for row in rows.values())
    assert re.search(r'<option value="late" selected>', rows[students[7]])
    assert 'Пречи "на" другите.' in rows[students[8]]
    assert recorded(demonstration) == 1
    del entered[f"g{students[3]}"]
    teacher.post("/lessons/save", sheet | entered)
    assert recorded(demonstration) == len(students) + 1


@pytest.mark.parametrize("lesson", [0, 16])
def test_a_lesson_that_no_timetable_has_is_refused_in_words(
    signed_in: SignedIn, demonstration: Database, sheet: dict[str, Any], lesson: int
) -> None:
    teacher = signed_in(MATHS)
    teacher.get("/lessons/")
    page = teacher.post(
        "/lessons/save", sheet | {"lesson": lesson, f"a{of_8a(demonstration)[0]}": "unexcused"}, status=400
    )
    assert f"{lesson} не е учебен час: посочете от 1 до 15." in page


def test_every_lesson_of_the_day_can_be_chosen(signed_in: SignedIn) -> None:
    page = signed_in(MATHS).get("/lessons/")
    chosen = page.partition('<select id="lesson"')[2].partition("</select>")[0]
    assert re.findall(r"<option>(\d+)</option>", chosen) == [str(number) for number in range(1, 16)]
