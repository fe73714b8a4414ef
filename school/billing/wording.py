"""What payers are written about money, in the language of each. Short: most of it is one SMS."""

from datetime import date

from babel.dates import format_date

from db.kinds import Language
from school.billing.money import Money
from school.billing.prices import told
from school.wording.plain_letters import Paragraph, written
from school.wording.service import Numbers
from school.wording.translation import gettext


def month(language: Language, first: date) -> str:
    """„декември“."""
    return format_date(first, "LLLL", locale=str(language))


def letter(language: Language, text: str) -> str:
    """A text as an e-mail."""
    return written(gettext(language, "Плащания за известията от училище"), Paragraph(text))


def charged(language: Language, amount: Money, paid_month: date, numbers: Numbers) -> str:
    """The receipt after a charge."""
    return gettext(
        language,
        "Платихте {amount} за {month} за известията от училище. Сметка: СМЕТКА, край: СТОП на {short_code}.",
        amount=told(amount, language),
        month=month(language, paid_month),
        short_code=numbers.short_code,
    )


def paid_ahead(language: Language, paid: Money, first: date, until: date) -> str:
    """The receipt after a payment ahead: `first` the first month of it, `until` the last day."""
    return gettext(
        language,
        "Получихме {amount}. Известията от училище са платени от {first} до {until}. Благодарим!",
        amount=told(paid, language),
        first=f"{first:%d.%m.%Y}",
        until=f"{until:%d.%m.%Y}",
    )
