"""What happens at the demonstration school in a whole year, lesson by lesson; readers cut it off at today."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from random import Random

from db.kinds import AbsenceKind, AbsenceReason, GradeKind, Mark, RemarkKind
from demonstration.plan import words
from demonstration.plan.people import CLASSES, Student
from demonstration.plan.year import DAY, Year, after_lesson

LESSONS_A_DAY = 6
TOGETHER = (GradeKind.CONTROL_WORK, GradeKind.TEST, GradeKind.CLASS_WORK)
"""What a class writes together; class works are written in two subjects only."""
ALONE = (GradeKind.ORAL, GradeKind.ORAL, GradeKind.CURRENT, GradeKind.HOMEWORK, GradeKind.PROJECT)
"""What one student is graded for, the first most often."""
TEACHER_OF = {subject: login for _, _, login, subjects in words.TEACHERS for subject in subjects}


@dataclass(frozen=True, slots=True)
class Grade:
    """`student` is an index into the people's students."""

    student: int
    subject: str
    kind: GradeKind
    given: Decimal | Mark
    on: date
    term: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Absence:
    """One lesson of one student."""

    student: int
    subject: str
    kind: AbsenceKind
    reason: AbsenceReason | None
    on: date
    lesson: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Remark:
    """A teacher's note; the subject's teacher wrote it, or the class teacher when there is none."""

    student: int
    subject: str | None
    kind: RemarkKind
    text: str
    on: date
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class HealthNote:
    """Given to the class teacher on the day of return."""

    student: int
    starts_on: date
    ends_on: date
    text: str
    recorded_at: datetime


@dataclass(slots=True)
class Yearbook:
    """A year's events, each list in the order in which they were recorded."""

    grades: list[Grade] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    health: list[HealthNote] = field(default_factory=list)
    timetables: list[dict[int, tuple[str, ...]]] = field(default_factory=list)
    """Of each class: weekday (1: Monday) -> subjects by lesson."""


@dataclass(frozen=True, slots=True)
class _Lesson:
    on: date
    number: int
    subject: str
    term: int
    count: int  # which lesson of its subject it is in the term, from 1


def yearbook(year: Year, students: tuple[Student, ...]) -> Yearbook:
    """The whole year, the same however much of it is over."""
    book = Yearbook()
    for class_index in range(len(CLASSES)):
        members = {index: one for index, one in enumerate(students) if one.class_index == class_index}
        _ClassYear(book, year, class_index, members).write()
    for events in (book.grades, book.absences, book.remarks, book.health):
        events.sort(key=lambda event: event.recorded_at)
    return book


