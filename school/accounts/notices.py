"""E-mails to a person about a change of how they sign in: who did not make it learns of it."""

from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.kinds import Channel, MessagePurpose
from db.models import Staff
from school.outbox import enqueue
from school.wording.translation import SOURCE, Words, gettext

KEEP_FOR = timedelta(days=2)


class Notice(Enum):
    """What happened."""

    RECOVERY_CODE_USED = Words(
        "Използван е код за възстановяване\n\nЗдравейте, {name}!\n\nВ профила Ви в InfoServ e-School беше използван "
        "код за възстановяване. Остават {left}.\n\nАко не сте били Вие, сменете паролата си веднага и се обадете на "
        "администратора на училището."
    )
    CODES_ON = Words(
        "Включен е вход с код от телефона\n\nЗдравейте, {name}!\n\nОт сега нататък за влизане в InfoServ e-School "
        "освен паролата Ви се иска и код от телефона.\n\nАко не сте го включили Вие, сменете паролата си веднага и се "
        "обадете на администратора на училището."
    )
    CODES_OFF = Words(
        "Изключен е вход с код от телефона\n\nЗдравейте, {name}!\n\nЗа влизане в InfoServ e-School вече не се иска код "
        "от телефона.\n\nАко не сте го изключили Вие, сменете паролата си веднага и се обадете на администратора на "
        "училището."
    )
    PASSKEY_ADDED = Words(
        "Добавен е ключ за достъп\n\nЗдравейте, {name}!\n\nКъм профила Ви в InfoServ e-School е добавен ключ за "
        "достъп: {passkey}.\n\nАко не сте го добавили Вие, сменете паролата си веднага и се обадете на "
        "администратора на училището."
    )
    PASSKEY_REMOVED = Words(
        "Премахнат е ключ за достъп\n\nЗдравейте, {name}!\n\nОт профила Ви в InfoServ e-School е премахнат ключ за "
        "достъп: {passkey}.\n\nАко не сте го премахнали Вие, сменете паролата си веднага и се обадете на "
        "администратора на училището."
    )
    PASSKEY_COPIED = Words(
        "Отказан е вход с ключ за достъп\n\nЗдравейте, {name}!\n\nНякой опита да влезе в профила Ви в InfoServ "
        "e-School с ключа за достъп {passkey}, но броячът му показва, че може да е копиран. Влизането беше отказано."
        "\n\nПремахнете този ключ от профила си и добавете нов."
    )
    CODES_MADE_ANEW = Words(
        "Нови кодове за възстановяване\n\nЗдравейте, {name}!\n\nЗа профила Ви в InfoServ e-School са издадени нови "
        "кодове за възстановяване; старите вече не важат.\n\nАко не сте ги поискали Вие, сменете паролата си веднага и "
        "се обадете на администратора на училището."
    )
    RESET = Words(
        "Вторият фактор е нулиран\n\nЗдравейте, {name}!\n\nАдминистратор нулира втория фактор на профила Ви в InfoServ "
        "e-School: кодовете от телефона, ключовете за достъп и кодовете за възстановяване вече не важат. Влезте с "
        "паролата си и ги настройте отново.\n\nАко не сте го поискали, сменете паролата си веднага и се обадете на "
        "администратора на училището."
    )
    EMAIL_ASKED = Words(
        "Поискан е друг имейл за вход\n\nЗдравейте, {name}!\n\nОт профила Ви в InfoServ e-School беше поискано "
        "занапред да се влиза с друг имейл. Това ще стане, когато новият имейл бъде потвърден.\n\nАко не сте го "
        "поискали Вие, сменете паролата си веднага: с това искането отпада."
    )
    EMAIL_CHANGED = Words(
        "Имейлът за вход е сменен\n\nЗдравейте, {name}!\n\nОт сега нататък в InfoServ e-School влизате с новия си "
        "имейл; на този вече няма да пишем за профила Ви.\n\nАко не сте го сменили Вие, обадете се веднага на "
        "администратора на училището."
    )


def notify(session: Session, staff_id: int, notice: Notice, now: datetime, **values: object) -> None:
    """Have the person told at the address they sign in with, in the same transaction as what happened."""
    email = session.scalars(select(Staff.email).where(Staff.id == staff_id)).one()
    notify_at(session, email, staff_id, notice, now, **values)


def notify_at(session: Session, email: str, staff_id: int, notice: Notice, now: datetime, **values: object) -> None:
    """The same at another address: one that was theirs until now."""
    person = session.execute(select(Staff.first_name, Staff.last_name).where(Staff.id == staff_id)).one()
    # A value is never taken for the place of something else: braces of a passkey's name are written apart.
    plain = {name: str(value).replace("{", "(").replace("}", ")") for name, value in values.items()}
    enqueue(
        session,
        channel=Channel.EMAIL,
        address=email,
        text=gettext(SOURCE, notice.value, name=f"{person.first_name} {person.last_name}", **plain),
        purpose=MessagePurpose.SERVICE,
        now=now,
        urgent=True,
        keep_for=KEEP_FOR,
    )
