"""Passkeys (WebAuthn): registering them, signing in with one alone, and proving with one that it is still the person.

The verification of what browsers send is that of the library fido2. Ours are the challenges (kept here, answered once,
for a few minutes), the rows, the counter of each passkey, and what the answers mean.
"""

import json
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any, TypeVar

from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorData,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.orm import Session

from db.kinds import PasskeyUse
from db.models import Passkey, PasskeyChallenge, Staff
from errors import InputError, MissingError
from school import audit
from school.accounts import recovery_codes
from school.accounts.entering import Entered, enter
from school.accounts.memberships import can_enter, note
from school.accounts.notices import Notice, notify
from school.accounts.relying_party import TITLE, RelyingParty
from school.accounts.second_factor import discard_useless_codes
from school.accounts.sessions import SignedIn, token_hash
from school.security.crypto import vault

logging.getLogger("fido2").setLevel(logging.WARNING)  # it logs the ids of credentials

Given = TypeVar("Given")

ANSWERED_WITHIN = timedelta(minutes=5)
MOST = 20
"""Passkeys of one account."""
LONGEST_NAME = 60
LONGEST_ANSWER = 20_000
"""Characters; answers of real authenticators have some thousand."""
VERIFIED = UserVerificationRequirement.REQUIRED


@dataclass(frozen=True, slots=True)
class Challenge:
    """What the browser's script is to ask the authenticator (JSON), and the token that its cookie keeps."""

    options: dict[str, Any]
    token: str


@dataclass(frozen=True, slots=True)
class Assertion:
    """What an authenticator answered (JSON as text), to the challenge of this token, on the pages of this party."""

    party: RelyingParty
    token: str
    answer: str


@dataclass(frozen=True, slots=True)
class PasskeyRow:
    """A passkey as its person sees it; moments are aware."""

    passkey_id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Registered:
    """A new passkey, and recovery codes to be shown once if it is the account's first second factor."""

    passkey_id: int
    recovery_codes: tuple[str, ...]


def passkeys_of(session: Session, staff_id: int) -> tuple[PasskeyRow, ...]:
    """The passkeys of an account, the oldest first."""
    rows = session.execute(
        select(Passkey.id, Passkey.name, Passkey.created_at, Passkey.last_used_at)
        .where(Passkey.staff_id == staff_id)
        .order_by(Passkey.id)
    )
    return tuple(PasskeyRow(*row) for row in rows)


def begin_registration(session: Session, party: RelyingParty, who: SignedIn, now: datetime) -> Challenge:
    """Ask a browser for a new passkey. The caller has had the person proved. Raises InputError for one too many."""
    own = session.scalars(select(Passkey.credential).where(Passkey.staff_id == who.account_id)).all()
    if len(own) >= MOST:
        raise InputError("There are {most} passkeys already: remove one first.", most=MOST)
    email = session.scalars(select(Staff.email).where(Staff.id == who.account_id)).one()
    challenge, token = _kept(session, PasskeyUse.REGISTER, who.account_id, now)
    options, _state = _server(party).register_begin(
        PublicKeyCredentialUserEntity(id=_handle(session, who.account_id), name=email, display_name=who.name),
        credentials=[AttestedCredentialData(one) for one in own],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=VERIFIED,
        challenge=challenge,
    )
    return Challenge(dict(options), token)


def register(session: Session, who: SignedIn, assertion: Assertion, name: str, now: datetime) -> Registered | None:
    """Keep a new passkey. None: the answer is not to our challenge, too late, or of another site.

    The challenge is used up either way, so the caller commits.
    """
    challenge = _taken(session, PasskeyUse.REGISTER, who.account_id, assertion.token, now)
    data = challenge and _checked(
        lambda: _server(assertion.party).register_complete(_state(challenge), _read(assertion.answer))
    )
    if not data or data.credential_data is None:
        return None
    credential = data.credential_data
    name = " ".join(name.split())[:LONGEST_NAME] or TITLE
    if session.scalar(select(Passkey.id).where(Passkey.credential_id == credential.credential_id)) is not None:
        return None
    passkey_id = session.execute(
        insert(Passkey)
        .values(
            staff_id=who.account_id,
            credential_id=credential.credential_id,
            credential=bytes(credential),
            sign_count=data.counter,
            name=name,
            created_at=now,
        )
        .returning(Passkey.id)
    ).scalar_one()
    audit.write(session, "passkey.added", "staff", who.staff_id, now, school_id=who.school_id, by=who.staff_id)
    notify(session, who.account_id, Notice.PASSKEY_ADDED, now, passkey=name)
    return Registered(passkey_id, recovery_codes.make_first_codes(session, who.account_id, now))


