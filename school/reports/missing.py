"""What is missing: subjects of a class without grades or without any entry, and students without grades.

How many current grades a term asks for by law: Ordinance 11 of 2016 on assessment, art. 12, by the lessons a week.
The timetable tells these; where a subject is not in it, nothing is expected.
"""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import and_, func, literal, select, union_all
from sqlalchemy.orm import Session

from db.models import (
    Absence,
    Grade,
    Remark,
    SchoolClass,
    Staff,
    Student,
    Subject,
    TeachingAssignment,
    TimetableLesson,
)
from school.reports.filters import Asked, counted_first, of_absences, of_classes, of_grades
from school.reports.report import ChartKind, Column, ColumnKind, Entity, Report, Row, Target, chart
from school.reports.words import students as in_students

NO_ENTRY, NO_GRADE, TOO_FEW = "без нито едно въвеждане", "без оценки", "под минимума"


def expected_a_term(lessons_a_week: int) -> int:
    """Current grades of a student in a subject that a term asks for; 0: unknown, as no lesson is in the timetable."""
    if not lessons_a_week:
        return 0
    return 2 if lessons_a_week <= 2 else 3 if lessons_a_week < 4 else 4


def missing_entries(session: Session, asked: Asked) -> Report:
    """Taught subjects of classes in which something is missing, the emptiest first."""
    taught = _taught(session, asked)
    graded, last = _entries(session, asked)
    sizes, kinds = {row.class_id: row.students for row in taught}, Counter[str]()
    whole_terms = not (asked.filters.since or asked.filters.until)
    terms = sum(1 for _, starts_on, _ in asked.terms if starts_on <= asked.today) if whole_terms else 0
    rows = []
    for row in taught:
        key = row.class_id, row.subject_id
        expected = terms * expected_a_term(row.lessons)
        by_number = graded.get(key, {})
        grades = sum(number * students for number, students in by_number.items())
        enough = sum(students for number, students in by_number.items() if number >= expected)
        too_few = sizes[row.class_id] - enough if expected else None
        if key not in last:
            what = NO_ENTRY
        elif not grades:
            what = NO_GRADE
        elif too_few:
            what = TOO_FEW
        else:
            continue
        kinds[what] += 1
        rows.append(
            Row(
                (
                    f"{row.level}{row.letter}",
                    row.subject,
                    f"{row.first_name} {row.last_name}",
                    what,
                    grades,
                    expected or None,
                    too_few,
                    last.get(key),
                ),
                Target(Entity.SCHOOL_CLASS, row.class_id),
            )
        )
    severity = (NO_ENTRY, NO_GRADE, TOO_FEW)
    rows.sort(key=lambda row: severity.index(str(row.cells[3])))
    over = all(ends_on < asked.today for _, _, ends_on in asked.terms)
    return Report(
        id="missing_entries",
        title="Липсващи въвеждания",
        school=asked.school,
        filters=asked.words,
        columns=(
            Column("class", "Клас"),
            Column("subject", "Предмет"),
            Column("teacher", "Учител"),
            Column("what", "Какво липсва"),
            Column("grades", "Текущи оценки", ColumnKind.NUMBER),
            Column("expected", "Минимум на ученик", ColumnKind.NUMBER),
            Column("too_few", "Ученици под минимума", ColumnKind.NUMBER),
            Column("last", "Последно въвеждане", ColumnKind.DATE),
        ),
        rows=tuple(rows),
        chart=chart(
            ChartKind.BAR,
            "Предмети в класове по това, което липсва",
            "предмети",
            severity,
            [("предмети", [kinds[one] for one in severity])],
        )
        if rows
        else None,
        notes=(
            "Минимум: чл. 12 от Наредба № 11 от 2016 г. според часовете седмично в програмата "
            "(до 2 часа: 2 оценки на срок, 3 часа: 3, от 4 часа: 4). Без часове в програмата минимум не се очаква.",
            *(() if over else ("Срокът още не е приключил: минимумът се изпълнва до края му.",)),
        ),
    )


def students_without_grades(session: Session, asked: Asked) -> Report:
    """Students who have no grade in a subject that their class is taught; marks in words count as grades."""
    counted = counted_first(
        select(Grade.student_id, Grade.subject_id, func.count().label("grades"))
        .where(of_grades(asked))
        .group_by(Grade.student_id, Grade.subject_id)
    )
    wish = asked.filters
    taught = select(TeachingAssignment.class_id, TeachingAssignment.subject_id).distinct()
    taught = taught.where(
        TeachingAssignment.school_id == asked.school_id,
        *([TeachingAssignment.subject_id == wish.subject_id] if wish.subject_id else []),
        *([TeachingAssignment.staff_id == wish.staff_id] if wish.staff_id else []),
    )
    of_class = taught.subquery()
    found = session.execute(
        select(
            Student.id,
            Student.first_name,
            Student.last_name,
            SchoolClass.level,
            SchoolClass.letter,
            Subject.name.label("subject"),
            counted.c.grades,
        )
        .join_from(Student, SchoolClass, SchoolClass.id == Student.class_id)
        .join(of_class, of_class.c.class_id == Student.class_id)
        .join(Subject, Subject.id == of_class.c.subject_id)
        .outerjoin(
            counted,
            and_(counted.c.student_id == Student.id, counted.c.subject_id == of_class.c.subject_id),
        )
        .where(Student.school_id == asked.school_id, of_classes(asked))
        .order_by(SchoolClass.level, SchoolClass.letter, Student.number_in_class, Student.id, Subject.name)
    ).all()
    without: dict[int, list[str]] = defaultdict(list)
    taught_to = Counter(row.id for row in found)
    for row in found:
        if not row.grades:
            without[row.id].append(row.subject)
    first = {row.id: row for row in reversed(found)}
    rows = [
        Row(
            (
                f"{first[student].first_name} {first[student].last_name}",
                f"{first[student].level}{first[student].letter}",
                len(subjects),
                taught_to[student],
                ", ".join(subjects) if len(subjects) < taught_to[student] else "всички предмети",
            ),
            Target(Entity.STUDENT, student),
        )
        for student, subjects in without.items()
    ]
    classes = Counter(str(row.cells[1]) for row in rows)
    return Report(
        id="students_without_grades",
        title="Ученици без оценки",
        school=asked.school,
        filters=asked.words,
        columns=(
            Column("student", "Ученик"),
            Column("class", "Клас"),
            Column("without", "Предмети без оценка", ColumnKind.NUMBER),
            Column("subjects", "От всичко предмети", ColumnKind.NUMBER),
            Column("names", "Кои"),
        ),
        rows=tuple(rows),
        totals=(in_students(len(rows)), None, sum(map(len, without.values())), None, None),
        chart=chart(
            ChartKind.BAR,
            "Ученици без оценка по поне един предмет, по класове",
            "ученици",
            list(classes),
            [("ученици", list(classes.values()))],
        ),
        notes=("По разпределението на учебните часове: предмет, който никой не преподава на класа, не се търси.",),
    )


