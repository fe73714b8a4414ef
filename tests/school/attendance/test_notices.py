"""A parent's notice counts by itself within the limits and in time; what it excuses is never told as unexcused."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from db.events import EventRef
from db.kinds import AbsenceKind, AbsenceReason, Channel, ExcuseKind, MessagePurpose, NoticeState, Obstacle
from db.models import Absence, AbsenceNotice, Audit, ExcuseNote, Message
from db.session import Database
from errors import ForbiddenError, InputError, MissingError
from school.attendance import decisions, notices, notices_of_class
from school.attendance.given import Given, Outcome, Wish
from school.classbook import correcting, excuses
from tests.school.conftest import NOW
from tests.school.outbox.school_days import SchoolDay

TODAY = NOW.date()
"""A Tuesday."""
DAY = timedelta(days=1)
FAMILY = AbsenceReason.FAMILY


@pytest.fixture
def day(demonstration: Database) -> SchoolDay:
    """An ordinary day at school."""
    return SchoolDay(demonstration)


def give(
    day: SchoolDay,
    first: date = TODAY,
    last: date | None = None,
    ground: AbsenceReason | None = FAMILY,
    words: str = "",
) -> Given:
    with day.database.session() as session:
        wish = Wish(first, last or first, ground, words)
        return notices.give(session, day.subscription_id, Channel.SMS, wish, day.now)


def excuse(day: SchoolDay, on: date) -> None:
    """A medical note, by the class teacher."""
    with day.database.session() as session:
        excuses.excuse(
            session,
            by=day.class_teacher,
            student_id=day.student_id,
            kind=ExcuseKind.MEDICAL,
            starts_on=on,
            ends_on=on,
            now=day.now,
        )


def stands(day: SchoolDay, ref: EventRef) -> tuple[AbsenceKind, AbsenceReason | None]:
    with day.database.reading() as session:
        row = session.get_one(Absence, ref.id)
        return row.kind, row.reason


def states(day: SchoolDay) -> list[NoticeState]:
    with day.database.reading() as session:
        return list(session.scalars(select(AbsenceNotice.state).order_by(AbsenceNotice.id)))


def waiting(day: SchoolDay) -> Sequence[notices_of_class.ListedNotice]:
    with day.database.reading() as session:
        found = notices_of_class.listed(session, day.class_teacher, class_of(day), day.now)
        return [one for one in found if one.waits]


def class_of(day: SchoolDay) -> int:
    with day.database.reading() as session:
        from db.models import Student

        class_id = session.get_one(Student, day.student_id).class_id
        assert class_id
        return class_id


def told(day: SchoolDay) -> list[str]:
    with day.database.reading() as session:
        return list(
            session.scalars(
                select(Message.text)
                .where(Message.subscriber_id == day.subscriber_id, Message.purpose == MessagePurpose.SERVICE)
                .order_by(Message.id)
            )
        )


class TestCounting:
    def test_todays_absence_is_excused_at_once_and_told_as_corrected(self, day: SchoolDay) -> None:
        ref = day.absence()
        assert "Неизвинено отсъствие" in day.read_by()[0]
        given = give(day, ground=AbsenceReason.HEALTH)
        assert (given.outcome, given.absences, given.days_left) == (Outcome.COUNTED, 1, 14)
        assert stands(day, ref) == (AbsenceKind.EXCUSED, AbsenceReason.HEALTH)
        assert "Поправка: Извинено отсъствие" in day.read_by()[0]

    def test_what_is_excused_ahead_is_recorded_and_told_as_excused(self, day: SchoolDay) -> None:
        assert give(day, TODAY + DAY, TODAY + 3 * DAY).days_left == 12
        day.later(DAY)
        ref = day.absence(on=TODAY + DAY)
        assert stands(day, ref) == (AbsenceKind.EXCUSED, FAMILY)
        (text,) = day.read_by()
        assert "Извинено отсъствие" in text
        assert "еизвинено" not in text

    def test_who_comes_late_and_then_not_at_all_on_such_a_day_is_excused(self, day: SchoolDay) -> None:
        give(day)
        ref = day.absence(kind=AbsenceKind.LATE)
        assert stands(day, ref) == (AbsenceKind.LATE, None)
        with day.database.session() as session:
            correcting.correct_absence(
                session, by=day.teacher, absence_id=ref.id, kind=AbsenceKind.UNEXCUSED, now=day.now
            )
        assert stands(day, ref) == (AbsenceKind.EXCUSED, FAMILY)

    def test_a_teacher_may_still_say_that_it_is_not_excused(self, day: SchoolDay) -> None:
        give(day)
        ref = day.absence()
        with day.database.session() as session:
            correcting.correct_absence(
                session, by=day.teacher, absence_id=ref.id, kind=AbsenceKind.UNEXCUSED, now=day.now
            )
        assert stands(day, ref) == (AbsenceKind.UNEXCUSED, None)

    def test_a_class_teachers_note_ahead_excuses_what_comes_too(self, day: SchoolDay) -> None:
        excuse(day, TODAY + DAY)
        day.later(DAY)
        assert stands(day, day.absence(on=TODAY + DAY)) == (AbsenceKind.EXCUSED, AbsenceReason.HEALTH)

    def test_days_before_and_after_are_not_excused(self, day: SchoolDay) -> None:
        yesterday = day.absence(on=TODAY - DAY)
        give(day)
        day.later(DAY)
        assert stands(day, yesterday)[0] is stands(day, day.absence(on=TODAY + DAY))[0] is AbsenceKind.UNEXCUSED

    def test_the_same_again_costs_no_day(self, day: SchoolDay) -> None:
        assert give(day).days_left == 14
        again = give(day)
        assert (again.outcome, again.days_left) == (Outcome.EXCUSED_ALREADY, 14)
        assert give(day, TODAY, TODAY + DAY).days_left == 13
        assert len(states(day)) == 2

    def test_weekends_and_vacations_cost_nothing(self, day: SchoolDay) -> None:
        friday = TODAY + 3 * DAY
        assert give(day, friday, friday + 3 * DAY).days_left == 13
        assert give(day, friday + DAY, friday + 2 * DAY).outcome is Outcome.NO_SCHOOL

    @pytest.mark.parametrize("first", [date(2027, 8, 2), date(2031, 1, 1)])
    def test_days_of_no_school_year_are_told(self, day: SchoolDay, first: date) -> None:
        assert give(day, first).outcome in (Outcome.OUTSIDE, Outcome.NO_SCHOOL)
        assert states(day) == []

    def test_nobody_excuses_a_child_they_do_not_follow_any_more(self, day: SchoolDay) -> None:
        from db.kinds import SubscriptionStatus

        day.set_subscription(status=SubscriptionStatus.STOPPED, stopped_at=NOW)
        with pytest.raises(InputError):
            give(day)

    def test_it_is_written_down_who_gave_it(self, day: SchoolDay) -> None:
        ref = day.absence()
        give(day, words="Температура")
        with day.database.reading() as session:
            rows = session.scalars(
                select(Audit).where(Audit.subscriber_id == day.subscriber_id).order_by(Audit.id)
            ).all()
            assert [row.action for row in rows][-3:] == ["excuse.recorded", "absence.corrected", "notice.given"]
            assert rows[-2].entity_id == ref.id
            assert not any("Температура" in str(row.details) for row in rows)
            notice = session.scalars(select(AbsenceNotice)).one()
            assert notice.reason_encrypted
            assert "Температура".encode() not in notice.reason_encrypted
            assert session.scalars(select(ExcuseNote.staff_id)).all() == [None]


class TestWaiting:
    def test_a_late_one_waits_and_is_accepted(self, day: SchoolDay) -> None:
        ref = day.absence(on=TODAY - DAY)
        given = give(day, TODAY - DAY)
        assert (given.outcome, given.obstacles) == (Outcome.WAITS, (Obstacle.LATE,))
        assert stands(day, ref)[0] is AbsenceKind.UNEXCUSED
        (one,) = waiting(day)
        with day.database.session() as session:
            assert decisions.accept(session, one.notice_id, by=day.class_teacher, now=day.now) == 1
        assert stands(day, ref) == (AbsenceKind.EXCUSED, FAMILY)
        assert states(day) == [NoticeState.ACCEPTED]
        assert "прие извинението за 23.11. Остават 14" in told(day)[-1]

    def test_a_refusal_says_why_and_only_what_holds_is_a_reason(self, day: SchoolDay) -> None:
        give(day, TODAY - DAY)
        (one,) = waiting(day)
        with day.database.session() as session, pytest.raises(InputError, match="only for the limit"):
            decisions.refuse(session, one.notice_id, Obstacle.A_YEAR, by=day.class_teacher, now=day.now)
        with day.database.session() as session:
            decisions.refuse(session, one.notice_id, Obstacle.LATE, by=day.class_teacher, now=day.now)
        assert told(day)[-1].endswith("не е прието. Известието е след първия ден на отсъствието.")
        with day.database.session() as session, pytest.raises(MissingError):
            decisions.accept(session, one.notice_id, by=day.class_teacher, now=day.now)

    def test_of_more_days_than_one_notice_has_the_first_five_may_count(self, day: SchoolDay) -> None:
        monday = TODAY + 6 * DAY
        given = give(day, monday, monday + 7 * DAY)
        assert given.obstacles == (Obstacle.AT_ONCE,)
        (one,) = waiting(day)
        assert (one.may_count, one.school_days, one.days_left) == (5, 6, 15)
        with day.database.session() as session:
            assert decisions.accept(session, one.notice_id, by=day.class_teacher, now=day.now) == 5
        assert "прието само за 30.11–04.12. Остават 10" in told(day)[-1]

    def test_after_fifteen_days_of_a_year_only_a_refusal_is_left(self, day: SchoolDay) -> None:
        monday = TODAY + 6 * DAY
        for week in range(3):
            assert give(day, monday + week * 7 * DAY, monday + (week * 7 + 4) * DAY).outcome is Outcome.COUNTED
        given = give(day, TODAY)
        assert (given.outcome, given.obstacles, given.days_left) == (Outcome.WAITS, (Obstacle.A_YEAR,), 0)
        (one,) = waiting(day)
        assert one.may_count == 0
        with day.database.session() as session, pytest.raises(InputError, match="have 0 school days left"):
            decisions.accept(session, one.notice_id, by=day.class_teacher, now=day.now)
        with day.database.session() as session:
            decisions.refuse(session, one.notice_id, Obstacle.A_YEAR, by=day.class_teacher, now=day.now)
        assert "остават 0 от 15" in told(day)[-1]

    def test_without_a_reason_it_waits_until_the_reason_comes_which_counts_as_of_the_first_day(
        self, day: SchoolDay
    ) -> None:
        assert give(day, ground=None).obstacles == (Obstacle.NO_REASON,)
        assert give(day, ground=None).outcome is Outcome.WAITS
        assert len(waiting(day)) == 1
        day.later(DAY)
        assert give(day, TODAY).outcome is Outcome.COUNTED
        assert states(day) == [NoticeState.REPLACED, NoticeState.COUNTED]

    def test_only_the_class_teacher_and_leaders_decide(self, day: SchoolDay) -> None:
        give(day, TODAY - DAY)
        (one,) = waiting(day)
        for decide in (
            lambda session: decisions.accept(session, one.notice_id, by=day.teacher, now=day.now),
            lambda session: decisions.refuse(session, one.notice_id, Obstacle.LATE, by=day.teacher, now=day.now),
            lambda session: notices_of_class.listed(session, day.teacher, class_of(day), day.now),
        ):
            with day.database.session() as session, pytest.raises(ForbiddenError):
                decide(session)
        with day.database.session() as session:
            decisions.accept(session, one.notice_id, by=day.principal, now=day.now)

    def test_what_another_note_excused_meanwhile_takes_no_day(self, day: SchoolDay) -> None:
        give(day, TODAY - DAY)
        excuse(day, TODAY - DAY)
        (one,) = waiting(day)
        with day.database.session() as session:
            assert decisions.accept(session, one.notice_id, by=day.class_teacher, now=day.now) == 0
        assert states(day) == [NoticeState.REPLACED]
        assert "вече е извинено" in told(day)[-1]

    def test_nothing_is_refused_that_another_note_excused_meanwhile(self, day: SchoolDay) -> None:
        """Where the year has no days left, a refusal is all that the page offers."""
        monday = TODAY + 6 * DAY
        for week in range(3):
            give(day, monday + week * 7 * DAY, monday + (week * 7 + 4) * DAY)
        assert give(day, TODAY).obstacles == (Obstacle.A_YEAR,)
        excuse(day, TODAY)
        (one,) = waiting(day)
        assert one.may_count == 0
        with day.database.session() as session:
            assert not decisions.refuse(session, one.notice_id, Obstacle.A_YEAR, by=day.class_teacher, now=day.now)
        assert states(day)[-1] is NoticeState.REPLACED
        assert "вече е извинено" in told(day)[-1]

    def test_who_gave_it_hears_how_it_stands(self, day: SchoolDay) -> None:
        give(day)
        give(day, TODAY - DAY)
        with day.database.reading() as session:
            found = notices.latest_of(session, day.subscriber_id, day.student_id, day.now)
        assert [(one.starts_on, one.state) for one in found] == [
            (TODAY - DAY, NoticeState.WAITING),
            (TODAY, NoticeState.COUNTED),
        ]


def test_other_followers_learn_who_excused_which_day(day: SchoolDay) -> None:
    from db.models import Subscriber, Subscription

    with day.database.session() as session:
        other = Subscriber(phone="+359878000099", created_at=NOW)
        session.add(other)
        session.flush()
        session.add(
            Subscription(
                school_id=day.school_id,
                student_id=day.student_id,
                subscriber_id=other.id,
                status="active",
                created_at=NOW,
                following_since=NOW,
            )
        )
    give(day, TODAY + DAY)
    with day.database.reading() as session:
        texts = session.scalars(select(Message.text).where(Message.address == "+359878000099")).all()
    assert any("извини отсъствие за 25.11" in text and "***" in text for text in texts)
