"""A parent's telephone at a test's database: texts to the short code, and what came back."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from db.kinds import Channel, MessagePurpose
from db.models import InboundText, Message
from db.session import Database
from school.outbox.enqueue import PIN_PURPOSE
from school.security.crypto import vault
from smpp.texts.handling import Handled, handle
from tests.school.conftest import NOW


@dataclass(frozen=True)
class Sms:
    """One message to a telephone, with its PIN in place."""

    address: str
    text: str
    pin: str | None
    operator: str | None
    purpose: MessagePurpose
    due_at: datetime
    urgent: bool


@dataclass
class Parent:
    """A telephone and the clock of its owner."""

    database: Database
    phone: str
    operator: str = "a1"
    now: datetime = NOW

    def text(self, written: str, *, after: timedelta = timedelta(seconds=10)) -> str | None:
        """Text it, some time after the last one; gives the answer, or None when there was none."""
        self.now += after
        before = len(self.received())
        done = self.send(written)
        came = [sms for sms in self.received()[before:] if sms.purpose is MessagePurpose.ANSWER]
        assert len(came) == done.answered
        return came[0].text if came else None

    def send(self, written: str) -> Handled:
        """What the gateway does with a text: its row, the answer, the row's mark, in one transaction."""
        with self.database.session() as session:
            text_id = session.scalars(
                insert(InboundText)
                .values(
                    operator=self.operator,
                    session="1",
                    phone=self.phone,
                    text_encrypted=b"",
                    fingerprint=b"",
                    received_at=self.now,
                )
                .returning(InboundText.id)
            ).one()
            done = handle(session, phone=self.phone, operator=self.operator, text=written, now=self.now)
            session.execute(
                update(InboundText)
                .where(InboundText.id == text_id)
                .values(handled_at=self.now, command=done.command, answered=done.answered)
            )
        assert len(done.command) <= 20
        return done

    def received(self) -> list[Sms]:
        """Everything that was put into the outbox for this telephone, oldest first."""
        with self.database.reading() as session:
            rows = session.scalars(
                select(Message)
                .where(Message.address == self.phone, Message.channel == Channel.SMS)
                .order_by(Message.id)
            ).all()
            keys = vault(session)
        return [
            Sms(
                row.address,
                row.text.replace("{pin}", pin or ""),
                pin,
                row.operator,
                row.purpose,
                row.due_at,
                row.urgent,
            )
            for row in rows
            for pin in [keys.decrypt(PIN_PURPOSE, row.pin_encrypted) if row.pin_encrypted else None]
        ]

    @property
    def pin(self) -> str:
        """The last PIN that came."""
        return next(sms.pin for sms in reversed(self.received()) if sms.pin)


def pin_in(text: str | None) -> str:
    """The PIN that an answer tells."""
    found = re.search(r"(?:ПИН|PIN) (?:за|for) \d+: (\d{4,6})", text or "")
    assert found, text
    return found[1]