def _taught(session: Session, asked: Asked) -> Any:
    """Assignments with names, the class's size and the lessons a week that the timetable has."""
    wish = asked.filters
    size = (
        select(func.count())
        .select_from(Student)
        .where(Student.school_id == asked.school_id, Student.class_id == SchoolClass.id)
        .correlate(SchoolClass)
        .scalar_subquery()
    )
    slots = (
        select(TimetableLesson.class_id, TimetableLesson.subject_id, TimetableLesson.weekday, TimetableLesson.lesson)
        .where(TimetableLesson.school_id == asked.school_id)
        .distinct()  # a class in groups has two teachers in one lesson
        .subquery()
    )
    weekly = counted_first(
        select(slots.c.class_id, slots.c.subject_id, func.count().label("lessons")).group_by(
            slots.c.class_id, slots.c.subject_id
        ),
        "weekly",
    )
    return session.execute(
        select(
            SchoolClass.id.label("class_id"),
            SchoolClass.level,
            SchoolClass.letter,
            Subject.id.label("subject_id"),
            Subject.name.label("subject"),
            Staff.first_name,
            Staff.last_name,
            size.label("students"),
            func.coalesce(weekly.c.lessons, 0).label("lessons"),
        )
        .join_from(TeachingAssignment, SchoolClass, SchoolClass.id == TeachingAssignment.class_id)
        .join(Subject, Subject.id == TeachingAssignment.subject_id)
        .join(Staff, Staff.id == TeachingAssignment.staff_id)
        .outerjoin(weekly, and_(weekly.c.class_id == SchoolClass.id, weekly.c.subject_id == Subject.id))
        .where(
            TeachingAssignment.school_id == asked.school_id,
            SchoolClass.school_year_id == asked.school_year_id,
            of_classes(asked),
            *([Subject.id == wish.subject_id] if wish.subject_id else []),
            *([Staff.id == wish.staff_id] if wish.staff_id else []),
        )
        .order_by(SchoolClass.level, SchoolClass.letter, Subject.name, Staff.last_name)
    ).all()


Key = tuple[int, int]
"""Class and subject."""


def _entries(session: Session, asked: Asked) -> tuple[dict[Key, dict[int, int]], dict[Key, date]]:
    """By class and subject: how many students have how many grades, and the day of the last entry of any kind.

    One statement: each student's counts by subject, folded to how many students have that count.
    """
    everybody = _without_teacher(asked)
    remarks = and_(
        Remark.school_id == asked.school_id,
        Remark.school_year_id == asked.school_year_id,
        Remark.on_date.between(asked.first, asked.last),
        Remark.subject_id.is_not(None),
    )
    grades = (
        select(
            Grade.student_id,
            Grade.subject_id,
            func.count().label("number"),
            func.max(Grade.on_date).label("last"),
        )
        .where(of_grades(everybody))
        .group_by(Grade.student_id, Grade.subject_id)
    )
    others = [
        select(model.student_id, model.subject_id, literal(0).label("number"), func.max(model.on_date).label("last"))
        .where(condition)
        .group_by(model.student_id, model.subject_id)
        for model, condition in ((Absence, of_absences(everybody)), (Remark, remarks))
    ]
    entries = union_all(grades, *others).cte("entries").prefix_with("MATERIALIZED")
    found = session.execute(
        select(
            Student.class_id,
            entries.c.subject_id,
            entries.c.number,
            func.count().label("students"),
            func.max(entries.c.last).label("last"),
        )
        .join_from(entries, Student, Student.id == entries.c.student_id)
        .where(Student.school_id == asked.school_id, Student.class_id.is_not(None))
        .group_by(Student.class_id, entries.c.subject_id, entries.c.number)
    ).all()
    graded: dict[Key, dict[int, int]] = defaultdict(dict)
    last: dict[Key, date] = {}
    for row in found:
        key = row.class_id, row.subject_id
        if row.number:
            graded[key][row.number] = row.students
        last[key] = max(last.get(key, row.last), row.last)
    return graded, last


def _without_teacher(asked: Asked) -> Asked:
    """Whoever entered it, it is entered: a colleague may have stood in."""
    return replace(asked, filters=replace(asked.filters, staff_id=None))
