"""The pages of campaigns, for the school's leaders and, of their own class, for class teachers."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, current_app, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms.fields import SelectChoice

from admin_web import exports
from admin_web.actions import done
from admin_web.audience import LEADERS, Audience, open_to
from admin_web.campaigns import sound
from admin_web.campaigns.forms import ApologyForm, CampaignForm, StartForm
from admin_web.campaigns.names import named
from admin_web.database import reading
from admin_web.people import me, moment, my_school
from admin_web.translations import _, _l, translated
from db.kinds import CallResult, CampaignState, FamilyState, MeetingAnswer
from prompts.speech import Sentence
from runtime.localtime import SOFIA
from school import lines
from school.campaigns import apology, invitation, lifecycle, progress
from school.campaigns import audience as audiences
from school.campaigns.lifecycle import Draft
from school.campaigns.progress import FamilyRow, Summary
from school.monitoring.health import Health, Process, speaking
from school.reports.choices import choices
from school.years import calendar
from settings import Settings

campaign_pages = Blueprint("campaigns", __name__, url_prefix="/campaigns")

CAMPAIGN_AUDIENCE = (Audience.CLASS_TEACHER, *LEADERS)
ROWS_AT_ONCE = 400
"""Families whose rows the page's script keeps up to date; of more only the counts move."""

