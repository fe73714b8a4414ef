"""The blueprint of the voice's pages, and what they have in common."""

from flask import Blueprint, Response, current_app, request

from admin_web.audience import LEADERS
from admin_web.people import me
from db.kinds import Role
from errors import InputError
from prompts.clips import Clips
from prompts.edition import Edition
from settings import Settings

voice_pages = Blueprint("voice", __name__, url_prefix="/voice")

RECORDERS = (Role.PLATFORM_OPERATOR, *LEADERS)


def owner() -> int | None:
    """Whose voice: the school's of who asks, or the platform's (None)."""
    return me().school_id


def config() -> Settings:
    """The settings of this process."""
    found: Settings = current_app.config["ESCHOOL"]
    return found


def synthetic() -> Clips:
    """The clips as the engine says them, whatever is recorded; those that are on this machine."""
    return Clips(config(), Edition())


def uploaded() -> bytes:
    """The file of a form. Raises InputError when none was chosen."""
    upload = request.files.get("file")
    content = upload.read() if upload else b""
    if not content:
        raise InputError("No file was chosen, or it is empty: choose a sound file.")
    return content


def wav(content: bytes) -> Response:
    """A sound for the browser's player."""
    return Response(content, content_type="audio/wav", headers={"Accept-Ranges": "none"})