def remove_passkey(session: Session, who: SignedIn, passkey_id: int, now: datetime) -> None:
    """Remove one of the person's own. The caller has had the person proved. Raises MissingError."""
    name = session.scalar(
        delete(Passkey).where(Passkey.id == passkey_id, Passkey.staff_id == who.account_id).returning(Passkey.name)
    )
    if name is None:
        raise MissingError("There is no such passkey.")
    discard_useless_codes(session, who.account_id)
    audit.write(session, "passkey.removed", "staff", who.staff_id, now, school_id=who.school_id, by=who.staff_id)
    notify(session, who.account_id, Notice.PASSKEY_REMOVED, now, passkey=name)


def begin_sign_in(session: Session, party: RelyingParty, now: datetime) -> Challenge:
    """Ask a browser for any passkey of this site: the passkey says whose it is."""
    return _asked(session, party, PasskeyUse.SIGN_IN, None, now)


def begin_proof(session: Session, party: RelyingParty, who: SignedIn, now: datetime) -> Challenge:
    """Ask a browser for a passkey of this person."""
    return _asked(session, party, PasskeyUse.PROVE, who.account_id, now)


def sign_in_with_passkey(session: Session, assertion: Assertion, *, device: str, now: datetime) -> Entered | None:
    """Sign in whose passkey answered. It stands for password and code.

    None: the answer is not to our challenge, too late, used before, of another site, of a passkey unknown here or one
    that seems copied, or its account is switched off. The challenge is used up either way, so the caller commits.
    """
    found = _used(session, PasskeyUse.SIGN_IN, None, assertion, now)
    if found is None:
        return None
    return enter(session, found.staff_id, device, now, passkey=found.id)


def prove(session: Session, who: SignedIn, assertion: Assertion, now: datetime) -> bool:
    """Whether one of this person's passkeys answered. The challenge is used up either way."""
    return _used(session, PasskeyUse.PROVE, who.account_id, assertion, now) is not None


def _asked(
    session: Session, party: RelyingParty, purpose: PasskeyUse, staff_id: int | None, now: datetime
) -> Challenge:
    challenge, token = _kept(session, purpose, staff_id, now)
    own = None
    if staff_id is not None:
        stored = session.scalars(select(Passkey.credential).where(Passkey.staff_id == staff_id))
        own = [AttestedCredentialData(one) for one in stored]
    options, _state = _server(party).authenticate_begin(own, user_verification=VERIFIED, challenge=challenge)
    return Challenge(dict(options), token)


def _used(
    session: Session, purpose: PasskeyUse, staff_id: int | None, assertion: Assertion, now: datetime
) -> Row[int, int, bytes, int, str] | None:
    """The passkey that answered rightly, its counter and last use noted."""
    challenge = _taken(session, purpose, staff_id, assertion.token, now)
    answer = _checked(lambda: AuthenticationResponse.from_dict(_read(assertion.answer)))
    if challenge is None or answer is None:
        return None
    found = session.execute(
        select(Passkey.id, Passkey.staff_id, Passkey.credential, Passkey.sign_count, Passkey.name)
        .join(Staff, Staff.id == Passkey.staff_id)
        .where(Passkey.credential_id == answer.raw_id, can_enter())
    ).one_or_none()
    if found is None or (staff_id is not None and found.staff_id != staff_id):
        return None
    handle = answer.response.user_handle
    if handle is None and staff_id is None:  # who is asked for no passkey in particular must say whose it is
        return None
    if handle is not None and not compare_digest(handle, _handle(session, found.staff_id)):
        return None
    credentials = [AttestedCredentialData(found.credential)]
    if not _checked(
        lambda: _server(assertion.party).authenticate_complete(_state(challenge), credentials, answer)
    ) or not _counted(session, found, answer.response.authenticator_data, now):
        return None
    return found


