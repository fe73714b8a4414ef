"""Signing in: who gets in, what counts as a failed try, and when a lock ends."""

from datetime import timedelta

import pyotp
from sqlalchemy.orm import Session

from school import accounts
from school.accounts import NeedsCode, Refusal, Welcome
from school.security import lockouts
from school.security.crypto import vault
from tests.school.accounts.signing_in import HOME, PASSWORD, WRONG, someone, try_to, with_password
from tests.school.joined import NOW, Joined, audited, person, switch_off

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
ELSEWHERE = "192.0.2.2"


def test_the_right_password_opens_a_session_and_is_written_down(session: Session, school: Joined) -> None:
    teacher = with_password(session, school)
    welcome = try_to(session, school, email=" M.Stoyanova.{school}@School.example ")
    assert isinstance(welcome, Welcome)
    assert welcome.staff_id == teacher
    who = accounts.signed_in(session, welcome.token, NOW)
    assert who is not None
    assert who.staff_id == teacher
    assert audited(session, "staff.signed_in") == [(school.school, teacher, teacher, {})]


def test_all_who_are_refused_are_told_the_same(session: Session, school: Joined) -> None:
    switch_off(session, school, with_password(session, school))
    person(session, school, "invited")
    assert try_to(session, school, email="nobody@school.example") == Refusal(None)
    assert try_to(session, school, email="invited.{school}@school.example") == Refusal(None)
    assert try_to(session, school) == Refusal(None)
    assert audited(session, "staff.signed_in") == []


def test_the_fourth_wrong_try_locks_for_a_minute_even_the_right_password(session: Session, school: Joined) -> None:
    with_password(session, school)
    assert [try_to(session, school, WRONG) for _ in range(4)] == [Refusal(None)] * 3 + [Refusal(NOW + MINUTE)]
    for address in (HOME, ELSEWHERE):
        assert try_to(session, school, address=address, now=NOW + MINUTE - SECOND) == Refusal(NOW + MINUTE)
    assert isinstance(try_to(session, school, now=NOW + MINUTE), Welcome)


def test_an_address_that_does_not_exist_locks_as_one_that_does(session: Session, school: Joined) -> None:
    tries = [try_to(session, school, WRONG, email="nobody@school.example") for _ in range(5)]
    assert tries == [Refusal(None)] * 3 + [Refusal(NOW + MINUTE)] * 2


def test_who_gets_in_starts_with_a_clean_count(session: Session, school: Joined) -> None:
    with_password(session, school)
    for _ in range(2):
        assert [try_to(session, school, WRONG) for _ in range(3)] == [Refusal(None)] * 3
        assert isinstance(try_to(session, school), Welcome)


def test_a_network_address_that_tries_many_accounts_is_locked_and_others_are_not(
    session: Session, school: Joined
) -> None:
    with_password(session, school)
    for _ in range(lockouts.SHARED.free):
        lockouts.charge(session, lockouts.address_bucket(vault(session), HOME), NOW)
    assert try_to(session, school, WRONG) == Refusal(NOW + MINUTE)
    assert try_to(session, school) == Refusal(NOW + MINUTE)
    assert isinstance(try_to(session, school, address=ELSEWHERE), Welcome)


def test_a_colleague_who_gets_in_does_not_clear_the_count_of_the_network_address(
    session: Session, school: Joined
) -> None:
    with_password(session, school)
    for _ in range(lockouts.SHARED.free):
        lockouts.charge(session, lockouts.address_bucket(vault(session), HOME), NOW)
    assert isinstance(try_to(session, school), Welcome)
    assert try_to(session, school, WRONG) == Refusal(NOW + MINUTE)


def test_a_code_is_asked_for_which_is_no_failed_try(session: Session, school: Joined) -> None:
    totp = second_factor(session, school)
    assert [try_to(session, school) for _ in range(5)] == [NeedsCode()] * 5
    assert audited(session, "staff.signed_in") == []
    assert isinstance(try_to(session, school, code=totp.at(NOW)), Welcome)


def test_a_code_that_was_used_is_refused_and_the_next_one_is_not(session: Session, school: Joined) -> None:
    totp = second_factor(session, school)
    assert isinstance(try_to(session, school, code=totp.at(NOW)), Welcome)
    assert try_to(session, school, code=totp.at(NOW)) == Refusal(None)
    earlier = totp.at(NOW - timedelta(seconds=30))
    assert try_to(session, school, code=earlier) == Refusal(None)
    later = NOW + timedelta(seconds=30)
    assert isinstance(try_to(session, school, code=totp.at(later), now=later), Welcome)


def test_the_code_is_of_no_use_without_the_password(session: Session, school: Joined) -> None:
    totp = second_factor(session, school)
    assert try_to(session, school, WRONG, code=totp.at(NOW)) == Refusal(None)


def test_wrong_codes_lock_as_wrong_passwords_do(session: Session, school: Joined) -> None:
    totp = second_factor(session, school)
    wrong = totp.at(NOW + timedelta(hours=1))
    tries = [try_to(session, school, code=wrong) for _ in range(4)]
    assert tries == [Refusal(None)] * 3 + [Refusal(NOW + MINUTE)]
    assert try_to(session, school, PASSWORD, code=totp.at(NOW)) == Refusal(NOW + MINUTE)


def second_factor(session: Session, school: Joined) -> pyotp.TOTP:
    """The teacher's second factor, switched on."""
    who = someone(session, with_password(session, school))
    before = NOW - timedelta(minutes=2)
    totp = pyotp.TOTP(accounts.begin_second_factor(session, who, before).secret)
    accounts.confirm_second_factor(session, who, totp.at(before), before)
    return totp
