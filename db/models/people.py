"""Classes, students, guardians and staff."""

from datetime import UTC, date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    false,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Email, Id, Name, Phone, SchoolId, of_same_school, pointed_at_by_school, unique_where
from db.columns import one_of
from db.kinds import GuardianRelation, NationalIdKind, Role


def _now() -> datetime:
    return datetime.now(UTC)


class Staff(Base):
    """A teacher, principal or administrator at one school, or an operator of the platform (of no school).

    A person who works at several schools has a row in each. One of them is the account: it has the password and the
    second factor. The others point to it by `account_id`, so rows of a school go on pointing to staff of that school.
    """

    __tablename__ = "staff"
    __table_args__ = (
        pointed_at_by_school(),
        UniqueConstraint("id", "email"),
        UniqueConstraint("school_id", "email"),
        unique_where("uq_staff_account_email", "account_id IS NULL", "email"),
        Index(None, "account_id"),
        ForeignKeyConstraint(["account_id", "email"], ["staff.id", "staff.email"], onupdate="CASCADE"),
        CheckConstraint("email = lower(email)", name="email_lower"),
        CheckConstraint("(totp_pending_encrypted IS NULL) = (totp_pending_until IS NULL)", name="totp_pending"),
        CheckConstraint(
            "account_id IS NULL OR (account_id <> id AND school_id IS NOT NULL AND password_hash IS NULL "
            "AND totp_encrypted IS NULL AND totp_pending_encrypted IS NULL)",
            name="one_account",
        ),
        CheckConstraint("joined_at IS NULL OR account_id IS NOT NULL", name="joined"),
    )

    id: Mapped[Id]
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    first_name: Mapped[Name]
    last_name: Mapped[Name]
    email: Mapped[Email]
    """What the person logs in with, in lower case: the same in all their rows, and no other account's."""
    account_id: Mapped[int | None]
    """The row whose password and second factor this person signs in with; none: this one."""
    joined_at: Mapped[datetime | None]
    """When the person confirmed that they work at this school too; a row with `account_id` is of no use before."""
    passkeys_know: Mapped[int | None]
    """The id that the person's passkeys were registered under, where the account was another row then."""
    password_hash: Mapped[str | None] = mapped_column(String(200))
    is_active: Mapped[bool] = mapped_column(server_default=true())
    totp_encrypted: Mapped[bytes | None] = mapped_column(LargeBinary, info={"encrypted": "second factor"})
    """The secret of the second factor, once the person has proved that their telephone knows it."""
    totp_last_step: Mapped[int | None] = mapped_column(BigInteger)
    """The time step of the last code that was accepted: codes of this step and of earlier ones are refused."""
    totp_pending_encrypted: Mapped[bytes | None] = mapped_column(LargeBinary, info={"encrypted": "second factor"})
    """A secret that the server made and no code has proved yet."""
    totp_pending_until: Mapped[datetime | None]
    created_at: Mapped[datetime]


class StaffRole(Base):
    """A role of an account; one person may have several."""

    __tablename__ = "staff_role"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[Role] = mapped_column(one_of(Role, "role"), primary_key=True)


class SchoolClass(Base):
    """паралелка of one school year: level 1..12 and a letter."""

    __tablename__ = "school_class"
    __table_args__ = (
        of_same_school("school_year_id", "school_year"),
        of_same_school("class_teacher_id", "staff"),
        UniqueConstraint("school_id", "school_year_id", "level", "letter"),
        pointed_at_by_school(),
        CheckConstraint("level BETWEEN 1 AND 12", name="level"),
    )

    id: Mapped[Id]
    school_id: Mapped[SchoolId]
    school_year_id: Mapped[int]
    level: Mapped[int]
    letter: Mapped[str] = mapped_column(String(2))
    class_teacher_id: Mapped[int | None]
    teacher_to_confirm: Mapped[bool] = mapped_column(server_default=false())
    """The class teacher was copied from last year's class, and nobody has confirmed it yet."""

    @property
    def name(self) -> str:
        """„8а“."""
        return f"{self.level}{self.letter}"


class Student(Base):
    """A student; `class_id` is the present class, none after leaving the school; what was before, Enrolment knows."""

    __tablename__ = "student"
    __table_args__ = (
        of_same_school("class_id", "school_class"),
        UniqueConstraint("school_id", "national_id_hash"),
        pointed_at_by_school(),
        Index(None, "school_id", "class_id"),
        Index(None, "national_id_hash"),
        CheckConstraint("left_on IS NULL OR class_id IS NULL", name="left"),
        CheckConstraint("length(national_id_hash) = 32", name="national_id_hash"),
    )

    id: Mapped[Id]
    school_id: Mapped[SchoolId]
    class_id: Mapped[int | None]
    """The class of the open enrolment, repeated here for calls and messages, which ask for no other."""
    number_in_class: Mapped[int | None]
    first_name: Mapped[Name]
    middle_name: Mapped[Name]
    last_name: Mapped[Name]
    birth_date: Mapped[date]
    national_id_kind: Mapped[NationalIdKind] = mapped_column(one_of(NationalIdKind, "national_id_kind"))
    national_id_encrypted: Mapped[bytes] = mapped_column(LargeBinary, info={"encrypted": "national id"})
    national_id_hash: Mapped[bytes] = mapped_column(LargeBinary)
    has_special_needs: Mapped[bool] = mapped_column(server_default=false())
    left_on: Mapped[date | None]
    only_named_followers: Mapped[bool] = mapped_column(server_default=false())
    """Only those whom the school names may be told: guardians who may, and whom the class teacher lets follow."""
    created_at: Mapped[datetime]


class StudentCode(Base):
    """Every ID-код ever given: the one that is not revoked is in force; none is given twice on the whole platform."""

    __tablename__ = "student_code"
    __table_args__ = (
        of_same_school("student_id", "student"),
        unique_where("uq_student_code_in_force", "revoked_at IS NULL", "school_id", "student_id"),
        CheckConstraint("length(code) = 8", name="length"),
    )

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    school_id: Mapped[SchoolId]
    student_id: Mapped[int]
    issued_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Guardian(Base):
    """родител, настойник: as the school recorded them, whether or not they subscribed."""

    __tablename__ = "guardian"
    __table_args__ = (pointed_at_by_school(), Index(None, "school_id", "phone"))

    id: Mapped[Id]
    school_id: Mapped[SchoolId]
    first_name: Mapped[Name]
    last_name: Mapped[Name]
    phone: Mapped[Phone | None]
    email: Mapped[Email | None]
    created_at: Mapped[datetime] = mapped_column(default=_now, server_default="2000-01-01 00:00:00+00:00")
    """Those that were recorded before this was kept have the year 2000."""


class StudentGuardian(Base):
    """Who a guardian is to a student."""

    __tablename__ = "student_guardian"
    __table_args__ = (
        ForeignKeyConstraint(["school_id", "student_id"], ["student.school_id", "student.id"], ondelete="CASCADE"),
        of_same_school("guardian_id", "guardian"),
        Index(None, "school_id", "guardian_id"),
    )

    school_id: Mapped[SchoolId]
    student_id: Mapped[int] = mapped_column(primary_key=True)
    guardian_id: Mapped[int] = mapped_column(primary_key=True)
    relation: Mapped[GuardianRelation] = mapped_column(one_of(GuardianRelation, "relation"))
    may_be_told: Mapped[bool] = mapped_column(server_default=true())
    """Whether the guardian may learn anything of this student: a court can limit it."""
