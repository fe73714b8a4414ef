"""Rows of made-up schools, any number of them: plain tuples in the order of each table's COLUMNS.

They lie in the database as a platform's would: day by day, school after school, a class's grades of a lesson together.
The same seed gives the same rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import chain
from random import Random
from typing import Any

from db.kinds import NationalIdKind
from demonstration.plan import words
from demonstration.plan.year import Year
from school.security.crypto import Vault
from school.students.national_ids import NationalId

CLASS_SIZE = 26
SUBJECTS = tuple(words.LESSONS_A_WEEK)
WEEK = tuple(words.LESSONS_A_WEEK.values())
SCALE = ((200, 4), (300, 12), (400, 22), (500, 30), (600, 26), (350, 2), (450, 2), (550, 2))
"""Hundredths and how often of 100."""
MARKS = ("excellent", "very_good", "good", "average", "unsatisfactory")
KINDS = ("oral", "oral", "current", "written", "control_work", "test", "homework", "project")
LEVELS_IN_WORDS = 3
FIRST_NAMES = words.GIRLS[:10]
LAST_NAMES = tuple(f"{family}а" for family in words.FAMILIES[:9])

COLUMNS: dict[str, tuple[str, ...]] = {
    "school": ("id", "institution_code", "name", "town", "created_at"),
    "school_year": ("id", "school_id", "starts_on", "ends_on"),
    "term": ("school_id", "school_year_id", "number", "starts_on", "ends_on"),
    "staff": ("id", "school_id", "first_name", "last_name", "email", "created_at"),
    "staff_role": ("staff_id", "role"),
    "subject": ("id", "school_id", "name"),
    "school_class": ("id", "school_id", "school_year_id", "level", "letter", "class_teacher_id"),
    "teaching_assignment": ("school_id", "class_id", "subject_id", "staff_id"),
    "timetable": ("id", "school_id", "school_year_id", "title", "starts_on", "published_at", "created_at"),
    "timetable_lesson": ("school_id", "timetable_id", "class_id", "subject_id", "staff_id", "weekday", "lesson"),
    "student": (
        "id", "school_id", "class_id", "number_in_class", "first_name", "middle_name", "last_name", "birth_date",
        "national_id_kind", "national_id_encrypted", "national_id_hash", "has_special_needs", "left_on", "created_at",
    ),
    "enrolment": ("school_id", "student_id", "class_id", "number_in_class", "starts_on", "ends_on", "reason"),
    "student_code": ("code", "school_id", "student_id", "issued_at"),
    "subscriber": ("id", "phone", "email", "language", "created_at"),
    "subscription": ("school_id", "student_id", "subscriber_id", "status", "created_at", "following_since"),
    "grade": (
        "school_id", "student_id", "subject_id", "staff_id", "school_year_id", "term", "kind", "scale", "value", "mark",
        "on_date", "recorded_at",
    ),
    "absence": (
        "school_id", "student_id", "subject_id", "staff_id", "school_year_id", "kind", "reason", "on_date", "lesson",
        "recorded_at",
    ),
    "remark": (
        "school_id", "student_id", "subject_id", "staff_id", "school_year_id", "kind", "text", "on_date", "recorded_at",
    ),
}  # fmt: skip
"""Tables in the order in which they must be filled."""

Tuples = Iterator[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Size:
    """How much of all schools together: students of the last year, grades of each year."""

    schools: int
    students: int
    grades: int
    years: int = 1


@dataclass(frozen=True, slots=True)
class SchoolClass:
    """A class of one year with what its lessons need; `teachers` by the place in SUBJECTS."""

    id: int
    school_id: int
    year: Year
    year_id: int
    level: int
    first_student: int
    students: int
    teachers: tuple[int, ...]
    first_subject: int


class Schools:
    """Made-up schools whose ids come after `last`, the highest id that each table has already."""

    def __init__(self, size: Size, last: dict[str, int], vault: Vault, *, year: int = 2026, seed: int = 1) -> None:
        self.size, self._last, self._vault = size, last, vault
        self._seed = seed
        self._years = tuple(Year(one, date(one + 1, 9, 14)) for one in range(year - size.years + 1, year + 1))
        self.year = self._years[-1]
        self._made = f"{self._years[0].start}-09-01 08:00:00.000000"
        self.classes_by_year = self._plan()
        self.classes = self.classes_by_year[-1]

    def _plan(self) -> tuple[tuple[SchoolClass, ...], ...]:
        """Classes of each year, the last year's as wished; before it the same children were in lower classes."""
        now = list(self._plan_of_last_year())
        found = [tuple(now)]
        for back, year in enumerate(reversed(self._years[:-1]), 1):
            found.insert(
                0,
                tuple(_earlier(one, back, year, ids=back * len(now)) for one in now if one.level > back),
            )
        return tuple(found)

    def _every_class(self) -> Iterator[SchoolClass]:
        return chain.from_iterable(self.classes_by_year)

    def _plan_of_last_year(self) -> Iterator[SchoolClass]:
        each, class_id, student = self.size.students // self.size.schools, 0, 0
        for number in range(self.size.schools):
            teachers = self._teachers(number)
            for at in range(self._classes_of_each):
                students = min(CLASS_SIZE, each - at * CLASS_SIZE)
                yield SchoolClass(
                    id=self._last["school_class"] + class_id + 1,
                    school_id=self._last["school"] + number + 1,
                    year=self.year,
                    year_id=self._year_id(number, self.size.years - 1),
                    level=at % 12 + 1,
                    first_student=self._last["student"] + student + 1,
                    students=students,
                    # Two teachers of a subject share the classes of every level.
                    teachers=tuple(teachers[2 * subject + at // 12 % 2] for subject in range(len(SUBJECTS))),
                    first_subject=self._last["subject"] + number * len(SUBJECTS) + 1,
                )
                class_id += 1
                student += students

    @property
    def _classes_of_each(self) -> int:
        return -(-(self.size.students // self.size.schools) // CLASS_SIZE)

    def _teachers(self, school: int) -> range:
        first = self._last["staff"] + school * 2 * len(SUBJECTS) + 1
        return range(first, first + 2 * len(SUBJECTS))

    def rows(self, table: str) -> Tuples:
        """All new rows of a table."""
        made: Tuples = getattr(self, f"_{table}")()
        return made

    def _year_id(self, school: int, at: int) -> int:
        return self._last["school_year"] + school * self.size.years + at + 1

    def _numbered(self) -> Iterator[tuple[int, int]]:
        for number in range(self.size.schools):
            yield number, self._last["school"] + number + 1

    def _school(self) -> Tuples:
        for _, id_ in self._numbered():
            yield id_, f"{1000000 + id_}", f"{id_}. СУ „Христо Ботев“", "Русе", self._made

    def _school_year(self) -> Tuples:
        for number, id_ in self._numbered():
            for at, year in enumerate(self._years):
                yield self._year_id(number, at), id_, str(year.starts_on), str(year.ends_on)

    def _term(self) -> Tuples:
        for number, id_ in self._numbered():
            for at, year in enumerate(self._years):
                for term, (first, last) in enumerate(year.terms, 1):
                    yield id_, self._year_id(number, at), term, str(first), str(last)

    def _staff(self) -> Tuples:
        for number, id_ in self._numbered():
            for staff in self._teachers(number):
                name = FIRST_NAMES[staff % 10], LAST_NAMES[staff % 9]
                yield staff, id_, *name, f"teacher{staff}@school{id_}.example", self._made

    def _staff_role(self) -> Tuples:
        for number, _ in self._numbered():
            for at, staff in enumerate(self._teachers(number)):
                yield staff, "teacher"
                if at == 0:
                    yield staff, "principal"

    def _subject(self) -> Tuples:
        for number, id_ in self._numbered():
            for at, name in enumerate(SUBJECTS):
                yield self._last["subject"] + number * len(SUBJECTS) + at + 1, id_, name

    def _school_class(self) -> Tuples:
        letters: dict[tuple[int, int], int] = {}
        for one in self._every_class():
            at = letters[one.year_id, one.level] = letters.get((one.year_id, one.level), -1) + 1
            yield one.id, one.school_id, one.year_id, one.level, "абвгдежзик"[at], one.teachers[at % len(SUBJECTS)]

    def _teaching_assignment(self) -> Tuples:
        for one in self._every_class():
            for at, teacher in enumerate(one.teachers):
                yield one.school_id, one.id, one.first_subject + at, teacher

    def _timetable(self) -> Tuples:
        for number, id_ in self._numbered():
            first, title = self._last["timetable"] + number + 1, "Седмично разписание"
            year, starts_on = self._year_id(number, self.size.years - 1), str(self.year.starts_on)
            yield first, id_, year, title, starts_on, self._made, self._made

    def _timetable_lesson(self) -> Tuples:
        timetables = {id_: self._last["timetable"] + number + 1 for number, id_ in self._numbered()}
        for one in self.classes:
            slots = iter([(weekday, lesson) for lesson in range(1, 9) for weekday in range(1, 6)])
            for at, lessons in enumerate(WEEK):
                for _ in range(lessons):
                    yield (
                        one.school_id, timetables[one.school_id], one.id, one.first_subject + at, one.teachers[at],
                        *next(slots),
                    )  # fmt: skip

    def _student(self) -> Tuples:
        for one in self.classes:
            for number in range(one.students):
                id_ = one.first_student + number
                national_id = NationalId(NationalIdKind.EGN, f"{id_:010}")  # no valid one: nobody's
                has_left = id_ % 97 == 0
                yield (
                    id_, one.school_id, None if has_left else one.id, number + 1, FIRST_NAMES[id_ % 10],
                    LAST_NAMES[id_ % 7], LAST_NAMES[id_ % 9], f"{self.year.start - 7 - one.level}-03-01",
                    national_id.kind.value, national_id.encrypted(self._vault), national_id.fingerprint(self._vault),
                    int(id_ % 60 == 0), f"{self.year.start + 1}-02-10" if has_left else None, self._made,
                )  # fmt: skip

    def _enrolment(self) -> Tuples:
        for one in self._every_class():
            last = one.year is self.year
            reason = "admitted" if one.year is self._years[0] or one.level == 1 else "promoted"
            for number in range(one.students):
                id_ = one.first_student + number
                left_on = f"{self.year.start + 1}-02-10" if last and id_ % 97 == 0 else None
                ends_on = left_on if last else str(one.year.ends_on)
                yield one.school_id, id_, one.id, number + 1, str(one.year.starts_on), ends_on, reason

    def _student_code(self) -> Tuples:
        for one in self.classes:
            for student in range(one.first_student, one.first_student + one.students):
                yield f"{student:08}", one.school_id, student, self._made

    def _subscriber(self) -> Tuples:
        for at in range(self.size.students // 2):
            id_ = self._last["subscriber"] + at + 1
            yield id_, f"+35988{id_:07}", f"parent{id_}@example.org", "bg", self._made

    def _subscription(self) -> Tuples:
        """Every second student is followed."""
        subscriber = self._last["subscriber"]
        for one in self.classes:
            for student in range(one.first_student, one.first_student + one.students):
                if student % 2 and subscriber < self._last["subscriber"] + self.size.students // 2:
                    subscriber += 1
                    yield one.school_id, student, subscriber, "active", self._made, self._made

    def _grade(self) -> Tuples:
        chance = Random(self._seed)
        for classes in self.classes_by_year:
            yield from self._grades_of_year(classes, chance)

    def _grades_of_year(self, classes: tuple[SchoolClass, ...], chance: Random) -> Tuples:
        days, wanted = _days(classes[0].year), self.size.grades
        closing_day = max(day for day, term in days if term == 1)
        wanted -= sum(one.students for one in classes if one.level > LEVELS_IN_WORDS) * len(SUBJECTS)
        a_class_and_day = wanted / len(days) / len(classes)
        values, weights = zip(*SCALE, strict=True)
        for day, term in days:
            on, at = day.isoformat(), f"{day} 12:00:00.000000"
            for one in classes:
                left = int(a_class_and_day + chance.random())
                while left > 0:
                    subject = chance.randrange(len(SUBJECTS))
                    count = min(left, one.students, chance.randrange(6, CLASS_SIZE + 1))
                    left -= count
                    start = chance.randrange(one.students - count + 1) + one.first_student
                    common = one.first_subject + subject, one.teachers[subject], one.year_id, term
                    kind = chance.choice(KINDS)
                    given = chance.choices(values, weights, k=count)
                    for student, value in zip(range(start, start + count), given, strict=True):
                        yield one.school_id, student, *common, kind, *_graded(one.level, student, value), on, at
                if day == closing_day and one.level > LEVELS_IN_WORDS:
                    for subject, teacher in enumerate(one.teachers):
                        common = one.first_subject + subject, teacher, one.year_id, 1
                        for student in range(one.first_student, one.first_student + one.students):
                            value = 100 * chance.randrange(2, 7)
                            yield one.school_id, student, *common, "term", "numeric", value, None, on, at

    def _every_day(self) -> Iterator[tuple[date, SchoolClass]]:
        for classes in self.classes_by_year:
            for day, _ in _days(classes[0].year):
                yield from ((day, one) for one in classes)

    def _absence(self) -> Tuples:
        """A whole day of one student in half of the classes each day, and a late one in a third."""
        chance = Random(self._seed + 1)
        for day, one in self._every_day():
            on, at = day.isoformat(), f"{day} 14:00:00.000000"
            missing = chance.randrange(one.students)
            if chance.random() < 0.5:
                kind, reason = ("excused", "health") if chance.random() < 0.8 else ("unexcused", None)
                absent = one.first_student + missing
                for lesson in range(1, 7):
                    yield one.school_id, absent, *_lesson(one, chance), kind, reason, on, lesson, at
            if chance.random() < 0.33 and one.students > 1:
                late = one.first_student + (missing + 1) % one.students
                yield one.school_id, late, *_lesson(one, chance), "late", None, on, 1, at

    def _remark(self) -> Tuples:
        chance = Random(self._seed + 2)
        for day, one in self._every_day():
            if chance.random() < 0.1:
                student = one.first_student + chance.randrange(one.students)
                kind = chance.choice(("censure", "praise"))
                text = "Не внимава в час." if kind == "censure" else "Отлично участие."
                yield one.school_id, student, *_lesson(one, chance), kind, text, str(day), f"{day} 14:00:00.000000"


def _days(year: Year) -> list[tuple[date, int]]:
    """A year's school days with their term, but for the last month."""
    (first, end), (begin, last) = year.terms
    found = [(day, 1) for day in year.school_days(first, end)]
    return found + [(day, 2) for day in year.school_days(begin, last - timedelta(days=30))]


def _earlier(one: SchoolClass, back: int, year: Year, *, ids: int) -> SchoolClass:
    """The same children's class so many years before."""
    return replace(one, id=one.id + ids, year=year, year_id=one.year_id - back, level=one.level - back)


def _graded(level: int, student: int, value: int) -> tuple[str, int | None, str | None]:
    """Scale, value and mark."""
    if level <= LEVELS_IN_WORDS:
        return "qualitative", None, MARKS[value % 5]
    if student % 60 == 0:
        return "special_needs", None, "copes"
    return "numeric", value, None


def _lesson(one: SchoolClass, chance: Random) -> tuple[int, int, int]:
    """Subject, teacher and year."""
    subject = chance.randrange(len(SUBJECTS))
    return one.first_subject + subject, one.teachers[subject], one.year_id
