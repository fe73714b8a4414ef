"""A table as people make it -> where its headings and its rows are, and what stands around them.

Titles above the headings, headings in two rows, a class as a line of its own, a row that numbers the columns, totals
and signatures below: each is found by what it looks like, and what is left out is told.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from errors import InputError
from school.roster import class_names
from school.roster.cells import text_of
from school.roster.columns import Kind
from school.roster.contents import MOSTLY, name_words
from school.roster.headings import heading, key_of
from school.roster.marks import holds_no_more, is_mark
from school.roster.tables import Row, Table, Value, is_blank

LOOKED_AT = 25
"""Rows at the beginning in which the headings are looked for."""
_FOOTER = re.compile(
    r"^(?:всичко|общо|сума|брой|директор|класен|кл\. ?р|изготвил|съставил|проверил|подпис|дата|м\. ?п|забележк|"
    r"легенда|средно|среден успех|total)\b|^\*",
    re.IGNORECASE,
)
_CLASS_IN_TEXT = re.compile(
    r"(?<![\w.])((?:1[0-2]|[1-9])|[IVXХІ]{1,4})\s*[-–.]?\s*[„\"“«(]?\s*([а-яА-ЯA-Za-z])\s*[“\"”»)]?(?![\w])(\s*(?:клас|кл\b))?"
)


@dataclass(frozen=True, slots=True)
class Aside:
    """A line below or between the rows that is no row of a person: told, so that nobody is lost unseen."""

    table: str
    row: int
    text: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with what was found of its form."""

    table: Table
    header_rows: tuple[int, ...]
    """Numbers of the rows that make the headings; none: the columns have no headings."""
    headings: tuple[str, ...]
    """Of each column, possibly empty."""
    body: tuple[Row, ...]
    sections: Mapping[int, str]
    """Row -> the class that stands as a line above it."""
    title_class: str
    """The class that a title or the sheet's name tells, else empty."""
    asides: tuple[Aside, ...]

    @property
    def width(self) -> int:
        """Columns that are read."""
        return len(self.headings)

    def column(self, index: int) -> list[Value]:
        """The cells of a column."""
        return [row.cells[index] if index < len(row.cells) else None for row in self.body]


def understand(table: Table, header: int | None = None) -> Sheet | None:
    """The form of a table; None: nothing in it looks like a list.

    `header` is the row of the headings when the person has told it; 0: there are none.
    """
    rows = table.rows
    if not rows:
        return None
    place, depth = _header(rows) if header is None else _told(rows, header)
    if place is None:
        return None
    if depth == 0:
        width = max(len(row.cells) for row in rows)
        headings: tuple[str, ...] = ("",) * width
    else:
        headings = _joined([row.cells for row in rows[place : place + depth]])
    first = place + depth
    used = rows[place:first]
    body, sections, asides = _body(table.name, rows[first:], headings)
    title = next((found for row in rows[:place] for cell in row.cells if (found := class_in(text_of(cell)))), "")
    return Sheet(
        table,
        tuple(row.number for row in used),
        headings,
        body,
        sections,
        title or class_in(table.name),
        asides,
    )


def _told(rows: Sequence[Row], header: int) -> tuple[int | None, int]:
    if header == 0:
        return 0, 0
    place = next((index for index, row in enumerate(rows) if row.number >= header), None)
    return place, 1


def _header(rows: Sequence[Row]) -> tuple[int | None, int]:
    """Where the headings begin and of how many rows they are; (None, 0): there are none, (0, 0): rows without them."""
    best = 0
    found: tuple[int | None, int] = None, 0
    looked = rows[:LOOKED_AT]
    for place in range(len(looked)):
        for depth in (1, 2, 3):
            part = looked[place : place + depth]
            if len(part) < depth or any(_is_data(row) for row in part):
                break
            if any(_filled(row) < 2 for row in part[:-1]):
                break  # a title
            score = score_of(_joined([row.cells for row in part]))
            if score > best:
                best, found = score, (place, depth)
    if best >= 2:
        return found
    if (above := _above_grades(looked)) is not None:
        return above, 1
    data = [place for place, row in enumerate(looked) if _is_data(row)]
    if len(data) < len(looked) / 2:
        return None, 0
    above = data[0] - 1
    has_headings = above >= 0 and _filled(looked[above]) >= max(2, _filled(looked[data[0]]) / 2)
    return (above, 1) if has_headings else (data[0], 0)


