"""The form of a meeting or event."""

from datetime import datetime

from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField, TimeField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from admin_web.fields import Ruled
from admin_web.formats import NAMES
from admin_web.translations import _l
from db.kinds import SchoolEventKind
from runtime.localtime import SOFIA
from school.classbook import rules


class SchoolEventForm(FlaskForm):  # type: ignore[misc]  # the library ships no types
    """What parents are invited to. `invited` is "school", "level-8" or "class-12"."""

    kind = RadioField(
        _l("Какво"),
        choices=[SelectChoice(value=kind.value, label=NAMES[kind]) for kind in SchoolEventKind],
        default=SchoolEventKind.MEETING.value,
    )
    invited = SelectField(_l("За кого"))
    title = StringField(_l("Заглавие"), [Ruled(rules.title_text, required=True, maxlength=rules.LONGEST_TITLE)])
    place = StringField(_l("Място"), [Ruled(rules.place_text, required=True, maxlength=rules.LONGEST_TITLE)])
    on = DateField(_l("Дата"), [InputRequired(_l("Изберете дата."))])
    at = TimeField(_l("Час"), [InputRequired(_l("Изберете час."))])
    text = TextAreaField(_l("Какво да знаят родителите"), [Ruled(rules.invitation_text, maxlength=rules.LONGEST_TEXT)])

    @property
    def starts_at(self) -> datetime:
        """The moment of the date and hour in Sofia."""
        return datetime.combine(self.on.data, self.at.data, SOFIA)

    @property
    def class_and_level(self) -> tuple[int | None, int | None]:
        """Whom `invited` means."""
        what, _dash, number = (self.invited.data or "school").partition("-")
        return (int(number), None) if what == "class" else (None, int(number) if what == "level" else None)


class ChangedSchoolEventForm(SchoolEventForm):
    """A meeting or event announced anew: what it is and for whom stays."""

    kind = None
    invited = None
    why = StringField(_l("Причина за промяната"), [Length(max=rules.LONGEST_REASON)])
