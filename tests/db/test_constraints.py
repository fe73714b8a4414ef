"""What the database itself refuses, whoever writes to it."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.base import Base
from db.kinds import FIRST_LESSON, LAST_LESSON, AbsenceReason, ExcuseKind
from db.models import (
    Absence,
    ExcuseNote,
    Grade,
    School,
    SchoolClass,
    SchoolYear,
    Staff,
    Student,
    StudentCode,
    Subject,
    Subscriber,
    Subscription,
    Term,
)
from db.session import Database

NOW = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)


class School8a:
    """One school with one class, student, teacher and subject; `write` tries a row over good defaults."""

    def __init__(self, session: Session, code: str) -> None:
        self.session = session

        def add(table: type[Base], **values: Any) -> int:
            identity: int = session.execute(insert(table).values(**values).returning(table.__table__.c.id)).scalar_one()
            return identity

        self.school = add(School, institution_code=code, name="СУ", town="Русе", created_at=NOW)
        of = {"school_id": self.school}
        self.year = add(SchoolYear, **of, starts_on=date(2026, 9, 15), ends_on=date(2027, 9, 14))
        dates = {"starts_on": date(2026, 9, 15), "ends_on": date(2027, 1, 30)}
        session.execute(insert(Term).values(**of, school_year_id=self.year, number=1, **dates))
        person = {"first_name": "Ана", "last_name": "Илиева", "created_at": NOW}
        self.staff = add(Staff, **of, **person, email=f"a{code}@school.example")
        self.school_class = add(SchoolClass, **of, school_year_id=self.year, level=8, letter="а")
        self.student = add(
            Student,
            **of,
            **person,
            class_id=self.school_class,
            middle_name="П.",
            birth_date=date(2012, 1, 1),
            national_id_kind="egn",
            national_id_encrypted=b"x",
            national_id_hash=code.encode() * 32,
        )
        self.subject = add(Subject, **of, name="Математика")
        self.recorded = of | {
            "student_id": self.student,
            "subject_id": self.subject,
            "staff_id": self.staff,
            "school_year_id": self.year,
            "on_date": TODAY,
            "recorded_at": NOW,
        }

    def grade(self, **values: Any) -> None:
        numeric = {"term": 1, "kind": "oral", "scale": "numeric", "value": None, "mark": None}
        self.session.execute(insert(Grade).values(**(self.recorded | numeric | values)))

    def absence(self, **values: Any) -> None:
        kind = {"kind": "unexcused", "reason": None, "lesson": 1}
        self.session.execute(insert(Absence).values(**(self.recorded | kind | values)))


def refused(database: Database, write: Callable[[School8a], None]) -> bool:
    """Whether the database refuses what is written into a fresh school; either way it is empty again afterwards."""

    class WrittenError(Exception):
        """Undoes what was accepted."""

    try:
        with database.session() as session:
            write(School8a(session, "1"))
            raise WrittenError
    except IntegrityError:
        return True
    except WrittenError:
        return False


class TestGrades:
    @pytest.mark.parametrize("value", ["2", "3", "3.01", "4.5", "5.99", "6"])
    def test_two_and_three_to_six_are_grades(self, untouched_database: Database, value: str) -> None:
        assert not refused(untouched_database, lambda school: school.grade(value=Decimal(value)))

    @pytest.mark.parametrize("value", ["0", "1.99", "2.01", "2.5", "2.99", "6.01", "-3"])
    def test_nothing_else_is(self, untouched_database: Database, value: str) -> None:
        assert refused(untouched_database, lambda school: school.grade(value=Decimal(value)))

    def test_a_grade_comes_back_exactly(self, database: Database) -> None:
        with database.session() as session:
            School8a(session, "1").grade(value=Decimal("3.01"))
        with database.reading() as session:
            assert session.scalars(select(Grade.value)).one() == Decimal("3.01")
            assert session.scalars(text("SELECT value FROM grade")).one() == 301

    @pytest.mark.parametrize(
        "values",
        [
            {"value": None},
            {"value": Decimal(5), "mark": "good"},
            {"scale": "qualitative", "value": Decimal(5)},
            {"scale": "qualitative", "mark": None},
            {"scale": "qualitative", "mark": "copes"},
            {"scale": "special_needs", "mark": "good"},
            {"scale": "special_needs", "mark": None},
            {"kind": "term", "value": Decimal("5.50")},
            {"kind": "term", "scale": "qualitative", "mark": "good"},
            {"value": Decimal(5), "subject_id": None},
            {"kind": "annual", "value": Decimal(5), "subject_id": None},
            {"value": Decimal(5), "term": 2},
        ],
    )
    def test_kind_scale_subject_and_term_must_agree(self, untouched_database: Database, values: dict[str, Any]) -> None:
        assert refused(untouched_database, lambda school: school.grade(**values))

    @pytest.mark.parametrize(
        "values",
        [
            {"kind": "term", "value": Decimal(5)},
            {"kind": "annual", "value": Decimal("5.50")},
            {"scale": "qualitative", "mark": "unsatisfactory"},
            {"scale": "special_needs", "mark": "copes", "kind": "term"},
            {"scale": "qualitative", "mark": "good", "kind": "annual", "subject_id": None},
        ],
    )
    def test_what_the_rules_allow_is_stored(self, untouched_database: Database, values: dict[str, Any]) -> None:
        assert not refused(untouched_database, lambda school: school.grade(**values))

    @pytest.mark.parametrize("kind", ["term", "annual"])
    def test_a_term_or_year_is_closed_once(self, untouched_database: Database, kind: str) -> None:
        def twice(school: School8a) -> None:
            school.grade(kind=kind, value=Decimal(5))
            school.grade(kind=kind, value=Decimal(6))

        assert refused(untouched_database, twice)

    def test_the_id_of_a_deleted_grade_is_not_given_again(self, database: Database) -> None:
        with database.session() as session:
            school = School8a(session, "1")
            school.grade(value=Decimal(5))
            first = session.scalars(select(Grade.id)).one()
            session.execute(text("DELETE FROM grade"))
            school.grade(value=Decimal(5))
            assert session.scalars(select(Grade.id)).one() > first


class TestAbsences:
    @pytest.mark.parametrize(
        "values",
        [
            {"lesson": FIRST_LESSON - 1},
            {"lesson": LAST_LESSON + 1},
            {"kind": "excused"},
            {"kind": "late", "reason": "health"},
            {"kind": "unexcused", "reason": "other"},
        ],
    )
    def test_a_lesson_and_a_reason_must_make_sense(self, untouched_database: Database, values: dict[str, Any]) -> None:
        assert refused(untouched_database, lambda school: school.absence(**values))

    @pytest.mark.parametrize("lesson", [FIRST_LESSON, 9, LAST_LESSON])
    def test_a_day_may_have_two_shifts(self, untouched_database: Database, lesson: int) -> None:
        assert not refused(untouched_database, lambda school: school.absence(lesson=lesson))

    def test_a_student_misses_a_lesson_once(self, untouched_database: Database) -> None:
        def twice(school: School8a) -> None:
            school.absence(lesson=3)
            school.absence(lesson=3, kind="late")

        assert refused(untouched_database, twice)
        assert not refused(untouched_database, lambda school: school.absence(kind="excused", reason="family"))


class TestExcuseNotes:
    @pytest.mark.parametrize("kind", ExcuseKind)
    @pytest.mark.parametrize("confirmed_on", [None, TODAY])
    def test_an_organisers_document_alone_is_confirmed_by_the_parent(
        self, untouched_database: Database, kind: ExcuseKind, confirmed_on: date | None
    ) -> None:
        def note(school: School8a) -> None:
            about = {name: school.recorded[name] for name in ("school_id", "student_id", "staff_id", "school_year_id")}
            days = {"starts_on": TODAY, "ends_on": TODAY, "school_days": 1, "recorded_at": NOW}
            values = {**about, **days, "kind": kind, "reason": AbsenceReason.OTHER, "parent_confirmed_on": confirmed_on}
            school.session.execute(insert(ExcuseNote).values(**values))

        asks = kind is ExcuseKind.ORGANISER
        assert refused(untouched_database, note) is (asks != (confirmed_on is not None))


class TestSchoolsApart:
    @pytest.mark.parametrize("column", ["student_id", "subject_id", "staff_id", "school_year_id"])
    def test_no_row_points_into_another_school(self, untouched_database: Database, column: str) -> None:
        def mix(school: School8a) -> None:
            other = School8a(school.session, "2")
            school.recorded[column] = other.recorded[column]
            school.grade(value=Decimal(5))

        assert refused(untouched_database, mix)

    def test_a_student_moves_into_no_class_of_another_school(self, untouched_database: Database) -> None:
        def move(school: School8a) -> None:
            other = School8a(school.session, "2")
            school.session.execute(
                update(Student).where(Student.id == school.student).values(class_id=other.school_class)
            )

        assert refused(untouched_database, move)


class TestCodesAndSubscriptions:
    def test_a_student_has_one_code_in_force_and_a_code_one_student(self, untouched_database: Database) -> None:
        def code(school: School8a, digits: str, revoked: datetime | None = None) -> None:
            school.session.execute(
                insert(StudentCode).values(
                    code=digits,
                    school_id=school.school,
                    student_id=school.student,
                    issued_at=NOW,
                    revoked_at=revoked,
                )
            )

        def two_in_force(school: School8a) -> None:
            code(school, "12345674")
            code(school, "12345682")

        def the_same_again(school: School8a) -> None:
            code(school, "12345674", NOW)
            code(school, "12345674")

        def revoked_and_new(school: School8a) -> None:
            code(school, "12345674", NOW)
            code(school, "12345682")

        assert refused(untouched_database, two_in_force)
        assert refused(untouched_database, the_same_again)
        assert not refused(untouched_database, revoked_and_new)

    @pytest.mark.parametrize("values", [{}, {"phone": "0888123456"}, {"phone": "+35"}])
    def test_a_subscriber_can_be_reached(self, untouched_database: Database, values: dict[str, str]) -> None:
        def write(school: School8a) -> None:
            school.session.execute(insert(Subscriber).values(**values, created_at=NOW))

        assert refused(untouched_database, write)

    @pytest.mark.parametrize(
        "values",
        [{"status": "active"}, {"status": "stopped"}, {"status": "waiting", "stopped_at": NOW}],
    )
    def test_the_state_of_a_subscription_has_its_date(
        self, untouched_database: Database, values: dict[str, Any]
    ) -> None:
        def write(school: School8a) -> None:
            subscriber = insert(Subscriber).values(phone="+359888123456", created_at=NOW).returning(Subscriber.id)
            row = {
                "school_id": school.school,
                "student_id": school.student,
                "subscriber_id": school.session.execute(subscriber).scalar_one(),
                "created_at": NOW,
            }
            school.session.execute(insert(Subscription).values(**row, **values))

        assert refused(untouched_database, write)
