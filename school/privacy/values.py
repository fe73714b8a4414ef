"""The values of an export: what is encrypted is read, ids get the names of their rows, what is another's is masked."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import Row, select
from sqlalchemy.orm import Session
from stdnum.bg import egn, pnf

from db.kinds import ErasedKind
from db.models import (
    Campaign,
    ClassGroup,
    Guardian,
    Notification,
    School,
    SchoolClass,
    SchoolYear,
    Staff,
    Student,
    Subject,
    Subscriber,
)
from school.attendance.notices import REASON
from school.classbook.rules import HEALTH_NOTE
from school.privacy import words as of_kinds
from school.privacy.holdings import Holding
from school.privacy.people import Person
from school.security.crypto import Vault, vault
from school.security.phones import masked
from school.students import national_ids
from school.subscriptions import inbox

Value = Any
UNREADABLE = "(не може да бъде прочетено)"
OF_OTHERS = "(съобщението се отнася и за друго дете)"
_TEN_DIGITS = re.compile(r"(?<!\d)\d{10}(?!\d)")
_CONTACT = re.compile(r"\+\d{8,15}|[^\s\"'<>,]+@[^\s\"'<>,]+")


@dataclass(frozen=True, slots=True)
class Names:
    """The school's, and of its rows by the column that points at them."""

    school: str
    town: str
    school_code: str
    by_column: Mapping[str, Mapping[int, str]]


def names(session: Session, school_id: int) -> Names:
    """What few rows have; students, guardians and subscribers are asked for with the rows that point at them."""
    school = session.get_one(School, school_id)

    def of(table: Any, *columns: Any, form: Callable[..., str]) -> dict[int, str]:
        rows = session.execute(select(table.id, *columns).where(table.school_id == school_id))
        return {id_: form(*rest) for id_, *rest in rows}

    staff = of(Staff, Staff.first_name, Staff.last_name, form="{} {}".format)
    return Names(
        school.name,
        school.town,
        school.institution_code,
        {
            "staff_id": staff,
            "subject_id": of(Subject, Subject.name, form=str),
            "class_id": of(SchoolClass, SchoolClass.level, SchoolClass.letter, form="{}{}".format),
            "school_year_id": of(
                SchoolYear, SchoolYear.starts_on, form=lambda starts: f"{starts.year}/{starts.year + 1}"
            ),
            "campaign_id": of(Campaign, Campaign.title, form=str),
            "group_id": of(ClassGroup, ClassGroup.name, form=str),
            "absent_id": staff,
            "substitute_id": staff,
        },
    )


def shown(
    session: Session, table: str, holding: Holding, person: Person, known: Names, rows: Sequence[Row[Any]]
) -> list[dict[str, Value]]:
    """Rows of a table as an export tells them, by `name_of` their columns, with the names of what they point at."""
    columns = (*holding.personal, *holding.technical)
    secrets = vault(session)
    pointed = _pointed_at(session, person, columns, rows)
    of_others = _telling_of_others(session, person, rows) if table == "message" else set()
    hides = person.kind is ErasedKind.STUDENT
    result = []
    for row in rows:
        one: dict[str, Value] = {}
        for column, value in zip(columns, row, strict=False):
            one[name_of(column)] = _read(secrets, table, column, value)
            known_ids = pointed.get(column) or known.by_column.get(column)
            if known_ids and value in known_ids:
                one[column.removesuffix("_id")] = known_ids[value]
        if hides:
            for column in holding.masked_for_student:
                one[column] = hidden(one[column])
        if table == "audit":
            one["details"] = _hidden_in(one["details"], person.keys.phones | person.keys.emails)
        if table == "message" and row._mapping["id"] in of_others:
            one["text"] = OF_OTHERS
        result.append(one)
    return result


def name_of(column: str) -> str:
    """A column's name in an export: what is encrypted in the database is not so here."""
    return column.removesuffix("_encrypted")


def hidden(value: str | None) -> str | None:
    """A number or an address of somebody else."""
    if not value:
        return value
    if "@" in value:
        name, _at, domain = value.partition("@")
        return f"{name[:1]}***@{domain}"
    return masked(value)


