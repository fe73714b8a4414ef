"""A family is erased, and then no table and no file holds a byte of it."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select, text

from db.models import Base, Erasure, Student
from db.session import Database
from prompts.clips import Clips
from school.privacy import erasure, files, people
from school.security import doors, lockouts
from school.security.crypto import vault
from settings import Settings
from tests.school.privacy.family import (
    AUNT,
    FATHER,
    FATHERS_LETTERS,
    GIVEN,
    GROUND,
    LETTERS,
    MOTHER,
    REMARK,
    TEXTED,
    Family,
    forms,
    plant,
    plant_files,
)
from tests.school.students.small_schools import NOW, small_school


def in_tables(database: Database, needles: tuple[str, ...]) -> list[tuple[str, str]]:
    """(table, needle) wherever a needle stands in a row, of the tables of PostgreSQL's statistics too."""
    found = []
    with database.reading() as session:
        names = [*Base.metadata.tables]
        if session.get_bind().dialect.name == "postgresql":
            names.append("pg_stats")
        for name in names:
            rows = session.execute(text(f'SELECT * FROM "{name}"')).all()
            content = b"\n".join(_bytes(value) for row in rows for value in row)
            found += [(name, one) for one in needles if any(form in content for form in forms(one))]
    return found


def _bytes(value: object) -> bytes:
    if isinstance(value, bytes | memoryview):
        return bytes(value)
    return (json.dumps(value) if isinstance(value, dict) else str(value)).encode()


def in_files(home: Path, needles: tuple[str, ...]) -> list[tuple[str, str]]:
    """(file, needle) wherever a needle stands in a file of the home, its name among it."""
    found = []
    for path in home.rglob("*"):
        content = str(path.relative_to(home)).encode() + (path.read_bytes() if path.is_file() else b"")
        found += [(path.name, one) for one in needles if any(form in content for form in forms(one))]
    return found


@pytest.fixture
def family(database: Database) -> Family:
    """Planted and committed; its session is closed."""
    with database.session() as session:
        return plant(small_school(session, "1690180"))


class TestFamily:
    def test_it_stood_in_tables_and_files_and_stands_in_none(
        self, settings: Settings, database: Database, family: Family, capfd: pytest.CaptureFixture[str]
    ) -> None:
        stays = plant_files(settings, family)
        needles = family.needles
        before = in_tables(database, needles), in_files(settings.home_path, needles)
        assert {name for name, _ in before[0]} >= {
            "student", "student_code", "guardian", "subscriber", "remark", "sanction", "notification", "message",
            "inbound_part", "inbound_text", "campaign_telephone", "campaign_opt_out", "call_attempt", "audit",
            "submission", "email_request",
        }  # fmt: skip
        assert {name for name, _ in before[1]} >= {"manifest.jsonl", "1.json", "3.unreadable", "1.eml"}
        with database.session() as session:
            person = people.of_student(session, family.school.id, family.student)
            gone = erasure.erase(session, person, NOW, by=family.school.leader, ground=GROUND, still_here=True)
        files.clean(settings, database, [gone])
        assert in_tables(database, needles) == []
        assert in_files(settings.home_path, needles) == []
        output = "".join(capfd.readouterr())
        assert [one for one in needles if one in output] == []
        print(f"found before: {len(before[0])} in tables, {len(before[1])} in files; after: 0 and 0")

        clips = Clips(settings)
        for voice in (clips.folder, clips.folder.with_name("another-voice")):
            assert {path.name for path in voice.glob("*.alaw")} == {clips.name_of(one) for one in stays}
        assert (settings.home_path / "mail" / "2.eml").exists()
        assert "+359888555555" in (settings.home_path / "calls-waiting" / "2.json").read_text()
        assert gone.phones == {MOTHER, FATHER, AUNT}
        assert gone.emails == {LETTERS, FATHERS_LETTERS, "asks@family.example", "new@family.example"}

    def test_nothing_is_locked_out_for_its_sake_and_no_encrypted_text_is_left(
        self, database: Database, family: Family
    ) -> None:
        with database.session() as session:
            erasure.erase_students(session, family.school.id, [family.student], NOW)
        with database.reading() as session:
            left = {
                name: session.execute(text(f"SELECT count(*) FROM {name}")).scalar()
                for name in ("lockout", "inbound_text", "inbound_part", "roster_upload", "timetable_upload")
            }
        assert left == dict.fromkeys(left, 0)

    def test_who_was_erased_is_listed_by_id(self, database: Database, family: Family) -> None:
        with database.session() as session:
            erasure.erase_students(session, family.school.id, [family.student], NOW, ground=GROUND)
        with database.reading() as session:
            rows = session.execute(select(Erasure.kind, Erasure.row_id)).all()
        assert sorted(map(tuple, rows)) == sorted(
            [
                ("student", family.student),
                ("guardian", family.mother),
                ("guardian", family.father),
                *(("subscriber", one) for one in family.subscribers.values()),
            ]
        )


class TestParentAlone:
    def test_nothing_of_them_is_left_and_the_child_and_the_others_stay(
        self, settings: Settings, database: Database, family: Family
    ) -> None:
        plant_files(settings, family)
        with database.session() as session:
            person = people.of_guardian(session, family.school.id, family.mother)
            gone = erasure.erase(session, person, NOW, by=family.school.leader, ground=GROUND)
        files.clean(settings, database, [gone])
        own = ("Снежина", MOTHER, MOTHER[1:], LETTERS)
        assert in_tables(database, own) == in_files(settings.home_path, own) == []
        with database.reading() as session:
            assert session.scalars(select(Student.id).where(Student.first_name == GIVEN)).one() == family.student
        kept = {one for _name, one in in_tables(database, (GIVEN, REMARK, FATHER, AUNT, FATHERS_LETTERS, "Върбан"))}
        assert kept == {GIVEN, REMARK, FATHER, AUNT, FATHERS_LETTERS, "Върбан"}

    def test_a_follower_without_a_guardian_too(self, settings: Settings, database: Database, family: Family) -> None:
        with database.session() as session:
            person = people.of_follower(session, family.school.id, family.subscriptions["aunt"])
            gone = erasure.erase(session, person, NOW, by=family.school.leader, ground=GROUND)
        files.clean(settings, database, [gone])
        found = in_tables(database, (AUNT, AUNT[1:], "new@family.example"))
        assert found == []
        assert in_files(settings.home_path, (AUNT,)) == []
        assert TEXTED not in str(in_tables(database, (TEXTED,)))


def test_a_number_that_follows_at_another_school_keeps_what_is_that_schools(database: Database, family: Family) -> None:
    with database.session() as session:
        other = small_school(session, "1690181")
        other.follower(MOTHER)
    with database.session() as session:
        erasure.erase_students(session, family.school.id, [family.student], NOW)
        lockouts.charge(session, doors.caller(vault(session), MOTHER), NOW)
    found = in_tables(database, (MOTHER, GIVEN))
    assert ("subscriber", MOTHER) in found
    assert not [one for one in found if one[1] == GIVEN]
    assert {name for name, _ in found} <= {"subscriber", "inbound_text"}  # texts of no school
