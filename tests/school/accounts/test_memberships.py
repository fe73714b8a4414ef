"""One person at two schools: one password and second factor, and at each school only what is theirs there."""

import pyotp
import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.kinds import Channel, ErasureGround, LinkPurpose, Role
from db.models import Message, Staff
from errors import ForbiddenError, InputError, MissingError
from school import accounts, setup
from school.accounts import NeedsCode, Refusal, SignedIn, Welcome
from school.privacy.erasure import erase_staff
from school.privacy.people import of_staff
from school.security.crypto import vault
from tests.school.accounts.signing_in import HOME, PASSWORD, someone, with_password
from tests.school.joined import NOW, Joined, audited, switch_off

ROOT = "https://school.example"
HERS = "m.stoyanova.{}@school.example"


def invited(session: Session, school: Joined, email: str, role: Role = Role.TEACHER) -> tuple[int, str]:
    """Somebody whom a school invites: their row there, and the token of the letter."""
    row = setup.add_staff(
        session, school.school, first_name="Мария", last_name="Стоянова-Илиева", email=email, roles=[role],
        by=school.administrator, now=NOW,
    )  # fmt: skip
    accounts.send_links(
        session, school.school, [row], LinkPurpose.INVITATION, root=ROOT, by=school.administrator, now=NOW
    )
    return row, newest_link(session, email)


def newest_link(session: Session, address: str) -> str:
    sealed = session.scalars(
        select(Message.pin_encrypted)
        .where(Message.channel == Channel.EMAIL, Message.address == address)
        .order_by(Message.id.desc())
        .limit(1)
    ).one()
    assert sealed is not None
    return vault(session).decrypt("message pin", sealed).rpartition("/")[2]


@pytest.fixture
def teacher(session: Session, school: Joined) -> int:
    """Мария, who works at the first school."""
    return with_password(session, school)


@pytest.fixture
def both(session: Session, school: Joined, stranger: Joined, teacher: int) -> int:
    """Her row at the second school, which she has confirmed."""
    row, token = invited(session, stranger, HERS.format(school.school))
    accounts.join(session, token, teacher, NOW)
    return row


def sign_in(session: Session, email: str) -> Welcome | NeedsCode | Refusal:
    return accounts.sign_in(session, email, PASSWORD, code=None, address=HOME, device="Firefox", devices="", now=NOW)


def entered(session: Session, email: str) -> Welcome:
    answer = sign_in(session, email)
    assert isinstance(answer, Welcome)
    return answer


def who(session: Session, token: str) -> SignedIn:
    found = accounts.signed_in(session, token, NOW)
    assert found is not None
    return found


def test_an_invitation_is_of_no_use_before_the_person_confirms_it(
    session: Session, school: Joined, stranger: Joined, teacher: int
) -> None:
    email = HERS.format(school.school)
    row, token = invited(session, stranger, email)
    welcome = entered(session, email)
    assert (who(session, welcome.token).school_id, welcome.may_choose) == (school.school, False)
    assert [one.school_id for one in accounts.memberships(session, teacher)] == [school.school]
    with pytest.raises(MissingError):
        accounts.act_at(session, who(session, welcome.token).session_id, teacher, row, NOW)
    opened = accounts.opened(session, token, NOW)
    assert (opened.sets_password, opened.account_id) == (False, teacher)
    with pytest.raises(ForbiddenError):  # the link alone is not the person: it sets no password of theirs
        accounts.set_password(session, token, "друга хубава парола", NOW)
    with pytest.raises(ForbiddenError):
        accounts.join(session, token, stranger.administrator, NOW)
    assert accounts.join(session, token, teacher, NOW) == row
    assert {one.school_id for one in accounts.memberships(session, teacher)} == {school.school, stranger.school}
    with pytest.raises(InputError):
        accounts.join(session, token, teacher, NOW)


