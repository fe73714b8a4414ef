"""Staff passwords: Argon2id, its cost written in the hash so that it can grow."""

from collections.abc import Iterable
from functools import lru_cache

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from errors import InputError
from school.security.guessing import is_easily_guessed, is_made_of

SHORTEST, LONGEST = 10, 200
PRODUCT = ("InfoServ e-School", "eschool", "инфосерв")

_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, type=Type.ID)
"""As OWASP's password storage guide asks of Argon2id: 19 MiB, two passes; about 30 ms."""
_LIGHT = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1, type=Type.ID)


def check_strength(password: str, own: Iterable[str] = ()) -> None:
    """Raises InputError for one that is too short or too long, of few characters, made of what everybody knows of the
    person, or in the lists that attackers try first (NIST SP 800-63B, 5.1.1.2).

    `own`: the person's names, the part of the e-mail address before the @, the school's name and town.
    """
    if len(password) < SHORTEST:
        raise InputError("The password is too short: at least {shortest} characters.", shortest=SHORTEST)
    if len(password) > LONGEST:
        raise InputError("The password is too long: at most {longest} characters.", longest=LONGEST)
    if len(set(password)) < 4:
        raise InputError("The password is too simple: use more different characters.")
    known = (*own, *PRODUCT)
    if is_made_of(password, known):
        raise InputError(
            "The password is made of your name, your e-mail address, or the school's or product's name: "
            "choose words that have nothing to do with them."
        )
    if is_easily_guessed(password, known):
        raise InputError(
            "The password is one of those that attackers try first: choose several words that do not belong together."
        )


def hash_password(password: str, *, is_random: bool = False) -> str:
    """An Argon2id hash, at most 200 characters.

    `is_random`: of 48 bits and more. No list of usual passwords helps against those, a cheap hash serves.
    """
    return (_LIGHT if is_random else _HASHER).hash(password)


def is_password(password: str, hashed: str | None) -> bool:
    """Whether it is the password of that hash.

    Always one dear and one cheap hash are worked out: an account without a password, or with a cheap hash, takes as
    long as any other to say no.
    """
    is_cheap = hashed is not None and _LIGHT.check_needs_rehash(hashed) is False
    dear = _verifies(_HASHER, _nobody() if hashed is None or is_cheap else hashed, password)
    cheap = _verifies(_LIGHT, hashed if hashed is not None and is_cheap else _nobody_cheap(), password)
    return hashed is not None and (cheap if is_cheap else dear)


def _verifies(hasher: PasswordHasher, hashed: str, password: str) -> bool:
    try:
        return hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _HASHER.hash("no account has this password")


@lru_cache(maxsize=1)
def _nobody_cheap() -> str:
    return _LIGHT.hash("no account has this password")
