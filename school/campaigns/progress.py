"""The progress of a campaign: counts by result, family by family, as a report, and the answers for a meeting."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session, aliased

from db.kinds import CallResult, CampaignKind, CampaignState, Channel, FamilyState, MeetingAnswer
from db.models import (
    CallAttempt,
    Campaign,
    CampaignChild,
    CampaignFamily,
    CampaignTelephone,
    School,
    SchoolClass,
    SchoolEvent,
    Staff,
    Student,
)
from errors import MissingError
from runtime.localtime import SOFIA
from school.campaigns.states import UNDER_WAY
from school.reports import Column, ColumnKind, Report
from school.reports import Row as ReportRow
from school.staff import authority
from school.staff.authority import Author
from school.wording.translation import Words

RING_SECONDS = 12.0
"""How long a telephone rings on average before somebody takes the call."""
PART_HEARD = 0.7
"""Of the message on average: who has understood presses a key."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A campaign as it stands. `audience`: „8а“, „8. клас“, or None: the whole school."""

    id: int
    kind: CampaignKind
    title: str
    text: str
    event_id: int | None
    meets_at: datetime | None
    class_id: int | None
    level: int | None
    audience: str | None
    state: CampaignState
    by: str
    created_at: datetime
    starts_at: datetime | None
    ends_at: datetime
    attempts: int
    sms_fallback: bool
    from_hour: int
    until_hour: int
    weekdays: str
    states: Mapping[FamilyState, int]
    answers: Mapping[MeetingAnswer, int]
    written_to: int
    """Families that got the SMS."""
    apology_id: int | None
    """The campaign that apologises for this one."""
    apologises_for: int | None
    """The campaign that this one apologises for."""

    @property
    def families(self) -> int:
        """All of them."""
        return sum(self.states.values())

    @property
    def done(self) -> int:
        """Those that are not called any more."""
        return self.families - sum(self.states.get(state, 0) for state in UNDER_WAY)

    @property
    def percent(self) -> int:
        """Of the families."""
        return 100 * self.done // self.families if self.families else 0

    @property
    def is_over(self) -> bool:
        """Whether nothing changes any more, but for answers that come late."""
        return self.state in (CampaignState.STOPPED, CampaignState.FINISHED)


@dataclass(frozen=True, slots=True)
class FamilyRow:
    """A family: its children, how far it is, and its last call."""

    id: int
    children: str
    state: FamilyState
    last_result: CallResult | None
    attempts: int
    answer: MeetingAnswer | None
    answered_by: Channel | None
    at: datetime | None
    """When it answered or came to its end; while it waits, when it is called next."""
    got_sms: bool


def listed(session: Session, by: int) -> tuple[Summary, ...]:
    """The school's campaigns, the newest first; a class teacher's are those of the own class."""
    author = authority.author(session, by)
    return _summaries(session, author, None)


def one(session: Session, by: int, campaign_id: int) -> Summary:
    """A campaign. Raises MissingError when it is not there or not for the reader."""
    found = _summaries(session, authority.author(session, by), campaign_id)
    if not found:
        raise MissingError("There is no such campaign.")
    return found[0]


def families(session: Session, campaign_id: int) -> tuple[FamilyRow, ...]:
    """Family by family, by class and name of the first child. To be asked after `one`. Three statements.

    Attempts are all calls that were dialled, also those that our own side failed and that count for nothing else.
    """
    of_campaign = CampaignFamily.campaign_id == campaign_id
    names: dict[int, list[str]] = defaultdict(list)
    for row in session.execute(
        select(CampaignChild.family_id, Student.first_name, Student.last_name, SchoolClass.level, SchoolClass.letter)
        .join(CampaignFamily, CampaignFamily.id == CampaignChild.family_id)
        .join(Student, Student.id == CampaignChild.student_id)
        .join(SchoolClass, SchoolClass.id == Student.class_id)
        .where(of_campaign)
        .order_by(SchoolClass.level, SchoolClass.letter, Student.number_in_class, Student.first_name)
    ):
        names[row.family_id].append(f"{row.first_name} {row.last_name}, {row.level}{row.letter}")
    dialled = (
        select(CallAttempt.family_id, func.count().label("times"))
        .join(CampaignFamily, CampaignFamily.id == CallAttempt.family_id)
        .where(of_campaign)
        .group_by(CallAttempt.family_id)
        .subquery()
    )
    last: dict[int, CallResult | None] = {}
    for telephone in session.execute(
        select(CampaignTelephone.family_id, CampaignTelephone.last_result)
        .join(CampaignFamily, CampaignFamily.id == CampaignTelephone.family_id)
        .where(of_campaign)
        .order_by(CampaignTelephone.family_id, CampaignTelephone.position)
    ):
        last[telephone.family_id] = telephone.last_result or last.get(telephone.family_id)
    rows = {
        family.id: FamilyRow(
            id=family.id,
            children="; ".join(names[family.id]),
            state=family.state,
            last_result=last.get(family.id),
            attempts=times or 0,
            answer=family.answer,
            answered_by=family.answered_by,
            at=family.answered_at or family.ended_at or family.due_at,
            got_sms=family.message_id is not None,
        )
        for family, times in session.execute(
            select(CampaignFamily, dialled.c.times)
            .outerjoin(dialled, dialled.c.family_id == CampaignFamily.id)
            .where(of_campaign)
        )
    }
    return tuple(rows[family_id] for family_id in names if family_id in rows)


