"""The entries of a submitted sheet, and how they are refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from db.kinds import AbsenceKind, GradeKind, Mark
from errors import InputError


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """What was entered for one student. `absence_seen` is what stood there when the page was opened."""

    student_id: int
    grade: Decimal | Mark | None = None
    absence: AbsenceKind | None = None
    absence_seen: AbsenceKind | None = None
    censure: str = ""
    praise: str = ""

    @property
    def changes_absence(self) -> bool:
        """Whether the teacher changed what stood there."""
        return self.absence is not self.absence_seen


@dataclass(frozen=True, slots=True)
class SheetSubmission:
    """A sheet as a browser submits it. `key` names this submission: repeated after a lost answer it has the same."""

    key: UUID
    class_id: int
    subject_id: int
    on: date
    lesson: int
    kind: GradeKind
    entries: tuple[SheetEntry, ...]


@dataclass(frozen=True, slots=True)
class SavedLesson:
    """How many events were recorded, changed or removed, and the students whose absence another teacher had changed."""

    recorded: int
    conflicts: tuple[str, ...]


class EntryError(InputError):
    """The entry of one student is not allowed; nothing was saved."""

    def __init__(self, student_id: int, sentence: str, /, **values: object) -> None:
        super().__init__(sentence, **values)
        self.student_id = student_id


class SheetError(InputError):
    """Entries of some students are not allowed, each for its own reason; nothing was saved."""

    def __init__(self, refused: Sequence[EntryError]) -> None:
        """`refused` has at least one; the first one's sentence stands for all where there is room for one only."""
        super().__init__(refused[0].sentence, **refused[0].values)
        self.refused = tuple(refused)


class SavedBeforeError(InputError):
    """This key was submitted before, with other content; `accepted` are the fields that were saved then."""

    def __init__(self, accepted: dict[str, str]) -> None:
        super().__init__("A part of this is saved already.")
        self.accepted = accepted


def fields_of(submission: SheetSubmission) -> dict[str, str]:
    """The fields that a submission filled, by the names they have on the page."""
    fields: dict[str, str] = {}
    for one in submission.entries:
        values = {
            "g": "" if one.grade is None else str(one.grade),
            "a": str(one.absence or "") if one.changes_absence else "",
            "r": one.censure,
            "p": one.praise,
        }
        fields |= {f"{name}{one.student_id}": value for name, value in values.items() if value}
    return fields
