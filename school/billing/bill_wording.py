"""СМЕТКА: how a payer's bill stands (`school.billing.standing`) in words to read."""

from datetime import date

from db.kinds import ChargeOutcome, Language, PayerState
from school.billing.money import Money
from school.billing.prices import told, with_leva
from school.billing.standing import Became, Coming, Kind, Last, Standing
from school.billing.statements import Line
from school.billing.wording import month
from school.wording.service import Numbers
from school.wording.translation import Words, gettext

STATES: dict[PayerState, Words] = {
    PayerState.TRIAL: Words("безплатен период"),
    PayerState.AWAITING_CONSENT: Words("чакаме Вашето ДА"),
    PayerState.ACTIVE: Words("включени"),
    PayerState.PASSIVE: Words("включени"),
    PayerState.GRACE: Words("включени, таксуването се повтаря"),
    PayerState.SUSPENDED: Words("спрени до плащане"),
    PayerState.CANCELLED: Words("отказани"),
}
"""How things stand, as a payer reads it."""

REASONS: dict[ChargeOutcome, Words] = {
    ChargeOutcome.CREDIT: Words("кредитът не стигна"),
    ChargeOutcome.LIMIT: Words("стигнат е лимит"),
    ChargeOutcome.BARRED: Words("номерът не позволява"),
    ChargeOutcome.UNKNOWN_NUMBER: Words("операторът не познава номера"),
    ChargeOutcome.TEMPORARY: Words("причината е у оператора"),
}
"""Why a charge failed."""


def bill(language: Language, found: Standing, numbers: Numbers) -> str:
    """How things stand, until when it is paid, the newest of what was paid, the last failure, and what is next."""
    price = with_leva(found.price, found.in_leva, language)
    state = gettext(language, STATES[found.state])
    sentences = [gettext(language, "Известия: {state}, {price} на месец.", state=state, price=price)]
    if found.new_price is not None and found.new_from is not None:
        new, day = told(found.new_price, language), f"{found.new_from:%d.%m.%Y}"
        sentences.append(gettext(language, "От {day}: {price} на месец.", day=day, price=new))
    if found.paid_until is not None:
        words = "Безплатно до {day}." if found.is_free else "Платено до {day}."
        sentences.append(gettext(language, words, day=f"{found.paid_until:%d.%m.%Y}"))
    if found.payments:
        listed = "; ".join(_paid(language, line) for line in found.payments)
        sentences.append(gettext(language, "Плащания: {listed}.", listed=listed))
    sentences += [
        one for one in (_last(language, found.last), _next(language, found.next, _page(found, numbers))) if one
    ]
    sentences.append(gettext(language, "Край: СТОП на {short_code}.", short_code=numbers.short_code))
    return " ".join(sentences)


def _paid(language: Language, line: Line) -> str:
    of = f" ({month(language, line.month)})" if line.month else ""
    return f"{line.on_day:%d.%m} {told(line.amount, language)}{of}"


def _last(language: Language, last: Last | None) -> str:
    """What is no payment: those are listed."""
    if last is None or last.month is None:
        return ""
    of, day = month(language, last.month), f"{last.on_day:%d.%m}"
    match last.became:
        case Became.FAILED if last.reason is not None:
            return gettext(
                language,
                "Не успяхме да таксуваме {amount} за {month} на {day}: {reason}.",
                amount=told(last.amount, language),
                month=of,
                day=day,
                reason=gettext(language, REASONS[last.reason]),
            )
        case Became.UNDER_WAY:
            return gettext(language, "Таксува се {amount} за {month}.", amount=told(last.amount, language), month=of)
        case Became.UNKNOWN:
            return gettext(
                language,
                "Чакаме отчет от оператора за {amount} за {month}.",
                amount=told(last.amount, language),
                month=of,
            )
        case Became.EMPTY:
            return gettext(language, "За {month} нищо: училището не е вписало нищо.", month=of)
    return ""


def _next(language: Language, coming: Coming, page: str) -> str:
    match coming:
        case Coming(Kind.CHARGE, date() as day, Money() as amount, date() as first):
            return gettext(
                language,
                "Следва: {amount} за {month} на {day}.",
                amount=told(amount, language),
                month=month(language, first),
                day=f"{day:%d.%m}",
            )
        case Coming(Kind.CARD, date() as day, Money() as amount, date() as first):
            return gettext(
                language,
                "Следва: {amount} за {month} от картата Ви на {day}.",
                amount=told(amount, language),
                month=month(language, first),
                day=f"{day:%d.%m}",
            )
        case Coming(Kind.RETRY, date() as day, Money() as amount):
            return gettext(
                language, "Нов опит: {amount} на {day}.", amount=told(amount, language), day=f"{day:%d.%m}"
            )  # fmt: skip
        case Coming(Kind.EMPTY, month=date() as first):
            return gettext(language, "Следва: нищо за {month}, няма вписано.", month=month(language, first))
        case Coming(Kind.EMPTY_SO_FAR, month=date() as first):
            return gettext(
                language, "За {month} още няма вписано: ако не се впише, не плащате.", month=month(language, first)
            )  # fmt: skip
        case Coming(Kind.AGREE):
            return gettext(language, "Нищо не се таксува без Вашето ДА.")
        case Coming(Kind.NOT_BY_TELEPHONE):
            nothing = gettext(language, "През Вашия оператор не се таксува.")
            return f"{nothing} {gettext(language, 'Плащане: {page}.', page=page)}" if page else nothing
        case Coming(Kind.SUSPENDED):
            again = gettext(language, "За нов опит отговорете ДА.")
            at_once = gettext(language, "С плащане на {page} се включват веднага.", page=page)
            return f"{again} {at_once}" if page else again
        case Coming(Kind.LEFT):
            return gettext(language, "Нищо не се таксува.")
        case Coming(Kind.NOBODY):
            return gettext(language, "Нищо не се таксува: за детето плаща друг.")
    return ""


def _page(found: Standing, numbers: Numbers) -> str:
    return f"{numbers.pages}/pay/" if found.on_web else ""
