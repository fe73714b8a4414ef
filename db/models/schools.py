"""Schools and their calendar. Years, terms, ends and vacations are data: each school has its own."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, SmallInteger, String, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, SchoolId, Title, of_same_school, pointed_at_by_school


class School(Base):
    """училище: the tenant."""

    __tablename__ = "school"
    __table_args__ = (
        CheckConstraint("notify_delay_minutes BETWEEN 0 AND 1440", name="notify_delay"),
        CheckConstraint("from_hour >= 0 AND from_hour < until_hour AND until_hour <= 24", name="hours"),
        CheckConstraint("length(call_weekdays) BETWEEN 1 AND 7", name="call_weekdays"),
        CheckConstraint("voice_message_days BETWEEN 0 AND 400", name="voice_message_days"),
        CheckConstraint("today_from_hour BETWEEN 0 AND 23", name="today_from_hour"),
    )

    id: Mapped[Id]
    institution_code: Mapped[str] = mapped_column(String(7), unique=True)  # код по НЕИСПУО
    name: Mapped[Title]
    town: Mapped[Title]
    pin_always: Mapped[bool] = mapped_column(server_default=false())
    """Ask recognised callers for the PIN too: a caller's number can be forged."""
    notify_delay_minutes: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    """How long an entry waits before parents are told: within it a mistake is corrected unseen."""
    from_hour: Mapped[int] = mapped_column(SmallInteger, server_default="8")
    until_hour: Mapped[int] = mapped_column(SmallInteger, server_default="20")
    """Parents get SMS and calls from the one up to the other, Sofia time; outside are the quiet hours."""
    call_weekdays: Mapped[str] = mapped_column(String(7), server_default="123456")
    """Days of the week on which we ring parents: 1 is Monday."""
    latin_sms: Mapped[bool] = mapped_column(server_default=false())
    """Send SMS in Latin letters: fewer parts."""
    new_email_waits: Mapped[bool] = mapped_column(server_default=true())
    """Whether an e-mail address that is no guardian's waits for the class teacher before it follows by ID-code."""
    new_sms_waits: Mapped[bool] = mapped_column(server_default=false())
    """The same of a telephone number."""
    greeting: Mapped[str | None] = mapped_column(String(200))
    """What callers who are known hear after the telephone's own greeting."""
    voice_message_days: Mapped[int] = mapped_column(SmallInteger, server_default="30")
    """How long parents' messages to class teachers are kept; 0: none are taken."""
    today_from_hour: Mapped[int] = mapped_column(SmallInteger, server_default="9")
    """Sofia time; from then on parents are told what was entered of the day when they ask."""
    created_at: Mapped[datetime]


class SchoolYear(Base):
    """учебна година, by the year it starts in: 2026 is 2026/2027."""

    __tablename__ = "school_year"
    __table_args__ = (
        UniqueConstraint("school_id", "starts_on"),
        pointed_at_by_school(),
        CheckConstraint("ends_on > starts_on", name="ends_after_start"),
    )

    id: Mapped[Id]
    school_id: Mapped[SchoolId]
    starts_on: Mapped[date]
    ends_on: Mapped[date]


class Term(Base):
    """учебен срок; `ends_on` is the last day of the levels that stay longest, see TermEnd."""

    __tablename__ = "term"
    __table_args__ = (
        of_same_school("school_year_id", "school_year"),
        CheckConstraint("number IN (1, 2)", name="number"),
        CheckConstraint("ends_on > starts_on", name="ends_after_start"),
    )

    school_id: Mapped[SchoolId]
    school_year_id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]


class TermEnd(Base):
    """The last school day of one level in a term, where it ends earlier than `Term.ends_on` (15 May for level 12)."""

    __tablename__ = "term_end"
    __table_args__ = (
        of_same_school("school_year_id", "school_year"),
        ForeignKeyConstraint(["school_year_id", "term_number"], ["term.school_year_id", "term.number"]),
        CheckConstraint("level BETWEEN 1 AND 12", name="level"),
    )

    school_id: Mapped[SchoolId]
    school_year_id: Mapped[int] = mapped_column(primary_key=True)
    term_number: Mapped[int] = mapped_column(primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True)
    ends_on: Mapped[date]


class Vacation(Base):
    """Days without school, first to last: vacations and public holidays."""

    __tablename__ = "vacation"
    __table_args__ = (
        of_same_school("school_year_id", "school_year"),
        UniqueConstraint("school_id", "school_year_id", "starts_on"),
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
    )

    id: Mapped[Id]
    school_id: Mapped[SchoolId]
    school_year_id: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    name: Mapped[Title]
