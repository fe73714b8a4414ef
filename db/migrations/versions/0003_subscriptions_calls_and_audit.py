"""Subscriptions, calls and audit."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lockout",
        sa.Column(
            "kind",
            sa.Enum("caller", "student", name="kind", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("subject_hash", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_lockout_failures")),
        sa.PrimaryKeyConstraint("kind", "subject_hash", name=op.f("pk_lockout")),
    )
    op.create_index(op.f("ix_lockout_forgotten_at"), "lockout", ["forgotten_at"])
    op.create_table(
        "subscriber",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("phone", sa.String(length=16), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column(
            "language",
            sa.Enum("bg", "en", name="language", native_enum=False, create_constraint=True, length=20),
            server_default="bg",
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "phone IS NULL OR (phone LIKE '+%' AND length(phone) >= 8)", name=op.f("ck_subscriber_phone_e164")
        ),
        sa.CheckConstraint("phone IS NOT NULL OR email IS NOT NULL", name=op.f("ck_subscriber_reachable")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriber")),
        sa.UniqueConstraint("email", name=op.f("uq_subscriber_email")),
        sa.UniqueConstraint("phone", name=op.f("uq_subscriber_phone")),
    )
    op.create_table(
        "heard_event",
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "grade",
                "absence",
                "remark",
                "health",
                "meeting",
                "event",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("first_heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_heard_event_school_id")),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name=op.f("fk_heard_event_subscriber_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subscriber_id", "kind", "event_id", name=op.f("pk_heard_event")),
    )
    op.create_index(op.f("ix_heard_event_school_id_kind_event_id"), "heard_event", ["school_id", "kind", "event_id"])
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("subscriber_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("entity", sa.String(length=40), nullable=False),
        sa.Column("entity_id", sa.Integer(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_audit_school_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_audit_staff_id")),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name=op.f("fk_audit_subscriber_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_audit_school_id_at"), "audit", ["school_id", "at"])
    op.create_index(op.f("ix_audit_school_id_entity_entity_id"), "audit", ["school_id", "entity", "entity_id"])
    op.create_table(
        "subscription",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "waiting", "active", "stopped", name="status", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.Column("pin_hash", sa.String(length=100), nullable=True),
        sa.Column("sms_enabled", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("calls_enabled", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("email_enabled", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("following_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(status = 'stopped') = (stopped_at IS NOT NULL)", name=op.f("ck_subscription_stopped_at")),
        sa.CheckConstraint(
            "status <> 'active' OR following_since IS NOT NULL", name=op.f("ck_subscription_active_since")
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "student_id"],
            ["student.school_id", "student.id"],
            name=op.f("fk_subscription_school_id_student_id"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_subscription_school_id")),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscriber.id"], name=op.f("fk_subscription_subscriber_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
        sa.UniqueConstraint("school_id", "id", name=op.f("uq_subscription_school_id_id")),
        sa.UniqueConstraint(
            "school_id", "student_id", "subscriber_id", name=op.f("uq_subscription_school_id_student_id_subscriber_id")
        ),
    )
    op.create_index(op.f("ix_subscription_subscriber_id"), "subscription", ["subscriber_id"])
    op.create_table(
        "call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=True),
        sa.Column("student_id", sa.Integer(), nullable=True),
        sa.Column("subscription_id", sa.Integer(), nullable=True),
        sa.Column(
            "direction",
            sa.Enum("inbound", "outbound", name="direction", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("caller", sa.String(length=16), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "finished",
                "hung_up",
                "silent",
                "refused",
                "failed",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.CheckConstraint("ended_at >= started_at", name=op.f("ck_call_ends_after_start")),
        sa.CheckConstraint("student_id IS NULL OR school_id IS NOT NULL", name=op.f("ck_call_student_of_school")),
        sa.CheckConstraint(
            "subscription_id IS NULL OR school_id IS NOT NULL", name=op.f("ck_call_subscription_of_school")
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "student_id"], ["student.school_id", "student.id"], name=op.f("fk_call_school_id_student_id")
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "subscription_id"],
            ["subscription.school_id", "subscription.id"],
            name=op.f("fk_call_school_id_subscription_id"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_call_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
        sa.UniqueConstraint("call_id", name=op.f("uq_call_call_id")),
    )
    op.create_index(op.f("ix_call_school_id_started_at"), "call", ["school_id", "started_at"])
    op.create_index(op.f("ix_call_started_at"), "call", ["started_at"])
    op.create_table(
        "call_step",
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column(
            "input_kind",
            sa.Enum(
                "key",
                "silence",
                "invalid",
                "hangup",
                "none",
                name="input_kind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_call_step_call_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call_id", "position", name=op.f("pk_call_step")),
    )


def downgrade() -> None:
    op.drop_table("call_step")
    op.drop_index(op.f("ix_call_started_at"), table_name="call")
    op.drop_index(op.f("ix_call_school_id_started_at"), table_name="call")
    op.drop_table("call")
    op.drop_index(op.f("ix_subscription_subscriber_id"), table_name="subscription")
    op.drop_table("subscription")
    op.drop_index(op.f("ix_audit_school_id_entity_entity_id"), table_name="audit")
    op.drop_index(op.f("ix_audit_school_id_at"), table_name="audit")
    op.drop_table("audit")
    op.drop_index(op.f("ix_heard_event_school_id_kind_event_id"), table_name="heard_event")
    op.drop_table("heard_event")
    op.drop_table("subscriber")
    op.drop_index(op.f("ix_lockout_forgotten_at"), table_name="lockout")
    op.drop_table("lockout")
