"""The second factor: switched on by a code, off again, how exact a telephone's clock must be, and codes used once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pyotp
import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.models import Message, Staff
from db.session import Database
from errors import ForbiddenError, InputError
from school import accounts
from school.accounts import SignedIn
from school.accounts.second_factor import PENDING_FOR, PURPOSE, accept_code
from school.security.crypto import vault
from tests.school.accounts.signing_in import PASSWORD, WRONG, someone, with_password
from tests.school.joined import NOW, Joined, audited, joined, person

STEP = timedelta(seconds=30)
WRONG_CODE = r"^The code is wrong: check the telephone's clock and type the newest code\.$"


def stored(session: Session, staff_id: int) -> bytes | None:
    return session.scalars(select(Staff.totp_encrypted).where(Staff.id == staff_id)).one()


def begun(session: Session, who: SignedIn) -> pyotp.TOTP:
    return pyotp.TOTP(accounts.begin_second_factor(session, who, NOW).secret)


def switched_on(session: Session, who: SignedIn) -> tuple[pyotp.TOTP, tuple[str, ...]]:
    totp = begun(session, who)
    return totp, accounts.confirm_second_factor(session, who, totp.at(NOW), NOW)


def letters(session: Session) -> list[str]:
    return [text.partition("\n")[0] for text in session.scalars(select(Message.text).order_by(Message.id))]


def test_it_is_on_from_the_first_right_code_until_it_is_switched_off(session: Session, school: Joined) -> None:
    who = someone(session, with_password(session, school))
    _, codes = switched_on(session, who)
    assert len(set(codes)) == 10
    assert accounts.has_second_factor(session, who.staff_id)
    assert not accounts.has_second_factor(session, school.administrator)
    accounts.remove_second_factor(session, who, NOW)
    assert not accounts.has_second_factor(session, who.staff_id)
    assert accounts.codes_left(session, who.staff_id) == 0
    for action in ("second_factor.on", "second_factor.off"):
        assert audited(session, action) == [(school.school, who.staff_id, who.staff_id, {})]
    assert letters(session)[-2:] == ["Включен е вход с код от телефона", "Изключен е вход с код от телефона"]


def test_the_secret_is_made_here_kept_encrypted_and_waits_a_while(session: Session, school: Joined) -> None:
    who = someone(session, person(session, school))
    pending = accounts.begin_second_factor(session, who, NOW)
    assert accounts.begin_second_factor(session, who, NOW) == pending
    kept = session.scalars(select(Staff.totp_pending_encrypted).where(Staff.id == who.staff_id)).one()
    assert kept is not None
    assert pending.secret.encode() not in kept
    read = pyotp.parse_uri(pending.address)
    assert (read.secret, read.issuer, read.name) == (pending.secret, "InfoServ e-School", who.name)
    late = NOW + PENDING_FOR
    with pytest.raises(InputError, match=r"^The key on this page is too old: begin again with the new one\.$"):
        accounts.confirm_second_factor(session, who, pyotp.TOTP(pending.secret).at(late), late)
    assert accounts.begin_second_factor(session, who, late).secret != pending.secret


def test_one_that_is_on_is_not_replaced_by_who_sits_at_the_computer(session: Session, school: Joined) -> None:
    who = someone(session, person(session, school))
    switched_on(session, who)
    before = stored(session, who.staff_id)
    with pytest.raises(InputError, match=r"^Codes from a telephone are on already: switch them off first\.$"):
        accounts.begin_second_factor(session, who, NOW)
    with pytest.raises(InputError, match="too old"):
        accounts.confirm_second_factor(session, who, "123456", NOW)
    assert stored(session, who.staff_id) == before


@pytest.mark.parametrize(
    ("seconds", "accepted"), [(-31, False), (-30, True), (0, True), (30, True), (59, True), (60, False)]
)
def test_a_clock_may_be_half_a_minute_off(session: Session, school: Joined, seconds: int, accepted: bool) -> None:
    who = someone(session, person(session, school))
    code = begun(session, who).at(NOW + timedelta(seconds=seconds))
    if accepted:
        accounts.confirm_second_factor(session, who, code, NOW)
        return
    with pytest.raises(InputError, match=WRONG_CODE):
        accounts.confirm_second_factor(session, who, code, NOW)
    assert stored(session, who.staff_id) is None
    assert audited(session, "second_factor.on") == []


def test_a_code_may_be_typed_in_two_groups_as_telephones_show_it(session: Session, school: Joined) -> None:
    who = someone(session, person(session, school))
    code = begun(session, who).at(NOW)
    accounts.confirm_second_factor(session, who, f" {code[:3]} {code[3:]} ", NOW)


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "١٢٣٤٥٦"])
def test_what_is_no_code_is_a_wrong_one(session: Session, school: Joined, code: str) -> None:
    who = someone(session, person(session, school))
    begun(session, who)
    with pytest.raises(InputError, match=WRONG_CODE):
        accounts.confirm_second_factor(session, who, code, NOW)
    switched_on(session, who)
    assert not accept_code(session, who.staff_id, code, NOW)


def test_the_code_that_switched_it_on_is_used_up(session: Session, school: Joined) -> None:
    who = someone(session, person(session, school))
    totp, _ = switched_on(session, who)
    assert not accept_code(session, who.staff_id, totp.at(NOW), NOW)
    assert accept_code(session, who.staff_id, totp.at(NOW + STEP), NOW + STEP)
    assert not accept_code(session, who.staff_id, totp.at(NOW + STEP), NOW + STEP)
    assert not accept_code(session, who.staff_id, totp.at(NOW), NOW + STEP)


def test_a_secret_of_before_stays_valid(session: Session, school: Joined) -> None:
    who = someone(session, person(session, school))
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    session.execute(
        update(Staff)
        .where(Staff.id == who.staff_id)
        .values(totp_encrypted=vault(session).encrypt(PURPOSE, secret), totp_last_step=None)
    )
    assert accept_code(session, who.staff_id, pyotp.TOTP(secret).at(NOW), NOW)
    assert not accept_code(session, who.staff_id, pyotp.TOTP(secret).at(NOW), NOW)


def test_of_two_who_use_a_code_at_one_moment_one_gets_in(database: Database) -> None:
    with database.session() as session:
        who = someone(session, person(session, joined(session)))
        totp, codes = switched_on(session, who)
    for code in (totp.at(NOW + STEP), codes[0]):
        together = Barrier(4)

        def use(code: str = code, together: Barrier = together) -> bool:
            together.wait(30)
            with database.session() as session:
                return accept_code(session, who.staff_id, code, NOW + STEP)

        with ThreadPoolExecutor(4) as pool:
            tried = [pool.submit(use) for _ in range(4)]
        assert sorted(one.result() for one in tried) == [False, False, False, True]


class TestRecoveryCodes:
    def test_each_works_once_and_the_person_is_told(self, session: Session, school: Joined) -> None:
        who = someone(session, person(session, school))
        _, codes = switched_on(session, who)
        assert accept_code(session, who.staff_id, codes[3].upper().replace("-", " "), NOW)
        assert not accept_code(session, who.staff_id, codes[3], NOW)
        assert accounts.codes_left(session, who.staff_id) == 9
        assert letters(session)[-1] == "Използван е код за възстановяване"
        assert len(audited(session, "recovery_code.used")) == 1

    def test_they_are_of_their_account_only_and_new_ones_end_the_old(self, session: Session, school: Joined) -> None:
        who = someone(session, person(session, school))
        _, codes = switched_on(session, who)
        assert not accept_code(session, school.administrator, codes[0], NOW)
        fresh = accounts.make_new_codes(session, who, NOW)
        assert not accept_code(session, who.staff_id, codes[0], NOW)
        assert accept_code(session, who.staff_id, fresh[0], NOW)

    def test_they_come_with_a_factor(self, session: Session, school: Joined) -> None:
        with pytest.raises(InputError, match="set one up first"):
            accounts.make_new_codes(session, someone(session, person(session, school)), NOW)


class TestProof:
    def test_password_and_code_are_both_asked_for(self, session: Session, school: Joined) -> None:
        who = someone(session, with_password(session, school))
        assert accounts.prove(session, who, PASSWORD, NOW)
        totp, _ = switched_on(session, who)
        at = NOW + STEP
        assert not accounts.prove(session, who, PASSWORD, at)
        assert not accounts.prove(session, who, WRONG, at, code=totp.at(at))
        assert accounts.prove(session, who, PASSWORD, at, code=totp.at(at))

    def test_guesses_are_counted_as_those_of_signing_in(self, session: Session, school: Joined) -> None:
        who = someone(session, with_password(session, school))
        for _ in range(4):
            assert not accounts.prove(session, who, WRONG, NOW)
        assert not accounts.prove(session, who, PASSWORD, NOW)


class TestReset:
    def test_a_leader_resets_another_who_is_told_and_signed_out(self, session: Session, school: Joined) -> None:
        who = someone(session, person(session, school))
        _, codes = switched_on(session, who)
        accounts.reset_in_school(session, school.school, who.staff_id, by=school.administrator, now=NOW)
        assert not accounts.has_second_factor(session, who.staff_id)
        assert not accept_code(session, who.staff_id, codes[0], NOW)
        assert accounts.sessions_of(session, who.staff_id, NOW) == ()
        assert audited(session, "second_factor.reset") == [(school.school, school.administrator, who.staff_id, {})]
        assert letters(session)[-1] == "Вторият фактор е нулиран"

    def test_nobody_resets_their_own_or_that_of_another_school(
        self, session: Session, school: Joined, stranger: Joined
    ) -> None:
        with pytest.raises(InputError, match=r"^You cannot reset your own second factor"):
            accounts.reset_in_school(session, school.school, school.administrator, by=school.administrator, now=NOW)
        with pytest.raises(InputError, match="no such person"):
            accounts.reset_in_school(session, school.school, stranger.administrator, by=school.administrator, now=NOW)
        teacher = person(session, school)
        with pytest.raises(ForbiddenError):
            accounts.reset_in_school(session, school.school, school.administrator, by=teacher, now=NOW)
        with pytest.raises(ForbiddenError):
            accounts.reset_by_email(session, "x@school.example", by=school.administrator, now=NOW)


class TestDemand:
    def test_a_school_demands_it_of_its_leaders_alone(self, session: Session, school: Joined, stranger: Joined) -> None:
        accounts.demand_second_factor(session, school.school, demanded=True, by=school.administrator, now=NOW)
        leader = someone(session, school.administrator)
        assert leader.must_set_up_factor
        assert not someone(session, person(session, school)).must_set_up_factor
        assert not someone(session, stranger.administrator).must_set_up_factor
        switched_on(session, leader)
        assert not someone(session, school.administrator).must_set_up_factor

    def test_the_platform_demands_it_of_all_leaders_and_operators(self, session: Session, school: Joined) -> None:
        operator = session.scalars(select(Staff.id).where(Staff.school_id.is_(None))).first()
        assert operator is not None
        for _ in range(2):
            accounts.demand_second_factor(session, None, demanded=True, by=operator, now=NOW)
        assert someone(session, operator).must_set_up_factor
        assert someone(session, school.administrator).must_set_up_factor
        assert not someone(session, person(session, school)).must_set_up_factor
        accounts.demand_second_factor(session, None, demanded=False, by=operator, now=NOW)
        assert not someone(session, operator).must_set_up_factor

    def test_leaders_decide_for_their_school_and_operators_for_the_platform(
        self, session: Session, school: Joined, stranger: Joined
    ) -> None:
        for school_id, by in (
            (stranger.school, school.administrator),
            (None, school.administrator),
            (school.school, person(session, school)),
        ):
            with pytest.raises(ForbiddenError):
                accounts.demand_second_factor(session, school_id, demanded=True, by=by, now=NOW)
