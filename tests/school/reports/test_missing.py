"""What is missing is found, and nothing else."""

from collections import Counter
from datetime import date

import pytest

from db.models import Absence, Remark
from db.session import Database
from school.reports import Filters, Report, Span, run
from school.reports.missing import expected_a_term
from tests.school.reports.plain_rows import Book, between, period

TODAY = date(2027, 6, 1)


def ask(platform: Database, report: str, filters: Filters | None = None) -> Report:
    with platform.reading() as session:
        return run(session, 2, report, filters or Filters(), TODAY)


def test_the_law_asks_for_two_three_or_four_grades_by_the_lessons_a_week() -> None:
    assert [expected_a_term(lessons) for lessons in range(7)] == [0, 2, 2, 3, 4, 4, 4]


@pytest.mark.parametrize(
    "filters",
    [
        Filters(span=Span.TERM_1),
        Filters(),
        Filters(since=date(2026, 10, 5), until=date(2026, 10, 9)),
        Filters(since=date(2026, 9, 16), until=date(2026, 9, 16)),
    ],
)
def test_a_subject_of_a_class_is_listed_when_something_is_missing(
    platform: Database, book: Book, filters: Filters
) -> None:
    within = between(filters.since or date.min, filters.until or date.max)
    term_1 = filters.span is Span.TERM_1
    grades = book.current(lambda one: within(one) and (not term_1 or one.term == 1))
    entered: list[Absence | Remark] = []
    entered.extend(book.absences)
    entered.extend(book.remarks)
    others = [one for one in entered if within(one) and (not term_1 or one.on_date < date(2027, 2, 4))]
    expected: dict[tuple[str, str], tuple[str, int, int | None, int | None]] = {}
    for taught in book.taught:
        day = min(period(filters)[1], TODAY)
        members = book.members(taught.class_id, day, day)
        own = Counter(
            one.student_id for one in grades if one.subject_id == taught.subject_id and one.student_id in members
        )
        any_entry = own or any(one.subject_id == taught.subject_id and one.student_id in members for one in others)
        lessons = {
            (one.weekday, one.lesson)
            for one in book.timetable
            if one.class_id == taught.class_id and one.subject_id == taught.subject_id
        }
        terms = 0 if filters.since else 1 if term_1 else 2
        minimum = terms * expected_a_term(len(lessons)) or None
        too_few = sum(own[student] < minimum for student in members) if minimum else None
        what = None if own else "без оценки" if any_entry else "без нито едно въвеждане"
        if what or too_few:
            key = book.classes[taught.class_id].name, book.subjects[taught.subject_id]
            expected[key] = (what or "под минимума", own.total(), minimum, too_few)
    report = ask(platform, "missing_entries", filters)
    shown = {(str(row.cells[0]), str(row.cells[1])): row.cells[3:7] for row in report.rows}
    assert shown == expected


def test_the_minimum_is_of_whole_terms_that_have_begun(platform: Database) -> None:
    with platform.reading() as session:
        autumn = run(session, 2, "missing_entries", Filters(), date(2026, 11, 1))
    minimum = {row.cells[1]: row.cells[5] for row in autumn.rows}
    assert minimum["Математика"] == 4
    assert minimum["Философия"] == 2
    assert any("не е приключил" in note for note in autumn.notes)
    assert not any(
        "не е приключил" in note for note in ask(platform, "missing_entries", Filters(span=Span.TERM_1)).notes
    )


@pytest.mark.parametrize(
    "filters", [Filters(), Filters(since=date(2026, 10, 1), until=date(2026, 10, 31)), Filters(level=3)]
)
def test_students_without_a_grade_are_named_with_the_subjects(platform: Database, book: Book, filters: Filters) -> None:
    within = between(filters.since or date.min, filters.until or date.max)
    graded = {(one.student_id, one.subject_id) for one in book.current(within)}
    expected: dict[int, set[str]] = {}
    day = min(period(filters)[1], TODAY)
    for student in book.students.values():
        of = book.class_on(student.id, day)
        if of is None or (filters.level and of.level != filters.level):
            continue
        for subject in {one.subject_id for one in book.taught if one.class_id == of.id}:
            if (student.id, subject) not in graded:
                expected.setdefault(student.id, set()).add(book.subjects[subject])
    report = ask(platform, "students_without_grades", filters)
    assert expected
    assert {row.target.id: row.cells[2] for row in report.rows if row.target} == {
        student: len(subjects) for student, subjects in expected.items()
    }
    for row in report.rows:
        assert row.target is not None
        if row.cells[4] != "всички предмети":
            assert set(str(row.cells[4]).split(", ")) == expected[row.target.id]