def test_she_signs_in_once_and_changes_schools_in_the_same_session(
    session: Session, school: Joined, stranger: Joined, teacher: int, both: int
) -> None:
    welcome = entered(session, HERS.format(school.school))
    assert welcome.may_choose
    first = who(session, welcome.token)
    assert (first.school_id, set(first.roles), first.works_elsewhere) == (school.school, {Role.TEACHER}, True)
    accounts.act_at(session, first.session_id, first.staff_id, both, NOW)
    second = who(session, welcome.token)
    assert (second.staff_id, second.school_id, second.account_id) == (both, stranger.school, teacher)
    assert second.name == "Мария Стоянова-Илиева"
    assert [(s, by) for s, by, _, _ in audited(session, "staff.signed_in")] == [
        (school.school, teacher), (stranger.school, both),
    ]  # fmt: skip
    for other in (school.administrator, stranger.administrator):
        with pytest.raises(MissingError):
            accounts.act_at(session, first.session_id, both, other, NOW)


def test_one_password_and_one_second_factor_serve_both(
    session: Session, school: Joined, teacher: int, both: int
) -> None:
    email = HERS.format(school.school)
    welcome = entered(session, email)
    accounts.act_at(session, who(session, welcome.token).session_id, teacher, both, NOW)
    there = who(session, welcome.token)
    pending = accounts.begin_second_factor(session, there, NOW)
    code = pyotp.TOTP(pending.secret).at(NOW)
    accounts.confirm_second_factor(session, there, code, NOW)
    assert accounts.has_second_factor(session, there.account_id)
    assert isinstance(sign_in(session, email), NeedsCode)
    other = someone(session, teacher)
    assert accounts.change_password(session, other, PASSWORD, "още по-хубава парола", NOW)
    assert accounts.signed_in(session, welcome.token, NOW) is None  # wherever it acts
    assert isinstance(sign_in(session, email), Refusal)


def test_who_leaves_one_school_stays_at_the_other(
    session: Session, school: Joined, stranger: Joined, teacher: int, both: int
) -> None:
    email = HERS.format(school.school)
    here, there = entered(session, email), entered(session, email)
    accounts.act_at(session, who(session, there.token).session_id, teacher, both, NOW)
    setup.leave(
        session, school.school, teacher, leads={}, teaches={}, revoke_tokens=True, by=school.administrator, now=NOW
    )
    assert accounts.signed_in(session, here.token, NOW) is None
    assert who(session, there.token).school_id == stranger.school
    assert not who(session, there.token).works_elsewhere
    again = entered(session, email)
    assert (who(session, again.token).staff_id, again.may_choose) == (both, False)
    setup.leave(
        session, stranger.school, both, leads={}, teaches={}, revoke_tokens=True, by=stranger.administrator, now=NOW
    )
    assert isinstance(sign_in(session, email), Refusal)


def test_no_school_resets_a_second_factor_that_guards_another(
    session: Session, school: Joined, stranger: Joined, teacher: int, both: int
) -> None:
    for at, row in ((school, teacher), (stranger, both)):
        with pytest.raises(InputError, match="platform's operator"):
            accounts.reset_in_school(session, at.school, row, by=at.administrator, now=NOW)


def test_a_school_learns_nothing_of_an_account_before_it_is_confirmed(
    session: Session, school: Joined, stranger: Joined, teacher: int
) -> None:
    who_ = someone(session, teacher)
    pending = accounts.begin_second_factor(session, who_, NOW)
    accounts.confirm_second_factor(session, who_, pyotp.TOTP(pending.secret).at(NOW), NOW)
    row, _ = invited(session, stranger, HERS.format(school.school))
    fresh, _ = invited(session, stranger, "new@school.example")
    shown = {one.id: (one.is_active, one.has_password, one.has_second_factor)
             for one in setup.staff(session, stranger.school)}  # fmt: skip
    assert shown[row] == shown[fresh] == (True, False, False)
    with pytest.raises(MissingError):
        accounts.reset_in_school(session, stranger.school, row, by=stranger.administrator, now=NOW)


