"""Which class each student was in on each day; until now only the present class was known.

What can be told of the past is told from the audit trail, which names the class before and after each change. Where it
says nothing a student counts as in the present class since the first day of its year, as every report counted so far.
A student of whom nobody can tell a class has no enrolment; whatever was recorded stays as it is.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

REASONS = "reason IN ('admitted', 'returned', 'moved', 'promoted', 'repeats', 'transferred')"
GRADE_KINDS = (
    "kind IN ('current', 'oral', 'written', 'control_work', 'class_work', 'test', 'homework', 'project', "
    "'entry_level', 'exit_level', 'term', 'annual')"
)
SCALES = "scale IN ('numeric', 'qualitative', 'special_needs')"
MARKS = "mark IN ('excellent', 'very_good', 'good', 'average', 'unsatisfactory', 'struggles', 'copes', 'achieves')"

OVERLAPS = """
    SELECT RAISE(ABORT, 'ex_enrolment_no_overlap: a student is in one class at a time') WHERE EXISTS (
        SELECT 1 FROM enrolment
        WHERE school_id = NEW.school_id AND student_id = NEW.student_id AND id <> NEW.id
        AND starts_on <= coalesce(NEW.ends_on, '9999-12-31') AND coalesce(ends_on, '9999-12-31') >= NEW.starts_on
    );
"""
SQLITE = (
    f"CREATE TRIGGER enrolment_insert AFTER INSERT ON enrolment BEGIN {OVERLAPS} END",
    f"CREATE TRIGGER enrolment_update AFTER UPDATE OF student_id, starts_on, ends_on ON enrolment BEGIN {OVERLAPS} END",
)
# The range of a single id stands for its equality, which GiST knows only with an extension that a hoster may refuse.
POSTGRESQL = (
    "ALTER TABLE enrolment ADD CONSTRAINT ex_enrolment_no_overlap EXCLUDE USING gist ("
    "int8range(student_id, student_id, '[]') WITH &&, daterange(starts_on, ends_on, '[]') WITH &&)",
)

HISTORY = """
INSERT INTO enrolment (school_id, student_id, class_id, number_in_class, starts_on, ends_on, reason)
WITH changed AS (
    SELECT entity_id AS student_id, id, {day} AS on_day, 0 AS has_left, {before} AS class_before, {after} AS class_after
    FROM audit
    WHERE entity = 'student' AND action = 'student.changed' AND {is_change}
    UNION ALL
    SELECT
        audit.entity_id, audit.id, {left_day}, 1,
        coalesce({left_class}, (
            SELECT school_class.id FROM school_class JOIN school_year ON school_year.id = school_class.school_year_id
            WHERE school_class.school_id = audit.school_id
            AND CAST(school_class.level AS varchar) || school_class.letter = {left_name}
            AND school_year.starts_on <= {left_day}
            ORDER BY school_year.starts_on DESC LIMIT 1
        )),
        NULL
    FROM audit
    WHERE audit.entity = 'student' AND audit.action = 'student.left'
),
event AS (
    SELECT
        changed.*, student.school_id,
        row_number() OVER (PARTITION BY changed.student_id ORDER BY changed.id) AS nth,
        row_number() OVER (PARTITION BY changed.student_id ORDER BY changed.id DESC) AS nth_last
    FROM changed JOIN student ON student.id = changed.student_id
),
stay (school_id, student_id, nth, class_id, starts_on, reason) AS (
    SELECT student.school_id, student.id, 0, school_class.id, school_year.starts_on, 'admitted'
    FROM student
    LEFT JOIN event ON event.student_id = student.id AND event.nth = 1
    JOIN school_class ON school_class.id = CASE WHEN event.id IS NULL THEN student.class_id ELSE event.class_before END
    JOIN school_year ON school_year.id = school_class.school_year_id
    UNION ALL
    SELECT
        event.school_id, event.student_id, event.nth, new_class.id,
        CASE WHEN event.class_before IS NOT NULL AND old_class.school_year_id IS DISTINCT FROM new_class.school_year_id
             OR event.on_day < school_year.starts_on
             THEN school_year.starts_on ELSE event.on_day END,
        CASE WHEN event.class_before IS NULL THEN 'returned'
             WHEN old_class.school_year_id IS NOT DISTINCT FROM new_class.school_year_id THEN 'moved'
             WHEN old_class.level = new_class.level THEN 'repeats' ELSE 'promoted' END
    FROM event
    LEFT JOIN school_class AS old_class ON old_class.id = event.class_before
    JOIN school_class AS new_class ON new_class.id = event.class_after
    JOIN school_year ON school_year.id = new_class.school_year_id
    WHERE event.has_left = 0
    UNION ALL
    SELECT event.school_id, event.student_id, event.nth, NULL, {day_after}, NULL
    FROM event WHERE event.has_left = 1
    UNION ALL
    SELECT
        student.school_id, student.id, event.nth + 1, school_class.id,
        CASE WHEN event.on_day < school_year.starts_on THEN school_year.starts_on ELSE event.on_day END, 'moved'
    FROM event
    JOIN student ON student.id = event.student_id
    JOIN school_class ON school_class.id = student.class_id
    JOIN school_year ON school_year.id = school_class.school_year_id
    WHERE event.nth_last = 1 AND event.class_after IS DISTINCT FROM student.class_id
),
ordered AS (
    SELECT stay.*, min(starts_on) OVER (
        PARTITION BY student_id ORDER BY nth ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
    ) AS next_start
    FROM stay
)
SELECT
    ordered.school_id, ordered.student_id, ordered.class_id,
    CASE WHEN ordered.next_start IS NULL THEN student.number_in_class END,
    ordered.starts_on, {day_before}, ordered.reason
