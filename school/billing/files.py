"""Reading an operator's billing file, line by line, as its format says; a file of any length takes little memory."""

import csv
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from errors import InputError
from school.billing.money import Money
from school.billing.operators import FileFormat, Identified
from school.security.crypto import Vault
from school.security.phones import e164

CHUNK = 1 << 20
PURPOSE = "billing line"


@dataclass(frozen=True, slots=True)
class FileLine:
    """What a line says. `phone` in E.164, where the file has numbers; `charged` False: it says that nothing was."""

    number: int
    reference: str
    phone: str | None
    on_day: date | None
    amount: Money
    charged: bool


Named = tuple[str, FileLine]
"""A line, with what identifies it in whichever file it stands."""


class Names:
    """What identifies a line in whichever file it stands; the same charge again in one file is another."""

    def __init__(self, how: FileFormat, keys: Vault) -> None:
        self._how, self._keys = how, keys

    def of(self, lines: Iterable[FileLine]) -> Iterator[Named]:
        """The lines of a whole file, from the first one on, with their names."""
        seen: Counter[str] = Counter()
        for line in lines:
            name = self._name(line)
            seen[name] += 1
            yield (name if seen[name] == 1 else f"{name}#{seen[name]}"), line

    def _name(self, line: FileLine) -> str:
        if self._how.identified is Identified.MESSAGE:
            return line.reference[:70]
        return self._keys.fingerprint(PURPOSE, f"{line.phone}:{line.on_day}").hex()[:40]


def digest(path: Path) -> bytes:
    """What names the file's contents. Raises InputError when it cannot be read."""
    found = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                found.update(chunk)
    except OSError as error:
        raise InputError("The file {path} cannot be read: {why}.", path=path, why=error.strerror) from None
    return found.digest()


def lines(path: Path, how: FileFormat) -> Iterator[FileLine]:
    """Its lines. Raises InputError, with the line, for one that cannot be read; nothing is guessed."""
    number = 0
    try:
        with path.open(encoding=how.encoding, newline="") as file:
            rows = csv.reader(file, delimiter=how.separator)
            for _ in range(how.skip_lines):
                next(rows, None)
            places = _places(next(rows, []) if how.headings else [], how)
            for row in rows:
                number = rows.line_num
                if any(cell.strip() for cell in row):
                    yield _line(number, row, places, how)
    except UnicodeDecodeError:
        raise InputError(
            "The file is not in {encoding}: see `encoding` of the operator.", encoding=how.encoding
        ) from None
    except csv.Error:
        raise InputError("Line {number} of the file cannot be read as separated columns.", number=number) from None


def _places(headings: list[str], how: FileFormat) -> dict[str, int]:
    wanted = {"amount": how.amount}
    wanted |= {"reference": how.reference} if how.identified is Identified.MESSAGE else {}
    wanted |= {"status": how.status} if how.status else {}
    optional = {"number": how.number, "day": how.day}
    if how.identified is Identified.NUMBER:
        wanted |= optional
    if not how.headings:
        return {name: int(place) - 1 for name, place in (wanted | optional).items()}
    known = {heading.strip().casefold(): place for place, heading in enumerate(headings)}
    for name in wanted.values():
        if name.casefold() not in known:
            raise InputError("The file has no column {name}: see the operator's format.", name=name)
    return {
        name: known[column.casefold()] for name, column in (wanted | optional).items() if column.casefold() in known
    }


def _line(number: int, row: list[str], places: dict[str, int], how: FileFormat) -> FileLine:
    def cell(name: str) -> str:
        place = places.get(name)
        return row[place].strip() if place is not None and place < len(row) else ""

    phone = e164(cell("number")) if cell("number") else None
    reference = cell("reference")
    if (not reference) if how.identified is Identified.MESSAGE else (phone is None):
        raise InputError("Line {number} of the file does not say which charge it is.", number=number)
    charged = not how.status or cell("status") in how.charged_status
    return FileLine(
        number, reference, phone, _day(number, cell("day"), how), _amount(number, cell("amount"), how), charged
    )


def _day(number: int, text: str, how: FileFormat) -> date | None:
    if not text:
        return None
    try:
        return datetime.strptime(text, how.day_format).date()  # noqa: DTZ007  # a day, without an hour
    except ValueError:
        form = how.day_format
        raise InputError(
            "Line {number} of the file: {text} is no day as {form}.", number=number, text=text[:20], form=form
        ) from None


def _amount(number: int, text: str, how: FileFormat) -> Money:
    plain = text.replace("\u00a0", "").replace(" ", "")
    if how.decimal == ",":
        plain = plain.replace(",", ".")
    try:
        cents = Decimal(plain) * 100
        if not cents.is_finite() or cents != int(cents) or cents < 0:
            raise InvalidOperation
    except InvalidOperation:
        raise InputError("Line {number} of the file: {text} is no amount.", number=number, text=text[:20]) from None
    return Money(int(cents), how.currency)
