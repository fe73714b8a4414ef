"""What taking over sheets of grades would do, grade by grade as the class book's rules allow. Nothing is written."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from db.kinds import EventKind, GradeKind
from db.models import Enrolment, Grade, SchoolClass, Student
from errors import InputError
from school.classbook import grade_scales, rows
from school.classbook.checks import Checks
from school.classbook.writing import New
from school.roster import cells, class_names, grade_headings
from school.roster.answers import Answers, GradeColumn
from school.roster.facts import Facts, gather, subject_key, year_for
from school.roster.grade_sheets import GradeRow, read_grade_sheet
from school.roster.looking import Shape
from school.roster.sheets import Sheet
from school.roster.tables import Problem
from school.security.crypto import vault
from school.staff.authority import Author, ClassOf
from school.years import calendar

_TAKEN = "This student has such a term or annual grade already: correct that one."
_NOBODY = "No student of the class is called “{name}”: write the name as the school has it."
_Key = tuple[int, int | None, str, int | None, date | None, Any, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """Grades of one sort, for the page: so many in this subject, of this kind and date."""

    class_name: str
    subject: str
    kind: GradeKind
    on: date
    count: int


@dataclass(slots=True)
class GradePlan:
    """The plan. With problems nothing is carried out."""

    problems: list[Problem] = field(default_factory=list)
    new: dict[int, list[New]] = field(default_factory=dict)
    """Class -> its grades."""
    lines: tuple[Line, ...] = ()
    already: int = 0
    """Grades of the file that an earlier import brought."""
    fingerprint: str = ""

    @property
    def count(self) -> int:
        """How many grades it would bring."""
        return sum(map(len, self.new.values()))


@dataclass(frozen=True, slots=True)
class _Pupil:
    id: int
    class_id: int
    """The class of the sheet."""
    number: int | None
    """Theirs in that class."""
    words: tuple[str, ...]
    fingerprint: bytes


def school_facts(session: Session, school_id: int, today: date) -> Facts:
    """The classes and subjects that sheets of grades may mean."""
    return gather(session, school_id, year_for(session, school_id, today), frozenset(), families=False, personnel=False)


def columns_of(shape: Shape, sheet: Sheet, facts: Facts, today: date) -> dict[int, GradeColumn]:
    """What the grades of each column are: as the person says, else the heading, the whole sheet, its titles."""
    said = shape.choice.grades if shape.choice is not None else {}
    titles = grade_headings.of_sheet(sheet, facts, today)
    nothing = GradeColumn()
    return {
        index: grade_headings.filled(
            said.get(index, nothing),
            grade_headings.of_heading(sheet.headings[index], facts, today),
            said.get(-1, nothing),
            titles,
        )
        for index, name in shape.fields.items()
        if name == "grade"
    }


def class_of(shape: Shape, sheet: Sheet) -> str:
    """The class of a sheet as somebody wrote it; empty: nobody said."""
    said = shape.choice.class_name if shape.choice is not None else ""
    return (said if len(shape.sheets) == 1 else "") or sheet.title_class or said


def plan_grades(session: Session, by: Author, shapes: Sequence[Shape], answers: Answers, now: datetime) -> GradePlan:
    """Compare sheets of grades with the school."""
    return _Planner(session, by, answers, now).plan(shapes)


class _Planner:
    def __init__(self, session: Session, by: Author, answers: Answers, now: datetime) -> None:
        self.session, self.by, self.answers = session, by, answers
        self.today = calendar.today(now)
        self.facts = school_facts(session, by.school_id, self.today)
        self.checks = Checks(session, by, now)
        self.secrets = vault(session)
        self.result = GradePlan()
        self.closed: set[tuple[Any, ...]] = set()
        """Student, subject, kind and term of closing grades that stand."""
        self.lines: Counter[tuple[str, str, GradeKind, date]] = Counter()
        self.stays: set[tuple[ClassOf, date, date]] = set()
        """The class of each student from a day to another: a grade belongs to the class of its day."""

    def plan(self, shapes: Sequence[Shape]) -> GradePlan:
        sheets = [(shape, sheet, self._class(shape, sheet)) for shape in shapes for sheet in shape.sheets]
        pupils = self._pupils({id_ for _, _, id_ in sheets if id_ is not None})
        there = self._there({one.id for of in pupils.values() for one in of})
        self.closed = {key[:4] for key in there if GradeKind(key[2]).closes}
        for shape, sheet, class_id in sheets:
            if class_id is not None:
                self._sheet(shape, sheet, class_id, pupils.get(class_id, []), there)
        result = self.result
        if result.problems:
            result.new = {}
            return result
        result.lines = tuple(
            Line(*key, count) for key, count in sorted(self.lines.items(), key=lambda one: str(one[0]))
        )
        said = [[class_id, *_said(one)] for class_id, of in sorted(result.new.items()) for one in of]
        result.fingerprint = self.secrets.fingerprint("grades preview", json.dumps([self.by.school_id, said])).hex()
        return result

    def _problem(self, sheet: Sheet, sentence: str, field_: str, column: str = "", **values: object) -> None:
        row = sheet.header_rows[-1] if sheet.header_rows else 1
        self.result.problems.append(Problem(sheet.table.name, row, "", column, sentence, tuple(values.items()), field_))

    def _class(self, shape: Shape, sheet: Sheet) -> int | None:
        written = class_of(shape, sheet)
        try:
            found = self.facts.class_id(class_names.class_name(written)) if written else None
        except InputError:
            found = None
        if found is None:
            self._problem(
                sheet, "Nothing says of which class the grades are: choose the class on the page of columns.", ""
            )
        return found

    def _pupils(self, classes: set[int]) -> dict[int, list[_Pupil]]:
        """Who is or was in each of the classes and has not left; also in which class each of them was when."""
        member = aliased(Enrolment)
        found: dict[int, dict[int, _Pupil]] = {}
        rows_ = self.session.execute(
            select(
                *(Student.id, member.class_id.label("sheets"), member.number_in_class, Student.first_name),
                *(Student.middle_name, Student.last_name, Student.national_id_hash, Student.has_special_needs),
                *(Enrolment.class_id, Enrolment.starts_on, Enrolment.ends_on),
                *(SchoolClass.level, SchoolClass.class_teacher_id),
            )
            .join_from(Student, member, member.student_id == Student.id)
            .join(Enrolment, Enrolment.student_id == Student.id)
            .join(SchoolClass, SchoolClass.id == Enrolment.class_id)
            .where(
                Student.school_id == self.by.school_id,
                Student.class_id.is_not(None),
                member.school_id == self.by.school_id,
                member.class_id.in_(sorted(classes)),
            )
            .order_by(Student.id, member.starts_on)
        )
        for row in rows_:
            found.setdefault(row.sheets, {})[row.id] = _Pupil(
                row.id,
                row.sheets,
                row.number_in_class,
                _words(f"{row.first_name} {row.middle_name} {row.last_name}"),
                row.national_id_hash,
            )
            of = ClassOf(row.class_id, row.level, row.class_teacher_id, row.id, row.has_special_needs)
            self.stays.add((of, row.starts_on, row.ends_on or date.max))
        return {class_id: list(pupils.values()) for class_id, pupils in found.items()}

    def _there(self, students: set[int]) -> Counter[_Key]:
        """What stands in the class book already: closing grades, and those that an import brought."""
        found: Counter[_Key] = Counter()
        columns = (Grade.student_id, Grade.subject_id, Grade.kind, Grade.term, Grade.on_date, Grade.value, Grade.mark)
        closing = Grade.kind.in_([one for one in GradeKind if one.closes])
        for row in self.session.execute(
            select(*columns).where(
                Grade.school_id == self.by.school_id,
                Grade.school_year_id == self.facts.year_id,
                Grade.student_id.in_(sorted(students)),
                closing | Grade.import_id.is_not(None),
            )
        ):
            found[_key(row._asdict())] += 1
        return found

    def _sheet(self, shape: Shape, sheet: Sheet, class_id: int, pupils: list[_Pupil], there: Counter[_Key]) -> None:
        columns = self._columns(shape, sheet, class_id)
        for day in {on for _, _, on, _ in columns.values()}:
            self.checks.know((of for of, starts_on, ends_on in self.stays if starts_on <= day <= ends_on), day)
        listed, problems = read_grade_sheet(sheet, shape.fields, shape.order, self.answers)
        self.result.problems += problems
        seen: dict[int, GradeRow] = {}
        for row in listed:
            pupil = self._pupil(row, pupils)
            if pupil is None:
                continue
            if (first := seen.setdefault(pupil.id, row)) is not row:
                self.result.problems.append(
                    row.place.problem("student", "The same student is on row {row} too: keep the student once.",
                                      raw=row.name, row=first.place.row))  # fmt: skip
                continue
            for index, given in row.given:
                if index in columns:
                    for one in given:
                        self._grade(row, index, columns[index], pupil, one, there)

    def _columns(
        self, shape: Shape, sheet: Sheet, class_id: int
    ) -> dict[int, tuple[int | None, GradeKind, date, int | None]]:
        level = next(level for (level, _), id_ in self.facts.classes.items() if id_ == class_id)
        found = {}
        for index, said in columns_of(shape, sheet, self.facts, self.today).items():
            heading = sheet.headings[index]
            known = self.facts.subjects.get(subject_key(said.subject))
            kind = GradeKind(said.kind) if said.kind in {str(one) for one in GradeKind} else None
            is_overall = kind is GradeKind.ANNUAL and level == 1 and not said.subject
            on = _iso(said.on) or (self.today if kind is not None and kind.closes else None)
            if known is None and not is_overall:
                self._problem(
                    sheet,
                    "Choose the subject of the grades in “{heading}” on the page of columns.",
                    "",
                    heading,
                    heading=heading,
                )
            elif kind is None:
                self._problem(
                    sheet,
                    "Choose the kind of the grades in “{heading}” on the page of columns.",
                    "",
                    heading,
                    heading=heading,
                )
            elif on is None:
                self._problem(
                    sheet,
                    "Write the date of the grades in “{heading}” on the page of columns.",
                    "",
                    heading,
                    heading=heading,
                )
            else:
                term = int(said.term) if said.term in ("1", "2") and kind is GradeKind.TERM else None
                found[index] = (known[0] if known else None, kind, on, term)
        return found

    def _pupil(self, row: GradeRow, pupils: list[_Pupil]) -> _Pupil | None:
        """The student whom a row means: by national id, else by name, else by number and one name."""
        words = _words(row.name)
        ways = [
            [one for one in pupils if words == one.words],
            [one for one in pupils if set(words) <= set(one.words) and len(words) > 1],
            [one for one in pupils if row.number and str(one.number) == row.number and set(words) & set(one.words)],
        ]
        if row.national_id:
            ways.insert(0, self._by_national_id(row.national_id, pupils))
        found = next((way[0] for way in ways if len(way) == 1), None)
        if found is None:
            self.result.problems.append(
                row.place.problem("student", _NOBODY,
                                  raw=row.name, name=row.name[:80]))  # fmt: skip
        return found

    def _by_national_id(self, written: str, pupils: list[_Pupil]) -> list[_Pupil]:
        try:
            fingerprint = cells.national_id(written, self.today).fingerprint(self.secrets)
        except InputError:
            return []
        return [one for one in pupils if one.fingerprint == fingerprint]

    def _grade(
        self, row: GradeRow, index: int, of: tuple[int | None, GradeKind, date, int | None], pupil: _Pupil, given: Any,
        there: Counter[_Key],
    ) -> None:  # fmt: skip
        subject_id, kind, on, term = of
        try:
            in_words = self.checks.student_on(pupil.id, on).level in grade_scales.QUALITATIVE_LEVELS
            new = rows.grade(
                self.checks,
                student_id=pupil.id,
                subject_id=subject_id,
                kind=kind,
                given=given.at(in_words),
                on=on,
                term=term,
            )
            if new.values["school_year_id"] != self.facts.year_id:
                raise InputError("{on:%d.%m.%Y} is not in the school year of the class: check the date.", on=on)
        except InputError as error:
            self.result.problems.append(_refused(row, index, error))
            return
        key = _key(new.values)
        if there[key] > 0:
            there[key] -= 1
            self.result.already += 1
            return
        if kind.closes and key[:4] in self.closed:
            self.result.problems.append(row.place.problem(
                f"grade{index}", _TAKEN))  # fmt: skip
            return
        if kind.closes:
            there[key] += 1
            self.closed.add(key[:4])
        self.result.new.setdefault(pupil.class_id, []).append(new)
        name = next((title for id_, title in self.facts.subjects.values() if id_ == subject_id), "")
        self.lines[self.facts.class_names[pupil.class_id], name, kind, on] += 1


def _refused(row: GradeRow, index: int, error: InputError) -> Problem:
    values: dict[str, Any] = error.values
    return row.place.problem(f"grade{index}", error.sentence, **values)


def _key(values: Mapping[str, Any]) -> _Key:
    """What makes two grades the same: those that close a term or year have no date to tell them apart."""
    kind: GradeKind = values["kind"]
    term = values["term"] if kind is GradeKind.TERM else None
    on = None if kind.closes else values["on_date"]
    return values["student_id"], values["subject_id"], str(kind), term, on, values["value"], values["mark"]


def _said(one: New) -> list[Any]:
    values = one.values
    assert one.kind is EventKind.GRADE
    return [
        values["student_id"], values["subject_id"], values["kind"], values["term"], str(values["on_date"]),
        str(values["value"]), str(values["mark"]),
    ]  # fmt: skip


def _words(name: str) -> tuple[str, ...]:
    return tuple(name.casefold().replace("-", " ").split())


def _iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
