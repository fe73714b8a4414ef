"""Which guardians the rows of a file mean: people whom the school knows, or new ones, each once.

All rows are looked at before anybody counts as new: a row further down may say who is meant further up. Whatever is
found must be found again when the same file is imported once more, with what the first import wrote.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from school.roster.facts import Facts, KnownGuardian
from school.roster.rows import UNNAMED, GuardianRow

GuardianKey = tuple[object, ...]
Names = tuple[str, str]


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
class Matched:
    """The guardians of a file in the order in which it names them first."""

    steps: tuple[GuardianStep, ...]
    places: tuple[tuple[int, ...], ...]
    """For each student the places in `steps` of the guardians on their row."""


@dataclass(slots=True)
class _Mention:
    """A guardian on a student's row; `student` is the id of a known one, `key` says who is meant, once it is found."""

    student: int | None
    row: GuardianRow
    names: Names
    key: GuardianKey | None = None


def match(students: Iterable[tuple[int | None, Sequence[GuardianRow]]], facts: Facts) -> Matched:
    """Find everybody: for each student their id, unless they are new, and the guardians on their row.

    No two guardians on one row may be the same person (`GuardianRow.may_be`).
    """
    families = [[_Mention(id_, row, _names(row)) for row in rows] for id_, rows in students]
    mentions = [one for family in families for one in family]
    _Search(facts).find_all(mentions)
    told: dict[GuardianKey, list[GuardianRow]] = {}
    for one in mentions:
        assert one.key is not None
        told.setdefault(one.key, []).append(one.row)
    steps = tuple(_step(key, rows, facts) for key, rows in told.items())
    place = {key: number for number, key in enumerate(told)}
    return Matched(steps, tuple(tuple(place[one.key] for one in family if one.key) for family in families))


def _names(one: GuardianRow | KnownGuardian) -> Names:
    return one.first_name.casefold(), one.last_name.casefold()


def is_unnamed(known: KnownGuardian) -> bool:
    """Whether the school knows no name of a guardian."""
    return (known.first_name, known.last_name) == UNNAMED


def _known(guardian_id: int) -> GuardianKey:
    return ("known", guardian_id)


def _step(key: GuardianKey, rows: Sequence[GuardianRow], facts: Facts) -> GuardianStep:
    """The first row that gives a telephone or an e-mail decides; later ones only fill what it left out."""
    phone = next((row.phone for row in rows if row.phone), None)
    email = next((row.email for row in rows if row.email), None)
    if key[0] != "known":
        return GuardianStep(None, rows[0].first_name, rows[0].last_name, phone, email, False)
    assert isinstance(key[1], int)
    old = facts.guardians[key[1]]
    phone, email = phone or old.phone, email or old.email
    named = next((row for row in rows if not row.is_unnamed), None) if is_unnamed(old) else None
    first, last = (named.first_name, named.last_name) if named else (old.first_name, old.last_name)
    is_changed = (first, last, phone, email) != (old.first_name, old.last_name, old.phone, old.email)
    return GuardianStep(old.id, first, last, phone, email, is_changed)


class _Search:
    """Goes over all mentions several times, the surest sign of who is meant first.

    Nobody gets two telephones from one file, and who has one that the file names keeps it.
    """

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._by_phone: dict[tuple[str, Names], list[int]] = {}
        self._by_email: dict[tuple[str, Names], list[GuardianKey]] = {}
        self._settled: set[int] = set()
        """Guardians whose telephone the file has told."""
        for one in facts.guardians.values():
            if one.phone:
                self._by_phone.setdefault((one.phone, _names(one)), []).append(one.id)
            if one.email:
                self._by_email.setdefault((one.email, _names(one)), []).append(_known(one.id))

    def find_all(self, mentions: Sequence[_Mention]) -> None:
        """Give every mention its key."""
        with_phone = [one for one in mentions if one.row.phone]
        without = [one for one in mentions if not one.row.phone]
        self._go_over(with_phone, self._of_phone)
        self._go_over(with_phone, self._alike_by_phone)
        self._go_over(with_phone, self._own_with_new_phone)
        self._go_over(without, self._own)
        self._go_over(with_phone, self._without_phone_by_email)
        self._go_over(with_phone, self._new)
        self._go_over(without, self._of_email)

    def _go_over(self, mentions: Iterable[_Mention], find: Callable[[_Mention], GuardianKey | None]) -> None:
        for one in mentions:
            if one.key is None:
                one.key = self._of_phone(one) or find(one)
                if one.key is not None and one.row.email:
                    self._by_email.setdefault((one.row.email, one.names), []).append(one.key)

    def _of_phone(self, one: _Mention) -> GuardianKey | None:
        """Who has this telephone and name already, or got it by another row."""
        if not one.row.phone:
            return None
        having = self._by_phone.get((one.row.phone, one.names), [])
        found = next((id_ for id_ in having if id_ in self._of_student(one)), having[0] if having else None)
        if found is None:
            return None
        self._settled.add(found)
        return _known(found)

    def _alike_by_phone(self, one: _Mention) -> GuardianKey | None:
        """The student's guardian who has this telephone, where the file or the school has no name for them."""
        for id_ in self._of_student(one):
            known = self._facts.guardians[id_]
            if known.phone == one.row.phone and (one.row.is_unnamed or is_unnamed(known)):
                self._settled.add(id_)
                return _known(id_)
        return None

    def _own_with_new_phone(self, one: _Mention) -> GuardianKey | None:
        """The student's own guardian of that name, unless another row names the telephone they have."""
        own = [self._facts.guardians[id_] for id_ in self._of_student(one) if id_ not in self._settled]
        alike = [known for known in own if _names(known) == one.names]
        if not alike or one.row.is_unnamed:
            return None
        # Of several the one with this e-mail, else one who had no telephone yet.
        likeliest = min(alike, key=lambda known: (not one.row.email or known.email != one.row.email, bool(known.phone)))
        return self._give_phone(one, likeliest.id)

    def _own(self, one: _Mention) -> GuardianKey | None:
        """The student's own guardian of that name. The e-mail is no help: the same import may change it."""
        for id_ in self._of_student(one):
            known = self._facts.guardians[id_]
            if _names(known) == one.names and (not one.row.is_unnamed or known.email == one.row.email):
                return _known(id_)
        return None

    def _without_phone_by_email(self, one: _Mention) -> GuardianKey | None:
        """Somebody else's guardian of this e-mail and name who had no telephone: now they have this one."""
        for key in self._alike_by_email(one):
            id_ = key[1]
            if isinstance(id_, int) and id_ not in self._settled and not self._facts.guardians[id_].phone:
                return self._give_phone(one, id_)
        return None

    def _new(self, one: _Mention) -> GuardianKey:
        return ("phone", one.row.phone, one.names)

    def _of_email(self, one: _Mention) -> GuardianKey:
        """Who has this e-mail and name; without an e-mail nothing says that two rows mean one person."""
        return next(iter(self._alike_by_email(one)), ("row", id(one)))

    def _alike_by_email(self, one: _Mention) -> Sequence[GuardianKey]:
        return self._by_email.get((one.row.email, one.names), ()) if one.row.email else ()

    def _of_student(self, one: _Mention) -> Iterable[int]:
        return self._facts.links.get(one.student, {}) if one.student is not None else ()

    def _give_phone(self, one: _Mention, guardian_id: int) -> GuardianKey:
        assert one.row.phone is not None
        self._by_phone[one.row.phone, one.names] = [guardian_id]
        self._settled.add(guardian_id)
        return _known(guardian_id)
