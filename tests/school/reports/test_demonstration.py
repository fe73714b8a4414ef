"""The seed's eight reports on the demonstration school equal what its printed records add up to."""

from collections import Counter
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from db.session import Database
from demonstration import describe
from school.reports import Filters, Report, run
from tests.school.conftest import NOW
from tests.school.reports.plain_rows import rounded

Plain = dict[str, Any]
CLOSING = ("term", "annual")


@pytest.fixture
def printed(demonstration: Database) -> Plain:
    """What `eschool demo --json` prints."""
    with demonstration.reading() as session:
        return describe(session)


def ask(demonstration: Database, report: str, filters: Filters | None = None) -> Report:
    with demonstration.reading() as session:
        return run(session, 1, report, filters or Filters(), NOW.date())


def short(student: Plain) -> str:
    first, _, last = student["name"].split(" ")
    return f"{first} {last}"


def hours(absences: list[Plain]) -> tuple[int, int, int, Decimal]:
    kinds = Counter(one["kind"] for one in absences)
    total = kinds["unexcused"] + Decimal(kinds["late"]) / 2
    return kinds["excused"], kinds["unexcused"], kinds["late"], total


def numbers(grades: list[Plain]) -> list[Fraction]:
    return [Fraction(str(one["value"])) for one in grades if one["value"] is not None and one["kind"] not in CLOSING]


def mean(values: list[Fraction]) -> Decimal | None:
    return rounded(sum(values, Fraction()) / len(values)) if values else None


def teachers(printed: Plain) -> dict[tuple[str, str], str]:
    """Class and subject -> name of the teacher."""
    return {(one["class"], one["subject"]): staff["name"] for staff in printed["staff"] for one in staff["teaches"]}


def test_absences_by_student_class_and_teacher(demonstration: Database, printed: Plain) -> None:
    students = printed["students"]
    by_student = ask(demonstration, "absences_by_student")
    assert [row.cells for row in by_student.rows] == [
        (short(one), one["class"], *hours(one["absences"])) for one in sorted(students, key=_place(printed))
    ]
    for row in ask(demonstration, "absences_by_class").rows:
        own = [one for one in students if one["class"] == row.cells[0]]
        assert row.cells[1:-1] == (len(own), *hours([absence for one in own for absence in one["absences"]]))
    taught_by = teachers(printed)
    of_teacher: dict[str, list[Plain]] = {}
    for one in students:
        for absence in one["absences"]:
            of_teacher.setdefault(taught_by[one["class"], absence["subject"]], []).append(absence)
    by_teacher = ask(demonstration, "absences_by_teacher")
    assert {row.cells[0]: row.cells[2:] for row in by_teacher.rows} == {
        name: hours(absences) for name, absences in of_teacher.items()
    }


def test_grades_by_student_class_and_teacher(demonstration: Database, printed: Plain) -> None:
    students = printed["students"]
    by_student = ask(demonstration, "grades_by_student")
    assert [row.cells[:4] for row in by_student.rows] == [
        (short(one), one["class"], len(numbers(one["grades"])), mean(numbers(one["grades"])))
        for one in sorted(students, key=_place(printed))
    ]
    for row in ask(demonstration, "grades_by_class").rows:
        own = [grade for one in students if one["class"] == row.cells[0] for grade in numbers(one["grades"])]
        assert row.cells[2:4] == (len(own), mean(own))
    taught_by = teachers(printed)
    of_teacher: dict[str, list[Fraction]] = {}
    for one in students:
        for grade in one["grades"]:
            of_teacher.setdefault(taught_by[one["class"], grade["subject"]], []).extend(numbers([grade]))
    by_teacher = ask(demonstration, "grades_by_teacher")
    assert {row.cells[0]: row.cells[2:4] for row in by_teacher.rows} == {
        name: (len(values), mean(values)) for name, values in of_teacher.items()
    }


def test_a_student_against_classmates(demonstration: Database, printed: Plain) -> None:
    rows = ask(demonstration, "grades_by_student").rows
    target = rows[5].target
    assert target is not None
    me = next(one for one in printed["students"] if (short(one), one["class"]) == rows[5].cells[:2])
    mates = [
        one for one in printed["students"] if one["class"] == me["class"] and one["student_code"] != me["student_code"]
    ]
    report = ask(demonstration, "student_comparison", Filters(student_id=target.id))
    assert {row.cells[0] for row in report.rows} == {one["subject"] for one in me["grades"] if one["value"]}
    for row in report.rows:
        own, *others = (
            numbers([grade for grade in one["grades"] if grade["subject"] == row.cells[0]]) for one in (me, *mates)
        )
        theirs = [sum(values, Fraction()) / len(values) for values in others if values]
        assert row.cells[1:5] == (len(own), mean(own), len(theirs), mean(theirs))


def test_a_teacher_against_colleagues(demonstration: Database, printed: Plain) -> None:
    taught_by = teachers(printed)
    expected: dict[tuple[str, str, str], list[Fraction]] = {}
    for one in printed["students"]:
        for grade in one["grades"]:
            level = f"{one['class'][:-1]}. клас"
            key = taught_by[one["class"], grade["subject"]], grade["subject"], level
            expected.setdefault(key, []).extend(numbers([grade]))
    report = ask(demonstration, "teacher_comparison")
    assert {row.cells[:3]: row.cells[3:5] for row in report.rows} == {
        key: (len(values), mean(values)) for key, values in expected.items()
    }


def _place(printed: Plain) -> Any:
    """Class by class, in the order of the class book."""
    return lambda one: (int(one["class"][:-1]), one["class"], one["number"])
