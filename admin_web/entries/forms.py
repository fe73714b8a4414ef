"""The forms by which an entry is corrected or deleted. Each says when the entry was recorded as the page showed it."""

from datetime import datetime

from flask import abort, request
from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length, Optional

from admin_web.fields import Ruled
from admin_web.formats import NAMES
from admin_web.translations import _l
from db.kinds import AbsenceKind, AbsenceReason, RemarkKind
from school.classbook import rules


def seen_at() -> datetime:
    """When the entry was recorded as the page showed it. Aborts with 400 when the form does not say."""
    try:
        seen = datetime.fromisoformat(request.form.get("seen", ""))
    except ValueError:
        abort(400)
    return seen if seen.tzinfo else abort(400)


class WithReason(FlaskForm):  # type: ignore[misc]  # the library ships no types
    """Why something is changed: the class book keeps it."""

    why = StringField(_l("Причина"), [DataRequired(_l("Напишете защо.")), Length(max=rules.LONGEST_REASON)])


class GradeForm(WithReason):
    """Another grade: a number as typed, or a mark."""

    grade = StringField(_l("Вярната оценка"), [DataRequired(_l("Напишете оценката.")), Length(max=20)])


class AbsenceForm(WithReason):
    """Another kind of absence."""

    kind = RadioField(_l("Вярното"), choices=[SelectChoice(value=one.value, label=NAMES[one]) for one in AbsenceKind])
    reason = SelectField(
        _l("Ако е извинено, защо"),
        choices=[SelectChoice(value="", label="–")]
        + [SelectChoice(value=one.value, label=NAMES[one]) for one in AbsenceReason],
    )


class RemarkForm(WithReason):
    """Another text."""

    kind = RadioField(_l("Вид"), choices=[SelectChoice(value=one.value, label=NAMES[one]) for one in RemarkKind])
    text = TextAreaField(_l("Текст"), [Ruled(rules.remark_text, required=True, maxlength=rules.LONGEST_TEXT)])


class HealthNoteForm(FlaskForm):  # type: ignore[misc]
    """A health note."""

    starts_on = DateField(_l("От"), [DataRequired(_l("Изберете първия ден."))])
    ends_on = DateField(_l("До"), [DataRequired(_l("Изберете последния ден."))])
    text = TextAreaField(_l("Бележка"), [Ruled(rules.health_text, required=True, maxlength=rules.LONGEST_TEXT)])


class ChangedHealthNoteForm(HealthNoteForm, WithReason):
    """Other dates or another text."""

    text = TextAreaField(_l("Бележка"), [Optional(), Ruled(rules.health_text, maxlength=rules.LONGEST_TEXT)])
