"""A filled database of the version before gets its enrolments: from the audit trail, else since the year began."""

import json
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, inspect, text
from sqlalchemy.orm import Session

from db.connecting import database_url
from db.migrate import config, transaction, upgrade
from db.session import make_engine
from school.reports import Filters, run
from settings import Settings
from tests.conftest import settings_for
from tests.school.reports.plain_rows import rounded

_numbers = count(1)
MADE = "2024-09-01 08:00:00.000000"
OLD, NEW = 1, 2
"""School years: 2024/2025 and 2025/2026."""
SEVEN_A, SEVEN_B, EIGHT_A, EIGHT_B = 1, 2, 3, 4
CLASSES = {SEVEN_A: (OLD, 7, "а"), SEVEN_B: (OLD, 7, "б"), EIGHT_A: (NEW, 8, "а"), EIGHT_B: (NEW, 8, "б")}
PRESENT: dict[int, tuple[int | None, str | None]] = {
    1: (EIGHT_A, None),  # went up with the new year's list
    2: (EIGHT_B, None),  # changed classes in the old year, and went up
    3: (EIGHT_A, None),  # new in the new year
    4: (None, "2025-03-10"),  # left, one by one
    5: (None, "2025-06-30"),  # left, by a list
    6: (EIGHT_B, None),  # changed classes twice on one day
    7: (EIGHT_A, None),  # left and came back
    8: (None, "2024-12-01"),  # left, and nothing tells of what class
}
CHANGES: list[tuple[int, str, str, dict[str, Any]]] = [
    (2, "2024-11-20 09:00:00.000000", "student.changed", {"class_id": [SEVEN_A, SEVEN_B]}),
    (4, "2025-03-10 09:00:00.000000", "student.left", {"on": "2025-03-10", "class_id": SEVEN_A}),
    (5, "2025-06-30 09:00:00.000000", "student.left", {"on": "2025-06-30", "class": "7б"}),
    (1, "2025-09-18 09:00:00.000000", "student.changed", {"class_id": [SEVEN_A, EIGHT_A], "number": [1, 4]}),
    (2, "2025-09-18 09:00:00.000000", "student.changed", {"class_id": [SEVEN_B, EIGHT_B]}),
    (3, "2025-10-02 09:00:00.000000", "student.changed", {"last_name": ["Иванова", "Петрова"]}),
    (6, "2025-10-20 08:00:00.000000", "student.changed", {"class_id": [EIGHT_B, EIGHT_A]}),
    (6, "2025-10-20 09:00:00.000000", "student.changed", {"class_id": [EIGHT_A, EIGHT_B]}),
    (7, "2025-10-01 09:00:00.000000", "student.left", {"on": "2025-10-01", "class_id": EIGHT_A}),
    (7, "2025-11-03 22:30:00.000000", "student.changed", {"class_id": [None, EIGHT_A]}),
]
EXPECTED = {
    1: [(SEVEN_A, "2024-09-15", "2025-09-14", None), (EIGHT_A, "2025-09-15", None, 1)],
    2: [
        (SEVEN_A, "2024-09-15", "2024-11-19", None),
        (SEVEN_B, "2024-11-20", "2025-09-14", None),
        (EIGHT_B, "2025-09-15", None, 2),
    ],
    3: [(EIGHT_A, "2025-09-15", None, 3)],
    4: [(SEVEN_A, "2024-09-15", "2025-03-10", None)],
    5: [(SEVEN_B, "2024-09-15", "2025-06-30", None)],
    6: [(EIGHT_B, "2025-09-15", "2025-10-19", None), (EIGHT_B, "2025-10-20", None, 6)],
    7: [(EIGHT_A, "2025-09-15", "2025-10-01", None), (EIGHT_A, "2025-11-04", None, 7)],
}


