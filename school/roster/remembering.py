"""What the columns of a form of file are at a school, remembered from one file for the next."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from db.models import RosterShape
from school.roster.answers import Choice
from school.roster.looking import Shape

MOST = 100
"""Forms that are remembered of a school: those beyond them that were longest unused are forgotten."""


def remembered(session: Session, school_id: int) -> dict[str, Choice]:
    """Form -> what its columns are."""
    rows = session.execute(select(RosterShape.shape, RosterShape.choice).where(RosterShape.school_id == school_id))
    return {row.shape: Choice.of_json(row.choice) for row in rows}


def remember(session: Session, school_id: int, shapes: Iterable[Shape], now: datetime) -> None:
    """Keep what the columns were decided to be. Dates of grades are of one sheet, and are not kept."""
    chosen = {
        one.key: replace(one.choice, class_name="", grades={})
        for one in shapes
        if one.choice is not None and one.choice.kind is not None
    }
    if not chosen:
        return
    session.execute(
        delete(RosterShape).where(RosterShape.school_id == school_id, RosterShape.shape.in_(sorted(chosen)))
    )
    session.execute(
        insert(RosterShape),
        [
            {"school_id": school_id, "shape": key, "choice": one.as_json(), "used_at": now}
            for key, one in sorted(chosen.items())
        ],
    )
    latest = (
        select(RosterShape.shape)
        .where(RosterShape.school_id == school_id)
        .order_by(RosterShape.used_at.desc(), RosterShape.shape)
        .limit(MOST)
    )
    session.execute(
        delete(RosterShape).where(
            RosterShape.school_id == school_id, RosterShape.shape.not_in(session.scalars(latest).all())
        )
    )
