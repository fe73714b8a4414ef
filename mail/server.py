"""The mail server in force: the configured one, or the simulator where there is none."""

import ipaddress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import unquote, urlsplit

from errors import InputError
from mail.simulator import endpoint
from settings import Settings

SUBMISSION, SUBMISSIONS = 587, 465
"""RFC 6409, RFC 8314."""


class Security(StrEnum):
    """How what is written to the server is protected."""

    TLS = "TLS"
    STARTTLS = "STARTTLS"
    IF_OFFERED = "STARTTLS if offered"
    """Only for a server on this machine: nobody is on the way."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where letters are handed in. No user: without signing in."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)
    authorities: Path | None = None


def server(settings: Settings) -> MailServer:
    """The server to hand letters to. Raises InputError for an address that is not usable; it may hold a password, so
    it is not repeated.
    """
    if not settings.smtp_url:
        return MailServer(
            endpoint.ADDRESS, endpoint.port(settings), Security.IF_OFFERED, endpoint.USER, endpoint.password(settings)
        )
    parts = urlsplit(settings.smtp_url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    is_wrong = parts.path not in ("", "/") or parts.query or parts.fragment or port in (0, -1)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or is_wrong:
        raise InputError(
            "ESCHOOL_SMTP_URL is no mail server's address: write smtps://user:password@mail.example or "
            "smtp://user:password@mail.example:587, with %40 for an @ in the user's name."
        )
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not (user + password).isascii():
        raise InputError("ESCHOOL_SMTP_URL has a user or a password that is not of Latin letters: choose another one.")
    if settings.smtp_ca is not None and not settings.smtp_ca.expanduser().is_file():
        raise InputError(f"ESCHOOL_SMTP_CA={settings.smtp_ca} is no file: name one with certificates in PEM.")
    if parts.scheme == "smtps":
        security, usual = Security.TLS, SUBMISSIONS
    elif is_here(parts.hostname):
        security, usual = Security.IF_OFFERED, 25
    else:
        security, usual = Security.STARTTLS, SUBMISSION
    return MailServer(
        parts.hostname,
        port or usual,
        security,
        user,
        password,
        settings.smtp_ca.expanduser() if settings.smtp_ca else None,
    )


def is_here(host: str) -> bool:
    """Whether it is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def sender_address(settings: Settings) -> str:
    """The address letters come from. Raises InputError for one that is none."""
    address = settings.mail_from or f"no-reply@{domain(settings)}"
    local, at, host = address.partition("@")
    if not (at and local and host and address.isascii()) or any(mark in address for mark in ' <>\r\n\t,;"'):
        raise InputError(f"ESCHOOL_MAIL_FROM={address} is no address: write one such as no-reply@e-school.example.")
    return address


def domain(settings: Settings) -> str:
    """The host name in our links, which also stands in Message-IDs and the default sender's address."""
    host = urlsplit(settings.web_root).hostname or "localhost"
    return "localhost.localdomain" if is_here(host) or ":" in host else host
