"""Who the telephone network says is calling: the headers of the call, as the trunk sent them.

Asterisk itself reads one SIP address from one header and `Privacy: id` alone. Networks send lists, `tel:` addresses,
folded lines and several kinds of privacy at once (RFC 3323, 3325, 3966), so the dialplan hands us the headers as they
came. Remote-Party-ID is what P-Asserted-Identity was before it became a standard; From is what the telephone claims.
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Iterator, Sequence
from urllib.parse import unquote

HIDING = frozenset({"id", "user"})
"""Privacy that asks us to show nobody the number (RFC 3325 9.3, RFC 3323 4.2). We recognise nobody by such a number."""

_HIDES_OLDER = re.compile(r";\s*privacy\s*=\s*(full|uri)\b", re.IGNORECASE)
"""The parameter of Remote-Party-ID (draft-ietf-sip-privacy-04)."""

_HEADERS = ("",) * 6
_SEPARATORS = str.maketrans("", "", "-.() ")
_NUMBER = re.compile(r"\+?[0-9]{2,20}")
_URI = re.compile(r"(tel|sips?):([^;?@>\s]+)((?:;[^@?>\s]*)?)(@)?", re.IGNORECASE)


def caller(headers: str, number: str | None = None) -> str | None:
    """The caller's number: asserted, else as From says, else `number`, where the call came without headers.

    headers: what the dialplan gives, each header's value in Base64 with dots between: two of P-Asserted-Identity, two
    of Privacy, From, Remote-Party-ID, empty where there is none. None: it is hidden, or is no telephone number.
    """
    values = [_decoded(part) for part in (*headers.split("."), *_HEADERS)[: len(_HEADERS)]]
    asserted, privacy, claimed, older = [value for value in values[:2] if value], values[2:4], *values[4:]
    if _hides(privacy) or (not asserted and _HIDES_OLDER.search(_unquoted(older))):
        return None
    if told := asserted or [value for value in (older or claimed,) if value]:
        return next(_numbers(told), None)
    return number


def _decoded(part: str) -> str:
    try:
        return b64decode(part, validate=True).decode("utf-8", "replace").strip()
    except (binascii.Error, ValueError):
        return ""


def _hides(privacy: Sequence[str]) -> bool:
    wanted = {one.strip().lower() for value in privacy for one in re.split("[;,]", value)}
    return bool(wanted & HIDING) and "none" not in wanted


def _numbers(identities: Sequence[str]) -> Iterator[str]:
    for identity in identities:
        for address in _addresses(_unquoted(identity)):
            if (uri := _URI.match(address)) and (found := _number(uri)):
                yield found


def _unquoted(header: str) -> str:
    """What stands in quotes is a name, whatever it looks like."""
    return re.sub(r'"(?:[^"\\]|\\.)*("|$)', "", header, flags=re.DOTALL)


def _addresses(unquoted: str) -> Iterator[str]:
    """The addresses of a header's list."""
    for one in unquoted.split(","):
        inside = re.search(r"<([^>]*)>", one)
        yield (inside[1] if inside else one).strip()


def _number(uri: re.Match[str]) -> str | None:
    scheme, user, parameters, at = uri.groups()
    if (scheme.lower() == "tel") == bool(at):  # a SIP address without a user names a host; tel has no host
        return None
    number = unquote(user).translate(_SEPARATORS)
    context = re.search(r";phone-context=(\+[0-9]+)", parameters, re.IGNORECASE)
    if context and not number.startswith(("+", "0")):
        number = context[1] + number
    return number if _NUMBER.fullmatch(number) else None