def _above_grades(rows: Sequence[Row]) -> int | None:
    """The row above students with grades, whose headings may be subjects, dates or anything; None: there is none."""
    for place, row in enumerate(rows[:-1]):
        below = rows[place + 1 :]
        if _filled(row) < 2 or any(is_mark(cell) for cell in row.cells if not is_blank(cell)):
            continue
        columns = [[one.cells[index] for one in below if index < len(one.cells) and not is_blank(one.cells[index])]
                   for index in range(len(row.cells))]  # fmt: skip
        graded = [cells for cells in columns if cells and sum(map(holds_no_more, cells)) >= MOSTLY * len(cells)]
        named = [
            cells for cells in columns if cells and sum(name_words(one) > 1 for one in cells) >= MOSTLY * len(cells)
        ]
        if graded and named:
            return place
    return None


def score_of(headings: Sequence[Value]) -> int:
    """How much a row looks like one of headings: the most different things that it names in one kind of list."""
    texts = [cell for cell in headings if isinstance(cell, str) and not is_blank(cell)]
    return max(
        len({(said.what, said.whose, said.number) for text in texts if (said := heading(text, kind)).what})
        for kind in Kind
    )


def _is_data(row: Row) -> bool:
    """Whether a row holds a long number or an address, as no heading does."""
    return any(re.search(r"\d{6}|\d{4}\s\d|\w@\w", text_of(cell)) for cell in row.cells)


def _joined(rows: Sequence[Sequence[Value]]) -> tuple[str, ...]:
    """Headings of several rows as one: what stands above several columns goes with each of them."""
    width = max((index + 1 for cells in rows for index, cell in enumerate(cells) if not is_blank(cell)), default=0)
    parts: list[list[str]] = [[] for _ in range(width)]
    for depth, cells in enumerate(rows):
        above = ""
        texts = [" ".join(text_of(cells[index]).split()) if index < len(cells) else "" for index in range(width)]
        spreads = depth < len(rows) - 1 and sum(map(bool, texts)) > 1
        for index, text in enumerate(texts):
            below = any(index < len(later) and not is_blank(later[index]) for later in rows[depth + 1 :])
            above = text or (above if spreads and below else "")
            if above:
                parts[index].append(above)
    return tuple(" ".join(dict.fromkeys(part))[:120] for part in parts)


def _body(
    name: str, rows: Sequence[Row], headings: tuple[str, ...]
) -> tuple[tuple[Row, ...], dict[int, str], tuple[Aside, ...]]:
    keys = {key_of(text) for text in headings if text}
    body: list[Row] = []
    sections: dict[int, str] = {}
    asides: list[Aside] = []
    section = ""
    last = max((place for place, row in enumerate(rows) if _filled(row) > 2), default=-1)
    for place, row in enumerate(rows):
        texts = [text_of(cell) for cell in row.cells if not is_blank(cell)]
        if not texts or _repeats(texts, keys) or (not body and _numbers_columns(texts)):
            continue
        if len(texts) <= 2 and len(headings) > 2 and not _is_data(row) and (found := class_in(texts[0], alone=True)):
            section = found
            continue
        is_footer = bool(_FOOTER.match(texts[0])) and len(texts) <= max(3, len(headings) // 2)
        if (
            (is_footer or (place > last and len(headings) > 3))
            and not _is_data(row)
            and len(texts) <= max(3, len(headings) // 2)
        ):
            asides.append(Aside(name, row.number, " ".join(texts)[:80]))
            continue
        body.append(row)
        if section:
            sections[row.number] = section
    return tuple(body), sections, tuple(asides)


def _filled(row: Row) -> int:
    return sum(not is_blank(cell) for cell in row.cells)


def _repeats(texts: Sequence[str], keys: set[str]) -> bool:
    """The headings once more, as on each printed page."""
    alike = sum(key_of(text) in keys for text in texts)
    return len(keys) > 1 and alike >= 2 and alike >= 0.6 * len(texts)


def _numbers_columns(texts: Sequence[str]) -> bool:
    """1, 2, 3 … below the headings."""
    return len(texts) > 2 and texts == [str(number) for number in range(1, len(texts) + 1)]


def class_in(text: str, *, alone: bool = False) -> str:
    """The class that a title names, as it is written; `alone`: only where the text is about nothing else."""
    text = " ".join(text.split())
    for match in _CLASS_IN_TEXT.finditer(text):
        is_told = bool(match[3]) or re.search(r"паралелк|клас\b", text[: match.start()].lower())
        written = f"{match[1]}{match[2]}"
        begins = match.start() == 0 and len(text) < 40 and not re.search(r"\s", match[0].strip())
        if not (is_told or begins or match[0].strip() == text):
            continue
        if alone and len(text) - len(match[0]) > 40:
            continue
        try:
            class_names.class_name(written)
        except class_names.LatinLetterError:
            return written
        except InputError:
            continue
        return written
    return ""
