"""What a file holds: its sheets by their form, each column with what it is, and what is still to be asked. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from errors import InputError
from school.roster import names
from school.roster.answers import Answers, Choice
from school.roster.columns import Kind
from school.roster.guessing import ColumnGuess, Guess, guess, shape_of
from school.roster.headings import FIELDS, GUARDIANS, OF_GUARDIAN
from school.roster.rows import Roster, join
from school.roster.sheet_rows import SheetRows
from school.roster.sheets import Sheet, understand
from school.roster.tables import Problem, Table

UNKNOWN_COLUMN = "Nothing says what the column “{heading}” holds: choose it, or that it is not read."


@dataclass(frozen=True, slots=True)
class Shape:
    """All sheets of one form, which are understood alike."""

    key: str
    sheets: tuple[Sheet, ...]
    guess: Guess
    choice: Choice | None
    """What the person has decided, or did for an earlier file of the school; None: nothing yet."""

    @property
    def kind(self) -> Kind | None:
        """What the sheets list."""
        return self.choice.kind if self.choice is not None else self.guess.kind

    @property
    def order(self) -> names.Order:
        """The order of whole names."""
        return (self.choice.order if self.choice is not None else None) or self.guess.order.order

    @property
    def class_name(self) -> str:
        """The class that the person has told for sheets that do not."""
        return self.choice.class_name if self.choice is not None else ""

    @property
    def tells_class(self) -> bool:
        """Whether a column, a title or a line of their own says of which class the students are."""
        if self.kind is None:
            return True
        told = (SheetRows(one, self.kind, self.fields, self.order, Answers()) for one in self.sheets)
        return all(one.tells_class() for one in told)

    def field(self, index: int) -> str | None:
        """What a column is; None: it is to be asked."""
        if self.choice is not None and self.choice.kind == self.guess.kind:
            decided = self.choice.fields.get(index)
            if decided is not None:
                return decided
        return next((one.field for one in self.guess.columns if one.index == index), None)

    @property
    def fields(self) -> dict[int, str]:
        """Column -> field, for those that are known."""
        known = {one.index: self.field(one.index) for one in self.guess.columns}
        return {index: field for index, field in known.items() if field is not None}

    @property
    def unknown(self) -> tuple[ColumnGuess, ...]:
        """Columns with something in them that nobody has decided about."""
        return tuple(one for one in self.guess.columns if one.filled and self.field(one.index) is None)

    @property
    def is_settled(self) -> bool:
        """Whether nothing about the columns needs to be asked: the person has decided, or it is our template."""
        if self.choice is not None:
            return not self.unknown
        if self.kind is None:
            return False
        ours = all(one.is_ours or not one.filled for one in self.guess.columns)
        return (
            ours
            and not self.unknown
            and not SheetRows(self.sheets[0], self.kind, self.fields, self.order, Answers()).missing()
        )


def shapes(
    tables: Sequence[Table], today: date, answers: Answers, remembered: Mapping[str, Choice] | None = None
) -> tuple[Shape, ...]:
    """The sheets of a file by their form. Raises InputError when nothing in it looks like a list of people."""
    grouped: dict[str, list[Sheet]] = {}
    for table in tables:
        sheet = understand(table, answers.headers.get(table.name))
        if sheet is not None and sheet.width:
            grouped.setdefault(shape_of(sheet), []).append(sheet)
    found = []
    for key, sheets in grouped.items():
        choice = answers.shapes.get(key) or (remembered or {}).get(key)
        guessed = guess(sheets, today, choice.kind if choice else None)
        if choice is not None or guessed.kind is not None:
            found.append(Shape(key, tuple(sheets), guessed, choice))
    if not found:
        raise InputError(
            "There are no column headings such as {names}: download the template and fill it in.",
            names="„Име“, „Фамилия“, „ЕГН/ЛНЧ“, „Клас“, „Имейл“",
        )
    return tuple(found)


def read_shapes(found: Sequence[Shape], today: date, answers: Answers) -> Roster:
    """The rows of all lists of people; columns that nobody has decided about are in `ignored`."""
    parts = []
    for shape in found:
        if shape.kind not in (Kind.STUDENTS, Kind.STAFF):
            continue
        parts.append(Roster(ignored=tuple(one.heading or one.letter for one in shape.unknown)))
        for sheet in shape.sheets:
            parts.append(SheetRows(sheet, shape.kind, shape.fields, shape.order, answers, shape.class_name).read(today))
    return join(Roster(), parts)


def unanswered(found: Sequence[Shape]) -> tuple[Problem, ...]:
    """The columns with contents that nobody has decided about."""
    return tuple(
        Problem(
            shape.sheets[0].table.name,
            shape.sheets[0].header_rows[-1] if shape.sheets[0].header_rows else 1,
            one.letter,
            one.heading,
            UNKNOWN_COLUMN,
            (("heading", one.heading or one.letter),),
        )
        for shape in found
        if shape.kind is not None
        for one in shape.unknown
    )


def is_field(kind: Kind, field: str) -> bool:
    """Whether a list of this kind has such a field."""
    if field in FIELDS[kind]:
        return True
    group, _, what = field.rpartition("_")
    return kind is Kind.STUDENTS and group in GUARDIANS and what in OF_GUARDIAN
