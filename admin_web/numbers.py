"""Numbers in addresses and forms: they are bounded, and an impossible one is never looked up."""

from datetime import MAXYEAR, MINYEAR

from werkzeug.routing import IntegerConverter

LARGEST_ID = 2**31 - 1
"""What an id's column holds; a database refuses to compare it with more."""


class IdConverter(IntegerConverter):
    """`<int:…>` in a route: 404 for what no column could hold."""

    def __init__(self, map: object, *args: int, **kwargs: int) -> None:  # noqa: A002  # Werkzeug's name
        super().__init__(map, *args, **{"max": LARGEST_ID, **kwargs})  # type: ignore[arg-type]


def whole_number(text: str) -> int:
    """The number a text is, from 0. Raises ValueError for what is none, or is more than a column holds."""
    if not (text.isascii() and text.isdecimal() and (number := int(text[:11])) <= LARGEST_ID):
        raise ValueError("this is no number")
    return number


def row_id(text: str) -> int:
    """The id a text names. Raises ValueError when it names none."""
    if (number := whole_number(text)) == 0:
        raise ValueError("this is no id")
    return number


def calendar_year(text: str) -> int:
    """The year a text names. Raises ValueError for one that no calendar has, or that has none before or after it."""
    if not (text.isascii() and text.isdecimal() and MINYEAR < (year := int(text[:5])) < MAXYEAR):
        raise ValueError("this is no year")
    return year
