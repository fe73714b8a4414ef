"""The list of who was erased: written with every erasure, taken out of the database, and carried out again on a
backup that was restored, in which they would else be back.

It holds ids and times. A row is erased again only when it was made at the moment that the list says: an id may be
another person's by now.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from db.kinds import ErasedKind, ErasureGround
from db.models import Erasure, School, Staff, Subscriber
from errors import InputError

PAGE = 100


def note(
    session: Session,
    school_id: int,
    kind: ErasedKind,
    rows: Iterable[tuple[int, datetime]],
    ground: ErasureGround,
    now: datetime,
    by: int | None,
) -> None:
    """Write down that these rows (id, when it was made) were erased."""
    values = [
        {
            "school_id": school_id, "kind": kind, "row_id": id_, "row_created_at": made, "ground": ground,
            "at": now, "staff_id": by,
        }
        for id_, made in rows
    ]  # fmt: skip
    if values:
        session.connection().execute(insert(Erasure), values)


def note_subscribers(
    session: Session, school_id: int, ids: Sequence[int], ground: ErasureGround, now: datetime, by: int | None
) -> None:
    """Subscribers who stay because they follow at another school."""
    found = session.execute(select(Subscriber.id, Subscriber.created_at).where(Subscriber.id.in_(ids))).all()
    note(session, school_id, ErasedKind.SUBSCRIBER, [(id_, made) for id_, made in found], ground, now, by)


@dataclass(frozen=True, slots=True)
class ErasedRow:
    """Who was erased, by number; `by` is a leader's name, None: the clock or a command."""

    at: datetime
    kind: ErasedKind
    row_id: int
    ground: ErasureGround
    by: str | None


def of_school(session: Session, school_id: int) -> tuple[ErasedRow, ...]:
    """The last PAGE erasures of a school, newest first."""
    rows = session.execute(
        select(Erasure.at, Erasure.kind, Erasure.row_id, Erasure.ground, Staff.first_name, Staff.last_name)
        .outerjoin(Staff, Staff.id == Erasure.staff_id)
        .where(Erasure.school_id == school_id)
        .order_by(Erasure.at.desc(), Erasure.id.desc())
        .limit(PAGE)
    )
    return tuple(
        ErasedRow(at, kind, row_id, ground, f"{first} {last}" if first else None)
        for at, kind, row_id, ground, first, last in rows
    )


def lines(session: Session, since: datetime | None = None) -> Iterator[str]:
    """The list, one JSON object a line, oldest first; it is written into a file beside each backup."""
    wanted = select(Erasure, School.institution_code).join(School, School.id == Erasure.school_id)
    if since is not None:
        wanted = wanted.where(Erasure.at >= since)
    for one, code in session.execute(wanted.order_by(Erasure.id)):
        yield json.dumps(
            {
                "school": code,
                "kind": one.kind,
                "id": one.row_id,
                "made_at": one.row_created_at.isoformat(),
                "ground": one.ground,
                "at": one.at.isoformat(),
            }
        )


def read(text: str) -> tuple[tuple[str, ErasedKind, int, datetime, ErasureGround, datetime], ...]:
    """(school, kind, id, made at, ground, erased at) of each line. Raises InputError for a line that is none."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            one = json.loads(line)
            found.append(
                (
                    str(one["school"]),
                    ErasedKind(one["kind"]),
                    int(one["id"]),
                    _moment(one["made_at"]),
                    ErasureGround(one["ground"]),
                    _moment(one["at"]),
                )
            )
        except (ValueError, KeyError, TypeError):
            raise InputError(
                "Line {number} is none of a list of erasures: give the file that `eschool privacy erasures` wrote.",
                number=number,
            ) from None
    return tuple(found)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment
