"""Papers that excuse absences: what they excuse is news, and each kind asks for what the ordinance does."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from db.events import EventRef
from db.kinds import AbsenceKind, AbsenceReason, Channel, ExcuseKind
from db.models import Absence, Audit, HeardEvent, Message
from db.session import Database
from errors import InputError
from school.classbook import correcting, excuse_limits, excuses
from school.classbook.excuse_limits import ParentsLimits, parents_limits
from school.classbook.excuses import Excused
from school.digests import summaries
from school.hearing import records
from tests.school.classbook.counting import statements
from tests.school.conftest import NOW
from tests.school.outbox.school_days import SchoolDay
from tests.school.people import child

TODAY = NOW.date()
DAY = timedelta(days=1)
LONG_AGO = NOW - timedelta(days=14)


@pytest.fixture
def day(demonstration: Database) -> SchoolDay:
    """An ordinary day at school."""
    return SchoolDay(demonstration)


def excuse(day: SchoolDay, kind: ExcuseKind = ExcuseKind.MEDICAL, **values: Any) -> Excused:
    defaults: dict[str, Any] = {
        "by": day.class_teacher,
        "student_id": day.student_id,
        "starts_on": TODAY,
        "ends_on": TODAY,
    }
    with day.database.session() as session:
        return excuses.excuse(session, kind=kind, now=day.now, **(defaults | values))


def stands(day: SchoolDay, ref: EventRef) -> tuple[AbsenceKind, AbsenceReason | None]:
    with day.database.reading() as session:
        row = session.get_one(Absence, ref.id)
        return row.kind, row.reason


class TestNews:
    """An absence that a note excuses is told anew, as one that a teacher corrected is."""

    def test_a_parent_who_heard_of_the_absence_hears_that_it_is_excused(self, day: SchoolDay) -> None:
        ref = day.absence()
        with day.database.session() as session:
            session.execute(
                insert(HeardEvent).values(
                    subscriber_id=day.subscriber_id,
                    kind=ref.kind,
                    event_id=ref.id,
                    school_id=day.school_id,
                    first_heard_at=NOW,
                )
            )
        day.later(DAY)
        excuse(day)
        with day.database.reading() as session:
            (found,) = [row for row in records.absences(session, child(day.database), now=day.now) if row.ref == ref]
            assert found.is_new
            assert ref in [row.ref for row in records.news(session, child(day.database), day.now).absences]

    def test_it_is_in_the_summary_of_the_week_in_which_it_was_excused(self, day: SchoolDay) -> None:
        day.set_mother(email="majka@example.bg")
        on = LONG_AGO.date()
        day.absence(on=on, now=LONG_AGO)
        excuse(day, starts_on=on, ends_on=on)
        summaries.write(day.database, NOW + timedelta(days=3))
        with day.database.reading() as session:
            letters = session.scalars(select(Message.text).where(Message.channel == Channel.EMAIL)).all()
        assert any("Извинено отсъствие" in text and "10.11" in text for text in letters)

    def test_a_correction_of_the_absence_as_it_was_before_is_refused(self, day: SchoolDay) -> None:
        ref = day.absence()
        seen = day.now
        day.later(timedelta(minutes=5))
        excuse(day)
        with (
            day.database.session() as session,
            pytest.raises(InputError, match="changed this in the meantime"),
        ):
            correcting.correct_absence(
                session, by=day.teacher, absence_id=ref.id, kind=AbsenceKind.LATE, now=day.now, seen=seen
            )
        assert stands(day, ref) == (AbsenceKind.EXCUSED, AbsenceReason.HEALTH)

    def test_who_was_told_of_the_absence_is_told_once_more(self, day: SchoolDay) -> None:
        day.absence()
        assert len(day.read_by()) == 1
        excuse(day)
        (text,) = day.read_by()
        assert "Поправка: Извинено отсъствие" in text
        assert day.read_by() == []

    def test_each_absence_has_its_row_in_the_audit_trail(self, day: SchoolDay) -> None:
        ref = day.absence()
        excuse(day)
        with day.database.reading() as session:
            (row,) = session.scalars(
                select(Audit).where(
                    Audit.entity == "absence", Audit.entity_id == ref.id, Audit.action == "absence.corrected"
                )
            )
        assert (row.staff_id, row.at) == (day.class_teacher, day.now)
        assert (row.details["before"], row.details["after"]) == ("unexcused", "excused")

    @pytest.mark.parametrize("told_before", [False, True])
    def test_a_week_costs_as_many_statements_as_a_lesson(self, day: SchoolDay, told_before: bool) -> None:
        def cost(on: date, lessons: range) -> int:
            for lesson in lessons:
                day.absence(on=on, lesson=lesson)
            if told_before:
                day.read_by()
            with day.database.session() as session, statements() as asked:
                done = excuses.excuse(
                    session,
                    by=day.class_teacher,
                    student_id=day.student_id,
                    kind=ExcuseKind.MEDICAL,
                    starts_on=on,
                    ends_on=on,
                    now=day.now,
                )
            assert done.absences == len(lessons)
            return len([statement for statement in asked if "SAVEPOINT" not in statement])

        one_lesson = cost(TODAY, range(8, 9))
        assert cost(TODAY - DAY, range(7, 14)) <= one_lesson <= 30


class TestOrganisersDocuments:
    def test_with_the_parents_confirmation_it_excuses_for_another_reason(self, day: SchoolDay) -> None:
        ref = day.absence()
        excuse(day, ExcuseKind.ORGANISER, parent_confirmed_on=TODAY)
        assert stands(day, ref) == (AbsenceKind.EXCUSED, AbsenceReason.OTHER)

    def test_its_days_are_not_the_parents(self, day: SchoolDay) -> None:
        first = TODAY - timedelta(days=8)  # a Monday
        done = excuse(
            day, ExcuseKind.ORGANISER, starts_on=first, ends_on=first + timedelta(days=7), parent_confirmed_on=TODAY
        )
        assert (done.school_days, done.days_left) == (6, 15)  # more than five at once too


class TestLimits:
    def test_the_limits_that_held_on_the_first_day_are_asked(
        self, day: SchoolDay, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        changed = ParentsLimits(TODAY, days_a_year=7, days_at_once=2)
        monkeypatch.setattr(excuse_limits, "PARENTS_LIMITS", (*excuse_limits.PARENTS_LIMITS, changed))
        monday = TODAY - DAY
        assert excuse(day, ExcuseKind.PARENT, starts_on=monday, ends_on=monday + 2 * DAY).days_left == 12
        with pytest.raises(InputError, match="at most 2 school days at once"):
            excuse(day, ExcuseKind.PARENT, ends_on=TODAY + 2 * DAY)
        assert excuse(day, ExcuseKind.PARENT, ends_on=TODAY + DAY).days_left == 2

    def test_before_the_first_change_that_is_known_its_limits_hold(self) -> None:
        assert parents_limits(date(2020, 1, 1)) == parents_limits(TODAY)
        assert [one.since for one in excuse_limits.PARENTS_LIMITS] == sorted(
            one.since for one in excuse_limits.PARENTS_LIMITS
        )
