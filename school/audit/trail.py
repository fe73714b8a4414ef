"""The audit trail: one row per change, in the change's own transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from db.models import Audit


def write(
    session: Session,
    action: str,
    entity: str,
    entity_id: int,
    now: datetime,
    *,
    school_id: int | None,
    by: int | None = None,
    subscriber_id: int | None = None,
    **details: Any,
) -> None:
    """Write down that `action` ("grade.recorded") happened to row `entity_id` of table `entity`.

    `by` is a staff account, `subscriber_id` a subscriber; neither: the product itself. `details` are JSON values, never
    a PIN, a password or a national id.
    """
    session.execute(
        insert(Audit).values(
            row(action, entity, entity_id, now, school_id=school_id, by=by, subscriber_id=subscriber_id, **details)
        )
    )


def row(
    action: str,
    entity: str,
    entity_id: int,
    now: datetime,
    *,
    school_id: int | None,
    by: int | None = None,
    subscriber_id: int | None = None,
    **details: Any,
) -> dict[str, Any]:
    """What `write` writes, for `write_many`."""
    return {
        "school_id": school_id,
        "at": now,
        "staff_id": by,
        "subscriber_id": subscriber_id,
        "action": action,
        "entity": entity,
        "entity_id": entity_id,
        "details": details,
    }


def write_many(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Write down many changes, possibly none, in one statement."""
    if rows:
        session.connection().execute(insert(Audit), rows)
