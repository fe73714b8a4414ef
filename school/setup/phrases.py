"""The phrases that a school's teachers write often in remarks."""

from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from db.kinds import RemarkKind
from db.models import RemarkPhrase
from errors import InputError
from school import audit
from school.staff.leaders import check_leads

LONGEST_PHRASE = 200
MOST_PHRASES = 60
"""Of one kind: a list to choose from is no use when it is longer."""


def phrases(session: Session, school_id: int) -> dict[RemarkKind, tuple[str, ...]]:
    """The school's phrases by kind, in the order they were given."""
    found: dict[RemarkKind, list[str]] = {kind: [] for kind in RemarkKind}
    rows = session.execute(
        select(RemarkPhrase.kind, RemarkPhrase.text)
        .where(RemarkPhrase.school_id == school_id)
        .order_by(RemarkPhrase.id)
    )
    for kind, text in rows:
        found[kind].append(text)
    return {kind: tuple(texts) for kind, texts in found.items()}


def change_phrases(
    session: Session, school_id: int, wanted: dict[RemarkKind, tuple[str, ...]], *, by: int, now: datetime
) -> None:
    """Put these phrases in the place of the old ones. Raises InputError when one is too long or there are too many."""
    check_leads(session, school_id, by)
    rows = []
    for kind, texts in wanted.items():
        lines = list(dict.fromkeys(line for text in texts if (line := " ".join(text.split()))))
        if len(lines) > MOST_PHRASES:
            raise InputError("There are more than {most} phrases: keep those you need most.", most=MOST_PHRASES)
        for line in lines:
            if len(line) > LONGEST_PHRASE:
                raise InputError("The phrase “{begin}…” is longer than {most} characters: shorten it.",
                                 begin=line[:30], most=LONGEST_PHRASE)  # fmt: skip
            rows.append({"school_id": school_id, "kind": kind, "text": line})
    session.execute(delete(RemarkPhrase).where(RemarkPhrase.school_id == school_id))
    if rows:
        session.connection().execute(insert(RemarkPhrase), rows)
    audit.write(session, "phrases.changed", "school", school_id, now, school_id=school_id, by=by, number=len(rows))
