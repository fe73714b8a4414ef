"""The language of the pages: who reads them, and Flask-Babel over the catalogues of `school.wording.translation`."""

from babel.support import Translations
from flask import Flask, has_request_context, request, session
from flask_babel import Babel, Domain, gettext, lazy_gettext
from flask_babel import ngettext as babel_ngettext

from db.kinds import Language
from errors import EschoolError
from runtime.localtime import SOFIA
from school.wording import translation

LANGUAGES = {"bg": "Български", "en": "English"}
COOKIE_KEY = "language"

babel = Babel()


class _Catalogues(Domain):  # type: ignore[misc]  # flask_babel has no types
    """What Flask-Babel looks texts up in: the catalogues that all rooms share instead of compiled files of its own."""

    def get_translations(self) -> Translations:
        return translation.catalogue(reader())


def translate(app: Flask) -> None:
    """Give an application its languages. The catalogues are read now, so that no first reader waits for them."""
    for each in Language:
        translation.catalogue(each)
    babel.init_app(app, default_locale="bg", default_timezone=SOFIA.key, locale_selector=language)
    babel.domain_instance = _Catalogues()


def language() -> str:
    """What the person chose, else Bulgarian: browsers in schools are often set up in English by default."""
    if not has_request_context():
        return "bg"
    chosen = request.args.get("lang") or session.get(COOKIE_KEY, "bg")
    return chosen if chosen in LANGUAGES else "bg"


def reader() -> Language:
    """The same for what lies below the pages."""
    return Language(language())


def told(error: EschoolError) -> str:
    """An error's sentence in the reader's language."""
    return translation.told(reader(), error)


def translated(text: str | None) -> str:
    """What other rooms have put into Words, in the reader's language; what somebody wrote, as it is."""
    return translation.in_language(reader(), text or "")


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
