"""All reports: their names, filters, readers, and where their rows lead.

Pages, exports and programs need no code of their own for a report: they ask `REPORTS`.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from errors import InputError, MissingError
from school.reports import (
    absences,
    comparisons,
    distribution,
    grades,
    last_year,
    missing,
    notifications,
    risk,
    state_file,
)
from school.reports.filters import Asked, Filters, ask
from school.reports.report import Report, Table


class Readers(StrEnum):
    """Whom a report is for."""

    LEADERS = "leaders"  # principals and school administrators: the whole school
    TEACHERS = "teachers"  # leaders, and teachers within the classes they teach or lead (`visible_classes`)


PERIOD = frozenset({"span", "year", "since", "until"})
CLASSES = frozenset({"level", "class_id"})
ALWAYS = frozenset({"visible_classes", "state_counts_lateness"})


@dataclass(frozen=True, slots=True)
class ReportSpec:
    """`takes`: names of Filters' fields; `needs`: those without which it says nothing; `leads_to`: a row's detail."""

    id: str
    title: str
    about: str
    build: Callable[[Session, Asked], Table]
    takes: frozenset[str]
    readers: Readers = Readers.TEACHERS
    needs: frozenset[str] = frozenset()
    leads_to: str | None = None


def _specs() -> tuple[ReportSpec, ...]:
    marks = PERIOD | CLASSES | {"subject_id", "staff_id", "grade_kind"}
    absent = PERIOD | CLASSES | {"subject_id", "staff_id"}
    one = PERIOD | {"subject_id", "student_id"}
    return (
        ReportSpec(
            "absences_by_student", "Отсъствия по ученици", "Извинени, неизвинени и закъснения на всеки ученик.",
            absences.by_student, absent | {"student_id"}, leads_to="absences_of_student",
        ),
        ReportSpec(
            "absences_by_class", "Отсъствия по класове", "Колко отсъства всеки клас, общо и на ученик.",
            absences.by_class, absent, leads_to="absences_by_student",
        ),
        ReportSpec(
            "absences_by_teacher", "Отсъствия по учители", "От чии часове се отсъства.",
            absences.by_teacher, absent, Readers.LEADERS, leads_to="absences_by_class",
        ),
        ReportSpec(
            "absences_of_student", "Отсъствия на ученик", "Всеки пропуснат час на един ученик.",
            absences.of_student, one | {"staff_id"}, needs=frozenset({"student_id"}),
        ),
        ReportSpec(
            "grades_by_student", "Оценки по ученици", "Брой оценки и среден успех на всеки ученик.",
            grades.by_student, marks | {"student_id"}, leads_to="grades_of_student",
        ),
        ReportSpec(
            "grades_by_class", "Оценки по класове", "Среден успех на класовете.",
            grades.by_class, marks, leads_to="grades_by_student",
        ),
        ReportSpec(
            "grades_by_teacher", "Оценки по учители", "Колко и какви оценки поставя всеки учител.",
            grades.by_teacher, marks, Readers.LEADERS, leads_to="grades_by_class",
        ),
        ReportSpec(
            "grades_of_student", "Оценки на ученик", "Всички оценки на един ученик по предмети, с прогноза.",
            grades.of_student, one | {"staff_id", "grade_kind"}, needs=frozenset({"student_id"}),
            leads_to="student_comparison",
        ),
        ReportSpec(
            "student_comparison", "Ученикът в сравнение със съучениците", "Успехът на ученика до този на класа му.",
            comparisons.student_with_classmates, one | {"grade_kind"}, needs=frozenset({"student_id"}),
        ),
        ReportSpec(
            "teacher_comparison", "Учителят в сравнение с колегите", "Успехът при учителя до този при колегите му.",
            comparisons.teacher_with_colleagues, PERIOD | {"subject_id", "level", "staff_id", "grade_kind"},
            Readers.LEADERS, leads_to="grades_by_class",
        ),
        ReportSpec(
            "last_year_comparison", "Класовете в сравнение с миналата година",
            "Успехът на класовете до този на същите ученици преди година.",
            last_year.classes_with_last_year,
            (PERIOD | CLASSES | {"subject_id", "grade_kind"}) - {"since", "until"}, leads_to="grades_by_student",
        ),
        ReportSpec(
            "at_risk", "Ученици в риск от отпадане", "5 или повече неизвинени отсъствия в един месец.",
            risk.at_risk, PERIOD | CLASSES, leads_to="absences_of_student",
        ),
        ReportSpec(
            "missing_entries", "Липсващи въвеждания", "Класове и учители без оценки, без въвеждания или под минимума.",
            missing.missing_entries, PERIOD | CLASSES | {"subject_id", "staff_id"},
            leads_to="students_without_grades",
        ),
        ReportSpec(
            "students_without_grades", "Ученици без оценки", "Кой още няма оценка и по кои предмети.",
            missing.students_without_grades, marks, leads_to="grades_of_student",
        ),
        ReportSpec(
            "grade_distribution", "Разпределение на оценките", "Колко двойки, тройки, ... шестици по предмети.",
            distribution.of_grades_2_to_6, marks, leads_to="grades_by_class",
        ),
        ReportSpec(
            "mark_distribution", "Разпределение на качествените оценки", "Оценките с думи по предмети.",
            distribution.of_marks, marks, leads_to="grades_by_class",
        ),
        ReportSpec(
            "notification_figures", "Известия до родителите", "Какво е казано, по кой канал и какво е станало с него.",
            notifications.notification_figures, PERIOD, Readers.LEADERS,
        ),
        ReportSpec(
            "state_absences", "Отсъствия за НЕИСПУО", "Какво съдържа месечният файл за държавата.",
            state_file.preview, PERIOD, Readers.LEADERS, leads_to="absences_of_student",
        ),
    )  # fmt: skip


REPORTS: dict[str, ReportSpec] = {spec.id: spec for spec in _specs()}


def run(session: Session, school_id: int, report_id: str, filters: Filters, today: date) -> Report:
    """Build a report of one school; filters that it does not take are left out.

    Raises InputError for an unknown report, a filter that names nothing of the school, or one that is needed.
    """
    spec = REPORTS.get(report_id)
    if spec is None:
        raise MissingError("There is no such report: choose one of the list.")
    kept: dict[str, Any] = {
        field.name: getattr(filters, field.name) for field in fields(Filters) if field.name in spec.takes | ALWAYS
    }
    if any(kept[name] is None for name in spec.needs):
        raise InputError("This report is about one student: choose one.")
    if spec.readers is Readers.LEADERS and filters.visible_classes is not None:
        raise InputError("This report is for the school's leaders.")
    asked = ask(session, school_id, Filters(**kept), today)
    found = spec.build(session, asked)
    return Report(
        id=spec.id,
        title=spec.title,
        school=asked.school,
        filters=asked.words if found.filters is None else found.filters,
        columns=found.columns,
        rows=found.rows,
        totals=found.totals,
        chart=found.chart,
        notes=found.notes,
    )
