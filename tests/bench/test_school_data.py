"""Made-up schools are whole, and come beside what is there already."""

import sqlite3
from contextlib import closing

import psycopg
import pytest
from sqlalchemy import func, select

from bench.school_data import fill
from db.connecting import database_url
from db.models import Enrolment, Grade, SchoolClass, SchoolYear, Student
from db.session import Database
from demonstration.rows.platform import COLUMNS, Schools, Size
from school.security.crypto import vault, vault_of
from school.students import national_ids
from settings import Settings

SMALL = Size(schools=2, students=60, grades=1500)
THREE_YEARS = Size(schools=2, students=208, grades=2000, years=3)


def test_two_fillings_lie_side_by_side_and_every_row_finds_what_it_points_at(settings: Settings) -> None:
    first, second, third = (
        fill(settings.database, size, key=settings.key(), seed=seed)
        for seed, size in enumerate((SMALL, SMALL, THREE_YEARS))
    )
    assert (first.schools, second.schools, third.schools) == ((1, 2), (3, 4), (5, 6))
    assert first.rows["student"] == second.rows["student"] == 60
    assert abs(first.rows["grade"] - 1500) < 300
    url = database_url(settings.database)
    if url.drivername == "sqlite":
        with closing(sqlite3.connect(str(url.database))) as connection:
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        return
    with psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False)) as server:
        found = server.execute(
            "SELECT conrelid::regclass::text, pg_get_constraintdef(oid), conname FROM pg_constraint WHERE contype = 'f'"
        ).fetchall()
        for table, definition, name in found:
            # Checked again by making each constraint anew: loading had switched them off.
            server.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
            server.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
        assert len(found) > 30
        server.execute("INSERT INTO subject (school_id, name) VALUES (1, 'Музика')")  # ids go on after the last one


def test_national_ids_open_with_the_platforms_key(database: Database, settings: Settings) -> None:
    fill(settings.database, SMALL, key=settings.key())
    with database.reading() as session:
        stored = session.scalars(select(Student.national_id_encrypted).order_by(Student.id).limit(1)).one()
        assert national_ids.decrypt(vault(session), stored).number == "0000000001"


@pytest.mark.parametrize("seed", [1, 7])
def test_the_same_seed_gives_the_same_schools(seed: int) -> None:
    none = {table: 0 for table, columns in COLUMNS.items() if columns[0] == "id"}
    one, other = (Schools(SMALL, none, vault_of(b"key"), seed=seed) for _ in range(2))
    assert list(one.rows("grade")) == list(other.rows("grade"))


def test_three_years_are_the_same_children_going_up(database: Database, settings: Settings) -> None:
    fill(settings.database, THREE_YEARS, key=settings.key())
    with database.reading() as session:
        stays = session.execute(
            select(Enrolment.student_id, SchoolYear.starts_on, SchoolClass.level)
            .join(SchoolClass, SchoolClass.id == Enrolment.class_id)
            .join(SchoolYear, SchoolYear.id == SchoolClass.school_year_id)
            .order_by(Enrolment.student_id, SchoolYear.starts_on)
        ).all()
        levels: dict[int, list[int]] = {}
        for student, _, level in stays:
            levels.setdefault(student, []).append(level)
        # 26 children in each of levels 1 to 4 now: those of the third and fourth were there all three years.
        assert sorted({tuple(one) for one in levels.values()}) == [(1,), (1, 2), (1, 2, 3), (2, 3, 4)]
        counts = session.execute(
            select(SchoolYear.starts_on, func.count(Grade.id))
            .join(Grade, Grade.school_year_id == SchoolYear.id)
            .group_by(SchoolYear.starts_on)
        )
        assert all(abs(count - 2000) < 400 for _, count in counts)
