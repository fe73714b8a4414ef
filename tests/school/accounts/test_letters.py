"""Invitations and forgotten passwords as e-mails: who gets one, what it says, and how long it is of use."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.kinds import Channel, Language, LinkPurpose
from db.models import Message, StaffLink
from errors import MissingError
from school import accounts
from school.security.crypto import vault
from tests.school.joined import NOW, Joined, audited, operator, person, switch_off

ROOT = "https://school.example"
PASSWORD = "хубава дълга парола"


def letters(session: Session) -> list[Message]:
    return list(session.scalars(select(Message).where(Message.channel == Channel.EMAIL).order_by(Message.id)))


def link_in(session: Session, letter: Message) -> str:
    assert letter.pin_encrypted is not None
    return vault(session).decrypt("message pin", letter.pin_encrypted)


@pytest.mark.parametrize(
    ("purpose", "subject", "lasts"),
    [
        (LinkPurpose.INVITATION, "Покана за InfoServ e-School", timedelta(days=7)),
        (LinkPurpose.RESET, "Нова парола за InfoServ e-School", timedelta(hours=2)),
    ],
)
def test_a_letter_is_of_use_as_long_as_its_link_which_it_keeps_hidden(
    session: Session, school: Joined, purpose: LinkPurpose, subject: str, lasts: timedelta
) -> None:
    teacher, by = person(session, school), school.administrator
    (invited,) = accounts.send_links(session, school.school, [teacher], purpose, root=ROOT, by=by, now=NOW)
    (letter,) = letters(session)
    assert letter.address == invited.email == f"m.stoyanova.{school.school}@school.example"
    assert letter.text.startswith(f"{subject}\n\nЗдравейте, Мария!")
    assert letter.text.count("{pin}") == 1
    assert ROOT not in letter.text
    assert link_in(session, letter) == invited.link
    assert (letter.due_at, letter.expires_at) == (NOW, NOW + lasts)
    assert invited.link.startswith(f"{ROOT}/password/")
    accounts.set_password(session, invited.link.rpartition("/")[2], PASSWORD, NOW)
    assert audited(session, f"{purpose}.made") == [(school.school, by, teacher, {})]


def test_everybody_who_is_invited_gets_a_link_of_their_own(session: Session, school: Joined) -> None:
    both = [person(session, school), school.administrator]
    sent = accounts.send_links(
        session, school.school, both, LinkPurpose.INVITATION, root=ROOT, by=school.administrator, now=NOW
    )
    assert [one.name for one in sent] == ["Радка Иванова", "Мария Стоянова"]
    assert [one.link for one in sent] == [link_in(session, letter) for letter in letters(session)]
    assert len({one.link for one in sent}) == 2


def test_nobody_is_sent_anything_when_one_of_them_is_not_of_the_school(
    session: Session, school: Joined, stranger: Joined
) -> None:
    teacher, gone = person(session, school), person(session, school, "gone")
    switch_off(session, school, gone)
    for other in (stranger.administrator, operator(session), gone, 10**6):
        with pytest.raises(MissingError, match=r"^There is no such person in this school\.$"):
            accounts.send_links(
                session, school.school, [teacher, other], LinkPurpose.INVITATION, root=ROOT, by=None, now=NOW
            )
    assert letters(session) == []
    assert session.scalars(select(StaffLink)).all() == []


def test_the_platform_invites_its_own_people_and_no_schools(session: Session, school: Joined) -> None:
    own = operator(session)
    accounts.send_links(session, None, [own], LinkPurpose.INVITATION, root=ROOT, by=None, now=NOW)
    assert "Платформата Ви кани" in letters(session)[0].text
    with pytest.raises(MissingError):
        accounts.send_links(session, None, [school.administrator], LinkPurpose.INVITATION, root=ROOT, by=None, now=NOW)


def test_who_forgot_a_password_is_written_to_in_the_language_of_the_page(session: Session, school: Joined) -> None:
    teacher = person(session, school)
    address = f" M.Stoyanova.{school.school}@School.example "
    accounts.forgot_password(session, address, root=ROOT, now=NOW, language=Language.ENGLISH)
    (letter,) = letters(session)
    assert letter.text.startswith("A new password for InfoServ e-School")
    assert audited(session, "reset.made") == [(school.school, None, teacher, {})]


def test_an_operator_gets_in_again_too(session: Session) -> None:
    own = operator(session)
    accounts.forgot_password(session, "operator@platform.example", root=ROOT, now=NOW)
    (letter,) = letters(session)
    accounts.set_password(session, link_in(session, letter).rpartition("/")[2], PASSWORD, NOW)
    assert audited(session, "password.set") == [(None, own, own, {})]


def test_no_letter_goes_to_an_unknown_address_or_a_switched_off_account(session: Session, school: Joined) -> None:
    switch_off(session, school, person(session, school))
    for email in (f"m.stoyanova.{school.school}@school.example", "nobody@school.example"):
        accounts.forgot_password(session, email, root=ROOT, now=NOW)
    assert letters(session) == []
