"""What an import would do to staff and who teaches what to whom: pure, from the rows and the facts."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from db.kinds import Role
from school.roster.cells import ROLE_WORDS, YES_NO
from school.roster.class_names import ClassRange
from school.roster.facts import Facts, KnownStaff, subject_key
from school.roster.planned_changes import Change, Detail, PlannedChange
from school.roster.rows import Roster, StaffRow
from school.roster.tables import Problem
from school.wording.translation import Words


@dataclass(frozen=True, slots=True)
class StaffStep:
    """An account to insert (no `id`), to change or to leave as it is."""

    id: int | None
    email: str
    first_name: str
    last_name: str
    new_roles: frozenset[Role]
    """Roles to add: an import takes none away."""
    leads_class: int | None
    old: KnownStaff | None

    @property
    def is_renamed(self) -> bool:
        """Whether an existing account gets another name."""
        return self.old is not None and (self.old.first_name, self.old.last_name) != (self.first_name, self.last_name)


@dataclass(frozen=True, slots=True)
class AssignmentStep:
    """Who teaches what to whom; `staff` is a place in the plan, `id` the row that is there."""

    staff: int
    class_id: int
    subject_id: int
    is_profiled: bool
    id: int | None
    is_changed: bool


@dataclass(frozen=True, slots=True)
class Personnel:
    """The plan for staff."""

    staff: tuple[StaffStep, ...] = ()
    assignments: tuple[AssignmentStep, ...] = ()
    missing: tuple[tuple[int, int, int, int], ...] = ()
    """Assignments that the file does not name: id, class, subject, place of the staff member in the plan."""


def check_mentions(roster: Roster, facts: Facts) -> list[Problem]:
    """Classes and subjects that the school has not, accounts that are switched off."""
    problems = []
    for mention in roster.classes:
        if isinstance(mention.what, ClassRange):
            if not facts.within(mention.what):
                problems.append(mention.place.problem(
                    mention.column, "The school has no class within “{text}”: write the classes one by one.",
                    raw=mention.raw, text=mention.raw[:40]))  # fmt: skip
            continue
        assert isinstance(mention.what, tuple)
        if facts.class_id(mention.what) is None:
            level, letter = mention.what
            there = ", ".join(facts.class_names[id_] for (one, _), id_ in sorted(facts.classes.items()) if one == level)
            if there:
                problems.append(mention.place.problem(
                    mention.column,
                    "There is no class {name}, but there are {there}: correct it or add it to the school.",
                    raw=mention.raw, name=f"{level}{letter}", there=there))  # fmt: skip
            else:
                problems.append(mention.place.problem(
                    mention.column, "There is no class {name}: correct it or add it to the school.",
                    raw=mention.raw, name=f"{level}{letter}"))  # fmt: skip
    subject_like = cache(facts.subject_like)  # a wrong name stands on many rows
    for mention in roster.subjects:
        assert isinstance(mention.what, str)
        if subject_key(mention.what) not in facts.subjects:
            close = subject_like(mention.what)
            if close:
                problems.append(mention.place.problem(
                    mention.column, "There is no subject “{name}”: is it “{close}”?",
                    raw=mention.raw, guess=close, name=mention.what, close=close))  # fmt: skip
            else:
                problems.append(mention.place.problem(
                    mention.column, "There is no subject “{name}”: add it to the school or correct the name.",
                    raw=mention.raw, name=mention.what))  # fmt: skip
    for mention in roster.emails:
        known = facts.staff.get(str(mention.what))
        if known is not None and not known.is_active:
            problems.append(mention.place.problem(
                mention.column, "This account is switched off: switch it on or remove the row.",
                raw=mention.raw))  # fmt: skip
    return problems


def check(rows: Iterable[StaffRow], facts: Facts) -> list[Problem]:
    """One address with two names, one class with two class teachers, one person with two classes to lead."""
    problems = []
    people: dict[str, StaffRow] = {}
    leaders: dict[int, StaffRow] = {}
    led: dict[str, tuple[int, StaffRow]] = {}
    for row in rows:
        first = people.setdefault(row.email, row)
        if _name(first) != _name(row):
            problems.append(row.place.problem(
                "email", "{who} (row {row}) has the same address: a person has one address and one name.",
                who=f"{first.first_name} {first.last_name}", row=first.place.row))  # fmt: skip
        class_id = facts.class_id(row.leads_class) if row.leads_class else None
        if class_id is None:
            continue
        leader = leaders.setdefault(class_id, row)
        if leader.email != row.email:
            problems.append(row.place.problem(
                "leads_class", "{name} has a class teacher on row {row} already: keep one.",
                name=facts.class_names[class_id], row=leader.place.row))  # fmt: skip
        own, place = led.setdefault(row.email, (class_id, row))
        if own != class_id:
            problems.append(row.place.problem(
                "leads_class", "On row {row} they are class teacher of {name}: keep one class.",
                row=place.place.row, name=facts.class_names[own]))  # fmt: skip
    return problems


def plan(rows: tuple[StaffRow, ...], facts: Facts) -> Personnel:
    """What is to be done. The rows have no problems."""
    places: dict[str, int] = {}
    people: list[list[StaffRow]] = []
    for row in rows:
        place = places.setdefault(row.email, len(people))
        if place == len(people):
            people.append([])
        people[place].append(row)
    staff = tuple(_person(of_one, facts) for of_one in people)
    assignments: dict[tuple[int, int, int], AssignmentStep] = {}
    for place, of_one in enumerate(people):
        for row in of_one:
            for step in _assignments(row, place, staff[place].id, facts):
                assignments[step.class_id, step.subject_id, step.staff] = step
    return Personnel(staff, tuple(assignments.values()), _missing(staff, assignments, facts))


def _name(row: StaffRow) -> tuple[str, str]:
    return row.first_name.casefold(), row.last_name.casefold()


def _person(rows: list[StaffRow], facts: Facts) -> StaffStep:
    first = rows[0]
    old = facts.staff.get(first.email)
    roles = frozenset[Role]().union(*(row.roles for row in rows))
    if not roles and old is None:
        roles = frozenset({Role.TEACHER})
    leads = next((facts.class_id(row.leads_class) for row in rows if row.leads_class), None)
    return StaffStep(
        old.id if old else None,
        first.email,
        first.first_name,
        first.last_name,
        roles - (old.roles if old else frozenset()),
        leads,
        old,
    )


def _assignments(row: StaffRow, place: int, staff_id: int | None, facts: Facts) -> Iterable[AssignmentStep]:
    if row.subject is None:
        return
    subject_id, _ = facts.subjects[subject_key(row.subject)]
    named = [facts.class_id(name) for name in row.classes]
    for class_id in dict.fromkeys([*named, *(one for span in row.ranges for one in facts.within(span))]):
        assert class_id is not None
        there = facts.assignments.get((class_id, subject_id, staff_id)) if staff_id is not None else None
        was_profiled = bool(there and there[1])
        is_profiled = was_profiled if row.is_profiled is None else row.is_profiled
        yield AssignmentStep(
            place, class_id, subject_id, is_profiled, there[0] if there else None, is_profiled != was_profiled
        )


def _missing(
    staff: tuple[StaffStep, ...], steps: dict[tuple[int, int, int], AssignmentStep], facts: Facts
) -> tuple[tuple[int, int, int, int], ...]:
    """Only of people for whom the file says at all what they teach."""
    places = {step.id: place for place, step in enumerate(staff) if step.id is not None}
    teaching = {place for _, _, place in steps}
    return tuple(
        (row_id, class_id, subject_id, places[staff_id])
        for (class_id, subject_id, staff_id), (row_id, _) in sorted(facts.assignments.items())
        if staff_id in places and places[staff_id] in teaching and (class_id, subject_id, places[staff_id]) not in steps
    )


def entries(personnel: Personnel, facts: Facts, *, missing_end: bool) -> Iterable[PlannedChange]:
    """The plan in words."""
    subjects = dict(facts.subjects.values())
    details: dict[int, list[Detail]] = {place: [] for place in range(len(personnel.staff))}
    for place, step in enumerate(personnel.staff):
        if step.old is not None and step.is_renamed:
            old = f"{step.old.first_name} {step.old.last_name}"
            details[place].append(Detail(Words("Име"), old, f"{step.first_name} {step.last_name}"))
        details[place] += [Detail(Words("Роля"), "", ROLE_WORDS[role]) for role in sorted(step.new_roles)]
        if step.leads_class is not None and (step.id is None or facts.class_teachers[step.leads_class] != step.id):
            details[place].append(Detail(Words("Класен ръководител на"), "", facts.class_names[step.leads_class]))
    for one in personnel.assignments:
        taught = _taught(subjects[one.subject_id], facts.class_names[one.class_id])
        if one.id is None:
            new = Words("{taught} (профилиращ)", taught=taught) if one.is_profiled else taught
            details[one.staff].append(Detail(Words("Преподава"), "", new))
        elif one.is_changed:
            details[one.staff].append(
                Detail(
                    Words("Профилиращ: {taught}", taught=taught),
                    YES_NO[not one.is_profiled],
                    YES_NO[one.is_profiled],
                )
            )
    for _, class_id, subject_id, place in personnel.missing:
        if missing_end:
            taught = _taught(subjects[subject_id], facts.class_names[class_id])
            details[place].append(Detail(Words("Преподава"), taught, ""))
    for place, step in enumerate(personnel.staff):
        change = Change.NEW if step.old is None else Change.CHANGED if details[place] else Change.UNCHANGED
        yield PlannedChange(change, "staff", f"{step.first_name} {step.last_name}", "", tuple(details[place]))


def _taught(subject: str, class_name: str) -> Words:
    return Words("{subject} на {class_name}", subject=subject, class_name=class_name)
