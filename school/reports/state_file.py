"""The month's absences for the state (НЕИСПУО): the file that a school uploads, and the same as a report.

A line for each student who was absent in the month, 16 fields apart by "|" in CP1251: institution, school year, month,
kind of identifier (0: ЕГН, 1: ЛНЧ), identifier, three names, level, code of class, code of group, class, attends,
left on, excused and unexcused hours. The month with no absence is declared there by hand: an empty file is refused.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from db.kinds import AbsenceKind, NationalIdKind
from db.models import Absence, Enrolment, School, SchoolClass, SchoolYear, Student
from errors import InputError
from school import enrolments
from school.classbook.absence_weights import in_hours, unexcused_half_hours
from school.reports.absences import RULE, WITHOUT_LATENESS
from school.reports.filters import Asked, count_where, counted_first
from school.reports.report import Column, ColumnKind, Entity, Row, Table, Target
from school.reports.words import TOTAL
from school.reports.words import month as month_in_words
from school.security.crypto import vault
from school.students import national_ids

ENCODING = "cp1251"
SEPARATOR = "|"
ID_KINDS = {NationalIdKind.EGN: "0", NationalIdKind.LNCH: "1"}


@dataclass(frozen=True, slots=True)
class StateFile:
    """`name` to save it by; `content` holds national ids: it goes to the person who asked and nowhere else."""

    name: str
    content: bytes
    students: int


def absence_file(
    session: Session, school_id: int, year: int, month: int, *, state_counts_lateness: bool = True
) -> StateFile:
    """The file of a calendar month; `state_counts_lateness` as in `Filters`.

    Raises InputError for one without absences or outside every school year.
    """
    if not 1 <= month <= 12:
        raise InputError("{month} is no month: give 1 to 12.", month=month)
    first, last = _days(year, month)
    found = _absent(session, school_id, first, last, state_counts_lateness)
    if not found:
        raise InputError(
            "Nobody was absent in {month}.{year}: declare a month without absences in NEISPUO itself.",
            month=f"{month:02}",
            year=year,
        )
    school_year = found[0].starts_on.year
    secrets = vault(session)
    lines = (
        _line(row, school_year, month, national_ids.decrypt(secrets, row.national_id_encrypted).number) for row in found
    )
    content = "".join(line + "\r\n" for line in lines).encode(ENCODING, "replace")
    return StateFile(f"{int(found[0].institution_code)}_{school_year}_{month}.txt", content, len(found))


def _line(row: Any, school_year: int, month: int, national_id: str) -> str:
    has_class = row.level is not None
    fields = (
        row.institution_code.rjust(7, "0"),
        str(school_year),
        f"{month:02}",
        ID_KINDS[row.national_id_kind],
        national_id.rjust(10, "0"),
        row.first_name,
        row.middle_name,
        row.last_name,
        f"{row.level:02}" if has_class else "",
        row.letter if has_class else "",
        "",
        f"{row.level}{row.letter}" if has_class else "",
        "",
        f"{row.left_on:%d.%m.%Y}" if row.left_on else "",
        f"{row.excused:.2f}",
        f"{in_hours(row.half_hours):.2f}",
    )
    return SEPARATOR.join(" ".join(field.replace(SEPARATOR, " ").split()) for field in fields)


def preview(session: Session, asked: Asked) -> Table:
    """What the file of the period's last month holds, without national ids."""
    last = min(asked.last, asked.today)
    with_lateness = asked.filters.state_counts_lateness
    found = _absent(session, asked.school_id, *_days(last.year, last.month), with_lateness)
    without_class = any(row.level is None for row in found)
    return Table(
        filters=(("Месец", month_in_words(last.year, last.month)),),
        columns=(
            Column("student", "Ученик"),
            Column("class", "Клас"),
            Column("left_on", "Отписан на", ColumnKind.DATE),
            Column("excused", "По уважителни причини", ColumnKind.NUMBER),
            Column("unexcused", "Без уважителни причини", ColumnKind.HOURS),
        ),
        rows=tuple(
            Row(
                (
                    f"{row.first_name} {row.middle_name} {row.last_name}",
                    None if row.level is None else f"{row.level}{row.letter}",
                    row.left_on,
                    row.excused,
                    in_hours(row.half_hours),
                ),
                Target(Entity.STUDENT, row.id),
            )
            for row in found
        ),
        totals=(
            TOTAL,
            None,
            None,
            sum(row.excused for row in found),
            in_hours(sum(row.half_hours for row in found)),
        ),
        notes=(
            RULE if with_lateness else WITHOUT_LATENESS,
            "Във файла влизат само учениците с отсъствия през месеца.",
            *(("Класът на някои ученици не е известен: допълнете го в НЕИСПУО.",) if without_class else ()),
        ),
    )


def _days(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _absent(session: Session, school_id: int, first: date, last: date, with_lateness: bool) -> Any:
    excused = count_where(Absence.kind == AbsenceKind.EXCUSED)
    half_hours = unexcused_half_hours(Absence.kind, with_lateness=with_lateness)
    counted = counted_first(
        select(
            Absence.student_id,
            Absence.school_year_id,
            excused.label("excused"),
            half_hours.label("half_hours"),
            func.max(Absence.on_date).label("last"),
        )
        .where(Absence.school_id == school_id, Absence.on_date.between(first, last))
        .group_by(Absence.student_id, Absence.school_year_id)
        .having((excused > 0) | (half_hours > 0))
    )
    return session.execute(
        select(
            Student.id,
            School.institution_code,
            SchoolYear.starts_on,
            Student.national_id_kind,
            Student.national_id_encrypted,
            Student.first_name,
            Student.middle_name,
            Student.last_name,
            case((Student.left_on <= last, Student.left_on)).label("left_on"),
            SchoolClass.level,
            SchoolClass.letter,
            counted.c.excused,
            counted.c.half_hours,
        )
        .join_from(counted, Student, Student.id == counted.c.student_id)
        .join(School, School.id == Student.school_id)
        .join(SchoolYear, SchoolYear.id == counted.c.school_year_id)
        .outerjoin(
            Enrolment,
            (Enrolment.school_id == school_id)
            & (Enrolment.student_id == Student.id)
            & enrolments.covers(counted.c.last),
        )
        .outerjoin(SchoolClass, SchoolClass.id == Enrolment.class_id)
        .where(Student.school_id == school_id)
        .order_by(SchoolClass.level, SchoolClass.letter, Enrolment.number_in_class, Student.id)
    ).all()
