"""One-time links: how long each works, that it works once, and what it leaves behind."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.kinds import LinkPurpose
from db.models import StaffLink
from db.session import Database
from errors import InputError
from school import accounts
from school.accounts.sessions import begin_session
from tests.school.accounts.signing_in import PASSWORD as OLD
from tests.school.accounts.signing_in import password_is, someone, with_password
from tests.school.joined import NOW, Joined, audited, joined, person, switch_off

PASSWORD, OTHER = "хубава дълга парола", "друга дълга парола"
UNUSABLE = r"^This link was used already or is too old: ask for a new one\.$"
NOBODY = r"^There is no active account with this e-mail address\.$"
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("purpose", "lasts"),
    [(LinkPurpose.INVITATION, timedelta(days=7)), (LinkPurpose.RESET, timedelta(hours=2))],
)
def test_a_link_works_up_to_its_last_second(
    session: Session, school: Joined, purpose: LinkPurpose, lasts: timedelta
) -> None:
    teacher = person(session, school)
    token = accounts.make_link(session, teacher, purpose, NOW)
    assert accounts.opened(session, token, NOW + lasts - SECOND).email == f"m.stoyanova.{school.school}@school.example"
    with pytest.raises(InputError, match=UNUSABLE):
        accounts.opened(session, token, NOW + lasts)
    with pytest.raises(InputError, match=UNUSABLE):
        accounts.set_password(session, token, PASSWORD, NOW + lasts)
    assert not password_is(session, teacher, PASSWORD)


def test_a_link_works_once(session: Session, school: Joined) -> None:
    teacher = person(session, school)
    token = accounts.make_link(session, teacher, LinkPurpose.INVITATION, NOW)
    accounts.set_password(session, token, PASSWORD, NOW)
    with pytest.raises(InputError, match=UNUSABLE):
        accounts.opened(session, token, NOW)
    with pytest.raises(InputError, match=UNUSABLE):
        accounts.set_password(session, token, OTHER, NOW)
    assert password_is(session, teacher, PASSWORD)
    assert audited(session, "password.set") == [(school.school, teacher, teacher, {})]


def test_of_two_windows_with_the_same_link_one_sets_the_password(database: Database) -> None:
    with database.session() as session:
        teacher = person(session, joined(session))
        token = accounts.make_link(session, teacher, LinkPurpose.RESET, NOW)

    def in_another_window() -> None:
        with database.session() as session:
            accounts.set_password(session, token, OTHER, NOW)

    with ThreadPoolExecutor(1) as pool:
        with database.session() as session:
            accounts.set_password(session, token, PASSWORD, NOW)
            late = pool.submit(in_another_window)
            wait([late], timeout=0.3)  # it stands at the row, or at the database, until this window is done
        with pytest.raises(InputError, match=UNUSABLE):
            late.result()
    with database.reading() as session:
        assert password_is(session, teacher, PASSWORD)


def test_who_sets_a_password_ends_the_sessions_of_that_account_only(session: Session, school: Joined) -> None:
    teacher = person(session, school)
    here = begin_session(session, teacher, "Firefox", NOW)
    elsewhere = begin_session(session, school.administrator, "Firefox", NOW)
    token = accounts.make_link(session, teacher, LinkPurpose.RESET, NOW)
    accounts.set_password(session, token, PASSWORD, NOW)
    assert accounts.signed_in(session, here, NOW) is None
    assert accounts.signed_in(session, elsewhere, NOW) is not None


def test_a_weak_password_leaves_the_link_usable(session: Session, school: Joined) -> None:
    token = accounts.make_link(session, person(session, school), LinkPurpose.RESET, NOW)
    with pytest.raises(InputError, match="too short"):
        accounts.set_password(session, token, "къса", NOW)
    accounts.set_password(session, token, PASSWORD, NOW)


def test_a_new_invitation_ends_the_earlier_one_of_that_account_only(session: Session, school: Joined) -> None:
    teacher = person(session, school)
    first = accounts.make_link(session, teacher, LinkPurpose.INVITATION, NOW)
    of_another = accounts.make_link(session, school.administrator, LinkPurpose.INVITATION, NOW)
    second = accounts.make_link(session, teacher, LinkPurpose.INVITATION, NOW)
    with pytest.raises(InputError, match=UNUSABLE):
        accounts.set_password(session, first, PASSWORD, NOW)
    accounts.set_password(session, of_another, PASSWORD, NOW)
    accounts.set_password(session, second, PASSWORD, NOW)


def test_a_reset_that_a_stranger_asks_for_leaves_the_invitation_alone(session: Session, school: Joined) -> None:
    teacher = person(session, school)
    invitation = accounts.make_link(session, teacher, LinkPurpose.INVITATION, NOW)
    for number in range(5):
        accounts.make_link(session, teacher, LinkPurpose.RESET, NOW + number * SECOND)
    accounts.set_password(session, invitation, PASSWORD, NOW + 5 * SECOND)
    assert password_is(session, teacher, PASSWORD)


def test_three_resets_are_alive_and_none_once_the_password_is_set(session: Session, school: Joined) -> None:
    teacher = person(session, school)
    invitation = accounts.make_link(session, teacher, LinkPurpose.INVITATION, NOW)
    resets = [accounts.make_link(session, teacher, LinkPurpose.RESET, NOW + number * SECOND) for number in range(4)]
    later = NOW + 5 * SECOND
    with pytest.raises(InputError, match=UNUSABLE):
        accounts.opened(session, resets[0], later)
    assert {accounts.opened(session, one, later).email for one in resets[1:]} == {
        accounts.opened(session, invitation, NOW).email
    }
    accounts.set_password(session, resets[1], PASSWORD, later)
    for one in (*resets, invitation):
        with pytest.raises(InputError, match=UNUSABLE):
            accounts.set_password(session, one, OTHER, later)


def test_a_link_on_its_way_is_of_no_use_once_the_person_changed_the_password(session: Session, school: Joined) -> None:
    who = someone(session, with_password(session, school))
    reset = accounts.make_link(session, who.staff_id, LinkPurpose.RESET, NOW)
    assert accounts.change_password(session, who, OLD, OTHER, NOW)
    with pytest.raises(InputError, match=UNUSABLE):
        accounts.set_password(session, reset, PASSWORD, NOW)


def test_a_made_up_link_and_one_of_a_switched_off_account_sound_alike(session: Session, school: Joined) -> None:
    teacher = person(session, school)
    token = accounts.make_link(session, teacher, LinkPurpose.INVITATION, NOW)
    switch_off(session, school, teacher)
    for bad in (token, "made-up", ""):
        with pytest.raises(InputError, match=UNUSABLE):
            accounts.set_password(session, bad, PASSWORD, NOW)


def test_the_token_is_not_stored_and_who_asked_for_it_is(session: Session, school: Joined) -> None:
    teacher = person(session, school)
    token = accounts.make_link(session, teacher, LinkPurpose.INVITATION, NOW, by=school.administrator)
    stored = session.scalars(select(StaffLink.token_hash)).one()
    assert token.encode() not in stored
    assert audited(session, "invitation.made") == [(school.school, school.administrator, teacher, {})]


def test_an_invitation_at_the_command_line_finds_the_address_however_it_is_typed(
    session: Session, school: Joined
) -> None:
    teacher = person(session, school)
    token = accounts.invite_again(session, f"  M.Stoyanova.{school.school}@School.example ", NOW)
    accounts.set_password(session, token, PASSWORD, NOW)
    assert password_is(session, teacher, PASSWORD)


def test_nobody_is_invited_who_has_no_active_account(session: Session, school: Joined) -> None:
    switch_off(session, school, person(session, school))
    for email in (f"m.stoyanova.{school.school}@school.example", "nobody@school.example"):
        with pytest.raises(InputError, match=NOBODY):
            accounts.invite_again(session, email, NOW)
