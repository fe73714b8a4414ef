"""Grades in reports are those in the class book."""

from collections import Counter
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from db.kinds import GradeKind
from db.models import Grade
from db.session import Database
from school.reports import Filters, Report, Span, grade_in_words, run
from tests.school.reports.plain_rows import Book, average, between, level, period, rounded, shown_students

TODAY = date(2027, 6, 1)


def ask(platform: Database, report: str, filters: Filters | None = None) -> Report:
    with platform.reading() as session:
        return run(session, 2, report, filters or Filters(), TODAY)


def wishes(book: Book) -> list[tuple[Filters, list[Grade]]]:
    """Filters, and the grades that a person would keep for them."""
    subject, teacher, school_class = max(book.subjects), max(book.teachers), max(book.classes)
    march = between(date(2027, 3, 1), date(2027, 3, 31))
    return [
        (Filters(), book.current()),
        (Filters(span=Span.TERM_1), book.current(lambda one: one.term == 1)),
        (Filters(span=Span.TERM_2), book.current(lambda one: one.term == 2)),
        (Filters(since=date(2027, 3, 1), until=date(2027, 3, 31)), book.current(march)),
        (Filters(subject_id=subject), book.current(lambda one: one.subject_id == subject)),
        (Filters(staff_id=teacher), book.current(lambda one: one.staff_id == teacher)),
        (Filters(level=2), book.current(lambda one: level(book, one) == 2)),
        (
            Filters(class_id=school_class),
            book.current(lambda one: book.class_of(one) is book.classes[school_class]),
        ),
        (Filters(grade_kind=GradeKind.TEST), [one for one in book.grades if one.kind is GradeKind.TEST]),
        (Filters(grade_kind=GradeKind.TERM), [one for one in book.grades if one.kind is GradeKind.TERM]),
    ]


def figures(grades: list[Grade]) -> tuple[object, ...]:
    """Numeric ones, their mean, in words, weak, excellent, in words only."""
    numbers = [one.value for one in grades if one.value is not None]
    mean = average(grades)
    return (
        len(numbers),
        mean,
        grade_in_words(mean) or None,
        sum(one < 3 for one in numbers),
        sum(one >= Decimal("5.5") for one in numbers),
        sum(one.mark is not None for one in grades),
    )


@pytest.mark.parametrize("wish", range(10))
def test_every_student_has_what_the_class_book_has(platform: Database, book: Book, wish: int) -> None:
    filters, kept = wishes(book)[wish]
    report = ask(platform, "grades_by_student", filters)
    by_student: dict[int, list[Grade]] = {}
    for one in kept:
        by_student.setdefault(one.student_id, []).append(one)
    there = shown_students(book, filters)  # and of the whole school who has grades while in no class
    expected = {
        student.id: figures(by_student.get(student.id, []))
        for student in book.students.values()
        if student.id in there or (student.id in by_student and not (filters.level or filters.class_id))
    }
    assert kept
    assert {row.target.id: row.cells[2:] for row in report.rows if row.target} == expected
    assert report.totals is not None
    assert report.totals[2:] == figures(kept)


@pytest.mark.parametrize("wish", range(10))
def test_classes_are_what_was_given_in_them(platform: Database, book: Book, wish: int) -> None:
    filters, kept = wishes(book)[wish]
    report = ask(platform, "grades_by_class", filters)
    assert report.rows
    for row in report.rows:
        assert row.target is not None
        members = book.members(row.target.id, *period(filters))
        own = figures([one for one in kept if book.class_of(one) is book.classes[row.target.id]])
        assert row.cells[:-2] == (book.classes[row.target.id].name, len(members), *own)
        weak = None if not own[0] else rounded(Fraction(100 * int(str(own[3])), int(str(own[0]))), 1)
        assert row.cells[-2] == weak


@pytest.mark.parametrize("wish", range(10))
def test_teachers_are_what_they_gave(platform: Database, book: Book, wish: int) -> None:
    filters, kept = wishes(book)[wish]
    report = ask(platform, "grades_by_teacher", filters)
    assert {row.target.id: row.cells[1:-2] for row in report.rows if row.target} == {
        teacher: (len({one.student_id for one in own}), *figures(own))
        for teacher in book.teachers
        if (own := [one for one in kept if one.staff_id == teacher])
    }


def test_one_student_is_told_by_subject_with_a_forecast_and_the_term_grade(platform: Database, book: Book) -> None:
    student = next(id_ for id_ in book.students if book.level_of(id_) == 8)
    report = ask(platform, "grades_of_student", Filters(student_id=student))
    assert report.rows
    for row in report.rows:
        own = [
            one
            for one in book.grades
            if one.student_id == student and book.subjects[one.subject_id or 0] == row.cells[0]
        ]
        current = [one for one in own if one.kind is not GradeKind.TERM]
        mean = average(current)
        term = next((one.value for one in own if one.kind is GradeKind.TERM), None)
        assert len([part for part in str(row.cells[1]).split(", ") if part]) == len(current)
        assert row.cells[2] == mean
        assert row.cells[5] == (None if term is None else f"{term:.0f}")
        if mean is not None:
            assert row.cells[4] == (2 if mean < 3 else int(mean + Decimal("0.5")))
    assert any("Прогноза" in note for note in report.notes)


def test_an_average_in_words_goes_by_its_value() -> None:
    words = {"2.99": "Слаб (2.99)", "3": "Среден (3)", "3.49": "Среден (3.49)", "3.50": "Добър (3.5)"} | {
        "4.49": "Добър (4.49)", "4.5": "Мн. добър (4.5)", "5.25": "Мн. добър (5.25)", "5.5": "Отличен (5.5)",
        "6": "Отличен (6)",
    }  # fmt: skip
    assert {value: grade_in_words(Decimal(value)) for value in words} == words
    assert grade_in_words(None) == ""


