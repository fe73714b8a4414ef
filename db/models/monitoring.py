"""The state of the processes."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base


class ProcessStatus(Base):
    """The state of a process, or of one part of it, as it last reported it."""

    __tablename__ = "process_status"

    process: Mapped[str] = mapped_column(String(20), primary_key=True)
    """As in the Procfile: dialer, smpp, mail, scheduler."""
    instance: Mapped[str] = mapped_column(String(80), primary_key=True)
    """Host and process."""
    part: Mapped[str] = mapped_column(String(80), primary_key=True)
    """A link to an operator; empty: the process has no parts."""
    state: Mapped[str] = mapped_column(String(20))
    works: Mapped[bool]
    """Whether it can do its work in this state."""
    last_error: Mapped[str] = mapped_column(String(200))
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    updated_at: Mapped[datetime]
