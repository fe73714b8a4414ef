"""What an import would do to students and guardians: pure, from the rows and the facts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from db.kinds import GuardianRelation
from school.roster import guardians
from school.roster.cells import RELATION_WORDS, YES_NO
from school.roster.facts import Facts, KnownStudent
from school.roster.guardians import GuardianStep
from school.roster.planned_changes import Change, Detail, PlannedChange
from school.roster.rows import NO_DATES, Person, Stay, StudentRow
from school.roster.tables import Problem
from school.security.crypto import Vault
from school.students.national_ids import NationalId
from school.wording.translation import Words


@dataclass(frozen=True, slots=True)
class StudentValues:
    """A student as they are to be."""

    class_id: int
    number: int | None
    first_name: str
    middle_name: str
    last_name: str
    birth_date: date
    special_needs: bool


@dataclass(frozen=True, slots=True)
class StudentStep:
    """A student to insert (no `id`), to change or to leave as they are."""

    id: int | None
    national_id: NationalId
    fingerprint: bytes
    values: StudentValues
    old: KnownStudent | None
    stay: Stay = NO_DATES
    """From when until when the file has the student in the class: for the table of enrolments."""

    @property
    def is_changed(self) -> bool:
        """Whether an existing row gets other values."""
        return self.old is not None and (self.old.left_on is not None or _known(self.old) != self.values)


@dataclass(frozen=True, slots=True)
class LinkStep:
    """Student and guardian by their places in the plan; `old` is who the guardian was to the student."""

    student: int
    guardian: int
    relation: GuardianRelation
    old: GuardianRelation | None


@dataclass(frozen=True, slots=True)
class Families:
    """The plan for students and guardians."""

    students: tuple[StudentStep, ...] = ()
    guardians: tuple[GuardianStep, ...] = ()
    links: tuple[LinkStep, ...] = ()
    missing: tuple[KnownStudent, ...] = ()
    """Students of the file's classes whom the file does not name."""


def check(rows: Iterable[Person], facts: Facts) -> list[Problem]:
    """The same person or the same number in a class twice in the file."""
    problems = []
    people: dict[NationalId, Person] = {}
    numbers: dict[tuple[int, int], Person] = {}
    for row in rows:
        first = people.setdefault(row.national_id, row) if row.national_id else row
        if first is not row:
            problems.append(
                row.place.problem(
                    "national_id",
                    "The same EGN or LNCh is on row {row} too (“{table}”): keep the student once.",
                    row=first.place.row,
                    table=first.place.table,
                )
            )
        class_id = facts.class_id(row.class_name) if row.class_name else None
        if class_id is not None and row.number is not None:
            holder = numbers.setdefault((class_id, row.number), row)
            if holder is not row:
                problems.append(
                    row.place.problem(
                        "number",
                        "No. {number} of {name} is on row {row} too: give one of them another number.",
                        number=row.number,
                        name=facts.class_names[class_id],
                        row=holder.place.row,
                    )
                )
    return problems


def plan(rows: tuple[StudentRow, ...], facts: Facts, vault: Vault) -> Families:
    """What is to be done. The rows have no problems: every class is known and nobody comes twice."""
    students = tuple(_student(row, facts, vault) for row in rows)
    matched = guardians.match(((step.id, row.guardians) for row, step in zip(rows, students, strict=True)), facts)
    links = []
    for index, (row, step, places) in enumerate(zip(rows, students, matched.places, strict=True)):
        old = facts.links.get(step.id, {}) if step.id is not None else {}
        for one, place in zip(row.guardians, places, strict=True):
            known = matched.steps[place].id
            links.append(LinkStep(index, place, one.relation, old.get(known) if known is not None else None))
    covered = {step.values.class_id for step in students}
    named = {step.id for step in students}
    missing = (one for one in facts.students.values() if one.class_id in covered and one.id not in named)
    return Families(
        students,
        matched.steps,
        tuple(links),
        tuple(sorted(missing, key=lambda one: (one.class_id or 0, one.number or 0, one.id))),
    )