def _counted(session: Session, found: Row[int, int, bytes, int, str], data: AuthenticatorData, now: datetime) -> bool:
    """Note the use, unless the counter did not grow: then there may be a copy of the passkey (WebAuthn 7.2, step 22).

    Many passkeys do not count and always say 0.
    """
    grew = Passkey.sign_count < data.counter
    if data.counter == 0:
        grew = Passkey.sign_count == 0
    noted = session.scalar(
        update(Passkey)
        .where(Passkey.id == found.id, grew)
        .values(sign_count=data.counter, last_used_at=now)
        .returning(Passkey.id)
    )
    if noted is not None:
        return True
    counter = [found.sign_count, data.counter]
    note(session, "passkey.refused", found.staff_id, now, by_person=False, passkey=found.id, counter=counter)
    notify(session, found.staff_id, Notice.PASSKEY_COPIED, now, passkey=found.name)
    return False


def _kept(session: Session, purpose: PasskeyUse, staff_id: int | None, now: datetime) -> tuple[bytes, str]:
    """A new challenge and its token; those that nobody answered in time are forgotten."""
    session.execute(delete(PasskeyChallenge).where(PasskeyChallenge.expires_at <= now))
    challenge, token = secrets.token_bytes(32), secrets.token_urlsafe(32)
    session.execute(
        insert(PasskeyChallenge).values(
            token_hash=token_hash(token),
            purpose=purpose,
            staff_id=staff_id,
            challenge=challenge,
            expires_at=now + ANSWERED_WITHIN,
        )
    )
    return challenge, token


def _taken(session: Session, purpose: PasskeyUse, staff_id: int | None, token: str, now: datetime) -> bytes | None:
    """The challenge of a token, which nobody can answer again; None: there is none for this, or it is too old."""
    whose = PasskeyChallenge.staff_id.is_(None) if staff_id is None else PasskeyChallenge.staff_id == staff_id
    row = session.execute(
        delete(PasskeyChallenge)
        .where(PasskeyChallenge.token_hash == token_hash(token), PasskeyChallenge.purpose == purpose, whose)
        .returning(PasskeyChallenge.challenge, PasskeyChallenge.expires_at)
    ).one_or_none()
    return row.challenge if row is not None and row.expires_at > now else None


def _server(party: RelyingParty) -> Fido2Server:
    return Fido2Server(
        PublicKeyCredentialRpEntity(name=TITLE, id=party.id), verify_origin=lambda origin: origin == party.origin
    )


def _state(challenge: bytes) -> dict[str, Any]:
    """What the library remembers between question and answer; the row has it."""
    return {"challenge": websafe_encode(challenge), "user_verification": VERIFIED}


def _handle(session: Session, staff_id: int) -> bytes:
    """What a passkey knows its person by: nothing that says who it is (WebAuthn 14.6.1)."""
    known = session.scalars(select(func.coalesce(Staff.passkeys_know, Staff.id)).where(Staff.id == staff_id)).one()
    return vault(session).first.fingerprint("passkey user", str(known))


def _read(answer: str) -> dict[str, Any]:
    """The JSON object. Raises ValueError when it is none."""
    if len(answer) > LONGEST_ANSWER:
        raise ValueError("too long")
    read = json.loads(answer)
    if not isinstance(read, dict):
        raise ValueError("no object")
    return read


def _checked(work: Callable[[], Given]) -> Given | None:
    """What the library gives; None when it refuses. Whatever an attacker's answer breaks in it is a refusal too."""
    try:
        return work()
    except Exception:  # it raises ValueError, KeyError, TypeError, AssertionError and errors of cryptography
        return None
