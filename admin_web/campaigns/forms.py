"""The forms of campaigns."""

from datetime import datetime

from flask_wtf import FlaskForm
from wtforms import BooleanField, DateTimeLocalField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, Optional

from admin_web.translations import _l
from runtime.localtime import SOFIA

ATTEMPTS = [SelectChoice(value=str(number), label=str(number)) for number in range(1, 6)]


class CampaignForm(FlaskForm):  # type: ignore[misc]  # the library ships no types
    """What is said to whom; the choices of meeting and audience are given by the view."""

    event = SelectField(_l("За какво е обаждането"), validate_choice=False)
    title = StringField(_l("Заглавие на съобщението"), [Length(max=160)])
    audience = SelectField(_l("На кого да се обадим"), validate_choice=False)
    text = TextAreaField(_l("Какво още да чуят родителите"), [Length(max=1000)])
    attempts = SelectField(_l("Опити за един телефон"), choices=ATTEMPTS, default="3")
    sms_fallback = BooleanField(_l("Който не бъде намерен, да получи SMS"), default=True)


class ApologyForm(FlaskForm):  # type: ignore[misc]
    """What is said to those whom a campaign reached by mistake."""

    text = TextAreaField(_l("Вашите думи"), [Length(max=1000)])


class StartForm(FlaskForm):  # type: ignore[misc]
    """When the calls begin."""

    when = RadioField(
        _l("Кога да започне"),
        choices=[
            SelectChoice(value="now", label=_l("сега")),
            SelectChoice(value="later", label=_l("в избран час")),
        ],
        default="now",
    )
    at = DateTimeLocalField(_l("Ден и час"), [Optional()], format="%Y-%m-%dT%H:%M")

    @property
    def starts_at(self) -> datetime | None:
        """Aware; None: now, also when no hour was chosen."""
        if self.when.data != "later" or self.at.data is None:
            return None
        at: datetime = self.at.data
        return at.replace(tzinfo=SOFIA)
