"""Absences in reports are those in the class book."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from db.kinds import AbsenceKind, AbsenceReason
from db.models import Absence, Student
from db.session import Database
from school.reports import Entity, Filters, Report, Span, absence_file, run
from tests.school.reports.plain_rows import Book, between, level, missed, period, shown_students

TODAY = date(2027, 6, 1)
TERM_1_BEGINS, TERM_2_BEGINS, YEAR_ENDS = date(2026, 9, 15), date(2027, 2, 4), date(2027, 9, 14)


def ask(platform: Database, report: str, filters: Filters | None = None) -> Report:
    with platform.reading() as session:
        return run(session, 2, report, filters or Filters(), TODAY)


def wishes(book: Book) -> list[tuple[Filters, list[Absence]]]:
    """Filters, and the absences that a person would keep for them."""
    subject, teacher = min(book.subjects), min(book.teachers)
    school_class = min(book.classes)
    november = between(date(2026, 11, 1), date(2026, 11, 30))
    all_of_it = book.absences
    return [
        (Filters(), all_of_it),
        (Filters(span=Span.TERM_1), [one for one in all_of_it if one.on_date < TERM_2_BEGINS]),
        (Filters(span=Span.TERM_2), [one for one in all_of_it if one.on_date >= TERM_2_BEGINS]),
        (Filters(since=date(2026, 11, 1), until=date(2026, 11, 30)), [one for one in all_of_it if november(one)]),
        (Filters(subject_id=subject), [one for one in all_of_it if one.subject_id == subject]),
        (Filters(staff_id=teacher), [one for one in all_of_it if one.staff_id == teacher]),
        (Filters(level=8), [one for one in all_of_it if level(book, one) == 8]),
        (
            Filters(class_id=school_class),
            [one for one in all_of_it if book.class_of(one) is book.classes[school_class]],
        ),
    ]


@pytest.mark.parametrize("wish", range(8))
def test_every_student_has_what_the_class_book_has(platform: Database, book: Book, wish: int) -> None:
    filters, kept = wishes(book)[wish]
    report = ask(platform, "absences_by_student", filters)
    shown = {row.target.id: row.cells[2:] for row in report.rows if row.target}
    there = shown_students(book, filters)  # and of the whole school who was missing while in no class
    missing = {one.student_id for one in kept}
    expected = {
        student.id: missed(one for one in kept if one.student_id == student.id)
        for student in book.students.values()
        if student.id in there or (student.id in missing and not (filters.level or filters.class_id))
    }
    assert shown == expected
    assert sum(expected[student][0] for student in expected) > 0
    assert report.totals is not None
    assert report.totals[2:] == tuple(sum(column) for column in zip(*expected.values(), strict=True))
    assert all(row.cells[0] == book.name(row.target.id) for row in report.rows if row.target)


@pytest.mark.parametrize("wish", range(8))
def test_classes_add_up_what_was_missed_in_them(platform: Database, book: Book, wish: int) -> None:
    filters, kept = wishes(book)[wish]
    for row in ask(platform, "absences_by_class", filters).rows:
        assert row.target is not None
        assert row.target.entity is Entity.SCHOOL_CLASS
        members = book.members(row.target.id, *period(filters))
        counted = missed(one for one in kept if book.class_of(one) is book.classes[row.target.id])
        assert row.cells[:-1] == (book.classes[row.target.id].name, len(members), *counted)
        average = row.cells[-1]
        assert isinstance(average, Decimal)
        assert abs(average * len(members) - counted[-1]) <= Decimal("0.005") * len(members)


@pytest.mark.parametrize("wish", range(8))
def test_teachers_have_what_they_wrote_down(platform: Database, book: Book, wish: int) -> None:
    filters, kept = wishes(book)[wish]
    report = ask(platform, "absences_by_teacher", filters)
    shown = {row.target.id: row.cells[1:] for row in report.rows if row.target}
    assert shown == {
        teacher: (len({one.student_id for one in own}), *missed(own))
        for teacher in book.teachers
        if (own := [one for one in kept if one.staff_id == teacher])
    }


def test_one_student_is_told_lesson_by_lesson(platform: Database, book: Book) -> None:
    student = max(book.students, key=lambda id_: sum(one.student_id == id_ for one in book.absences))
    own = sorted((one for one in book.absences if one.student_id == student), key=lambda one: (one.on_date, one.lesson))
    report = ask(platform, "absences_of_student", Filters(student_id=student))
    assert [row.cells[:3] for row in report.rows] == [
        (one.on_date, one.lesson, book.subjects[one.subject_id]) for one in own
    ]
    assert report.totals is not None
    assert (report.totals[1], report.totals[-1]) == (len(own), missed(own)[-1])
    assert sum(Decimal(str(row.cells[-1])) for row in report.rows) == missed(own)[-1]


def test_at_risk_are_those_with_five_hours_or_more_in_a_calendar_month(platform: Database, book: Book) -> None:
    months: dict[tuple[int, int, int], list[Absence]] = {}
    for one in book.absences:
        months.setdefault((one.on_date.year, one.on_date.month, one.student_id), []).append(one)
    expected = {key: missed(kept) for key, kept in months.items() if missed(kept)[-1] >= 5}
    report = ask(platform, "at_risk")
    assert expected
    assert len(report.rows) == len(expected)
    assert sorted((row.target.id, row.cells[-1]) for row in report.rows if row.target) == sorted(
        (student, counted[-1]) for (_, _, student), counted in expected.items()
    )
    assert {row.cells[-1] for row in report.rows} >= {Decimal(6)}
    latest = max(expected)[:2]
    names = {9: "септември", 10: "октомври", 11: "ноември", 12: "декември", 1: "януари", 2: "февруари"} | {
        3: "март", 4: "април", 5: "май"
    }  # fmt: skip
    assert report.rows[0].cells[0] == f"{names[latest[1]]} {latest[0]}"


class TestStateFile:
    def test_each_line_has_the_states_sixteen_fields(self, platform: Database, book: Book) -> None:
        with platform.reading() as session:
            file = absence_file(session, 2, 2026, 10)
        lines = file.content.decode("cp1251").split("\r\n")
        assert lines.pop() == ""
        assert (file.name, file.students) == ("1000002_2026_10.txt", len(lines))
        october = between(date(2026, 10, 1), date(2026, 10, 31))
        absent: dict[int, list[Absence]] = {}
        for one in filter(october, book.absences):
            absent.setdefault(one.student_id, []).append(one)
        expected = set()
        for id_, kept in absent.items():
            student, school_class = book.students[id_], book.class_of(max(kept, key=lambda one: one.on_date))
            excused, _, _, total = missed(kept)
            names = f"{student.first_name}|{student.middle_name}|{student.last_name}"
            of_class = f"{school_class.level:02}|{school_class.letter}||{school_class.name}" if school_class else "|||"
            left = f"{student.left_on:%d.%m.%Y}" if student.left_on and student.left_on <= date(2026, 10, 31) else ""
            expected.add(f"1000002|2026|10|0|{id_:010}|{names}|{of_class}||{left}|{excused:.2f}|{total:.2f}")
        assert set(lines) == expected
        assert all(line.count("|") == 15 for line in lines)

    def test_january_belongs_to_the_year_that_began_before(self, platform: Database) -> None:
        with platform.reading() as session:
            file = absence_file(session, 2, 2027, 1)
        assert all(line.split("|")[1:3] == ["2026", "01"] for line in file.content.decode("cp1251").splitlines())

    def test_the_preview_shows_the_same_hours_without_national_ids(self, platform: Database) -> None:
        report = ask(platform, "state_absences", Filters(until=date(2026, 10, 31)))
        with platform.reading() as session:
            content = absence_file(session, 2, 2026, 10).content.decode("cp1251")
        lines = [line.split("|") for line in content.splitlines()]
        assert [(f"{line[5]} {line[6]} {line[7]}", Decimal(line[14]), Decimal(line[15])) for line in lines] == [
            (row.cells[0], row.cells[3], row.cells[4]) for row in report.rows
        ]
        assert not any(line[4] in str(report) for line in lines)


@pytest.mark.parametrize(
    ("kinds", "counted", "without_lateness"),
    [
        ("uuuul", None, None),  # four and a half
        ("uuuull", "5", None),
        ("uuuuu", "5", "5"),
        ("uuuulll", "5.5", None),
        ("uuuuul", "5.5", "5"),
        ("uuuuee", None, None),
        ("llllllll", None, None),
        ("ulllllll", None, None),
    ],
)
def test_five_hours_in_a_month_are_a_risk_and_half_an_hour_less_is_none(
    demonstration: Database, kinds: str, counted: str | None, without_lateness: str | None
) -> None:
    student_id = absent(demonstration, kinds)
    for state_counts_lateness, hours in ((True, counted), (False, without_lateness)):
        filters = Filters(state_counts_lateness=state_counts_lateness)
        with demonstration.reading() as session:
            report = run(session, 1, "at_risk", filters, date(2026, 11, 24))
        found = {row.target.id: row.cells[-1] for row in report.rows if row.target}
        assert found.get(student_id) == (None if hours is None else Decimal(hours))
        assert report.notes[1] == (
            "Общо неизвинени = неизвинени + 1/2 от закъсненията."
            if state_counts_lateness
            else "Закъсненията не се броят."
        )


def test_the_states_file_counts_lateness_where_the_state_does(demonstration: Database) -> None:
    late, both = absent(demonstration, "ll"), absent(demonstration, "uul")
    with demonstration.reading() as session:
        names = {one.id: one.last_name for one in session.scalars(select(Student).where(Student.id.in_([late, both])))}
    for state_counts_lateness, expected in (
        (True, {late: "1.00", both: "2.50"}),
        (False, {both: "2.00"}),
    ):
        filters = Filters(until=date(2026, 10, 31), state_counts_lateness=state_counts_lateness)
        with demonstration.reading() as session:
            file = absence_file(session, 1, 2026, 10, state_counts_lateness=state_counts_lateness)
            preview = run(session, 1, "state_absences", filters, date(2026, 11, 24))
        lines = [line.split("|") for line in file.content.decode("cp1251").splitlines()]
        for student_id, last_name in names.items():
            hours = [line[15] for line in lines if line[7] == last_name and line[14] == "0.00"]
            assert (expected.get(student_id) in hours) is (student_id in expected)
        shown = {row.target.id: row.cells[-1] for row in preview.rows if row.target}
        assert {id_: f"{shown[id_]:.2f}" for id_ in names if id_ in shown} == expected


def absent(demonstration: Database, kinds: str) -> int:
    """Somebody who was there all October was not on its last day: `u`nexcused, `l`ate, `e`xcused, lesson by lesson."""
    with demonstration.session() as session:
        gone = select(Absence.student_id).where(Absence.on_date.between(date(2026, 10, 1), date(2026, 10, 31)))
        student = session.scalars(
            select(Student).where(Student.id.not_in(gone), Student.class_id.is_not(None)).order_by(Student.id).limit(1)
        ).one()
        like = session.scalars(select(Absence).limit(1)).one()
        named = {"u": AbsenceKind.UNEXCUSED, "l": AbsenceKind.LATE, "e": AbsenceKind.EXCUSED}
        for lesson, kind in enumerate(kinds, 1):
            session.add(
                Absence(
                    school_id=student.school_id,
                    student_id=student.id,
                    subject_id=like.subject_id,
                    staff_id=like.staff_id,
                    school_year_id=like.school_year_id,
                    kind=named[kind],
                    reason=AbsenceReason.FAMILY if kind == "e" else None,
                    on_date=date(2026, 10, 31),
                    lesson=lesson,
                    recorded_at=like.recorded_at,
                )
            )
        return student.id
