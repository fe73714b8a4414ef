"""What a payer is answered to ДА, to the ID-code and to СМЕТКА. Only the words are made here; others send them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db.kinds import ConsentWay, Language, MessagePurpose
from db.models import Message, Payer
from runtime.localtime import today
from school import entitlement
from school.billing import bill_wording, consents, operators, payers, planning, standing, wording
from school.billing.payers import PayerNow
from school.billing.states import is_silent, waits_for_payment
from school.wording.service import Numbers

ASKED_LATELY = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, by which operator's link, and in which language they are answered."""

    subscriber_id: int
    phone: str
    operator: str
    language: Language
    numbers: Numbers
    now: datetime


def terms(session: Session, asking: Asking) -> str:
    """Behind the answer to an ID-code: the price and ДА, or the consent itself where one step is enough.

    One step is the first consent alone: a price that rises, or a suspended payer who is charged at once, needs ДА.
    Who pays for no child is told that somebody else does. Empty: the payer has agreed.
    """
    payer = payers.find(session, asking.subscriber_id)
    children = 0 if payer is None else len(payers.children(session, payer.id))
    if payer is None or not children:
        return wording.paid_by_another(asking.language, asking.numbers)
    if _has_agreed(session, payer, children, asking):
        return ""
    price = _price(session, children, asking)
    if not _is_one_step(session, payer, asking):
        session.execute(update(Payer).where(Payer.id == payer.id).values(asked_at=asking.now))
        return wording.terms(asking.language, price, payer.trial_until if _is_free(payer, asking) else None)
    payer = payers.by_id(session, payer.id)
    agreed = wording.agreed(asking.language, price, asking.numbers)
    return _agree(session, payer, price, agreed, ConsentWay.ONE_STEP, asking)


def paid_by_another(session: Session, subscriber_id: int, language: Language, numbers: Numbers) -> str:
    """What is said in place of the price to who pays for no child. Empty: they pay, or parents pay nothing here."""
    if not entitlement.is_on():
        return ""
    payer = payers.find(session, subscriber_id)
    if payer is not None and payers.children(session, payer.id):
        return ""
    return wording.paid_by_another(language, numbers)


def _is_one_step(session: Session, payer: PayerNow, asking: Asking) -> bool:
    if operators.of(asking.operator).two_steps or waits_for_payment(payer.state):
        return False
    return payer.id not in consents.present(session, [payer.id])


def _has_agreed(session: Session, payer: PayerNow, children: int, asking: Asking) -> bool:
    """Whether ДА would change nothing: what so many children cost, also from a coming price on, is agreed to."""
    own = consents.present(session, [payer.id]).get(payer.id)
    if own is None or is_silent(payer.state):
        return False
    return own.covers(consents.to_agree_to(session, children, asking.now).of(children))


def _is_free(payer: PayerNow, asking: Asking) -> bool:
    return payer.trial_until is not None and payer.trial_until >= today(asking.now)


def _price(session: Session, children: int, asking: Asking) -> str:
    return consents.to_agree_to(session, children, asking.now).told(asking.language, children)


def is_asked(session: Session, asking: Asking) -> bool:
    """Whether ДА of this number is meant for the price, even where an invitation waits for an answer too.

    Only if the price was asked about within two days, and no invitation was sent to the number since.
    """
    asked_at = session.scalar(select(Payer.asked_at).where(Payer.subscriber_id == asking.subscriber_id))
    if asked_at is None or asked_at < asking.now - ASKED_LATELY:
        return False
    invited_at = session.scalar(
        select(func.max(Message.created_at)).where(
            Message.address == asking.phone,
            Message.created_at >= asked_at,
            Message.purpose == MessagePurpose.CAMPAIGN,
        )
    )
    return invited_at is None


def agree(session: Session, asking: Asking) -> str | None:
    """The payer texted ДА: consent is stored, and the family is told again. None: they were asked nothing."""
    payer = payers.find(session, asking.subscriber_id)
    children = 0 if payer is None else len(payers.children(session, payer.id))
    if payer is None or not children:
        return None
    payer = payers.by_id(session, payer.id)
    price = _price(session, children, asking)
    if _has_agreed(session, payer, children, asking):
        return wording.agreed_before(asking.language, price, asking.numbers)
    if asking.operator not in operators.charging():
        return wording.not_by_telephone(asking.language, asking.numbers)
    shown = wording.terms(asking.language, price, payer.trial_until if _is_free(payer, asking) else None)
    return _agree(session, payer, price, shown, ConsentWay.TWO_STEPS, asking)


def _agree(session: Session, payer: PayerNow, price: str, shown: str, way: ConsentWay, asking: Asking) -> str:
    """Store the consent, and charge who is suspended; gives the answer."""
    consents.agree(session, payer.id, shown=shown, way=way, operator=asking.operator, now=asking.now)
    if not waits_for_payment(payer.state):
        return wording.agreed(asking.language, price, asking.numbers)
    if planning.charge_now(session, payer.id, asking.now):
        return wording.charge_follows(asking.language, asking.numbers)
    return wording.not_now(asking.language, asking.numbers)


def bill(session: Session, asking: Asking) -> str:
    """СМЕТКА: how the bill stands, as the telephone tells it too."""
    found = standing.of_phone(session, asking.phone, asking.now)
    if found is None:
        return wording.pays_nothing(asking.language, asking.numbers)
    return bill_wording.bill(asking.language, found, asking.numbers)
