"""Parents leave spoken messages for class teachers, and are called back."""

import sqlalchemy as sa
from alembic import op

from db.columns import TZDateTime

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # As one column's own: SQLite would write the table anew, and could not undo earlier migrations then.
    op.execute(
        "ALTER TABLE school ADD COLUMN voice_message_days SMALLINT DEFAULT 30 NOT NULL "
        "CONSTRAINT ck_school_voice_message_days CHECK (voice_message_days BETWEEN 0 AND 400)"
    )
    with op.batch_alter_table("recording_pass") as table:
        table.add_column(sa.Column("purpose", sa.String(20), server_default="recording", nullable=False))
        table.create_check_constraint(op.f("ck_recording_pass_purpose"), "purpose IN ('recording', 'messages')")
    op.create_table(
        "voice_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", TZDateTime(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("sound_encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("heard_at", TZDateTime(), nullable=True),
        sa.Column("heard_by", sa.Integer(), nullable=True),
        sa.Column("answered_at", TZDateTime(), nullable=True),
        sa.CheckConstraint("milliseconds > 0", name=op.f("ck_voice_message_audible")),
        sa.CheckConstraint("(heard_at IS NULL) = (heard_by IS NULL)", name=op.f("ck_voice_message_heard")),
        sa.CheckConstraint("answered_at IS NULL OR heard_at IS NOT NULL", name=op.f("ck_voice_message_answered")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_voice_message_school_id")),
        sa.ForeignKeyConstraint(
            ["school_id", "student_id"],
            ["student.school_id", "student.id"],
            name=op.f("fk_voice_message_school_id_student_id"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "heard_by"], ["staff.school_id", "staff.id"], name=op.f("fk_voice_message_school_id_heard_by")
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "subscription_id"],
            ["subscription.school_id", "subscription.id"],
            name=op.f("fk_voice_message_school_id_subscription_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voice_message")),
    )
    op.create_index(op.f("ix_voice_message_school_id_recorded_at"), "voice_message", ["school_id", "recorded_at"])
    op.create_index(op.f("ix_voice_message_student_id"), "voice_message", ["student_id"])
    op.create_index(
        op.f("ix_voice_message_subscription_id_recorded_at"), "voice_message", ["subscription_id", "recorded_at"]
    )


def downgrade() -> None:
    op.drop_table("voice_message")
    op.execute("DELETE FROM recording_pass WHERE purpose = 'messages'")
    with op.batch_alter_table("recording_pass") as table:
        table.drop_constraint(op.f("ck_recording_pass_purpose"), type_="check")
        table.drop_column("purpose")
    op.drop_column("school", "voice_message_days")
