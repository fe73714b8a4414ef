"""E-mail: addresses to confirm, Friday's summaries. The clock: its jobs, their last runs, what is kept how long."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("subscriber", sa.Column("friday_summary", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("subscriber", sa.Column("summarised_on", sa.Date(), nullable=True))
    op.add_column("school_event", sa.Column("reminded_of", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "email_request",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=True),
        sa.Column("student_id", sa.Integer(), nullable=True),
        sa.Column("subscriber_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(student_id IS NULL) = (school_id IS NULL)", name=op.f("ck_email_request_student_of_school")
        ),
        sa.CheckConstraint(
            "(student_id IS NULL) <> (subscriber_id IS NULL)", name=op.f("ck_email_request_student_or_subscriber")
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_email_request_school_id")),
        sa.ForeignKeyConstraint(
            ["school_id", "student_id"],
            ["student.school_id", "student.id"],
            name=op.f("fk_email_request_school_id_student_id"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name=op.f("fk_email_request_subscriber_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_email_request")),
    )
    op.create_index(op.f("ix_email_request_school_id"), "email_request", ["school_id"])
    op.create_index(op.f("ix_email_request_email_created_at"), "email_request", ["email", "created_at"])
    op.create_index(op.f("ix_email_request_expires_at"), "email_request", ["expires_at"])
    op.create_table(
        "apscheduler_jobs",
        sa.Column("id", sa.Unicode(length=191), nullable=False),
        sa.Column("next_run_time", sa.Float(25), nullable=True),
        sa.Column("job_state", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_apscheduler_jobs")),
    )
    op.create_index(op.f("ix_apscheduler_jobs_next_run_time"), "apscheduler_jobs", ["next_run_time"])
    op.create_table(
        "job_run",
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum("done", "failed", "skipped", name="outcome", native_enum=False, create_constraint=True, length=20),
            nullable=True,
        ),
        sa.Column("result", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_job_run")),
    )
    op.create_table(
        "process_status",
        sa.Column("process", sa.String(length=20), nullable=False),
        sa.Column("instance", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("last_error", sa.String(length=200), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("process", "instance", name=op.f("pk_process_status")),
    )
    op.create_table(
        "retention",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("messages_days", sa.SmallInteger(), nullable=False),
        sa.Column("calls_days", sa.SmallInteger(), nullable=False),
        sa.Column("left_years", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("messages_days BETWEEN 30 AND 3650", name=op.f("ck_retention_messages_days")),
        sa.CheckConstraint("calls_days BETWEEN 30 AND 3650", name=op.f("ck_retention_calls_days")),
        sa.CheckConstraint("left_years BETWEEN 1 AND 60", name=op.f("ck_retention_left_years")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_retention_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention")),
        sa.UniqueConstraint("school_id", name=op.f("uq_retention_school_id")),
    )


def downgrade() -> None:
    op.drop_table("retention")
    op.drop_table("process_status")
    op.drop_table("job_run")
    op.drop_table("apscheduler_jobs")
    op.drop_table("email_request")
    op.drop_column("school_event", "reminded_of")
    op.drop_column("subscriber", "summarised_on")
    op.drop_column("subscriber", "friday_summary")
