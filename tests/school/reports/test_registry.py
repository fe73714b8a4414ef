"""All reports alike: what they take, whom they show, how often they ask the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from db.models import SchoolClass, Staff, Student, Subject
from db.session import Database
from errors import InputError
from school.reports import REPORTS, Column, Entity, Filters, Readers, Report, Span, run
from tests.school.reports.plain_rows import Book

TODAY = date(2027, 6, 1)


def filters_for(book: Book, report: str) -> Filters:
    """What a report cannot do without."""
    student = next(id_ for id_ in book.students if book.level_of(id_) == 10)
    return Filters(student_id=student if REPORTS[report].needs else None)


@contextmanager
def statements(session: Session) -> Iterator[list[str]]:
    """What is sent to the database meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            sent.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("report", REPORTS)
class TestEachReport:
    def test_it_is_whole(self, platform: Database, book: Book, report: str) -> None:
        with platform.reading() as session, statements(session) as sent:
            found = run(session, 2, report, filters_for(book, report), TODAY)
        assert len(sent) <= 3
        spec = REPORTS[report]
        assert (found.id, found.title) == (spec.id, spec.title)
        assert all(len(row.cells) == len(found.columns) for row in found.rows)
        assert found.totals is None or len(found.totals) == len(found.columns)
        assert len({column.key for column in found.columns}) == len(found.columns)
        if found.chart:
            assert all(len(one.values) == len(found.chart.labels) for one in found.chart.series)
        if spec.leads_to and found.rows:
            targets = {row.target.entity.value for row in found.rows if row.target}
            assert targets & REPORTS[spec.leads_to].takes or not targets

    def test_it_shows_nothing_of_another_school(self, platform: Database, book: Book, report: str) -> None:
        with platform.reading() as session:
            found = run(session, 2, report, filters_for(book, report), TODAY)
            models = {Entity.STUDENT: Student, Entity.SCHOOL_CLASS: SchoolClass, Entity.TEACHER: Staff}
            for row in found.rows:
                if row.target:
                    model: Any = models.get(row.target.entity, Subject)
                    assert session.scalar(select(model.school_id).where(model.id == row.target.id)) == 2

    def test_who_may_see_some_classes_sees_no_other(self, platform: Database, book: Book, report: str) -> None:
        own = {min(book.classes), max(book.classes)}
        bound = replace(filters_for(book, report), visible_classes=frozenset(own))
        with platform.reading() as session:
            if REPORTS[report].readers is Readers.LEADERS:
                with pytest.raises(InputError, match="leaders"):
                    run(session, 2, report, bound, TODAY)
                return
            if REPORTS[report].needs:  # the student is of another class
                with pytest.raises(InputError, match="no such student"):
                    run(session, 2, report, bound, TODAY)
                mine = next(id_ for id_, one in book.students.items() if one.class_id in own)
                assert run(session, 2, report, replace(bound, student_id=mine), TODAY).filters
                return
            found = run(session, 2, report, bound, TODAY)
            for row in found.rows:
                if row.target and row.target.entity is Entity.STUDENT:
                    assert row.target.id in set().union(*(book.members(one) for one in own))
                if row.target and row.target.entity is Entity.SCHOOL_CLASS:
                    assert row.target.id in own
            if "class_id" in REPORTS[report].takes:
                other = next(id_ for id_ in book.classes if id_ not in own)
                with pytest.raises(InputError, match="no such class"):
                    run(session, 2, report, replace(bound, class_id=other), TODAY)
            none = run(session, 2, report, replace(bound, visible_classes=frozenset()), TODAY)
        assert none.rows == ()


