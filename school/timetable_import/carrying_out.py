"""Making a draft of a file's lessons by the names that a person confirmed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from db.models import Subject, TimetableLesson
from errors import InputError
from school import audit
from school.timetable import bells, versions
from school.timetable.grid import make_groups
from school.timetable.known import Known, known
from school.timetable.versions import Plan
from school.timetable_import.found import FoundLesson, FoundTimetable
from school.timetable_import.matching import class_id
from school.wording.one_line import on_one_line
from school.years import calendar

BELLS = "От внесеното разписание"


@dataclass(frozen=True, slots=True)
class Answers:
    """Name in the file -> name in the school, by kind; empty: not imported."""

    classes: Mapping[str, str]
    subjects: Mapping[str, str]
    teachers: Mapping[str, str]
    new_subjects: bool = False
    """Subjects that the school has not are added."""


@dataclass(frozen=True, slots=True)
class Imported:
    """The draft, how many lessons it has, and how many of the file were left out."""

    timetable_id: int
    lessons: int
    left_out: int


def carry_out(
    session: Session, school_id: int, found: FoundTimetable, answers: Answers, plan: Plan, *, by: int, now: datetime
) -> Imported:
    """Make the draft. Raises InputError for a name that means nothing, and then nothing is written."""
    if found.has_two_weeks and plan.week_a_on is None:
        plan = replace(plan, week_a_on=plan.starts_on)
    timetable_id = versions.create(session, school_id, plan, by=by, now=now)
    year_id, _ends_on = calendar.year_of(session, school_id, plan.starts_on)
    facts = known(session, school_id, year_id)
    if answers.new_subjects:
        facts = _with_new_subjects(session, school_id, facts, answers.subjects.values(), by=by, now=now)
    placing = _Placing(facts, answers)
    groups = make_groups(session, school_id, facts, placing.groups(found.lessons))
    rows: dict[tuple[int, ...], dict[str, Any]] = {}
    left_out = 0
    for one in found.lessons:
        placed = list(placing.rows(one, groups))
        left_out += not placed
        for row in placed:
            place = tuple(row[name] for name in ("class_id", "weekday", "lesson", "week", "staff_id"))
            rows.setdefault(place, row)
    if not rows:
        raise InputError("No lesson of the file can be imported: name its classes, subjects and teachers.")
    of = {"school_id": school_id, "timetable_id": timetable_id}
    session.connection().execute(insert(TimetableLesson), [of | row for row in rows.values()])
    if found.bells:
        _follow_bells(session, school_id, timetable_id, found, {row["class_id"] for row in rows.values()}, by, now)
    audit.write(
        session, "timetable.imported", "timetable", timetable_id, now,
        school_id=school_id, by=by, lessons=len(rows), left_out=left_out,
    )  # fmt: skip
    return Imported(timetable_id, len(rows), left_out)


class _Placing:
    """From names to rows. Raises InputError for an answer that means nothing."""

    def __init__(self, facts: Known, answers: Answers) -> None:
        self.facts = facts
        self.classes = {name: self._class(text) for name, text in answers.classes.items() if text.strip()}
        self.subjects = {name: self._subject(text) for name, text in answers.subjects.items() if text.strip()}
        self.teachers = {name: self._teacher(text) for name, text in answers.teachers.items() if text.strip()}

    def groups(self, lessons: Iterable[FoundLesson]) -> Iterator[tuple[int, str]]:
        for one in lessons:
            for name, group in one.groups:
                if name in self.classes:
                    yield self.classes[name], group

    def rows(self, lesson: FoundLesson, groups: Mapping[tuple[int, str], int]) -> Iterator[dict[str, Any]]:
        """A row for each class and teacher that are known; none when something is not."""
        of_group = dict(lesson.groups)
        for name in lesson.classes:
            of = self.classes.get(name)
            if of is None:
                continue
            for subject_id, staff_id in self._taught(of, lesson):
                group = of_group.get(name)
                yield {
                    "class_id": of,
                    "weekday": lesson.weekday,
                    "lesson": lesson.lesson,
                    "week": lesson.week,
                    "subject_id": subject_id,
                    "staff_id": staff_id,
                    "group_id": groups[of, group.casefold()] if group else None,
                    "room": lesson.room,
                    "may_overlap": lesson.is_together,
                }

    def _taught(self, of: int, lesson: FoundLesson) -> Iterator[tuple[int, int]]:
        """Subject and teacher; what the file leaves out is taken from what is assigned, where that is certain."""
        assigned = self.facts.taught.get(of, ())
        subject_id = self.subjects.get(lesson.subject) if lesson.subject else None
        if lesson.subject and subject_id is None:
            return
        if not lesson.teachers:
            own = [staff for subject, staff in assigned if subject == subject_id]
            if subject_id is not None and len(own) == 1:
                yield subject_id, own[0]
            return
        for name in lesson.teachers:
            staff_id = self.teachers.get(name)
            if staff_id is None:
                continue
            if subject_id is not None:
                yield subject_id, staff_id
            else:
                only = [subject for subject, staff in assigned if staff == staff_id]
                if len(only) == 1:
                    yield only[0], staff_id

    def _class(self, text: str) -> int:
        found = class_id(self.facts, text)
        if found is None:
            raise InputError("The school year has no class “{name}”: choose one of the list.", name=text[:20])
        return found

    def _subject(self, text: str) -> int:
        found = self.facts.subject_id(text)
        if found is None:
            raise InputError(
                "The school has no subject “{name}”, or several like it: write it in full, or add it first.",
                name=text[:80],
            )
        return found

    def _teacher(self, text: str) -> int:
        found = self.facts.staff_id(text)
        if found is None:
            raise InputError("No teacher is called “{name}”, or several are: write both names.", name=text[:80])
        return found


def _with_new_subjects(
    session: Session, school_id: int, facts: Known, wanted: Iterable[str], *, by: int, now: datetime
) -> Known:
    new = {
        line.casefold(): line
        for text in wanted
        if (line := on_one_line(text)) and len(line) <= 80 and facts.subject_id(line) is None
    }
    if not new:
        return facts
    ids = session.execute(
        insert(Subject).returning(Subject.id, sort_by_parameter_order=True),
        [{"school_id": school_id, "name": name} for name in new.values()],
    )
    made = dict(zip(ids.scalars(), new.values(), strict=True))
    audit.write_many(
        session,
        [
            audit.row("subject.created", "subject", id_, now, school_id=school_id, by=by, name=name)
            for id_, name in made.items()
        ],
    )
    return replace(facts, subjects=facts.subjects | made)


def _follow_bells(
    session: Session,
    school_id: int,
    timetable_id: int,
    found: FoundTimetable,
    classes: set[int],
    by: int,
    now: datetime,
) -> None:
    """The file's bells for all its classes: a schedule with the same hours when there is one, else a new one."""
    there = bells.schedules(session, school_id)
    schedule = next((one.id for one in there if one.hours == dict(found.bells)), None)
    if schedule is None:
        taken = {one.name for one in there}
        names = (BELLS, *(f"{BELLS} {number}" for number in range(2, len(taken) + 3)))
        name = next(one for one in names if one not in taken)
        schedule = bells.save(session, school_id, None, name, found.bells, by=by, now=now)
    bells.follow(session, school_id, timetable_id, dict.fromkeys(classes, schedule), by=by, now=now)
