"""A lesson's sheet saved at once: everything recorded, everybody told once, repeated without doubles."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import func, select

from db.kinds import AbsenceKind, EventKind, GradeKind, NotificationState
from db.models import Absence, Audit, Grade, Notification, Student, Subscription
from db.session import Database
from errors import InputError
from school.classbook.sheet_entries import Entry, HandedIn, SavedBeforeError, SavedLesson, SheetError
from school.classbook.sheet_saving import save_lesson
from tests.school.conftest import NOW
from tests.school.people import class_of, describe_school, known, staff_id, subject_id

TODAY = date(2026, 11, 24)
KEY = UUID("6f1f5b0a-3a54-4b0c-8a52-6f2f6dd3c9f4")
MATHS = "Математика"


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


def handed_in(database: Database, *entries: Entry) -> HandedIn:
    class_id = class_of(database, known(database).student_id)
    return HandedIn(KEY, class_id, subject_id(database, MATHS), TODAY, 8, GradeKind.CURRENT, entries)


def save(database: Database, what: HandedIn) -> SavedLesson:
    teacher = next(
        one["email"]
        for one in describe_school(database)["staff"]
        if {"class": "8а", "subject": MATHS} in one["teaches"]
    )
    by = staff_id(database, teacher.partition("@")[0])
    with database.session() as session:
        return save_lesson(session, by=by, handed_in=what, now=NOW)


def whole_class(database: Database) -> HandedIn:
    """A five for everybody, and the last one was late."""
    students = members(database, class_of(database, known(database).student_id))
    entries = [Entry(student, grade=Decimal(5)) for student in students]
    return handed_in(database, *entries[:-1], replace(entries[-1], absence=AbsenceKind.LATE))


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

    def test_the_same_hand_in_again_gets_the_first_answer_and_records_nothing(self, demonstration: Database) -> None:
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
        save(demonstration, handed_in(demonstration, Entry(student, absence=AbsenceKind.LATE)))
        late_copy = handed_in(demonstration, Entry(student, absence=AbsenceKind.UNEXCUSED))
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
            save(demonstration, handed_in(demonstration, Entry(stranger, grade=Decimal(6))))