FORMS = {
    "xlsx": (exports.xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": (exports.csv, "text/csv; charset=utf-8"),
    "pdf": (exports.pdf, "application/pdf"),
}
SHOWN = (
    FamilyState.REACHED,
    FamilyState.CALLING,
    FamilyState.WAITING,
    FamilyState.MACHINE,
    FamilyState.NOT_REACHED,
    FamilyState.OPTED_OUT,
    FamilyState.SKIPPED,
    FamilyState.UNKNOWN,
    FamilyState.NOT_ALLOWED,
    FamilyState.WRITTEN,
)


@campaign_pages.get("/")
@open_to(*CAMPAIGN_AUDIENCE)
def listed() -> ResponseReturnValue:
    """All campaigns, the newest first."""
    with reading() as session:
        found = progress.listed(session, me().staff_id)
    return render_template("campaigns/list.html", campaigns=found, named=named)


@campaign_pages.route("/new", methods=["GET", "POST"])
@open_to(*CAMPAIGN_AUDIENCE)
def new() -> ResponseReturnValue:
    """What is said to whom."""
    form = CampaignForm(data={"event": request.args.get("event", "")} if request.method == "GET" else None)
    form.event.choices, form.audience.choices = _offered()
    made: list[int] = []
    if form.validate_on_submit() and done(
        lambda session: made.append(lifecycle.draft(session, by=me().staff_id, given=_given(form), now=moment())),
        _("Чуйте съобщението, преди да потвърдите."),
    ):
        return redirect(url_for("campaigns.one", campaign_id=made[0]))
    return render_template("campaigns/new.html", form=form)


@campaign_pages.get("/<int:campaign_id>")
@open_to(*CAMPAIGN_AUDIENCE)
def one(campaign_id: int) -> ResponseReturnValue:
    """A draft to listen to and confirm, or a campaign to watch."""
    return _page(campaign_id, StartForm())


@campaign_pages.post("/<int:campaign_id>/start")
@open_to(*CAMPAIGN_AUDIENCE)
def start(campaign_id: int) -> ResponseReturnValue:
    """Confirm a draft."""
    form = StartForm()
    if form.validate_on_submit() and done(
        lambda session: lifecycle.start(
            session, by=me().staff_id, campaign_id=campaign_id, now=moment(), at=form.starts_at
        ),
        _("Потвърдено. Напредъкът се вижда тук, без да презареждате страницата."),
    ):
        return redirect(url_for("campaigns.one", campaign_id=campaign_id))
    return _page(campaign_id, form)


STEERED = {
    "pause": (lifecycle.pause, _l("На пауза: започнатите разговори продължават, нови няма.")),
    "resume": (lifecycle.resume, _l("Обажданията продължават.")),
    "stop": (lifecycle.stop, _l("Спряно окончателно.")),
    "discard": (lifecycle.discard, _l("Черновата е изтрита.")),
}


@campaign_pages.post("/<int:campaign_id>/steer")
@open_to(*CAMPAIGN_AUDIENCE)
def steer(campaign_id: int) -> ResponseReturnValue:
    """Pause, resume, stop, or throw a draft away."""
    form = FlaskForm()
    what = request.form.get("do", "")
    act, words = STEERED.get(what) or abort(404)
    if form.validate_on_submit():
        ok = done(lambda session: act(session, by=me().staff_id, campaign_id=campaign_id, now=moment()), str(words))
        if ok and what == "discard":
            return redirect(url_for("campaigns.listed"))
    return redirect(url_for("campaigns.one", campaign_id=campaign_id))


@campaign_pages.post("/<int:campaign_id>/apologise")
@open_to(*LEADERS)
def apologise(campaign_id: int) -> ResponseReturnValue:
    """Apologise to those whom a stopped campaign reached."""
    form = ApologyForm()
    made: list[int] = []
    if form.validate_on_submit() and done(
        lambda session: made.append(
            apology.apologise(
                session, by=me().staff_id, campaign_id=campaign_id, text=form.text.data or "", now=moment()
            )
        ),
        _("Извинението е на път."),
    ):
        return redirect(url_for("campaigns.one", campaign_id=made[0]))
    return _page(campaign_id, StartForm(), form)


@campaign_pages.get("/<int:campaign_id>/sound.wav")
@open_to(*CAMPAIGN_AUDIENCE)
def heard(campaign_id: int) -> ResponseReturnValue:
    """The message as the telephone says it."""
    with reading() as session:
        progress.one(session, me().staff_id, campaign_id)
        speech = _speech(session, campaign_id)
    content = sound.wav(_settings(), speech)
    return Response(content, content_type="audio/wav", headers={"Accept-Ranges": "none"})


@campaign_pages.get("/<int:campaign_id>/progress")
@open_to(*CAMPAIGN_AUDIENCE)
def moving(campaign_id: int) -> ResponseReturnValue:
    """How it goes, for the page's script."""
    with reading() as session:
        summary = progress.one(session, me().staff_id, campaign_id)
        rows = progress.families(session, campaign_id) if summary.families <= ROWS_AT_ONCE else ()
    return jsonify(
        state=summary.state.value,
        state_text=named(summary.state),
        percent=summary.percent,
        done=summary.done,
        families=summary.families,
        over=summary.is_over,
        counts=_counts(summary),
        rows=[{"id": row.id, **_cells(row)} for row in rows],
    )


@campaign_pages.get("/<int:campaign_id>/report.<form>")
@open_to(*CAMPAIGN_AUDIENCE)
def exported(campaign_id: int, form: str) -> ResponseReturnValue:
    """The report as a file."""
    write, kind = FORMS.get(form) or abort(404)
    with reading() as session:
        found = progress.report(session, me().staff_id, campaign_id, named)
    headers = {"Content-Disposition": f'attachment; filename="campaign-{campaign_id}.{form}"'}
    return Response(write(exports.in_readers_language(found)), content_type=kind, headers=headers)


@campaign_pages.get("/meeting/<int:event_id>")
@open_to(*CAMPAIGN_AUDIENCE)
def of_meeting(event_id: int) -> ResponseReturnValue:
    """What the families answered to the invitations to a meeting."""
    with reading() as session:
        found = progress.answers_to(session, me().staff_id, event_id)
    return render_template(
        "campaigns/meeting.html", found=found, event_id=event_id, named=named, cells=_cells, answers=MeetingAnswer
    )


def _page(campaign_id: int, form: StartForm, words: ApologyForm | None = None) -> ResponseReturnValue:
    now, settings = moment(), _settings()
    with reading() as session:
        summary = progress.one(session, me().staff_id, campaign_id)
        dialers = speaking(session, now, Process.DIALER)
        if summary.state is not CampaignState.DRAFT:
            rows = progress.families(session, campaign_id)
            may_apologise = summary.state is CampaignState.STOPPED and me().leads and summary.apology_id is None
            reached = apology.number_reached(session, campaign_id) if may_apologise else 0
            return render_template(
                "campaigns/show.html",
                campaign=summary,
                apology=(words or ApologyForm()) if reached else None,
                reached=reached,
                waits="" if summary.is_over else _waits(session, now, is_apology=summary.apologises_for is not None),
                counts=_counts(summary),
                rows=[(row.id, _cells(row)) for row in rows],
                trouble=_trouble(dialers),
                named=named,
            )
        called = audiences.audience(session, my_school(), summary.class_id, summary.level)
        speech = _speech(session, campaign_id)
        first = invitation.read(session, campaign_id)
    most = max(1, int(settings.trunk_channels * (1 - settings.inbound_share)))
    length = sound.seconds(settings, speech)
    duration = progress.expected_duration(len(called.families), length, settings.dial_rate, most)
    return render_template(
        "campaigns/draft.html",
        campaign=summary,
        audience=called,
        said=sound.written(speech),
        seconds=round(length),
        minutes=max(1, round(duration.total_seconds() / 60)),
        sms=invitation.sms(first, _sample(called)) if summary.sms_fallback else "",
        form=form,
        trouble=_trouble(dialers),
        earliest=f"{now.astimezone(SOFIA):%Y-%m-%dT%H:%M}",
    )


def _speech(session: Session, campaign_id: int) -> list[Sentence]:
    """What the first family of the audience hears."""
    said = invitation.read(session, campaign_id)
    summary = progress.one(session, me().staff_id, campaign_id)
    called = audiences.audience(session, my_school(), summary.class_id, summary.level)
    today = calendar.today(moment())
    return [
        *invitation.hello(said),
        *invitation.offer(said),
        *invitation.message(said, _sample(called), today),
        *invitation.choices(said),
    ]


def _sample(called: audiences.Audience) -> list[invitation.CalledFor]:
    if not called.families:
        return []
    return [
        invitation.CalledFor(child.name.partition(" ")[0], child.class_name) for child in called.families[0].children
    ]


def _offered() -> tuple[list[Any], list[Any]]:
    """What a campaign can be for, and whom it can call."""
    with reading() as session:
        ahead = progress.meetings_ahead(session, me().staff_id, moment())
        offered = choices(session, my_school(), calendar.today(moment()), None, with_students=False)
    events = [SelectChoice(value="", label=_("друго съобщение"))]
    for meeting in ahead:
        at: datetime = meeting.starts_at.astimezone(SOFIA)
        invited = translated(meeting.audience) or _("цялото училище")
        events.append(
            SelectChoice(value=str(meeting.event_id), label=f"{meeting.title}, {at:%d.%m.%Y, %H:%M} ({invited})")
        )
    if not me().leads:
        own = [one for one in offered.classes if one.id == me().own_class_id]
        return events, [SelectChoice(value=f"class-{one.id}", label=one.name) for one in own]
    whom = [SelectChoice(value="school", label=_("цялото училище"))]
    whom += [
        SelectChoice(value=f"level-{level}", label=_("%(level)s клас", level=title))
        for level, title in offered.level_pairs
    ]
    whom += [SelectChoice(value=f"class-{one.id}", label=one.name) for one in offered.classes]
    return events, whom


def _given(form: CampaignForm) -> Draft:
    kind, _dash, number = (form.audience.data or "").partition("-")
    chosen = int(number) if number.isdecimal() and len(number) < 10 else None
    event = form.event.data or ""
    return Draft(
        event_id=int(event) if event.isdecimal() and len(event) < 10 else None,
        title=form.title.data or "",
        text=form.text.data or "",
        class_id=chosen if kind == "class" else None,
        level=chosen if kind == "level" else None,
        attempts=int(form.attempts.data),
        sms_fallback=bool(form.sms_fallback.data),
    )


def _counts(summary: Summary) -> list[dict[str, Any]]:
    """Counts by result and by answer, each with its key and name."""
    counts = [
        {"key": state.value, "text": named(state), "number": summary.states[state]}
        for state in SHOWN
        if summary.states[state] or state in (FamilyState.REACHED, FamilyState.WAITING, FamilyState.NOT_REACHED)
    ]
    if summary.event_id is not None:
        counts += [
            {"key": answer.value, "text": named(answer), "number": summary.answers[answer]} for answer in MeetingAnswer
        ]
    return [*counts, {"key": "sms", "text": _("получили SMS"), "number": summary.written_to}]


_REASONS = (
    CallResult.CUT_SHORT,
    CallResult.BUSY,
    CallResult.NO_ANSWER,
    CallResult.REJECTED,
    CallResult.BAD_NUMBER,
    CallResult.TRUNK,
    CallResult.FAILED,
)
"""Results that say more than the family's state does."""


def _cells(row: FamilyRow) -> dict[str, str]:
    answer = named(row.answer) if row.answer else ""
    if row.answer and row.answered_by:
        answer = f"{answer} ({named(row.answered_by)})"
    at = f"{row.at.astimezone(SOFIA):%d.%m, %H:%M}" if row.at else ""
    # What the last call met says nothing of the one that rings now.
    reason = row.last_result if row.last_result in _REASONS and row.state is not FamilyState.CALLING else None
    return {
        "children": row.children,
        "state": row.state.value,
        "result": named(row.state) + (f" ({named(reason)})" if reason else ""),
        "answer": answer,
        "attempts": str(row.attempts or ""),
        "at": at,
    }


def _trouble(dialers: tuple[Health, ...]) -> str:
    """Why nobody would be rung just now; empty: the dialer is ready."""
    if not dialers:
        return _(
            "В момента няма кой да звъни: системата за обаждания не работи. Обажданията ще започнат, когато тръгне."
        )
    if not any(one.state == "ready" for one in dialers):
        return _("Телефонната линия в момента не работи. Обажданията ще продължат, когато тръгне.")
    return ""


def _waits(session: Session, now: datetime, *, is_apology: bool) -> str:
    """Why no further family is called today; empty: nothing holds the school's campaigns back."""
    if lines.open_stops(session, my_school()) and not is_apology:
        return _(
            "Обажданията и SMS на кампаниите са спрени, защото са далеч над обичайното. "
            "Операторът на платформата е известен и ще реши дали да продължат."
        )
    (today,) = lines.days(session, now, my_school())
    if today.waiting(_settings().campaign_share):
        return _("Дневният бюджет на училището за кампании е изчерпан: останалите семейства чакат следващия ден.")
    return ""


def _settings() -> Settings:
    found: Settings = current_app.config["ESCHOOL"]
    return found