def answers_to(session: Session, by: int, event_id: int) -> tuple[tuple[Summary, tuple[FamilyRow, ...]], ...]:
    """The campaigns for a meeting, the newest first, each with its families.

    Raises MissingError when the author's school has no such meeting.
    """
    author = authority.author(session, by)
    meeting = select(SchoolEvent.id).where(SchoolEvent.id == event_id, SchoolEvent.school_id == author.school_id)
    if session.scalar(meeting) is None:
        raise MissingError("There is no such {what} in this school.", what="meeting")
    found = [one for one in _summaries(session, author, None) if one.event_id == event_id]
    return tuple((summary, families(session, summary.id)) for summary in found if summary.families)


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting or event ahead to which parents can be invited by telephone."""

    event_id: int
    title: str
    starts_at: datetime
    audience: str | None


def meetings_ahead(session: Session, by: int, now: datetime) -> tuple[Meeting, ...]:
    """Those that the author may call for, the soonest first."""
    author = authority.author(session, by)
    rows = session.execute(
        select(
            SchoolEvent.id,
            SchoolEvent.title,
            SchoolEvent.starts_at,
            SchoolEvent.level.label("event_level"),
            SchoolClass.level,
            SchoolClass.letter,
            SchoolClass.class_teacher_id,
        )
        .join(SchoolClass, SchoolClass.id == SchoolEvent.class_id, isouter=True)
        .where(SchoolEvent.school_id == author.school_id, SchoolEvent.starts_at > now)
        .order_by(SchoolEvent.starts_at)
    )
    return tuple(
        Meeting(row.id, row.title, row.starts_at, _audience(row.level, row.letter, row.event_level))
        for row in rows
        if author.leads or row.class_teacher_id == author.staff_id
    )


def expected_duration(families: int, seconds_of_message: float, rate: float, most_at_once: int) -> timedelta:
    """How long the first round takes: every family once. Later rounds depend on who does not take the call."""
    a_call = RING_SECONDS + PART_HEARD * seconds_of_message
    return timedelta(seconds=max(families / rate, families * a_call / most_at_once, a_call if families else 0.0))


def report(session: Session, by: int, campaign_id: int, word: Callable[[Any], str]) -> Report:
    """A campaign family by family, for a file. `word`: what a state, result or answer is called."""
    summary = one(session, by, campaign_id)
    school = session.scalars(
        select(School.name).join(Campaign, Campaign.school_id == School.id).where(Campaign.id == campaign_id)
    ).one()
    rows = families(session, campaign_id)
    filters = [("Кого", summary.audience or Words("Цялото училище"))]
    if summary.starts_at:
        filters.append(("Начало", f"{summary.starts_at.astimezone(SOFIA):%d.%m.%Y, %H:%M}"))
    filters += [(word(state), str(number)) for state, number in summary.states.items() if number]
    filters += [(word(answer), str(number)) for answer, number in summary.answers.items() if number]
    return Report(
        id="campaign",
        title=Words("Обаждания: {title}", title=summary.title),
        school=school,
        filters=tuple(filters),
        columns=(
            Column("children", "Деца"),
            Column("result", "Резултат"),
            Column("last_call", "Последно обаждане"),
            Column("attempts", "Опити", ColumnKind.NUMBER),
            Column("answer", "Отговор"),
            Column("answered_by", "Отговорили"),
            Column("sms", "SMS"),
            Column("at", "Кога"),
        ),
        rows=tuple(
            ReportRow(
                (
                    row.children,
                    word(row.state),
                    word(row.last_result) if row.last_result else "",
                    row.attempts,
                    word(row.answer) if row.answer else "",
                    word(row.answered_by) if row.answered_by else "",
                    Words("да") if row.got_sms else "",
                    f"{row.at.astimezone(SOFIA):%d.%m.%Y, %H:%M}" if row.at else "",
                )
            )
            for row in rows
        ),
    )


def _summaries(session: Session, author: Author, campaign_id: int | None) -> tuple[Summary, ...]:
    apology = aliased(Campaign)
    wanted = (
        select(
            Campaign,
            SchoolEvent.starts_at.label("meets_at"),
            SchoolClass.level.label("class_level"),
            SchoolClass.letter,
            SchoolClass.class_teacher_id,
            Staff.first_name,
            Staff.last_name,
            apology.id.label("apology_id"),
        )
        .join(Staff, Staff.id == Campaign.staff_id)
        .outerjoin(apology, apology.apology_for_id == Campaign.id)
        .join(SchoolEvent, SchoolEvent.id == Campaign.event_id, isouter=True)
        .join(SchoolClass, SchoolClass.id == Campaign.class_id, isouter=True)
        .where(Campaign.school_id == author.school_id)
        .order_by(Campaign.created_at.desc(), Campaign.id.desc())
    )
    if campaign_id is not None:
        wanted = wanted.where(Campaign.id == campaign_id)
    if not author.leads:
        wanted = wanted.where(SchoolClass.class_teacher_id == author.staff_id)
    rows = session.execute(wanted).all()
    ids = [row.Campaign.id for row in rows]
    states: dict[int, dict[FamilyState, int]] = defaultdict(dict)
    answers: dict[int, dict[MeetingAnswer, int]] = defaultdict(dict)
    written: dict[int, int] = defaultdict(int)
    for count in session.execute(
        select(
            CampaignFamily.campaign_id,
            CampaignFamily.state,
            CampaignFamily.answer,
            func.count().label("number"),
            func.count(CampaignFamily.message_id).label("written"),
        )
        .where(CampaignFamily.campaign_id.in_(ids))
        .group_by(CampaignFamily.campaign_id, CampaignFamily.state, CampaignFamily.answer)
    ):
        of_states, of_answers = states[count.campaign_id], answers[count.campaign_id]
        of_states[count.state] = of_states.get(count.state, 0) + count.number
        if count.answer is not None:
            of_answers[count.answer] = of_answers.get(count.answer, 0) + count.number
        written[count.campaign_id] += count.written
    return tuple(
        _summary(row, states[row.Campaign.id], answers[row.Campaign.id], written[row.Campaign.id]) for row in rows
    )


def _summary(
    row: Row[*tuple[Any, ...]],
    states: Mapping[FamilyState, int],
    answers: Mapping[MeetingAnswer, int],
    written: int,
) -> Summary:
    campaign: Campaign = row.Campaign
    return Summary(
        id=campaign.id,
        kind=campaign.kind,
        title=campaign.title,
        text=campaign.text,
        event_id=campaign.event_id,
        meets_at=row.meets_at,
        class_id=campaign.class_id,
        level=campaign.level,
        audience=_audience(row.class_level, row.letter, campaign.level),
        state=campaign.state,
        by=f"{row.first_name} {row.last_name}",
        created_at=campaign.created_at,
        starts_at=campaign.starts_at,
        ends_at=campaign.ends_at,
        attempts=campaign.attempts,
        sms_fallback=campaign.sms_fallback,
        from_hour=campaign.from_hour,
        until_hour=campaign.until_hour,
        weekdays=campaign.weekdays,
        states={state: states.get(state, 0) for state in FamilyState},
        answers={answer: answers.get(answer, 0) for answer in MeetingAnswer},
        written_to=written,
        apology_id=row.apology_id,
        apologises_for=campaign.apology_for_id,
    )


def _audience(class_level: int | None, letter: str | None, level: int | None) -> str | None:
    if class_level is not None:
        return f"{class_level}{letter}"
    return Words("{level}. клас", level=level) if level is not None else None