def _student(row: StudentRow, facts: Facts, vault: Vault) -> StudentStep:
    fingerprint = row.national_id.fingerprint(vault)
    old = facts.students.get(fingerprint)
    class_id = facts.class_id(row.class_name)
    assert class_id is not None
    number = row.number
    if number is None and old is not None and old.class_id == class_id:
        number = old.number
    values = StudentValues(
        class_id,
        number,
        row.first_name,
        row.middle_name if row.middle_name is not None else old.middle_name if old else "",
        row.last_name,
        row.birth_date,
        row.special_needs if row.special_needs is not None else bool(old and old.special_needs),
    )
    return StudentStep(old.id if old else None, row.national_id, fingerprint, values, old, row.stay)


def _known(old: KnownStudent) -> StudentValues | None:
    if old.class_id is None:
        return None
    return StudentValues(
        old.class_id, old.number, old.first_name, old.middle_name, old.last_name, old.birth_date, old.special_needs
    )


def entries(families: Families, facts: Facts) -> Iterable[PlannedChange]:
    """The plan in words, in the order of the file and then those it does not name."""
    of_student: dict[int, list[LinkStep]] = {}
    for link in families.links:
        of_student.setdefault(link.student, []).append(link)
    for index, step in enumerate(families.students):
        details = [*_details(step, facts)]
        for link in of_student.get(index, ()):
            details += _guardian_details(families.guardians[link.guardian], link, facts)
        change = Change.NEW if step.old is None else Change.CHANGED if details else Change.UNCHANGED
        values = step.values
        who = " ".join(filter(None, (values.first_name, values.middle_name, values.last_name)))
        yield PlannedChange(change, "student", who, facts.class_names[values.class_id], tuple(details))
    for one in families.missing:
        who = " ".join(filter(None, (one.first_name, one.middle_name, one.last_name)))
        yield PlannedChange(Change.MISSING, "student", who, facts.class_names.get(one.class_id or 0, ""), ())


def _details(step: StudentStep, facts: Facts) -> Iterable[Detail]:
    old, new = step.old, step.values
    if old is None:
        return
    if old.left_on is not None:
        yield Detail(
            Words("Връща се"), Words("напуснал на {on:%d.%m.%Y}", on=old.left_on), facts.class_names[new.class_id]
        )
    elif old.class_id != new.class_id:
        yield Detail(Words("Клас"), facts.class_names.get(old.class_id or 0, ""), facts.class_names[new.class_id])
    pairs = (
        (Words("№ в класа"), str(old.number or ""), str(new.number or "")),
        (Words("Име"), old.first_name, new.first_name),
        (Words("Презиме"), old.middle_name, new.middle_name),
        (Words("Фамилия"), old.last_name, new.last_name),
        (Words("Дата на раждане"), f"{old.birth_date:%d.%m.%Y}", f"{new.birth_date:%d.%m.%Y}"),
        (Words("СОП"), YES_NO[old.special_needs], YES_NO[new.special_needs]),
    )
    for heading, before, after in pairs:
        if before != after:
            yield Detail(heading, before, after)


def _guardian_details(step: GuardianStep, link: LinkStep, facts: Facts) -> Iterable[Detail]:
    who = f"{step.first_name} {step.last_name}"
    if link.old is None:
        telephone = step.phone or Words("без телефон")
        told = Words(
            "{who}, {relation}, {telephone}", who=who, relation=RELATION_WORDS[link.relation], telephone=telephone
        )
        yield Detail(Words("Родител"), "", told)
    elif link.old != link.relation:
        yield Detail(Words("Родител {who}", who=who), RELATION_WORDS[link.old], RELATION_WORDS[link.relation])
    if step.id is not None and step.is_changed:
        old = facts.guardians[step.id]
        if (old.first_name, old.last_name) != (step.first_name, step.last_name):
            yield Detail(Words("Име на родител"), f"{old.first_name} {old.last_name}", who)
        if old.phone != step.phone:
            yield Detail(Words("Телефон на {who}", who=who), old.phone or "", step.phone or "")
        if old.email != step.email:
            yield Detail(Words("Имейл на {who}", who=who), old.email or "", step.email or "")
