"""Parents' notices of absences, warnings before child benefit is lost, and the hour from which a day is told of."""

import sqlalchemy as sa
from alembic import op

from db.columns import TZDateTime

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

HOUR = "CONSTRAINT ck_school_today_from_hour CHECK (today_from_hour BETWEEN 0 AND 23)"


def upgrade() -> None:
    op.execute(f"ALTER TABLE school ADD COLUMN today_from_hour SMALLINT DEFAULT '9' NOT NULL {HOUR}")
    op.add_column("excuse_note", sa.Column("reason", sa.String(20), nullable=True))
    op.execute(
        "UPDATE excuse_note SET reason = "
        "CASE kind WHEN 'parent' THEN 'family' WHEN 'medical' THEN 'health' ELSE 'other' END"
    )
    with op.batch_alter_table("excuse_note") as table:
        table.alter_column("staff_id", existing_type=sa.Integer(), nullable=True)
        table.alter_column("reason", existing_type=sa.String(20), nullable=False)
        table.create_check_constraint(op.f("ck_excuse_note_reason"), "reason IN ('health', 'family', 'other')")
        table.create_unique_constraint(op.f("uq_excuse_note_school_id_id"), ["school_id", "id"])
    op.create_table(
        "absence_notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("school_year_id", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=True),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("school_days", sa.SmallInteger(), nullable=False),
        sa.Column("ground", sa.String(20), nullable=True),
        sa.Column("reason_encrypted", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("given_at", TZDateTime(), nullable=False),
        sa.Column("decided_at", TZDateTime(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("refused_for", sa.String(20), nullable=True),
        sa.Column("excuse_note_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_absence_notice_ends_after_start")),
        sa.CheckConstraint("school_days > 0", name=op.f("ck_absence_notice_school_days")),
        sa.CheckConstraint(
            "(state IN ('counted', 'accepted')) = (excuse_note_id IS NOT NULL)", name=op.f("ck_absence_notice_excuses")
        ),
        sa.CheckConstraint(
            "refused_for IN ('at_once', 'a_year', 'late', 'no_reason')", name=op.f("ck_absence_notice_refused_for")
        ),
        sa.CheckConstraint(
            "(state = 'refused') = (refused_for IS NOT NULL)", name=op.f("ck_absence_notice_refused_with_reason")
        ),
        sa.CheckConstraint(
            "(state IN ('accepted', 'refused')) = (decided_by IS NOT NULL)", name=op.f("ck_absence_notice_decided_by")
        ),
        sa.CheckConstraint(
            "(state IN ('accepted', 'refused')) = (decided_at IS NOT NULL)", name=op.f("ck_absence_notice_decided_at")
        ),
        sa.CheckConstraint("channel IN ('sms', 'call')", name=op.f("ck_absence_notice_given_by_telephone")),
        sa.CheckConstraint("channel IN ('sms', 'email', 'call')", name=op.f("ck_absence_notice_channel")),
        sa.CheckConstraint("ground IN ('health', 'family', 'other')", name=op.f("ck_absence_notice_ground")),
        sa.CheckConstraint(
            "state IN ('counted', 'waiting', 'accepted', 'refused', 'replaced')", name=op.f("ck_absence_notice_state")
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_absence_notice_school_id")),
        sa.ForeignKeyConstraint(
            ["school_id", "student_id"],
            ["student.school_id", "student.id"],
            name=op.f("fk_absence_notice_school_id_student_id"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "school_year_id"],
            ["school_year.school_id", "school_year.id"],
            name=op.f("fk_absence_notice_school_id_school_year_id"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "decided_by"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_absence_notice_school_id_decided_by"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "excuse_note_id"],
            ["excuse_note.school_id", "excuse_note.id"],
            name=op.f("fk_absence_notice_school_id_excuse_note_id"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscriber.id"],
            name=op.f("fk_absence_notice_subscriber_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence_notice")),
    )
    op.create_index(
        "ix_absence_notice_school_id_student_id_given_at", "absence_notice", ["school_id", "student_id", "given_at"]
    )
    op.create_index("ix_absence_notice_subscriber_id", "absence_notice", ["subscriber_id"])
    waits = sa.text("state = 'waiting'")
    op.create_index(
        "ix_absence_notice_waiting", "absence_notice", ["school_id"], sqlite_where=waits, postgresql_where=waits
    )
    op.create_table(
        "benefit_warning",
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("stage", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("half_hours", sa.SmallInteger(), nullable=False),
        sa.Column("absence_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("warned_at", TZDateTime(), nullable=False),
        sa.CheckConstraint("half_hours > 0", name=op.f("ck_benefit_warning_half_hours")),
        sa.CheckConstraint("stage >= 0", name=op.f("ck_benefit_warning_stage")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_benefit_warning_school_id")),
        sa.ForeignKeyConstraint(
            ["school_id", "student_id"],
            ["student.school_id", "student.id"],
            name=op.f("fk_benefit_warning_school_id_student_id"),
        ),
        sa.PrimaryKeyConstraint("student_id", "month", "stage", name=op.f("pk_benefit_warning")),
    )
    op.create_index("ix_benefit_warning_school_id_month", "benefit_warning", ["school_id", "month"])


def downgrade() -> None:
    """Notes of parents' notices, which nobody of the staff recorded, go; what they excused stays excused."""
    op.drop_table("benefit_warning")
    op.drop_table("absence_notice")
    op.execute("DELETE FROM excuse_note WHERE staff_id IS NULL")
    with op.batch_alter_table("excuse_note") as table:
        table.drop_constraint(op.f("uq_excuse_note_school_id_id"), type_="unique")
        table.drop_constraint(op.f("ck_excuse_note_reason"), type_="check")
        table.drop_column("reason")
        table.alter_column("staff_id", existing_type=sa.Integer(), nullable=False)
    if op.get_bind().dialect.name == "sqlite":
        op.execute("ALTER TABLE school DROP COLUMN today_from_hour")
    else:
        op.drop_column("school", "today_from_hour")
