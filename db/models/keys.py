"""The data keys, wrapped with the secret key, which is nowhere in the database."""

from datetime import datetime

from sqlalchemy import CheckConstraint, LargeBinary, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base


class DataKey(Base):
    """A data key: the newest encrypts, the earlier ones are kept for what cannot be computed anew (see db.keys)."""

    __tablename__ = "data_key"
    __table_args__ = (
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint("wrapped IS NOT NULL OR version = 1", name="wrapped"),
    )

    version: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    secret_key: Mapped[str] = mapped_column(String(24))
    """Fingerprint of the secret key that it is wrapped with."""
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    """AES-256-GCM; empty: it is derived from that secret key itself, as all was before there were data keys."""
    created_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]
    """Since when everything is encrypted under it, or under a later one; empty: that is being done."""
