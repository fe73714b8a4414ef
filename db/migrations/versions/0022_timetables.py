"""Timetables that a school enters: versions, bells, groups, substitutions. What was one timetable is the first version.

It is put in use from the first day of its classes' school year, so every day has the lessons that it had.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from db.columns import TZDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

TITLE = "Седмично разписание"


def upgrade() -> None:
    _versions()
    _bells()
    _groups()
    _days()
    op.create_table(
        "timetable_upload",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", TZDateTime(), nullable=False),
        sa.Column("file_name", sa.String(80), nullable=False),
        sa.Column("content_encrypted", sa.LargeBinary(), nullable=False),
        _of("timetable_upload", "school", "school_id"),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_timetable_upload_staff_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_timetable_upload")),
    )
    op.create_index("ix_timetable_upload_school_id", "timetable_upload", ["school_id"])
    op.create_index("ix_timetable_upload_uploaded_at", "timetable_upload", ["uploaded_at"])
    _first_versions()
    _lessons()


def downgrade() -> None:
    # Only what was in force last in each year can stand in one timetable, without groups and weeks.
    op.execute("DELETE FROM timetable_lesson WHERE week = 2")
    op.execute(_WITHOUT_EARLIER_VERSIONS)
    op.drop_index("ix_timetable_lesson_school_id_class_id", "timetable_lesson")
    with op.batch_alter_table("timetable_lesson") as table:
        table.drop_constraint("uq_timetable_lesson_place", type_="unique")
        table.drop_constraint(op.f("fk_timetable_lesson_school_id_timetable_id"), type_="foreignkey")
        table.drop_constraint(op.f("fk_timetable_lesson_school_id_group_id"), type_="foreignkey")
        table.drop_constraint(op.f("ck_timetable_lesson_week"), type_="check")
        for column in ("timetable_id", "week", "group_id", "room", "may_overlap"):
            table.drop_column(column)
        table.create_unique_constraint(
            op.f("uq_timetable_lesson_school_id_class_id_weekday_lesson_staff_id"),
            ["school_id", "class_id", "weekday", "lesson", "staff_id"],
        )
    for name in (
        *("timetable_upload", "substitution", "timetable_day", "class_group_student", "class_group"),
        *("timetable_class", "bell", "bell_schedule", "timetable"),
    ):
        op.drop_table(name)


_WITHOUT_EARLIER_VERSIONS = """
DELETE FROM timetable_lesson WHERE timetable_id NOT IN (
    SELECT one.id FROM timetable AS one WHERE one.published_at IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM timetable AS later
        WHERE later.school_year_id = one.school_year_id AND later.published_at IS NOT NULL
        AND (later.starts_on > one.starts_on OR (later.starts_on = one.starts_on AND later.id > one.id))
    )
)
"""


def _of(table: str, other: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


def _of_same_school(table: str, column: str, other: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_school_id_{column}")
    return sa.ForeignKeyConstraint(
        ["school_id", column], [f"{other}.school_id", f"{other}.id"], name=name, ondelete=ondelete
    )


def _pointed_at(table: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint("school_id", "id", name=op.f(f"uq_{table}_school_id_id"))


def _versions() -> None:
    op.create_table(
        "timetable",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("school_year_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("weeks", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("week_a_on", sa.Date(), nullable=True),
        sa.Column("published_at", TZDateTime(), nullable=True),
        sa.Column("created_at", TZDateTime(), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_timetable_ends_after_start")),
        sa.CheckConstraint("weeks IN (1, 2)", name=op.f("ck_timetable_weeks")),
        sa.CheckConstraint("(weeks = 2) = (week_a_on IS NOT NULL)", name=op.f("ck_timetable_week_a")),
        _of("timetable", "school", "school_id"),
        _of_same_school("timetable", "school_year_id", "school_year"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timetable")),
        _pointed_at("timetable"),
    )
    op.create_index("ix_timetable_school_id_starts_on", "timetable", ["school_id", "starts_on"])


def _bells() -> None:
    op.create_table(
        "bell_schedule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        _of("bell_schedule", "school", "school_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bell_schedule")),
        sa.UniqueConstraint("school_id", "name", name=op.f("uq_bell_schedule_school_id_name")),
        _pointed_at("bell_schedule"),
    )
    op.create_table(
        "bell",
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("bell_schedule_id", sa.Integer(), nullable=False),
        sa.Column("lesson", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("starts_at", sa.Time(), nullable=False),
        sa.Column("ends_at", sa.Time(), nullable=False),
        sa.CheckConstraint("lesson BETWEEN 1 AND 15", name=op.f("ck_bell_lesson")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_bell_ends_after_start")),
        _of("bell", "school", "school_id"),
        _of_same_school("bell", "bell_schedule_id", "bell_schedule", "CASCADE"),
        sa.PrimaryKeyConstraint("bell_schedule_id", "lesson", name=op.f("pk_bell")),
    )
    op.create_index("ix_bell_school_id", "bell", ["school_id"])
    op.create_table(
        "timetable_class",
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("timetable_id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("bell_schedule_id", sa.Integer(), nullable=False),
        _of("timetable_class", "school", "school_id"),
        _of_same_school("timetable_class", "timetable_id", "timetable", "CASCADE"),
        _of_same_school("timetable_class", "class_id", "school_class"),
        _of_same_school("timetable_class", "bell_schedule_id", "bell_schedule"),
        sa.PrimaryKeyConstraint("timetable_id", "class_id", name=op.f("pk_timetable_class")),
    )
    op.create_index(
        "ix_timetable_class_school_id_bell_schedule_id", "timetable_class", ["school_id", "bell_schedule_id"]
    )


def _groups() -> None:
    op.create_table(
        "class_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(20), server_default="group", nullable=False),
        sa.CheckConstraint("kind IN ('group', 'individual')", name=op.f("ck_class_group_kind")),
        _of("class_group", "school", "school_id"),
        _of_same_school("class_group", "class_id", "school_class"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_group")),
        sa.UniqueConstraint("school_id", "class_id", "name", name=op.f("uq_class_group_school_id_class_id_name")),
        _pointed_at("class_group"),
    )
    op.create_table(
        "class_group_student",
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        _of("class_group_student", "school", "school_id"),
        _of_same_school("class_group_student", "group_id", "class_group", "CASCADE"),
        _of_same_school("class_group_student", "student_id", "student", "CASCADE"),
        sa.PrimaryKeyConstraint("group_id", "student_id", name=op.f("pk_class_group_student")),
    )
    op.create_index("ix_class_group_student_school_id_student_id", "class_group_student", ["school_id", "student_id"])


def _days() -> None:
    op.create_table(
        "timetable_day",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("week", sa.SmallInteger(), nullable=True),
        sa.CheckConstraint("weekday BETWEEN 1 AND 6", name=op.f("ck_timetable_day_weekday")),
        sa.CheckConstraint("week IN (1, 2)", name=op.f("ck_timetable_day_week")),
        _of("timetable_day", "school", "school_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timetable_day")),
        sa.UniqueConstraint("school_id", "on_date", name=op.f("uq_timetable_day_school_id_on_date")),
    )
    op.create_table(
        "substitution",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("lesson", sa.SmallInteger(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("absent_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("substitute_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("order_number", sa.String(40), nullable=False),
        sa.Column("ordered_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", TZDateTime(), nullable=False),
        sa.CheckConstraint("lesson BETWEEN 1 AND 15", name=op.f("ck_substitution_lesson")),
        sa.CheckConstraint(
            "kind IN ('specialist', 'non_specialist', 'external', 'empty')", name=op.f("ck_substitution_kind")
        ),
        sa.CheckConstraint("(kind = 'empty') = (substitute_id IS NULL)", name=op.f("ck_substitution_substitute")),
        sa.CheckConstraint("substitute_id <> absent_id", name=op.f("ck_substitution_another")),
        sa.CheckConstraint("(order_number = '') = (ordered_on IS NULL)", name=op.f("ck_substitution_order")),
        _of("substitution", "school", "school_id"),
        _of_same_school("substitution", "class_id", "school_class"),
        _of_same_school("substitution", "group_id", "class_group"),
        _of_same_school("substitution", "subject_id", "subject"),
        _of_same_school("substitution", "absent_id", "staff"),
        _of_same_school("substitution", "substitute_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_substitution")),
        sa.UniqueConstraint(
            *("school_id", "on_date", "lesson", "class_id", "absent_id"),
            name=op.f("uq_substitution_school_id_on_date_lesson_class_id_absent_id"),
        ),
    )
    op.create_index(
        "ix_substitution_school_id_substitute_id_on_date", "substitution", ["school_id", "substitute_id", "on_date"]
    )


def _first_versions() -> None:
    """A published version for each school year whose classes have lessons."""
    statement = sa.text(
        "INSERT INTO timetable (school_id, school_year_id, title, starts_on, published_at, created_at) "
        "SELECT year.school_id, year.id, :title, year.starts_on, :now, :now FROM school_year AS year "
        "WHERE year.id IN (SELECT of.school_year_id FROM school_class AS of "
        "JOIN timetable_lesson AS lesson ON lesson.class_id = of.id)"
    ).bindparams(sa.bindparam("now", type_=TZDateTime()))
    op.get_bind().execute(statement, {"title": TITLE, "now": datetime.now(UTC)})


def _lessons() -> None:
    with op.batch_alter_table("timetable_lesson") as table:
        table.add_column(sa.Column("timetable_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("week", sa.SmallInteger(), server_default="0", nullable=False))
        table.add_column(sa.Column("group_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("room", sa.String(20), server_default=sa.text("''"), nullable=False))
        table.add_column(sa.Column("may_overlap", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute(
        "UPDATE timetable_lesson SET timetable_id = (SELECT timetable.id FROM timetable JOIN school_class "
        "ON school_class.school_year_id = timetable.school_year_id WHERE school_class.id = timetable_lesson.class_id)"
    )
    with op.batch_alter_table("timetable_lesson") as table:
        table.alter_column("timetable_id", existing_type=sa.Integer(), nullable=False)
        table.drop_constraint(op.f("uq_timetable_lesson_school_id_class_id_weekday_lesson_staff_id"), type_="unique")
        table.create_unique_constraint(
            "uq_timetable_lesson_place",
            ["timetable_id", "class_id", "weekday", "lesson", "week", "staff_id"],
        )
        table.create_check_constraint(op.f("ck_timetable_lesson_week"), "week IN (0, 1, 2)")
        table.create_foreign_key(
            op.f("fk_timetable_lesson_school_id_timetable_id"), "timetable",
            ["school_id", "timetable_id"], ["school_id", "id"], ondelete="CASCADE",
        )  # fmt: skip
        table.create_foreign_key(
            op.f("fk_timetable_lesson_school_id_group_id"), "class_group",
            ["school_id", "group_id"], ["school_id", "id"],
        )  # fmt: skip
    op.create_index("ix_timetable_lesson_school_id_class_id", "timetable_lesson", ["school_id", "class_id"])
