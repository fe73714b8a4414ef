"""What a school's leaders decide about the next year, class by class and over days, before anything is carried out.

It is kept until the year after is prepared: who undoes the turn of the year finds their decisions again.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from db.lists import among
from db.models import Rollover, RolloverDraft, School, SchoolClass, SchoolYear, Student
from errors import InputError
from school.rollover.plans import Wishes
from school.roster import cells
from school.staff.leaders import check_leads
from school.years.years import YearRow

OPENS = (5, 1)
"""Month and day of a year's second half from which the next one can be prepared: level 12 ends on 15 May."""
STAYS, REPEATS, LEAVES = "", "repeats", "leaves"
"""What may be decided of a student besides the name of a class."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The year whose classes the students are in, and from when going over to the next can be prepared."""

    from_year: YearRow
    opens_on: date
    kept: Mapping[str, Any] | None = field(default=None, repr=False)
    """What was decided so far, as it is stored."""

    @property
    def start(self) -> int:
        """The calendar year in which the next school year begins."""
        return self.from_year.starts_on.year + 1


def turn(session: Session, school_id: int) -> Turn | None:
    """The year whose classes the students are in, and what was decided of them; None: nobody is in a class.

    It is the newest of them, once the school has gone over to it. Until then a few may have been put into its classes
    already, or been left in those of the year before: it is the year with more students of the two.
    """
    students = func.count(Student.id)
    found = session.execute(
        select(
            *(SchoolYear.id, SchoolYear.starts_on, SchoolYear.ends_on, students.label("students")),
            exists().where(Rollover.school_id == school_id, Rollover.school_year_id == SchoolYear.id).label("turned"),
        )
        .join_from(Student, SchoolClass, SchoolClass.id == Student.class_id)
        .join(SchoolYear, SchoolYear.id == SchoolClass.school_year_id)
        .where(Student.school_id == school_id)
        .group_by(SchoolYear.id)
        .order_by(SchoolYear.starts_on.desc())
        .limit(2)
    ).all()
    if not found:
        return None
    newest, before = found[0], found[-1]
    of = before if not newest.turned and before.students > newest.students else newest
    next_start = of.starts_on.year + 1
    kept = session.scalar(
        select(RolloverDraft.wishes).where(RolloverDraft.school_id == school_id, RolloverDraft.start == next_start)
    )
    return Turn(YearRow(of.id, of.starts_on, of.ends_on), date(next_start, *OPENS), kept)


def wishes(session: Session, school_id: int, of: Turn) -> Wishes:
    """What was decided so far; what was said of students who are in no class of the year any more is left out."""
    kept = of.kept
    if kept is None:
        return Wishes(of.start)
    placed = {int(id_): name for id_, name in kept["placed"].items()}
    named = {*kept["repeaters"], *kept["leavers"], *placed}
    there = named and set(
        session.scalars(
            select(Student.id)
            .join(SchoolClass, SchoolClass.id == Student.class_id)
            .where(
                Student.school_id == school_id,
                SchoolClass.school_year_id == of.from_year.id,
                among(Student.__table__.c.id, "students"),
            ),
            {"students": sorted(named)},
        )
    )
    return Wishes(
        of.start,
        repeaters=frozenset(kept["repeaters"]) & there,
        leavers=frozenset(kept["leavers"]) & there,
        placed={id_: name for id_, name in placed.items() if id_ in there},
        finishing=frozenset(kept["finishing"]),
        farewell_on=date.fromisoformat(kept["farewell_on"]) if kept["farewell_on"] else None,
    )


def decide(session: Session, school_id: int, decisions: Mapping[int, str], *, by: int, now: datetime) -> None:
    """Say of students what becomes of them: STAYS (with their class), REPEATS, LEAVES, or the name of a class.

    Raises InputError for what is no class; whose students they are is checked by the plan.
    """
    before = _begin(session, school_id, by)
    names = {id_: "{}{}".format(*cells.class_name(what)) for id_, what in decisions.items() if what not in _FATES}
    rest = {id_: name for id_, name in before.placed.items() if id_ not in decisions}
    after = replace(
        before,
        repeaters=_with(before.repeaters, decisions, REPEATS),
        leavers=_with(before.leavers, decisions, LEAVES),
        placed=rest | names,
    )
    _keep(session, school_id, after, now)


def settle(
    session: Session,
    school_id: int,
    *,
    finishing: Collection[int],
    farewell_on: date | None,
    by: int,
    now: datetime,
) -> None:
    """After which levels students leave this school, and the last day of who leaves. Raises InputError."""
    if not set(finishing) <= set(range(1, 13)):
        raise InputError("Levels are 1 to 12: check what you chose.")
    before = _begin(session, school_id, by)
    _keep(session, school_id, replace(before, finishing=frozenset(finishing), farewell_on=farewell_on), now)


_FATES = (STAYS, REPEATS, LEAVES)


def _with(before: frozenset[int], decisions: Mapping[int, str], what: str) -> frozenset[int]:
    return (before - decisions.keys()) | {id_ for id_, decided in decisions.items() if decided == what}


def _begin(session: Session, school_id: int, by: int) -> Wishes:
    """Two who decide about two classes at once: the second waits, and keeps what the first said."""
    check_leads(session, school_id, by)
    session.execute(select(School.id).where(School.id == school_id).with_for_update(key_share=True))
    of = turn(session, school_id)
    if of is None:
        raise InputError("There is nobody in a class: upload the lists first.")
    return wishes(session, school_id, of)


def _keep(session: Session, school_id: int, now_wished: Wishes, now: datetime) -> None:
    row = session.get(RolloverDraft, school_id) or RolloverDraft(school_id=school_id)
    row.start, row.changed_at = now_wished.start, now
    row.wishes = {
        "repeaters": sorted(now_wished.repeaters),
        "leavers": sorted(now_wished.leavers),
        "placed": {str(id_): name for id_, name in sorted(now_wished.placed.items())},
        "finishing": sorted(now_wished.finishing),
        "farewell_on": str(now_wished.farewell_on) if now_wished.farewell_on else None,
    }
    session.add(row)
    session.flush()
