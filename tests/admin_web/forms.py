"""A form as a browser without scripts would send it: every field with what stands in it."""

from html.parser import HTMLParser


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "input" and name and given.get("type") not in ("checkbox", "radio", "file"):
            self.fields[name] = given.get("value") or ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or self._select not in self.fields):
            self.fields[self._select] = given.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""


def fields_of(page: str, address: str = "") -> dict[str, str]:
    """The fields of the page's form that goes to an address; empty: of its only form in the main part."""
    main = page[page.index("<main") :]
    start = main.index(f'action="{address}"') if address else main.index("<form")
    found = _Fields()
    found.feed(main[start : main.index("</form>", start)])
    return found.fields
