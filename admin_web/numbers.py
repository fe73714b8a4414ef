"""Numbers in addresses and forms: ids are bounded, and an impossible one is never looked up."""

from werkzeug.routing import IntegerConverter

LARGEST_ID = 2**31 - 1
"""What an id's column holds; a database refuses to compare it with more."""


class IdConverter(IntegerConverter):
    """`<int:…>` in a route: 404 for what no column could hold."""

    def __init__(self, map: object, *args: int, **kwargs: int) -> None:  # noqa: A002  # Werkzeug's name
        super().__init__(map, *args, **{"max": LARGEST_ID, **kwargs})  # type: ignore[arg-type]


def row_id(text: str) -> int:
    """The id a text names. Raises ValueError when it names none."""
    if not (text.isascii() and text.isdecimal() and 0 < (number := int(text[:11])) <= LARGEST_ID):
        raise ValueError("this is no id")
    return number
