"""Which backups there are."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base


class Backup(Base):
    """A backup that was made: its file's name, and whether it was found good when it was restored elsewhere."""

    __tablename__ = "backup"
    __table_args__ = (
        Index(None, "made_at"),
        CheckConstraint("verified_at IS NULL OR trouble = ''", name="verified_or_troubled"),
        CheckConstraint("size > 0", name="size"),
    )

    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    made_at: Mapped[datetime]
    """The moment of what is in it."""
    size: Mapped[int] = mapped_column(BigInteger)
    """Bytes."""
    verified_at: Mapped[datetime | None]
    trouble: Mapped[str] = mapped_column(String(200))
    """Why it was not found good; for people, without personal data."""
