"""Limits on how much one number texts, so that a robot does not talk to a robot without end."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from db.models import InboundText
from school.subscriptions import texts
from school.subscriptions.texts import AN_HOUR, TEXTS_AN_HOUR
from tests.school.students.small_schools import FATHER, MOTHER, NOW

TICK = timedelta(microseconds=1)


def received(session: Session, at: datetime, phone: str = MOTHER, times: int = 1, **values: Any) -> None:
    row = {
        "operator": "a1",
        "session": "1",
        "phone": phone,
        "text_encrypted": b"1",
        "fingerprint": b"1",
        "received_at": at,
    }
    session.connection().execute(insert(InboundText), [row | values] * times)


@pytest.mark.parametrize(("number", "too_many"), [(TEXTS_AN_HOUR, False), (TEXTS_AN_HOUR + 1, True)])
def test_twenty_an_hour_are_answered(session: Session, number: int, too_many: bool) -> None:
    received(session, NOW, times=number)
    assert texts.are_too_many(session, MOTHER, NOW) is too_many


@pytest.mark.parametrize(("age", "too_many"), [(AN_HOUR - TICK, True), (AN_HOUR, False)])
def test_what_is_an_hour_old_does_not_count(session: Session, age: timedelta, too_many: bool) -> None:
    received(session, NOW - age)
    received(session, NOW, times=TEXTS_AN_HOUR)
    assert texts.are_too_many(session, MOTHER, NOW) is too_many


def test_other_numbers_do_not_count(session: Session) -> None:
    received(session, NOW, FATHER, times=TEXTS_AN_HOUR + 1)
    assert not texts.are_too_many(session, MOTHER, NOW)
    assert texts.are_too_many(session, FATHER, NOW)


@pytest.mark.parametrize(
    ("values", "answered"),
    [
        ({}, True),
        ({"handled_at": NOW - TICK}, False),
        ({"handled_at": None}, False),
        ({"answered": False}, False),
        ({"answered": None}, False),
        ({"command": "grades"}, False),
        ({"command": None}, False),
        ({"command": "unknown"}, True),
        ({"phone": FATHER}, False),
        ({"at": NOW - AN_HOUR + TICK}, True),  # it had waited
        ({"at": NOW - AN_HOUR}, False),
    ],
)
def test_only_a_text_of_that_kind_that_was_answered_since_counts(
    session: Session, values: dict[str, Any], answered: bool
) -> None:
    given: dict[str, Any] = {"at": NOW, "phone": MOTHER, "handled_at": NOW, "command": "help", "answered": True}
    received(session, **given | values)
    assert texts.answered(session, MOTHER, ("help", "unknown"), NOW) is answered
