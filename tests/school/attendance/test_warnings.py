"""Families are warned at 3 and 4 unexcused hours and before the month closes, once each; the teacher sees whom."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from db.events import EventRef
from db.kinds import AbsenceKind, AbsenceReason, Channel, EventKind
from db.models import BenefitWarning, Cover, Student, Subscriber
from db.session import Database
from school.attendance import warned, warnings
from school.classbook import correcting
from school.classbook.benefit import CLOSING, LOST_AT, WARN_AT, stages, standing
from school.wording.service import Numbers
from tests.school.conftest import NOW
from tests.school.outbox.school_days import SchoolDay

DAY = timedelta(days=1)


@pytest.fixture
def day(demonstration: Database) -> SchoolDay:
    """An ordinary day at school, of a student without absences this month."""
    from db.models import Absence

    found = SchoolDay(demonstration)
    with demonstration.session() as session:
        session.execute(delete(Absence).where(Absence.on_date >= date(2026, 11, 1)))
    return found


def warn(day: SchoolDay, *, counts_lateness: bool = True) -> str:
    return warnings.warn(day.database, day.now, Numbers(), counts_lateness=counts_lateness)


def told(day: SchoolDay) -> list[str]:
    return [text for text in day.read_by() if "детските надбавки" in text]


def missed(day: SchoolDay, *lessons: int) -> EventRef:
    refs = [day.absence(lesson=lesson) for lesson in lessons]
    return refs[-1]


def of_class(day: SchoolDay) -> tuple[warned.Warned, ...]:
    with day.database.reading() as session:
        class_id = session.get_one(Student, day.student_id).class_id
        assert class_id
        return warned.of_class(session, day.class_teacher, class_id, day.now, counts_lateness=True)


def test_at_three_hours_with_what_is_left_and_how_to_excuse_and_once(day: SchoolDay) -> None:
    missed(day, 7, 8)
    day.read_by()
    assert warn(day) == "Warned the families of 0 students."
    missed(day, 9)
    day.read_by()
    assert warn(day) == "Warned the families of 1 students."
    (text,) = told(day)
    assert "Неизвинени часове този месец: 3, остават 2: при 5 спират детските надбавки." in text
    assert "ИЗВ на 1987" in text
    warn(day)
    assert told(day) == []


def test_at_four_again_and_late_arrivals_count_as_the_platform_says(day: SchoolDay) -> None:
    missed(day, 7, 8, 9)
    warn(day)
    day.read_by()
    day.absence(lesson=10, kind=AbsenceKind.LATE)
    warn(day)
    assert told(day) == []
    day.absence(lesson=11, kind=AbsenceKind.LATE)
    day.read_by()
    assert warn(day, counts_lateness=False) == "Warned the families of 0 students."
    warn(day)
    assert "този месец: 4, остават 1:" in told(day)[0]


def test_who_goes_past_all_at_once_is_told_once_that_it_is_lost(day: SchoolDay) -> None:
    missed(day, *range(7, 13))
    day.read_by()
    warn(day)
    (text,) = told(day)
    assert "Неизвинени часове този месец: 6. При 5 спират" in text
    with day.database.reading() as session:
        assert sorted(session.scalars(select(BenefitWarning.stage))) == list(WARN_AT)


def test_who_does_not_pay_is_warned_too(day: SchoolDay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESCHOOL_BILLING", "true")
    with day.database.session() as session:
        session.execute(delete(Cover))
    missed(day, 7, 8, 9)
    assert day.read_by() == []
    assert warn(day) == "Warned the families of 1 students."
    assert len(told(day)) == 1


def test_it_goes_with_the_news_that_still_waits(day: SchoolDay) -> None:
    missed(day, 7, 8, 9)
    warn(day)
    (text,) = day.read_by()
    assert text.count("Неизвинено отсъствие") == 3
    assert "детските надбавки" in text


def test_before_the_month_closes_once_more(day: SchoolDay) -> None:
    missed(day, 7, 8, 9)
    warn(day)
    day.read_by()
    day.now = NOW.replace(day=28)
    warn(day)
    (text,) = told(day)
    assert "Месецът приключва." in text
    day.later(DAY)
    warn(day)
    assert told(day) == []
    day.now = datetime(2026, 12, 1, 12, tzinfo=NOW.tzinfo)
    assert warn(day) == "Warned the families of 0 students."


def test_what_is_excused_meanwhile_is_not_told(day: SchoolDay) -> None:
    ref = missed(day, 7, 8, 9)
    with day.database.session() as session:
        correcting.correct_absence(
            session,
            by=day.teacher,
            absence_id=ref.id,
            kind=AbsenceKind.EXCUSED,
            reason=AbsenceReason.HEALTH,
            now=day.now,
        )
    warn(day)
    assert told(day) == []


def test_who_wants_no_sms_about_absences_gets_none_and_the_class_teacher_sees_so(day: SchoolDay) -> None:
    day.switch_off(Channel.SMS, EventKind.ABSENCE)
    missed(day, 7, 8, 9)
    warn(day)
    assert told(day) == []
    (one,) = of_class(day)
    assert one.standing.hours == 3
    assert not one.told
    assert one.warned_at == day.now


def test_of_who_has_no_number_the_address_is_shown_as_everywhere(day: SchoolDay) -> None:
    missed(day, 7, 8, 9)
    warn(day)
    with day.database.session() as session:
        session.execute(
            update(Subscriber).where(Subscriber.id == day.subscriber_id).values(phone=None, email="silvia@example.org")
        )
    (one,) = of_class(day)
    assert {told.follower for told in one.told} == {"s…@example.org"}


def test_the_class_teacher_sees_who_was_told(day: SchoolDay) -> None:
    missed(day, 7, 8, 9)
    assert [one.warned_at for one in of_class(day)] == [None]
    day.read_by()
    warn(day)
    (one,) = of_class(day)
    assert [(who.channel, who.state) for who in one.told] == [(Channel.SMS, None)]
    assert "*" in one.told[0].follower
    day.read_by()
    assert of_class(day)[0].told[0].state is not None


@pytest.mark.parametrize(
    ("half_hours", "on", "due"),
    [
        (5, date(2026, 11, 24), ()),
        (6, date(2026, 11, 24), (3,)),
        (7, date(2026, 11, 24), (3,)),
        (8, date(2026, 11, 24), (3, 4)),
        (12, date(2026, 11, 24), (3, 4)),
        (6, date(2026, 11, 27), (3,)),
        (6, date(2026, 11, 28), (3, CLOSING)),
        (6, date(2026, 2, 26), (3, CLOSING)),
        (5, date(2026, 11, 30), ()),
    ],
)
def test_which_warnings_are_due(half_hours: int, on: date, due: tuple[int, ...]) -> None:
    assert stages(standing(half_hours), on) == due


def test_four_and_a_half_hours_cost_nothing_and_five_do() -> None:
    assert not standing(9).is_lost
    assert standing(10).is_lost
    assert standing(9).left == standing(1).hours
    assert LOST_AT == 5
