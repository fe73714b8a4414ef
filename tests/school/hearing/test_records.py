"""What a subscriber hears about a student: the right rows, in the right order, and what is new of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, delete, event, update

from db.events import EventRef
from db.kinds import (
    AbsenceKind,
    AbsenceReason,
    CallDirection,
    CallOutcome,
    EventKind,
    GradeKind,
    InputKind,
    Mark,
    RemarkKind,
    SchoolEventKind,
)
from db.models import Absence, Grade, HealthNote, Remark, SchoolEvent, Student
from db.session import Database
from demonstration.plan import words
from demonstration.plan.people import FIRST_PHONE
from school.classbook import recording
from school.hearing import access, call_log, records, spoken
from school.hearing.access import Child
from tests.school.conftest import NOW
from tests.school.people import child, class_of, known, staff_id, subject_id, subscribed_phones

DAY = timedelta(days=1)
TODAY = date(2026, 11, 24)


class Pupil:
    """The first student with an empty record; the school's administrator writes into it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.session() as session:
            for table in (Grade, Absence, Remark, HealthNote, SchoolEvent):
                session.execute(delete(table))
        self.child: Child = child(database)
        self.by = staff_id(database, "administrator")

    def grade(self, value: str, subject: str = words.MATHS, on: date = TODAY, **values: Any) -> EventRef:
        optional: dict[str, Any] = {"kind": GradeKind.ORAL, "now": NOW} | values
        with self.database.session() as session:
            return recording.record_grade(
                session,
                by=self.by,
                student_id=self.child.student_id,
                subject_id=subject_id(self.database, subject),
                grade=Decimal(value),
                on=on,
                **optional,
            )

    def absence(self, kind: AbsenceKind, lesson: int, on: date = TODAY, **values: Any) -> EventRef:
        with self.database.session() as session:
            return recording.record_absence(
                session,
                by=self.by,
                student_id=self.child.student_id,
                subject_id=subject_id(self.database, words.HISTORY),
                kind=kind,
                lesson=lesson,
                on=on,
                now=NOW,
                **values,
            )

    def meeting(self, days: int, class_id: int | None, **values: Any) -> EventRef:
        optional: dict[str, Any] = {"kind": SchoolEventKind.MEETING, "now": NOW} | values
        with self.database.session() as session:
            return recording.record_school_event(
                session,
                by=self.by,
                class_id=class_id,
                title="Родителска среща",
                place="Кабинет 12",
                starts_at=NOW + days * DAY,
                text="",
                **optional,
            )

    def hears(self, *refs: EventRef) -> None:
        with self.database.session() as session:
            call_log.record_calls(session, [call_of(self.child, refs)])

    def news(self, now: datetime = NOW) -> records.News:
        with self.database.reading() as session:
            news = records.news(session, self.child, now)
            assert records.news_counts(session, self.child, now) == news.counts
            return news


@pytest.fixture
def pupil(demonstration: Database) -> Pupil:
    """A student nothing is recorded of yet."""
    return Pupil(demonstration)


class TestGrades:
    def test_the_newest_comes_first_with_all_that_is_said_of_it(self, pupil: Pupil) -> None:
        pupil.grade("4.50", on=TODAY - DAY, kind=GradeKind.TEST)
        ref = pupil.grade("6", words.HISTORY)
        with pupil.database.reading() as session:
            first, second = records.grades(session, pupil.child, now=NOW)
            assert records.grades(session, pupil.child, 1, now=NOW) == (first,)
        assert first == records.GradeRow(
            ref, words.HISTORY, GradeKind.ORAL, Decimal(6), None, TODAY, term=1, is_new=True
        )
        assert (second.subject, second.kind, second.value) == (words.MATHS, GradeKind.TEST, Decimal("4.50"))

    def test_those_of_other_students_and_of_past_years_are_not_told(self, pupil: Pupil) -> None:
        pupil.grade("5")
        other = child(pupil.database, subscribed_phones(pupil.database)[1])
        with pupil.database.reading() as session:
            assert records.grades(session, other, now=NOW) == ()
            assert len(records.grades(session, pupil.child, now=NOW + 200 * DAY)) == 1
            assert len(records.grades(session, pupil.child, now=datetime.fromisoformat("2026-09-14T12:00Z"))) == 0

    def test_words_stand_instead_of_a_number(self, pupil: Pupil) -> None:
        with pupil.database.session() as session:
            session.execute(update(Student).where(Student.id == pupil.child.student_id).values(has_special_needs=True))
        pupil.grade("5")
        with pupil.database.session() as session:
            recording.record_grade(
                session,
                by=pupil.by,
                student_id=pupil.child.student_id,
                subject_id=subject_id(pupil.database, words.MATHS),
                kind=GradeKind.CURRENT,
                grade=Mark.COPES,
                on=TODAY,
                now=NOW,
            )
        with pupil.database.reading() as session:
            rows = records.grades(session, pupil.child, now=NOW)
            (average,) = records.averages(session, pupil.child, now=NOW)
        assert [(row.value, row.mark) for row in rows] == [(None, Mark.COPES), (Decimal(5), None)]
        assert (average.count, average.average) == (2, Decimal("5.00"))


