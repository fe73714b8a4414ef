"""Parts of messages are found by what the SMSC calls them: PostgreSQL read all of an operator's to find a receipt's."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_message_part_smsc_id_operator"), "message_part", ["smsc_id", "operator"])
    op.drop_index(op.f("ix_message_part_operator_smsc_id"), table_name="message_part")


def downgrade() -> None:
    op.create_index(op.f("ix_message_part_operator_smsc_id"), "message_part", ["operator", "smsc_id"])
    op.drop_index(op.f("ix_message_part_smsc_id_operator"), table_name="message_part")
