"""What subscribers text to the short code."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Phone, WideId


class InboundText(Base):
    """One text, whole. It is acknowledged to the SMSC once it is stored, and acted on right after."""

    __tablename__ = "inbound_text"
    __table_args__ = (
        Index(None, "phone", "received_at"),
        Index(None, "fingerprint", "received_at"),
        Index(
            "ix_inbound_text_waiting",
            "received_at",
            sqlite_where=text("handled_at IS NULL"),
            postgresql_where=text("handled_at IS NULL"),
        ),
    )

    id: Mapped[WideId]
    operator: Mapped[str] = mapped_column(String(32))
    session: Mapped[str] = mapped_column(String(40))
    """The connection it came by: an SMSC repeats on another one what it has no answer to."""
    phone: Mapped[Phone]
    text_encrypted: Mapped[bytes] = mapped_column(LargeBinary, info={"encrypted": "inbound text"})
    """Parents write national ids."""
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    """Keyed hash of operator, numbers and text: the same text delivered twice has the same."""
    received_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]
    command: Mapped[str | None] = mapped_column(String(20))
    """What it was understood as."""
    answered: Mapped[bool | None]


class InboundPart(Base):
    """One part of a long text whose other parts are still to come, or have come (which reveals repeated parts)."""

    __tablename__ = "inbound_part"
    __table_args__ = (Index(None, "first_at"),)

    operator: Mapped[str] = mapped_column(String(32), primary_key=True)
    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    destination: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    reference: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    total: Mapped[int] = mapped_column(SmallInteger)
    octets: Mapped[bytes] = mapped_column(LargeBinary, info={"encrypted": "inbound part"})
    data_coding: Mapped[int] = mapped_column(SmallInteger)
    first_at: Mapped[datetime]
