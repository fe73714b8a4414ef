"""Signing in: who gets in, what counts as a failed try, and when a lock ends."""

from datetime import timedelta

import pyotp
from sqlalchemy.orm import Session

from db.kinds import LinkPurpose
from school import accounts
from school.accounts import NeedsCode, Refusal, Welcome
from school.accounts.devices import cookie_with
from school.security import doors, lockouts
from school.security.crypto import vault
from tests.school.accounts.signing_in import HOME, PASSWORD, WRONG, someone, try_to, with_password
from tests.school.joined import NOW, Joined, audited, person, switch_off

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
NEIGHBOUR, ELSEWHERE = "192.0.2.2", "198.51.100.2"


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
    for address in (HOME, NEIGHBOUR):
        assert try_to(session, school, address=address, now=NOW + MINUTE - SECOND) == Refusal(NOW + MINUTE)
    assert isinstance(try_to(session, school, now=NOW + MINUTE), Welcome)


def test_wrong_tries_from_elsewhere_lock_nobody_out_here(session: Session, school: Joined) -> None:
    with_password(session, school)
    for _ in range(9):
        try_to(session, school, WRONG, address=ELSEWHERE)
    assert isinstance(try_to(session, school), Welcome)


def test_a_site_of_ipv6_is_one_network_whatever_its_hosts_call_themselves(session: Session, school: Joined) -> None:
    with_password(session, school)
    tries = [try_to(session, school, WRONG, address=f"2001:db8:1:{number:x}::{number:x}") for number in range(5)]
    assert tries == [Refusal(None)] * 3 + [Refusal(NOW + MINUTE)] * 2
    assert isinstance(try_to(session, school, address="2001:db8:2::1"), Welcome)


def test_a_thousand_networks_get_fifty_tries_and_then_one_in_ten_minutes(session: Session, school: Joined) -> None:
    with_password(session, school)
    now, passed = NOW, 0
    for number in range(1000):
        now = NOW + number * timedelta(hours=4) / 1000
        answer = try_to(session, school, WRONG, address=f"203.{number % 250}.{number // 250}.1", now=now)
        passed += answer == Refusal(None) or answer == Refusal(now + 10 * MINUTE)
    assert 50 + 20 <= passed <= 50 + 25


def test_a_known_device_gets_in_while_the_whole_world_guesses(session: Session, school: Joined) -> None:
    with_password(session, school)
    known = try_to(session, school)
    assert isinstance(known, Welcome)
    for number in range(60):
        try_to(session, school, WRONG, address=f"203.0.{number}.1")
    for _ in range(lockouts.SHARED.free + 1):
        lockouts.charge(session, doors.sign_ins_from(vault(session), HOME), NOW)
    assert isinstance(try_to(session, school, address="198.51.100.1"), Refusal)
    assert isinstance(try_to(session, school, devices=known.devices), Welcome)
    assert isinstance(try_to(session, school, devices=known.devices, address="198.51.100.1"), Welcome)


def test_who_sits_at_a_known_device_guesses_no_more_than_strangers(session: Session, school: Joined) -> None:
    with_password(session, school)
    known = try_to(session, school)
    assert isinstance(known, Welcome)
    tries = [try_to(session, school, WRONG, devices=known.devices) for _ in range(20)]
    # Its own free tries first, then those of a device that is not known.
    assert tries == [Refusal(None)] * 3 + [Refusal(NOW + MINUTE)] + [Refusal(None)] * 3 + [Refusal(NOW + MINUTE)] * 13


def test_the_cookie_of_a_device_is_good_for_its_account_only_and_cannot_be_made_up(
    session: Session, school: Joined
) -> None:
    with_password(session, school)
    known = try_to(session, school)
    assert isinstance(known, Welcome)
    of_another = cookie_with(vault(session), "somebody@school.example", "")
    for _ in range(4):
        try_to(session, school, WRONG)
    for devices in (of_another, "", "~~", "x.y", "х.у", "a." + "0" * 64, known.devices[:-1] + "~", "." * 5000):
        assert try_to(session, school, devices=devices) == Refusal(NOW + MINUTE)
    both = cookie_with(vault(session), "somebody@school.example", known.devices)
    assert isinstance(try_to(session, school, devices=both), Welcome)


def test_a_new_password_by_a_link_lifts_the_locks_of_the_account(session: Session, school: Joined) -> None:
    teacher = with_password(session, school)
    for number in range(60):
        try_to(session, school, WRONG, address=f"203.0.{number}.1")
    for _ in range(5):
        try_to(session, school, WRONG)
    assert isinstance(try_to(session, school), Refusal)
    link = accounts.make_link(session, teacher, LinkPurpose.RESET, NOW)
    known = accounts.set_password(session, link, WRONG, NOW)
    assert isinstance(try_to(session, school, WRONG), Welcome)
    for number in range(60):
        try_to(session, school, PASSWORD, address=f"203.0.{number}.1")
    assert isinstance(try_to(session, school, WRONG, address=ELSEWHERE), Refusal)
    assert isinstance(try_to(session, school, WRONG, address=ELSEWHERE, devices=known), Welcome)


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
        lockouts.charge(session, doors.sign_ins_from(vault(session), HOME), NOW)
    assert try_to(session, school, WRONG) == Refusal(NOW + MINUTE)
    assert try_to(session, school) == Refusal(NOW + MINUTE)
    assert isinstance(try_to(session, school, address=ELSEWHERE), Welcome)


def test_a_colleague_who_gets_in_does_not_clear_the_count_of_the_network_address(
    session: Session, school: Joined
) -> None:
    with_password(session, school)
    for _ in range(lockouts.SHARED.free):
        lockouts.charge(session, doors.sign_ins_from(vault(session), HOME), NOW)
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