class TestAverages:
    @pytest.mark.parametrize(
        ("values", "average", "forecast"),
        [
            (["6"], "6.00", 6),
            (["5", "6"], "5.50", 6),
            (["5", "5.98"], "5.49", 5),
            (["2", "3"], "2.50", 2),
            (["2", "3.99"], "3.00", 3),
            (["2", "3", "3.99"], "3.00", 3),
            (["3", "3", "4"], "3.33", 3),
            (["4", "4", "3"], "3.67", 4),
            (["5.25", "5.26"], "5.26", 5),
        ],
    )
    def test_the_mean_is_exact_and_the_forecast_has_its_word(
        self, pupil: Pupil, values: list[str], average: str, forecast: int
    ) -> None:
        for value in values:
            pupil.grade(value)
        with pupil.database.reading() as session:
            (found,) = records.averages(session, pupil.child, now=NOW)
        assert (found.subject, found.count) == (words.MATHS, len(values))
        assert (found.average, found.forecast, found.term_grade) == (Decimal(average), forecast, None)

    def test_a_term_grade_is_told_and_not_counted(self, pupil: Pupil) -> None:
        pupil.grade("5")
        pupil.grade("6", kind=GradeKind.TERM)
        with pupil.database.reading() as session:
            (found,) = records.averages(session, pupil.child, now=NOW)
        assert (found.count, found.average, found.term_grade) == (1, Decimal("5.00"), Decimal(6))

    def test_subjects_come_in_the_alphabets_order(self, pupil: Pupil) -> None:
        for subject in (words.PHYSICS, words.LANGUAGE, words.MATHS):
            pupil.grade("5", subject)
        with pupil.database.reading() as session:
            found = records.averages(session, pupil.child, now=NOW)
        assert [one.subject for one in found] == [words.LANGUAGE, words.MATHS, words.PHYSICS]

    def test_the_second_term_begins_anew(self, pupil: Pupil) -> None:
        pupil.grade("5")
        in_february = datetime.fromisoformat("2027-02-04T12:00+02:00")
        with pupil.database.reading() as session:
            assert records.averages(session, pupil.child, now=in_february) == ()
        pupil.grade("3", on=in_february.date(), now=in_february)
        with pupil.database.reading() as session:
            (found,) = records.averages(session, pupil.child, now=in_february)
            assert found.average == Decimal(3)
            assert [row.term for row in records.grades(session, pupil.child, now=in_february)] == [2, 1]


class TestAbsences:
    def test_lateness_counts_a_half(self, pupil: Pupil) -> None:
        pupil.absence(AbsenceKind.UNEXCUSED, 1)
        pupil.absence(AbsenceKind.UNEXCUSED, 2)
        pupil.absence(AbsenceKind.LATE, 3)
        pupil.absence(AbsenceKind.EXCUSED, 4, reason=AbsenceReason.HEALTH)
        with pupil.database.reading() as session:
            totals = records.absence_totals(session, pupil.child, now=NOW)
        assert totals == records.AbsenceTotals(unexcused=2, excused=1, late=1, total_unexcused=Decimal("2.5"))

    def test_none_is_none(self, pupil: Pupil) -> None:
        with pupil.database.reading() as session:
            assert records.absence_totals(session, pupil.child, now=NOW) == records.AbsenceTotals(0, 0, 0, Decimal(0))
            assert records.absences(session, pupil.child, now=NOW) == ()

    def test_the_latest_lesson_comes_first(self, pupil: Pupil) -> None:
        pupil.absence(AbsenceKind.UNEXCUSED, 5, on=TODAY - DAY)
        pupil.absence(AbsenceKind.LATE, 1)
        ref = pupil.absence(AbsenceKind.EXCUSED, 2, reason=AbsenceReason.FAMILY)
        with pupil.database.reading() as session:
            rows = records.absences(session, pupil.child, now=NOW)
            assert len(records.absences(session, pupil.child, 2, now=NOW)) == 2
        assert [(row.on, row.lesson) for row in rows] == [(TODAY, 2), (TODAY, 1), (TODAY - DAY, 5)]
        reason = AbsenceReason.FAMILY
        assert rows[0] == records.AbsenceRow(ref, words.HISTORY, AbsenceKind.EXCUSED, reason, TODAY, 2, True)


