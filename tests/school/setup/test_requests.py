"""A school asks to join, and the platform's operator decides."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from db.kinds import Role, SchoolRequestStatus
from errors import ForbiddenError, InputError, MissingError
from school import setup
from tests.school.joined import NOW, Joined, approved, audited, operator, person

DECIDED = r"^This request has been decided already or is gone\.$"
FIELDS: dict[str, Any] = {
    "institution_code": "169018",
    "school_name": "ОУ „Отец Паисий“",
    "town": "Лом",
    "first_name": "Ана",
    "last_name": "Тодорова",
    "email": "ana@school.example",
}


def ask(session: Session, **other: Any) -> int:
    return setup.ask_to_join(session, **(FIELDS | {"now": NOW} | other))


def test_a_request_is_kept_tidied_and_waits(session: Session) -> None:
    made = ask(
        session, institution_code=" 169 018 ", school_name=" ОУ   „Отец Паисий“ ", email="Ana@School.example",
        phone="0888 123 456", text="  " + "т" * 1001,
    )  # fmt: skip
    (row,) = setup.requests(session)
    assert (row.id, row.institution_code, row.school_name) == (made, "169018", "ОУ „Отец Паисий“")
    assert (row.email, row.phone, row.text) == ("ana@school.example", "+359888123456", "т" * 1000)
    assert (row.status, row.created_at, row.decided_at) == (SchoolRequestStatus.WAITING, NOW, None)
    assert audited(session, "school.requested") == [(None, None, made, {})]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("institution_code", "12345", "A NEISPUO code has 6 or 7 digits: check it."),
        ("institution_code", "12345678", "A NEISPUO code has 6 or 7 digits: check it."),
        ("institution_code", "١٦٩٠١٨", "A NEISPUO code has 6 or 7 digits: check it."),
        ("first_name", "R2D2", "“R2D2” is not a name: write it in letters only."),
        ("email", "radka@", "“radka@” is not an e-mail address: write one address in Latin letters."),
        ("phone", "12", "“12” is not a telephone number: write one number, as 0888123456."),
        ("town", " ", "The town or village is missing: fill it in."),
        ("school_name", "х" * 161, "The name of the school is longer than 160 characters: shorten it."),
    ],
)
def test_a_wrong_field_is_told(session: Session, field: str, value: str, sentence: str) -> None:
    with pytest.raises(InputError) as error:
        ask(session, **{field: value})
    assert str(error.value) == sentence
    assert setup.requests(session) == ()


@pytest.mark.parametrize(
    ("field", "value"), [("institution_code", "1690180"), ("school_name", "х" * 160), ("phone", "  ")]
)
def test_what_is_just_right_is_taken(session: Session, field: str, value: str) -> None:
    ask(session, **{field: value})


def test_a_school_asks_again_only_after_it_was_refused(session: Session) -> None:
    by, first = operator(session), ask(session)
    with pytest.raises(
        InputError, match=r"^This school's request has been received already: we will answer by e-mail\.$"
    ):
        ask(session)
    setup.refuse(session, first, by=by, now=NOW, reason="Не е училище. " + "т" * 1000)
    ((school, decided_by, row, details),) = audited(session, "school.refused")
    assert (school, decided_by, row, len(details["reason"])) == (None, by, first, 1000)
    second = ask(session)
    setup.approve(session, second, by=by, now=NOW)
    with pytest.raises(
        InputError, match=r"^A school with this NEISPUO code is on the platform already: ask its administrator\.$"
    ):
        ask(session)


def test_an_approved_school_begins_with_its_administrator_alone(session: Session) -> None:
    by, request, now = operator(session), ask(session), NOW + timedelta(days=1)
    new = setup.approve(session, request, by=by, now=now)
    (administrator,) = setup.staff(session, new.school_id)
    assert (administrator.id, administrator.email, administrator.roles) == (
        new.administrator_id, "ana@school.example", (Role.SCHOOL_ADMINISTRATOR,)
    )  # fmt: skip
    assert not administrator.has_password
    (row,) = setup.requests(session)
    assert (row.status, row.decided_at, row.made_school_id) == (SchoolRequestStatus.APPROVED, now, new.school_id)
    assert audited(session, "school.created") == [(new.school_id, by, new.school_id, {"request": request})]


def test_a_request_is_decided_once(session: Session) -> None:
    by, first, second = operator(session), ask(session), ask(session, institution_code="169019", email="b@s.example")
    setup.approve(session, first, by=by, now=NOW)
    setup.refuse(session, second, by=by, now=NOW)
    for request in (first, second, 10**6):
        with pytest.raises(MissingError, match=DECIDED):
            setup.approve(session, request, by=by, now=NOW)
        with pytest.raises(MissingError, match=DECIDED):
            setup.refuse(session, request, by=by, now=NOW)


def test_only_an_operator_decides(session: Session, school: Joined) -> None:
    request = ask(session)
    for by in (school.administrator, person(session, school)):
        with pytest.raises(ForbiddenError, match=r"^Only the platform's operator may do this\.$"):
            setup.approve(session, request, by=by, now=NOW)
        with pytest.raises(ForbiddenError, match=r"^Only the platform's operator may do this\.$"):
            setup.refuse(session, request, by=by, now=NOW)
    assert [one.id for one in setup.requests(session, SchoolRequestStatus.WAITING)] == [request]


def test_who_works_at_a_school_already_may_administer_another(session: Session, school: Joined) -> None:
    """Their own account serves both; nobody at either school is told."""
    request = ask(session, email="admin.1690180@school.example")
    new = setup.approve(session, request, by=operator(session), now=NOW)
    assert new.administrator_id != school.administrator
    (one,) = setup.staff(session, new.school_id)
    assert (one.email, one.has_password) == ("admin.1690180@school.example", False)


def test_those_that_wait_come_first_and_the_oldest_of_them_before_others(session: Session) -> None:
    by = operator(session)
    approved(session, by)
    late = ask(session, institution_code="100002", email="b@s.example", now=NOW + timedelta(hours=2))
    early = ask(session, institution_code="100001", email="c@s.example", now=NOW + timedelta(hours=1))
    listed = [one.id for one in setup.requests(session)]
    assert listed[:2] == [early, late]
    assert len(listed) == 3
    assert [one.id for one in setup.requests(session, limit=1)] == [early]
    assert [one.id for one in setup.requests(session, SchoolRequestStatus.APPROVED)] == listed[2:]
