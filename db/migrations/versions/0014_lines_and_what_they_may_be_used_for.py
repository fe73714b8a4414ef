"""What each school uses of the lines in a day, and campaigns that were stopped for it; whose day a message counts in.

Messages and attempts that stand already count in no school's day: the day's figures begin with this version.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

PURPOSES = ("notification", "answer", "service", "charge")
FAMILIES = ("waiting", "calling", "reached", "machine", "not_reached", "opted_out", "skipped", "unknown")
RESULTS = (
    *("reached", "machine", "cut_short", "busy", "no_answer", "rejected", "bad_number", "trunk", "failed", "unknown"),
)
KEEPS_IDS = {"sqlite_autoincrement": True}


def upgrade() -> None:
    op.create_table(
        "line_use",
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False)
            for name in ("calls", "call_seconds", "sms_parts", "campaign_calls", "campaign_texts")
        ),
        sa.CheckConstraint(
            "calls >= 0 AND call_seconds >= 0 AND sms_parts >= 0 AND campaign_calls >= 0 AND campaign_texts >= 0",
            name=op.f("ck_line_use_used"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_line_use_school_id")),
        sa.PrimaryKeyConstraint("school_id", "day", name=op.f("pk_line_use")),
    )
    op.create_index(op.f("ix_line_use_day"), "line_use", ["day"])
    op.create_index(op.f("ix_line_use_school_id_day"), "line_use", ["school_id", "day"])
    op.create_table(
        "line_budget",
        sa.Column("school_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("calls", "minutes", "sms_parts")),
        *(
            sa.CheckConstraint(f"{name} IS NULL OR {name} > 0", name=op.f(f"ck_line_budget_{name}"))
            for name in ("calls", "minutes", "sms_parts")
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_line_budget_school_id")),
        sa.PrimaryKeyConstraint("school_id", name=op.f("pk_line_budget")),
    )
    op.create_index(op.f("ix_line_budget_school_id"), "line_budget", ["school_id"])
    op.create_table(
        "campaign_stop",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=True),
        sa.Column("scope", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("released", sa.Boolean(), nullable=True),
        sa.CheckConstraint("scope = coalesce(school_id, 0)", name=op.f("ck_campaign_stop_scope")),
        sa.CheckConstraint("(decided_at IS NULL) = (released IS NULL)", name=op.f("ck_campaign_stop_decided")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_campaign_stop_school_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.id"], name=op.f("fk_campaign_stop_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_stop")),
    )
    op.create_index(op.f("ix_campaign_stop_school_id_day"), "campaign_stop", ["school_id", "day"])
    op.create_index(
        "uq_campaign_stop_open",
        "campaign_stop",
        ["scope"],
        unique=True,
        sqlite_where=sa.text("decided_at IS NULL"),
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    with op.batch_alter_table("campaign") as table:
        table.add_column(sa.Column("apology_for_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_campaign_school_id_apology_for_id"),
            "campaign",
            ["school_id", "apology_for_id"],
            ["school_id", "id"],
        )
        table.create_unique_constraint(op.f("uq_campaign_apology_for_id"), ["apology_for_id"])
    with _copied("message") as table:
        table.add_column(sa.Column("school_id", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f("fk_message_school_id"), "school", ["school_id"], ["id"])
        _one_of(table, "message", "purpose", (*PURPOSES, "campaign"))
    _index("ix_message_school_ready", "message", "state = 'ready'", "school_id", "purpose")
    with _copied("campaign_family") as table:
        _one_of(table, "campaign_family", "state", (*FAMILIES, "not_allowed", "written"))
    with op.batch_alter_table("campaign_telephone") as table:
        _one_of(table, "campaign_telephone", "last_result", (*RESULTS, "not_allowed"))
    with _copied("call_attempt") as table:
        table.add_column(sa.Column("school_id", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f("fk_call_attempt_school_id"), "school", ["school_id"], ["id"])
        _one_of(table, "call_attempt", "result", (*RESULTS, "not_allowed"))
    op.create_index(op.f("ix_call_attempt_school_id_dialled_at"), "call_attempt", ["school_id", "dialled_at"])
    _index("ix_call_attempt_campaign_phone", "call_attempt", "family_id IS NOT NULL", "phone", "dialled_at")


def downgrade() -> None:
    op.execute("UPDATE campaign_family SET state = 'skipped' WHERE state IN ('not_allowed', 'written')")
    op.execute("UPDATE campaign_telephone SET last_result = 'bad_number' WHERE last_result = 'not_allowed'")
    op.execute("UPDATE call_attempt SET result = 'bad_number' WHERE result = 'not_allowed'")
    op.execute("UPDATE message SET purpose = 'service' WHERE purpose = 'campaign'")
    op.drop_index("ix_call_attempt_campaign_phone", table_name="call_attempt")
    op.drop_index(op.f("ix_call_attempt_school_id_dialled_at"), table_name="call_attempt")
    with _copied("call_attempt") as table:
        _one_of(table, "call_attempt", "result", RESULTS)
        table.drop_constraint(op.f("fk_call_attempt_school_id"), type_="foreignkey")
        table.drop_column("school_id")
    with op.batch_alter_table("campaign_telephone") as table:
        _one_of(table, "campaign_telephone", "last_result", RESULTS)
    with _copied("campaign_family") as table:
        _one_of(table, "campaign_family", "state", FAMILIES)
    op.drop_index("ix_message_school_ready", table_name="message")
    with _copied("message") as table:
        _one_of(table, "message", "purpose", PURPOSES)
        table.drop_constraint(op.f("fk_message_school_id"), type_="foreignkey")
        table.drop_column("school_id")
    with op.batch_alter_table("campaign") as table:
        table.drop_constraint(op.f("uq_campaign_apology_for_id"), type_="unique")
        table.drop_constraint(op.f("fk_campaign_school_id_apology_for_id"), type_="foreignkey")
        table.drop_column("apology_for_id")
    op.drop_table("campaign_stop")
    op.drop_table("line_budget")
    op.drop_table("line_use")


def _one_of(table: Any, name: str, column: str, values: tuple[str, ...]) -> None:
    constraint = op.f(f"ck_{name}_{column}")
    table.drop_constraint(constraint, type_="check")
    table.create_check_constraint(constraint, sa.column(column, sa.String()).in_(values))


def _index(name: str, table: str, condition: str, *columns: str) -> None:
    op.create_index(name, table, [*columns], sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))


@contextmanager
def _copied(name: str) -> Iterator[Any]:
    """SQLite copies the table, and would count on from its last row: the id of a deleted row is never given again."""
    connection = op.get_bind()
    given, of_table = None, {"name": name}
    if connection.dialect.name == "sqlite":
        given = connection.execute(sa.text("SELECT seq FROM sqlite_sequence WHERE name = :name"), of_table).scalar()
    with op.batch_alter_table(name, table_kwargs=KEEPS_IDS) as table:
        yield table
    if given is not None:
        connection.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), of_table)
        connection.execute(
            sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :given)"), of_table | {"given": given}
        )
