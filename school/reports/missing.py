"""What is missing: subjects of a class without grades or without any entry, and students without grades.

How many current grades a term asks for by law: Ordinance 11 of 2016 on assessment, art. 12, by the lessons a week.
The timetable of the term's last day, or of today before it, tells these, with halves where weeks A and B differ. Where
a subject is not in it, nothing is expected.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import and_, func, literal, select, true, union_all
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
)
from school.reports.filters import Asked, Found, counted_first, of_absences, of_classes, of_grades
from school.reports.report import ChartKind, Column, ColumnKind, Entity, Row, Table, Target, chart
from school.reports.stays import is_now, stays
from school.reports.words import students as in_students
from school.timetable.hours import hours_on
from school.wording.translation import Words

NO_ENTRY, NO_GRADE, TOO_FEW = Words("без нито едно въвеждане"), Words("без оценки"), Words("под минимума")
ALL_SUBJECTS = Words("всички предмети")
HOURS = 8
"""Where the lessons a week begin in a row of `_taught`."""
SEVERITY = (NO_ENTRY, NO_GRADE, TOO_FEW)
MISSING_ENTRIES = (
    Column("class", "Клас"),
    Column("subject", "Предмет"),
    Column("teacher", "Учител"),
    Column("what", "Какво липсва"),
    Column("grades", "Текущи оценки", ColumnKind.NUMBER),
    Column("expected", "Минимум на ученик", ColumnKind.NUMBER),
    Column("too_few", "Ученици под минимума", ColumnKind.NUMBER),
    Column("last", "Последно въвеждане", ColumnKind.DATE),
)
WITHOUT_GRADES = (
    Column("student", "Ученик"),
    Column("class", "Клас"),
    Column("without", "Предмети без оценка", ColumnKind.NUMBER),
    Column("subjects", "От всичко предмети", ColumnKind.NUMBER),
    Column("names", "Кои"),
)


def expected_a_term(lessons_a_week: float) -> int:
    """Current grades of a student in a subject that a term asks for; 0: unknown, as no lesson is in the timetable.

    Lessons of every second week make halves: up to 2 lessons a week ask for 2 grades, 2.5 to 3.5 for 3, from 4 for 4.
    """
    if not lessons_a_week:
        return 0
    return 2 if lessons_a_week <= 2 else 3 if lessons_a_week < 4 else 4


def missing_entries(session: Session, asked: Asked) -> Table:
    """Taught subjects of classes in which something is missing, the emptiest first."""
    whole_terms = not (asked.filters.since or asked.filters.until)
    begun = [min(ends_on, asked.today) for _, starts_on, ends_on in asked.terms if starts_on <= asked.today]
    taught = _taught(session, asked, begun if whole_terms else ())
    graded, last = _entries(session, asked)
    found = []
    for row in taught:
        key = row.class_id, row.subject_id
        expected = sum(expected_a_term((halves or 0) / 2) for halves in row[HOURS:])
        missing = _missing(row, expected, graded.get(key, {}), last.get(key))
        if missing:
            found.append(missing)
    found.sort(key=lambda row: SEVERITY.index(row.cells[3]))
    kinds = Counter(row.cells[3] for row in found)
    over = all(ends_on < asked.today for _, _, ends_on in asked.terms)
    return Table(
        columns=MISSING_ENTRIES,
        rows=tuple(found),
        chart=chart(
            ChartKind.BAR,
            "Предмети в класове по това, което липсва",
            "предмети",
            SEVERITY,
            [("предмети", [kinds[one] for one in SEVERITY])],
        )
        if found
        else None,
        notes=(
            "Минимум: чл. 12 от Наредба № 11 от 2016 г. според часовете седмично в програмата (до 2 часа: 2 оценки на "
            "срок, 2,5–3,5 часа: 3, от 4 часа: 4). Без часове в програмата минимум не се очаква.",
            *(() if over else ("Срокът още не е приключил: минимумът се изпълнва до края му.",)),
        ),
    )


def _missing(row: Found, expected: int, by_number: dict[int, int], last: date | None) -> Row | None:
    """What a subject of a class lacks; `by_number`: how many students have how many grades. None: nothing."""
    grades = sum(number * students for number, students in by_number.items())
    enough = sum(students for number, students in by_number.items() if number >= expected)
    too_few = row.students - enough if expected else None
    if last and grades and not too_few:
        return None
    return Row(
        (
            f"{row.level}{row.letter}",
            row.subject,
            f"{row.first_name} {row.last_name}",
            NO_ENTRY if last is None else TOO_FEW if grades else NO_GRADE,
            grades,
            expected or None,
            too_few,
            last,
        ),
        Target(Entity.SCHOOL_CLASS, row.class_id),
    )


def students_without_grades(session: Session, asked: Asked) -> Table:
    """Students who have no grade in a subject that their class is taught; marks in words count as grades."""
    without: dict[int, list[Found]] = defaultdict(list)
    for row in _ungraded(session, asked):
        without[row.id].append(row)
    rows = [
        Row(
            (
                f"{subjects[0].first_name} {subjects[0].last_name}",
                f"{subjects[0].level}{subjects[0].letter}",
                len(subjects),
                subjects[0].subjects,
                ALL_SUBJECTS if len(subjects) == subjects[0].subjects else ", ".join(row.subject for row in subjects),
            ),
            Target(Entity.STUDENT, student),
        )
        for student, subjects in without.items()
    ]
    classes = Counter(str(row.cells[1]) for row in rows)
    return Table(
        columns=WITHOUT_GRADES,
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


def _ungraded(session: Session, asked: Asked) -> Sequence[Found]:
    """A row for each student and subject without a grade; `subjects`: how many the class is taught."""
    wish = asked.filters
    stay = stays(asked)
    taught = counted_first(
        select(TeachingAssignment.class_id, TeachingAssignment.subject_id)
        .where(
            TeachingAssignment.school_id == asked.school_id,
            TeachingAssignment.subject_id == wish.subject_id if wish.subject_id else true(),
            TeachingAssignment.staff_id == wish.staff_id if wish.staff_id else true(),
        )
        .distinct(),
        "taught",
    )
    number = select(taught.c.class_id, func.count().label("subjects")).group_by(taught.c.class_id).subquery("number")
    # A difference of sets: as a join the planner tries every grade for every student where it misjudges their number.
    ungraded = counted_first(
        select(stay.c.student_id, taught.c.subject_id)
        .join_from(stay, taught, taught.c.class_id == stay.c.class_id)
        .where(is_now(asked, stay))
        .except_(select(Grade.student_id, Grade.subject_id).where(of_grades(_brought_along(asked)))),
        "ungraded",
    )
    return session.execute(
        select(
            *(Student.id, Student.first_name, Student.last_name, SchoolClass.level, SchoolClass.letter),
            Subject.name.label("subject"),
            number.c.subjects,
        )
        .join_from(ungraded, stay, stay.c.student_id == ungraded.c.student_id)
        .join(Student, Student.id == stay.c.student_id)
        .join(SchoolClass, SchoolClass.id == stay.c.class_id)
        .join(number, number.c.class_id == stay.c.class_id)
        .join(Subject, Subject.id == ungraded.c.subject_id)
        .where(of_classes(asked), is_now(asked, stay))
        .order_by(SchoolClass.level, SchoolClass.letter, stay.c.number, Student.id, Subject.name)
    ).all()


def _taught(session: Session, asked: Asked, dates: Sequence[date]) -> Any:
    """Assignments with names, the class's size, and, from the place `HOURS` on, for each date twice the lessons a week
    that the timetable has."""
    wish = asked.filters
    stay = stays(asked)
    size = counted_first(
        select(stay.c.class_id, func.count().label("students")).where(is_now(asked, stay)).group_by(stay.c.class_id),
        "size",
    )
    weekly = [counted_first(hours_on(asked.school_id, on), f"weekly_{at}") for at, on in enumerate(dates)]
    statement = (
        select(
            SchoolClass.id.label("class_id"),
            SchoolClass.level,
            SchoolClass.letter,
            Subject.id.label("subject_id"),
            Subject.name.label("subject"),
            Staff.first_name,
            Staff.last_name,
            func.coalesce(size.c.students, 0).label("students"),
            *(one.c.halves for one in weekly),
        )
        .join_from(TeachingAssignment, SchoolClass, SchoolClass.id == TeachingAssignment.class_id)
        .join(Subject, Subject.id == TeachingAssignment.subject_id)
        .join(Staff, Staff.id == TeachingAssignment.staff_id)
        .outerjoin(size, size.c.class_id == SchoolClass.id)
        .where(
            TeachingAssignment.school_id == asked.school_id,
            SchoolClass.school_year_id == asked.school_year_id,
            of_classes(asked),
            *([Subject.id == wish.subject_id] if wish.subject_id else []),
            *([Staff.id == wish.staff_id] if wish.staff_id else []),
        )
        .order_by(SchoolClass.level, SchoolClass.letter, Subject.name, Staff.last_name)
    )
    for one in weekly:
        statement = statement.outerjoin(one, and_(one.c.class_id == SchoolClass.id, one.c.subject_id == Subject.id))
    return session.execute(statement).all()


Key = tuple[int, int]
"""Class and subject."""


def _entries(session: Session, asked: Asked) -> tuple[dict[Key, dict[int, int]], dict[Key, date]]:
    """By class and subject: how many students have how many grades, and the day of the last entry of any kind; of the
    students who are in the class at the end of the period, with what they brought along.

    One statement: each student's counts by subject, folded to how many students have that count.
    """
    everybody = _brought_along(_without_teacher(asked))
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
    stay = stays(asked)
    entries = union_all(grades, *others).cte("entries").prefix_with("MATERIALIZED")
    found = session.execute(
        select(
            stay.c.class_id,
            entries.c.subject_id,
            entries.c.number,
            func.count().label("students"),
            func.max(entries.c.last).label("last"),
        )
        .join_from(entries, stay, stay.c.student_id == entries.c.student_id)
        .where(is_now(asked, stay))
        .group_by(stay.c.class_id, entries.c.subject_id, entries.c.number)
    ).all()
    graded: dict[Key, dict[int, int]] = defaultdict(dict)
    last: dict[Key, date] = {}
    for row in found:
        key = row.class_id, row.subject_id
        if row.number:
            graded[key][row.number] = row.students
        last[key] = max(last.get(key, row.last), row.last)
    return graded, last


def _brought_along(asked: Asked) -> Asked:
    """What students brought along from an earlier class is there too; they themselves are of the classes asked for."""
    return replace(asked, filters=replace(asked.filters, level=None, class_id=None, visible_classes=None))


def _without_teacher(asked: Asked) -> Asked:
    """Whoever entered it, it is entered: a colleague may have stood in."""
    return replace(asked, filters=replace(asked.filters, staff_id=None))
