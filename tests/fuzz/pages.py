"""Finds the forms of pages, with the fields and values that a browser would send."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

Fields = list[tuple[str, str]]


@dataclass
class Form:
    """A form as it stands on a page; `uploads`: the names of its files."""

    address: str
    method: str
    fields: Fields = field(default_factory=list)
    uploads: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self._page = page
        self._form: Form | None = None
        self._select = ""
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(urljoin(self._page, told.get("action", "")), told.get("method", "get").upper())
            self.forms.append(self._form)
        form, name = self._form, told.get("name", "")
        if form is None:
            return
        if tag == "input" and told.get("type") == "file":
            form.uploads.append(name)
        elif tag in ("input", "textarea", "button") and name and name != "csrf_token":
            form.fields.append((name, told.get("value", "")))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in told or self._select not in dict(form.fields)):
            form.fields = [one for one in form.fields if one[0] != self._select] + [
                (self._select, told.get("value", ""))
            ]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""


def forms(address: str, html: str) -> Iterable[Form]:
    """The forms of a page, with addresses of this site only."""
    reader = _Reader(address)
    reader.feed(html)
    return [one for one in reader.forms if not urlsplit(one.address).netloc]
