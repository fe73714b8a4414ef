"""Recording events: what the rules allow, what they refuse and how, and no event without its audit row."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, event, func, insert, select, update

from db.events import EventRef
from db.kinds import (
    FIRST_LESSON,
    LAST_LESSON,
    AbsenceKind,
    AbsenceReason,
    EventKind,
    GradeKind,
    GradeScale,
    Mark,
    RemarkKind,
    SchoolEventKind,
)
from db.models import (
    Absence,
    Audit,
    Grade,
    HealthNote,
    HeardEvent,
    School,
    SchoolClass,
    SchoolEvent,
    Staff,
    Student,
    TeachingAssignment,
)
from db.session import Database
from demonstration.plan import words
from errors import InputError
from school.classbook import correcting, grade_scales, recording, rules
from school.classbook.grade_scales import Graded
from school.security.crypto import vault
from tests.school.conftest import NOW
from tests.school.people import child, class_of, staff_id, subject_id

TODAY = date(2026, 11, 24)
DAY = timedelta(days=1)


class Book:
    """The class book of the first student, open for a mathematics teacher unless another writes."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.student_id = child(database).student_id
        self.school_id = child(database).school_id
        self.maths = subject_id(database, words.MATHS)
        self.teacher = staff_id(database, "o.petkov")
        self.class_teacher = staff_id(database, "m.stoyanova")
        self.principal = staff_id(database, "direktor")

    def _record(self, record: Any, defaults: dict[str, Any], values: dict[str, Any]) -> EventRef:
        with self.database.session() as session:
            ref: EventRef = record(session, **(defaults | {"now": NOW} | values))
            return ref

    def grade(self, grade: Decimal | Mark | str = "5", **values: Any) -> EventRef:
        defaults = {
            "by": self.teacher,
            "student_id": self.student_id,
            "subject_id": self.maths,
            "kind": GradeKind.ORAL,
            "grade": Decimal(grade) if not isinstance(grade, Mark) else grade,
            "on": TODAY,
        }
        return self._record(recording.record_grade, defaults, values)

    def absence(self, **values: Any) -> EventRef:
        defaults = {
            "by": self.teacher,
            "student_id": self.student_id,
            "subject_id": self.maths,
            "kind": AbsenceKind.UNEXCUSED,
            "on": TODAY,
            "lesson": 8,
        }
        return self._record(recording.record_absence, defaults, values)

    def remark(self, **values: Any) -> EventRef:
        defaults = {
            "by": self.teacher,
            "student_id": self.student_id,
            "kind": RemarkKind.PRAISE,
            "text": "Помага.",
            "on": TODAY,
        }
        return self._record(recording.record_remark, defaults, values)

    def health(self, **values: Any) -> EventRef:
        defaults = {
            "by": self.class_teacher,
            "student_id": self.student_id,
            "starts_on": TODAY,
            "ends_on": TODAY + DAY,
            "note": "Ангина.",
        }
        return self._record(recording.record_health_note, defaults, values)

    def meeting(self, **values: Any) -> EventRef:
        defaults = {
            "by": self.class_teacher,
            "kind": SchoolEventKind.MEETING,
            "class_id": class_of(self.database, self.student_id),
            "title": "Родителска среща",
            "place": "Кабинет 12",
            "starts_at": NOW + DAY,
            "text": "Успехът на класа.",
        }
        return self._record(recording.record_school_event, defaults, values)

    def level(self, level: int, **student: Any) -> None:
        """Make the class one of another level, and the student special."""
        with self.database.session() as session:
            session.execute(update(SchoolClass).where(SchoolClass.letter == "а").values(level=level))
            if student:
                session.execute(update(Student).where(Student.id == self.student_id).values(**student))

    def count(self, table: Any) -> int:
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def book(demonstration: Database) -> Book:
    """The first student's class book."""
    return Book(demonstration)


