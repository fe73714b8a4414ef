"""Free messages about money: by SMS, or by e-mail to who has no telephone with us. One statement for many payers."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.kinds import Channel, Language, MessagePurpose
from db.models import Payer, Subscriber
from school import outbox
from school.billing import wording
from school.outbox import Letter, Sms
from school.security import destinations
from school.wording.translation import in_latin

HOURS = (8, 20)
"""Sofia time; a receipt wakes nobody."""
KEEP_FOR = timedelta(days=7)
AT_ONCE = 1000

Words = Callable[[int, Language], str]
"""From a payer's id and language to the text."""


def send(session: Session, payer_ids: Collection[int], words: Words, now: datetime) -> int:
    """Write to each of these payers, if they can be reached; gives to how many.

    The e-mail channel has the same text as a letter, with a subject.
    """
    texts: list[Sms] = []
    letters: list[Letter] = []
    reached = destinations.current()
    ids = sorted(payer_ids)
    for start in range(0, len(ids), AT_ONCE):
        for row in session.execute(
            select(Payer.id, Subscriber.id.label("subscriber_id"), Subscriber.phone, Subscriber.email)
            .add_columns(Subscriber.language, Subscriber.operator)
            .join(Subscriber, Subscriber.id == Payer.subscriber_id)
            .where(Payer.id.in_(ids[start : start + AT_ONCE]))
            .order_by(Payer.id)
        ):
            text = words(row.id, row.language)
            if row.phone is not None and reached.reaches(row.phone, Channel.SMS):
                texts.append(Sms(row.subscriber_id, row.phone, text, row.operator, in_latin(row.language)))
            elif row.email is not None:
                letters.append(Letter(row.subscriber_id, row.email, wording.letter(row.language, text)))
    outbox.enqueue_sms(session, texts, MessagePurpose.SERVICE, now, hours=HOURS, keep_for=KEEP_FOR)
    outbox.enqueue_letters(session, letters, MessagePurpose.SERVICE, now, KEEP_FOR)
    return len(texts) + len(letters)
