"""A subscription can be ended by others than the subscriber, and a school can say who may be told of a student."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

WAYS = "'code', 'email', 'national_id', 'approval'"
REASONS = (
    "'stranger', 'family_asked', 'court_order', 'mistake', 'other', 'family', 'new_code', 'guardian_removed', "
    "'guardian_changed', 'not_told', 'only_named', 'refused', 'left'"
)


def upgrade() -> None:
    with op.batch_alter_table("subscription") as table:
        table.add_column(sa.Column("came_by", sa.String(length=20), nullable=True))
        table.add_column(sa.Column("removal_number", sa.String(length=4), nullable=True))
        table.add_column(sa.Column("ended_why", sa.String(length=20), nullable=True))
        table.create_check_constraint(op.f("ck_subscription_came_by"), f"came_by IN ({WAYS})")
        table.create_check_constraint(op.f("ck_subscription_ended_why"), f"ended_why IN ({REASONS})")
        table.create_check_constraint(
            op.f("ck_subscription_ended_why_not_active"), "ended_why IS NULL OR status <> 'active'"
        )
    op.add_column("student", sa.Column("only_named_followers", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("student_guardian", sa.Column("may_be_told", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("school", sa.Column("new_email_waits", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("school", sa.Column("new_sms_waits", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("school", "new_sms_waits")
    op.drop_column("school", "new_email_waits")
    op.drop_column("student_guardian", "may_be_told")
    op.drop_column("student", "only_named_followers")
    with op.batch_alter_table("subscription") as table:
        table.drop_constraint(op.f("ck_subscription_ended_why_not_active"), type_="check")
        table.drop_constraint(op.f("ck_subscription_ended_why"), type_="check")
        table.drop_constraint(op.f("ck_subscription_came_by"), type_="check")
        table.drop_column("ended_why")
        table.drop_column("removal_number")
        table.drop_column("came_by")
