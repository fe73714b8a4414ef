"""The second factor: switched on by a code, off again, and how exact a telephone's clock must be."""

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Staff
from errors import InputError
from school import accounts
from school.accounts.second_factor import is_code
from tests.school.accounts.signing_in import someone
from tests.school.joined import NOW, Joined, audited, person

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
TOTP = pyotp.TOTP(SECRET)
WRONG = r"^The code is wrong: check the telephone's clock and type the newest code\.$"


def stored(session: Session, staff_id: int) -> bytes | None:
    return session.scalars(select(Staff.totp_encrypted).where(Staff.id == staff_id)).one()


def test_it_is_on_from_the_first_right_code_until_it_is_switched_off(session: Session, school: Joined) -> None:
    teacher = person(session, school)
    who = someone(session, teacher)
    accounts.confirm_second_factor(session, who, SECRET, TOTP.at(NOW), NOW)
    assert accounts.has_second_factor(session, teacher)
    assert not accounts.has_second_factor(session, school.administrator)
    accounts.remove_second_factor(session, who, NOW)
    assert not accounts.has_second_factor(session, teacher)
    for action in ("second_factor.on", "second_factor.off"):
        assert audited(session, action) == [(school.school, teacher, teacher, {})]


def test_the_secret_is_stored_encrypted(session: Session, school: Joined) -> None:
    teacher = person(session, school)
    accounts.confirm_second_factor(session, someone(session, teacher), SECRET, TOTP.at(NOW), NOW)
    encrypted = stored(session, teacher)
    assert encrypted is not None
    assert SECRET.encode() not in encrypted
    assert is_code(session, encrypted, TOTP.at(NOW), NOW)


@pytest.mark.parametrize(
    ("seconds", "accepted"), [(-31, False), (-30, True), (0, True), (30, True), (59, True), (60, False)]
)
def test_a_clock_may_be_half_a_minute_off(session: Session, school: Joined, seconds: int, accepted: bool) -> None:
    who = someone(session, person(session, school))
    code = TOTP.at(NOW + timedelta(seconds=seconds))
    if accepted:
        accounts.confirm_second_factor(session, who, SECRET, code, NOW)
        return
    with pytest.raises(InputError, match=WRONG):
        accounts.confirm_second_factor(session, who, SECRET, code, NOW)
    assert stored(session, who.staff_id) is None
    assert audited(session, "second_factor.on") == []


def test_a_code_may_be_typed_in_two_groups_as_telephones_show_it(session: Session, school: Joined) -> None:
    code = TOTP.at(NOW)
    accounts.confirm_second_factor(
        session, someone(session, person(session, school)), SECRET, f" {code[:3]} {code[3:]} ", NOW
    )


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "١٢٣٤٥٦"])
def test_what_is_no_code_is_a_wrong_one(session: Session, school: Joined, code: str) -> None:
    with pytest.raises(InputError, match=WRONG):
        accounts.confirm_second_factor(session, someone(session, person(session, school)), SECRET, code, NOW)


@pytest.mark.parametrize("secret", ["", SECRET[:-1], SECRET + "A", SECRET.lower(), "1" * 32])
def test_a_secret_that_was_not_begun_here_is_refused(session: Session, school: Joined, secret: str) -> None:
    with pytest.raises(InputError, match=r"^This is no secret of ours: begin again\.$"):
        accounts.confirm_second_factor(session, someone(session, person(session, school)), secret, "000000", NOW)


def test_the_address_for_the_telephone_names_the_product_and_the_person() -> None:
    secret, address = accounts.begin_second_factor("Мария Стоянова")
    read = pyotp.parse_uri(address)
    assert (read.secret, read.issuer, read.name) == (secret, "InfoServ e-School", "Мария Стоянова")
    assert accounts.second_factor_address(secret, "Мария Стоянова") == (secret, address)
    assert accounts.begin_second_factor("Мария Стоянова")[0] != secret
