"""What an import would do to students and guardians: pure, from the rows and the facts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from db.kinds import GuardianRelation
from school.identity import NationalId
from school.roster.cells import RELATION_WORDS, YES_NO
from school.roster.entries import Change, Detail, Entry
from school.roster.facts import Facts, KnownGuardian, KnownStudent
from school.roster.rows import GuardianRow, Person, StudentRow
from school.roster.tables import Problem
from school.secrecy import Vault
from school.wording.translation import Words

GuardianKey = tuple[object, ...]


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

    @property
    def is_changed(self) -> bool:
        """Whether an existing row gets other values."""
        return self.old is not None and (self.old.left_on is not None or _known(self.old) != self.values)


@dataclass(frozen=True, slots=True)
class GuardianStep:
    """A guardian to insert (no `id`), to change or to leave as they are."""

    id: int | None
    first_name: str
    last_name: str
    phone: str | None
    email: str | None
    is_changed: bool


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
    guardians = _Guardians(facts)
    for row in rows:
        for one in row.guardians:
            guardians.claim(one)
    links = []
    for index, (row, step) in enumerate(zip(rows, students, strict=True)):
        placed: set[int] = set()
        for number, one in enumerate(row.guardians):
            place = guardians.place(step, one, (index, number))
            if place in placed:
                continue
            placed.add(place)
            known = guardians.known(place)
            old = facts.links.get(step.id, {}).get(known) if step.id is not None and known is not None else None
            links.append(LinkStep(index, place, one.relation, old))
    covered = {step.values.class_id for step in students}
    named = {step.id for step in students}
    missing = (one for one in facts.students.values() if one.class_id in covered and one.id not in named)
    return Families(
        students,
        guardians.steps(),
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
    return StudentStep(old.id if old else None, row.national_id, fingerprint, values, old)


def _known(old: KnownStudent) -> StudentValues | None:
    if old.class_id is None:
        return None
    return StudentValues(
        old.class_id, old.number, old.first_name, old.middle_name, old.last_name, old.birth_date, old.special_needs
    )


def _name(one: GuardianRow | KnownGuardian) -> tuple[str, str]:
    return one.first_name.casefold(), one.last_name.casefold()


class _Guardians:
    """Finds the guardians whom rows mean.

    By telephone and name; without that the student's own guardian of that name, whose telephone is new then, unless
    another row means that guardian with the old telephone. A person without a telephone is found by e-mail and name.
    """

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._by_phone: dict[GuardianKey, int] = {}
        self._by_email: dict[GuardianKey, int] = {}
        for one in facts.guardians.values():
            if one.phone:
                self._by_phone.setdefault((one.phone, *_name(one)), one.id)
            if one.email:
                self._by_email.setdefault((one.email, *_name(one)), one.id)
        self._claimed: set[int] = set()
        self._places: dict[GuardianKey, int] = {}
        self._steps: list[GuardianStep] = []
        self._decided: dict[int, set[str]] = {}

    def claim(self, row: GuardianRow) -> None:
        """First look over all rows: who is meant with the telephone they already have."""
        found = self._by_phone.get((row.phone, *_name(row)))
        if found is not None:
            self._claimed.add(found)

    def place(self, student: StudentStep, row: GuardianRow, unique: tuple[int, int]) -> int:
        """The place in the plan of the guardian a row means."""
        known = self._find(student, row)
        key: GuardianKey
        if known is not None:
            key = ("known", known)
        elif row.phone:
            key = ("phone", row.phone, *_name(row))
        elif row.email:
            key = ("email", row.email, *_name(row))
        else:
            key = ("row", *unique)
        if key not in self._places:
            self._places[key] = len(self._steps)
            self._steps.append(self._step(known, row))
        if known is not None and row.phone:  # another child's row that says the same new telephone means them too
            self._by_phone.setdefault((row.phone, *_name(row)), known)
            self._claimed.add(known)
        self._complete(self._places[key], row)
        return self._places[key]

    def known(self, place: int) -> int | None:
        """The id of the guardian at a place, unless they are new."""
        return self._steps[place].id

    def steps(self) -> tuple[GuardianStep, ...]:
        """All guardians of the file, each once."""
        return tuple(self._steps)

    def _find(self, student: StudentStep, row: GuardianRow) -> int | None:
        if row.phone and (found := self._by_phone.get((row.phone, *_name(row)))) is not None:
            return found
        own = self._facts.links.get(student.id, {}) if student.id is not None else {}
        for guardian_id in own:
            if _name(self._facts.guardians[guardian_id]) == _name(row) and not (
                row.phone and guardian_id in self._claimed
            ):
                return guardian_id
        if not row.phone and row.email:
            return self._by_email.get((row.email, *_name(row)))
        return None

    def _step(self, known: int | None, row: GuardianRow) -> GuardianStep:
        if known is None:
            return GuardianStep(None, row.first_name, row.last_name, row.phone, row.email, False)
        old = self._facts.guardians[known]
        return GuardianStep(known, old.first_name, old.last_name, old.phone, old.email, False)

    def _complete(self, place: int, row: GuardianRow) -> None:
        """The first row that gives a telephone or an e-mail decides; later ones only fill what it left out."""
        step = self._steps[place]
        decided = self._decided.setdefault(place, set())
        phone, email = step.phone, step.email
        if row.phone and "phone" not in decided:
            phone = row.phone
            decided.add("phone")
        if row.email and "email" not in decided:
            email = row.email
            decided.add("email")
        old = self._facts.guardians[step.id] if step.id is not None else None
        is_changed = old is not None and (phone, email) != (old.phone, old.email)
        self._steps[place] = GuardianStep(step.id, step.first_name, step.last_name, phone, email, is_changed)


def entries(families: Families, facts: Facts) -> Iterable[Entry]:
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
        yield Entry(change, "student", who, facts.class_names[values.class_id], tuple(details))
    for one in families.missing:
        who = " ".join(filter(None, (one.first_name, one.middle_name, one.last_name)))
        yield Entry(Change.MISSING, "student", who, facts.class_names.get(one.class_id or 0, ""), ())


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
        if old.phone != step.phone:
            yield Detail(Words("Телефон на {who}", who=who), old.phone or "", step.phone or "")
        if old.email != step.email:
            yield Detail(Words("Имейл на {who}", who=who), old.email or "", step.email or "")
