"""Comparisons: a student with classmates, a teacher with colleagues.

A mean of few says little: where there are fewer than FEW_CLASSMATES or FEW_GRADES the report says so.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from db.models import Enrolment, Grade, SchoolClass, Staff, Subject
from errors import InputError
from school.reports.filters import Asked, Found, of_classes, of_grades
from school.reports.grades import HUNDREDTHS, which
from school.reports.report import (
    HUNDREDTH,
    ChartKind,
    Column,
    ColumnKind,
    Entity,
    Row,
    Table,
    Target,
    chart,
    mean,
)
from school.reports.stays import in_period, placed, stays
from school.reports.words import TOTAL
from school.reports.words import level as level_in_words
from school.wording.translation import Words

FEW_CLASSMATES = 5
"""Below so many classmates with grades a mean tells of persons rather than of a class."""
FEW_GRADES = 20
"""Below so many grades on either side, a difference between teachers is chance as likely as not."""
SMALL = Words("малка група")
SAME_LEVEL = Words("предмет и випуск")
OTHER_LEVELS = Words("предмет, други випуски")
NOBODY = Words("няма колеги по предмета")
WITH_CLASSMATES = (
    Column("subject", "Предмет"),
    Column("grades", "Оценки", ColumnKind.NUMBER),
    Column("average", "Успех на ученика", ColumnKind.GRADE),
    Column("classmates", "Съученици с оценки", ColumnKind.NUMBER),
    Column("classmates_average", "Успех на съучениците", ColumnKind.GRADE),
    Column("difference", "Разлика", ColumnKind.GRADE),
    Column("place", "Място"),
    Column("remark", "Бележка"),
)
WITH_COLLEAGUES = (
    Column("teacher", "Учител"),
    Column("subject", "Предмет"),
    Column("level", "Випуск"),
    Column("grades", "Оценки", ColumnKind.NUMBER),
    Column("average", "Среден успех", ColumnKind.GRADE),
    Column("colleagues", "Колеги", ColumnKind.NUMBER),
    Column("colleagues_grades", "Оценки на колегите", ColumnKind.NUMBER),
    Column("colleagues_average", "Успех при колегите", ColumnKind.GRADE),
    Column("difference", "Разлика", ColumnKind.GRADE),
    Column("basis", "Сравнено по"),
    Column("remark", "Бележка"),
)


@dataclass(frozen=True, slots=True)
class Sums:
    """Grades of which number and sum (in hundredths) are known."""

    count: int = 0
    total: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(self.count + other.count, self.total + other.total)

    @property
    def mean(self) -> Decimal | None:
        """Half up at the hundredth."""
        return mean(self.total, self.count)


def student_with_classmates(session: Session, asked: Asked) -> Table:
    """By subject: the student's mean, the mean of the classmates' means, and the place among them (1 is best)."""
    student_id, class_id = asked.filters.student_id, asked.class_of_student
    if student_id is None:
        raise InputError("Choose a student to compare with the classmates.")
    if class_id is None:
        raise InputError("The student is in no class now: there is nobody to compare with.")
    found = _graded_by_student(session, _of_everybody(asked), class_id)
    subjects: dict[tuple[int, str], dict[int, Sums]] = defaultdict(dict)
    overall: dict[int, Sums] = defaultdict(Sums)
    for subject_id, name, student, count, total in found:
        sums = Sums(count, int(total))
        subjects[subject_id, name][student] = sums
        overall[student] += sums
    rows = [
        Row((name, *_against(by_student, student_id)), Target(Entity.SUBJECT, subject_id))
        for (subject_id, name), by_student in subjects.items()
        if student_id in by_student
    ]
    return Table(
        columns=WITH_CLASSMATES,
        rows=tuple(rows),
        totals=(TOTAL, *_against(overall, student_id)) if student_id in overall else None,
        chart=chart(
            ChartKind.BAR,
            "Успех по предмети",
            "успех",
            [str(row.cells[0]) for row in rows],
            [
                ("ученикът", [_number(row.cells[2]) for row in rows]),
                ("съучениците", [_number(row.cells[4]) for row in rows]),
            ],
            bottom=2,
        ),
        notes=(
            which(asked),
            "Успехът на съучениците е средното от успеха на всеки от тях, без сравнявания ученик.",
            Words(
                "„{small}“: по-малко от {few} съученици с оценки; мястото не се показва.",
                small=SMALL,
                few=FEW_CLASSMATES,
            ),
        ),
    )


def _graded_by_student(session: Session, everybody: Asked, class_id: int) -> Sequence[Found]:
    """Number and sum of each student's grades of a class in each subject.

    Who is in the class at the end brings along the grades of earlier classes; of who has moved on those count that were
    given in it.
    """
    stay = stays(everybody)
    in_class = (
        select(stay.c.student_id).where(stay.c.class_id == class_id, in_period(everybody, stay)).distinct().subquery()
    )
    last = (
        select(stay.c.student_id, func.max(stay.c.starts_on).label("starts_on")).group_by(stay.c.student_id).subquery()
    )
    there = stay.alias("there")
    of_class = select(Enrolment.student_id).where(
        Enrolment.school_id == everybody.school_id, Enrolment.class_id == class_id
    )
    counted = placed(
        stay,
        Grade,
        and_(of_grades(everybody), Grade.value.is_not(None), Grade.student_id.in_(of_class)),
        (func.count(Grade.value).label("number"), func.sum(HUNDREDTHS).label("total")),
        keys=(Grade.subject_id,),
    )
    of = counted.table.c
    return session.execute(
        select(Subject.id, Subject.name, of.student_id, func.sum(of.number), func.sum(of.total))
        .join_from(counted.table, Subject, Subject.id == of.subject_id)
        .join(in_class, in_class.c.student_id == of.student_id)
        .join(stay, counted.falls_to(stay))
        .join(last, last.c.student_id == of.student_id)
        .join(there, and_(there.c.student_id == last.c.student_id, there.c.starts_on == last.c.starts_on))
        .where(or_(there.c.class_id == class_id, stay.c.class_id == class_id))
        .group_by(Subject.id, Subject.name, of.student_id)
        .order_by(Subject.name)
    ).all()


def _against(by_student: dict[int, Sums], student_id: int) -> tuple[Any, ...]:
    own = by_student[student_id]
    others = [sums for student, sums in by_student.items() if student != student_id]
    # Exact fractions: two equal successes share a place.
    better = sum(1 for sums in others if sums.total * own.count > own.total * sums.count)
    means = [Decimal(sums.total) / sums.count / 100 for sums in others]
    average = (sum(means, Decimal()) / len(means)).quantize(HUNDREDTH, ROUND_HALF_UP) if means else None
    small = len(others) < FEW_CLASSMATES
    return (
        own.count,
        own.mean,
        len(others),
        average,
        _difference(own.mean, average),
        None if small else Words("{place} от {all}", place=better + 1, all=len(others) + 1),
        SMALL if small else None,
    )


def teacher_with_colleagues(session: Session, asked: Asked) -> Table:
    """By subject and level: a teacher's mean and that of the colleagues who teach the same, so that like meets like.

    Where nobody else teaches the subject at the level, the colleagues of other levels stand in, and the row says so.
    Without a teacher all are listed.
    """
    found = _graded_by_teacher(session, _of_everybody(asked))
    wish = asked.filters
    shown = [row for row in found if wish.staff_id in (None, row.id) and wish.level in (None, row.level)]
    colleagues = _Colleagues(found)
    compared = [colleagues.compare(row) for row in shown]
    return Table(
        columns=WITH_COLLEAGUES,
        rows=tuple(
            Row(
                (f"{row.first_name} {row.last_name}", row.subject, level_in_words(row.level), *one.cells()),
                Target(Entity.TEACHER, row.id),
            )
            for row, one in zip(shown, compared, strict=True)
        ),
        totals=_weighted(compared) if wish.staff_id else None,
        chart=chart(
            ChartKind.BAR,
            "Среден успех по предмет и випуск",
            "успех",
            [_label(row, of_one=wish.staff_id is not None) for row in shown],
            [
                ("учителят", [one.own.mean for one in compared]),
                ("колегите", [one.others.mean for one in compared]),
            ],
            bottom=2,
        ),
        notes=(
            which(asked),
            "Сравнява се с колегите по предмета в същия випуск; ако няма такива, с колегите в другите випуски.",
            "Общо: успехът при колегите е претеглен според броя оценки на учителя във всеки ред.",
            Words(
                "„{small}“: по-малко от {few} оценки на учителя или на колегите; разликата може да е случайна.",
                small=SMALL,
                few=FEW_GRADES,
            ),
        ),
    )


def _graded_by_teacher(session: Session, everybody: Asked) -> Sequence[Found]:
    """Number and sum of each teacher's grades in each subject and level."""
    stay = stays(everybody)
    counted = placed(
        stay,
        Grade,
        and_(of_grades(everybody), Grade.value.is_not(None)),
        (func.count(Grade.value).label("number"), func.sum(HUNDREDTHS).label("total")),
        keys=(Grade.subject_id, Grade.staff_id),
    )
    of = counted.table.c
    return session.execute(
        select(
            *(Staff.id, Staff.first_name, Staff.last_name, SchoolClass.level),
            Subject.id.label("subject_id"),
            Subject.name.label("subject"),
            func.sum(of.number).label("number"),
            func.sum(of.total).label("total"),
        )
        .join_from(counted.table, stay, counted.falls_to(stay))
        .join(SchoolClass, SchoolClass.id == stay.c.class_id)
        .join(Staff, Staff.id == of.staff_id)
        .join(Subject, Subject.id == of.subject_id)
        .where(of_classes(everybody))
        .where(Staff.school_id == everybody.school_id, Subject.school_id == everybody.school_id)
        .group_by(Staff.id, Staff.first_name, Staff.last_name, SchoolClass.level, Subject.id, Subject.name)
        .order_by(Staff.last_name, Staff.first_name, Staff.id, Subject.name, SchoolClass.level)
    ).all()