@pytest.mark.parametrize(
    ("report", "name"),
    [
        (report, name)
        for report, spec in REPORTS.items()
        for name in ("subject_id", "class_id", "staff_id", "student_id")
        if name in spec.takes
    ],
)
def test_what_is_another_schools_is_not_there(platform: Database, book: Book, report: str, name: str) -> None:
    models: dict[str, Any] = {
        "subject_id": Subject, "class_id": SchoolClass, "staff_id": Staff, "student_id": Student
    }  # fmt: skip
    with platform.reading() as session:
        theirs = session.scalars(select(models[name].id).where(models[name].school_id == 1).limit(1)).one()
        asked: dict[str, Any] = {name: theirs}
        with pytest.raises(InputError, match="has no such"):
            run(session, 2, report, replace(filters_for(book, report), **asked), TODAY)


def ask(platform: Database, report: str, filters: Filters, today: date = TODAY) -> Report:
    with platform.reading() as session:
        return run(session, 2, report, filters, today)


class TestFilters:
    def test_they_are_told_in_words(self, platform: Database, book: Book) -> None:
        class_id, subject_id = min(book.classes), min(book.subjects)
        report = ask(
            platform, "grades_by_class", Filters(Span.TERM_1, class_id=class_id, subject_id=subject_id, level=1)
        )
        assert report.filters == (
            ("Период", "първи учебен срок 2026/2027, 15.09.2026 – 03.02.2027"),
            ("Клас", "1а"),
            ("Випуск", "1. клас"),
            ("Предмет", "Български език и литература"),
        )

    def test_a_row_leads_to_its_detail(self, platform: Database) -> None:
        wish = Filters(Span.TERM_2)
        overview = ask(platform, "absences_by_class", wish)
        row = overview.rows[3]
        assert row.target is not None
        detail = ask(platform, REPORTS["absences_by_class"].leads_to or "", wish.narrowed(row.target))
        assert detail.totals is not None
        assert detail.totals[2:6] == row.cells[2:6]

    def test_what_a_report_does_not_take_is_left_out(self, platform: Database, book: Book) -> None:
        wish = Filters(subject_id=min(book.subjects))
        assert ask(platform, "at_risk", wish).rows == ask(platform, "at_risk", Filters()).rows

    def test_dates_outside_every_year_are_refused(self, platform: Database) -> None:
        with pytest.raises(InputError, match="No school year"):
            ask(platform, "at_risk", Filters(since=date(2020, 1, 1)))
        with pytest.raises(InputError, match="last date is before"):
            ask(platform, "at_risk", Filters(since=date(2027, 3, 1), until=date(2027, 2, 1)))

    def test_a_report_about_one_student_needs_one(self, platform: Database) -> None:
        with pytest.raises(InputError, match="one student"):
            ask(platform, "student_comparison", Filters())

    def test_an_unknown_report_is_refused(self, platform: Database) -> None:
        with pytest.raises(InputError, match="no such report"):
            ask(platform, "everything", Filters())


def test_a_column_is_found_by_its_key(platform: Database) -> None:
    report = ask(platform, "absences_by_class", Filters())
    assert report.column("class")[0] == "1а"
    assert isinstance(report.columns[0], Column)


@pytest.mark.parametrize(
    "report",
    ["grades_by_student", "grades_by_class", "grades_by_teacher", "teacher_comparison", "grade_distribution",
     "mark_distribution", "missing_entries", "students_without_grades"],
)  # fmt: skip
def test_a_years_grades_are_counted_in_their_index(platform: Database, report: str) -> None:
    """Neither the table is read nor a student's grades one by one: that takes ten times as long."""
    plans: list[str] = []

    def explain(connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "FROM grade" in statement and not statement.startswith("EXPLAIN"):
            asked = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.extend(row[3] for row in asked if "grade" in row[3].split())

    with platform.reading() as session:
        engine = session.get_bind()
        if engine.dialect.name != "sqlite":
            pytest.skip("PostgreSQL chooses by how much there is: little in a test")
        event.listen(engine, "before_cursor_execute", explain)
        try:
            run(session, 2, report, Filters(), TODAY)
        finally:
            event.remove(engine, "before_cursor_execute", explain)
    assert plans == ["SEARCH grade USING COVERING INDEX ix_grade_of_year (school_id=? AND school_year_id=?)"]
