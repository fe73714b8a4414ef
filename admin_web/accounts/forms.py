"""The forms of accounts."""

from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, PasswordField, StringField
from wtforms.validators import DataRequired, EqualTo, Length

from admin_web.translations import _l


class SignInForm(FlaskForm):  # type: ignore[misc]  # the library ships no types
    """E-mail, password and, asked for once they are right, the code of the second factor."""

    email = EmailField(_l("Имейл"), [DataRequired(_l("Напишете имейла си.")), Length(max=254)])
    password = PasswordField(_l("Парола"), [DataRequired(_l("Напишете паролата си.")), Length(max=200)])
    code = StringField(_l("Код от телефона"), [Length(max=12)])


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """A new password, twice."""

    password = PasswordField(_l("Нова парола"), [DataRequired(_l("Напишете парола.")), Length(max=200)])
    again = PasswordField(_l("Още веднъж"), [EqualTo("password", _l("Двете пароли са различни."))])


class OwnPasswordForm(PasswordForm):
    """The old password, and a new one twice."""

    old = PasswordField(_l("Сегашна парола"), [DataRequired(_l("Напишете сегашната си парола.")), Length(max=200)])


class ForgottenForm(FlaskForm):  # type: ignore[misc]
    """Whose password was forgotten."""

    email = EmailField(_l("Имейл"), [DataRequired(_l("Напишете имейла си.")), Length(max=254)])


class SecondFactorForm(FlaskForm):  # type: ignore[misc]
    """The secret that was shown, and a code that proves the telephone has it."""

    secret = HiddenField(validators=[DataRequired(), Length(max=64)])
    code = StringField(_l("Код от телефона"), [DataRequired(_l("Напишете кода.")), Length(max=12)])


class ConfirmForm(FlaskForm):  # type: ignore[misc]
    """Nothing but a button, protected against forgery."""
