"""A token lets a system of one school in until it is revoked, and is nowhere to be read again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import ApiToken
from errors import ForbiddenError, InputError, MissingError
from school import integrations
from school.integrations.tokens import TOKENS_AT_MOST
from tests.school.joined import operator
from tests.school.students.small_schools import NOW, SmallSchool

MINUTE = timedelta(minutes=1)


def made(here: SmallSchool, title: str = "Админ Софт", *, may_write: bool = False) -> str:
    return integrations.make_token(here.session, by=here.leader, title=title, may_write=may_write, now=NOW)


@pytest.mark.parametrize("may_write", [False, True])
def test_a_token_opens_its_own_school_with_the_rights_it_was_given(here: SmallSchool, may_write: bool) -> None:
    token = made(here, may_write=may_write)
    assert token.startswith("eschool_")
    holder = integrations.holder(here.session, token)
    assert holder is not None
    assert (holder.school_id, holder.may_write, holder.made_by) == (here.id, may_write, here.leader)
    assert holder.last_used_at is None


def test_the_table_and_the_audit_do_not_know_the_token(here: SmallSchool) -> None:
    token = made(here, "  Админ   Софт ", may_write=True)
    row = here.session.scalars(select(ApiToken)).one()
    (audited,) = here.audited("api_token.made")
    assert (audited.staff_id, audited.entity_id) == (here.leader, row.id)
    assert audited.details == {"title": "Админ Софт", "may_write": True}
    assert token.encode() not in row.token_hash


@pytest.mark.parametrize(
    "change", [str.upper, str.strip, lambda token: token[:-1], lambda token: "", lambda token: "x"]
)
def test_any_other_text_opens_nothing(here: SmallSchool, change: Callable[[str], str]) -> None:
    token = made(here)
    shown = change(token)
    assert (integrations.holder(here.session, shown) is not None) is (shown == token)


def test_a_revoked_token_opens_nothing_and_is_revoked_once(here: SmallSchool) -> None:
    token, other = made(here), made(here, "Друга система")
    holder = integrations.holder(here.session, token)
    assert holder is not None
    integrations.revoke_token(here.session, by=here.leader, token_id=holder.token_id, now=NOW)
    assert integrations.holder(here.session, token) is None
    assert integrations.holder(here.session, other) is not None
    assert [one.title for one in integrations.tokens(here.session, by=here.leader)] == ["Друга система"]
    assert [one.entity_id for one in here.audited("api_token.revoked")] == [holder.token_id]
    with pytest.raises(MissingError, match="no such token"):
        integrations.revoke_token(here.session, by=here.leader, token_id=holder.token_id, now=NOW)


def test_another_schools_tokens_are_neither_seen_nor_revoked(here: SmallSchool, elsewhere: SmallSchool) -> None:
    token = made(elsewhere)
    holder = integrations.holder(here.session, token)
    assert holder is not None
    assert integrations.tokens(here.session, by=here.leader) == ()
    with pytest.raises(MissingError, match="no such token"):
        integrations.revoke_token(here.session, by=here.leader, token_id=holder.token_id, now=NOW)
    assert integrations.holder(here.session, token) == holder


@pytest.mark.parametrize(
    "act",
    [
        lambda session, by: integrations.make_token(session, by=by, title="Система", may_write=False, now=NOW),
        lambda session, by: integrations.tokens(session, by=by),
        lambda session, by: integrations.revoke_token(session, by=by, token_id=1, now=NOW),
    ],
)
@pytest.mark.parametrize("who", ["teacher", "class_teacher"])
def test_only_leaders_manage_tokens(here: SmallSchool, who: str, act: Callable[[Session, int], Any]) -> None:
    with pytest.raises(ForbiddenError, match="Only the school's leaders manage its tokens"):
        act(here.session, getattr(here, who))


def test_the_platforms_operator_makes_no_token_of_a_school(session: Session) -> None:
    by = operator(session)
    with pytest.raises(InputError, match="use an account of the school"):
        integrations.make_token(session, by=by, title="Система", may_write=True, now=NOW)


@pytest.mark.parametrize(
    ("title", "error"),
    [("", "Name the system"), (" \n\t ", "Name the system"), ("я" * 161, "longer than 160 characters")],
)
def test_a_token_has_a_name_that_fits(here: SmallSchool, title: str, error: str) -> None:
    with pytest.raises(InputError, match=error):
        made(here, title)
    assert made(here, "я" * 160)


def test_a_school_has_twenty_tokens_and_those_revoked_do_not_count(here: SmallSchool, elsewhere: SmallSchool) -> None:
    made(elsewhere)
    for number in range(TOKENS_AT_MOST):
        made(here, f"Система {number}")
    with pytest.raises(InputError, match="has 20 tokens: revoke one"):
        made(here)
    listed = integrations.tokens(here.session, by=here.leader)
    assert [one.title for one in listed][:2] == ["Система 19", "Система 18"]  # the newest first
    integrations.revoke_token(here.session, by=here.leader, token_id=listed[0].token_id, now=NOW)
    assert made(here)


def test_a_token_in_use_says_since_when_and_who_made_it(here: SmallSchool) -> None:
    token = made(here)
    holder = integrations.holder(here.session, token)
    assert holder is not None
    integrations.touch_token(here.session, holder, NOW + MINUTE)
    (row,) = integrations.tokens(here.session, by=here.leader)
    assert (row.last_used_at, row.created_at, row.made_by) == (NOW + MINUTE, NOW, "Радка Иванова")