class TestAudit:
    def test_every_kind_of_event_has_its_row_saying_who_and_what(self, book: Book) -> None:
        refs = [book.grade(), book.absence(), book.remark(), book.health(), book.meeting()]
        refs.append(book.meeting(kind=SchoolEventKind.EVENT))
        with book.database.reading() as session:
            rows = session.scalars(select(Audit).order_by(Audit.id)).all()[-6:]
        assert [(row.entity, row.entity_id) for row in rows] == [(str(ref.kind), ref.id) for ref in refs]
        assert [row.action for row in rows] == [f"{ref.kind}.recorded" for ref in refs]
        assert {row.staff_id for row in rows} == {book.teacher, book.class_teacher}
        assert all(row.at == NOW and row.school_id == book.school_id for row in rows)
        assert rows[0].details["grade"] == "5"
        assert "Ангина" not in str(rows[3].details)

    def test_an_event_whose_audit_row_fails_is_not_recorded(self, book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
        before = book.count(Grade), book.count(Audit)

        def power_cut(*_: Any, **__: Any) -> None:
            raise RuntimeError("power cut")

        monkeypatch.setattr("school.audit.write_many", power_cut)
        with pytest.raises(RuntimeError):
            book.grade()
        assert (book.count(Grade), book.count(Audit)) == before

    def test_a_commit_that_fails_leaves_neither(self, book: Book) -> None:
        before = book.count(Grade), book.count(Audit)

        def power_cut(_session: Any) -> None:
            raise RuntimeError("power cut")

        def record() -> None:
            with book.database.session() as session:
                event.listen(session, "before_commit", power_cut)
                recording.record_grade(
                    session,
                    by=book.teacher,
                    student_id=book.student_id,
                    subject_id=book.maths,
                    kind=GradeKind.ORAL,
                    grade=Decimal(5),
                    on=TODAY,
                    now=NOW,
                )

        with pytest.raises(RuntimeError):
            record()
        assert (book.count(Grade), book.count(Audit)) == before


class TestWhoMayRecord:
    def test_only_the_subjects_teacher_or_a_leader_grades(self, book: Book) -> None:
        book.grade(by=book.principal)
        with pytest.raises(InputError, match="Only who teaches this subject"):
            book.grade(by=staff_id(book.database, "k.radeva"))
        with pytest.raises(InputError, match="Only who teaches this subject"):
            book.absence(by=staff_id(book.database, "k.radeva"))

    def test_a_subject_that_the_class_has_not_is_refused(self, book: Book) -> None:
        with book.database.session() as session:
            session.execute(delete(TeachingAssignment).where(TeachingAssignment.subject_id == book.maths))
        with pytest.raises(InputError, match="not taught to the student's class"):
            book.grade(by=book.principal)

    def test_an_account_switched_off_records_nothing(self, book: Book) -> None:
        with book.database.session() as session:
            session.execute(update(Staff).where(Staff.id == book.teacher).values(is_active=False))
        with pytest.raises(InputError, match="no active staff account"):
            book.grade()

    def test_a_platform_operator_records_nothing(self, book: Book) -> None:
        with pytest.raises(InputError, match="platform operator"):
            book.grade(by=staff_id(book.database, "operator"))

    def test_another_school_is_closed(self, book: Book) -> None:
        stranger = staff_id(book.database, "administrator")
        with book.database.session() as session:
            other = session.execute(
                insert(School)
                .values(institution_code="1", name="Друго", town="Варна", created_at=NOW)
                .returning(School.id)
            ).scalar_one()
            session.execute(
                update(Staff).where(Staff.id == staff_id(book.database, "administrator")).values(school_id=other)
            )
        stranger = staff_id(book.database, "administrator")
        for record in (book.grade, book.absence, book.remark, book.health):
            with pytest.raises(InputError, match="no such student"):
                record(by=stranger)
        with pytest.raises(InputError, match="no such class"):
            book.meeting(by=stranger)

    def test_health_notes_are_the_class_teachers(self, book: Book) -> None:
        with pytest.raises(InputError, match="Only the class teacher"):
            book.health(by=book.teacher)
        book.health(by=book.principal)

    def test_the_whole_school_is_invited_by_its_leaders(self, book: Book) -> None:
        with pytest.raises(InputError, match="Only the school's leaders"):
            book.meeting(class_id=None)
        book.meeting(class_id=None, by=book.principal)

    def test_a_student_who_left_is_recorded_no_more(self, book: Book) -> None:
        with book.database.session() as session:
            session.execute(update(Student).where(Student.id == book.student_id).values(class_id=None, left_on=TODAY))
        with pytest.raises(InputError, match="no such student"):
            book.grade()


class TestDates:
    @pytest.mark.parametrize(
        ("on", "told"),
        [
            (TODAY + DAY, "in the future"),
            (date(2026, 9, 14), "in no school year"),
            (date(2026, 11, 22), "is a Sunday"),
            (date(2026, 11, 2), "Есенна ваканция"),
        ],
    )
    def test_an_absence_needs_a_school_day(self, book: Book, on: date, told: str) -> None:
        with pytest.raises(InputError, match=told):
            book.absence(on=on)

    def test_a_working_saturday_is_a_school_day(self, book: Book) -> None:
        book.absence(on=date(2026, 11, 21))

    def test_after_a_levels_last_day_there_are_no_absences(self, book: Book) -> None:
        in_may = datetime.fromisoformat("2027-05-20T12:00+03:00")
        book.absence(on=in_may.date(), now=in_may)
        book.level(12)
        with pytest.raises(InputError, match="term of level 12 is over"):
            book.absence(on=in_may.date(), now=in_may, lesson=7)

    def test_the_date_tells_the_term(self, book: Book) -> None:
        in_march = datetime.fromisoformat("2027-03-10T12:00+02:00")
        refs = [book.grade(), book.grade(on=in_march.date(), now=in_march)]
        refs.append(book.grade(kind=GradeKind.TERM, term=1, on=date(2027, 2, 6), now=in_march))
        with book.database.reading() as session:
            terms = [session.scalars(select(Grade.term).where(Grade.id == ref.id)).one() for ref in refs]
        assert terms == [1, 2, 1]
        for values in ({"term": 1}, {"term": 2, "kind": GradeKind.TERM}, {"term": 0, "kind": GradeKind.TERM}):
            with pytest.raises(InputError, match="Only a term grade names its term"):
                book.grade(**values)

    def test_a_meeting_in_the_past_is_refused(self, book: Book) -> None:
        with pytest.raises(InputError, match="in the past"):
            book.meeting(starts_at=NOW)


class TestAbsences:
    @pytest.mark.parametrize("lesson", [FIRST_LESSON - 1, LAST_LESSON + 1])
    def test_a_day_has_only_so_many_lessons(self, book: Book, lesson: int) -> None:
        with pytest.raises(InputError, match="is no lesson"):
            book.absence(lesson=lesson)

    def test_a_reason_goes_with_excused_ones_only(self, book: Book) -> None:
        book.absence(kind=AbsenceKind.EXCUSED, reason=AbsenceReason.HEALTH)
        with pytest.raises(InputError, match="has a reason"):
            book.absence(kind=AbsenceKind.EXCUSED, lesson=7)
        with pytest.raises(InputError, match="has a reason"):
            book.absence(kind=AbsenceKind.LATE, reason=AbsenceReason.OTHER, lesson=7)

    def test_the_same_lesson_is_missed_once(self, book: Book) -> None:
        book.absence()
        before = book.count(Absence), book.count(Audit)
        with pytest.raises(InputError, match="recorded already"):
            book.absence(kind=AbsenceKind.LATE)
        assert (book.count(Absence), book.count(Audit)) == before


class TestTexts:
    def test_a_text_is_there_and_not_too_long(self, book: Book) -> None:
        with pytest.raises(InputError, match="remark is empty"):
            book.remark(text=" \n ")
        with pytest.raises(InputError, match="longer than 1000"):
            book.remark(text="а" * 1001)
        with pytest.raises(InputError, match="title is empty"):
            book.meeting(title="")
        with pytest.raises(InputError, match="announcement is longer than 1000"):
            book.meeting(text="а" * 1001)
        book.remark(text="а" * 1000)

    def test_a_health_note_is_stored_encrypted(self, book: Book) -> None:
        ref = book.health()
        with book.database.reading() as session:
            stored = session.scalars(select(HealthNote.note_encrypted).where(HealthNote.id == ref.id)).one()
            assert "Ангина".encode() not in stored
            assert vault(session).decrypt(rules.HEALTH_NOTE, stored) == "Ангина."

    def test_a_health_note_does_not_end_before_it_starts(self, book: Book) -> None:
        with pytest.raises(InputError, match="check the dates"):
            book.health(ends_on=TODAY - DAY)

    def test_a_meeting_comes_back_as_announced(self, book: Book) -> None:
        ref = book.meeting()
        with book.database.reading() as session:
            row = session.get_one(SchoolEvent, ref.id)
        assert (ref.kind, row.title, row.place) == (EventKind.MEETING, "Родителска среща", "Кабинет 12")
        assert (row.starts_at, row.text) == (NOW + DAY, "Успехът на класа.")

    def test_an_announcement_keeps_its_lines_and_nothing_that_cannot_be_written(self, book: Book) -> None:
        ref = book.meeting(text=" Носете:\r\n- съгласие\x00\n\n- лична карта \n")
        with book.database.reading() as session:
            assert session.get_one(SchoolEvent, ref.id).text == "Носете:\n- съгласие\n\n- лична карта"


class TestLevels:
    def test_levels_one_to_three_are_graded_in_words(self, book: Book) -> None:
        book.level(3)
        book.grade(Mark.UNSATISFACTORY)
        book.grade(Mark.EXCELLENT, kind=GradeKind.ANNUAL)
        with pytest.raises(InputError, match="graded in words"):
            book.grade("5")
        with pytest.raises(InputError, match="no term grades"):
            book.grade(Mark.GOOD, kind=GradeKind.TERM)

    def test_level_one_has_one_overall_annual_result(self, book: Book) -> None:
        book.level(1)
        with pytest.raises(InputError, match="one overall annual result"):
            book.grade(Mark.GOOD, kind=GradeKind.ANNUAL)
        book.grade(Mark.GOOD, kind=GradeKind.ANNUAL, subject_id=None, by=book.class_teacher)
        with pytest.raises(InputError, match="already"):
            book.grade(Mark.GOOD, kind=GradeKind.ANNUAL, subject_id=None, by=book.class_teacher)
        with pytest.raises(InputError, match="is in a subject"):
            book.grade(Mark.GOOD, subject_id=None, by=book.class_teacher)

    def test_a_term_is_closed_once(self, book: Book) -> None:
        book.grade("5", kind=GradeKind.TERM)
        with pytest.raises(InputError, match="correct that one"):
            book.grade("6", kind=GradeKind.TERM)

    def test_special_needs_are_graded_by_what_is_achieved(self, book: Book) -> None:
        with pytest.raises(InputError, match="special needs"):
            book.grade(Mark.COPES)
        book.level(8, has_special_needs=True)
        book.grade(Mark.COPES)
        book.grade(Mark.ACHIEVES, kind=GradeKind.TERM)

    def test_a_profiled_subject_may_have_a_fractional_annual_grade(self, book: Book) -> None:
        with pytest.raises(InputError, match="except in a profiled subject"):
            book.grade("5.50", kind=GradeKind.ANNUAL)
        with book.database.session() as session:
            session.execute(update(TeachingAssignment).values(is_profiled=True))
        book.grade("5.50", kind=GradeKind.ANNUAL)


class TestScales:
    @given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-10, max_value=10, places=3))
    def test_a_number_is_accepted_when_it_is_two_or_three_to_six_with_two_places(self, value: Decimal) -> None:
        eighth = Graded(8, False, GradeKind.ORAL, True, False)
        fits = (value == 2 or 3 <= value <= 6) and value == round(value, 2)
        try:
            stored = grade_scales.permitted(value, eighth)
        except InputError:
            assert not fits
        else:
            assert fits
            assert (stored.scale, stored.value) == (GradeScale.NUMERIC, value)

    @given(st.sampled_from(["NaN", "Infinity", "-Infinity", "sNaN", "1E+30"]))
    def test_what_is_no_usual_number_is_refused(self, text: str) -> None:
        with pytest.raises(InputError):
            grade_scales.permitted(Decimal(text), Graded(8, False, GradeKind.ORAL, True, False))

    @given(
        st.integers(1, 12),
        st.booleans(),
        st.sampled_from(GradeKind),
        st.booleans(),
        st.booleans(),
        st.one_of(st.sampled_from(Mark), st.sampled_from([Decimal(2), Decimal("4.5"), Decimal(6)])),
    )
    def test_what_is_permitted_the_database_takes(
        self, level: int, special: bool, kind: GradeKind, subject: bool, profiled: bool, grade: Decimal | Mark
    ) -> None:
        """The same rules as the CHECKs of the table, which tests/db tries on real databases."""
        try:
            stored = grade_scales.permitted(grade, Graded(level, special, kind, subject, profiled))
        except InputError:
            return
        assert (stored.scale is GradeScale.NUMERIC) == (stored.value is not None) == (stored.mark is None)
        assert stored.mark is None or stored.mark.scale is stored.scale
        assert not (kind is GradeKind.TERM and (level <= 3 or (stored.value and stored.value % 1)))
        assert subject or (kind is GradeKind.ANNUAL and level == 1)


