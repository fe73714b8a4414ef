"""Whether a row is pointed at: by any table, also one that nobody thought of."""

import pytest
from sqlalchemy.dialects import sqlite

from db.base import Base
from db.models import SchoolClass, SchoolYear, Subject, TeachingAssignment, Term, TermEnd, Vacation
from db.references import is_used


@pytest.mark.parametrize(
    ("table", "but", "counted"),
    [
        (
            SchoolClass,
            (TeachingAssignment,),
            {"campaign", "class_group", "enrolment", "grade_import", "school_event", "student", "substitution",
             "timetable_class", "timetable_lesson"},
        ),
        (Subject, (), {"absence", "grade", "remark", "substitution", "teaching_assignment", "timetable_lesson"}),
        (
            SchoolYear,
            (Vacation, TermEnd, Term),
            {"absence", "absence_notice", "excuse_note", "grade", "health_note", "remark", "rollover", "sanction",
             "school_class", "timetable"},
        ),
    ],
)  # fmt: skip
def test_every_table_that_points_at_it_counts(
    table: type[Base], but: tuple[type[Base], ...], counted: set[str]
) -> None:
    statement = str(is_used(table, but).compile(dialect=sqlite.dialect()))
    assert {
        line.removeprefix("FROM ").split(",")[0].strip() for line in statement.splitlines() if "FROM" in line
    } >= counted
    assert not any(f"FROM {one.__tablename__}" in statement for one in but)
