"""Signs that are not read: quotation marks, emoji and ornaments go, brackets become breaths, „&“ and the like words."""

import re
import unicodedata

from prompts.reading.rule import Found, applied, rule

_WORDS = {"&": "и", "=": "равно на", "≈": "около", "±": "плюс-минус", "§": "параграф", "©": "", "→": ",", "⇒": ","}
_KEPT = frozenset(".,!?:;…-–—%‰°€$£№@&+=/()[]{}<>*#_~\\|\"'„“”«»’‘`^²³½⅓⅔¼¾⅕⅛−×≈±§→⇒ºª℃•·\u0300\u0301")


def _is_read(sign: str) -> bool:
    if sign in _KEPT or sign.isspace():
        return True
    category = unicodedata.category(sign)
    return category[0] == "L" or (category == "Nd" and sign.isdecimal())


def without_ornaments(text: str) -> str:
    """`text` without emoji, invisible signs and symbols that nobody reads; digits of other scripts become ours."""
    if all(_is_read(sign) and (not sign.isdecimal() or sign.isascii()) for sign in text):
        return text
    plain = "".join(
        str(unicodedata.decimal(sign)) if sign.isdecimal() else sign if _is_read(sign) else "\u0001" for sign in text
    )
    plain = re.sub(r" ?\u0001+(?=[ .,!?:;)]|$)|^\u0001+ ?", "", plain)
    return plain.replace("\u0001", " ")


def _sign(found: Found) -> str:
    return f" {_WORDS[found[0].strip()]} ".replace("  ", " ")


def _plus(found: Found) -> str:
    return " плюс" + (" " if found[1] else "")


_EARLY = (
    rule(r"(?<=\d) ?['′](?![\w'])", lambda _: " мин."),
    rule(r"(?<=\d)[.,][-–](?=\s|$)", lambda _: ""),
    rule(r"(?<!\S)[:;]-?[()DPp]+(?!\S)", lambda _: ""),
    rule(r"[«»„“”‟\"`]|(?<![А-Яа-яA-Za-z])['’‘]|['’‘](?![А-Яа-яA-Za-z])", lambda _: ""),
    rule(r"(?m)^\s*[•·*▪-]\s+", lambda _: ""),
    rule(r" ?[•·|→⇒]+ ?", lambda _: ", "),
    rule(r"[_]{1,}", lambda _: " "),
    rule(r"[~≈] ?(?=\d)", lambda _: "около "),
    rule(r"[*#^\\<>~ª©]+", lambda _: " "),
)
_LATE = (
    rule(r" ?[&=±§≈] ?", _sign),
    rule(r"(?<=\d|[а-я])\+(?= |$|[,.;!?])", lambda _: " плюс"),
    rule(r" ?\+ ?", lambda _: " плюс "),
    rule(r"\b([Ии])/или\b", lambda found: f"{found[1]} или"),
    rule(r"(?<=[А-Яа-я.])/(?=(?:ден|час|месец|седмица|човек|ученик|дете|бр|година)\b)", lambda _: " на "),
    rule(r" ?/ ?", lambda _: ", "),
    rule(r"[@€$£°ºª²³℃№‰%×′″]+", lambda _: " "),
    rule(r"(?:, ?)?\s{0,3}[\[({]\s{0,3}", lambda _: ", "),
    rule(r"\s{0,3}[\])}]+(?=\s{0,3}[.,!?:;…])", lambda _: ""),
    rule(r"\s{0,3}[\])}]+(?=\s{0,3}$)", lambda _: ""),
    rule(r"\s{0,3}[\])}]+\s{0,3}", lambda _: ", "),
)
_TIDY = (
    rule(r"^[\s,;]+", lambda _: ""),
    rule(r"[ \u00a0\u2009\u202f]{2,}", lambda _: " "),
    rule(r"[\u00a0\u2009\u202f]", lambda _: " "),
    rule(r" (?=[,;:.!?](?!\d))", lambda _: ""),
    rule(r",(?= [–-] )", lambda _: ""),
    rule(r",(?:\s{0,3},)+", lambda _: ","),
    rule(r"([.!?:;]),+", lambda found: found[1]),
    rule(r",+([.!?:;…])", lambda found: found[1]),
)
"""Only after something was taken away: a text of words alone keeps its spaces."""


def early(text: str) -> str:
    return applied(_EARLY, without_ornaments(text))


def late(text: str) -> str:
    return applied(_LATE, text)


def tidied(text: str) -> str:
    return applied(_TIDY, text).strip()
