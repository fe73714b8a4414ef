"""The copy of everything that is stored of a person (GDPR, articles 15 and 20): one ZIP, made while it is downloaded.

In it: a page to read and print, the same as JSON, and the JSON's schema. What stands in them is decided by the registry
(school.privacy.registry), table by table. Rows are read in batches, each in a short session, and nothing is written to
the server's disk. What another person would not want seen is masked: numbers of followers in a student's copy, and the
text of a message that tells of another child as well.
"""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.kinds import ErasedKind
from school import audit
from school.privacy import printed, values
from school.privacy.people import Person
from school.privacy.registry import REGISTRY
from school.privacy.sections import Reading, Rows, Section, read, sections
from school.privacy.values import Names
from school.staff.leaders import check_leads

FORMAT = "infoserv-eschool-personal-data"
VERSION = 1
"""Raised when a program that reads the JSON would no longer understand it; a new table or column does not raise it."""
PIECE = 32_768
"""Bytes that are sent at once, about."""


def counts(session: Session, person: Person) -> dict[str, int]:
    """How many rows of each table are about the person, in one statement; tables without a title are left out."""
    titled = [one for one in sections(person) if one.holding.title]
    numbers = session.execute(
        select(
            *(
                select(func.count()).select_from(one.table).where(one.condition).scalar_subquery().label(one.name)
                for one in titled
            )
        )
    ).one()
    return {one.holding.title: number for one, number in zip(titled, numbers, strict=True)}


def note(session: Session, person: Person, now: datetime, *, by: int | None) -> None:
    """Write down that a copy is made, before it is. Raises ForbiddenError for who does not lead the school."""
    if by is not None:
        check_leads(session, person.school_id, by)
    audit.write(
        session, "personal_data.exported", str(person.kind), person.row_id, now, school_id=person.school_id, by=by
    )


def stream(reading: Reading, person: Person, now: datetime) -> Iterator[bytes]:
    """The ZIP, piece by piece."""
    with reading() as session:
        names = values.names(session, person.school_id)
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, pieces in (
            ("data.html", printed.page(person, names, now, read(reading, person, names))),
            ("data.json", _json(person, names, now, read(reading, person, names))),
            ("schema.json", iter([json.dumps(schema(), ensure_ascii=False, indent=1)])),
        ):
            with archive.open(name, "w") as file:
                for piece in pieces:
                    file.write(piece.encode())
                    if pipe.waiting >= PIECE:
                        yield pipe.take()
    yield pipe.take()


def _json(person: Person, names: Names, now: datetime, parts: Iterator[tuple[Section, Rows]]) -> Iterator[str]:
    head = {
        "format": FORMAT,
        "version": VERSION,
        "made_at": now.isoformat(),
        "school": {"code": names.school_code, "name": names.school, "town": names.town},
        "person": {"kind": str(person.kind), "id": person.row_id},
    }
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "tables": {'
    for place, (section, batches) in enumerate(parts):
        yield f'{", " if place else ""}\n"{section.name}": ['
        is_first = True
        for rows in batches:
            for row in rows:
                yield ("" if is_first else ",") + "\n" + json.dumps(row, ensure_ascii=False, default=values.as_json)
                is_first = False
        yield "]"
    yield "\n}}\n"


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of `data.json`."""
    tables = {
        name: {
            "description": holding.about,
            "type": "array",
            "items": {
                "type": "object",
                "properties": {values.name_of(column): {} for column in (*holding.personal, *holding.technical)},
            },
        }
        for name, holding in REGISTRY.items()
        if name == "audit" or holding.of_student or holding.of_parent or holding.of_staff
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": FORMAT,
        "type": "object",
        "required": ["format", "version", "made_at", "school", "person", "tables"],
        "properties": {
            "format": {"const": FORMAT},
            "version": {"const": VERSION},
            "made_at": {"type": "string", "format": "date-time"},
            "school": {"type": "object"},
            "person": {"type": "object", "properties": {"kind": {"enum": [str(one) for one in ErasedKind]}}},
            "tables": {"type": "object", "properties": tables, "additionalProperties": False},
        },
    }


class _Pipe(io.RawIOBase):
    """What a ZIP is written into: it cannot go back, so what was written can be sent at once."""

    def __init__(self) -> None:
        self._written = bytearray()

    @property
    def waiting(self) -> int:
        """Bytes that can be taken."""
        return len(self._written)

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: Any, /) -> int:
        """Keep until taken."""
        self._written += data
        return len(data)

    def take(self) -> bytes:
        """What was written since."""
        taken = bytes(self._written)
        self._written.clear()
        return taken