class _ClassYear:
    """Walks through one class's lessons and writes down what happens in them."""

    def __init__(self, book: Yearbook, year: Year, class_index: int, members: dict[int, Student]) -> None:
        self.book, self.year, self.members = book, year, members
        self.random = Random(f"class {class_index} of {year.start}")
        self.timetable = self._timetable()
        book.timetables.append(self.timetable)
        self.ability = {index: self.random.gauss(4.7, 0.75) for index in members}
        self.diligence = {index: self.random.betavariate(5, 1.2) for index in members}
        self.away: dict[int, tuple[date, AbsenceReason]] = {}
        self.marks: dict[tuple[int, str, int], list[Decimal]] = defaultdict(list)

    def write(self) -> None:
        """The two terms, then the annual grades."""
        days: list[date] = []
        for term, (first, last) in enumerate(self.year.terms, 1):
            days = list(self.year.school_days(first, last))
            counts: dict[str, int] = defaultdict(int)
            for day in days:
                self._stay_away(day)
                for number, subject in enumerate(self.timetable[day.isoweekday()], 1):
                    counts[subject] += 1
                    self._lesson(_Lesson(day, number, subject, term, counts[subject]))
            self._close(GradeKind.TERM, term, days[-1])
        self._close(GradeKind.ANNUAL, 2, days[-1])

    def _timetable(self) -> dict[int, tuple[str, ...]]:
        """Weekday -> subjects by lesson, one double lesson a day at most, no teacher in two classes at once."""
        lessons = [subject for subject, times in words.LESSONS_A_WEEK.items() for _ in range(times)]
        while True:
            self.random.shuffle(lessons)
            week = [tuple(lessons[day * LESSONS_A_DAY : (day + 1) * LESSONS_A_DAY]) for day in range(5)]
            if all(len(set(day)) >= LESSONS_A_DAY - 1 for day in week) and self._teachers_are_free(week):
                return dict(enumerate(week, 1))

    def _teachers_are_free(self, week: list[tuple[str, ...]]) -> bool:
        return all(
            TEACHER_OF[subject] != TEACHER_OF[elsewhere]
            for timetable in self.book.timetables
            for weekday, day in enumerate(week, 1)
            for subject, elsewhere in zip(day, timetable[weekday], strict=True)
        )

    def _stay_away(self, day: date) -> None:
        """Some fall ill for days or have a family reason: excused, and an illness brings a health note."""
        for index in self.members:
            if index in self.away and self.away[index][0] >= day:
                continue
            self.away.pop(index, None)
            if self.random.random() < 0.006:
                last = day + self.random.randrange(1, 5) * DAY
                self.away[index] = (last, AbsenceReason.HEALTH)
                text = self.random.choice(words.HEALTH_TEXTS)
                back = next(self.year.school_days(last + DAY, last + 30 * DAY))
                self.book.health.append(HealthNote(index, day, last, text, after_lesson(back, 1)))
            elif self.random.random() < 0.004:
                self.away[index] = (day, self.random.choice((AbsenceReason.FAMILY, AbsenceReason.OTHER)))

    def _lesson(self, lesson: _Lesson) -> None:
        present = [index for index in self.members if self._attends(index, lesson)]
        if lesson.count == 2 and lesson.term == 1:
            self._grade(present, lesson, GradeKind.ENTRY_LEVEL)
        elif lesson.count % 12 == 0:
            kinds = TOGETHER if lesson.subject in (words.LANGUAGE, words.MATHS) else TOGETHER[:2]
            self._grade(present, lesson, self.random.choice(kinds))
        elif lesson.count > 2:
            chosen = self.random.sample(present, min(len(present), self.random.choice((0, 1, 1, 2))))
            for index in chosen:
                self._grade([index], lesson, self.random.choice(ALONE))
        if present and self.random.random() < 0.1:
            self._remark(self.random.choice(present), lesson)

    def _attends(self, index: int, lesson: _Lesson) -> bool:
        """Whether the student is there at all; writes the absence, or that they came late."""
        away = self.away.get(index)
        careless = 1 - self.diligence[index]
        if away and away[0] >= lesson.on:
            kind, reason = AbsenceKind.EXCUSED, away[1]
        elif self.random.random() < 0.03 * careless:
            kind, reason = AbsenceKind.UNEXCUSED, None
        elif lesson.number == 1 and self.random.random() < 0.15 * careless:
            kind, reason = AbsenceKind.LATE, None
        else:
            return True
        self.book.absences.append(
            Absence(index, lesson.subject, kind, reason, lesson.on, lesson.number, _written(lesson))
        )
        return kind is AbsenceKind.LATE

    def _grade(self, present: list[int], lesson: _Lesson, kind: GradeKind) -> None:
        for index in present:
            given = self._given(index, kind)
            if isinstance(given, Decimal):
                self.marks[index, lesson.subject, lesson.term].append(given)
            self.book.grades.append(Grade(index, lesson.subject, kind, given, lesson.on, lesson.term, _written(lesson)))

    def _given(self, index: int, kind: GradeKind) -> Decimal | Mark:
        result = self.random.gauss(self.ability[index] - (0.4 if kind is GradeKind.ENTRY_LEVEL else 0), 0.7)
        if self.members[index].has_special_needs:
            return Mark.STRUGGLES if result < 3.5 else Mark.COPES if result < 5 else Mark.ACHIEVES
        if kind in (GradeKind.TEST, GradeKind.CONTROL_WORK) and 3 <= result <= 6:
            return Decimal(round(result * 4)) / 4  # works with points are often graded to a quarter
        return Decimal(min(6, max(2, round(result))))

    def _remark(self, index: int, lesson: _Lesson) -> None:
        praised = self.random.random() < self.diligence[index]
        text = self.random.choice(words.PRAISES if praised else words.CENSURES)
        subject = lesson.subject if self.random.random() < 0.75 else None
        kind = RemarkKind.PRAISE if praised else RemarkKind.CENSURE
        self.book.remarks.append(Remark(index, subject, kind, text, lesson.on, _written(lesson)))

    def _close(self, kind: GradeKind, term: int, on: date) -> None:
        """Term or annual grades from the grades given, on the last day."""
        for index, student in self.members.items():
            for subject in words.LESSONS_A_WEEK:
                terms = (1, 2) if kind is GradeKind.ANNUAL else (term,)
                marks = [mark for number in terms for mark in self.marks[index, subject, number]]
                given: Decimal | Mark
                if student.has_special_needs:
                    given = Mark.COPES
                elif marks:
                    mean = sum(marks, Decimal()) / len(marks)
                    given = Decimal(2) if mean < 3 else Decimal(int(mean + Decimal("0.5")))
                else:
                    continue
                recorded_at = after_lesson(on, LESSONS_A_DAY + 1)
                self.book.grades.append(Grade(index, subject, kind, given, on, term, recorded_at))


def _written(lesson: _Lesson) -> datetime:
    return after_lesson(lesson.on, lesson.number)
