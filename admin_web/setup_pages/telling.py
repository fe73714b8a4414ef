"""What can be changed at any time: how parents are told, the phrases; and the school's history."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired

from admin_web.actions import done
from admin_web.audience import LEADERS, open_to
from admin_web.database import reading
from admin_web.history_words import AREAS
from admin_web.lessons.views import asked_date
from admin_web.numbers import row_id
from admin_web.people import me, moment, my_school
from admin_web.setup_pages.blueprint import setup_pages
from admin_web.translations import _, _l
from db.kinds import RemarkKind
from school import setup
from school.audit import history as trail
from school.setup.phrases import change_phrases
from school.setup.phrases import phrases as phrases_of
from school.setup.telling import (
    LONGEST_DELAY,
    LONGEST_GREETING,
    LONGEST_VOICE_MESSAGES,
    change_telling,
    telling_settings,
)

FROM_HOURS = [SelectChoice(value=hour, label=f"{hour}:00") for hour in range(24)]
UNTIL_HOURS = [SelectChoice(value=hour, label=f"{hour}:00") for hour in range(1, 25)]


class TellingForm(FlaskForm):  # type: ignore[misc]  # the library ships no types
    """How parents are told. It says what is a number; which ones may be is the rule's to say."""

    delay_minutes = IntegerField(_l("Изчакване преди уведомяване, минути"), [InputRequired(_l("Напишете число."))])
    from_hour = SelectField(_l("SMS и обаждания от"), coerce=int, choices=FROM_HOURS, validate_choice=False)
    until_hour = SelectField(_l("SMS и обаждания до"), coerce=int, choices=UNTIL_HOURS, validate_choice=False)
    today_from_hour = SelectField(_l("За днешния ден от"), coerce=int, choices=FROM_HOURS, validate_choice=False)
    pin_always = BooleanField(_l("Искай ПИН при всяко обаждане"))
    latin_sms = BooleanField(_l("Изпращай SMS на латиница"))
    new_email_waits = BooleanField(_l("Непознат имейл с ID-код чака класния ръководител"))
    new_sms_waits = BooleanField(_l("Непознат номер с ID-код чака класния ръководител"))
    greeting = StringField(_l("Поздрав на училището по телефона"))
    voice_message_days = IntegerField(
        _l("Гласови съобщения до класния ръководител, дни"), [InputRequired(_l("Напишете число."))]
    )


class PhrasesForm(FlaskForm):  # type: ignore[misc]
    """Phrases, one a line."""

    censure = TextAreaField(_l("Забележки"))
    praise = TextAreaField(_l("Похвали"))


@setup_pages.route("/telling", methods=["GET", "POST"])
@open_to(*LEADERS)
def telling() -> ResponseReturnValue:
    """How parents are told."""
    with reading() as session:
        now = telling_settings(session, my_school())
    form = TellingForm(obj=now)
    if form.validate_on_submit():
        wanted = {name: value for name, value in form.data.items() if name != "csrf_token"}
        if done(
            lambda session: change_telling(session, my_school(), moment(), by=me().staff_id, **wanted),
            _("Настройките са записани. Важат за това, което се записва от сега нататък."),
        ):
            return redirect(url_for("setup.overview"))
    return render_template(
        "setup/telling.html",
        form=form,
        longest_delay=LONGEST_DELAY,
        longest_greeting=LONGEST_GREETING,
        longest_voice_messages=LONGEST_VOICE_MESSAGES,
    )


@setup_pages.route("/phrases", methods=["GET", "POST"])
@open_to(*LEADERS)
def phrases() -> ResponseReturnValue:
    """The phrases that teachers choose from."""
    with reading() as session:
        now = phrases_of(session, my_school())
    form = PhrasesForm(data={kind.value: "\n".join(texts) for kind, texts in now.items()})
    if form.validate_on_submit():
        wanted = {kind: tuple(form[kind.value].data.splitlines()) for kind in RemarkKind}
        if done(
            lambda session: change_phrases(session, my_school(), wanted, by=me().staff_id, now=moment()),
            _("Фразите са записани."),
        ):
            return redirect(url_for("setup.phrases"))
    return render_template("setup/phrases.html", form=form)


@setup_pages.get("/history")
@open_to(*LEADERS)
def history() -> ResponseReturnValue:
    """Who did what, newest first."""
    asked: dict[str, Any] = {
        "area": request.args.get("area", "") if request.args.get("area") in AREAS else "",
        "staff_id": request.args.get("staff_id", type=row_id),
        "since": asked_date(request.args["since"]) if request.args.get("since") else None,
        "until": asked_date(request.args["until"]) if request.args.get("until") else None,
    }
    with reading() as session:
        rows = trail.of_school(session, my_school(), **asked, before_id=request.args.get("before", type=row_id))
        people = setup.staff(session, my_school())
    older = rows[-1].id if len(rows) == trail.PAGE else None
    kept = {name: value for name, value in asked.items() if value}
    return render_template(
        "setup/history.html", rows=rows, people=people, areas=AREAS, asked=asked, kept=kept, older=older
    )
