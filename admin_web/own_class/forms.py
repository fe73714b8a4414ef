"""The forms of the class teacher."""

from flask_wtf import FlaskForm
from wtforms import DateField, EmailField, RadioField, SelectField, StringField, TelField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length, Optional

from admin_web.translations import _l
from db.kinds import CodeFollowers, ExcuseKind, GuardianRelation

RELATIONS = [
    SelectChoice(value=GuardianRelation.MOTHER, label=_l("майка")),
    SelectChoice(value=GuardianRelation.FATHER, label=_l("баща")),
    SelectChoice(value=GuardianRelation.PARENT, label=_l("родител")),
    SelectChoice(value=GuardianRelation.GRANDPARENT, label=_l("баба или дядо")),
    SelectChoice(value=GuardianRelation.GUARDIAN, label=_l("настойник")),
    SelectChoice(value=GuardianRelation.FOSTER_PARENT, label=_l("приемен родител")),
]
EXCUSES = {
    ExcuseKind.PARENT: _l("заявление от родител"),
    ExcuseKind.MEDICAL: _l("медицинска бележка"),
    ExcuseKind.ORGANISER: _l("документ от организатор на състезание, концерт и подобни"),
}

FOLLOWERS = {
    CodeFollowers.GUARDIANS_STAY: _l("Остават само номерата и имейлите на записаните родители; другите се прекратяват"),
    CodeFollowers.ALL_STAY: _l("Всички остават"),
    CodeFollowers.ALL_END: _l("Всички се прекратяват"),
}
"""What becomes of those who came by a code that is replaced."""


class ExcuseForm(FlaskForm):  # type: ignore[misc]  # the library ships no types
    """A paper that excuses absences. `parent_confirmed_on` goes with an organiser's document only."""

    kind = RadioField(
        _l("С какво"),
        choices=[SelectChoice(value=kind.value, label=label) for kind, label in EXCUSES.items()],
        default=ExcuseKind.PARENT.value,
    )
    starts_on = DateField(_l("От"), [DataRequired(_l("Изберете първия ден."))])
    ends_on = DateField(_l("До"), [DataRequired(_l("Изберете последния ден."))])
    parent_confirmed_on = DateField(_l("Родителят потвърди на"), [Optional()])


class GuardianForm(FlaskForm):  # type: ignore[misc]
    """A guardian of a student."""

    first_name = StringField(_l("Име"), [DataRequired(_l("Напишете името.")), Length(max=80)])
    last_name = StringField(_l("Фамилия"), [DataRequired(_l("Напишете фамилията.")), Length(max=80)])
    relation = SelectField(_l("Кой е на ученика"), choices=RELATIONS)
    phone = TelField(_l("Телефон"), [Length(max=20)])
    email = EmailField(_l("Имейл"), [Length(max=254)])