FROM ordered JOIN student ON student.id = ordered.student_id
WHERE ordered.class_id IS NOT NULL AND (ordered.next_start IS NULL OR ordered.next_start > ordered.starts_on)
"""
WORDS = {
    "sqlite": {
        "day": "date(at, '+3 hours')",
        "before": "json_extract(details, '$.class_id[0]')",
        "after": "json_extract(details, '$.class_id[1]')",
        "is_change": "json_type(details, '$.class_id') = 'array'",
        "left_day": "coalesce(json_extract(audit.details, '$.on'), date(audit.at, '+3 hours'))",
        "left_class": "json_extract(audit.details, '$.class_id')",
        "left_name": "json_extract(audit.details, '$.class')",
        "day_after": "date(event.on_day, '+1 day')",
        "day_before": "date(ordered.next_start, '-1 day')",
    },
    "postgresql": {
        "day": "CAST(at AT TIME ZONE 'Europe/Sofia' AS date)",
        "before": "CAST(details -> 'class_id' ->> 0 AS integer)",
        "after": "CAST(details -> 'class_id' ->> 1 AS integer)",
        "is_change": "CAST(details -> 'class_id' AS text) LIKE '[%'",
        "left_day": "CAST(coalesce(audit.details ->> 'on', "
        "CAST(audit.at AT TIME ZONE 'Europe/Sofia' AS text)) AS date)",
        "left_class": "CAST(audit.details ->> 'class_id' AS integer)",
        "left_name": "audit.details ->> 'class'",
        "day_after": "event.on_day + 1",
        "day_before": "ordered.next_start - 1",
    },
}


def upgrade() -> None:
    op.create_table(
        "enrolment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("number_in_class", sa.Integer(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_enrolment_ends_after_start")),
        sa.CheckConstraint(REASONS, name=op.f("ck_enrolment_reason")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_enrolment_school_id")),
        sa.ForeignKeyConstraint(
            ["school_id", "student_id"], ["student.school_id", "student.id"],
            name=op.f("fk_enrolment_school_id_student_id"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "class_id"], ["school_class.school_id", "school_class.id"],
            name=op.f("fk_enrolment_school_id_class_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
        sa.UniqueConstraint(
            "school_id", "student_id", "starts_on", name=op.f("uq_enrolment_school_id_student_id_starts_on")
        ),
    )  # fmt: skip
    op.create_index(op.f("ix_enrolment_school_id_class_id"), "enrolment", ["school_id", "class_id"])
    op.create_table(
        "rollover",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("school_year_id", sa.Integer(), nullable=False),
        sa.Column("from_year_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("carried_out_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_classes", sa.JSON(), nullable=False),
        sa.Column("farewell_on", sa.Date(), nullable=False),
        sa.Column("farewell_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("school_year_id <> from_year_id", name=op.f("ck_rollover_years_differ")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_rollover_school_id")),
        *(
            sa.ForeignKeyConstraint(
                ["school_id", column], [f"{table}.school_id", f"{table}.id"],
                name=op.f(f"fk_rollover_school_id_{column}"),
            )
            for column, table in (
                ("school_year_id", "school_year"), ("from_year_id", "school_year"), ("staff_id", "staff"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollover")),
        sa.UniqueConstraint("school_id", "school_year_id", name=op.f("uq_rollover_school_id_school_year_id")),
    )  # fmt: skip
    op.create_index(op.f("ix_rollover_farewell_on"), "rollover", ["farewell_on"])
    _make_transfers()
    to_confirm = {"school_class": "teacher_to_confirm", "teaching_assignment": "to_confirm"}
    for table, column in to_confirm.items():
        op.add_column(table, sa.Column(column, sa.Boolean(), nullable=False, server_default=sa.false()))
    connection = op.get_bind()
    dialect = connection.dialect.name
    connection.exec_driver_sql(
        HISTORY.format_map(WORDS[dialect]).replace("%", "%%" if dialect == "postgresql" else "%")
    )
    for statement in SQLITE if dialect == "sqlite" else POSTGRESQL:
        connection.exec_driver_sql(statement)


def _make_transfers() -> None:
    """Students who go to another school of the platform, and what comes along."""
    of_student = ["school_id", "student_id"], ["student.school_id", "student.id"]
    op.create_table(
        "student_transfer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("to_school_id", sa.Integer(), nullable=False),
        sa.Column("to_student_id", sa.Integer(), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("admitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("to_school_id <> school_id", name=op.f("ck_student_transfer_schools_differ")),
        sa.CheckConstraint(
            "(admitted_at IS NULL) = (to_student_id IS NULL)", name=op.f("ck_student_transfer_admitted")
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_student_transfer_school_id")),
        sa.ForeignKeyConstraint(["to_school_id"], ["school.id"], name=op.f("fk_student_transfer_to_school_id")),
        sa.ForeignKeyConstraint(*of_student, name=op.f("fk_student_transfer_school_id_student_id")),
        sa.ForeignKeyConstraint(
            ["school_id", "staff_id"], ["staff.school_id", "staff.id"],
            name=op.f("fk_student_transfer_school_id_staff_id"),
        ),
        sa.ForeignKeyConstraint(
            ["to_school_id", "to_student_id"], ["student.school_id", "student.id"],
            name=op.f("fk_student_transfer_to_school_id_to_student_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_student_transfer")),
    )  # fmt: skip
    is_open = sa.text("admitted_at IS NULL")
    op.create_index(
        "uq_student_transfer_open", "student_transfer", ["school_id", "student_id"],
        unique=True, sqlite_where=is_open, postgresql_where=is_open,
    )  # fmt: skip
    op.create_index(op.f("ix_student_transfer_to_school_id"), "student_transfer", ["to_school_id"])
    for table, columns, checks in (
        (
            "brought_grade",
            (
                sa.Column("subject", sa.String(length=80), nullable=True),
                sa.Column("kind", sa.String(length=20), nullable=False),
                sa.Column("scale", sa.String(length=20), nullable=False),
                sa.Column("value", sa.Integer(), nullable=True),
                sa.Column("mark", sa.String(length=20), nullable=True),
                sa.Column("on_date", sa.Date(), nullable=False),
            ),
            {"kind": GRADE_KINDS, "scale": SCALES, "mark": MARKS},
        ),
        (
            "brought_absences",
            tuple(sa.Column(name, sa.Integer(), nullable=False) for name in ("excused", "unexcused", "late")),
            {},
        ),
    ):
        op.create_table(
            table,
            sa.Column("id", sa.Integer(), nullable=False),
            sa.Column("school_id", sa.Integer(), nullable=False),
            sa.Column("student_id", sa.Integer(), nullable=False),
            sa.Column("from_school", sa.String(length=160), nullable=False),
            sa.Column("year", sa.SmallInteger(), nullable=False),
            sa.Column("term", sa.SmallInteger(), nullable=False),
            *columns,
            *(sa.CheckConstraint(check, name=op.f(f"ck_{table}_{name}")) for name, check in checks.items()),
            sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f(f"fk_{table}_school_id")),
            sa.ForeignKeyConstraint(*of_student, name=op.f(f"fk_{table}_school_id_student_id")),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        )
        op.create_index(op.f(f"ix_{table}_school_id_student_id"), table, ["school_id", "student_id"])


def downgrade() -> None:
    for table in ("brought_absences", "brought_grade", "student_transfer"):
        op.drop_table(table)
    for table, column in (("teaching_assignment", "to_confirm"), ("school_class", "teacher_to_confirm")):
        op.drop_column(table, column)
    op.drop_table("rollover")
    op.drop_table("enrolment")
