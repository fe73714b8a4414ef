"""Whose passkeys they are: WebAuthn's relying party, taken from the address that people open the pages at."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

TITLE = "InfoServ e-School"


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """The RP ID (the host's name) and the only origin whose answers are accepted."""

    id: str
    origin: str


def relying_party(root: str) -> RelyingParty | None:
    """Of the pages' address, such as `https://school.example`. None: browsers have no passkeys there.

    They want a name, not a number, and HTTPS, unless it is this machine itself (WebAuthn 5.1.3, secure contexts).
    """
    parts = urlsplit(root)
    host = (parts.hostname or "").lower()
    if not host or _is_number(host) or (parts.scheme != "https" and host != "localhost"):
        return None
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    port = "" if parts.port in (None, usual) else f":{parts.port}"
    return RelyingParty(host, f"{parts.scheme}://{host}{port}")


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
