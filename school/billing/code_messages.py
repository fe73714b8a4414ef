"""A code for EasyPay is sent to the payer by SMS and by e-mail, besides being shown."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.kinds import Channel, MessagePurpose
from db.models import Payer, Subscriber
from school.billing import order_wording
from school.billing.orders import Order
from school.outbox import enqueue
from school.security import destinations
from school.wording.translation import in_latin


def send(session: Session, order: Order, now: datetime) -> tuple[Channel, ...]:
    """Send an order's code to wherever the payer is reached; gives by which channels."""
    who = session.execute(
        select(Subscriber.id, Subscriber.phone, Subscriber.email, Subscriber.language, Subscriber.operator)
        .join(Payer, Payer.subscriber_id == Subscriber.id)
        .where(Payer.id == order.payer_id)
    ).one_or_none()
    if who is None:
        return ()
    sent = []
    common = {
        "purpose": MessagePurpose.SERVICE,
        "now": now,
        "subscriber_id": who.id,
        "urgent": True,
        "keep_for": order.expires_at - now,
    }
    if who.phone is not None and destinations.current().reaches(who.phone, Channel.SMS):
        text = order_wording.code_by_sms(who.language, order)
        latin = in_latin(who.language)
        enqueue(
            session, channel=Channel.SMS, address=who.phone, text=text, operator=who.operator, latin=latin, **common
        )
        sent.append(Channel.SMS)
    if who.email is not None:
        letter = order_wording.code_by_letter(who.language, order)
        enqueue(session, channel=Channel.EMAIL, address=who.email, text=letter, **common)
        sent.append(Channel.EMAIL)
    return tuple(sent)
