"""The call that is measured, worked out from the dialogue itself: which clips are heard, and for how long."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import delete, select

from agi.dialogue.inbound import inbound
from agi.dialogue.steps import Play, Pressed, Query, Silent, Tell
from agi.dialogue.walk import advance, start
from agi.query_service import QueryService
from db.migrate import upgrade
from db.models import Grade
from db.session import Database
from demonstration import describe, load
from prompts.clips import Clips
from prompts.render import render
from prompts.speech import inventory
from school.hearing import access, spoken
from school.security.phones import e164
from settings import Settings

KEY_AT = 1.12
"""Seconds after the answer at which key 1, begun after one second, is over and cuts the greeting short."""

GRADES = 1
"""Grades in the list: a call of about 20 s, so that 40 calls a second are some 900 at once."""


@dataclass(frozen=True)
class Script:
    """What a call says after the key. files: clips without extension; seconds: from the answer to the last word."""

    caller: str
    files: tuple[str, ...]
    seconds_after_key: float

    @property
    def seconds(self) -> float:
        """The whole call's ideal length."""
        return KEY_AT + self.seconds_after_key


def prepare_school(settings: Settings) -> None:
    """The demonstration school with its clips; the measured student keeps few grades."""
    settings.prepare_home()
    upgrade(settings)
    database = Database(settings.database, settings.key())
    now = datetime.now(UTC)
    with database.session() as session:
        load(session, now)
    caller = _caller(database)
    with database.session() as session:
        (child,) = access.recognise(session, caller)
        kept = (
            select(Grade.id)
            .where(Grade.student_id == child.student_id)
            .order_by(Grade.on_date.desc(), Grade.id.desc())
            .limit(GRADES)
        )
        session.execute(delete(Grade).where(Grade.student_id == child.student_id, Grade.id.not_in(kept)))
        texts = spoken.texts(session)
    database.dispose()
    render(settings, texts | inventory(), progress=True)


def script_of_call(settings: Settings) -> Script:
    """Walk the dialogue as the measured caller does."""
    database = Database(settings.database, settings.key())
    caller = _caller(database)
    answers = QueryService(database, caller)
    clips = Clips(settings)
    position = start(inbound(datetime.now(UTC)))
    files: list[Path] = []
    pressed = False
    while True:
        action = position.action()
        if isinstance(action, Query):
            position = advance(position, answers.answer(action.question)).position
        elif isinstance(position.step, Tell) or not pressed:
            pressed = pressed or not isinstance(position.step, Tell)
            position = advance(position, Pressed("1")).position
        else:
            assert isinstance(action, Play)
            files += [clips.path_of(piece) for sentence in action.speech for piece in sentence]
            if action.wait:
                break
            position = advance(position, Silent()).position
    database.dispose()
    seconds = sum(file.stat().st_size for file in files) / 8000
    return Script("0" + caller.removeprefix("+359"), tuple(str(file.with_suffix("")) for file in files), seconds)


def _caller(database: Database) -> str:
    """The first demonstration parent: a number that follows one child."""
    with database.reading() as session:
        described = describe(session)
    number = e164(next(s["phone"] for student in described["students"] for s in student["subscriptions"]))
    assert number is not None
    return number
