"""An index for counting a school's calls back of the last day."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    which = sa.text("channel = 'call' AND purpose = 'answer'")
    op.create_index(
        "ix_message_call_back", "message", ["school_id", "created_at"], sqlite_where=which, postgresql_where=which
    )


def downgrade() -> None:
    op.drop_index("ix_message_call_back", table_name="message")
