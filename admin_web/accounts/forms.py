"""The forms of accounts."""

from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, PasswordField, StringField
from wtforms.validators import DataRequired, EqualTo, Length

from admin_web.translations import _l


class SignInForm(FlaskForm):  # type: ignore[misc]  # the library ships no types
    """E-mail, password and, asked for once they are right, the code of the second factor."""

    email = EmailField(_l("Имейл"), [DataRequired(_l("Напишете имейла си.")), Length(max=254)])
    password = PasswordField(_l("Парола"), [DataRequired(_l("Напишете паролата си.")), Length(max=200)])
    code = StringField(_l("Код от телефона"), [Length(max=20)])


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
    """The password, and a code that proves the telephone has the secret that the server made."""

    password = PasswordField(_l("Парола"), [DataRequired(_l("Напишете паролата си.")), Length(max=200)])
    code = StringField(_l("Код от телефона"), [DataRequired(_l("Напишете кода.")), Length(max=12)])
    answer = HiddenField()


class ProofForm(FlaskForm):  # type: ignore[misc]
    """That it is the person still: the password, and a code or what a passkey answered."""

    password = PasswordField(_l("Парола"), [DataRequired(_l("Напишете паролата си.")), Length(max=200)])
    code = StringField(_l("Код"), [Length(max=20)])
    answer = HiddenField()


class PasskeyForm(FlaskForm):  # type: ignore[misc]
    """A new passkey: its name, and what the authenticator answered. Password and code are asked with the challenge."""

    title = StringField(_l("Име на ключа"), [DataRequired(_l("Напишете име.")), Length(max=60)])
    password = PasswordField(_l("Парола"), [Length(max=200)])
    code = StringField(_l("Код"), [Length(max=20)])
    answer = HiddenField()


class ConfirmForm(FlaskForm):  # type: ignore[misc]
    """Nothing but a button, protected against forgery."""


class PasskeyAnswerForm(FlaskForm):  # type: ignore[misc]
    """What a passkey answered."""

    answer = HiddenField(validators=[DataRequired()])


class JoinSchoolForm(FlaskForm):  # type: ignore[misc]
    """Password and code of the account that a school has invited; its address is known."""

    password = PasswordField(_l("Парола"), [DataRequired(_l("Напишете паролата си.")), Length(max=200)])
    code = StringField(_l("Код от телефона"), [Length(max=20)])


class NewEmailForm(ProofForm):
    """Another address to sign in with, and that it is the person still."""

    email = EmailField(_l("Нов имейл"), [DataRequired(_l("Напишете имейла.")), Length(max=254)])
