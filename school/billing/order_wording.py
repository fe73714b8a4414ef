"""What is said of an order: on ePay.bg's page and a cash desk's receipt, and to the payer with a code for EasyPay."""

from babel.dates import format_datetime

from db.kinds import Language
from runtime.localtime import SOFIA
from school.billing.orders import Order
from school.billing.prices import told
from school.wording.plain_letters import Listing, Paragraph, written
from school.wording.translation import gettext


def description(order: Order) -> str:
    """What the payment is for, in at most 100 characters: nothing of whose child or which school it is."""
    if order.months == 1:
        return gettext(order.language, "InfoServ e-School: известия от училище, 1 месец")
    return gettext(order.language, "InfoServ e-School: известия от училище, {months} месеца", months=order.months)


def until(order: Order) -> str:
    """„04.12.2026, 18:00“ in Sofia."""
    return format_datetime(order.expires_at.astimezone(SOFIA), "dd.MM.yyyy, HH:mm", locale=str(order.language))


def code_by_sms(language: Language, order: Order) -> str:
    """The code for a cash desk."""
    return gettext(
        language,
        "Код за плащане на каса на EasyPay: {code}. Сума {price}, до {until}.",
        code=order.code,
        price=told(order.price, language),
        until=until(order),
    )


def code_by_letter(language: Language, order: Order) -> str:
    """The same as a letter."""
    return written(
        gettext(language, "Код за плащане в EasyPay"),
        Paragraph(gettext(language, "Платете на каса на EasyPay с този код:")),
        Listing(
            "",
            (
                gettext(language, "код {code}", code=order.code),
                gettext(language, "сума {price}", price=told(order.price, language)),
                gettext(language, "платете до {until}", until=until(order)),
            ),
        ),
        Paragraph(description(order) + "."),
    )


def card_forgotten(language: Language, shown: str) -> str:
    """A stored card could not be charged three times, and is charged no more."""
    return gettext(
        language,
        "Картата {card} не плати известията от училище и вече не е запазена. Платете на страницата за плащания.",
        card=shown,
    )
