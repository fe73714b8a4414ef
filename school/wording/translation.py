"""Our texts in the language of the reader: gettext, with the catalogues in `translations/<language>/*.po`.

What parents and staff read (messages, letters, pages, reports) is written in the code in Bulgarian, its English is in
`en`. The sentences of errors are written in English, their Bulgarian is in `bg`. A text that a catalogue does not have
is shown as it is written, so what people wrote themselves (names, subjects) passes through unchanged.

Values stand in their places by name, as in `str.format`: `gettext(language, "{place} от {all}", place=2, all=26)`.
"""

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from db.kinds import Language
from errors import EschoolError

if TYPE_CHECKING:
    from babel.support import Translations

FOLDER = Path(__file__).with_name("translations")
SOURCE = Language.BULGARIAN
"""The language in which the texts for parents and staff are written in the code, and of whoever has chosen none."""


FOREIGN = Language.ENGLISH
"""That of whoever reads no Bulgarian."""


def in_latin(language: Language) -> bool:
    """Whether an SMS in this language goes out in Latin letters: a name in Cyrillic would make three parts of one."""
    return language is not SOURCE


class Words(str):
    """A text that is translated later, when its reader is known: `Words("{place} от {all}", place=2, all=26)`.

    It reads „2 от 26“ as it stands. Values may be Words themselves.
    """

    sentence: str
    values: dict[str, object]
    context: str = ""

    def __new__(cls, sentence: str, /, **values: object) -> "Words":
        made = super().__new__(cls, sentence.format(**values) if values else sentence)
        made.sentence, made.values = sentence, values
        return made


def within(context: str, sentence: str) -> Words:
    """Words that are translated in another way here than elsewhere; the catalogue has them under this `msgctxt`."""
    words = Words(sentence)
    words.context = context
    return words


def gettext(language: Language, text: str, /, **values: object) -> str:
    """The text in this language with the values in their places; Words bring values of their own."""
    if isinstance(text, Words):
        found = _found(language, text.sentence, text.context)
        return _filled(language, found, {**text.values, **values})
    return _filled(language, _found(language, text), values)


def in_language(language: Language, text: str) -> str:
    """Words in this language; any other text as somebody wrote it."""
    return gettext(language, text) if isinstance(text, Words) else text


def ngettext(language: Language, one: str, many: str, count: int, /, **values: object) -> str:
    """One of two texts as the count asks; `{count}` is its place."""
    return _filled(language, catalogue(language).ngettext(one, many, count), {"count": count, **values})


def told(language: Language, error: EschoolError) -> str:
    """An error's sentence in this language."""
    return gettext(language, error.sentence, **error.values)


@cache
def catalogue(language: Language) -> "Translations":
    """All that a language's files say. Reading them takes some 50 ms, once a process."""
    # Here, because a process of a single call (agi.agi_script) says nothing from a catalogue and need not load Babel.
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po
    from babel.support import Translations

    merged = Catalog(locale=language.value)
    for source in sorted((FOLDER / language.value).glob("*.po")):
        with source.open("rb") as file:
            for message in read_po(file, locale=language.value):
                if message.id and message.string:
                    merged.add(message.id, message.string, context=message.context)
    compiled = BytesIO()
    write_mo(compiled, merged)
    compiled.seek(0)
    return Translations(compiled)


def _found(language: Language, text: str, context: str = "") -> str:
    if not text:
        return ""  # gettext answers the empty text with a catalogue's own header
    if context:
        return str(catalogue(language).pgettext(context, text))
    return catalogue(language).gettext(text)


def _filled(language: Language, text: str, values: dict[str, object]) -> str:
    """Without values a text has no places, and its braces are its own."""
    if not values:
        return text
    return text.format(
        **{name: in_language(language, value) if isinstance(value, str) else value for name, value in values.items()}
    )
