"""How a school wants its parents told and recognised, and the phrases its teachers write often."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from db.kinds import RemarkKind
from db.models import RemarkPhrase, School
from errors import InputError
from school import audit
from school.setup.authority import check_leads
from school.telling import LONGEST_DELAY

LONGEST_PHRASE = 200
MOST_PHRASES = 60
"""Of one kind: a list to choose from is no use when it is longer."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """A school's settings; hours are of the day, Sofia time, from the one up to, not including, the other."""

    delay_minutes: int
    from_hour: int
    until_hour: int
    pin_always: bool
    latin_sms: bool


_COLUMNS = {"delay_minutes": "notify_delay_minutes"}


def wishes(session: Session, school_id: int) -> Wishes:
    """What the school chose."""
    return _wishes(session.get_one(School, school_id))


def change_wishes(session: Session, school_id: int, wanted: Wishes, *, by: int, now: datetime) -> None:
    """Change them for what is recorded from now on. Raises InputError for a delay or hours that cannot be."""
    check_leads(session, school_id, by)
    if not 0 <= wanted.delay_minutes <= LONGEST_DELAY:
        raise InputError("Изчакването е от 0 до {most} минути: поправете го.", most=LONGEST_DELAY)
    if not 0 <= wanted.from_hour < wanted.until_hour <= 24:
        raise InputError("Часовете за известия свършват, преди да са почнали: поправете ги.")
    school = session.get_one(School, school_id, with_for_update=True)
    before = _wishes(school)
    changed: dict[str, Any] = {
        field.name: [getattr(before, field.name), getattr(wanted, field.name)]
        for field in fields(Wishes)
        if getattr(before, field.name) != getattr(wanted, field.name)
    }
    for name, (_old, new) in changed.items():
        setattr(school, _COLUMNS.get(name, name), new)
    if changed:
        audit.write(session, "school.telling_changed", "school", school_id, now, school_id=school_id, by=by, **changed)


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
            raise InputError("Фразите са повече от {most}: оставете най-нужните.", most=MOST_PHRASES)
        for line in lines:
            if len(line) > LONGEST_PHRASE:
                raise InputError("Фразата „{begin}…“ е по-дълга от {most} знака: съкратете я.",
                                 begin=line[:30], most=LONGEST_PHRASE)  # fmt: skip
            rows.append({"school_id": school_id, "kind": kind, "text": line})
    session.execute(delete(RemarkPhrase).where(RemarkPhrase.school_id == school_id))
    if rows:
        session.connection().execute(insert(RemarkPhrase), rows)
    audit.write(session, "phrases.changed", "school", school_id, now, school_id=school_id, by=by, number=len(rows))


def _wishes(school: School) -> Wishes:
    return Wishes(school.notify_delay_minutes, school.from_hour, school.until_hour, school.pin_always, school.latin_sms)
