"""What of a school a timetable can name: its subjects, teachers, classes with their groups, and who teaches what."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.kinds import GroupKind
from db.models import ClassGroup, SchoolClass, Staff, Subject, TeachingAssignment, TimetableLesson
from errors import InputError
from school.timetable import names
from school.timetable.cell_text import Written


@dataclass(frozen=True, slots=True)
class Group:
    """A part of a class."""

    id: int
    class_id: int
    name: str
    kind: GroupKind


@dataclass(frozen=True, slots=True)
class Meant:
    """A written lesson with ids; `group` stays a name: it may be a new one."""

    written: Written
    subject_id: int
    staff_id: int


@dataclass(frozen=True, slots=True)
class Known:
    """The school as it is; the last three are of the classes of one year."""

    subjects: dict[int, str]
    people: dict[int, tuple[str, str]]
    """Active staff: given and family name."""
    classes: dict[int, tuple[int, str]]
    """Level and letter, in their order."""
    groups: tuple[Group, ...]
    taught: dict[int, tuple[tuple[int, int], ...]]
    """Class -> subject and teacher, as assigned."""

    def class_name(self, class_id: int) -> str:
        """„8а“."""
        level, letter = self.classes[class_id]
        return f"{level}{letter}"

    def teacher(self, staff_id: int) -> str:
        """A teacher's name; of namesakes with the number of the account, so that it means one of them."""
        given, family = self.people[staff_id]
        twice = Counter(self.people.values())[given, family] > 1
        return f"{given} {family} №{staff_id}" if twice else f"{given} {family}"

    def staff_id(self, text: str) -> int | None:
        """Who is meant by a name; None: nobody, or there are several."""
        name, mark, number = text.rpartition("№")
        if mark and number.strip().isdecimal():
            id_ = int(number)
            return id_ if id_ in self.people and " ".join(self.people[id_]) == " ".join(name.split()) else None
        guess = names.person(text, self.people)
        return guess.id if guess and guess.is_certain else None

    def subject_id(self, text: str) -> int | None:
        """Which subject is meant; None: none, or there are several."""
        guess = names.subject(text, self.subjects)
        return guess.id if guess and guess.is_certain else None

    def meant(self, class_id: int, written: Written) -> Meant:
        """A lesson of a class as it is written. Raises InputError in one sentence."""
        subject_id = self.subject_id(written.subject)
        if subject_id is None:
            raise InputError(
                "The school has no subject “{name}”, or several like it: write it in full, or add it first.",
                name=written.subject[:80],
            )
        if written.teacher:
            staff_id = self.staff_id(written.teacher)
            if staff_id is None:
                raise InputError(
                    "No teacher is called “{name}”, or several are: write both names.", name=written.teacher[:80]
                )
            return Meant(written, subject_id, staff_id)
        assigned = [teacher for subject, teacher in self.taught.get(class_id, ()) if subject == subject_id]
        if len(assigned) != 1:
            raise InputError(
                "“{name}” has no teacher here, or several: write who teaches it, after a slash.",
                name=self.subjects[subject_id],
            )
        return Meant(written, subject_id, assigned[0])


def known(session: Session, school_id: int, year_id: int) -> Known:
    """What a timetable of this year can name: five statements."""
    subjects = session.execute(select(Subject.id, Subject.name).where(Subject.school_id == school_id))
    people = session.execute(
        select(Staff.id, Staff.first_name, Staff.last_name)
        .where(Staff.school_id == school_id, Staff.is_active)
        .order_by(Staff.first_name, Staff.last_name, Staff.id)
    )
    classes = session.execute(
        select(SchoolClass.id, SchoolClass.level, SchoolClass.letter)
        .where(SchoolClass.school_id == school_id, SchoolClass.school_year_id == year_id)
        .order_by(SchoolClass.level, SchoolClass.letter)
    )
    of_year = select(SchoolClass.id).where(SchoolClass.school_id == school_id, SchoolClass.school_year_id == year_id)
    groups = session.execute(
        select(ClassGroup.id, ClassGroup.class_id, ClassGroup.name, ClassGroup.kind)
        .where(ClassGroup.school_id == school_id, ClassGroup.class_id.in_(of_year))
        .order_by(ClassGroup.name, ClassGroup.id)
    )
    taught: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in session.execute(
        select(TeachingAssignment.class_id, TeachingAssignment.subject_id, TeachingAssignment.staff_id)
        .where(TeachingAssignment.school_id == school_id, TeachingAssignment.class_id.in_(of_year))
        .order_by(TeachingAssignment.id)
    ):
        taught[row.class_id].append((row.subject_id, row.staff_id))
    return Known(
        {row.id: row.name for row in subjects},
        {row.id: (row.first_name, row.last_name) for row in people},
        {row.id: (row.level, row.letter) for row in classes},
        tuple(Group(*row) for row in groups),
        {class_id: tuple(pairs) for class_id, pairs in taught.items()},
    )


def classes_of(session: Session, school_id: int, year_id: int) -> dict[int, str]:
    """The classes of a year by id, in their order."""
    rows = session.execute(
        select(SchoolClass.id, SchoolClass.level, SchoolClass.letter)
        .where(SchoolClass.school_id == school_id, SchoolClass.school_year_id == year_id)
        .order_by(SchoolClass.level, SchoolClass.letter)
    )
    return {row.id: f"{row.level}{row.letter}" for row in rows}


def lessons_by_class(session: Session, school_id: int, timetable_id: int) -> dict[int, int]:
    """How many lessons a version has, by class."""
    rows = session.execute(
        select(TimetableLesson.class_id, func.count().label("lessons"))
        .where(TimetableLesson.school_id == school_id, TimetableLesson.timetable_id == timetable_id)
        .group_by(TimetableLesson.class_id)
    )
    return {row.class_id: row.lessons for row in rows}
