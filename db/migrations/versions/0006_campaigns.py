"""Outbound calls: campaigns, their families and telephones, attempts, and the days on which a school rings parents."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dialer_status",
        sa.Column("dialer", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("last_error", sa.String(length=200), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("dialer", name=op.f("pk_dialer_status")),
    )
    op.create_table(
        "campaign_opt_out",
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("phone", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_campaign_opt_out_school_id")),
        sa.PrimaryKeyConstraint("school_id", "phone", name=op.f("pk_campaign_opt_out")),
    )
    op.create_index(op.f("ix_campaign_opt_out_school_id_at"), "campaign_opt_out", ["school_id", "at"])
    op.create_table(
        "campaign",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("meeting", "announcement", name="kind", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("class_id", sa.Integer(), nullable=True),
        sa.Column("level", sa.SmallInteger(), nullable=True),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "scheduled",
                "running",
                "paused",
                "stopped",
                "finished",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_hour", sa.SmallInteger(), nullable=False),
        sa.Column("until_hour", sa.SmallInteger(), nullable=False),
        sa.Column("weekdays", sa.String(length=7), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("sms_fallback", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind = 'meeting' OR event_id IS NULL", name=op.f("ck_campaign_event_of_meeting")),
        sa.CheckConstraint("state = 'draft' OR starts_at IS NOT NULL", name=op.f("ck_campaign_starts_at")),
        sa.CheckConstraint("attempts BETWEEN 1 AND 9", name=op.f("ck_campaign_attempts")),
        sa.CheckConstraint(
            "from_hour >= 0 AND from_hour < until_hour AND until_hour <= 24", name=op.f("ck_campaign_hours")
        ),
        sa.CheckConstraint("length(title) > 0", name=op.f("ck_campaign_title")),
        sa.CheckConstraint("length(weekdays) BETWEEN 1 AND 7", name=op.f("ck_campaign_weekdays")),
        sa.CheckConstraint(
            "level IS NULL OR (level BETWEEN 1 AND 12 AND class_id IS NULL)", name=op.f("ck_campaign_level")
        ),
        sa.CheckConstraint("starts_at IS NULL OR ends_at > starts_at", name=op.f("ck_campaign_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["school_event.id"], name=op.f("fk_campaign_event_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "class_id"],
            ["school_class.school_id", "school_class.id"],
            name=op.f("fk_campaign_school_id_class_id"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "staff_id"], ["staff.school_id", "staff.id"], name=op.f("fk_campaign_school_id_staff_id")
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_campaign_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("school_id", "id", name=op.f("uq_campaign_school_id_id")),
    )
    op.create_index(op.f("ix_campaign_event_id"), "campaign", ["event_id"])
    op.create_index(
        "ix_campaign_open",
        "campaign",
        ["state"],
        unique=False,
        sqlite_where=sa.text("state IN ('scheduled', 'running', 'paused')"),
        postgresql_where=sa.text("state IN ('scheduled', 'running', 'paused')"),
    )
    op.create_index(op.f("ix_campaign_school_id_created_at"), "campaign", ["school_id", "created_at"])
    op.create_table(
        "campaign_family",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "calling",
                "reached",
                "machine",
                "not_reached",
                "opted_out",
                "skipped",
                "unknown",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column(
            "answer",
            sa.Enum("comes", "comes_not", name="answer", native_enum=False, create_constraint=True, length=20),
            nullable=True,
        ),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "answered_by",
            sa.Enum("sms", "email", "call", name="answered_by", native_enum=False, create_constraint=True, length=20),
            nullable=True,
        ),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'waiting') = (due_at IS NOT NULL)", name=op.f("ck_campaign_family_due")),
        sa.CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_campaign_family_answered_at")),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_by IS NULL)", name=op.f("ck_campaign_family_answered_by_channel")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_campaign_family_message_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "campaign_id"],
            ["campaign.school_id", "campaign.id"],
            name=op.f("fk_campaign_family_school_id_campaign_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_campaign_family_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_family")),
        sa.UniqueConstraint("school_id", "id", name=op.f("uq_campaign_family_school_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_campaign_family_campaign_id_state"), "campaign_family", ["campaign_id", "state"])
    op.create_index(op.f("ix_campaign_family_message_id"), "campaign_family", ["message_id"])
    op.create_index(
        "ix_campaign_family_waiting",
        "campaign_family",
        ["campaign_id", "due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "call_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.String(length=64), nullable=False),
        sa.Column("family_id", sa.Integer(), nullable=True),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("phone", sa.String(length=16), nullable=False),
        sa.Column("dialer", sa.String(length=80), nullable=False),
        sa.Column("dialled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("person_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sounds_like_machine", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cause", sa.SmallInteger(), nullable=True),
        sa.Column(
            "result",
            sa.Enum(
                "reached",
                "machine",
                "cut_short",
                "busy",
                "no_answer",
                "rejected",
                "bad_number",
                "trunk",
                "failed",
                "unknown",
                name="result",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.CheckConstraint("(family_id IS NULL) <> (message_id IS NULL)", name=op.f("ck_call_attempt_for_one")),
        sa.ForeignKeyConstraint(
            ["family_id"], ["campaign_family.id"], name=op.f("fk_call_attempt_family_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_call_attempt_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_attempt")),
        sa.UniqueConstraint("channel_id", name=op.f("uq_call_attempt_channel_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_call_attempt_dialled_at"), "call_attempt", ["dialled_at"])
    op.create_index(op.f("ix_call_attempt_family_id"), "call_attempt", ["family_id"])
    op.create_index(op.f("ix_call_attempt_message_id"), "call_attempt", ["message_id"])
    op.create_index(
        "ix_call_attempt_open",
        "call_attempt",
        ["phone"],
        unique=False,
        sqlite_where=sa.text("result IS NULL"),
        postgresql_where=sa.text("result IS NULL"),
    )
    op.create_table(
        "campaign_child",
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("family_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "family_id"],
            ["campaign_family.school_id", "campaign_family.id"],
            name=op.f("fk_campaign_child_school_id_family_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "student_id"],
            ["student.school_id", "student.id"],
            name=op.f("fk_campaign_child_school_id_student_id"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_campaign_child_school_id")),
        sa.PrimaryKeyConstraint("family_id", "student_id", name=op.f("pk_campaign_child")),
    )
    op.create_index(op.f("ix_campaign_child_school_id_student_id"), "campaign_child", ["school_id", "student_id"])
    op.create_table(
        "campaign_telephone",
        sa.Column("family_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("phone", sa.String(length=16), nullable=False),
        sa.Column("guardian_id", sa.Integer(), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "last_result",
            sa.Enum(
                "reached",
                "machine",
                "cut_short",
                "busy",
                "no_answer",
                "rejected",
                "bad_number",
                "trunk",
                "failed",
                "unknown",
                name="last_result",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_campaign_telephone_attempts")),
        sa.ForeignKeyConstraint(
            ["family_id"], ["campaign_family.id"], name=op.f("fk_campaign_telephone_family_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["guardian_id"], ["guardian.id"], name=op.f("fk_campaign_telephone_guardian_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("family_id", "position", name=op.f("pk_campaign_telephone")),
        sa.UniqueConstraint("family_id", "phone", name=op.f("uq_campaign_telephone_family_id_phone")),
    )
    op.create_index(op.f("ix_campaign_telephone_guardian_id"), "campaign_telephone", ["guardian_id"])
    op.create_index(op.f("ix_campaign_telephone_phone"), "campaign_telephone", ["phone"])
    # Both databases take a column with its CHECK in one statement; Alembic would copy the table on SQLite.
    op.execute(
        "ALTER TABLE school ADD COLUMN call_weekdays VARCHAR(7) DEFAULT '123456' NOT NULL "
        "CONSTRAINT ck_school_call_weekdays CHECK (length(call_weekdays) BETWEEN 1 AND 7)"
    )


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute("ALTER TABLE school DROP CONSTRAINT ck_school_call_weekdays")
    op.drop_column("school", "call_weekdays")
    op.drop_table("campaign_telephone")
    op.drop_table("campaign_child")
    op.drop_table("call_attempt")
    op.drop_table("campaign_family")
    op.drop_table("campaign")
    op.drop_table("campaign_opt_out")
    op.drop_table("dialer_status")
