"""A list of the new year's students, from a file, held against the plan: who is missing, new, or in another class."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Student
from school.rollover.plans import RolloverPlan, StudentStep
from school.roster import cells
from school.security.crypto import vault
from school.students.national_ids import NationalId


@dataclass(frozen=True, slots=True)
class ListedStudent:
    """A row of the list: who, as written there, and the class of the new year („6а“, „6 А“)."""

    row: int
    national_id: NationalId
    name: str = field(repr=False)
    class_name: str


@dataclass(frozen=True, slots=True)
class ListCheck:
    """What differs; each by the plan's order or the list's.

    `missing`: they would be in a class of the new year, and the list does not name them: perhaps they leave.
    `new`: the list names them and no class of the year that ends has them; `returning` of these were at the school.
    `elsewhere`: the plan puts them into another class than the list, whose class is the second. `not_staying`: the list
    names them, but by the plan they leave or graduate.
    """

    missing: tuple[StudentStep, ...]
    new: tuple[ListedStudent, ...]
    returning: tuple[ListedStudent, ...]
    elsewhere: tuple[tuple[StudentStep, str], ...]
    not_staying: tuple[tuple[StudentStep, str], ...]

    @property
    def agrees(self) -> bool:
        """Whether list and plan say the same."""
        return not (self.missing or self.new or self.elsewhere or self.not_staying)


def check_list(session: Session, school_id: int, plan: RolloverPlan, rows: Sequence[ListedStudent]) -> ListCheck:
    """Hold a list against a plan; nothing is written. Raises InputError for what is no class."""
    secrets = vault(session)
    known = {
        fingerprint: id_
        for id_, fingerprint in session.execute(
            select(Student.id, Student.national_id_hash).where(Student.school_id == school_id)
        )
    }
    steps = {one.student_id: one for one in plan.students}
    listed: dict[int, str] = {}
    new: list[ListedStudent] = []
    returning: list[ListedStudent] = []
    for one in rows:
        level, letter = cells.class_name(one.class_name)
        student_id = known.get(one.national_id.fingerprint(secrets))
        if student_id in steps:
            listed[student_id] = f"{level}{letter}"
        else:
            new.append(one)
            if student_id is not None:
                returning.append(one)
    return ListCheck(
        missing=tuple(one for one in plan.students if one.fate.stays and one.student_id not in listed),
        new=tuple(new),
        returning=tuple(returning),
        elsewhere=tuple(
            (steps[id_], name) for id_, name in listed.items() if steps[id_].fate.stays and steps[id_].to_class != name
        ),
        not_staying=tuple((steps[id_], name) for id_, name in listed.items() if not steps[id_].fate.stays),
    )
