"""Accounts: sessions, links, tokens; a teacher's day: timetable, phrases, excuses."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "remark_phrase",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("censure", "praise", name="kind", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_remark_phrase_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remark_phrase")),
        sa.UniqueConstraint("school_id", "kind", "text", name=op.f("uq_remark_phrase_school_id_kind_text")),
    )
    op.create_table(
        "api_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("may_write", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["school_id", "created_by"], ["staff.school_id", "staff.id"], name=op.f("fk_api_token_school_id_created_by")
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_api_token_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )
    op.create_index(op.f("ix_api_token_school_id"), "api_token", ["school_id"])
    op.create_table(
        "school_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_code", sa.String(length=7), nullable=False),
        sa.Column("school_name", sa.String(length=160), nullable=False),
        sa.Column("town", sa.String(length=160), nullable=False),
        sa.Column("first_name", sa.String(length=80), nullable=False),
        sa.Column("last_name", sa.String(length=80), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("phone", sa.String(length=16), nullable=True),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "waiting", "approved", "refused", name="status", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("made_school_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(status = 'waiting') = (decided_at IS NULL)", name=op.f("ck_school_request_decided")),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.id"], name=op.f("fk_school_request_decided_by")),
        sa.ForeignKeyConstraint(["made_school_id"], ["school.id"], name=op.f("fk_school_request_made_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_request")),
    )
    op.create_index(op.f("ix_school_request_status_created_at"), "school_request", ["status", "created_at"])
    op.create_table(
        "staff_link",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum("invitation", "reset", name="purpose", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_link_staff_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_link")),
    )
    op.create_index(op.f("ix_staff_link_staff_id"), "staff_link", ["staff_id"])
    op.create_table(
        "staff_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("device", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_staff_session_expires_after_creation")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_session_staff_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_staff_session_token_hash")),
    )
    op.create_index(op.f("ix_staff_session_staff_id"), "staff_session", ["staff_id"])
    op.create_table(
        "submission",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_submission_school_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_submission_staff_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("staff_id", "key", name=op.f("pk_submission")),
    )
    op.create_index(op.f("ix_submission_school_id_at"), "submission", ["school_id", "at"])
    op.create_table(
        "timetable_lesson",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("lesson", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("lesson BETWEEN 1 AND 8", name=op.f("ck_timetable_lesson_lesson")),
        sa.CheckConstraint("weekday BETWEEN 1 AND 6", name=op.f("ck_timetable_lesson_weekday")),
        sa.ForeignKeyConstraint(
            ["school_id", "class_id"],
            ["school_class.school_id", "school_class.id"],
            name=op.f("fk_timetable_lesson_school_id_class_id"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "staff_id"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_timetable_lesson_school_id_staff_id"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "subject_id"],
            ["subject.school_id", "subject.id"],
            name=op.f("fk_timetable_lesson_school_id_subject_id"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_timetable_lesson_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timetable_lesson")),
        sa.UniqueConstraint(
            "school_id",
            "class_id",
            "weekday",
            "lesson",
            "staff_id",
            name=op.f("uq_timetable_lesson_school_id_class_id_weekday_lesson_staff_id"),
        ),
    )
    op.create_index(
        op.f("ix_timetable_lesson_school_id_staff_id_weekday"), "timetable_lesson", ["school_id", "staff_id", "weekday"]
    )
    op.create_table(
        "excuse_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("school_year_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("parent", "medical", name="kind", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("school_days", sa.SmallInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_excuse_note_ends_after_start")),
        sa.CheckConstraint("school_days > 0", name=op.f("ck_excuse_note_school_days")),
        sa.ForeignKeyConstraint(
            ["school_id", "school_year_id"],
            ["school_year.school_id", "school_year.id"],
            name=op.f("fk_excuse_note_school_id_school_year_id"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "staff_id"], ["staff.school_id", "staff.id"], name=op.f("fk_excuse_note_school_id_staff_id")
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "student_id"],
            ["student.school_id", "student.id"],
            name=op.f("fk_excuse_note_school_id_student_id"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_excuse_note_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_excuse_note")),
    )
    op.create_index(
        op.f("ix_excuse_note_school_id_student_id_starts_on"), "excuse_note", ["school_id", "student_id", "starts_on"]
    )
    # Both databases take a column with its CHECK in one statement; Alembic would copy the table on SQLite.
    op.execute(
        "ALTER TABLE school_event ADD COLUMN level SMALLINT "
        "CONSTRAINT ck_school_event_level CHECK (level IS NULL OR (level BETWEEN 1 AND 12 AND class_id IS NULL))"
    )
    op.add_column("staff", sa.Column("totp_encrypted", sa.LargeBinary(), nullable=True))
    _allow_lockouts_of("caller", "student", "account", "address")


def downgrade() -> None:
    op.drop_column("staff", "totp_encrypted")
    if op.get_context().dialect.name == "postgresql":
        op.execute("ALTER TABLE school_event DROP CONSTRAINT ck_school_event_level")
    op.drop_column("school_event", "level")
    op.drop_table("excuse_note")
    op.drop_table("timetable_lesson")
    op.drop_table("submission")
    op.drop_table("staff_session")
    op.drop_table("staff_link")
    op.drop_table("school_request")
    op.drop_table("api_token")
    op.drop_table("remark_phrase")
    op.execute("DELETE FROM lockout WHERE kind IN ('account', 'address')")
    _allow_lockouts_of("caller", "student")


def _allow_lockouts_of(*kinds: str) -> None:
    """Change the CHECK of lockout.kind."""
    allowed = sa.Enum(*kinds, name="kind", native_enum=False, create_constraint=True, length=20)
    if op.get_context().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_lockout_kind"), "lockout", type_="check")
        op.create_check_constraint(op.f("ck_lockout_kind"), "lockout", sa.column("kind", sa.String()).in_(kinds))
        return
    # SQLite cannot change a CHECK: the table is made anew, and nobody's lock-out is lost.
    op.drop_index(op.f("ix_lockout_forgotten_at"), table_name="lockout")
    op.rename_table("lockout", "lockout_before")
    op.create_table(
        "lockout",
        sa.Column("kind", allowed, nullable=False),
        sa.Column("subject_hash", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_lockout_failures")),
        sa.PrimaryKeyConstraint("kind", "subject_hash", name=op.f("pk_lockout")),
    )
    op.create_index(op.f("ix_lockout_forgotten_at"), "lockout", ["forgotten_at"])
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.execute(f"INSERT INTO lockout SELECT * FROM lockout_before WHERE kind IN ({listed})")  # noqa: S608  # our own words
    op.drop_table("lockout_before")