@pytest.fixture(params=["sqlite", "postgresql"])
def filled(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """A database of version 0019 with two school years."""
    server, name = None, f"enrolling_{next(_numbers)}"
    url = f"sqlite:///{tmp_path / 'eschool.db'}"
    if request.param == "postgresql":
        server = request.getfixturevalue("postgresql")
        server.create(name)
        url = server.url(name)
    settings = settings_for(tmp_path, url)
    settings.make_key()
    engine = make_engine(database_url(settings.database))
    with engine.begin() as connection:
        command.upgrade(config(connection), "0019")
        fill(connection)
    engine.dispose()
    yield settings
    if server is not None:
        server.drop(name)


def fill(connection: Connection) -> None:
    def add(table: str, **values: Any) -> None:
        names = ", ".join(values)
        places = ", ".join(f":{one}" for one in values)
        connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({places})"), values)

    add("school", id=1, institution_code="1", name="СУ", town="Русе", created_at=MADE)
    for year, start in ((OLD, 2024), (NEW, 2025)):
        add("school_year", id=year, school_id=1, starts_on=f"{start}-09-15", ends_on=f"{start + 1}-09-14")
        add(
            "term", school_id=1, school_year_id=year, number=1, starts_on=f"{start}-09-15", ends_on=f"{start + 1}-01-31"
        )
        add(
            "term",
            school_id=1,
            school_year_id=year,
            number=2,
            starts_on=f"{start + 1}-02-05",
            ends_on=f"{start + 1}-06-30",
        )
    add("staff", id=1, school_id=1, first_name="Ана", last_name="Илиева", email="a@x.example", created_at=MADE)
    add("subject", id=1, school_id=1, name="Математика")
    for id_, (year, level, letter) in CLASSES.items():
        add("school_class", id=id_, school_id=1, school_year_id=year, level=level, letter=letter)
    for id_, (class_id, left_on) in PRESENT.items():
        add(
            "student", id=id_, school_id=1, class_id=class_id, number_in_class=id_ if class_id else None,
            first_name=f"Име{id_}", middle_name="", last_name="Фамилия", birth_date="2011-01-01",
            national_id_kind="egn", national_id_encrypted=b"x", national_id_hash=id_.to_bytes(32, "big"),
            left_on=left_on, created_at=MADE,
        )  # fmt: skip
        for year, day in ((OLD, "2024-10-07"), (OLD, "2025-05-12"), (NEW, "2025-11-10")):
            add(
                "grade", school_id=1, student_id=id_, subject_id=1, staff_id=1, school_year_id=year,
                term=2 if "-05-" in day else 1, kind="oral", scale="numeric", value=400 + 50 * (id_ % 3), on_date=day,
                recorded_at=f"{day} 10:00:00.000000",
            )  # fmt: skip
    for student, at, action, details in CHANGES:
        add(
            "audit", school_id=1, at=at, action=action, entity="student", entity_id=student,
            details=json.dumps(details, ensure_ascii=False),
        )  # fmt: skip


def read(settings: Settings, statement: str) -> list[Any]:
    engine = make_engine(database_url(settings.database))
    try:
        with engine.connect() as connection:
            return list(connection.execute(text(statement)))
    finally:
        engine.dispose()


def counts(settings: Settings) -> dict[str, int]:
    """How many rows each table has."""
    engine = make_engine(database_url(settings.database))
    try:
        with engine.connect() as connection:
            return {
                name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()
                for name in inspect(connection).get_table_names()
            }
    finally:
        engine.dispose()


def test_each_student_was_where_the_audit_trail_says(filled: Settings) -> None:
    upgrade(filled)
    found: dict[int, list[tuple[Any, ...]]] = {}
    for row in read(filled, "SELECT * FROM enrolment ORDER BY student_id, starts_on"):
        end = None if row.ends_on is None else str(row.ends_on)
        found.setdefault(row.student_id, []).append((row.class_id, str(row.starts_on), end, row.number_in_class))
    assert found == EXPECTED


def test_nothing_is_lost(filled: Settings) -> None:
    """Neither a row of a table of before, nor where a student is, going up or down again."""
    tables = counts(filled).keys() - {"alembic_version", "data_key"}

    def counted() -> dict[str, int]:
        return {name: rows for name, rows in counts(filled).items() if name in tables}

    students = "SELECT id, class_id, number_in_class, left_on FROM student ORDER BY id"
    before = counted(), read(filled, students)
    upgrade(filled)
    assert (counted(), read(filled, students)) == before
    with transaction(filled) as connection:  # without foreign keys, as upgrading: SQLite copies tables
        command.downgrade(config(connection), "0019")
    assert (counted(), read(filled, students)) == before


@pytest.mark.parametrize(("year", "today"), [(2024, date(2025, 6, 20)), (2025, date(2025, 11, 25))])
def test_reports_of_both_years_are_what_plain_sql_counts(filled: Settings, year: int, today: date) -> None:
    upgrade(filled)
    engine = make_engine(database_url(filled.database))
    with Session(engine) as session:
        report = run(session, 1, "grades_by_class", Filters(year=year), today)
        shown = {row.cells[0]: row.cells[2:4] for row in report.rows}
        by_student = run(session, 1, "grades_by_student", Filters(year=year), today)
        numbers = {row.target.id: row.cells[2] for row in by_student.rows if row.target}
    engine.dispose()
    expected: dict[str, list[int]] = {}
    for row in read(
        filled,
        "SELECT c.level, c.letter, g.value FROM grade g JOIN enrolment e ON e.student_id = g.student_id "
        "AND e.starts_on <= g.on_date AND (e.ends_on IS NULL OR e.ends_on >= g.on_date) "
        f"JOIN school_class c ON c.id = e.class_id WHERE g.school_year_id = {OLD if year == 2024 else NEW}",
    ):
        expected.setdefault(f"{row.level}{row.letter}", []).append(row.value)
    assert {name: (len(of), rounded(Fraction(sum(of), 100 * len(of)))) for name, of in expected.items()} == {
        name: cells for name, cells in shown.items() if cells[0]
    }
    # Whoever has a grade is shown, also without a class.
    assert {id_: number for id_, number in numbers.items() if number} == dict(
        read(
            filled,
            f"SELECT student_id, count(*) FROM grade WHERE school_year_id = {OLD if year == 2024 else NEW} GROUP BY 1",
        )
    )


def test_the_present_class_is_the_open_enrolment(filled: Settings) -> None:
    upgrade(filled)
    differing = read(
        filled,
        "SELECT s.id FROM student s LEFT JOIN enrolment e ON e.student_id = s.id AND e.ends_on IS NULL "
        "WHERE coalesce(s.class_id, 0) <> coalesce(e.class_id, 0) "
        "OR coalesce(s.number_in_class, 0) <> coalesce(e.number_in_class, 0)",
    )
    assert differing == []
