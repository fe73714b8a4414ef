"""What parents told the class teacher by telephone. Nobody else hears it, the school's leaders neither."""

from flask import Response, current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from admin_web.actions import done
from admin_web.audience import Audience, open_to
from admin_web.database import reading, writing
from admin_web.own_class.views import own_class_pages
from admin_web.people import me, moment, my_school
from admin_web.translations import _
from db.kinds import PassPurpose
from errors import MissingError
from school.recordings import passes
from school.security.phones import masked
from school.setup.telling import telling_settings
from school.voicemail import hearing
from settings import Settings


@own_class_pages.get("/messages")
@open_to(Audience.CLASS_TEACHER)
def messages() -> ResponseReturnValue:
    """The messages to the class teacher, newest first."""
    return _page()


@own_class_pages.get("/messages/<int:message_id>.wav")
@open_to(Audience.CLASS_TEACHER)
def message_sound(message_id: int) -> ResponseReturnValue:
    """A message's sound; whoever asks for it has heard it: the parent is told so by telephone."""
    with reading() as session:
        sound = hearing.sound(session, me().staff_id, message_id)
    with writing() as session:
        hearing.heard(session, me().staff_id, message_id, moment())
    return Response(sound, content_type="audio/wav", headers={"Accept-Ranges": "none"})


@own_class_pages.post("/messages/<int:message_id>/answered")
@open_to(Audience.CLASS_TEACHER)
def message_answered(message_id: int) -> ResponseReturnValue:
    """The teacher has answered, in whatever way."""
    done(
        lambda session: hearing.answered(session, me().staff_id, message_id, moment()),
        _("Отбелязано е. Родителят го чува по телефона."),
    )
    return redirect(url_for("own_class.messages"))


@own_class_pages.post("/messages/code")
@open_to(Audience.CLASS_TEACHER)
def message_code() -> ResponseReturnValue:
    """A code for hearing the messages by telephone; it is shown once."""
    if not _telephone():
        raise MissingError("There is no number for staff.")
    with writing() as session:
        hearing.check_may_hear(session, me().staff_id)
        code = passes.issue(session, my_school(), by=me().staff_id, now=moment(), purpose=PassPurpose.MESSAGES)
    return _page(code)


def _page(code: str | None = None) -> ResponseReturnValue:
    with reading() as session:
        found = hearing.listed(session, me().staff_id)
        days = telling_settings(session, my_school()).voice_message_days
    return render_template(
        "own_class/messages.html",
        found=found,
        days=days,
        masked=masked,
        telephone=_telephone(),
        code=code,
        hours=passes.LASTS.seconds // 3600,
    )


def _telephone() -> str:
    config: Settings = current_app.config["ESCHOOL"]
    return config.recording_number
