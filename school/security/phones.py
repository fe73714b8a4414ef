"""Telephone numbers as a trunk, a person or a roster writes them -> E.164."""

import re

import phonenumbers

_WRITTEN = re.compile(r"[+\d][\d\s().\-/]{2,30}", re.ASCII)


def e164(raw: str | None) -> str | None:
    """`0888123456`, `359888123456`, `00359…`, `+359 888…` -> `+359888123456`; hidden or unusable -> None.

    A trunk writes a hidden number as nothing, `anonymous`, `unknown`, `restricted` or as some short number of its own.
    """
    text = (raw or "").strip()
    if not _WRITTEN.fullmatch(text):
        return None
    candidates = [text]
    if not text.startswith(("+", "0")):
        candidates.append("+" + text)  # international without its plus, as many trunks do
    for candidate in candidates:
        try:
            number = phonenumbers.parse(candidate, "BG")
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None


def masked(phone: str) -> str:
    """`+359888123456` -> `+359 88* *** *56`: for people who may know that somebody follows, not who it is."""
    head, rest = phone[:4], phone[4:]
    shown = rest[:2] + "*" * (len(rest) - 4) + rest[-2:]
    return " ".join([head, *(shown[start : start + 3] for start in range(0, len(shown), 3))])
