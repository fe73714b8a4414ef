"""The message of a campaign: read together with its meeting as it is now, spoken, and written for an SMS."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.kinds import CampaignKind, Channel, SchoolEventKind
from db.models import Campaign, School, SchoolEvent
from errors import MissingError
from prompts.entered import about, entered
from prompts.speech import Sentence, clock, digits, of_class, on_day, phrase
from runtime.localtime import SOFIA
from school.wording import lines
from school.wording.translation import SOURCE, gettext

PAUSE = phrase("pause")
LONGEST_OWN_WORDS = 320
"""UTF-16 units of a campaign's own words in an SMS: five parts."""
_SAID_ALREADY = re.compile(r"^[\s„“”\"]*родителска\s+среща\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class InvitedEvent:
    """The meeting or event that parents are invited to; `starts_at` aware."""

    kind: SchoolEventKind
    title: str
    place: str
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Invitation:
    """What is told, the same to every family. `school_event` None: an announcement."""

    school: str
    title: str
    text: str
    school_event: InvitedEvent | None

    @property
    def asks(self) -> bool:
        """Whether parents are asked if they come."""
        return self.school_event is not None


@dataclass(frozen=True, slots=True)
class CalledFor:
    """A child as it is told of: given name and class („8а“)."""

    given_name: str
    class_name: str


def read(session: Session, campaign_id: int) -> Invitation:
    """A campaign's invitation. Raises MissingError when there is no such campaign."""
    row = session.execute(
        select(
            School.name,
            Campaign.kind,
            Campaign.title,
            Campaign.text,
            SchoolEvent.kind.label("event_kind"),
            SchoolEvent.title.label("event_title"),
            SchoolEvent.place,
            SchoolEvent.starts_at,
        )
        .join(School, School.id == Campaign.school_id)
        .join(SchoolEvent, SchoolEvent.id == Campaign.event_id, isouter=True)
        .where(Campaign.id == campaign_id)
    ).one_or_none()
    if row is None:
        raise MissingError("There is no such campaign.")
    school_event = None
    if row.kind is CampaignKind.MEETING and row.event_kind is not None:
        school_event = InvitedEvent(row.event_kind, row.event_title, row.place, row.starts_at)
    return Invitation(row.name, row.title, row.text, school_event)


def hello(invitation: Invitation) -> tuple[Sentence, ...]:
    """Who calls: the first words, whoever or whatever took the call."""
    return (phrase("calling") + entered(invitation.school) + PAUSE,)


def offer(invitation: Invitation) -> tuple[Sentence, ...]:
    """What there is, and the key that plays it."""
    return (phrase("invitation-offer" if invitation.asks else "announcement-offer"),)


def message(invitation: Invitation, children: Sequence[CalledFor], today: date) -> tuple[Sentence, ...]:
    """What a person is told: for which children, then a meeting's title, day, hour and place, then the own words."""
    said = [about(child.given_name) + of_class(child.class_name) + PAUSE for child in children]
    said += _occasion(invitation, today)
    if invitation.text:
        said.append(entered(invitation.text) + PAUSE)
    return tuple(said)


def _occasion(invitation: Invitation, today: date) -> list[Sentence]:
    school_event = invitation.school_event
    if school_event is None:
        return [phrase("announcement"), entered(invitation.title) + PAUSE]
    local = school_event.starts_at.astimezone(SOFIA)
    said = [phrase(f"{school_event.kind}-invitation")]
    if title := _beyond_the_kind(school_event.kind, school_event.title):
        said.append(entered(title) + PAUSE)
    said.append(on_day(local.date(), today) + phrase("at") + clock(local.time()) + PAUSE)
    if school_event.place:
        said.append(phrase("place") + entered(school_event.place) + PAUSE)
    return said


def _beyond_the_kind(kind: SchoolEventKind, title: str) -> str:
    """The part of a title that „Каним Ви на родителска среща“ has not said already; all of an event's."""
    if kind is not SchoolEventKind.MEETING:
        return title
    return _SAID_ALREADY.sub("", title).strip(' .,:;–—-„“”"')


def choices(invitation: Invitation) -> tuple[Sentence, ...]:
    """Which keys answer it."""
    return (phrase("invitation-choices" if invitation.asks else "announcement-choices"),)


def short_version(invitation: Invitation, today: date, short_code: str) -> tuple[Sentence, ...]:
    """What an answering machine is left, once: nothing about a child, and nothing of the school's own words."""
    said = (*hello(invitation), *_occasion(invitation, today))
    if invitation.asks:
        said += (phrase("answer-by-sms") + digits(short_code) + PAUSE,)
    return (*said, phrase("outbound-goodbye"))


def spoken_texts(session: Session) -> set[str]:
    """Every text that campaigns not yet over may say, as pieces to render."""
    from school.campaigns.states import OPEN

    rows = session.execute(
        select(Campaign.title, Campaign.text, School.name, SchoolEvent.kind, SchoolEvent.title.label("event_title"))
        .join(School, School.id == Campaign.school_id)
        .join(SchoolEvent, SchoolEvent.id == Campaign.event_id, isouter=True)
        .where(Campaign.state.in_(OPEN))
    ).all()
    texts = {text for row in rows for text in (row.title, row.text, row.name)}
    texts |= {_beyond_the_kind(row.kind, row.event_title) for row in rows if row.event_title}
    return {piece for text in texts for piece in entered(text)}


def sms(invitation: Invitation, children: Sequence[CalledFor]) -> str:
    """The text for a family that was not reached by telephone."""
    about = ", ".join(f"{lines.called(child.given_name)} ({child.class_name})" for child in children)
    school_event = invitation.school_event
    if school_event is None:
        told = ". ".join(part.strip().rstrip(".") for part in (invitation.title, invitation.text) if part.strip())
        return f"{about}: {lines.cut(told, LONGEST_OWN_WORDS)}. {lines.cut(invitation.school, 60)}"
    line = lines.line(
        lines.SchoolEventDetails(school_event.kind, school_event.title, school_event.place, school_event.starts_at),
        language=SOURCE,
        channel=Channel.EMAIL,
    )
    if own_words := invitation.text.strip().rstrip("."):
        line += f". {lines.cut(own_words, LONGEST_OWN_WORDS)}"
    return gettext(
        SOURCE,
        "{children}: {meeting}. Ще дойдете ли? Отговорете на този SMS с ДА или НЕ.",
        children=about,
        meeting=line,
    )
