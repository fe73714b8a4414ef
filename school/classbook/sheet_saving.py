"""Saving a lesson's sheet: all of it in one transaction, once, and nothing of another teacher's silently changed.

A handful of statements whatever the size of the class.
"""

import hashlib
from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from db.kinds import EventKind, RemarkKind
from db.models import Absence, Submission
from errors import InputError, MissingError
from school.classbook import rows, rules
from school.classbook.checks import Checks
from school.classbook.correcting import absence_change, absence_removal
from school.classbook.sheet_entries import (
    EntryError,
    SavedBeforeError,
    SavedLesson,
    SheetEntry,
    SheetError,
    SheetSubmission,
    fields_of,
)
from school.classbook.writing import Change, New, Removal, TakenError, write
from school.staff import authority
from school.staff.authority import At

_Row = TypeVar("_Row", bound=New | Change | Removal)


def save_lesson(session: Session, *, by: int, submission: SheetSubmission, now: datetime) -> SavedLesson:
    """Record everything that was submitted, in the caller's writing transaction.

    The same submission again gets the first answer and changes nothing. Raises InputError, SheetError or
    SavedBeforeError, and then nothing is recorded.
    """
    teacher = authority.author(session, by)
    if first := _first_answer(session, by, submission):
        return first
    saved = _Sheet(Checks(session, teacher, now), submission).save()
    _remember(session, teacher.school_id, by, submission, saved, now)
    return saved


