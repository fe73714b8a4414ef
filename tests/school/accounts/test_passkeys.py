"""Passkeys, answered by an authenticator of the test's own: what is refused, whatever a browser would do."""

import hashlib
import json
import os
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import Message, PasskeyChallenge
from school import accounts
from school.accounts import Assertion, NeedsCode, RelyingParty, SignedIn, relying_party
from school.accounts.passkeys import ANSWERED_WITHIN, Challenge
from tests.school.accounts.signing_in import PASSWORD, someone, try_to, with_password
from tests.school.joined import NOW, Joined, audited, person, switch_off

PARTY = RelyingParty("school.example", "https://school.example")
FLAG = AuthenticatorData.FLAG


@dataclass
class Device:
    """An authenticator with one passkey, which signs whatever it is told to."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = field(default_factory=lambda: os.urandom(32))
    user: bytes = b""
    counter: int = 0
    flags: Any = FLAG.UP | FLAG.UV
    origin: str = PARTY.origin
    rp_id: str = PARTY.id

    def make(self, challenge: Challenge) -> str:
        """The answer to a registration."""
        options = challenge.options["publicKey"]
        self.user = websafe_decode(options["user"]["id"])
        public = ES256.from_cryptography_key(self.key.public_key())  # type: ignore[no-untyped-call]
        credential = AttestedCredentialData.create(Aaguid(bytes(16)), self.id, public)
        data = AuthenticatorData.create(self._rp_hash(), self.flags | FLAG.AT, self.counter, bytes(credential))
        client = self._client("webauthn.create", options)
        attestation = AttestationObject.create("none", data, {})
        return self._answer(
            {
                "clientDataJSON": websafe_encode(client),
                "attestationObject": websafe_encode(bytes(attestation)),
            }
        )

    def sign(self, challenge: Challenge, **changed: Any) -> str:
        """The answer to a question."""
        self.counter += 1
        data = AuthenticatorData.create(self._rp_hash(), self.flags, self.counter)
        client = self._client("webauthn.get", challenge.options["publicKey"])
        signature = self.key.sign(bytes(data) + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": websafe_encode(client),
                "authenticatorData": websafe_encode(bytes(data)),
                "signature": websafe_encode(signature),
                "userHandle": websafe_encode(self.user),
                **changed,
            }
        )

    def _rp_hash(self) -> bytes:
        return hashlib.sha256(self.rp_id.encode()).digest()

    def _client(self, kind: str, options: Any) -> bytes:
        return bytes(CollectedClientData.create(kind, options["challenge"], self.origin))

    def _answer(self, response: dict[str, Any]) -> str:
        id_ = websafe_encode(self.id)
        return json.dumps({"id": id_, "rawId": id_, "type": "public-key", "response": response})


def registered(session: Session, who: SignedIn, device: Device | None = None) -> Device:
    device = device or Device()
    challenge = accounts.begin_registration(session, PARTY, who, NOW)
    made = accounts.register(session, who, Assertion(PARTY, challenge.token, device.make(challenge)), "лаптоп", NOW)
    assert made is not None
    return device


def entered(session: Session, assertion: Assertion, now: Any = NOW) -> SignedIn | None:
    made = accounts.sign_in_with_passkey(session, assertion, device="Firefox", now=now)
    return None if made is None else accounts.signed_in(session, made.token, now)


def test_it_signs_its_person_in_and_counts_as_a_second_factor(session: Session, school: Joined) -> None:
    who = someone(session, with_password(session, school))
    device = registered(session, who)
    challenge = accounts.begin_sign_in(session, PARTY, NOW)
    again = entered(session, Assertion(PARTY, challenge.token, device.sign(challenge)))
    assert again is not None
    assert again.staff_id == who.staff_id
    assert try_to(session, school) == NeedsCode()
    (row,) = accounts.passkeys_of(session, who.staff_id)
    assert (row.name, row.last_used_at) == ("лаптоп", NOW)


def test_an_answer_works_once_and_not_in_another_browser_or_too_late(session: Session, school: Joined) -> None:
    device = registered(session, someone(session, person(session, school)))
    challenge = accounts.begin_sign_in(session, PARTY, NOW)
    answer = device.sign(challenge)
    assert entered(session, Assertion(PARTY, accounts.begin_sign_in(session, PARTY, NOW).token, answer)) is None
    assert entered(session, Assertion(PARTY, challenge.token, answer)) is not None
    assert entered(session, Assertion(PARTY, challenge.token, answer)) is None
    late = accounts.begin_sign_in(session, PARTY, NOW)
    assert entered(session, Assertion(PARTY, late.token, device.sign(late)), NOW + ANSWERED_WITHIN) is None
    accounts.begin_sign_in(session, PARTY, NOW + ANSWERED_WITHIN + timedelta(minutes=1))
    assert session.scalar(select(func.count()).select_from(PasskeyChallenge)) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"origin": "https://evil.example"},
        {"origin": "https://a.school.example"},
        {"origin": "http://school.example"},
        {"rp_id": "evil.example"},
        {"flags": FLAG.UP},
        {"flags": FLAG.UV},
        {"user": b"another person"},
        {"key": ec.generate_private_key(ec.SECP256R1())},
        {"id": b"an unknown passkey"},
    ],
)
def test_what_is_not_of_this_site_person_and_passkey_is_refused(
    session: Session, school: Joined, changed: dict[str, Any]
) -> None:
    device = registered(session, someone(session, person(session, school)))
    for name, value in changed.items():
        setattr(device, name, value)
    challenge = accounts.begin_sign_in(session, PARTY, NOW)
    assert entered(session, Assertion(PARTY, challenge.token, device.sign(challenge))) is None


@pytest.mark.parametrize("answer", ["", "{}", "[]", "null", '{"id": 1}', "x" * 30_000, '{"rawId": "AA"}'])
def test_what_is_no_answer_is_refused(session: Session, school: Joined, answer: str) -> None:
    who = someone(session, person(session, school))
    challenge = accounts.begin_sign_in(session, PARTY, NOW)
    assert entered(session, Assertion(PARTY, challenge.token, answer)) is None
    begun = accounts.begin_registration(session, PARTY, who, NOW)
    assert accounts.register(session, who, Assertion(PARTY, begun.token, answer), "x", NOW) is None


def test_one_that_does_not_say_whose_it_is_signs_nobody_in(session: Session, school: Joined) -> None:
    device = registered(session, someone(session, person(session, school)))
    challenge = accounts.begin_sign_in(session, PARTY, NOW)
    assert entered(session, Assertion(PARTY, challenge.token, device.sign(challenge, userHandle=None))) is None


def test_a_copy_is_noticed_by_its_counter_and_the_person_told(session: Session, school: Joined) -> None:
    who = someone(session, person(session, school))
    device = registered(session, who, Device(counter=5))
    device.counter = 3
    challenge = accounts.begin_sign_in(session, PARTY, NOW)
    assert entered(session, Assertion(PARTY, challenge.token, device.sign(challenge))) is None
    assert len(audited(session, "passkey.refused")) == 1
    text = session.scalars(select(Message.text).order_by(Message.id.desc())).first()
    assert text is not None
    assert text.startswith("Отказан е вход с ключ за достъп")


def test_who_is_switched_off_stays_out(session: Session, school: Joined) -> None:
    teacher = person(session, school)
    device = registered(session, someone(session, teacher))
    switch_off(session, school, teacher)
    challenge = accounts.begin_sign_in(session, PARTY, NOW)
    assert entered(session, Assertion(PARTY, challenge.token, device.sign(challenge))) is None


def test_that_of_another_proves_nothing_and_a_question_answers_only_what_it_was_asked_for(
    session: Session, school: Joined
) -> None:
    who, other = someone(session, with_password(session, school)), someone(session, school.administrator)
    device, of_other = registered(session, who), registered(session, other)
    challenge = accounts.begin_proof(session, PARTY, who, NOW)
    wrong = Assertion(PARTY, challenge.token, of_other.sign(challenge))
    assert not accounts.prove(session, who, PASSWORD, NOW, assertion=wrong)
    challenge = accounts.begin_sign_in(session, PARTY, NOW)
    of_sign_in = Assertion(PARTY, challenge.token, device.sign(challenge))
    assert not accounts.prove(session, who, PASSWORD, NOW, assertion=of_sign_in)
    challenge = accounts.begin_proof(session, PARTY, who, NOW)
    right = Assertion(PARTY, challenge.token, device.sign(challenge))
    assert accounts.prove(session, who, PASSWORD, NOW, assertion=right)
    assert not accounts.prove(session, who, PASSWORD, NOW, assertion=right)


def test_passkeys_work_where_browsers_have_them() -> None:
    assert relying_party("https://School.example/") == PARTY
    assert relying_party("https://school.example:8443") == RelyingParty("school.example", "https://school.example:8443")
    assert relying_party("http://localhost:8000") == RelyingParty("localhost", "http://localhost:8000")
    for root in ("http://school.example", "http://127.0.0.1:8000", "https://[::1]", ""):
        assert relying_party(root) is None
