"""Data keys lie in the database, wrapped with the secret key; the numbers of callers are kept masked only.

The table starts empty: `db.migrate.upgrade` proves the secret key by what is there, and then notes its fingerprint.
Callers' numbers were stored whole, though nothing ever read them; they are cut to the form that logs use, by ranges of
ids, so that millions of calls are not rewritten by one statement. They cannot be had back.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

AT_ONCE = 50_000


def upgrade() -> None:
    op.create_table(
        "data_key",
        sa.Column("version", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("secret_key", sa.String(length=24), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("version >= 1", name=op.f("ck_data_key_version")),
        sa.CheckConstraint("wrapped IS NOT NULL OR version = 1", name=op.f("ck_data_key_wrapped")),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_data_key")),
    )
    calls = sa.table("call", sa.column("id", sa.Integer), sa.column("caller", sa.String))
    connection = op.get_bind()
    first, last = connection.execute(sa.select(sa.func.min(calls.c.id), sa.func.max(calls.c.id))).one()
    masked = (
        sa.func.substr(calls.c.caller, 1, 4) + "…" + sa.func.substr(calls.c.caller, sa.func.length(calls.c.caller) - 1)
    )
    for start in range(first or 0, (last or -1) + 1, AT_ONCE):
        connection.execute(
            sa.update(calls)
            .where(calls.c.id >= start, calls.c.id < start + AT_ONCE, sa.func.length(calls.c.caller) > 7)
            .values(caller=masked)
        )


def downgrade() -> None:
    """Raises RuntimeError once a data key was exchanged: the version before knows only the secret key's own."""
    wrapped = sa.text("SELECT count(*) FROM data_key WHERE wrapped IS NOT NULL")
    if op.get_bind().execute(wrapped).scalar():
        raise RuntimeError("the secret key or a data key was exchanged: an older program could read nothing of it")
    op.drop_table("data_key")