class _Sheet:
    """One submission being saved. What no row of it could be allowed for is refused at once, the rest row by row."""

    def __init__(self, checks: Checks, submission: SheetSubmission) -> None:
        self.checks, self.submission = checks, submission
        rules.check_lesson(submission.lesson)
        of, students = authority.class_with_students(checks.session, checks.author, submission.class_id, submission.on)
        self.at = At(submission.on, submission.lesson)
        checks.teaches(of, submission.subject_id, self.at)
        checks.entry_date(submission.on)
        if any(one.changes_absence for one in submission.entries):
            checks.lesson_day(submission.on, of.level)
        checks.know((known for known, _name in students.values()), submission.on)
        self.students = {student_id: name for student_id, (_known, name) in students.items()}
        self.refused: dict[int, EntryError] = {}

    def save(self) -> SavedLesson:
        try:
            return self._save()
        except TakenError as error:
            if error.kind is not EventKind.ABSENCE:
                raise self._all_taken(error) from error
        # Another teacher entered the same lesson at this moment: it stands there now, as if the page had shown it late.
        try:
            return self._save()
        except TakenError as error:
            raise self._all_taken(error) from error

    def _save(self) -> SavedLesson:
        self.refused.clear()
        new = self._grades()
        absences, changes, removals, conflicts = self._absences()
        new += absences + self._remarks()
        if self.refused:
            raise SheetError(list(self.refused.values()))
        write(self.checks.session, self.checks.author, self.checks.now, new=new, changes=changes, removals=removals)
        return SavedLesson(len(new) + len(changes) + len(removals), conflicts)

    def _all_taken(self, error: TakenError) -> InputError:
        """The refusal at each student's row."""
        whose = [one.student_id for one in self.submission.entries if one.student_id in error.student_ids]
        return SheetError([EntryError(id_, error.sentence) for id_ in whose]) if whose else error

    def _each(self, build: Callable[[SheetEntry], New | None]) -> list[New]:
        """The rows of those entries that have such a one; who may not have it is refused."""
        found = (self._allowed(entry.student_id, partial(build, entry)) for entry in self.submission.entries)
        return [row for row in found if row]

    def _allowed(self, student_id: int, build: Callable[[], _Row | None]) -> _Row | None:
        """The row, or None and the student is refused, for the first reason there is."""
        try:
            if student_id not in self.students:
                raise MissingError(authority.NO_STUDENT)
            return build()
        except InputError as error:
            self.refused.setdefault(student_id, EntryError(student_id, error.sentence, **error.values))
            return None

    def _grades(self) -> list[New]:
        of = self.submission

        def grade(entry: SheetEntry) -> New | None:
            if entry.grade is None:
                return None
            return rows.grade(
                self.checks,
                student_id=entry.student_id,
                subject_id=of.subject_id,
                kind=of.kind,
                given=entry.grade,
                on=of.on,
                lesson=of.lesson,
            )

        return self._each(grade)

    def _remarks(self) -> list[New]:
        found: list[New] = []
        for kind, field in ((RemarkKind.CENSURE, "censure"), (RemarkKind.PRAISE, "praise")):

            def remark(entry: SheetEntry, kind: RemarkKind = kind, field: str = field) -> New | None:
                text = getattr(entry, field)
                if not rules.on_one_line(text):
                    return None  # an empty field is no remark
                of = self.submission
                return rows.remark(
                    self.checks,
                    student_id=entry.student_id,
                    kind=kind,
                    text=text,
                    on=of.on,
                    subject_id=of.subject_id,
                    lesson=of.lesson,
                )

            found += self._each(remark)
        return found

    def _absences(self) -> tuple[list[New], list[Change], list[Removal], tuple[str, ...]]:
        """What is to be inserted, changed and removed, and whose absence another teacher had changed."""
        wanted = {one.student_id: one for one in self.submission.entries if one.changes_absence}
        standing = self._standing(wanted)
        built: list[New | Change | Removal] = []
        conflicts: list[str] = []
        for student_id, entry in wanted.items():
            row = standing.get(student_id)
            now_there = row.kind if row else None
            if now_there is entry.absence:
                continue  # another teacher entered the same
            if now_there is not entry.absence_seen:
                conflicts.append(self.students.get(student_id, ""))
            elif one := self._allowed(student_id, partial(self._absence, entry, row)):
                built.append(one)
        new = [one for one in built if isinstance(one, New)]
        changes = [one for one in built if isinstance(one, Change)]
        removals = [one for one in built if isinstance(one, Removal)]
        return new, changes, removals, tuple(conflicts)

    def _absence(self, entry: SheetEntry, standing: Any) -> New | Change | Removal:
        if standing is None:
            return self._new_absence(entry)
        of = self.checks.student_on(entry.student_id, self.submission.on)
        self.checks.teaches(of, standing.subject_id, self.at)
        if entry.absence is None:
            return absence_removal(standing.id, entry.student_id, standing.kind, standing.on_date, standing.lesson)
        return absence_change(standing.id, entry.student_id, standing.kind, entry.absence, None)

    def _new_absence(self, entry: SheetEntry) -> New:
        assert entry.absence is not None
        of = self.submission
        return rows.absence(
            self.checks,
            student_id=entry.student_id,
            subject_id=of.subject_id,
            kind=entry.absence,
            on=of.on,
            lesson=of.lesson,
        )

    def _standing(self, student_ids: Collection[int]) -> dict[int, Any]:
        """What the class book holds for this lesson, by student; locked."""
        if not student_ids:
            return {}
        columns = (Absence.student_id, Absence.id, Absence.kind, Absence.subject_id, Absence.on_date, Absence.lesson)
        found = self.checks.session.execute(
            select(*columns)
            .where(
                Absence.school_id == self.checks.author.school_id,
                Absence.student_id.in_(student_ids),
                Absence.on_date == self.submission.on,
                Absence.lesson == self.submission.lesson,
            )
            .with_for_update()
        )
        return {row.student_id: row for row in found}


def _digest(submission: SheetSubmission) -> str:
    said = repr((submission.kind, sorted(fields_of(submission).items())))
    return hashlib.sha256(said.encode()).hexdigest()


def _first_answer(session: Session, by: int, submission: SheetSubmission) -> SavedLesson | None:
    """The answer this submission got before; None: it is new. Raises SavedBeforeError when it had other content."""
    stored = session.scalar(
        select(Submission.answer).where(Submission.staff_id == by, Submission.key == submission.key)
    )
    if stored is None:
        return None
    if stored["digest"] != _digest(submission):
        raise SavedBeforeError(stored["fields"])
    return SavedLesson(stored["recorded"], tuple(stored["conflicts"]))


def _remember(
    session: Session, school_id: int, by: int, submission: SheetSubmission, saved: SavedLesson, now: datetime
) -> None:
    session.execute(
        insert(Submission).values(
            staff_id=by,
            key=submission.key,
            school_id=school_id,
            at=now,
            answer={
                "digest": _digest(submission),
                "recorded": saved.recorded,
                "conflicts": list(saved.conflicts),
                "fields": fields_of(submission),
            },
        )
    )
