"""Which lines are recorded; a line to listen to, to record by a file, or to drop."""

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_web.actions import done
from admin_web.audience import open_to
from admin_web.database import reading, writing
from admin_web.numbers import row_id
from admin_web.people import me, moment
from admin_web.translations import _, told
from admin_web.voice_pages.blueprint import RECORDERS, config, owner, synthetic, uploaded, voice_pages, wav
from db.kinds import RecordingSource
from errors import ForbiddenError, InputError, MissingError
from prompts import sound
from prompts.recording import booklet, takes
from prompts.recording.script import phrases
from school.recordings import editions, keeping, long_recordings, passes
from school.recordings import lines as script

PAGE = 50
"""Lines on one page."""


@voice_pages.get("/")
@open_to(*RECORDERS)
def overview() -> ResponseReturnValue:
    """How far it is: the sections with what is recorded of each, and what can be done."""
    return _overview()


@voice_pages.post("/pass")
@open_to(*RECORDERS)
def issue() -> ResponseReturnValue:
    """A code for recording by telephone; it is shown once."""
    if not config().recording_number:
        raise MissingError("There is no number for recording by telephone.")
    with writing() as session:
        code = passes.issue(session, owner(), by=me().staff_id, now=moment())
    return _overview(code)


@voice_pages.get("/sections/<int:section>")
@open_to(*RECORDERS)
def lines(section: int) -> ResponseReturnValue:
    """The lines of one section, a page of them; `missing`: those only that are not recorded."""
    with reading() as session:
        sections = script.sections(session, owner())
    if not 1 <= section <= len(sections):
        raise MissingError("There is no such section.")
    chosen = sections[section - 1]
    only_missing = "missing" in request.args
    rows = [one for one in chosen.lines if not (only_missing and one.recorded)]
    page = min(max(request.args.get("page", 1, type=row_id), 1), max(1, -(-len(rows) // PAGE)))
    shown = rows[(page - 1) * PAGE : page * PAGE]
    return render_template(
        "voice/lines.html",
        section=section,
        chosen=chosen,
        rows=shown,
        here=_synthesised(shown),
        only_missing=only_missing,
        page=page,
        pages=-(-len(rows) // PAGE),
    )


@voice_pages.route("/lines/<int:number>", methods=["GET", "POST"])
@open_to(*RECORDERS)
def line(number: int) -> ResponseReturnValue:
    """One line: both voices, and the form for a file."""
    status = 200
    if request.method == "POST":
        try:
            take = takes.take(takes.read(uploaded()))
            with writing() as session:
                name = request.form.get("name", "")
                keeping.keep(session, owner(), name, take, RecordingSource.UPLOAD, by=me().staff_id, now=moment())
        except (ForbiddenError, MissingError):
            raise
        except InputError as error:
            flash(told(error), "error")
            status = 422
        else:
            flash(_("Записът е запазен. Чува се по телефона, след като се пусне ново издание."), "done")
            return redirect(url_for("voice.line", number=number))
    with reading() as session:
        sections = script.sections(session, owner())
    every = [(place, one) for place, each in enumerate(sections, start=1) for one in each.lines]
    if not 1 <= number <= len(every):
        raise MissingError("There is no such line to record: the text may have been changed meanwhile.")
    section, row = every[number - 1]
    return render_template(
        "voice/line.html",
        row=row,
        section=section,
        title=sections[section - 1].title,
        is_here=bool(_synthesised([row])),
        following=number + 1 if number < len(every) else None,
    ), status


@voice_pages.post("/lines/<int:number>/drop")
@open_to(*RECORDERS)
def drop(number: int) -> ResponseReturnValue:
    """The line is not recorded any more."""
    name = request.form.get("name", "")
    done(
        lambda session: keeping.drop(session, owner(), name, by=me().staff_id, now=moment()),
        _("Записът е премахнат. По телефона се чува до следващото издание."),
    )
    return redirect(url_for("voice.line", number=number))


@voice_pages.get("/lines/<int:number>/synthetic.wav")
@open_to(*RECORDERS)
def synthetic_sound(number: int) -> ResponseReturnValue:
    """The line as the engine says it, if its clip is on this machine."""
    with reading() as session:
        found = next((one for one in script.lines(session, owner()) if one.number == number), None)
    clip = synthetic().find(found.text) if found else None
    if clip is None:
        raise MissingError("There is no such recording.")
    return wav(sound.wav(sound.linear(clip.read_bytes())))


@voice_pages.get("/recordings/<int:recording_id>.wav")
@open_to(*RECORDERS)
def recording_sound(recording_id: int) -> ResponseReturnValue:
    """A recording as it was made."""
    with reading() as session:
        return wav(script.sound(session, owner(), recording_id))


@voice_pages.get("/script.pdf")
@open_to(*RECORDERS)
def to_read() -> ResponseReturnValue:
    """The pages to read from; `phrases`: whole phrases only."""
    with reading() as session:
        found = script.lines(session, owner())
    if owner() is None and "phrases" in request.args:
        found = phrases()
    headers = {"Content-Disposition": 'attachment; filename="tekst-za-zapis.pdf"'}
    return Response(booklet.as_pdf(found), content_type="application/pdf", headers=headers)


def _overview(code: str | None = None) -> ResponseReturnValue:
    is_platform = owner() is None
    with reading() as session:
        sections = script.sections(session, owner())
        waiting = long_recordings.number_waiting(session, owner(), me().staff_id, moment())
        kept = editions.editions(session) if is_platform else ()
        used = editions.in_use(session)
    every = [one for section in sections for one in section.lines]
    return render_template(
        "voice/overview.html",
        is_platform=is_platform,
        sections=sections,
        rows=() if is_platform else every,
        here=frozenset() if is_platform else _synthesised(every),
        recorded=sum(section.recorded for section in sections),
        lines=len(every),
        waiting=waiting,
        editions=kept,
        used=used,
        telephone=config().recording_number,
        code=code,
        hours=passes.LASTS.seconds // 3600,
    )


def _synthesised(rows: "list[script.State]") -> frozenset[int]:
    """Numbers of those lines whose synthetic clip is on this machine."""
    clips = synthetic()
    return frozenset(one.line.number for one in rows if clips.find(one.line.text))