def test_two_schools_may_invite_an_unknown_address_and_its_owner_chooses_one_password(
    session: Session, school: Joined, stranger: Joined
) -> None:
    first, _ = invited(session, school, "new@school.example")
    second, token = invited(session, stranger, "new@school.example")
    assert accounts.opened(session, token, NOW).sets_password
    accounts.set_password(session, token, PASSWORD, NOW)
    places = accounts.memberships(session, first)
    assert {one.staff_id for one in places} == {first, second}


def test_who_is_erased_at_one_school_signs_in_at_the_other_as_before(
    session: Session, school: Joined, stranger: Joined, teacher: int, both: int
) -> None:
    email = HERS.format(school.school)
    switch_off(session, school, teacher)
    erase_staff(session, of_staff(session, school.school, teacher), NOW, by=None, ground=ErasureGround.LEGAL_DUTY)
    session.expire_all()
    assert who(session, entered(session, email).token).staff_id == both
    gone, stays = session.get_one(Staff, teacher), session.get_one(Staff, both)
    assert (gone.first_name, gone.password_hash, email in gone.email) == ("Изтрит", None, False)
    assert (stays.last_name, stays.email, stays.account_id) == ("Стоянова-Илиева", email, None)


def test_the_database_keeps_an_address_one_persons(session: Session, school: Joined, teacher: int, both: int) -> None:
    for values in ({"email": "other@school.example"}, {"account_id": None, "joined_at": None}, {"password_hash": "x"}):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(update(Staff).where(Staff.id == both).values(values))


class TestNewEmail:
    """Another address to sign in with."""

    NEW = "maria.ilieva@school.example"

    def asked(self, session: Session, teacher: int, email: str = NEW) -> SignedIn:
        her = someone(session, teacher)
        accounts.ask_for_new_email(session, her, email, root=ROOT, now=NOW)
        return her

    def test_it_is_confirmed_by_the_new_one_and_told_to_the_old(
        self, session: Session, school: Joined, teacher: int, both: int
    ) -> None:
        old = HERS.format(school.school)
        her = self.asked(session, teacher)
        token = newest_link(session, self.NEW)
        assert accounts.asked_email(session, token, NOW) == self.NEW
        assert isinstance(sign_in(session, old), Welcome)  # nothing has changed yet
        with pytest.raises(InputError):  # it sets no password
            accounts.set_password(session, token, "друга хубава парола", NOW)
        accounts.confirm_new_email(session, token, NOW)
        assert isinstance(sign_in(session, old), Refusal)
        assert entered(session, self.NEW).may_choose  # both of her rows went along
        assert her.session_id not in [one.session_id for one in accounts.sessions_of(session, teacher, NOW)]
        told = session.scalars(select(Message.text).where(Message.address == old)).all()
        assert [text.partition("\n")[0] for text in told[-2:]] == [
            "Поискан е друг имейл за вход", "Имейлът за вход е сменен",
        ]  # fmt: skip
        with pytest.raises(InputError):
            accounts.confirm_new_email(session, token, NOW)

    def test_an_address_of_somebody_else_gets_no_letter_and_nobody_is_told_why(
        self, session: Session, school: Joined, stranger: Joined, teacher: int
    ) -> None:
        taken = f"admin.{1690180}@school.example"
        self.asked(session, teacher, taken)
        assert session.scalars(select(Message.id).where(Message.address == taken)).all() == []

    def test_a_new_password_cancels_what_was_asked(self, session: Session, teacher: int) -> None:
        her = self.asked(session, teacher)
        accounts.change_password(session, her, PASSWORD, "още по-хубава парола", NOW)
        with pytest.raises(InputError):
            accounts.confirm_new_email(session, newest_link(session, self.NEW), NOW)

    def test_a_link_is_of_no_use_once_the_address_is_somebodys(
        self, session: Session, school: Joined, teacher: int
    ) -> None:
        self.asked(session, teacher)
        invited(session, school, self.NEW)
        token = session.scalars(
            select(Message.pin_encrypted).where(Message.address == self.NEW).order_by(Message.id).limit(1)
        ).one()
        assert token is not None
        with pytest.raises(InputError):
            accounts.confirm_new_email(session, vault(session).decrypt("message pin", token).rpartition("/")[2], NOW)
