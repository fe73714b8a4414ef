"""A long recording: uploaded for a range of lines, taken apart, listened to, then kept as a whole or not at all."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_web.actions import done
from admin_web.audience import open_to
from admin_web.database import reading, writing
from admin_web.numbers import row_id
from admin_web.people import me, moment
from admin_web.translations import _, told
from admin_web.uploads import largest_upload
from admin_web.voice_pages.blueprint import RECORDERS, owner, uploaded, voice_pages, wav
from errors import ForbiddenError, InputError
from prompts.recording import takes
from school.recordings import keeping, lines, long_recordings

PAGE = 100
"""Pieces on one page."""
FORM_BYTES = 2**20
"""What comes with the file."""


@voice_pages.route("/long", methods=["GET", "POST"])
@open_to(*RECORDERS)
@largest_upload(takes.LARGEST_FILE + FORM_BYTES)
def long() -> ResponseReturnValue:
    """The form; and what was found in a recording that is handed in."""
    status = 200
    if request.method == "POST":
        try:
            _take_apart(request.form.get("first", 0, type=row_id), request.form.get("last", 0, type=row_id))
        except ForbiddenError:
            raise
        except InputError as error:
            flash(told(error), "error")
            status = 422
        else:
            return redirect(url_for("voice.found"))
    with reading() as session:
        count = len(lines.lines(session, owner()))
        after = lines.next_missing(session, owner())
    return render_template(
        "voice/long.html",
        count=count,
        first=request.form.get("first") or (after.number if after else 1),
        last=request.form.get("last") or "",
        largest=takes.LARGEST_FILE >> 20,
        minutes=takes.LONGEST_RECORDING_MS // 60_000,
        most=long_recordings.MOST_LINES,
    ), status


@voice_pages.get("/found")
@open_to(*RECORDERS)
def found() -> ResponseReturnValue:
    """The pieces, those first that need to be listened to."""
    with reading() as session:
        waiting = long_recordings.waiting(session, owner(), me().staff_id, moment())
    if not waiting:
        return redirect(url_for("voice.long"))
    pieces = sorted(waiting, key=lambda one: not one.doubtful)
    pages = -(-len(pieces) // PAGE)
    page = min(max(request.args.get("page", 1, type=row_id), 1), pages)
    return render_template(
        "voice/found.html",
        pieces=pieces[(page - 1) * PAGE : page * PAGE],
        doubtful=sum(one.doubtful for one in waiting),
        count=len(waiting),
        page=page,
        pages=pages,
    )


@voice_pages.get("/found/<int:number>.wav")
@open_to(*RECORDERS)
def found_sound(number: int) -> ResponseReturnValue:
    """One piece to listen to."""
    with reading() as session:
        return wav(long_recordings.sound(session, owner(), me().staff_id, number, moment()))


@voice_pages.post("/found/keep")
@open_to(*RECORDERS)
def keep() -> ResponseReturnValue:
    """Keep all pieces."""
    kept = done(
        lambda session: long_recordings.keep_all(session, owner(), by=me().staff_id, now=moment()),
        _("Всички редове са запазени. Чуват се по телефона, след като се пусне ново издание."),
    )
    return redirect(url_for("voice.overview" if kept else "voice.long"))


@voice_pages.post("/found/discard")
@open_to(*RECORDERS)
def discard() -> ResponseReturnValue:
    """Keep none."""
    done(lambda session: long_recordings.forget(session, me().staff_id), _("Записът е отхвърлен; нищо не е запазено."))
    return redirect(url_for("voice.long"))


def _take_apart(first: int, last: int) -> None:
    content = uploaded()
    with reading() as session:
        lines.check_may_record(session, owner(), me().staff_id)
        read = long_recordings.chosen(session, owner(), first, last)
    pieces = keeping.taken_apart(content, read)
    with writing() as session:
        long_recordings.keep_waiting(session, owner(), pieces, by=me().staff_id, now=moment())