def as_json(value: Value) -> Value:
    """What JSON has no form for: moments (UTC) and dates by ISO 8601, grades and anything else as text."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def _hidden_in(details: Value, own: frozenset[str]) -> Value:
    """Old and new values, with numbers and addresses that are not the person's own hidden."""
    if isinstance(details, str):
        return _CONTACT.sub(lambda found: found[0] if found[0] in own else str(hidden(found[0])), details)
    if isinstance(details, dict):
        return {name: _hidden_in(value, own) for name, value in details.items()}
    return [_hidden_in(value, own) for value in details] if isinstance(details, list) else details


def _read(secrets: Vault, table: str, column: str, value: Value) -> Value:
    if value is None or not column.endswith("_encrypted"):
        return bytes(value).hex() if isinstance(value, bytes | memoryview) else value
    try:
        return READERS[table, column](secrets, value)
    except InvalidTag:
        return UNREADABLE


def _text(secrets: Vault, encrypted: bytes) -> str:
    """A text without the national id that parents write: it is never sent back."""
    words = inbox.read(secrets, encrypted)
    if words is None:
        return UNREADABLE

    def mask(found: re.Match[str]) -> str:
        number = found[0]
        return f"{number[:2]}******{number[-2:]}" if egn.is_valid(number) or pnf.is_valid(number) else number

    return _TEN_DIGITS.sub(mask, words)


READERS: Mapping[tuple[str, str], Callable[[Vault, bytes], str]] = {
    ("student", "national_id_encrypted"): lambda secrets, value: national_ids.decrypt(secrets, value).masked,
    ("health_note", "note_encrypted"): lambda secrets, value: secrets.decrypt(HEALTH_NOTE, value),
    ("absence_notice", "reason_encrypted"): lambda secrets, value: secrets.decrypt(REASON, value),
    ("inbound_text", "text_encrypted"): _text,
}
"""How an encrypted column is read: each that is exported is here (a test looks)."""


def _pointed_at(
    session: Session, person: Person, columns: Sequence[str], rows: Sequence[Row[Any]]
) -> dict[str, dict[int, str]]:
    """Names of the students, guardians and subscribers that these rows point at."""
    queries: Mapping[str, Any] = {
        "student_id": select(Student.id, Student.first_name, Student.last_name).where(
            Student.school_id == person.school_id
        ),
        "guardian_id": select(Guardian.id, Guardian.first_name, Guardian.last_name),
        "subscriber_id": select(Subscriber.id, Subscriber.phone, Subscriber.email),
    }
    found: dict[str, dict[int, str]] = {}
    for column, query in queries.items():
        if column not in columns or not rows:
            continue
        ids = {row[columns.index(column)] for row in rows} - {None}
        id_ = query.selected_columns[0]
        for row_id, *words in session.execute(query.where(id_.in_(ids))):
            parts = map(hidden, words) if column == "subscriber_id" else words
            found.setdefault(column, {})[row_id] = " ".join(filter(None, parts))
    return found


def _telling_of_others(session: Session, person: Person, rows: Sequence[Row[Any]]) -> set[int]:
    """Messages that tell of a child whom the copy is not about."""
    ids = [row._mapping["id"] for row in rows]
    found = session.scalars(
        select(Notification.message_id)
        .where(Notification.message_id.in_(ids), Notification.subscription_id.not_in(person.keys.subscriptions))
        .distinct()
    )
    return {message_id for message_id in found if message_id is not None}


def told(column: str, value: Value, moment: Callable[[datetime], str]) -> str:
    """A value as the page says it."""
    if value is None or value == "" or value == {}:
        return "–"
    if isinstance(value, bool):
        return "да" if value else "не"
    if isinstance(value, StrEnum):
        return of_kinds.word(value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    if isinstance(value, Decimal):
        return f"{value:f}".rstrip("0").rstrip(".")
    if isinstance(value, dict):
        return "; ".join(f"{name}: {told(name, one, moment)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(told(column, one, moment) for one in value)
    return str(value)
