"""Sessions of staff: how long they last, what they tell of their person, and who ends them."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.kinds import Role
from db.models import StaffSession
from errors import MissingError
from school import accounts, setup
from school.accounts.sessions import begin_session
from tests.school.accounts.signing_in import someone
from tests.school.joined import NOW, Joined, operator, person, switch_off

LASTS = timedelta(hours=12)
SECOND = timedelta(seconds=1)


def test_a_session_ends_twelve_hours_after_it_was_last_used(session: Session, school: Joined) -> None:
    token = begin_session(session, school.administrator, "Firefox", NOW)
    used = NOW + LASTS - SECOND
    who = accounts.signed_in(session, token, used)
    assert who is not None
    accounts.touch(session, who, used)
    assert accounts.signed_in(session, token, NOW + LASTS) is not None
    assert accounts.signed_in(session, token, used + LASTS - SECOND) is not None
    assert accounts.signed_in(session, token, used + LASTS) is None
    assert accounts.sessions_of(session, school.administrator, used + LASTS) == ()


def test_without_use_it_ends_twelve_hours_after_it_began(session: Session, school: Joined) -> None:
    token = begin_session(session, school.administrator, "Firefox", NOW)
    assert accounts.signed_in(session, token, NOW + LASTS) is None


def test_it_tells_who_asks(session: Session, school: Joined) -> None:
    who = someone(session, school.administrator)
    assert (who.staff_id, who.name) == (school.administrator, "Радка Иванова")
    assert who.roles == {Role.SCHOOL_ADMINISTRATOR}
    assert (who.school_id, who.school_name) == (school.school, "Основно училище „Васил Левски“")
    assert (who.own_class_id, who.last_seen_at) == (None, NOW)


@pytest.mark.parametrize(
    ("role", "leads"), [(Role.TEACHER, False), (Role.PRINCIPAL, True), (Role.SCHOOL_ADMINISTRATOR, True)]
)
def test_principals_and_administrators_lead(session: Session, school: Joined, role: Role, leads: bool) -> None:
    assert someone(session, person(session, school, role=role)).leads == leads


def test_an_operator_is_of_no_school_and_leads_none(session: Session) -> None:
    who = someone(session, operator(session))
    assert (who.school_id, who.school_name, who.leads) == (None, None, False)


@pytest.mark.parametrize(
    ("now", "is_theirs"),
    [
        (datetime(2025, 9, 14, 20, 59, tzinfo=UTC), False),  # 23:59 in Sofia
        (datetime(2025, 9, 14, 21, 0, tzinfo=UTC), True),  # midnight: 15 September, the year's first day
        (datetime(2026, 9, 14, 20, 59, tzinfo=UTC), True),
        (datetime(2026, 9, 14, 21, 0, tzinfo=UTC), False),
    ],
)
def test_a_class_is_its_teachers_in_its_school_year_by_sofias_calendar(
    session: Session, school: Joined, now: datetime, is_theirs: bool
) -> None:
    teacher = person(session, school)
    setup.set_class_teacher(session, school.school, school.classes["8а"], teacher, by=school.administrator, now=NOW)
    assert someone(session, teacher, now).own_class_id == (school.classes["8а"] if is_theirs else None)


def test_only_the_hash_of_a_token_is_stored_and_a_long_device_is_cut(session: Session, school: Joined) -> None:
    token = begin_session(session, school.administrator, "x" * 201, NOW)
    row = session.scalars(select(StaffSession)).one()
    assert token.encode() not in row.token_hash
    assert row.device == "x" * 200


def test_a_made_up_token_and_a_switched_off_account_are_nobody(session: Session, school: Joined) -> None:
    teacher = person(session, school)
    token = begin_session(session, teacher, "Firefox", NOW)
    switch_off(session, school, teacher)
    assert accounts.signed_in(session, token, NOW) is None
    assert accounts.signed_in(session, "made-up", NOW) is None


def test_sessions_are_listed_for_their_person_the_last_used_first(session: Session, school: Joined) -> None:
    old, new = someone(session, school.administrator), someone(session, school.administrator, NOW + SECOND)
    someone(session, person(session, school))
    accounts.touch(session, old, NOW + 2 * SECOND)
    listed = accounts.sessions_of(session, school.administrator, NOW + 2 * SECOND)
    assert [(one.session_id, one.device, one.last_seen_at) for one in listed] == [
        (old.session_id, "Firefox", NOW + 2 * SECOND),
        (new.session_id, "Firefox", NOW + SECOND),
    ]


def test_a_session_is_ended_once_and_stays_ended(session: Session, school: Joined) -> None:
    token = begin_session(session, school.administrator, "Firefox", NOW)
    who = accounts.signed_in(session, token, NOW)
    assert who is not None
    accounts.end_session(session, who.staff_id, who.session_id, NOW)
    accounts.touch(session, who, NOW)
    assert accounts.signed_in(session, token, NOW) is None
    with pytest.raises(MissingError, match=r"^There is no such session\.$"):
        accounts.end_session(session, who.staff_id, who.session_id, NOW)


def test_nobody_ends_the_session_of_another(session: Session, school: Joined) -> None:
    who = someone(session, person(session, school))
    with pytest.raises(MissingError, match=r"^There is no such session\.$"):
        accounts.end_session(session, school.administrator, who.session_id, NOW)
    assert len(accounts.sessions_of(session, who.staff_id, NOW)) == 1


def test_all_but_one_end(session: Session, school: Joined) -> None:
    kept, other = someone(session, school.administrator), someone(session, school.administrator)
    of_another = someone(session, person(session, school))
    accounts.end_sessions(session, school.administrator, NOW, but=kept.session_id)
    assert [one.session_id for one in accounts.sessions_of(session, school.administrator, NOW)] == [kept.session_id]
    accounts.end_sessions(session, school.administrator, NOW)
    assert accounts.sessions_of(session, school.administrator, NOW) == ()
    assert [one.session_id for one in accounts.sessions_of(session, of_another.staff_id, NOW)] == [
        of_another.session_id
    ]
    assert other.session_id != kept.session_id
