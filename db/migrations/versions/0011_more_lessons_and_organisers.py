"""Lessons up to the fifteenth, for schools that teach in shifts; absences excused by the organiser of a competition."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _lessons_up_to(15)
    with op.batch_alter_table("excuse_note") as table:
        table.add_column(sa.Column("parent_confirmed_on", sa.Date(), nullable=True))
        table.drop_constraint(op.f("ck_excuse_note_kind"), type_="check")
        table.create_check_constraint(op.f("ck_excuse_note_kind"), "kind IN ('parent', 'medical', 'organiser')")
        table.create_check_constraint(
            op.f("ck_excuse_note_confirmed_by_parent"), "(kind = 'organiser') = (parent_confirmed_on IS NOT NULL)"
        )


def downgrade() -> None:
    op.execute("DELETE FROM excuse_note WHERE kind = 'organiser'")
    with op.batch_alter_table("excuse_note") as table:
        table.drop_constraint(op.f("ck_excuse_note_confirmed_by_parent"), type_="check")
        table.drop_constraint(op.f("ck_excuse_note_kind"), type_="check")
        table.create_check_constraint(op.f("ck_excuse_note_kind"), "kind IN ('parent', 'medical')")
        table.drop_column("parent_confirmed_on")
    op.execute("DELETE FROM absence WHERE lesson > 8")
    op.execute("DELETE FROM timetable_lesson WHERE lesson > 8")
    _lessons_up_to(8)


def _lessons_up_to(last: int) -> None:
    for name, options in (("absence", {"sqlite_autoincrement": True}), ("timetable_lesson", {})):
        with _ids_kept(name), op.batch_alter_table(name, table_kwargs=options) as table:
            table.drop_constraint(op.f(f"ck_{name}_lesson"), type_="check")
            table.create_check_constraint(op.f(f"ck_{name}_lesson"), f"lesson BETWEEN 1 AND {last}")


@contextmanager
def _ids_kept(table: str) -> Iterator[None]:
    """SQLite copies the table, and would count on from its last row: the id of a deleted event is never given again."""
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        yield
        return
    given = connection.execute(sa.text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table}).scalar()
    yield
    if given is None:
        return
    connection.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table})
    connection.execute(
        sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :given)"), {"name": table, "given": given}
    )
