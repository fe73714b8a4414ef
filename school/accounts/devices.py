"""Known devices: a browser in which somebody signed in to an account keeps a cookie that says so.

Their tries have counts of their own, so that strangers who guess at the account lock out only each other.
https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies
"""

import hmac
import secrets

from school.security.crypto import Vault

COOKIE = "eschool_devices"
LASTS_DAYS = 400
"""As long as browsers keep a cookie at most (RFC 6265bis, 5.5)."""
MOST = 8
"""Accounts that one browser remembers, such as that of a teachers' room."""


def cookie_with(vault: Vault, email: str, cookie: str) -> str:
    """What the browser is to keep from now on: a new mark for the account first, and what it had of others."""
    nonce = secrets.token_urlsafe(16)
    known = nonce_of(vault, email, cookie)
    others = [mark for mark in _marks(cookie) if mark[0] != known]
    return "~".join([f"{nonce}.{_signature(vault, email, nonce)}", *map(".".join, others[: MOST - 1])])


def nonce_of(vault: Vault, email: str, cookie: str) -> str | None:
    """Which of the account's known devices has this cookie; None: none of them. `email` in lower case."""
    for nonce, signature in _marks(cookie):
        if hmac.compare_digest(signature, _signature(vault, email, nonce)):
            return nonce
    return None


def _marks(cookie: str) -> list[tuple[str, str]]:
    """The nonces with their signatures; what else somebody wrote there is left out."""
    found = []
    for mark in cookie.split("~")[:MOST]:
        nonce, _, signature = mark.partition(".")
        if mark.isascii() and nonce and len(signature) == 64:
            found.append((nonce, signature))
    return found


def _signature(vault: Vault, email: str, nonce: str) -> str:
    return vault.fingerprint("known device", f"{nonce} {email}").hex()