@pytest.mark.parametrize("wish", range(10))
def test_the_spread_counts_every_grade_once(platform: Database, book: Book, wish: int) -> None:
    filters, kept = wishes(book)[wish]
    report = ask(platform, "grade_distribution", filters)
    for row in report.rows:
        assert row.target is not None
        values = [one.value for one in kept if one.subject_id == row.target.id and one.value is not None]
        words = Counter(grade_in_words(value).split(" (")[0] for value in values)
        assert row.cells[1:7] == (
            len(values), *(words[word] for word in ("Слаб", "Среден", "Добър", "Мн. добър", "Отличен"))
        )  # fmt: skip
    numeric = [one for one in kept if one.value is not None]
    assert report.totals is not None
    assert report.totals[1] == len(numeric)
    assert report.totals[7] == average(numeric)


def test_marks_in_words_are_counted_by_mark(platform: Database, book: Book) -> None:
    report = ask(platform, "mark_distribution")
    counted = Counter(str(one.mark) for one in book.current(lambda one: one.mark is not None))
    assert report.totals is not None
    shown = {column.key: total for column, total in zip(report.columns[2:], report.totals[2:], strict=True) if total}
    assert shown == counted
    assert report.totals[1] == sum(counted.values())


class TestComparisons:
    def test_a_student_is_held_against_the_means_of_the_classmates(self, platform: Database, book: Book) -> None:
        student = next(id_ for id_ in book.students if book.level_of(id_) == 9)
        own_class = book.students[student].class_id
        assert own_class is not None
        classmates = sorted(book.members(own_class) - {student})
        report = ask(platform, "student_comparison", Filters(student_id=student))
        assert report.rows
        for row in report.rows:
            assert row.target is not None
            own, others = [], list[Fraction]()
            for mate in (student, *classmates):
                values = [
                    Fraction(one.value)
                    for one in book.current()
                    if one.student_id == mate
                    and one.subject_id == row.target.id
                    and one.value is not None
                    # Of who has moved on those grades count that were given in the class.
                    and (book.last_class(mate) == own_class or book.class_of(one) is book.classes[own_class])
                ]
                if mate == student:
                    own = values
                elif values:
                    others.append(sum(values, Fraction()) / len(values))
            mean = sum(own, Fraction()) / len(own)
            theirs = rounded(sum(others, Fraction()) / len(others)) if others else None
            assert row.cells[1:5] == (len(own), rounded(mean), len(others), theirs)
            assert row.cells[5] == (None if theirs is None else rounded(mean) - theirs)
            if len(others) >= 5:
                assert row.cells[6:] == (f"{sum(one > mean for one in others) + 1} от {len(others) + 1}", None)
            else:
                assert row.cells[6:] == (None, "малка група")

    def test_a_teacher_is_held_against_colleagues_of_the_same_subject_and_level(
        self, platform: Database, book: Book
    ) -> None:
        report = ask(platform, "teacher_comparison", Filters(span=Span.TERM_1))
        kept = book.current(lambda one: one.term == 1 and one.value is not None and level(book, one) is not None)
        bases = Counter(str(row.cells[9]) for row in report.rows)
        assert set(bases) == {"предмет и випуск", "предмет, други випуски"}
        for row in report.rows:
            assert row.target is not None
            of = int(str(row.cells[2]).split(".")[0])
            same = [one for one in kept if book.subjects[one.subject_id or 0] == row.cells[1]]
            own = [one for one in same if one.staff_id == row.target.id and level(book, one) == of]
            colleagues = [one for one in same if one.staff_id != row.target.id]
            of_level = [one for one in colleagues if level(book, one) == of]
            against = of_level or colleagues
            assert row.cells[3:8] == (
                len(own), average(own), len({one.staff_id for one in against}), len(against), average(against)
            )  # fmt: skip
            assert row.cells[9] == ("предмет и випуск" if of_level else "предмет, други випуски")
            assert (row.cells[10] == "малка група") == (min(len(own), len(against)) < 20)

    def test_a_level_is_chosen_to_be_shown_not_to_hide_the_colleagues_of_others(self, platform: Database) -> None:
        everyone = ask(platform, "teacher_comparison")
        of_level = ask(platform, "teacher_comparison", Filters(level=12))
        assert [row.cells for row in of_level.rows] == [
            row.cells for row in everyone.rows if row.cells[2] == "12. клас"
        ]
        assert "предмет, други випуски" in of_level.column("basis")

    def test_one_teachers_total_weighs_the_colleagues_as_the_teachers_own_grades_lie(
        self, platform: Database, book: Book
    ) -> None:
        everyone = ask(platform, "teacher_comparison")
        teacher = next(row.target.id for row in everyone.rows if row.target and row.cells[9] == "предмет и випуск")
        report = ask(platform, "teacher_comparison", Filters(staff_id=teacher))
        assert {row.cells for row in report.rows} == {
            row.cells for row in everyone.rows if row.target and row.target.id == teacher
        }
        kept = book.current(lambda one: one.value is not None and level(book, one) is not None)
        weighted, grades = Fraction(), 0
        for row in report.rows:
            of = int(str(row.cells[2]).split(".")[0])
            others = [
                one for one in kept if one.staff_id != teacher and book.subjects[one.subject_id or 0] == row.cells[1]
            ]
            same = [one for one in others if level(book, one) == of] or others
            mean = sum((Fraction(one.value or 0) for one in same), Fraction()) / len(same)
            weighted += mean * int(str(row.cells[3]))
            grades += int(str(row.cells[3]))
        assert report.totals is not None
        assert report.totals[3] == grades
        assert report.totals[7] == rounded(weighted / grades)