def _label(row: Found, *, of_one: bool) -> str:
    if of_one:
        return Words("{subject}, {level}", subject=row.subject, level=level_in_words(row.level))
    return f"{row.last_name}: {row.subject}, {row.level}."


@dataclass(frozen=True, slots=True)
class Compared:
    """A teacher's grades in one subject and level, and those of the colleagues they are held against."""

    own: Sums
    others: Sums
    colleagues: int
    basis: str

    def cells(self) -> tuple[Any, ...]:
        """From the number of grades to the remark."""
        small = bool(self.colleagues) and min(self.own.count, self.others.count) < FEW_GRADES
        return (
            self.own.count,
            self.own.mean,
            self.colleagues,
            self.others.count,
            self.others.mean,
            _difference(self.own.mean, self.others.mean),
            self.basis,
            SMALL if small else None,
        )


class _Colleagues:
    """All teachers' grades, to be found by subject and level."""

    def __init__(self, found: Iterable[Found]) -> None:
        self._of_subject: dict[int, list[Found]] = defaultdict(list)
        for row in found:
            self._of_subject[row.subject_id].append(row)

    def compare(self, row: Found) -> Compared:
        """A teacher's grades in a subject and level with the colleagues'."""
        of_subject = [one for one in self._of_subject[row.subject_id] if one.id != row.id]
        of_level = [one for one in of_subject if one.level == row.level]
        against = of_level or of_subject
        others = Sums(sum(int(one.number) for one in against), sum(int(one.total) for one in against))
        basis = SAME_LEVEL if of_level else OTHER_LEVELS if of_subject else NOBODY
        return Compared(Sums(int(row.number), int(row.total)), others, len({one.id for one in against}), basis)


def _weighted(compared: list[Compared]) -> tuple[Any, ...] | None:
    """What the colleagues' success would be with this teacher's mix of subjects and levels (direct standardisation)."""
    comparable = [one for one in compared if one.others.count]
    if not comparable:
        return None
    own = sum((one.own for one in comparable), Sums())
    expected = sum((Decimal(one.others.total) / one.others.count * one.own.count for one in comparable), Decimal())
    average = (expected / own.count / 100).quantize(HUNDREDTH, ROUND_HALF_UP)
    others = sum(one.others.count for one in comparable)
    return TOTAL, None, None, own.count, own.mean, None, others, average, _difference(own.mean, average), None, None


def _of_everybody(asked: Asked) -> Asked:
    """Without the wish for one student, teacher or level: the others are needed to compare with.

    Nor with a bound: of a class that the reader may see, what its students brought along counts too.
    """
    everybody = replace(asked.filters, student_id=None, staff_id=None, level=None, visible_classes=None)
    return replace(asked, filters=everybody)


def _difference(own: Decimal | None, others: Decimal | None) -> Decimal | None:
    return None if own is None or others is None else own - others


def _number(cell: Any) -> Decimal | None:
    return cell if isinstance(cell, Decimal) else None