class TestRemarksAndHealth:
    def test_remarks_are_told_with_their_subject_or_without(self, pupil: Pupil) -> None:
        common: dict[str, Any] = {"by": pupil.by, "student_id": pupil.child.student_id, "now": NOW}
        with pupil.database.session() as session:
            recording.record_remark(
                session,
                kind=RemarkKind.CENSURE,
                text="  Пречи   в час. ",
                on=TODAY - DAY,
                subject_id=subject_id(pupil.database, words.MATHS),
                **common,
            )
            recording.record_remark(session, kind=RemarkKind.PRAISE, text="Помага.", on=TODAY, **common)
        with pupil.database.reading() as session:
            rows = records.remarks(session, pupil.child, now=NOW)
        assert [(row.kind, row.subject, row.text) for row in rows] == [
            (RemarkKind.PRAISE, None, "Помага."),
            (RemarkKind.CENSURE, words.MATHS, "Пречи в час."),
        ]

    def test_of_health_only_the_dates_are_told(self, pupil: Pupil) -> None:
        with pupil.database.session() as session:
            ref = recording.record_health_note(
                session,
                by=pupil.by,
                student_id=pupil.child.student_id,
                starts_on=TODAY - 2 * DAY,
                ends_on=TODAY,
                note="Ангина.",
                now=NOW,
            )
        with pupil.database.reading() as session:
            rows = records.health(session, pupil.child, now=NOW)
        assert rows == (records.HealthRow(ref, TODAY - 2 * DAY, TODAY, is_new=True),)
        assert "Ангина" not in repr(rows)


class TestMeetings:
    def test_what_is_ahead_for_the_class_and_the_school_comes_soonest_first(self, pupil: Pupil) -> None:
        other_class = class_of(pupil.database, child(pupil.database, subscribed_phones(pupil.database)[-1]).student_id)
        own_class = class_of(pupil.database, pupil.child.student_id)
        assert own_class != other_class
        pupil.meeting(9, None, kind=SchoolEventKind.EVENT)
        pupil.meeting(3, own_class)
        pupil.meeting(2, other_class)
        with pupil.database.reading() as session:
            rows = records.meetings(session, pupil.child, NOW)
            assert [row.ref.kind for row in rows] == [EventKind.MEETING, EventKind.EVENT]
            assert rows[0].starts_at.isoformat() == "2026-11-27T18:00:00+02:00"
            assert len(records.meetings(session, pupil.child, NOW, 1)) == 1
            assert len(records.meetings(session, pupil.child, NOW + 3 * DAY)) == 1

    def test_one_announced_long_ago_stays_new_while_it_is_ahead(self, pupil: Pupil) -> None:
        pupil.meeting(60, None)
        (row,) = pupil.news(NOW + 50 * DAY).meetings
        assert row.is_new
        assert pupil.news(NOW + 61 * DAY).meetings == ()


