"""Which coding a text's octets really have, where an SMSC names a wrong one: the coding in which they are Bulgarian.

Seen at SMSCs: Windows-1251 and UTF-8 under any data_coding, UTF-16 of either order under 0 or without its mark under 8,
ASCII under 8. Cost is linear in the number of octets.
"""

from collections.abc import Callable, Sequence
from math import log
from typing import NamedTuple

_SHARES = {
    "а": 12.0, "и": 9.0, "о": 8.9, "е": 8.8, "т": 7.4, "н": 6.9, "р": 5.1, "с": 4.9, "в": 4.3, "л": 3.4, "к": 3.3,
    "д": 3.2, "п": 2.9, "м": 2.5, "з": 2.2, "я": 1.8, "г": 1.7, "ъ": 1.7, "у": 1.6, "б": 1.5, "ч": 1.4, "ц": 0.9,
    "ж": 0.8, "щ": 0.7, "й": 0.7, "х": 0.7, "ш": 0.5, "ф": 0.3, "ю": 0.2, "ь": 0.1,
}  # fmt: skip
"""Percent of the letters of a Bulgarian text."""
_LETTERS = {letter: log(share / 100) for letter, share in _SHARES.items()} | {"ѝ": log(1 / 500)}
_LATIN = log(1 / 40)
"""A Latin letter or a digit: most parents' texts without Cyrillic are nothing else."""
_SIGNS = " \n\r\t.,!?:;-–—+/()'\"„“”«»*#@&%=_…№€’\u00a0\ufe0f\u200d"
_SIGN = log(1 / 30)
_EMOJI = log(1 / 900)
"""An emoji, or №."""
_OTHER_LETTER = log(1 / 5_000)
_ODD = log(1 / 20_000)
_ODD_WIDE = log(1 / 50_000_000)
"""What is hardly ever in a parent's text: other letters of these scripts, signs and controls, other scripts and what is
no character at all."""
_CASES_MIXED = log(1 / 500)
_SCRIPTS_MIXED = log(1 / 200)
"""„сТоп“, „cтоп“: people type that, but seldom."""
_TRUST = log(1 / 12)
"""What another coding than the one that was named must be better by."""
LOOKED_AT = 400
"""Octets by which a text is judged: a text is of one coding throughout."""

CODECS = ("utf-8", "utf-16-be", "utf-16-le", "cp1251")
"""ASCII is UTF-8 too."""


class Read(NamedTuple):
    """A text and the codec it was read by; `codec` None: the one that was named."""

    text: str
    codec: str | None = None


def read(octets: bytes, named: str, decode_named: Callable[[bytes], str]) -> Read:
    """The text of the octets: as `decode_named` reads them unless another coding makes far better Bulgarian of them.

    `named` is the text that the named coding makes of all octets. Never raises.
    """
    if not _is_doubtful(octets, named):
        return Read(named)
    some = octets[:LOOKED_AT]
    best: str | None = None
    most = _likelihood(decode_named(some)) - _TRUST
    for codec in _possible(octets):
        text = _decoded(some, codec)
        if text is not None and _says_something(text, codec) and (found := _likelihood(text)) > most:
            best, most = codec, found
    whole = None if best is None else _decoded(octets, best, cut=False)
    return Read(named) if whole is None else Read(whole, best)


def _is_doubtful(octets: bytes, named: str) -> bool:
    """Whether to look closer: nearly every text is plainly what its coding makes of it.

    Any octets are letters in an eight-bit coding of Cyrillic, and every other octet of UTF-16 is `@` in GSM's alphabet.
    """
    if not all(character in _LETTERS or character in _PLAIN for character in named.lower()):
        return True
    return len(named) == len(octets) and (0 in octets or not named.isascii())


_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789" + _SIGNS)


def _possible(octets: bytes) -> Sequence[str]:
    return CODECS if len(octets) % 2 == 0 else [codec for codec in CODECS if not codec.startswith("utf-16")]


def _decoded(octets: bytes, codec: str, *, cut: bool = True) -> str | None:
    """None: the octets cannot be of this coding. `cut`: a character may be cut off at the end."""
    try:
        return octets.decode(codec)
    except UnicodeDecodeError as error:
        if cut and len(octets) == LOOKED_AT and error.start >= LOOKED_AT - 4:
            return octets[: error.start].decode(codec)
        return None


def _says_something(text: str, codec: str) -> bool:
    """Whether there are letters enough in it that it can hardly be by chance."""
    cyrillic = sum(character.lower() in _LETTERS for character in text)
    latin = sum("0" <= character <= "z" for character in text)
    odd = sum(character.lower() not in _LETTERS and _of_others(character) <= _ODD for character in text)
    return 10 * odd <= len(text) and (cyrillic >= 2 if codec == "cp1251" else cyrillic + latin >= 1)


def _likelihood(text: str) -> float:
    """How likely a parent wrote this, as a logarithm. Compared are texts of the same octets, of any length."""
    found, before, script = 0.0, "", ""
    for character in text:
        lower = character.lower()
        kind = "cyrillic" if lower in _LETTERS else "latin" if "a" <= lower <= "z" else ""
        found += _LETTERS[lower] if kind == "cyrillic" else _LATIN if kind else _of_others(character)
        if kind and kind == script and before.islower() and character.isupper():
            found += _CASES_MIXED
        elif kind and script and kind != script:
            found += _SCRIPTS_MIXED
        before, script = character, kind
    return found


def _of_others(character: str) -> float:
    if "0" <= character <= "9":
        return _LATIN
    if character in _SIGNS:
        return _SIGN
    if character == "№" or "\U0001f000" <= character <= "\U0001faff" or "\u2600" <= character <= "\u27bf":
        return _EMOJI
    if character < "\u0530" and character.isalpha():
        return _OTHER_LETTER
    return _ODD if character < "\u0100" else _ODD_WIDE
