"""Telephone numbers and long numbers, digit by digit in groups, as people dictate them."""

import re

from prompts.grammar.spelling import digits as spelled
from prompts.reading.numerals import in_groups
from prompts.reading.rule import Found, before, rule

_GAP = r"(?:[ \u00a0]?[/.-][ \u00a0]?|[ \u00a0]|\) ?| ?\()"


def _group(digits: str) -> str:
    return " ".join(spelled(digits))


_DATE = re.compile(r"0\d[./-]\d\d(?:[./-]\d\d(?!\d)|[./-]\d{4}(?!\d)|(?![\d./-]))")
"""„05.07.2026“ begins with a zero too."""


def _telephone(found: Found) -> str | None:
    """„+359 88 812 3456“, „0888123456“, „02/987 65 43“: the writer's own groups where there are any."""
    written = found[0]
    if _DATE.match(written):
        return None
    digits = re.sub(r"\D", "", written)
    international = written[0] == "+" or (digits.startswith("00") and len(digits) > 10)
    if not (9 if written[0] == "0" and len(digits) > 8 else 7) <= len(digits) <= 15:
        return None
    groups = re.findall(r"\d+", written)
    if len(groups) == 1 or max(map(len, groups)) > 6:
        groups = _grouped(digits, international)
    said = ", ".join(_group(group) for group in groups)
    return f"плюс {said}" if written[0] == "+" else said


def _grouped(digits: str, international: bool) -> list[str]:
    if international:
        first = digits[: 5 if digits.startswith("00") else 3]
    elif digits.startswith("02"):
        first = "02"
    else:
        first = digits[:4]
    rest = digits[len(first) :]
    # Threes, and the last group of four rather than one digit alone.
    groups = [rest[at : at + 3] for at in range(0, len(rest), 3)]
    if len(groups) > 1 and len(groups[-1]) == 1:
        groups[-2:] = [groups[-2] + groups[-1]]
    return [first, *groups]


def _dialled(found: Found) -> str:
    """A short number that is dialled: „тел. 112“, „на телефон 150“."""
    return found[1] + _group(found[2])


def _long(found: Found) -> str:
    return in_groups(found[0])


RULES = (
    rule(rf"(?<![\w.,])\+ ?\d{{1,4}}(?:{_GAP}?\d{{1,7}}){{1,6}}(?!\d)", _telephone),
    rule(rf"(?<![\w.,/])\(?0\d{{1,9}}\)?(?:{_GAP}\d{{2,7}}){{0,5}}(?![\d]|[.:]\d)", _telephone),
    rule(r"(?<![\w.,/])\d{2,4}(?:[ -]\d{2,4}){1,4}(?!\d|[.:]\d)", lambda found: _spaced(found)),
    rule(
        r"((?:\bтел\.?|\b[Тт]елефон(?:а|и|ът)?|\bGSM|\b[Мм]обилен|\b[Нн]абер(?:ете|и)|\b[Зз]въннете на):? )"
        r"(\d{3,6})(?!\d|[.,/:-]\d)",
        _dialled,
    ),
    rule(r"(?<![\d.,])\d{7,}(?![.,]\d)", _long),
)


def _spaced(found: Found) -> str | None:
    """Groups of digits that make no number with its thousands apart, after a word for a telephone."""
    if not re.search(r"(?:тел\.?|елефон\w*|GSM|обилен|viber|Viber|вайбър):? $", before(found)):
        return None
    return ", ".join(_group(group) for group in re.findall(r"\d+", found[0]))
