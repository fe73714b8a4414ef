"""What payers are written about money, in the language of each. Short: most of it is one SMS."""

from datetime import date

from babel.dates import format_date

from db.kinds import Language
from school.billing.money import Money
from school.billing.prices import told
from school.wording.plain_letters import Paragraph, written
from school.wording.service import Numbers
from school.wording.translation import SOURCE, gettext


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


def charge_text(amount: Money, paid_month: date, numbers: Numbers) -> str:
    """The SMS that charges: always one part, for each part of a charged SMS would be paid for."""
    return gettext(
        SOURCE,
        "Училищни известия за {month}: {amount}. Край: СТОП на {short_code}.",
        month=f"{paid_month:%m.%Y}",
        amount=str(amount),
        short_code=numbers.short_code,
    )


def ask(language: Language, price: str, numbers: Numbers) -> str:
    """The price and how to agree to it; nothing is told before."""
    return gettext(
        language,
        "Известията от училище са {price} на месец от сметката за телефона. Отговорете ДА, за да ги получавате. "
        "По телефона {voice} чувате всичко без абонамент.",
        price=price,
        voice=numbers.voice,
    )


def terms(language: Language, price: str, free_until: date | None) -> str:
    """The price and how to agree, behind the answer to the ID-code; `free_until`: the last free day."""
    if free_until is None:
        return gettext(
            language, "{price} на месец от сметката за телефона, отказ със СТОП. Отговорете ДА, ако сте съгласни.",
            price=price,
        )  # fmt: skip
    return gettext(
        language,
        "Безплатно до {until}, после {price} на месец от сметката за телефона, отказ със СТОП. "
        "Отговорете ДА, ако сте съгласни.",
        until=f"{free_until:%d.%m}",
        price=price,
    )


def agreed(language: Language, price: str, numbers: Numbers) -> str:
    """To ДА."""
    return gettext(
        language,
        "Съгласихте се: {price} на месец от сметката за телефона. Месец, в който училището не е вписало нищо, "
        "е безплатен. Край: СТОП на {short_code}.",
        price=price,
        short_code=numbers.short_code,
    )


def agreed_before(language: Language, price: str, numbers: Numbers) -> str:
    """To ДА of who had agreed already: it changes nothing."""
    return gettext(
        language,
        "Вече сте съгласни: {price} на месец. Край: СТОП на {short_code}.",
        price=price,
        short_code=numbers.short_code,
    )


def charge_follows(language: Language, numbers: Numbers) -> str:
    """To ДА of who is suspended: the month that could not be charged is charged first."""
    return gettext(
        language,
        "Благодарим! Опитваме пак да таксуваме месеца и щом стане, известията се включват. Край: СТОП на {short_code}.",
        short_code=numbers.short_code,
    )


def suspended(language: Language, price: str, numbers: Numbers) -> str:
    """Why no SMS comes, once."""
    return gettext(
        language,
        "Операторът не успя да таксува {price} за известията от училище и ги спираме. За нов опит отговорете ДА. "
        "На {voice} чувате всичко и сега.",
        price=price,
        voice=numbers.voice,
    )


def reminder(language: Language, price: str, numbers: Numbers) -> str:
    """At least once a year."""
    return gettext(
        language,
        "Напомняме: известията от училище са {price} на месец от сметката за телефона. Край: СТОП на {short_code}.",
        price=price,
        short_code=numbers.short_code,
    )


def price_rises(language: Language, price: str, from_day: date, numbers: Numbers) -> str:
    """A higher price, 30 days ahead."""
    return gettext(
        language,
        "От {day} известията от училище са {price} на месец. Отговорете ДА, ако сте съгласни; иначе спират тогава. "
        "Край: СТОП на {short_code}.",
        day=f"{from_day:%d.%m.%Y}",
        price=price,
        short_code=numbers.short_code,
    )


def price_changes(language: Language, price: str, from_day: date, numbers: Numbers) -> str:
    """A price that is not higher."""
    return gettext(
        language,
        "От {day} известията от училище са {price} на месец. Край: СТОП на {short_code}.",
        day=f"{from_day:%d.%m.%Y}",
        price=price,
        short_code=numbers.short_code,
    )


def not_by_telephone(language: Language, numbers: Numbers) -> str:
    """To ДА from an operator that does not charge for us."""
    return gettext(
        language,
        "През Вашия оператор още не може да се плаща. На {voice} чувате всичко и без плащане.",
        voice=numbers.voice,
    )


def not_now(language: Language, numbers: Numbers) -> str:
    """To ДА of who is suspended, where no charge can be made at the moment."""
    return gettext(
        language,
        "Благодарим! В момента не можем да таксуваме: пратете ДА пак след няколко дни. Край: СТОП на {short_code}.",
        short_code=numbers.short_code,
    )


def paid_by_another(language: Language, numbers: Numbers) -> str:
    """Behind the answer to the ID-code of a child for whom somebody else pays."""
    return gettext(
        language,
        "За Вас е безплатно: за детето плаща друг. Край: СТОП на {short_code}.",
        short_code=numbers.short_code,
    )


def pays_nothing(language: Language, numbers: Numbers) -> str:
    """To СМЕТКА of who pays for nobody."""
    return gettext(
        language,
        "Не плащате нищо: за детето плаща друг или не следите никого. Помощ: ПОМОЩ на {short_code}.",
        short_code=numbers.short_code,
    )
