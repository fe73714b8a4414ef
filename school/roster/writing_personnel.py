"""Writing accounts, roles, class teachers and who teaches what to whom."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete

from db.models import SchoolClass, Staff, StaffRole, TeachingAssignment
from school.roster.facts import Facts
from school.roster.ledger import Ledger
from school.roster.personnel import Personnel


class PersonnelWriter:
    """Carries out a plan for staff."""

    def __init__(self, ledger: Ledger, facts: Facts, personnel: Personnel) -> None:
        self._ledger = ledger
        self._facts = facts
        self._personnel = personnel

    def write_staff(self) -> tuple[int, ...]:
        """Accounts, roles, class teachers and assignments; gives the ids of new accounts."""
        steps = self._personnel.staff
        rows = [
            self._ledger.of_school
            | {
                "first_name": one.first_name,
                "last_name": one.last_name,
                "email": one.email,
                "account_id": self._facts.accounts.get(one.email),
                "password_hash": None,
                "created_at": self._ledger.now,
            }
            for one in steps
            if one.id is None
        ]
        made = self._ledger.insert_ids(Staff, rows)
        numbers = iter(made)
        ids = [next(numbers) if step.id is None else step.id for step in steps]
        self._ledger.insert_all(
            StaffRole,
            [
                {"staff_id": id_, "role": role}
                for id_, step in zip(ids, steps, strict=True)
                for role in sorted(step.new_roles)
            ],
        )
        renamed = [step for step in steps if step.is_renamed]
        self._ledger.update(
            Staff,
            [{"first_name": one.first_name, "last_name": one.last_name, "row_id": one.id} for one in renamed],
        )
        leading = [
            (id_, step.leads_class)
            for id_, step in zip(ids, steps, strict=True)
            if step.leads_class is not None and self._facts.class_teachers[step.leads_class] != id_
        ]
        self._ledger.update(SchoolClass, [{"class_teacher_id": id_, "row_id": class_id} for id_, class_id in leading])
        for id_, step in zip(ids, steps, strict=True):
            if step.old is None:
                self._ledger.note("staff.created", "staff", id_, roles=sorted(step.new_roles))
            elif step.is_renamed or step.new_roles:
                old = f"{step.old.first_name} {step.old.last_name}"
                self._ledger.note(
                    "staff.changed", "staff", id_,
                    name=[old, f"{step.first_name} {step.last_name}"], roles_added=sorted(step.new_roles),
                )  # fmt: skip
        for id_, class_id in leading:
            before = self._facts.class_teachers[class_id]
            self._ledger.note("class.teacher_changed", "school_class", class_id, staff=[before, id_])
        self._write_assignments(ids)
        return tuple(made)

    def _write_assignments(self, staff: Sequence[int]) -> None:
        new = [one for one in self._personnel.assignments if one.id is None]
        made = self._ledger.insert_ids(
            TeachingAssignment,
            [
                self._ledger.of_school
                | {
                    "class_id": one.class_id,
                    "subject_id": one.subject_id,
                    "staff_id": staff[one.staff],
                    "is_profiled": one.is_profiled,
                }
                for one in new
            ],
        )
        for id_, one in zip(made, new, strict=True):
            self._ledger.note(
                "teaching.assigned", "teaching_assignment", id_,
                class_=one.class_id, subject=one.subject_id, staff=staff[one.staff],
            )  # fmt: skip
        changed = [one for one in self._personnel.assignments if one.is_changed and one.id is not None]
        self._ledger.update(TeachingAssignment, [{"is_profiled": one.is_profiled, "row_id": one.id} for one in changed])
        for one in changed:
            assert one.id is not None
            self._ledger.note("teaching.changed", "teaching_assignment", one.id, is_profiled=one.is_profiled)

    def assignments_end(self) -> None:
        """What the file does not name is taught no more; grades given stay."""
        missing = self._personnel.missing
        if not missing:
            return
        self._ledger.session.connection().execute(
            delete(TeachingAssignment).where(
                TeachingAssignment.school_id == self._ledger.school_id, TeachingAssignment.id == bindparam("row_id")
            ),
            [{"row_id": row_id} for row_id, _, _, _ in missing],
        )
        for row_id, class_id, subject_id, place in missing:
            self._ledger.note(
                "teaching.ended", "teaching_assignment", row_id,
                class_=class_id, subject=subject_id, staff=self._personnel.staff[place].id,
            )  # fmt: skip
