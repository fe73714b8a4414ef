"""Who pays for whom and at what price, every attempt to charge, the ledger, and the operators' files.

The prices that stood in the program go into the table. A ledger's row moves an amount between two accounts of one
currency, so that it balances by its form; triggers refuse to change or delete one.
"""

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0027"
branch_labels = None
depends_on = None

WIDE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PRICES = ((date(2000, 1, 1), 120, "BGN", None), (date(2026, 1, 1), 61, "EUR", 120))


def upgrade() -> None:
    op.create_table(
        "billing_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("operator", sa.String(length=32), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("share_cents", sa.Integer(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_file")),
        sa.UniqueConstraint("operator", "digest", name=op.f("uq_billing_file_operator_digest")),
    )
    op.create_index(op.f("ix_billing_file_month"), "billing_file", ["month"])
    op.create_table(
        "price",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("first_cents", sa.Integer(), nullable=False),
        sa.Column("further_cents", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("vat_percent", sa.SmallInteger(), nullable=False),
        sa.Column("leva_cents", sa.Integer(), nullable=True),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("first_cents > 0 AND further_cents >= 0", name=op.f("ck_price_cents")),
        sa.CheckConstraint("length(currency) = 3", name=op.f("ck_price_currency")),
        sa.CheckConstraint("vat_percent BETWEEN 0 AND 99", name=op.f("ck_price_vat_percent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price")),
        sa.UniqueConstraint("valid_from", name=op.f("uq_price_valid_from")),
    )
    op.create_table(
        "payer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            _one_of(
                "payer", "state", "trial", "awaiting_consent", "active", "passive", "grace", "suspended", "cancelled"
            ),
            nullable=False,
        ),
        sa.Column("day", sa.SmallInteger(), nullable=False),
        sa.Column("paid_until", sa.Date(), nullable=True),
        sa.Column("trusted_until", sa.Date(), nullable=True),
        sa.Column("trial_until", sa.Date(), nullable=True),
        sa.Column("billed_month", sa.Date(), nullable=False),
        sa.Column("retry_on", sa.Date(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("silence_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("day BETWEEN 1 AND 7", name=op.f("ck_payer_day")),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name=op.f("fk_payer_subscriber_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payer")),
        sa.UniqueConstraint("subscriber_id", name=op.f("uq_payer_subscriber_id")),
    )
    op.create_index("ix_payer_due", "payer", ["billed_month", "day", "state"])
    op.create_index(op.f("ix_payer_retry_on"), "payer", ["retry_on"])
    op.create_index(op.f("ix_payer_state_trial_until"), "payer", ["state", "trial_until"])
    op.create_table(
        "billing_hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("began_by", sa.Integer(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["began_by"], ["staff.id"], name=op.f("fk_billing_hold_began_by")),
        sa.ForeignKeyConstraint(["lifted_by"], ["staff.id"], name=op.f("fk_billing_hold_lifted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_hold")),
    )
    _unique_where("uq_billing_hold_open", "billing_hold", "lifted_at IS NULL", "scope")
    op.create_table(
        "charge",
        sa.Column("id", WIDE, nullable=False),
        sa.Column("payer_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("attempt", sa.SmallInteger(), nullable=False),
        sa.Column("made_in", sa.Date(), nullable=False),
        sa.Column(
            "state",
            _one_of("charge", "state", "planned", "sent", "charged", "failed", "unknown", "cancelled", "passive"),
            nullable=False,
        ),
        sa.Column(
            "outcome",
            _one_of(
                "charge", "outcome", "charged", "credit", "barred", "limit", "unknown_number", "temporary", "no_report"
            ),
            nullable=True,
        ),
        sa.Column("operator", sa.String(length=32), nullable=True),
        sa.Column("price_id", sa.Integer(), nullable=False),
        sa.Column("children", sa.SmallInteger(), nullable=False),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("message_id", WIDE, nullable=True),
        sa.Column("smsc_id", sa.String(length=65), nullable=True),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.CheckConstraint("(state = 'passive') = (attempt = 0)", name=op.f("ck_charge_attempt")),
        sa.CheckConstraint("(state = 'passive') = (cents = 0)", name=op.f("ck_charge_passive")),
        sa.CheckConstraint("state = 'passive' OR operator IS NOT NULL", name=op.f("ck_charge_operator")),
        sa.CheckConstraint("cents >= 0", name=op.f("ck_charge_cents")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_charge_message_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["payer_id"], ["payer.id"], name=op.f("fk_charge_payer_id")),
        sa.ForeignKeyConstraint(["price_id"], ["price.id"], name=op.f("fk_charge_price_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charge")),
        sa.UniqueConstraint("payer_id", "month", "attempt", name=op.f("uq_charge_payer_id_month_attempt")),
    )
    op.create_index(op.f("ix_charge_ended_at"), "charge", ["ended_at"])
    op.create_index(op.f("ix_charge_operator_smsc_id"), "charge", ["operator", "smsc_id"])
    op.create_index(op.f("ix_charge_made_in_operator_state"), "charge", ["made_in", "operator", "state"])
    op.create_index(op.f("ix_charge_message_id"), "charge", ["message_id"])
    op.create_index(op.f("ix_charge_month_operator_state"), "charge", ["month", "operator", "state"])
    op.create_index("ix_charge_open", "charge", ["state", "planned_at"])
    _unique_where(
        "uq_charge_in_month", "charge", "state IN ('planned', 'sent', 'unknown', 'charged')", *["payer_id", "made_in"]
    )
    _unique_where(
        "uq_charge_of_month", "charge", "state IN ('planned', 'sent', 'unknown', 'charged')", *["payer_id", "month"]
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("payer_id", sa.Integer(), nullable=False),
        sa.Column("price_id", sa.Integer(), nullable=False),
        sa.Column("way", _one_of("consent", "way", "one_step", "two_steps", "paid"), nullable=False),
        sa.Column("shown", sa.String(length=1000), nullable=False),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("operator", sa.String(length=32), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("cents > 0", name=op.f("ck_consent_cents")),
        sa.ForeignKeyConstraint(["payer_id"], ["payer.id"], name=op.f("fk_consent_payer_id")),
        sa.ForeignKeyConstraint(["price_id"], ["price.id"], name=op.f("fk_consent_price_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_payer_id"), "consent", ["payer_id"])
    _unique_where("uq_consent_present", "consent", "withdrawn_at IS NULL", "payer_id")
    op.create_table(
        "ledger_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column(
            "kind",
            _one_of(
                "ledger_account",
                "kind",
                "payer",
                "operator_receivable",
                "operator_share",
                "operator_settled",
                "epay",
                "easypay",
                "bank",
                "income",
                "vat",
                "refunds",
                "write_offs",
                "not_ours",
            ),
            nullable=False,
        ),
        sa.Column("payer_id", sa.Integer(), nullable=True),
        sa.Column("operator", sa.String(length=32), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.CheckConstraint("(kind = 'payer') = (payer_id IS NOT NULL)", name=op.f("ck_ledger_account_payer")),
        sa.CheckConstraint("length(currency) = 3", name=op.f("ck_ledger_account_currency")),
        sa.ForeignKeyConstraint(["payer_id"], ["payer.id"], name=op.f("fk_ledger_account_payer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_account")),
        sa.UniqueConstraint("code", "currency", name=op.f("uq_ledger_account_code_currency")),
        sa.UniqueConstraint("id", "currency", name=op.f("uq_ledger_account_id_currency")),
    )
    op.create_index(op.f("ix_ledger_account_payer_id"), "ledger_account", ["payer_id"])
    op.create_table(
        "payment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("payer_id", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("months", sa.SmallInteger(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("vat_percent", sa.SmallInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("cents > 0", name=op.f("ck_payment_cents")),
        sa.CheckConstraint("months > 0", name=op.f("ck_payment_months")),
        sa.ForeignKeyConstraint(["payer_id"], ["payer.id"], name=op.f("fk_payment_payer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("method", "reference", name=op.f("uq_payment_method_reference")),
    )
    op.create_index(op.f("ix_payment_payer_id"), "payment", ["payer_id"])
    op.create_table(
        "billing_line",
        sa.Column("id", WIDE, nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("operator", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=True),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column(
            "verdict",
            _one_of("billing_line", "verdict", "matched", "differs", "theirs_only", "not_charged"),
            nullable=False,
        ),
        sa.Column("charge_id", WIDE, nullable=True),
        sa.CheckConstraint(
            "charge_id IS NOT NULL OR verdict IN ('theirs_only', 'not_charged')", name=op.f("ck_billing_line_charge")
        ),
        sa.CheckConstraint("cents >= 0", name=op.f("ck_billing_line_cents")),
        sa.ForeignKeyConstraint(["charge_id"], ["charge.id"], name=op.f("fk_billing_line_charge_id")),
        sa.ForeignKeyConstraint(["file_id"], ["billing_file.id"], name=op.f("fk_billing_line_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_line")),
        sa.UniqueConstraint("operator", "reference", name=op.f("uq_billing_line_operator_reference")),
    )
    op.create_index(op.f("ix_billing_line_file_id_verdict"), "billing_line", ["file_id", "verdict"])
    _unique_where("uq_billing_line_charge", "billing_line", "charge_id IS NOT NULL", "charge_id")
    op.create_table(
        "ledger_entry",
        sa.Column("id", WIDE, nullable=False),
        sa.Column(
            "cause",
            _one_of(
                "ledger_entry",
                "cause",
                "month_due",
                "charged",
                "payment",
                "refund",
                "write_off",
                "reported",
                "settlement",
                "correction",
            ),
            nullable=False,
        ),
        sa.Column("reference", sa.String(length=120), nullable=False),
        sa.Column("line", sa.SmallInteger(), nullable=False),
        sa.Column("debit_id", sa.Integer(), nullable=False),
        sa.Column("credit_id", sa.Integer(), nullable=False),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("cents > 0", name=op.f("ck_ledger_entry_cents")),
        sa.CheckConstraint("debit_id <> credit_id", name=op.f("ck_ledger_entry_two_accounts")),
        sa.ForeignKeyConstraint(
            ["credit_id", "currency"],
            ["ledger_account.id", "ledger_account.currency"],
            name=op.f("fk_ledger_entry_credit_id_currency"),
        ),
        sa.ForeignKeyConstraint(
            ["debit_id", "currency"],
            ["ledger_account.id", "ledger_account.currency"],
            name=op.f("fk_ledger_entry_debit_id_currency"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint("cause", "reference", "line", name=op.f("uq_ledger_entry_cause_reference_line")),
    )
    op.create_index(op.f("ix_ledger_entry_credit_id"), "ledger_entry", ["credit_id"])
    op.create_index(op.f("ix_ledger_entry_debit_id"), "ledger_entry", ["debit_id"])
    op.create_index(op.f("ix_ledger_entry_on_day"), "ledger_entry", ["on_day"])
    op.create_table(
        "refund",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("payer_id", sa.Integer(), nullable=False),
        sa.Column("charge_id", WIDE, nullable=True),
        sa.Column("payment_id", sa.Integer(), nullable=True),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.CheckConstraint("(charge_id IS NULL) <> (payment_id IS NULL)", name=op.f("ck_refund_of_one")),
        sa.CheckConstraint("(decided_at IS NULL) = (granted IS NULL)", name=op.f("ck_refund_decided")),
        sa.CheckConstraint("cents > 0", name=op.f("ck_refund_cents")),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name=op.f("ck_refund_four_eyes")),
        sa.ForeignKeyConstraint(["asked_by"], ["staff.id"], name=op.f("fk_refund_asked_by")),
        sa.ForeignKeyConstraint(["charge_id"], ["charge.id"], name=op.f("fk_refund_charge_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.id"], name=op.f("fk_refund_decided_by")),
        sa.ForeignKeyConstraint(["payer_id"], ["payer.id"], name=op.f("fk_refund_payer_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_refund_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
    )
    op.create_index(op.f("ix_refund_decided_at"), "refund", ["decided_at"])
    op.create_index(op.f("ix_refund_payer_id"), "refund", ["payer_id"])
    op.create_table(
        "cover",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("payer_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["payer_id"], ["payer.id"], name=op.f("fk_cover_payer_id")),
        sa.ForeignKeyConstraint(
            ["school_id", "student_id"], ["student.school_id", "student.id"], name=op.f("fk_cover_school_id_student_id")
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_cover_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cover")),
    )
    op.create_index(op.f("ix_cover_payer_id"), "cover", ["payer_id"])
    op.create_index(op.f("ix_cover_school_id_student_id"), "cover", ["school_id", "student_id"])
    _unique_where("uq_cover_present", "cover", "ended_at IS NULL", "school_id", "student_id")
    prices = sa.table("price", *map(sa.column, ("valid_from", "first_cents", "currency", "vat_percent", "leva_cents")))
    op.bulk_insert(
        prices,
        [
            {"valid_from": day, "first_cents": cents, "currency": currency, "vat_percent": 20, "leva_cents": leva}
            for day, cents, currency, leva in PRICES
        ],
    )
    op.add_column("message", sa.Column("refusal", sa.String(length=20), nullable=True))
    _forbid_changes()


def downgrade() -> None:
    """Raises RuntimeError when something is in the ledger: accounts are kept for ten years."""
    if op.get_bind().execute(sa.text("SELECT count(*) FROM ledger_entry")).scalar():
        raise RuntimeError("the ledger has entries, which the law demands to be kept: an older program has none")
    op.drop_column("message", "refusal")
    op.drop_table("cover")
    op.drop_table("refund")
    op.drop_table("ledger_entry")
    op.drop_table("billing_line")
    op.drop_table("payment")
    op.drop_table("ledger_account")
    op.drop_table("consent")
    op.drop_table("charge")
    op.drop_table("billing_hold")
    op.drop_table("payer")
    op.drop_table("price")
    op.drop_table("billing_file")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION ledger_entry_stays()")


def _one_of(table: str, column: str, *values: str) -> sa.Enum:
    name = op.f(f"ck_{table}_{column}")
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def _unique_where(name: str, table: str, condition: str, *columns: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, [*columns], unique=True, sqlite_where=where, postgresql_where=where)


def _forbid_changes() -> None:
    message = "an entry of the ledger stays as it is: make another one"
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION ledger_entry_stays() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{message}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER ledger_entry_stays BEFORE UPDATE OR DELETE ON ledger_entry "
            "FOR EACH ROW EXECUTE FUNCTION ledger_entry_stays()"
        )
        op.execute(
            "CREATE TRIGGER ledger_entry_is_not_emptied BEFORE TRUNCATE ON ledger_entry "
            "FOR EACH STATEMENT EXECUTE FUNCTION ledger_entry_stays()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER ledger_entry_no_{change.lower()} BEFORE {change} ON ledger_entry "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )
