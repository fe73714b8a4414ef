"""A lesson's sheet saved at once: everything recorded, everybody told once, repeated without doubles."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.kinds import LAST_LESSON, AbsenceKind, EventKind, GradeKind, NotificationState
from db.models import Absence, Audit, Grade, Notification, Remark, Student, Subscription
from db.session import Database
from errors import InputError
from school.classbook.recording import record_absence, record_grade
from school.classbook.sheet_entries import SavedBeforeError, SavedLesson, SheetEntry, SheetError, SheetSubmission
from school.classbook.sheet_saving import save_lesson
from tests.school.classbook.counting import statements
from tests.school.conftest import NOW
from tests.school.people import class_of, describe_school, known, staff_id, subject_id

TODAY = date(2026, 11, 24)
KEY = UUID("6f1f5b0a-3a54-4b0c-8a52-6f2f6dd3c9f4")
MATHS = "Математика"
MOST_STATEMENTS = 30


def members(database: Database, class_id: int) -> list[int]:
    """The students of a class by number who are graded by numbers."""
    with database.reading() as session:
        return list(
            session.scalars(
                select(Student.id)
                .where(Student.class_id == class_id, ~Student.has_special_needs)
                .order_by(Student.number_in_class)
            )
        )


def submission(database: Database, *entries: SheetEntry) -> SheetSubmission:
    class_id = class_of(database, known(database).student_id)
    return SheetSubmission(KEY, class_id, subject_id(database, MATHS), TODAY, 8, GradeKind.CURRENT, entries)


def save(database: Database, what: SheetSubmission) -> SavedLesson:
    teacher = next(
        one["email"]
        for one in describe_school(database)["staff"]
        if {"class": "8а", "subject": MATHS} in one["teaches"]
    )
    by = staff_id(database, teacher.partition("@")[0])
    with database.session() as session:
        return save_lesson(session, by=by, submission=what, now=NOW)


def whole_class(database: Database) -> SheetSubmission:
    """A five for everybody, and the last one was late."""
    students = members(database, class_of(database, known(database).student_id))
    entries = [SheetEntry(student, grade=Decimal(5)) for student in students]
    return submission(database, *entries[:-1], replace(entries[-1], absence=AbsenceKind.LATE))


def count(database: Database, *conditions: object) -> int:
    with database.reading() as session:
        return session.scalars(select(func.count()).where(*conditions)).one()  # type: ignore[arg-type]


class TestSavingOnce:
    def test_every_follower_is_told_of_each_entry_once(self, demonstration: Database) -> None:
        what = whole_class(demonstration)
        saved = save(demonstration, what)
        assert saved == SavedLesson(len(what.entries) + 1, ())
        students = [one.student_id for one in what.entries]
        followed = count(demonstration, Subscription.student_id.in_(students), Subscription.status == "active")
        told = count(
            demonstration,
            Notification.created_at == NOW,
            Notification.kind == EventKind.GRADE,
            Notification.channel == "sms",
            Notification.state == NotificationState.PENDING,
        )
        assert told == followed > 20
        assert count(demonstration, Audit.at == NOW, Audit.action == "grade.recorded") == len(students)

    def test_the_same_submission_again_gets_the_first_answer_and_records_nothing(self, demonstration: Database) -> None:
        what = whole_class(demonstration)
        first = save(demonstration, what)
        grades = count(demonstration, Grade.on_date == TODAY)
        told = count(demonstration, Notification.created_at == NOW)
        assert save(demonstration, what) == first
        assert count(demonstration, Grade.on_date == TODAY) == grades
        assert count(demonstration, Notification.created_at == NOW) == told

    def test_the_same_key_with_other_content_tells_what_was_saved(self, demonstration: Database) -> None:
        what = whole_class(demonstration)
        save(demonstration, what)
        with pytest.raises(SavedBeforeError) as told:
            save(demonstration, replace(what, entries=what.entries[:3]))
        assert told.value.accepted[f"g{what.entries[0].student_id}"] == "5"
        assert count(demonstration, Grade.on_date == TODAY, Grade.recorded_at == NOW) == len(what.entries)

    def test_one_wrong_entry_and_nothing_of_the_class_is_saved(self, demonstration: Database) -> None:
        what = whole_class(demonstration)
        wrong = replace(what.entries[3], grade=Decimal("2.50"))
        with pytest.raises(SheetError) as told:
            save(demonstration, replace(what, entries=(*what.entries[:3], wrong)))
        assert [one.student_id for one in told.value.refused] == [wrong.student_id]
        assert count(demonstration, Grade.recorded_at == NOW) == 0


class TestTwoTeachers:
    def test_what_another_changed_meanwhile_stays_and_is_named(self, demonstration: Database) -> None:
        student = known(demonstration).student_id
        save(demonstration, submission(demonstration, SheetEntry(student, absence=AbsenceKind.LATE)))
        late_copy = submission(demonstration, SheetEntry(student, absence=AbsenceKind.UNEXCUSED))
        answer = save(demonstration, replace(late_copy, key=UUID(int=2)))
        assert answer.recorded == 0
        assert len(answer.conflicts) == 1
        with demonstration.reading() as session:
            of_lesson = (Absence.student_id == student, Absence.on_date == TODAY, Absence.lesson == 8)
            assert session.scalars(select(Absence.kind).where(*of_lesson)).one() is AbsenceKind.LATE

    def test_a_grade_for_another_class_is_refused(self, demonstration: Database) -> None:
        with demonstration.reading() as session:
            stranger = session.scalars(
                select(Student.id).where(
                    Student.class_id != class_of(demonstration, known(demonstration).student_id),
                    Student.class_id.is_not(None),
                )
            ).first()
        assert stranger
        with pytest.raises(InputError, match="no such student"):
            save(demonstration, submission(demonstration, SheetEntry(stranger, grade=Decimal(6))))

    def test_a_correction_by_the_sheet_is_for_who_teaches_what_was_missed(self, demonstration: Database) -> None:
        """The lesson of that number was another teacher's: what they entered is theirs to change."""
        student = known(demonstration).student_id
        other = "Английски език"
        with demonstration.session() as session:
            record_absence(
                session,
                by=staff_id(demonstration, "e.borisova"),
                student_id=student,
                subject_id=subject_id(demonstration, other),
                kind=AbsenceKind.LATE,
                on=TODAY,
                lesson=8,
                now=NOW,
            )
        change = SheetEntry(student, absence=AbsenceKind.UNEXCUSED, absence_seen=AbsenceKind.LATE)
        with pytest.raises(SheetError, match="Only who teaches this subject"):
            save(demonstration, submission(demonstration, change))

    def test_an_absence_that_another_enters_at_the_same_moment_is_a_conflict(self, demonstration: Database) -> None:
        students = members(demonstration, class_of(demonstration, known(demonstration).student_id))
        what = submission(demonstration, *(SheetEntry(one, absence=AbsenceKind.UNEXCUSED) for one in students[:2]))

        def late(session: Session) -> None:
            record_absence(session, kind=AbsenceKind.LATE, lesson=8, **of_lesson(demonstration, students[0]))

        saved = while_another_writes(demonstration, late, what)
        assert isinstance(saved, SavedLesson)
        assert (saved.recorded, len(saved.conflicts)) == (1, 1)
        assert count(demonstration, Absence.on_date == TODAY, Absence.lesson == 8) == 2


class TestPlacesThatAreTaken:
    """Of a student's term grades, and of a lesson's absences, there is one."""

    def test_one_of_a_class_has_a_term_grade_and_is_named_and_nothing_is_saved(self, demonstration: Database) -> None:
        students = members(demonstration, class_of(demonstration, known(demonstration).student_id))
        with demonstration.session() as session:
            for one in students[3:5]:
                record_grade(session, kind=GradeKind.TERM, grade=Decimal(4), **of_lesson(demonstration, one))
        what = replace(
            submission(demonstration, *(SheetEntry(one, grade=Decimal(5), praise="Помага.") for one in students)),
            kind=GradeKind.TERM,
        )
        with pytest.raises(SheetError) as told:
            save(demonstration, what)
        assert [one.student_id for one in told.value.refused] == students[3:5]
        assert {str(one) for one in told.value.refused} == {
            "This student has such a term or annual grade already: correct that one."
        }
        assert count(demonstration, Grade.recorded_at == NOW) == 2
        assert count(demonstration, Remark.recorded_at == NOW) == 0
        others = replace(what, entries=tuple(one for one in what.entries if one.student_id not in students[3:5]))
        assert save(demonstration, others).recorded == 2 * (len(students) - 2)

    @pytest.mark.parametrize("kind", [GradeKind.TERM, GradeKind.ANNUAL])
    def test_two_teachers_close_the_term_at_once(self, demonstration: Database, kind: GradeKind) -> None:
        students = members(demonstration, class_of(demonstration, known(demonstration).student_id))
        entries = (SheetEntry(one, grade=Decimal(5)) for one in students)
        what = replace(submission(demonstration, *entries), kind=kind)

        def first(session: Session) -> None:
            record_grade(session, kind=kind, grade=Decimal(4), **of_lesson(demonstration, students[7]))

        refused = while_another_writes(demonstration, first, what)
        assert isinstance(refused, SheetError)
        assert [one.student_id for one in refused.refused] == [students[7]]
        assert count(demonstration, Grade.recorded_at == NOW) == 1


@pytest.mark.parametrize("lesson", [9, LAST_LESSON])
def test_a_lesson_of_the_second_shift_is_saved_and_told(demonstration: Database, lesson: int) -> None:
    student = known(demonstration).student_id
    what = submission(demonstration, SheetEntry(student, absence=AbsenceKind.UNEXCUSED))
    assert save(demonstration, replace(what, lesson=lesson)).recorded == 1
    assert count(demonstration, Absence.student_id == student, Absence.lesson == lesson) == 1
    assert count(demonstration, Notification.created_at == NOW, Notification.line.contains(f"{lesson}. час")) > 0


def test_a_class_costs_as_many_statements_as_a_student(demonstration: Database) -> None:
    students = members(demonstration, class_of(demonstration, known(demonstration).student_id))

    by = staff_id(demonstration, "o.petkov")

    def cost(key: int, of: list[int]) -> int:
        entries = (SheetEntry(one, Decimal(5), AbsenceKind.LATE, None, "Пречи.", "Помага.") for one in of)
        what = replace(submission(demonstration, *entries), key=UUID(int=key))
        with demonstration.session() as session, statements() as asked:
            save_lesson(session, by=by, submission=what, now=NOW)
        # SQLite takes row after row where their ids are asked for; it has no server to go to.
        return sum(1 for statement, _same in groupby(asked) if not statement.startswith(("SAVEPOINT", "RELEASE")))

    assert cost(1, students[:1]) == cost(2, students[1:]) <= MOST_STATEMENTS


def of_lesson(database: Database, student: int) -> dict[str, Any]:
    """What else `record_grade` and `record_absence` ask for."""
    by = staff_id(database, "o.petkov")
    return {"by": by, "student_id": student, "subject_id": subject_id(database, MATHS), "on": TODAY, "now": NOW}


def while_another_writes(
    database: Database, other: Callable[[Session], None], what: SheetSubmission
) -> SavedLesson | SheetError:
    """Save a sheet while somebody else's transaction has written and not committed; gives the answer."""

    def answer() -> SavedLesson | SheetError:
        try:
            return save(database, what)
        except SheetError as error:
            return error

    with ThreadPoolExecutor(1) as beside:
        with database.session() as session:
            other(session)
            saving = beside.submit(answer)
            time.sleep(0.7)  # it has asked everything, and waits for the row that the other has written
            assert not saving.done()
        return saving.result(30)
