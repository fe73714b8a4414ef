"""A person changes their own password: the old one is proved, and guesses are counted."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from errors import InputError
from school import accounts
from school.accounts import Welcome
from tests.school.accounts.signing_in import PASSWORD, WRONG, password_is, someone, try_to, with_password
from tests.school.joined import NOW, Joined, audited

NEW = "четири сини реки"
MINUTE = timedelta(minutes=1)


def test_the_new_one_holds_and_only_this_session_goes_on(session: Session, school: Joined) -> None:
    teacher = with_password(session, school)
    here, there = someone(session, teacher), someone(session, teacher)
    assert accounts.change_password(session, here, PASSWORD, NEW, NOW)
    assert password_is(session, teacher, NEW)
    assert [one.session_id for one in accounts.sessions_of(session, teacher, NOW)] == [here.session_id]
    assert there.session_id != here.session_id
    assert audited(session, "password.changed") == [(school.school, teacher, teacher, {})]


def test_a_wrong_old_one_changes_nothing(session: Session, school: Joined) -> None:
    who = someone(session, with_password(session, school))
    there = someone(session, who.staff_id)
    assert not accounts.change_password(session, who, WRONG, NEW, NOW)
    assert password_is(session, who.staff_id, PASSWORD)
    assert there.session_id in [one.session_id for one in accounts.sessions_of(session, who.staff_id, NOW)]
    assert audited(session, "password.changed") == []


def test_guesses_at_the_old_one_lock_this_page_for_a_minute_and_not_signing_in(
    session: Session, school: Joined
) -> None:
    who = someone(session, with_password(session, school))
    for _ in range(4):
        assert not accounts.change_password(session, who, WRONG, NEW, NOW)
    assert not accounts.change_password(session, who, PASSWORD, NEW, NOW + MINUTE - timedelta(seconds=1))
    assert isinstance(try_to(session, school), Welcome)
    assert accounts.change_password(session, who, PASSWORD, NEW, NOW + MINUTE)


def test_strangers_who_fail_to_sign_in_do_not_keep_anyone_from_changing_the_password(
    session: Session, school: Joined
) -> None:
    who = someone(session, with_password(session, school))
    for number in range(60):
        try_to(session, school, WRONG, address=f"203.0.{number}.1")
    assert accounts.change_password(session, who, PASSWORD, NEW, NOW)


@pytest.mark.parametrize(
    ("new", "sentence"),
    [
        ("къса", r"^The password is too short: at least 10 characters\.$"),
        ("аааааааааааа", r"^The password is too simple: use more different characters\.$"),
        (PASSWORD, r"^The new password is the same as the old one: choose another\.$"),
    ],
)
def test_a_weak_one_or_the_same_again_is_refused(session: Session, school: Joined, new: str, sentence: str) -> None:
    who = someone(session, with_password(session, school))
    with pytest.raises(InputError, match=sentence):
        accounts.change_password(session, who, PASSWORD, new, NOW)
    assert password_is(session, who.staff_id, PASSWORD)
