"""What a dialogue asks about parents' messages to class teachers; `agi.voicemail_answers` answers it."""

from dataclasses import dataclass
from datetime import datetime

from school.hearing.access import Child
from school.recordings.passes import Desk


@dataclass(frozen=True)
class NoRoom:
    """An answer: this machine's disk is full, so nothing is recorded."""


@dataclass(frozen=True)
class NothingHeard:
    """An answer: nothing can be heard in the recording, or it is not whole."""


@dataclass(frozen=True)
class OpenMessageDesk:
    """-> school.voicemail.keeping.Desk | NoRoom: whether a message to the class teacher is taken now."""

    child: Child


@dataclass(frozen=True)
class KeepMessage:
    """-> school.voicemail.keeping.Refusal | NoRoom | NothingHeard | None: kept."""

    child: Child
    path: str


@dataclass(frozen=True)
class Playable:
    """A parent's message as the telephone plays it: `file` without its extension."""

    message_id: int
    given_name: str
    class_name: str
    recorded_at: datetime
    file: str


@dataclass(frozen=True)
class NextMessage:
    """-> Playable | None: the oldest message beyond id `after` that nobody has heard."""

    desk: Desk
    after: int


@dataclass(frozen=True)
class MarkHeard:
    """-> bool: the message is still kept, and counts as heard from now on."""

    desk: Desk
    message_id: int


@dataclass(frozen=True)
class MarkAnswered:
    """-> None. The class teacher has answered, or is about to."""

    desk: Desk
    message_id: int
