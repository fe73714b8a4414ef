"""What one person may enter at one moment: authority and dates, each asked of the database once for all rows."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy.orm import Session

from errors import ForbiddenError, InputError, MissingError
from school.staff import authority
from school.staff.authority import Assignment, At, Author, ClassOf
from school.timetable.parts import members_of
from school.years import calendar
from school.years.calendar import SchoolDate


class Checks:
    """The author's rights and the school's calendar within one transaction. Every method raises InputError."""

    def __init__(self, session: Session, by: int | Author, now: datetime) -> None:
        """`by` is the id of the staff member who enters, `now` is aware."""
        self.session, self.now = session, now
        self.author = authority.author(session, by)
        self._students: dict[tuple[int, date | None], ClassOf] = {}
        self._assignments: dict[tuple[int, int | None], Assignment | InputError] = {}
        self._substituted: dict[tuple[int, int, At], Assignment | None] = {}
        self._members: dict[frozenset[int], frozenset[int]] = {}
        self._dates: dict[date, SchoolDate] = {}
        self._school_days: set[tuple[date, int]] = set()

    def know(self, students: Iterable[ClassOf], on: date) -> None:
        """Students of the author's school that were in these classes on a date: nothing is asked about them."""
        self._students |= {(of.student_id, on): of for of in students if of.student_id is not None}

    def student(self, student_id: int) -> ClassOf:
        """The present class of a student of the author's school."""
        key = student_id, None
        if key not in self._students:
            self._students[key] = authority.class_of_student(self.session, self.author, student_id)
        return self._students[key]

    def student_on(self, student_id: int, on: date) -> ClassOf:
        """The class to which what is recorded of a date belongs: the student's on that day."""
        key = student_id, on
        if key not in self._students:
            found = authority.class_on(self.session, self.author, student_id, on)
            if found is None:
                self.student(student_id)  # who is nobody's, or has left, is told of before the date
                self.entry_date(on)
                raise InputError("The student was in no class of the school on {on:%d.%m.%Y}: check the date.", on=on)
            self._students[key] = found
        return self._students[key]

    def student_then(self, student_id: int, on: date) -> ClassOf:
        """The same for what stands in the class book already, also where the class of its day is not known."""
        key = student_id, on
        if key not in self._students:
            self._students[key] = authority.class_then(self.session, self.author, student_id, on)[0]
        return self._students[key]

    def teaches(self, of: ClassOf, subject_id: int | None, at: At | None = None) -> Assignment:
        """The author teaches this to the class, or leads the school; `subject_id` None: the overall annual result.

        `at` is the lesson in which it is recorded: its substitute may record it too, and nothing is asked about that
        unless they must be one. None: only who teaches it may.
        """
        try:
            return self._assigned(of, subject_id)
        except InputError:
            assignment = self._substitutes(of, subject_id, at) if subject_id is not None and at is not None else None
            if assignment is None:
                raise
            return assignment

    def _substitutes(self, of: ClassOf, subject_id: int, at: At) -> Assignment | None:
        key = of.class_id, subject_id, at
        if key not in self._substituted:
            self._substituted[key] = authority.substitutes(self.session, self.author, of, subject_id, at)
        assignment = self._substituted[key]
        if assignment is not None and assignment.groups and of.student_id is not None:
            if assignment.groups not in self._members:
                self._members[assignment.groups] = members_of(self.session, self.author.school_id, assignment.groups)
            members = self._members[assignment.groups]
            if members and of.student_id not in members:
                raise ForbiddenError("This student is not in the group whose lesson you substitute.")
        return assignment

    def _assigned(self, of: ClassOf, subject_id: int | None) -> Assignment:
        key = of.class_id, subject_id
        if key not in self._assignments:
            try:
                self._assignments[key] = authority.check_teaches(self.session, self.author, of, subject_id)
            except InputError as error:  # is asked of every row of a class too
                self._assignments[key] = error
        found = self._assignments[key]
        if isinstance(found, InputError):
            raise found
        return found

    def may_change(self, of: ClassOf, subject_id: int | None, at: At | None = None) -> Assignment:
        """The same for what stands there already: the school's leaders may correct it though nobody teaches it now."""
        try:
            return self.teaches(of, subject_id, at)
        except MissingError:
            if not self.author.leads:
                raise
            return Assignment(is_profiled=False)

    def may_remark(self, of: ClassOf, subject_id: int | None, at: At | None = None) -> None:
        """The author teaches this to the class or substitutes there; without a subject: knows the class."""
        if subject_id is None:
            authority.check_knows_class(self.session, self.author, of)
        else:
            self.teaches(of, subject_id, at)

    def entry_date(self, on: date) -> SchoolDate:
        """A date of a school year, not ahead of now."""
        if on > calendar.today(self.now):
            raise InputError("{on:%d.%m.%Y} is in the future: check the date.", on=on)
        return self.any_date(on)

    def any_date(self, on: date) -> SchoolDate:
        """A date of a school year, possibly ahead."""
        if on not in self._dates:
            self._dates[on] = calendar.locate(self.session, self.author.school_id, on)
        return self._dates[on]

    def lesson_day(self, on: date, level: int) -> SchoolDate:
        """A date, not ahead of now, on which classes of this level have lessons."""
        where = self.entry_date(on)
        if (on, level) not in self._school_days:
            calendar.check_school_day(self.session, self.author.school_id, where, level)
            self._school_days.add((on, level))
        return where
