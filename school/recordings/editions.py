"""Which recordings callers hear. An edition is all recordings of a moment; it is put into use, and out, as a whole.

Hosts follow by themselves: each renders what is new first, and then takes the whole edition at once (agi.clip_store).
Recordings have names of their own by their content, so that a call in progress goes on with what it began with.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from db.models import Recording, VoiceEdition, VoiceEditionRecording, VoiceInUse
from db.upsert import insert as insert_or
from errors import InputError, MissingError
from school import audit
from school.staff.leaders import check_operates

KEPT = 5
"""Editions that can be gone back to."""


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition with the number of its recordings."""

    edition_id: int
    made_at: datetime
    recordings: int


def publish(session: Session, *, by: int | None, now: datetime) -> int:
    """Make an edition of all that is recorded now and put it into use; gives its id. `by` None: the command line.

    Raises ForbiddenError unless `by` operates the platform, InputError when nothing is recorded.
    """
    if by is not None:
        check_operates(session, by)
    kept = session.scalars(select(Recording.id).where(Recording.replaced_at.is_(None))).all()
    if not kept:
        raise InputError("Nothing is recorded yet: record some lines first.")
    number = _made(session, kept, by, now)
    assert number is not None
    use(session, number, by=by, now=now)
    _forget_old(session, number)
    return number


def use(session: Session, edition_id: int | None, *, by: int | None, now: datetime) -> None:
    """Callers hear this edition from now on; None: the engine says everything. Raises ForbiddenError, MissingError."""
    if by is not None:
        check_operates(session, by)
    if edition_id is not None and session.get(VoiceEdition, edition_id) is None:
        raise MissingError("There is no such edition of the voice.")
    statement = insert_or(session.get_bind().dialect.name, VoiceInUse)
    values = {"edition_id": edition_id, "since": now}
    session.execute(statement.values(id=1, **values).on_conflict_do_update(index_elements=[VoiceInUse.id], set_=values))
    audit.write(session, "voice.switched", "voice_edition", edition_id or 0, now, school_id=None, by=by)


def in_use(session: Session) -> int | None:
    """The edition that callers are to hear; None: none."""
    return session.scalar(select(VoiceInUse.edition_id))


def editions(session: Session) -> tuple[Edition, ...]:
    """Those that can be used, newest first."""
    rows = session.execute(
        select(VoiceEdition.id, VoiceEdition.made_at, func.count(VoiceEditionRecording.recording_id))
        .outerjoin(VoiceEditionRecording, VoiceEditionRecording.edition_id == VoiceEdition.id)
        .group_by(VoiceEdition.id, VoiceEdition.made_at)
        .order_by(VoiceEdition.id.desc())
    )
    return tuple(Edition(*row) for row in rows)


@dataclass(frozen=True, slots=True)
class Content:
    """A recording of an edition: the line's name and text, and the digest of the sound."""

    name: str
    text: str
    digest: str


def contents(session: Session, edition_id: int) -> tuple[Content, ...]:
    """An edition's recordings; of two schools' recordings of one text the newer comes last."""
    rows = session.execute(
        select(Recording.name, Recording.text, Recording.digest)
        .join(VoiceEditionRecording, VoiceEditionRecording.recording_id == Recording.id)
        .where(VoiceEditionRecording.edition_id == edition_id)
        .order_by(Recording.id)
    )
    return tuple(Content(*row) for row in rows)


def sounds_of(session: Session, digests: Collection[str]) -> Mapping[str, bytes]:
    """Digest -> WAV file of recordings."""
    rows = session.execute(select(Recording.digest, Recording.sound).where(Recording.digest.in_(digests)))
    return {row.digest: row.sound for row in rows}


def known(session: Session, digests: Collection[str]) -> frozenset[str]:
    """Which of these recordings are still there, in an edition or not."""
    return frozenset(session.scalars(select(Recording.digest).where(Recording.digest.in_(digests)).distinct()))


def forget_voice_of(session: Session, staff_id: int, now: datetime) -> None:
    """Delete all that a person recorded. If callers hear some of it, they hear the rest of the edition from then on.

    The rest is an edition of its own, for hosts follow by the number; what was recorded since does not come along.
    """
    theirs = select(Recording.id).where(Recording.recorded_by == staff_id)
    number = in_use(session)
    heard = set(
        session.scalars(select(VoiceEditionRecording.recording_id).where(VoiceEditionRecording.edition_id == number))
    )
    session.execute(delete(VoiceEditionRecording).where(VoiceEditionRecording.recording_id.in_(theirs)))
    gone = set(session.scalars(delete(Recording).where(Recording.recorded_by == staff_id).returning(Recording.id)))
    if heard & gone:
        use(session, _made(session, heard - gone, None, now), by=None, now=now)


def _made(session: Session, recordings: Collection[int], by: int | None, now: datetime) -> int | None:
    """The number of a new edition of these recordings; None: of none there is no edition."""
    if not recordings:
        return None
    number = session.scalars(insert(VoiceEdition).values(made_at=now, made_by=by).returning(VoiceEdition.id)).one()
    session.execute(insert(VoiceEditionRecording), [{"edition_id": number, "recording_id": one} for one in recordings])
    return number


def _forget_old(session: Session, newest: int) -> None:
    """Delete editions nobody will go back to, and the recordings that only they had."""
    kept = session.scalars(select(VoiceEdition.id).order_by(VoiceEdition.id.desc()).limit(KEPT)).all()
    used = session.scalar(select(VoiceInUse.edition_id))
    session.execute(delete(VoiceEdition).where(VoiceEdition.id.not_in({*kept, newest, used or newest})))
    still = select(VoiceEditionRecording.recording_id)
    session.execute(delete(Recording).where(Recording.replaced_at.is_not(None), Recording.id.not_in(still)))
