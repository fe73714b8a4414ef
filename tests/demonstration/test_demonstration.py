"""The demonstration school: plausible to a Bulgarian teacher, the same every time, and alone in its database."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select
from stdnum.bg import egn, pnf

from db.kinds import AbsenceKind, GradeKind
from db.models import Audit, Grade, HealthNote, School, SchoolEvent, Staff, Student
from db.session import Database, open_database
from demonstration import load, load_into_empty, log_ins
from demonstration import plan as data
from devtools.site import SECRET_KEY
from errors import InputError
from runtime.localtime import SOFIA
from school.security import passwords
from school.security.phones import e164
from school.students import student_code
from settings import Settings
from tests.conftest import settings_for
from tests.school.conftest import NOW
from tests.school.people import describe_school

DAY = timedelta(days=1)


@pytest.fixture(scope="session")
def described(sqlite_demonstration: Path) -> dict[str, Any]:
    """What `eschool demo --json` prints; that it is the same on PostgreSQL is tested below."""
    database = open_database(settings_for(sqlite_demonstration.parent, f"sqlite:///{sqlite_demonstration}"))
    found = describe_school(database)
    database.dispose()
    return found


class TestPeople:
    def test_there_are_two_classes_of_twenty_four(self, described: dict[str, Any]) -> None:
        assert Counter(one["class"] for one in described["students"]) == {"8а": 24, "11б": 24}
        for name in ("8а", "11б"):
            members = [one for one in described["students"] if one["class"] == name]
            assert [one["number"] for one in members] == list(range(1, 25))
            assert [one["name"] for one in members] == sorted(one["name"] for one in members)

    def test_codes_are_valid_and_different(self, described: dict[str, Any]) -> None:
        codes = [one["student_code"] for one in described["students"]]
        assert all(map(student_code.is_valid, codes))
        assert len(set(codes)) == 48

    def test_national_ids_are_valid_and_say_the_birth_date(self, described: dict[str, Any]) -> None:
        kinds = Counter(one["national_id_kind"] for one in described["students"])
        assert kinds == {"egn": 47, "lnch": 1}
        for one in described["students"]:
            born = date.fromisoformat(one["birth_date"])
            assert born.year == {"8а": 2012, "11б": 2009}[one["class"]]
            if one["national_id_kind"] == "egn":
                assert egn.get_birth_date(egn.validate(one["national_id"])) == born
                is_girl = one["name"].endswith("а")
                assert int(one["national_id"][8]) % 2 == is_girl
            else:
                assert pnf.is_valid(one["national_id"])

    def test_phones_are_bulgarian_mobiles(self, described: dict[str, Any]) -> None:
        phones = {guardian["phone"] for one in described["students"] for guardian in one["guardians"]}
        assert all(e164(phone) == phone and phone[:6] in ("+35987", "+35988", "+35989") for phone in phones)

    def test_families_and_subscriptions_offer_every_case_of_a_call(self, described: dict[str, Any]) -> None:
        active = [
            (one["phone"], student["class"])
            for student in described["students"]
            for one in student["subscriptions"]
            if one["status"] == "active"
        ]
        children = Counter(phone for phone, _ in active)
        siblings = [phone for phone, many in children.items() if many == 2]
        assert len(siblings) == 2
        assert all({name for phone, name in active if phone == one} == {"8а", "11б"} for one in siblings)
        followers = Counter(len(one["subscriptions"]) for one in described["students"])
        assert followers[0] >= 4
        assert followers[2] >= 2
        assert any(one["special_needs"] for one in described["students"])
        assert all(one["pin"] for student in described["students"] for one in student["subscriptions"])

    def test_staff_has_every_role_and_every_subject_a_teacher(self, described: dict[str, Any]) -> None:
        roles = {role for one in described["staff"] for role in one["roles"]}
        assert roles == {"teacher", "principal", "school_administrator", "platform_operator"}
        taught = {(each["class"], each["subject"]) for one in described["staff"] for each in one["teaches"]}
        assert len(taught) == 2 * 12
        assert {one["class_teacher_of"] for one in described["staff"]} == {None, "8а", "11б"}

    def test_the_printed_passwords_are_those_of_the_accounts(
        self, demonstration: Database, described: dict[str, Any]
    ) -> None:
        account = described["staff"][0]
        with demonstration.reading() as session:
            hashed = session.scalars(select(Staff.password_hash).where(Staff.email == account["email"])).one()
        assert hashed is not None
        assert account["password"] not in hashed
        assert passwords.is_password(account["password"], hashed)

    def test_no_national_id_or_pin_is_readable_in_the_database(
        self, demonstration: Database, described: dict[str, Any]
    ) -> None:
        with demonstration.reading() as session:
            stored = b"".join(session.scalars(select(Student.national_id_encrypted)))
            notes = b"".join(session.scalars(select(HealthNote.note_encrypted)))
        assert not any(one["national_id"].encode() in stored for one in described["students"])
        assert not any(text.encode() in notes for text in data.words.HEALTH_TEXTS)


class TestEvents:
    def test_ten_weeks_have_plausible_grades(self, described: dict[str, Any]) -> None:
        for student in described["students"]:
            subjects = {grade["subject"] for grade in student["grades"]}
            assert len(subjects) == 12
            assert 20 <= len(student["grades"]) <= 80
        grades = [grade for student in described["students"] for grade in student["grades"]]
        values = [grade["value"] for grade in grades if grade["value"] is not None]
        assert 4 < sum(values) / len(values) < 5.2
        assert {grade["kind"] for grade in grades} >= {"oral", "test", "control_work", "entry_level", "homework"}
        assert {grade["mark"] for grade in grades if grade["scale"] == "special_needs"} <= {
            "struggles",
            "copes",
            "achieves",
        }
        assert not any(grade["kind"] in ("term", "annual") for grade in grades)

    def test_nothing_happens_on_a_day_without_school_or_after_now(self, described: dict[str, Any]) -> None:
        year = data.year_shown(NOW.astimezone(SOFIA).date())
        school_days = set(year.school_days(year.starts_on, date(2026, 11, 24)))
        for student in described["students"]:
            for kind in ("grades", "absences", "remarks"):
                assert {date.fromisoformat(event["date"]) for event in student[kind]} <= school_days
        days = {event["date"] for student in described["students"] for event in student["grades"]}
        assert "2026-11-24" in days  # today's lessons are over at six in the evening

    def test_absences_of_all_kinds_are_there_and_nobody_is_graded_while_away(self, described: dict[str, Any]) -> None:
        kinds = Counter(one["kind"] for student in described["students"] for one in student["absences"])
        assert min(kinds[str(kind)] for kind in AbsenceKind) > 10
        assert any(one["health_notes"] for one in described["students"])
        for student in described["students"]:
            away = {(one["date"], one["subject"]) for one in student["absences"] if one["kind"] != "late"}
            lessons = Counter((one["date"], one["subject"]) for one in student["grades"])
            twice_a_day = {key for key, many in lessons.items() if many > 1}
            assert not (away & set(lessons)) - twice_a_day or len(away & set(lessons)) <= 1

    def test_meetings_are_ahead_in_working_days_evenings(self, described: dict[str, Any]) -> None:
        for meeting in described["meetings"]:
            starts_at = datetime.fromisoformat(meeting["starts_at"])
            assert NOW < starts_at < NOW + 60 * DAY
            assert starts_at.isoweekday() <= 5
        assert {(one["kind"], one["class"]) for one in described["meetings"]} == {
            ("meeting", "8а"),
            ("meeting", "11б"),
            ("event", None),
        }

    def test_the_whole_year_is_consistent(self) -> None:
        year = data.year_shown(date(2027, 7, 10))
        people = data.people(year.start)
        book = data.yearbook(year, people.students)
        closing = [grade for grade in book.grades if grade.kind.closes]
        assert all(not isinstance(one.given, Decimal) or one.given == int(one.given) for one in closing)
        assert Counter((one.kind, one.term) for one in closing) == {
            (GradeKind.TERM, 1): 48 * 12,
            (GradeKind.TERM, 2): 48 * 12,
            (GradeKind.ANNUAL, 2): 48 * 12,
        }
        lessons = [(one.student, one.on, one.lesson) for one in book.absences]
        assert len(lessons) == len(set(lessons))


class TestCalendar:
    @pytest.mark.parametrize(
        ("today", "start"),
        [(date(2026, 9, 30), 2025), (date(2026, 10, 1), 2026), (date(2027, 1, 1), 2026), (date(2027, 7, 20), 2026)],
    )
    def test_a_year_is_shown_once_there_is_something_to_show(self, today: date, start: int) -> None:
        year = data.year_shown(today)
        assert year.start == start
        assert year.starts_on <= today <= year.ends_on


class TestLoading:
    @pytest.mark.slow
    @pytest.mark.parametrize("moment", ["2026-09-15T07:00", "2026-10-01T08:00", "2027-02-04T12:00", "2027-07-20T12:00"])
    def test_it_loads_on_any_day_and_has_something_to_tell(self, empty_sqlite: Database, moment: str) -> None:
        now = datetime.fromisoformat(moment).replace(tzinfo=SOFIA)
        began = time.perf_counter()
        with empty_sqlite.session() as session:
            assert load(session, now)
        print(f"loaded as of {moment} in {time.perf_counter() - began:.2f} s")
        described = describe_school(empty_sqlite)
        assert all(student["grades"] for student in described["students"])
        assert all(datetime.fromisoformat(one["starts_at"]) > now for one in described["meetings"])

    def test_it_is_the_same_whenever_it_is_loaded(self, empty_sqlite: Database, demonstration: Database) -> None:
        with empty_sqlite.session() as session:
            load(session, NOW)
        assert describe_school(empty_sqlite) == describe_school(demonstration)

    def test_loading_again_changes_nothing(self, demonstration: Database) -> None:
        before = describe_school(demonstration)
        with demonstration.session() as session:
            assert not load(session, NOW + DAY)
        assert describe_school(demonstration) == before

    def test_a_newcomer_of_a_later_week_finds_meetings_ahead(self, demonstration: Database) -> None:
        later = NOW + 60 * DAY
        with demonstration.session() as session:
            load(session, later)
        with demonstration.reading() as session:
            ahead = session.scalars(select(SchoolEvent.starts_at).where(SchoolEvent.starts_at > later)).all()
        assert len(ahead) == 4

    def test_a_refresh_adds_what_happened_since(self, empty_sqlite: Database, demonstration: Database) -> None:
        with empty_sqlite.session() as session:
            load(session, NOW - 30 * DAY)
        with empty_sqlite.session() as session:
            load(session, NOW, refresh=True)
        refreshed, fresh = describe_school(empty_sqlite), describe_school(demonstration)
        for kind in ("grades", "absences", "remarks", "health_notes"):
            assert [one[kind] for one in refreshed["students"]] == [one[kind] for one in fresh["students"]]
        with empty_sqlite.session() as session:
            load(session, NOW, refresh=True)
        assert describe_school(empty_sqlite) == refreshed

    def test_a_refresh_in_a_later_year_is_refused(self, demonstration: Database) -> None:
        with pytest.raises(InputError, match="2026/2027, which is over"), demonstration.session() as session:
            load(session, NOW + 365 * DAY, refresh=True)

    def test_another_schools_database_is_not_touched(self, settings: Settings, database: Database) -> None:
        with database.session() as session:
            session.execute(insert(School).values(institution_code="1", name="Истинско", town="Русе", created_at=NOW))
        with pytest.raises(InputError, match="another school"), database.session() as session:
            load(session, NOW)
        assert not load_into_empty(settings)
        assert log_ins(settings) == []
        with database.reading() as session:
            assert session.scalars(select(School.name)).all() == ["Истинско"]
            assert session.scalar(select(func.count()).select_from(Student)) == 0

    def test_an_interrupted_load_leaves_nothing(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        def power_cut(*_: Any, **__: Any) -> None:
            raise RuntimeError("power cut")

        monkeypatch.setattr("demonstration.loading.mark_as_heard", power_cut)
        with pytest.raises(RuntimeError), database.session() as session:
            load(session, NOW)
        monkeypatch.undo()
        with database.reading() as session:
            assert session.scalar(select(func.count()).select_from(Grade)) == 0
        with database.session() as session:
            assert load(session, NOW)

    def test_two_at_once_load_once(self, database: Database) -> None:
        together, answers = threading.Barrier(2), list[bool]()

        def one() -> None:
            together.wait()
            with database.session() as session:
                answers.append(load(session, NOW))

        threads = [threading.Thread(target=one) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers) == [False, True]
        with database.reading() as session:
            actions = session.scalars(select(Audit.action).where(Audit.action == "demonstration.loaded")).all()
        assert len(actions) == 1


class TestCommand:
    @pytest.mark.slow
    def test_a_newcomer_gets_people_to_try_from_one_command(self, tmp_path: Path) -> None:
        result = eschool_demo(tmp_path / "home")
        assert result.returncode == 0, result.stderr
        assert "call from  +359888123456" in result.stdout
        assert "PIN" in result.stdout
        assert "operator@" in result.stdout
        assert (tmp_path / "home" / "eschool.db").exists()

    @pytest.mark.slow
    def test_json_is_all_there_is_on_stdout_the_same_every_time_but_for_secrets_elsewhere(self, tmp_path: Path) -> None:
        first, again, elsewhere = (eschool_demo(tmp_path / name, "--json") for name in ("one", "one", "two"))
        printed, other = json.loads(first.stdout), json.loads(elsewhere.stdout)
        assert json.loads(again.stdout) == printed
        assert printed["inbound_number"] == "0882818905"
        student = printed["students"][0]
        assert {"name", "class", "student_code", "national_id", "guardians", "subscriptions"} <= student.keys()
        assert {"subject", "kind", "value", "date"} <= student["grades"][0].keys()
        assert isinstance(student["grades"][0]["value"], int | float)
        assert [one["student_code"] for one in printed["students"]] == [
            one["student_code"] for one in other["students"]
        ]
        passwords_of = [{one["password"] for one in each["staff"]} for each in (printed, other)]
        assert not passwords_of[0] & passwords_of[1]

    def test_a_database_of_another_school_ends_in_one_sentence(self, tmp_path: Path, sqlite_template: Path) -> None:
        shutil.copy(sqlite_template, tmp_path / "eschool.db")
        (tmp_path / "secret.key").write_text(SECRET_KEY)
        database = Database(f"sqlite:///{tmp_path / 'eschool.db'}", SECRET_KEY.encode())
        with database.session() as session:
            session.execute(insert(School).values(institution_code="1", name="СУ", town="Русе", created_at=NOW))
        database.dispose()
        result = eschool_demo(tmp_path, "--json")
        assert (result.returncode, result.stdout) == (2, "")
        assert result.stderr.startswith("eschool: This database holds another school")


def eschool_demo(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a person does, with a home and a database of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ESCHOOL_")}
    return subprocess.run(
        [sys.executable, "-c", "from eschool import main; main()", "demo", *arguments],
        env=environment | {"ESCHOOL_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_configured_database_is_loaded_when_empty(settings: Settings) -> None:
    assert load_into_empty(settings)
    assert not load_into_empty(settings)
    assert any("call from" in line for line in log_ins(settings))
    database = open_database(settings)
    with database.reading() as session:
        assert min(session.scalars(select(SchoolEvent.starts_at))) > datetime.now(UTC)
        (school,) = session.scalars(select(School))
        assert (school.from_hour, school.until_hour) == (0, 24), "whoever tries it at night sees it work too"
    database.dispose()
