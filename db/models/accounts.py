"""How people and systems get in: sessions, one-time links, API tokens, and schools that ask to join."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, false
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Email, Id, Name, Phone, SchoolId, Text, Title, of_same_school
from db.columns import one_of
from db.kinds import LinkPurpose, SchoolRequestStatus


class StaffSession(Base):
    """One browser in which a person is signed in. The cookie holds the token, the table only its hash."""

    __tablename__ = "staff_session"
    __table_args__ = (
        Index(None, "staff_id"),
        CheckConstraint("expires_at > created_at", name="expires_after_creation"),
    )

    id: Mapped[Id]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    device: Mapped[str] = mapped_column(String(200))
    """What the browser calls itself, for the person to tell sessions apart."""
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class StaffLink(Base):
    """A link that lets its holder, once: set a password, join a school, or confirm an address."""

    __tablename__ = "staff_link"
    __table_args__ = (
        Index(None, "staff_id"),
        CheckConstraint("(purpose = 'new_email') = (new_email IS NOT NULL)", name="new_email"),
    )

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    purpose: Mapped[LinkPurpose] = mapped_column(one_of(LinkPurpose, "purpose"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    new_email: Mapped[Email | None]
    """The address that the person wants to sign in with from now on."""


class ApiToken(Base):
    """Lets another system of the school read, and when `may_write` also record events."""

    __tablename__ = "api_token"
    __table_args__ = (of_same_school("created_by", "staff"), Index(None, "school_id"))

    id: Mapped[Id]
    school_id: Mapped[SchoolId]
    title: Mapped[Title]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    may_write: Mapped[bool] = mapped_column(server_default=false())
    created_by: Mapped[int]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class SchoolRequest(Base):
    """A school that asks to join; the platform's operator decides."""

    __tablename__ = "school_request"
    __table_args__ = (
        Index(None, "status", "created_at"),
        CheckConstraint("(status = 'waiting') = (decided_at IS NULL)", name="decided"),
    )

    id: Mapped[Id]
    institution_code: Mapped[str] = mapped_column(String(7))
    school_name: Mapped[Title]
    town: Mapped[Title]
    first_name: Mapped[Name]
    last_name: Mapped[Name]
    email: Mapped[Email]
    phone: Mapped[Phone | None]
    text: Mapped[Text]
    status: Mapped[SchoolRequestStatus] = mapped_column(one_of(SchoolRequestStatus, "status"))
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    made_school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    """The school it became."""
