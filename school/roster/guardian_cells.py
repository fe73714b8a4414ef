"""The guardians of a student's row: whoever has a telephone, an e-mail address or a name there.

Names and who somebody is may be missing. No telephone is passed over: a second one becomes a second entry of the same
person, one with „(баща)“ beside it an entry of the father.
"""

from collections.abc import Iterable
from dataclasses import replace

from db.kinds import GuardianRelation
from school.roster import cells, contacts, names
from school.roster.contacts import Contact
from school.roster.headings import GUARDIANS
from school.roster.rows import UNNAMED, GuardianRow, RowReader
from school.roster.tables import Value

_OF_GROUP = {"mother": GuardianRelation.MOTHER, "father": GuardianRelation.FATHER}


def read_guardians(reader: RowReader) -> tuple[GuardianRow, ...]:
    """All guardians of the row, each once."""
    found: list[GuardianRow] = []
    for group in GUARDIANS:
        found += _of_group(reader, group)
    return _without_repeats(found)


def _of_group(reader: RowReader, group: str) -> list[GuardianRow]:
    if not any(reader.has(f"{group}_{one}") for one in ("name", "first", "last", "phone", "phone2", "email")):
        return []
    before = len(reader.problems)
    first, last = _names(reader, group)
    relation = _OF_GROUP.get(group) or reader.optional(f"{group}_relation", cells.relation)
    telephones = [
        one for field in ("phone", "phone2") for one in reader.optional(f"{group}_{field}", contacts.contacts) or ()
    ]
    email = reader.optional(f"{group}_email", cells.email)
    if len(reader.problems) > before:
        return []
    if telephones and not first:
        first, last = _split(telephones[0].name)
    if telephones and relation is None:
        relation = telephones[0].relation
    own = [one for one in telephones if _is_own(one, relation, first)]
    relation = relation or GuardianRelation.PARENT
    person = GuardianRow(group, relation, first or UNNAMED[0], last if first else UNNAMED[1], None, email)
    rows = [replace(person, phone=one.phone, email=email if number == 0 else None) for number, one in enumerate(own)]
    if not rows and (first or email):
        rows = [person]
    return rows + [_other(group, one) for one in telephones if one not in own]


def _names(reader: RowReader, group: str) -> tuple[str, str]:
    """First and last name; both empty where the file gives none."""
    if reader.has(f"{group}_name"):
        return _split(reader.optional(f"{group}_name", _whole) or "")
    if reader.has(f"{group}_first") and not reader.has(f"{group}_last") and f"{group}_last" not in reader.place.columns:
        return _split(reader.optional(f"{group}_first", _whole) or "")
    if not (reader.has(f"{group}_first") or reader.has(f"{group}_last")):
        return "", ""
    return reader.needed(f"{group}_first", cells.name) or "", reader.needed(f"{group}_last", cells.name) or ""


def _whole(value: Value) -> str:
    """A guardian's name in one cell."""
    return " ".join(cells.name(word.strip(",")) for word in names.words_of(cells.text_of(value)) if word.strip(","))


def _split(text: str) -> tuple[str, str]:
    parts = names.split(text, names.order_of([text]).order)
    return (parts.first, parts.last) if parts else (text.strip(), "")


def _is_own(one: Contact, relation: GuardianRelation | None, first: str) -> bool:
    """Whether a telephone is that of the person whom the columns name, and not of somebody named beside it."""
    if one.name and _split(one.name)[0].casefold() != first.casefold():
        return False
    return one.relation in (None, relation)


def _other(group: str, one: Contact) -> GuardianRow:
    first, last = _split(one.name) if one.name else UNNAMED
    return GuardianRow(group, one.relation or GuardianRelation.PARENT, first, last, one.phone, None)


def _without_repeats(found: Iterable[GuardianRow]) -> tuple[GuardianRow, ...]:
    """One number under no name is nobody new beside the same number under a name; equal entries are one."""
    rows = list(dict.fromkeys(found))
    named = {one.phone for one in rows if not one.is_unnamed}
    kept: list[GuardianRow] = []
    for one in rows:
        if one.is_unnamed and one.phone and one.phone in named and not one.email:
            continue
        twin = next((known for known in kept if one.is_unnamed and known.is_unnamed and known.phone == one.phone), None)
        if twin is None:
            kept.append(one)
    return tuple(kept)
