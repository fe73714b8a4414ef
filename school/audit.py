"""The audit trail: one row per change, in the change's own transaction."""

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
            school_id=school_id,
            at=now,
            staff_id=by,
            subscriber_id=subscriber_id,
            action=action,
            entity=entity,
            entity_id=entity_id,
            details=details,
        )
    )
