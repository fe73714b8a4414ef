"""What the clock's jobs do to a school: summaries, reminders, retention and erasure."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select, update

from db.kinds import Channel, EventKind, GradeKind, Language, MessageState, SchoolEventKind
from db.models import (
    Base,
    ChannelTiming,
    Guardian,
    Message,
    Notification,
    NotificationSwitch,
    SchoolClass,
    SchoolEvent,
    Staff,
    Student,
    StudentGuardian,
    Subscriber,
    Subscription,
    TeachingAssignment,
    Vacation,
)
from db.session import Database
from errors import InputError
from runtime.localtime import SOFIA
from school import outbox
from school.classbook import recording
from school.digests import reminders, summaries
from school.privacy import periods, retention
from school.students import lookup
from tests.school.people import Known, known

MOTHER = "maika@example.org"
FRIDAY = datetime(2026, 11, 27, 17, 0, tzinfo=SOFIA).astimezone(UTC)
ON_SQLITE = pytest.mark.parametrize("demonstration", ["sqlite"], indirect=True)


@pytest.fixture
def mother(demonstration: Database) -> Known:
    """A parent of one child, who reads e-mail."""
    found = known(demonstration)
    with demonstration.session() as session:
        session.execute(update(Subscriber).where(Subscriber.phone == found.phone).values(email=MOTHER))
    return found


def letters(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(Message.text).where(Message.channel == Channel.EMAIL).order_by(Message.id)))


def grade(database: Database, student_id: int, at: datetime) -> None:
    with database.session() as session:
        row = session.execute(
            select(TeachingAssignment.staff_id, TeachingAssignment.subject_id)
            .join(Student, Student.class_id == TeachingAssignment.class_id)
            .where(Student.id == student_id)
        ).first()
        assert row is not None
        recording.record_grade(
            session,
            by=row.staff_id,
            student_id=student_id,
            subject_id=row.subject_id,
            kind=GradeKind.PROJECT,
            grade=Decimal(6),
            on=at.astimezone(SOFIA).date(),
            now=at,
        )


class TestFridaySummary:
    def test_it_tells_the_week_and_how_the_year_stands(self, demonstration: Database, mother: Known) -> None:
        grade(demonstration, mother.student_id, FRIDAY - timedelta(hours=3))
        assert "1 summaries" in summaries.write(demonstration, FRIDAY)
        (letter,) = letters(demonstration)
        assert letter.startswith(f"Седмицата в училище: {mother.given_name}, 23.11 – 27.11\n\n{mother.given_name}, ")
        assert "Отличен (6), проект, 27.11" in letter
        assert "от началото на годината" in letter.lower()

    def test_a_quiet_week_has_one_too(self, demonstration: Database, mother: Known) -> None:
        with demonstration.session() as session:
            session.execute(Base.metadata.tables["grade"].update().values(recorded_at=FRIDAY - timedelta(days=20)))
            session.execute(Base.metadata.tables["absence"].update().values(recorded_at=FRIDAY - timedelta(days=20)))
            session.execute(Base.metadata.tables["remark"].update().values(recorded_at=FRIDAY - timedelta(days=20)))
            session.execute(
                Base.metadata.tables["health_note"].update().values(recorded_at=FRIDAY - timedelta(days=20))
            )
        summaries.write(demonstration, FRIDAY)
        assert "– Тази седмица няма нови записи." in letters(demonstration)[0]

    def test_it_comes_once_however_often_the_job_runs(self, demonstration: Database, mother: Known) -> None:
        summaries.write(demonstration, FRIDAY)
        summaries.write(demonstration, FRIDAY + timedelta(hours=1))
        assert len(letters(demonstration)) == 1
        summaries.write(demonstration, FRIDAY + timedelta(days=7))
        assert len(letters(demonstration)) == 2

    @ON_SQLITE
    def test_made_up_on_saturday_it_is_the_same_and_on_monday_none(
        self, demonstration: Database, mother: Known
    ) -> None:
        assert "nothing to summarise" in summaries.write(demonstration, FRIDAY + timedelta(days=3))
        assert "1 summaries of the week to 27.11.2026" in summaries.write(demonstration, FRIDAY + timedelta(days=1))

    @ON_SQLITE
    def test_who_does_not_want_it_or_stopped_letters_gets_none(self, demonstration: Database, mother: Known) -> None:
        with demonstration.session() as session:
            session.execute(update(Subscriber).values(friday_summary=False))
        summaries.write(demonstration, FRIDAY)
        with demonstration.session() as session:
            session.execute(update(Subscriber).values(friday_summary=True))
            session.execute(update(Subscription).values(email_enabled=False))
        summaries.write(demonstration, FRIDAY)
        assert letters(demonstration) == []

    @ON_SQLITE
    def test_a_week_of_vacation_has_none(self, demonstration: Database, mother: Known) -> None:
        with demonstration.session() as session:
            year = session.execute(select(SchoolClass.school_id, SchoolClass.school_year_id)).first()
            assert year is not None
            session.add(
                Vacation(
                    school_id=year.school_id,
                    school_year_id=year.school_year_id,
                    starts_on=date(2026, 11, 21),
                    ends_on=date(2026, 11, 29),
                    name="Ваканция",
                )
            )
        summaries.write(demonstration, FRIDAY)
        assert letters(demonstration) == []

    @ON_SQLITE
    def test_kinds_that_are_switched_off_are_not_in_it(self, demonstration: Database, mother: Known) -> None:
        grade(demonstration, mother.student_id, FRIDAY - timedelta(hours=3))
        with demonstration.session() as session:
            subscriber_id = session.scalars(select(Subscriber.id).where(Subscriber.email == MOTHER)).one()
            session.add(NotificationSwitch(subscriber_id=subscriber_id, channel=Channel.EMAIL, kind=EventKind.GRADE))
        summaries.write(demonstration, FRIDAY)
        assert "Отличен (6)" not in letters(demonstration)[0]

    @ON_SQLITE
    def test_in_english_for_who_reads_english(self, demonstration: Database, mother: Known) -> None:
        with demonstration.session() as session:
            session.execute(update(Subscriber).values(language=Language.ENGLISH))
        summaries.write(demonstration, FRIDAY)
        assert letters(demonstration)[0].startswith("The week at school: ")


class TestReminders:
    EVE = datetime(2026, 12, 2, 17, 0, tzinfo=SOFIA).astimezone(UTC)

    def meeting(self, database: Database, student_id: int, *, announced: datetime | None = None) -> int:
        """A meeting of the child's class on the day after EVE."""
        with database.session() as session:
            session.execute(update(SchoolEvent).values(reminded_of=SchoolEvent.starts_at))
            class_id = session.scalars(select(Student.class_id).where(Student.id == student_id)).one()
            row = session.execute(select(SchoolClass).where(SchoolClass.id == class_id)).scalar_one()
            event = SchoolEvent(
                school_id=row.school_id,
                class_id=class_id,
                staff_id=session.scalars(select(Staff.id).where(Staff.school_id == row.school_id)).first(),
                kind=SchoolEventKind.MEETING,
                title="Родителска среща",
                place="стая 12",
                starts_at=datetime(2026, 12, 3, 18, 30, tzinfo=SOFIA),
                text="",
                recorded_at=announced or self.EVE - timedelta(days=5),
            )
            session.add(event)
            session.flush()
            return event.id

    def told(self, database: Database, event_id: int) -> list[tuple[Channel, str, datetime]]:
        with database.reading() as session:
            rows = session.execute(
                select(Notification.channel, Notification.line, Notification.due_at)
                .join(Subscriber, Subscriber.id == Notification.subscriber_id)
                .where(Notification.event_id == event_id, Subscriber.email == MOTHER)
                .order_by(Notification.channel)
            )
            return [(row.channel, row.line, row.due_at) for row in rows]

    def test_the_day_before_it_goes_out_on_every_channel_once(self, demonstration: Database, mother: Known) -> None:
        event_id = self.meeting(demonstration, mother.student_id)
        reminders.remind(demonstration, self.EVE)
        reminders.remind(demonstration, self.EVE + timedelta(hours=1))
        told = self.told(demonstration, event_id)
        assert [(channel, due_at) for channel, _, due_at in told] == [
            (Channel.EMAIL, self.EVE),
            (Channel.SMS, self.EVE),
        ]
        assert {line for _, line, _ in told} == {"Напомняне: Родителска среща, четвъртък 03.12, 18:30 ч., стая 12"}

    @ON_SQLITE
    def test_neither_earlier_nor_later(self, demonstration: Database, mother: Known) -> None:
        event_id = self.meeting(demonstration, mother.student_id)
        for days in (-1, 1):
            reminders.remind(demonstration, self.EVE + timedelta(days=days))
        assert self.told(demonstration, event_id) == []

    @ON_SQLITE
    def test_what_was_announced_today_needs_none(self, demonstration: Database, mother: Known) -> None:
        event_id = self.meeting(demonstration, mother.student_id, announced=self.EVE - timedelta(hours=2))
        reminders.remind(demonstration, self.EVE)
        assert self.told(demonstration, event_id) == []

    @ON_SQLITE
    def test_a_meeting_that_is_moved_is_reminded_of_again(self, demonstration: Database, mother: Known) -> None:
        event_id = self.meeting(demonstration, mother.student_id)
        reminders.remind(demonstration, self.EVE)
        with demonstration.session() as session:
            session.execute(update(Notification).values(state="cancelled"))
            session.execute(
                update(SchoolEvent)
                .where(SchoolEvent.id == event_id)
                .values(starts_at=datetime(2026, 12, 10, 18, 30, tzinfo=SOFIA))
            )
        reminders.remind(demonstration, self.EVE + timedelta(days=7))
        assert "четвъртък 10.12" in self.told(demonstration, event_id)[-1][1]

    @ON_SQLITE
    def test_a_daily_hour_does_not_hold_it_back(self, demonstration: Database, mother: Known) -> None:
        with demonstration.session() as session:
            subscriber_id = session.scalars(select(Subscriber.id).where(Subscriber.email == MOTHER)).one()
            session.add(ChannelTiming(subscriber_id=subscriber_id, channel=Channel.EMAIL, daily_hour=9))
        event_id = self.meeting(demonstration, mother.student_id)
        reminders.remind(demonstration, self.EVE)
        assert self.told(demonstration, event_id)[0][2] == self.EVE


