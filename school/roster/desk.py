"""A person at the pages of an import: what waits, what is asked, what they have answered."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from errors import InputError
from school.roster import looking, remembering, uploads
from school.roster.answers import Answers, Choice, at, family_of
from school.roster.columns import Kind
from school.roster.looking import Shape
from school.roster.opening import Opened, open_file
from school.roster.plans import Options, rows_of
from school.roster.questions import Group
from school.roster.rows import Roster
from school.roster.tables import Problem
from school.roster.uploads import Upload


class MixedError(InputError):
    """Lists of people and sheets of grades in one file: it is asked which of them to read."""


LEAVE_OUT, WITHOUT = "leave_out", "without"
"""What may be decided of a group of equal problems, instead of correcting them."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A person's file as it is kept, and what the columns of the school's earlier files were."""

    upload: Upload
    known: Mapping[str, Choice]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A person's file, opened. `shapes` is empty for OneRoster, whose columns are known."""

    upload: Upload
    opened: Opened
    shapes: tuple[Shape, ...]

    @property
    def is_settled(self) -> bool:
        """Whether nothing is to be asked about its columns."""
        return all(one.is_settled for one in self.shapes)

    @property
    def is_of_grades(self) -> bool:
        """Whether it is a sheet of grades. Raises InputError when it has lists of people too."""
        kinds = {one.kind for one in self.shapes if one.kind}
        if Kind.GRADES in kinds and len(kinds) > 1:
            raise MixedError(
                "The file has lists of people and sheets of grades: choose for one of them that it is not read."
            )
        return kinds == {Kind.GRADES}

    @property
    def options(self) -> Options:
        """What was decided with the upload."""
        chosen = self.upload.answers.options
        return Options("missing_leave" in chosen, "missing_end" in chosen)

    def roster(self, today: date) -> Roster:
        """The people of the file, as answered."""
        return rows_of(self.opened, self.shapes, today, self.upload.answers)


def receive(
    data: bytes, file_name: str, known: Mapping[str, Choice], now: datetime, today: date, options: Options
) -> Waiting:
    """A file as it was uploaded, opened once; `known` is what the school's earlier files were. Nothing is kept yet.

    Raises InputError when it cannot be read: whoever keeps nothing then has the earlier one still waiting.
    """
    chosen = {
        name: on for name, on in (("missing_leave", options.missing_leave), ("missing_end", options.missing_end)) if on
    }
    answers = Answers(options=frozenset(chosen))
    return look(Fetched(Upload(data, file_name[-uploads.LONGEST_NAME :], answers, now.isoformat()), known), today)


def keep(session: Session, school_id: int, staff_id: int, waiting: Waiting, now: datetime) -> None:
    """Keep a file in place of the person's earlier one; `now` is when it was received."""
    upload = waiting.upload
    uploads.keep(session, school_id, staff_id, upload.data, upload.file_name, now, upload.answers)


def fetch(session: Session, school_id: int, staff_id: int, now: datetime) -> Fetched:
    """The file that waits, unopened: a large one is read for seconds, in which no transaction is to be open.

    Raises InputError when none waits any more.
    """
    return Fetched(uploads.kept(session, school_id, staff_id, now), remembering.remembered(session, school_id))


def look(fetched: Fetched, today: date) -> Waiting:
    """It opened. Raises InputError when nothing in it looks like a list."""
    upload = fetched.upload
    opened = open_file(upload.data, upload.file_name)
    if opened.one_roster is not None:
        return Waiting(upload, opened, ())
    return Waiting(upload, opened, looking.shapes(opened.tables, today, upload.answers, fetched.known))


def answer_columns(waiting: Waiting, choices: Mapping[str, Choice], headers: Mapping[str, int]) -> Answers:
    """The answers with what the person has said the columns are."""
    answers = waiting.upload.answers
    return replace(answers, shapes={**answers.shapes, **choices}, headers={**answers.headers, **headers})


def check_choice(choice: Choice) -> None:
    """Raises InputError when two columns are to be one thing, or one is what such a list has not."""
    if choice.kind is None:
        return
    taken: set[str] = set()
    for field in choice.fields.values():
        if field and not looking.is_field(choice.kind, field):
            raise InputError("Say whose the telephone, e-mail address or relation in each column is.")
        if field in taken and not (choice.kind is Kind.GRADES and field == "grade"):
            raise InputError("Two columns are chosen for the same thing: choose for one of them that it is not read.")
        if field:
            taken.add(field)


def answer_problems(
    answers: Answers, groups: tuple[Group, ...], decided: Mapping[str, str], written: Mapping[str, str]
) -> Answers:
    """The answers with what was decided of groups (by their keys) and written into cells (by `cell_key` or group).

    What stands in a cell already is no answer.
    """
    cells, values = dict(answers.cells), {name: dict(said) for name, said in answers.values.items()}
    left_out = set(answers.left_out)
    for group in groups:
        decision = decided.get(group.key, "")
        if decision == LEAVE_OUT:
            left_out |= {at(table, row) for table, row in group.rows}
        elif decision == WITHOUT and group.can_be_empty and group.is_one_answer:
            _mean(values.setdefault(family_of(group.field), {}), group.first.raw, "")
        elif decision == WITHOUT and group.can_be_empty:
            cells |= {at(one.table, one.row, one.field): "" for one in group.problems}
        elif group.is_one_answer and (said := " ".join(written.get(group.key, "").split())):
            if said != group.first.raw:
                _mean(values.setdefault(family_of(group.field), {}), group.first.raw, said)
        else:
            for one in group.problems:
                said = written.get(cell_key(one), "").strip()
                if said and said != one.raw and one.field:
                    cells[at(one.table, one.row, one.field)] = said
    return replace(answers, cells=cells, values=values, left_out=frozenset(left_out))


def _mean(known: dict[str, str], raw: str, said: str) -> None:
    """Cells that say `raw` mean `said`, and so do those that were said to mean `raw`: that answer was none."""
    known |= {cell: said for cell, meant in known.items() if meant == raw}
    known[raw] = said


def cell_key(one: Problem) -> str:
    """The cell of a problem, as a page names its field."""
    return at(one.table, one.row, one.field)