class TestNews:
    def test_all_kinds_are_told_as_their_own_lists_tell_them(self, pupil: Pupil) -> None:
        own_class = class_of(pupil.database, pupil.child.student_id)
        pupil.grade("5.25")
        pupil.grade("3", on=TODAY - DAY)
        pupil.absence(AbsenceKind.EXCUSED, 2, reason=AbsenceReason.OTHER)
        pupil.absence(AbsenceKind.LATE, 1)
        pupil.meeting(3, own_class)
        pupil.meeting(2, None, kind=SchoolEventKind.EVENT)
        common: dict[str, Any] = {"by": pupil.by, "student_id": pupil.child.student_id, "now": NOW}
        with pupil.database.session() as session:
            recording.record_remark(session, kind=RemarkKind.PRAISE, text="Помага.", on=TODAY, **common)
            recording.record_health_note(session, starts_on=TODAY, ends_on=TODAY, note="x", **common)
        with pupil.database.reading() as session:
            lists = (
                records.grades(session, pupil.child, now=NOW),
                records.absences(session, pupil.child, now=NOW),
                records.remarks(session, pupil.child, now=NOW),
                records.health(session, pupil.child, now=NOW),
                records.meetings(session, pupil.child, NOW),
            )
        news = pupil.news()
        assert (news.grades, news.remarks, news.health, news.meetings) == (lists[0], lists[2], lists[3], lists[4])
        assert set(news.absences) == set(lists[1])
        assert news.count == 8

    def test_what_was_heard_is_news_no_more_for_that_subscriber_only(self, pupil: Pupil) -> None:
        students = [(known(pupil.database, phone).student_id, phone) for phone in subscribed_phones(pupil.database)]
        one, other = next(
            (first[1], second[1])
            for first, second in pairwise(students)
            if first[0] == second[0] and first[1] != second[1]
        )
        pupil.child = child(pupil.database, one)
        heard, unheard = pupil.grade("5"), pupil.grade("6")
        pupil.hears(heard)
        assert [row.ref for row in pupil.news().grades] == [unheard]
        with pupil.database.reading() as session:
            flags = {row.ref: row.is_new for row in records.grades(session, pupil.child, now=NOW)}
        assert flags == {heard: False, unheard: True}
        pupil.child = child(pupil.database, other)
        assert len(pupil.news().grades) == 2

    def test_what_was_before_the_subscription_is_not_news(self, pupil: Pupil) -> None:
        pupil.grade("5")
        late = replace(pupil.child, following_since=NOW + DAY)
        with pupil.database.reading() as session:
            assert records.news(session, late, NOW + DAY).count == 0
            assert not records.grades(session, late, now=NOW + DAY)[0].is_new

    def test_after_thirty_days_it_is_news_no_more(self, pupil: Pupil) -> None:
        pupil.grade("5")
        assert pupil.news(NOW + 30 * DAY).count == 1
        assert pupil.news(NOW + 30 * DAY + timedelta(seconds=1)).count == 0

    def test_an_event_and_a_meeting_of_the_same_number_are_two(self, pupil: Pupil) -> None:
        ref = pupil.meeting(3, None, kind=SchoolEventKind.EVENT)
        pupil.hears(EventRef(EventKind.MEETING, ref.id), EventRef(EventKind.GRADE, ref.id))
        assert pupil.news().count == 1
        pupil.hears(ref)
        assert pupil.news().count == 0


class TestCost:
    def test_a_call_costs_few_statements(self, pupil: Pupil) -> None:
        ref = pupil.grade("5")
        with statements() as asked:
            with pupil.database.reading() as session:
                (found,) = access.recognise(session, FIRST_PHONE)
            with pupil.database.reading() as session:
                records.news_counts(session, found, NOW)
            with pupil.database.reading() as session:
                records.grades(session, found, now=NOW)
            assert len(asked) == 3
            with pupil.database.reading() as session:
                records.averages(session, found, now=NOW)
                records.absence_totals(session, found, now=NOW)
                records.absences(session, found, now=NOW)
            assert len(asked) == 6
            with pupil.database.session() as session:
                call_log.record_calls(session, [call_of(found, (ref,))])
            assert len(asked) == 10


class TestSpokenTexts:
    def test_every_text_a_dialogue_can_meet_is_there_before_the_call(self, demonstration: Database) -> None:
        with demonstration.reading() as session:
            pieces = spoken.texts(session, NOW)
            for phone in subscribed_phones(demonstration):
                (found, *_) = access.recognise(session, phone)
                rows = records.grades(session, found, now=NOW), records.remarks(session, found, now=NOW)
                said = {f"За {found.given_name}"} | {row.subject for rows_of in rows for row in rows_of if row.subject}
                said |= {row.text for row in rows[1]}
                said |= {row.title for row in records.meetings(session, found, NOW)}
                assert {" ".join(text.split()).rstrip(".,") for text in said} <= {
                    piece.rstrip(".,") for piece in pieces
                }


def call_of(found: Child, heard: tuple[EventRef, ...]) -> call_log.CallRecord:
    return call_log.CallRecord(
        call_id=uuid4(),
        direction=CallDirection.INBOUND,
        caller=FIRST_PHONE,
        started_at=NOW,
        answered_at=NOW,
        ended_at=NOW + timedelta(seconds=40),
        outcome=CallOutcome.FINISHED,
        subscription_id=found.subscription_id,
        student_id=found.student_id,
        steps=(call_log.CallStep(NOW, "greeting", InputKind.KEY), call_log.CallStep(NOW, "menu", InputKind.HANGUP)),
        heard=heard,
    )


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL statements sent meanwhile, without BEGIN and COMMIT."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield asked
    event.remove(Engine, "before_cursor_execute", note)
