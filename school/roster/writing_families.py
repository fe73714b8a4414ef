"""Writing students, their codes and their guardians."""

from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, select, update

from db.kinds import EndReason, EnrolmentReason
from db.models import Guardian, Student, StudentCode, StudentGuardian
from school import enrolments
from school.following.dropped import Dropped, end_dropped
from school.roster.facts import Facts, KnownStudent
from school.roster.families import Families, StudentValues
from school.roster.ledger import Ledger
from school.security.crypto import vault
from school.students import student_code
from school.students.leaving import let_go
from school.students.who_may_be_told import limited_elsewhere
from school.years import calendar


class FamilyWriter:
    """Carries out a plan for families: first the students, then the guardians, then who leaves."""

    def __init__(self, ledger: Ledger, facts: Facts, families: Families) -> None:
        self._ledger = ledger
        self._facts = facts
        self._families = families
        self._students: list[int] = []

    def write_students(self) -> None:
        """New ones with their codes, changed ones."""
        secrets = vault(self._ledger.session)
        steps = self._families.students
        new = [step for step in steps if step.id is None]
        limited = limited_elsewhere(self._ledger.session, [step.fingerprint for step in new])
        rows = [
            self._ledger.of_school
            | {
                "first_name": step.values.first_name,
                "middle_name": step.values.middle_name,
                "last_name": step.values.last_name,
                "birth_date": step.values.birth_date,
                "has_special_needs": step.values.special_needs,
                "national_id_kind": step.national_id.kind,
                "national_id_encrypted": step.national_id.encrypted(secrets),
                "national_id_hash": step.fingerprint,
                "only_named_followers": step.fingerprint in limited,
                "created_at": self._ledger.now,
            }
            for step in new
        ]
        made = iter(self._ledger.insert_ids(Student, rows))
        self._students = [next(made) if step.id is None else step.id for step in steps]
        new_ids = [id_ for id_, step in zip(self._students, steps, strict=True) if step.id is None]
        # One who returns had their code revoked when they left.
        returned = [step.id for step in steps if step.old is not None and step.old.left_on is not None]
        without_code = new_ids + self._without_code([id_ for id_ in returned if id_ is not None])
        student_code.issue_many(
            self._ledger.session, self._ledger.school_id, without_code, self._ledger.now, self._ledger.by
        )
        names = self._facts.class_names
        for id_, step in zip(self._students, steps, strict=True):
            if step.id is None:
                self._ledger.note("student.created", "student", id_, class_=names[step.values.class_id])
            elif step.old is not None and step.is_changed:
                self._ledger.note("student.changed", "student", id_, **_changes(step.old, step.values))
        changed = [step for step in steps if step.is_changed]
        self._ledger.update(
            Student,
            [
                {
                    "first_name": step.values.first_name,
                    "middle_name": step.values.middle_name,
                    "last_name": step.values.last_name,
                    "birth_date": step.values.birth_date,
                    "has_special_needs": step.values.special_needs,
                    "row_id": step.id,
                }
                for step in changed
            ],
        )
        self._enrol()

    def _enrol(self) -> None:
        """Into the classes that the file says: those who are new there since the day that the file says, where it is a
        past one of the class's year, else since those that `first_day_in` tells."""
        steps = [
            (id_, step)
            for id_, step in zip(self._students, self._families.students, strict=True)
            if step.id is None or step.is_changed
        ]
        days = enrolments.first_day_in(
            self._ledger.session,
            {step.values.class_id for _, step in steps},
            calendar.today(self._ledger.now),
        )
        of_year = frozenset(self._facts.classes.values())
        placements = []
        for id_, step in steps:
            old, values = step.old, step.values
            year_starts, can_join = days[values.class_id]
            if old is None:
                reason, since = EnrolmentReason.ADMITTED, year_starts
            elif old.class_id is None:
                reason, since = EnrolmentReason.RETURNED, can_join
            elif old.class_id == values.class_id or old.class_id in of_year:
                reason, since = EnrolmentReason.MOVED, can_join
            else:
                reason, since = EnrolmentReason.PROMOTED, year_starts
            begins_on = step.stay.begins_on
            if begins_on is not None and (old is None or old.class_id != values.class_id):
                since = min(max(begins_on, year_starts), can_join)
                if old is not None and old.left_on is not None:
                    since = max(since, min(old.left_on + timedelta(days=1), can_join))
            placements.append(enrolments.Placement(id_, values.class_id, values.number, since, reason))
        enrolments.place(self._ledger.session, self._ledger.school_id, placements)

    def write_guardians(self) -> None:
        """New and changed ones, and whose they are."""
        steps = self._families.guardians
        rows = [
            self._ledger.of_school
            | {"first_name": one.first_name, "last_name": one.last_name, "phone": one.phone, "email": one.email}
            for one in steps
            if one.id is None
        ]
        made = iter(self._ledger.insert_ids(Guardian, rows))
        ids = [next(made) if step.id is None else step.id for step in steps]
        for id_, step in zip(ids, steps, strict=True):
            if step.id is None:
                self._ledger.note("guardian.created", "guardian", id_)
            elif step.is_changed:
                old = self._facts.guardians[step.id]
                self._ledger.note(
                    "guardian.changed", "guardian", id_, phone=[old.phone, step.phone], email=[old.email, step.email]
                )
                # A name is only ever added where there was none: it needs no trace of its own.
        self._ledger.update(
            Guardian,
            [
                {
                    "first_name": step.first_name,
                    "last_name": step.last_name,
                    "phone": step.phone,
                    "email": step.email,
                    "row_id": step.id,
                }
                for step in steps
                if step.is_changed
            ],
        )
        self._end_old_numbers()
        links = self._families.links
        self._ledger.insert_all(
            StudentGuardian,
            [
                self._ledger.of_school
                | {
                    "student_id": self._students[one.student],
                    "guardian_id": ids[one.guardian],
                    "relation": one.relation,
                }
                for one in links
                if one.old is None
            ],
        )
        for one in links:
            if one.old is None:
                self._ledger.note(
                    "guardian.linked", "student", self._students[one.student],
                    guardian=ids[one.guardian], relation=one.relation,
                )  # fmt: skip
            elif one.old != one.relation:
                self._ledger.note(
                    "guardian.relation_changed", "student", self._students[one.student],
                    guardian=ids[one.guardian], relation=[one.old, one.relation],
                )  # fmt: skip
        other = [one for one in links if one.old is not None and one.old != one.relation]
        if other:
            self._ledger.session.connection().execute(
                update(StudentGuardian)
                .where(
                    StudentGuardian.school_id == self._ledger.school_id,
                    StudentGuardian.student_id == bindparam("b_student"),
                    StudentGuardian.guardian_id == bindparam("b_guardian"),
                )
                .values(relation=bindparam("b_relation")),
                [
                    {
                        "b_student": self._students[one.student],
                        "b_guardian": ids[one.guardian],
                        "b_relation": one.relation,
                    }
                    for one in other
                ],
            )

    def _end_old_numbers(self) -> None:
        """What a guardian's old number or address follows ends, unless another guardian of the child has it."""
        gone: dict[int, tuple[str | None, str | None]] = {}
        for step in self._families.guardians:
            if step.id is not None and step.is_changed:
                old = self._facts.guardians[step.id]
                gone[step.id] = (
                    old.phone if old.phone != step.phone else None,
                    old.email if old.email != step.email else None,
                )
        dropped = [
            Dropped(student, *gone[guardian])
            for student, links in self._facts.links.items()
            for guardian in links
            if guardian in gone
        ]
        end_dropped(
            self._ledger.session,
            self._ledger.school_id,
            dropped,
            EndReason.GUARDIAN_CHANGED,
            self._ledger.now,
            by=self._ledger.by,
        )

    def students_leave(self) -> int:
        """Students whom the file does not name leave; their codes open nothing any more."""
        missing = self._families.missing
        let_go(
            self._ledger.session,
            self._ledger.school_id,
            {one.id: {"class_id": one.class_id} for one in missing},
            calendar.today(self._ledger.now),
            self._ledger.now,
            by=self._ledger.by,
        )
        return len(missing)

    def _without_code(self, students: list[int]) -> list[int]:
        if not students:
            return []
        having = set(
            self._ledger.session.scalars(
                select(StudentCode.student_id).where(
                    StudentCode.school_id == self._ledger.school_id, StudentCode.revoked_at.is_(None)
                )
            )
        )
        return [id_ for id_ in students if id_ not in having]


def _changes(old: KnownStudent, new: StudentValues) -> dict[str, Any]:
    """Old and new value of each field that differs."""
    fields = ("class_id", "number", "first_name", "middle_name", "last_name", "birth_date", "special_needs")
    found = {}
    for name in fields:
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            found[name] = [
                str(before) if name == "birth_date" else before,
                str(after) if name == "birth_date" else after,
            ]
    return found
