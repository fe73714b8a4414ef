"""Orders that parents pay by ePay.bg and EasyPay, what was told of them, codes by SMS, and cards."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

NEW_LOCKOUTS = ("payer_address", "payer_network")
LOCKOUTS = (
    *("caller", "hidden", "code_and_caller", "code_by_call", "code_by_sms", "code_by_web"),
    *("account", "account_anywhere", "device", "old_password", "address"),
    *("web_address", "web_network", "web_braked", "mailbox", "letter", "reset_letter"),
)


def upgrade() -> None:
    op.create_table(
        "payment_order",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invoice", sa.String(length=20), nullable=False),
        sa.Column("payer_id", sa.Integer(), nullable=False),
        sa.Column(
            "way",
            _one_of("payment_order", "way", "epay", "card", "saved_card", "stored_card", "easypay", "desk"),
            nullable=False,
        ),
        sa.Column("months", sa.SmallInteger(), nullable=False),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("language", _one_of("payment_order", "language", "bg", "en"), nullable=False),
        sa.Column(
            "state",
            _one_of("payment_order", "state", "waiting", "paid", "denied", "expired", "cancelled"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code", sa.String(length=10), nullable=True),
        sa.Column("outside_name", sa.String(length=100), nullable=True),
        sa.Column("paid_cents", sa.Integer(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stan", sa.String(length=20), nullable=True),
        sa.Column("bcode", sa.String(length=20), nullable=True),
        sa.Column("bin", sa.String(length=20), nullable=True),
        sa.CheckConstraint("cents > 1", name=op.f("ck_payment_order_cents")),
        sa.CheckConstraint("months > 0", name=op.f("ck_payment_order_months")),
        sa.CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", name=op.f("ck_payment_order_ended")),
        sa.CheckConstraint("(state = 'paid') = (paid_cents IS NOT NULL)", name=op.f("ck_payment_order_paid")),
        sa.CheckConstraint("code IS NULL OR way = 'easypay'", name=op.f("ck_payment_order_code")),
        sa.ForeignKeyConstraint(["payer_id"], ["payer.id"], name=op.f("fk_payment_order_payer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_order")),
        sa.UniqueConstraint("invoice", name=op.f("uq_payment_order_invoice")),
    )
    op.create_index(op.f("ix_payment_order_payer_id_created_at"), "payment_order", ["payer_id", "created_at"])
    op.create_index(
        "ix_payment_order_waiting",
        "payment_order",
        ["expires_at"],
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "payment_notice",
        sa.Column("invoice", sa.String(length=30), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("answer", sa.String(length=3), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("times > 0", name=op.f("ck_payment_notice_times")),
        sa.PrimaryKeyConstraint("invoice", "status", name=op.f("pk_payment_notice")),
    )
    op.create_index(op.f("ix_payment_notice_last_at"), "payment_notice", ["last_at"])
    op.create_table(
        "desk_payment",
        sa.Column("tid", sa.String(length=26), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["payment_order.id"], name=op.f("fk_desk_payment_order_id")),
        sa.PrimaryKeyConstraint("tid", name=op.f("pk_desk_payment")),
    )
    op.create_index(op.f("ix_desk_payment_at"), "desk_payment", ["at"])
    op.create_table(
        "payer_number",
        sa.Column("payer_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=10), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["payer_id"], ["payer.id"], name=op.f("fk_payer_number_payer_id")),
        sa.PrimaryKeyConstraint("payer_id", name=op.f("pk_payer_number")),
        sa.UniqueConstraint("number", name=op.f("uq_payer_number_number")),
    )
    op.create_table(
        "payer_code",
        sa.Column("number_hash", sa.LargeBinary(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=True),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_payer_code_tries")),
        sa.PrimaryKeyConstraint("number_hash", name=op.f("pk_payer_code")),
    )
    op.create_index(op.f("ix_payer_code_asked_at"), "payer_code", ["asked_at"])
    op.create_table(
        "payer_code_send",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number_hash", sa.LargeBinary(), nullable=False),
        sa.Column("is_sent", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payer_code_send")),
    )
    op.create_index(op.f("ix_payer_code_send_number_hash_at"), "payer_code_send", ["number_hash", "at"])
    op.create_index(op.f("ix_payer_code_send_at"), "payer_code_send", ["at"])
    op.create_table(
        "stored_card",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("payer_id", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("device", sa.String(length=60), nullable=False),
        sa.Column("token_encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("instrument_encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("shown", sa.String(length=40), nullable=False),
        sa.Column("expires", sa.String(length=7), nullable=False),
        sa.Column("failures", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["payer_id"], ["payer.id"], name=op.f("fk_stored_card_payer_id")),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name=op.f("fk_stored_card_subscriber_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_card")),
        sa.UniqueConstraint("payer_id", name=op.f("uq_stored_card_payer_id")),
    )
    op.create_index(op.f("ix_stored_card_subscriber_id"), "stored_card", ["subscriber_id"])
    _lockout_kinds((*LOCKOUTS, *NEW_LOCKOUTS))


def downgrade() -> None:
    op.execute("DELETE FROM lockout WHERE kind IN ('payer_address', 'payer_network')")
    _lockout_kinds(LOCKOUTS)
    for table in (
        *("stored_card", "payer_code_send", "payer_code", "payer_number"),
        *("desk_payment", "payment_notice", "payment_order"),
    ):
        op.drop_table(table)


def _one_of(table: str, column: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=op.f(f"ck_{table}_{column}"), native_enum=False, create_constraint=True, length=20)


def _lockout_kinds(kinds: tuple[str, ...]) -> None:
    constraint = op.f("ck_lockout_kind")
    with op.batch_alter_table("lockout") as table:
        table.drop_constraint(constraint, type_="check")
        table.create_check_constraint(constraint, sa.column("kind", sa.String()).in_(kinds))