class TestRetention:
    def test_old_messages_go_and_new_and_waiting_ones_stay(self, demonstration: Database, mother: Known) -> None:
        began = FRIDAY - timedelta(hours=4)
        grade(demonstration, mother.student_id, began)
        with demonstration.session() as session:
            claimed = outbox.claim(session, Channel.SMS, owner="test", limit=10, now=began)
            outbox.record(
                session, "test", [outbox.Result(one.message_id, outbox.Ending.SENT) for one in claimed], began
            )
        assert claimed
        retention.apply(demonstration, began + timedelta(days=399))
        assert self.counts(demonstration)[0] >= len(claimed)
        retention.apply(demonstration, began + timedelta(days=401))
        messages, notifications = self.counts(demonstration)
        assert messages == 0
        assert notifications == 1  # the e-mail, which nobody has sent yet

    def counts(self, database: Database) -> tuple[int, int]:
        with database.reading() as session:
            sent = select(func.count()).select_from(Message).where(Message.state == MessageState.SENT)
            return session.scalar(sent) or 0, session.scalar(select(func.count()).select_from(Notification)) or 0

    def test_a_school_chooses_and_bad_choices_are_refused(self, demonstration: Database) -> None:
        with demonstration.session() as session:
            school_id = lookup.school_with(session, None)
            retention.change(session, school_id, periods.Kept(60, 60, 2), FRIDAY)
            retention.change(session, school_id, periods.Kept(90, 60, 2), FRIDAY)
            assert retention.of_school(session, school_id) == periods.Kept(90, 60, 2)
            for wrong in (periods.Kept(29, 60, 2), periods.Kept(60, 9999, 2), periods.Kept(60, 60, 0)):
                with pytest.raises(InputError, match="30 to 3650 days"):
                    retention.change(session, school_id, wrong, FRIDAY)

    def test_who_left_long_ago_is_erased_and_nobody_else(self, demonstration: Database, mother: Known) -> None:
        grade(demonstration, mother.student_id, FRIDAY - timedelta(hours=4))
        with demonstration.session() as session:
            others = session.scalar(select(func.count()).select_from(Student))
            session.execute(
                update(Student).where(Student.id == mother.student_id).values(class_id=None, left_on=date(2021, 6, 30))
            )
        assert "0 students" in retention.apply(demonstration, datetime(2026, 6, 1, tzinfo=UTC))
        assert "1 students" in retention.apply(demonstration, datetime(2026, 8, 1, tzinfo=UTC))
        with demonstration.reading() as session:
            assert session.scalar(select(func.count()).select_from(Student)) == (others or 0) - 1
            for table in Base.metadata.tables.values():
                if "student_id" in table.c:
                    left = select(func.count()).select_from(table).where(table.c.student_id == mother.student_id)
                    assert session.scalar(left) == 0, table.name
            lonely = select(Guardian.id).where(
                ~select(StudentGuardian.guardian_id).where(StudentGuardian.guardian_id == Guardian.id).exists()
            )
            assert session.scalars(lonely).all() == []
