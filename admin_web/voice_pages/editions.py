"""What callers hear: all that is recorded is put into use, an earlier edition again, or the engine says everything."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from admin_web.actions import done
from admin_web.audience import open_to
from admin_web.numbers import row_id
from admin_web.people import me, moment
from admin_web.translations import _
from admin_web.voice_pages.blueprint import voice_pages
from db.kinds import Role
from school.recordings import editions


@voice_pages.post("/publish")
@open_to(Role.PLATFORM_OPERATOR)
def publish() -> ResponseReturnValue:
    """All that is recorded now, by all schools too, becomes an edition that callers hear."""
    done(
        lambda session: editions.publish(session, by=me().staff_id, now=moment()),
        _("Изданието е пуснато. Всеки сървър го подготвя и започва да го използва до няколко минути."),
    )
    return redirect(url_for("voice.overview"))


@voice_pages.post("/use")
@open_to(Role.PLATFORM_OPERATOR)
def use() -> ResponseReturnValue:
    """An earlier edition; no number: none."""
    asked = request.form.get("edition", "")
    try:
        edition_id = row_id(asked) if asked else None
    except ValueError:
        flash(_("Няма такова издание."), "error")
        return redirect(url_for("voice.overview"))
    done(
        lambda session: editions.use(session, edition_id, by=me().staff_id, now=moment()),
        _("Гласът е сменен. Започнатите разговори завършват с предишния."),
    )
    return redirect(url_for("voice.overview"))
