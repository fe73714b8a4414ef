"""„Чуйте как ще прозвучи“: what is written in a form, as the telephone will say it, before it is saved."""

import base64
from collections.abc import Callable, Sequence
from datetime import datetime

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

import logs
from admin_web.audience import STAFF, open_to
from admin_web.campaigns.sound import written
from admin_web.hardening import POLICY, content_policy, limiter
from admin_web.people import moment
from admin_web.translations import _
from errors import OperationError
from prompts.entered import entered
from prompts.preview import BusyError, EmptyError, TooLongError, preview
from prompts.speech import Sentence, clock, on_day, phrase
from school.years import calendar

log = logs.get(__name__)

listening_pages = Blueprint("listening", __name__, url_prefix="/listen")

PAUSE = phrase("pause")
SOUND_POLICY = POLICY.replace("media-src 'self'", "media-src 'self' data:")
"""The sound is in the page itself, for it is kept nowhere else."""


def _asker() -> str:
    return f"person {current_user.get_id()}" if current_user.is_authenticated else "nobody"


@listening_pages.post("/")
@open_to(*STAFF)
@limiter.limit("12 per minute", key_func=_asker)
@content_policy(SOUND_POLICY)
def heard() -> ResponseReturnValue:
    """A page with the sound, its length and the words that are read."""
    try:
        speech = SPEECH.get(request.form.get("hear", ""), _texts)()
        found = preview(current_app.config["ESCHOOL"], speech)
    except EmptyError:
        return _trouble(400, _("Няма какво да се каже: първо напишете текста."))
    except TooLongError:
        return _trouble(400, _("Текстът е твърде дълъг, за да се чуе наведнъж. Скъсете го."))
    except BusyError:
        return _trouble(503, _("Гласът в момента е зает. Опитайте отново след малко или с по-кратък текст."))
    except OperationError as error:
        log.error("preview.failed", error=logs.where(error))
        return _trouble(503, _("Гласът в момента не работи. Опитайте отново по-късно."))
    return render_template(
        "listening.html",
        sound=base64.b64encode(found.mp3).decode(),
        seconds=max(1, round(found.seconds)),
        words=written(found.words),
    )


def _trouble(status: int, words: str) -> ResponseReturnValue:
    return render_template("listening.html", trouble=words), status


def _field(name: str) -> str:
    return " ".join(request.form.get(name, "").split())


def _event() -> Sequence[Sentence]:
    """As a caller hears a meeting: title, when, where, the text."""
    speech = [entered(_field("title")) + PAUSE]
    try:
        starts_at = datetime.fromisoformat(f"{_field('on')}T{_field('at')}")
    except ValueError:
        starts_at = None  # not filled in yet
    if starts_at is not None:
        today = calendar.today(moment())
        speech.append(on_day(starts_at.date(), today) + phrase("at") + clock(starts_at.time()) + PAUSE)
    if _field("place"):
        speech.append(phrase("place") + entered(_field("place")) + PAUSE)
    return [*speech, entered(_field("text")) + PAUSE]


def _texts() -> Sequence[Sentence]:
    """A title and a text, whichever the form has."""
    return [entered(_field(name)) + PAUSE for name in ("title", "text") if _field(name)]


def _remarks() -> Sequence[Sentence]:
    """All remarks and praises of a lesson's sheet, in its order."""
    names = [name for name in request.form if name[:1] in "rp" and name[1:].isdecimal()]
    return [entered(_field(name)) + PAUSE for name in names if _field(name)]


def _phrases() -> Sequence[Sentence]:
    lines = [line for name in ("censure", "praise") for line in request.form.get(name, "").splitlines()]
    return [entered(line) + PAUSE for line in lines if line.strip()]


SPEECH: dict[str, Callable[[], Sequence[Sentence]]] = {
    "event": _event,
    "texts": _texts,
    "remarks": _remarks,
    "phrases": _phrases,
}
"""What the forms' buttons ask for -> what is said of the form's fields."""
