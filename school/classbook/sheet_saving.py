"""Saving a lesson's sheet: all of it in one transaction, once, and nothing of another teacher's silently changed.

A handful of statements whatever the size of the class.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from db.base import Base
from db.kinds import AbsenceKind, EventKind, GradeKind, Mark, RemarkKind
from db.models import Absence, Grade, HeardEvent, Remark, Student, Submission
from errors import InputError
from school import audit, authority, calendar, outbox
from school.classbook import grade_scales
from school.classbook.recording import LONGEST_TEXT, on_one_line
from school.events import EventRef


@dataclass(frozen=True, slots=True)
class Entry:
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
class HandedIn:
    """A sheet as a browser hands it in. `key` names this hand-in: repeated after a lost answer it has the same."""

    key: UUID
    class_id: int
    subject_id: int
    on: date
    lesson: int
    kind: GradeKind
    entries: tuple[Entry, ...]


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


class SavedBeforeError(InputError):
    """This key was handed in before, with other content; `accepted` are the fields that were saved then."""

    def __init__(self, accepted: dict[str, str]) -> None:
        super().__init__("A part of this is saved already.")
        self.accepted = accepted


def save_lesson(session: Session, *, by: int, handed_in: HandedIn, now: datetime) -> SavedLesson:
    """Record everything that was handed in, in the caller's writing transaction.

    The same hand-in again gets the first answer and changes nothing. Raises InputError, EntryError or
    SavedBeforeError, and then nothing is recorded.
    """
    teacher = authority.author(session, by)
    if first := _first_answer(session, by, handed_in):
        return first
    if handed_in.on > calendar.today(now):
        raise InputError("{on:%d.%m.%Y} is in the future: check the date.", on=handed_in.on)
    of = authority.class_of_school(session, teacher, handed_in.class_id)
    assignment = authority.check_teaches(session, teacher, of, handed_in.subject_id)
    where = calendar.locate(session, teacher.school_id, handed_in.on)
    if any(one.changes_absence for one in handed_in.entries):
        calendar.check_school_day(session, teacher.school_id, where, of.level)
    sheet = _Sheet(session, teacher, of, assignment, where, handed_in, now)
    saved = sheet.save()
    _remember(session, teacher.school_id, by, handed_in, saved, now)
    return saved


class _Sheet:
    """One hand-in being saved."""

    def __init__(
        self,
        session: Session,
        teacher: authority.Author,
        of: authority.ClassOf,
        assignment: authority.Assignment,
        where: calendar.SchoolDate,
        handed_in: HandedIn,
        now: datetime,
    ) -> None:
        self.session, self.teacher, self.of, self.assignment = session, teacher, of, assignment
        self.where, self.handed_in, self.now = where, handed_in, now
        rows = session.execute(
            select(Student.id, Student.first_name, Student.last_name, Student.has_special_needs).where(
                Student.school_id == teacher.school_id, Student.class_id == handed_in.class_id
            )
        )
        self.students = {row.id: row for row in rows}
        self.audited: list[dict[str, Any]] = []
        self.recorded: list[tuple[EventRef, int]] = []

    def save(self) -> SavedLesson:
        for entry in self.handed_in.entries:
            if entry.student_id not in self.students:
                raise EntryError(entry.student_id, "There is no such student in a class of this school.")
        self._insert(Grade, EventKind.GRADE, [self._grade(one) for one in self.handed_in.entries if one.grade])
        changed, conflicts = self._absences()
        self._insert(Remark, EventKind.REMARK, [row for one in self.handed_in.entries for row in self._remarks(one)])
        audit.write_many(self.session, self.audited)
        outbox.recorded(self.session, [ref for ref, _student_id in self.recorded], self.now)
        return SavedLesson(len(self.recorded) + changed, conflicts)

    def _common(self, student_id: int) -> dict[str, Any]:
        return {
            "school_id": self.teacher.school_id,
            "student_id": student_id,
            "subject_id": self.handed_in.subject_id,
            "staff_id": self.teacher.staff_id,
            "school_year_id": self.where.school_year_id,
            "on_date": self.handed_in.on,
            "recorded_at": self.now,
        }

    def _grade(self, entry: Entry) -> dict[str, Any]:
        assert entry.grade is not None
        graded = grade_scales.Graded(
            self.of.level,
            self.students[entry.student_id].has_special_needs,
            self.handed_in.kind,
            True,
            self.assignment.is_profiled,
        )
        try:
            stored = grade_scales.permitted(entry.grade, graded)
        except InputError as error:
            raise EntryError(entry.student_id, error.sentence, **error.values) from None
        return self._common(entry.student_id) | {
            "term": self.where.term,
            "kind": self.handed_in.kind,
            "scale": stored.scale,
            "value": stored.value,
            "mark": stored.mark,
        }

    def _remarks(self, entry: Entry) -> list[dict[str, Any]]:
        rows = []
        for kind, text in ((RemarkKind.CENSURE, entry.censure), (RemarkKind.PRAISE, entry.praise)):
            if written := on_one_line(text):
                if len(written) > LONGEST_TEXT:
                    raise EntryError(entry.student_id, "The remark is longer than 1000 characters: shorten it.")
                rows.append(self._common(entry.student_id) | {"kind": kind, "text": written})
        return rows

    def _insert(self, table: type[Base], kind: EventKind, rows: Sequence[dict[str, Any]]) -> None:
        if not rows:
            return
        statement = insert(table).returning(table.__table__.c.id, sort_by_parameter_order=True)
        for row, id_ in zip(rows, self.session.execute(statement, rows).scalars(), strict=True):
            self.recorded.append((EventRef(kind, id_), row["student_id"]))
            self._audit(f"{kind}.recorded", kind, id_, row["student_id"], kind=str(row["kind"]))

    def _absences(self) -> tuple[int, tuple[str, ...]]:
        """Insert, change and remove absences; gives how many stood there before, and whose another had changed."""
        wanted = {one.student_id: one for one in self.handed_in.entries if one.changes_absence}
        if not wanted:
            return 0, ()
        standing = {
            row.student_id: row
            for row in self.session.execute(
                select(Absence.student_id, Absence.id, Absence.kind)
                .where(
                    Absence.school_id == self.teacher.school_id,
                    Absence.student_id.in_(wanted),
                    Absence.on_date == self.handed_in.on,
                    Absence.lesson == self.handed_in.lesson,
                )
                .with_for_update()
            )
        }
        new, conflicts, changed = [], [], 0
        for student_id, entry in wanted.items():
            row = standing.get(student_id)
            now_there = row.kind if row else None
            if now_there is entry.absence:
                continue  # another teacher entered the same
            if now_there is not entry.absence_seen:
                student = self.students[student_id]
                conflicts.append(f"{student.first_name} {student.last_name}")
            elif row is None or now_there is None:
                new.append(
                    self._common(student_id) | {"kind": entry.absence, "reason": None, "lesson": self.handed_in.lesson}
                )
            else:
                self._change_absence(row.id, student_id, now_there, entry.absence)
                changed += 1
        self._insert(Absence, EventKind.ABSENCE, new)
        return changed, tuple(conflicts)

    def _change_absence(self, id_: int, student_id: int, before: AbsenceKind, after: AbsenceKind | None) -> None:
        self.session.execute(delete(HeardEvent).where(HeardEvent.kind == EventKind.ABSENCE, HeardEvent.event_id == id_))
        ref = EventRef(EventKind.ABSENCE, id_)
        if after is None:
            outbox.deleted(self.session, [ref], self.now)
            self.session.execute(delete(Absence).where(Absence.id == id_))
            self._audit("absence.deleted", EventKind.ABSENCE, id_, student_id, before=str(before))
            return
        self.session.execute(
            update(Absence)
            .where(Absence.id == id_)
            .values(kind=after, reason=None, staff_id=self.teacher.staff_id, recorded_at=self.now)
        )
        outbox.corrected(self.session, [ref], self.now)
        self._audit("absence.corrected", EventKind.ABSENCE, id_, student_id, before=str(before), after=str(after))

    def _audit(self, action: str, entity: EventKind, id_: int, student_id: int, **details: Any) -> None:
        self.audited.append(
            audit.row(
                action,
                entity,
                id_,
                self.now,
                school_id=self.teacher.school_id,
                by=self.teacher.staff_id,
                student_id=student_id,
                **details,
            )
        )


def fields_of(handed_in: HandedIn) -> dict[str, str]:
    """The fields that a hand-in filled, by the names they have on the page."""
    fields: dict[str, str] = {}
    for one in handed_in.entries:
        values = {
            "g": str(one.grade or ""),
            "a": str(one.absence or "") if one.changes_absence else "",
            "r": one.censure,
            "p": one.praise,
        }
        fields |= {f"{name}{one.student_id}": value for name, value in values.items() if value}
    return fields


def _digest(handed_in: HandedIn) -> str:
    said = repr((handed_in.kind, sorted(fields_of(handed_in).items())))
    return hashlib.sha256(said.encode()).hexdigest()


def _first_answer(session: Session, by: int, handed_in: HandedIn) -> SavedLesson | None:
    """The answer this hand-in got before; None: it is new. Raises SavedBeforeError when it had other content then."""
    stored = session.scalar(select(Submission.answer).where(Submission.staff_id == by, Submission.key == handed_in.key))
    if stored is None:
        return None
    if stored["digest"] != _digest(handed_in):
        raise SavedBeforeError(stored["fields"])
    return SavedLesson(stored["recorded"], tuple(stored["conflicts"]))


def _remember(
    session: Session, school_id: int, by: int, handed_in: HandedIn, saved: SavedLesson, now: datetime
) -> None:
    session.execute(
        insert(Submission).values(
            staff_id=by,
            key=handed_in.key,
            school_id=school_id,
            at=now,
            answer={
                "digest": _digest(handed_in),
                "recorded": saved.recorded,
                "conflicts": list(saved.conflicts),
                "fields": fields_of(handed_in),
            },
        )
    )
