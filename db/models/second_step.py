"""The second step of signing in, besides codes of a telephone: passkeys, recovery codes, and who must have one."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, unique_where
from db.columns import one_of
from db.kinds import PasskeyUse


class Passkey(Base):
    """A WebAuthn credential of an account."""

    __tablename__ = "passkey"
    __table_args__ = (
        Index(None, "staff_id"),
        CheckConstraint("sign_count >= 0", name="sign_count"),
        CheckConstraint("length(name) > 0", name="name"),
    )

    id: Mapped[Id]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    credential: Mapped[bytes] = mapped_column(LargeBinary)
    """WebAuthn's attested credential data: model, credential id, public key."""
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(60))
    """What the person calls it."""
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class PasskeyChallenge(Base):
    """What a browser is to have signed by a passkey; deleted when it is answered, whatever the answer."""

    __tablename__ = "passkey_challenge"
    __table_args__ = (
        Index(None, "expires_at"),
        CheckConstraint("(staff_id IS NULL) = (purpose = 'sign_in')", name="staff"),
        CheckConstraint("length(challenge) >= 16", name="challenge"),
    )

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    """Of a random token in the cookie of the browser that asked."""
    purpose: Mapped[PasskeyUse] = mapped_column(one_of(PasskeyUse, "purpose"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    challenge: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime]


class RecoveryCode(Base):
    """A code that stands in for the second factor, once."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("staff_id", "code_hash"), CheckConstraint("length(code_hash) = 32", name="hash"))

    id: Mapped[Id]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SecondFactorDemand(Base):
    """Leaders of this school must have a second factor; without a school: all leaders and the platform's operators."""

    __tablename__ = "second_factor_demand"
    __table_args__ = (
        unique_where("uq_second_factor_demand_school", "school_id IS NOT NULL", "school_id"),
        unique_where("uq_second_factor_demand_platform", "school_id IS NULL", "scope"),
        CheckConstraint("scope = CASE WHEN school_id IS NULL THEN 'platform' ELSE 'school' END", name="scope"),
    )

    id: Mapped[Id]
    scope: Mapped[str] = mapped_column(String(10))
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id", ondelete="CASCADE"))
    since: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