class TestCorrections:
    def test_a_corrected_grade_is_news_again_and_the_old_one_is_kept_in_the_audit(self, book: Book) -> None:
        ref = book.grade("2")
        heard(book, ref)
        with book.database.session() as session:
            later = NOW + timedelta(hours=1)
            assert (
                correcting.correct_grade(session, by=book.teacher, grade_id=ref.id, grade=Decimal(5), now=later) == ref
            )
        with book.database.reading() as session:
            row = session.get_one(Grade, ref.id)
            assert (row.value, row.recorded_at) == (Decimal(5), later)
            audit = session.scalars(select(Audit).where(Audit.action == "grade.corrected")).one()
            assert (audit.details["before"], audit.details["after"]) == ("2.00", "5")
        assert marks(book, ref) == 0

    def test_the_same_value_again_changes_nothing(self, book: Book) -> None:
        ref = book.grade("5")
        heard(book, ref)
        with book.database.session() as session:
            correcting.correct_grade(session, by=book.teacher, grade_id=ref.id, grade=Decimal("5.0"), now=NOW + DAY)
        assert marks(book, ref) == 1
        with book.database.reading() as session:
            assert session.get_one(Grade, ref.id).recorded_at == NOW

    def test_a_deleted_grade_is_gone_with_its_heard_marks_and_stays_in_the_audit(self, book: Book) -> None:
        ref = book.grade("2")
        heard(book, ref)
        with book.database.session() as session:
            correcting.delete_grade(session, by=book.principal, grade_id=ref.id, now=NOW)
        with book.database.reading() as session:
            assert session.get(Grade, ref.id) is None
            audit = session.scalars(select(Audit).where(Audit.action == "grade.deleted")).one()
            assert (audit.entity_id, audit.details["before"], audit.staff_id) == (ref.id, "2.00", book.principal)
        assert marks(book, ref) == 0
        assert book.grade("5").id > ref.id

    def test_the_rules_of_recording_hold_for_correcting(self, book: Book) -> None:
        ref = book.grade("5", kind=GradeKind.TERM)
        with pytest.raises(InputError, match="no term grade"), book.database.session() as session:
            correcting.correct_grade(session, by=book.teacher, grade_id=ref.id, grade=Decimal("5.50"), now=NOW)
        stranger = staff_id(book.database, "k.radeva")
        with pytest.raises(InputError, match="Only who teaches"), book.database.session() as session:
            correcting.correct_grade(session, by=stranger, grade_id=ref.id, grade=Decimal(6), now=NOW)
        with pytest.raises(InputError, match="Only who teaches"), book.database.session() as session:
            correcting.delete_grade(session, by=stranger, grade_id=ref.id, now=NOW)
        with pytest.raises(InputError, match="no such grade"), book.database.session() as session:
            correcting.delete_grade(session, by=book.teacher, grade_id=10**6, now=NOW)


def heard(book: Book, ref: EventRef) -> None:
    with book.database.session() as session:
        session.execute(
            insert(HeardEvent).values(
                subscriber_id=child(book.database).subscriber_id,
                kind=ref.kind,
                event_id=ref.id,
                school_id=book.school_id,
                first_heard_at=NOW,
            )
        )


def marks(book: Book, ref: EventRef) -> int:
    with book.database.reading() as session:
        of_event = (HeardEvent.kind == ref.kind, HeardEvent.event_id == ref.id)
        return session.scalar(select(func.count()).select_from(HeardEvent).where(*of_event)) or 0
