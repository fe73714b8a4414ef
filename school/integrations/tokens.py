"""Tokens of a school's other systems. A system holds a random token, the table only its hash."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.models import ApiToken, Staff
from errors import ForbiddenError, InputError, MissingError
from school import audit
from school.accounts.sessions import token_hash
from school.staff import authority

PREFIX = "eschool_"
"""What a token begins with, so that one that got into a program's source is noticed."""
SEEN_EVERY = timedelta(minutes=5)
"""How exact `last_used_at` is; more would write on every request."""
LONGEST_TITLE = 160
TOKENS_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class Holder:
    """A system of one school, by the token it showed. `made_by` is the staff account that made the token."""

    token_id: int
    school_id: int
    may_write: bool
    made_by: int
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as the school's administrator sees it; what it is, nobody can read again."""

    token_id: int
    title: str
    may_write: bool
    made_by: str
    created_at: datetime
    last_used_at: datetime | None


def make_token(session: Session, *, by: int, title: str, may_write: bool, now: datetime) -> str:
    """A new token of the school of `by`, who leads it; it is told this once. Raises InputError or ForbiddenError."""
    leader = _leader(session, by)
    title = " ".join(title.split())
    if not title:
        raise InputError("Name the system that will use the token.")
    if len(title) > LONGEST_TITLE:
        raise InputError("The name is longer than {longest} characters: shorten it.", longest=LONGEST_TITLE)
    in_force = select(ApiToken.id).where(ApiToken.school_id == leader.school_id, ApiToken.revoked_at.is_(None))
    if len(session.scalars(in_force).all()) >= TOKENS_AT_MOST:
        raise InputError("The school has {most} tokens: revoke one that is not needed.", most=TOKENS_AT_MOST)
    token = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(
        school_id=leader.school_id,
        title=title,
        token_hash=token_hash(token),
        may_write=may_write,
        created_by=by,
        created_at=now,
    )
    session.add(row)
    session.flush()
    audit.write(
        session,
        "api_token.made",
        "api_token",
        row.id,
        now,
        school_id=leader.school_id,
        by=by,
        title=title,
        may_write=may_write,
    )
    return token


def tokens(session: Session, *, by: int) -> tuple[TokenRow, ...]:
    """The tokens in force of the school of `by`, who leads it, the newest first."""
    leader = _leader(session, by)
    rows = session.execute(
        select(ApiToken, Staff.first_name, Staff.last_name)
        .join(Staff, Staff.id == ApiToken.created_by)
        .where(ApiToken.school_id == leader.school_id, ApiToken.revoked_at.is_(None))
        .order_by(ApiToken.id.desc())
    )
    return tuple(
        TokenRow(one.id, one.title, one.may_write, f"{first} {last}", one.created_at, one.last_used_at)
        for one, first, last in rows
    )


def revoke_token(session: Session, *, by: int, token_id: int, now: datetime) -> None:
    """A token opens nothing any more. Raises MissingError when the school has none such in force."""
    leader = _leader(session, by)
    revoked = session.scalar(
        update(ApiToken)
        .where(ApiToken.id == token_id, ApiToken.school_id == leader.school_id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(ApiToken.id)
    )
    if revoked is None:
        raise MissingError("The school has no such token.")
    audit.write(session, "api_token.revoked", "api_token", token_id, now, school_id=leader.school_id, by=by)


def holder(session: Session, token: str) -> Holder | None:
    """Whose token this is; None: nobody's, or it was revoked."""
    row = session.execute(
        select(ApiToken.id, ApiToken.school_id, ApiToken.may_write, ApiToken.created_by, ApiToken.last_used_at).where(
            ApiToken.token_hash == token_hash(token), ApiToken.revoked_at.is_(None)
        )
    ).one_or_none()
    return Holder(*row) if row else None


def touch_token(session: Session, of: Holder, now: datetime) -> None:
    """Note that a token is in use."""
    session.execute(update(ApiToken).where(ApiToken.id == of.token_id).values(last_used_at=now))


def _leader(session: Session, by: int) -> authority.Author:
    author = authority.author(session, by)
    if not author.leads:
        raise ForbiddenError("Only the school's leaders manage its tokens.")
    return author
