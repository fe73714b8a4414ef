"""The outbox of messages, what subscribers text, and the schools' settings of both."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "early_receipt",
        sa.Column("operator", sa.String(length=32), nullable=False),
        sa.Column("smsc_id", sa.String(length=65), nullable=False),
        sa.Column(
            "state",
            sa.Enum("sent", "delivered", "failed", name="state", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("operator", "smsc_id", name=op.f("pk_early_receipt")),
    )
    op.create_index(op.f("ix_early_receipt_received_at"), "early_receipt", ["received_at"])
    op.create_table(
        "inbound_part",
        sa.Column("operator", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("destination", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("reference", sa.Integer(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("total", sa.SmallInteger(), nullable=False),
        sa.Column("octets", sa.LargeBinary(), nullable=False),
        sa.Column("data_coding", sa.SmallInteger(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "operator", "source", "destination", "kind", "reference", "number", name=op.f("pk_inbound_part")
        ),
    )
    op.create_index(op.f("ix_inbound_part_first_at"), "inbound_part", ["first_at"])
    op.create_table(
        "inbound_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("operator", sa.String(length=32), nullable=False),
        sa.Column("session", sa.String(length=40), nullable=False),
        sa.Column("phone", sa.String(length=16), nullable=False),
        sa.Column("text_encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("command", sa.String(length=20), nullable=True),
        sa.Column("answered", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_text")),
    )
    op.create_index(op.f("ix_inbound_text_fingerprint_received_at"), "inbound_text", ["fingerprint", "received_at"])
    op.create_index(op.f("ix_inbound_text_phone_received_at"), "inbound_text", ["phone", "received_at"])
    op.create_index(
        "ix_inbound_text_waiting",
        "inbound_text",
        ["received_at"],
        sqlite_where=sa.text("handled_at IS NULL"),
        postgresql_where=sa.text("handled_at IS NULL"),
    )
    op.create_table(
        "link_status",
        sa.Column("gateway", sa.String(length=80), nullable=False),
        sa.Column("link", sa.String(length=80), nullable=False),
        sa.Column("operator", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("last_error", sa.String(length=200), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("gateway", "link", name=op.f("pk_link_status")),
    )
    op.create_table(
        "channel_timing",
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum("sms", "email", "call", name="channel", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("daily_hour", sa.SmallInteger(), nullable=True),
        sa.CheckConstraint("daily_hour BETWEEN 0 AND 23", name=op.f("ck_channel_timing_daily_hour")),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name=op.f("fk_channel_timing_subscriber_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subscriber_id", "channel", name=op.f("pk_channel_timing")),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum("sms", "email", "call", name="channel", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column(
            "purpose",
            sa.Enum(
                "notification",
                "answer",
                "service",
                "charge",
                name="purpose",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("subscriber_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("operator", sa.String(length=32), nullable=True),
        sa.Column("text", sa.String(length=4000), nullable=False),
        sa.Column("pin_encrypted", sa.LargeBinary(), nullable=True),
        sa.Column("latin", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("charged", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("urgent", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "ready",
                "claimed",
                "sent",
                "delivered",
                "failed",
                "unknown",
                "expired",
                "cancelled",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_hour", sa.SmallInteger(), nullable=False),
        sa.Column("until_hour", sa.SmallInteger(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_owner", sa.String(length=80), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.CheckConstraint("(state = 'claimed') = (lease_until IS NOT NULL)", name=op.f("ck_message_lease")),
        sa.CheckConstraint("(lease_until IS NULL) = (lease_owner IS NULL)", name=op.f("ck_message_lease_owner")),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_message_attempts")),
        sa.CheckConstraint(
            "from_hour >= 0 AND from_hour < until_hour AND until_hour <= 24", name=op.f("ck_message_hours")
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name=op.f("fk_message_subscriber_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_message_address_created_at"), "message", ["address", "created_at"])
    op.create_index(
        "ix_message_claimed",
        "message",
        ["lease_until"],
        sqlite_where=sa.text("state = 'claimed'"),
        postgresql_where=sa.text("state = 'claimed'"),
    )
    op.create_index(
        "ix_message_ready",
        "message",
        ["channel", "urgent", "due_at"],
        sqlite_where=sa.text("state = 'ready'"),
        postgresql_where=sa.text("state = 'ready'"),
    )
    op.create_index(op.f("ix_message_subscriber_id_created_at"), "message", ["subscriber_id", "created_at"])
    op.create_index(
        "ix_message_troubled",
        "message",
        ["created_at"],
        sqlite_where=sa.text("state IN ('failed', 'unknown')"),
        postgresql_where=sa.text("state IN ('failed', 'unknown')"),
    )
    op.create_table(
        "notification_switch",
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum("sms", "email", "call", name="channel", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
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
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name=op.f("fk_notification_switch_subscriber_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subscriber_id", "channel", "kind", name=op.f("pk_notification_switch")),
    )
    op.create_table(
        "message_part",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("total", sa.SmallInteger(), nullable=False),
        sa.Column("operator", sa.String(length=32), nullable=False),
        sa.Column("smsc_id", sa.String(length=65), nullable=True),
        sa.Column(
            "state",
            sa.Enum("sent", "delivered", "failed", name="state", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_message_part_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("message_id", "number", name=op.f("pk_message_part")),
    )
    op.create_index(op.f("ix_message_part_operator_smsc_id"), "message_part", ["operator", "smsc_id"])
    op.create_table(
        "notification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum("sms", "email", "call", name="channel", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
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
        sa.Column(
            "change",
            sa.Enum(
                "recorded", "corrected", "deleted", name="change", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "pending", "bundled", "cancelled", name="state", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.Column("line", sa.String(length=1500), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_hour", sa.SmallInteger(), nullable=False),
        sa.Column("until_hour", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(state = 'bundled') = (message_id IS NOT NULL)", name=op.f("ck_notification_bundled")),
        sa.CheckConstraint(
            "from_hour >= 0 AND from_hour < until_hour AND until_hour <= 24", name=op.f("ck_notification_hours")
        ),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_notification_message_id")),
        sa.ForeignKeyConstraint(
            ["school_id", "subscription_id"],
            ["subscription.school_id", "subscription.id"],
            name=op.f("fk_notification_school_id_subscription_id"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_notification_school_id")),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscriber.id"], name=op.f("fk_notification_subscriber_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_notification_due",
        "notification",
        ["channel", "due_at", "subscriber_id"],
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(op.f("ix_notification_message_id"), "notification", ["message_id"])
    op.create_index(
        "ix_notification_pending",
        "notification",
        ["subscriber_id", "channel"],
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(op.f("ix_notification_school_id_kind_event_id"), "notification", ["school_id", "kind", "event_id"])
    op.create_index(
        "uq_notification_pending",
        "notification",
        ["subscription_id", "channel", "kind", "event_id"],
        unique=True,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    # Both databases take a column with its CHECK in one statement; Alembic would copy the table on SQLite.
    for definition in (
        "notify_delay_minutes SMALLINT DEFAULT 0 NOT NULL "
        "CONSTRAINT ck_school_notify_delay CHECK (notify_delay_minutes BETWEEN 0 AND 1440)",
        "from_hour SMALLINT DEFAULT 8 NOT NULL",
        "until_hour SMALLINT DEFAULT 20 NOT NULL "
        "CONSTRAINT ck_school_hours CHECK (from_hour >= 0 AND from_hour < until_hour AND until_hour <= 24)",
    ):
        op.execute(f"ALTER TABLE school ADD COLUMN {definition}")
    op.add_column("school", sa.Column("latin_sms", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("subscriber", sa.Column("operator", sa.String(length=32), nullable=True))


def downgrade() -> None:
    op.drop_column("subscriber", "operator")
    op.drop_column("school", "latin_sms")
    if op.get_context().dialect.name == "postgresql":
        op.execute("ALTER TABLE school DROP CONSTRAINT ck_school_hours")
    op.drop_column("school", "until_hour")
    op.drop_column("school", "from_hour")
    op.drop_column("school", "notify_delay_minutes")
    op.drop_table("notification")
    op.drop_table("message_part")
    op.drop_table("notification_switch")
    op.drop_table("message")
    op.drop_table("channel_timing")
    op.drop_table("link_status")
    op.drop_table("inbound_text")
    op.drop_table("inbound_part")
    op.drop_table("early_receipt")
