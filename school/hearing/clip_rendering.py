"""Rendering clips of what people entered, by the clock: also where no voice process runs, before anyone calls."""

from datetime import datetime

from db.session import Database
from errors import OperationError
from prompts.clips import Clips
from prompts.render_apart import render_apart
from school.hearing import spoken
from settings import Settings


def render_missing(settings: Settings, database: Database, now: datetime) -> str:
    """Render what dialogues may say and has no clip on this host. Raises OperationError when the engine fails."""
    with database.reading() as session:
        texts = spoken.texts(session, now)
    clips = Clips(settings)
    missing = [text for text in texts if clips.find(text) is None]
    if not missing:
        return f"All {len(texts)} entered texts have their clips."
    rendered = render_apart(settings, missing)
    if rendered.failed:
        raise OperationError(f"{rendered.made} clips rendered, {len(rendered.failed)} could not be.")
    return f"{rendered.made} clips rendered."
