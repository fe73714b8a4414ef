"""The languages of the pages.

Pages are written in Bulgarian, their English is in `en/*.po`; the sentences of errors come from rules that speak
English, their Bulgarian is in `bg/*.po`.
"""

import secrets
from collections.abc import Mapping
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, has_request_context, request, session
from flask_babel import Babel, gettext, lazy_gettext
from flask_babel import ngettext as babel_ngettext

from errors import EschoolError
from runtime.localtime import SOFIA

FOLDER = Path(__file__).parent
LANGUAGES = {"bg": "Български", "en": "English"}
COOKIE_KEY = "language"

babel = Babel()


def compile_into(folder: Path) -> None:
    """Write `<language>/LC_MESSAGES/messages.mo` from our .po files: programs read no other form."""
    for language in LANGUAGES:
        catalog = Catalog(locale=language)
        for source in sorted((FOLDER / language).glob("*.po")):
            with source.open("rb") as file:
                for message in read_po(file, locale=language):
                    if message.id and message.string:
                        catalog.add(message.id, message.string, flags=message.flags)
        target = folder / language / "LC_MESSAGES"
        target.mkdir(parents=True, exist_ok=True)
        # Two processes may start at once: each writes its own, and the last one stands.
        fresh = target / f"messages.mo.{secrets.token_hex(4)}"
        with fresh.open("wb") as file:
            write_mo(file, catalog)
        fresh.replace(target / "messages.mo")


def translate(app: Flask, folder: Path) -> None:
    """Give an application its languages; `folder` is where the compiled catalogues are written."""
    compile_into(folder)
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(folder)
    babel.init_app(app, default_locale="bg", default_timezone=SOFIA.key, locale_selector=language)


def language() -> str:
    """What the person chose, else Bulgarian: browsers in schools are often set up in English by default."""
    if not has_request_context():
        return "bg"
    chosen = request.args.get("lang") or session.get(COOKIE_KEY, "bg")
    return chosen if chosen in LANGUAGES else "bg"


def told(error: EschoolError) -> str:
    """An error's sentence in the reader's language."""
    return filled(error.sentence, error.values)


def filled(sentence: str, values: Mapping[str, object]) -> str:
    """A rule's sentence in the reader's language with its values in their places; without values it has no places."""
    translated = _(sentence)
    return translated.format(**values) if values else translated


def _(text: str, /, **values: object) -> str:
    """A text of ours in the reader's language; `%(name)s` stands for a value."""
    return str(gettext(text, **values))


def _l(text: str, /) -> str:
    """The same for texts that stand in modules: they are translated when they are shown."""
    lazy: str = lazy_gettext(text)
    return lazy


def ngettext(one: str, many: str, count: int, /, **values: object) -> str:
    """One of two texts, as the count asks; `%(num)s` stands for it."""
    return str(babel_ngettext(one, many, count, **values))
