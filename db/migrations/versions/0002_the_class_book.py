"""The class book."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "school_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("meeting", "event", name="kind", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("place", sa.String(length=160), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(title) > 0", name=op.f("ck_school_event_title")),
        sa.ForeignKeyConstraint(
            ["school_id", "class_id"],
            ["school_class.school_id", "school_class.id"],
            name=op.f("fk_school_event_school_id_class_id"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "staff_id"], ["staff.school_id", "staff.id"], name=op.f("fk_school_event_school_id_staff_id")
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_school_event_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_event")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_school_event_school_id_starts_at"), "school_event", ["school_id", "starts_at"])
    op.create_table(
        "absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("school_year_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("unexcused", "excused", "late", name="kind", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column(
            "reason",
            sa.Enum("health", "family", "other", name="reason", native_enum=False, create_constraint=True, length=20),
            nullable=True,
        ),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("lesson", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'excused' AND reason IS NOT NULL) OR (kind <> 'excused' AND reason IS NULL)",
            name=op.f("ck_absence_reason_when_excused"),
        ),
        sa.CheckConstraint("lesson BETWEEN 1 AND 8", name=op.f("ck_absence_lesson")),
        sa.ForeignKeyConstraint(
            ["school_id", "school_year_id"],
            ["school_year.school_id", "school_year.id"],
            name=op.f("fk_absence_school_id_school_year_id"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "staff_id"], ["staff.school_id", "staff.id"], name=op.f("fk_absence_school_id_staff_id")
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "student_id"],
            ["student.school_id", "student.id"],
            name=op.f("fk_absence_school_id_student_id"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "subject_id"],
            ["subject.school_id", "subject.id"],
            name=op.f("fk_absence_school_id_subject_id"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_absence_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
        sa.UniqueConstraint(
            "school_id", "student_id", "on_date", "lesson", name=op.f("uq_absence_school_id_student_id_on_date_lesson")
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "grade",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("school_year_id", sa.Integer(), nullable=False),
        sa.Column("term", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "current",
                "oral",
                "written",
                "control_work",
                "class_work",
                "test",
                "homework",
                "project",
                "entry_level",
                "exit_level",
                "term",
                "annual",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "scale",
            sa.Enum(
                "numeric",
                "qualitative",
                "special_needs",
                name="scale",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("value", sa.Integer(), nullable=True),
        sa.Column(
            "mark",
            sa.Enum(
                "excellent",
                "very_good",
                "good",
                "average",
                "unsatisfactory",
                "struggles",
                "copes",
                "achieves",
                name="mark",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(scale = 'numeric') = (value IS NOT NULL) AND (scale <> 'numeric') = (mark IS NOT NULL)",
            name=op.f("ck_grade_number_or_mark"),
        ),
        sa.CheckConstraint("NOT (kind = 'term' AND scale = 'qualitative')", name=op.f("ck_grade_no_qualitative_term")),
        sa.CheckConstraint("kind <> 'term' OR value IS NULL OR value % 100 = 0", name=op.f("ck_grade_term_whole")),
        sa.CheckConstraint(
            "scale <> 'qualitative' OR mark IN ('excellent', 'very_good', 'good', 'average', 'unsatisfactory')",
            name=op.f("ck_grade_qualitative"),
        ),
        sa.CheckConstraint(
            "scale <> 'special_needs' OR mark IN ('struggles', 'copes', 'achieves')", name=op.f("ck_grade_special")
        ),
        sa.CheckConstraint(
            "subject_id IS NOT NULL OR (kind = 'annual' AND scale <> 'numeric')", name=op.f("ck_grade_overall_annual")
        ),
        sa.CheckConstraint("value = 200 OR value BETWEEN 300 AND 600", name=op.f("ck_grade_value_2_or_3_to_6")),
        sa.ForeignKeyConstraint(
            ["school_id", "school_year_id"],
            ["school_year.school_id", "school_year.id"],
            name=op.f("fk_grade_school_id_school_year_id"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "staff_id"], ["staff.school_id", "staff.id"], name=op.f("fk_grade_school_id_staff_id")
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "student_id"], ["student.school_id", "student.id"], name=op.f("fk_grade_school_id_student_id")
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "subject_id"], ["subject.school_id", "subject.id"], name=op.f("fk_grade_school_id_subject_id")
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_grade_school_id")),
        sa.ForeignKeyConstraint(
            ["school_year_id", "term"],
            ["term.school_year_id", "term.number"],
            name=op.f("fk_grade_school_year_id_term"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_grade_school_id_student_id_on_date"), "grade", ["school_id", "student_id", "on_date"])
    op.create_index(op.f("ix_grade_school_id_subject_id_on_date"), "grade", ["school_id", "subject_id", "on_date"])
    op.create_index(
        "uq_grade_annual",
        "grade",
        ["school_id", "student_id", "subject_id", "school_year_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'annual'"),
        postgresql_where=sa.text("kind = 'annual'"),
    )
    op.create_index(
        "uq_grade_annual_overall",
        "grade",
        ["school_id", "student_id", "school_year_id"],
        unique=True,
        sqlite_where=sa.text("subject_id IS NULL"),
        postgresql_where=sa.text("subject_id IS NULL"),
    )
    op.create_index(
        "uq_grade_term",
        "grade",
        ["school_id", "student_id", "subject_id", "school_year_id", "term"],
        unique=True,
        sqlite_where=sa.text("kind = 'term'"),
        postgresql_where=sa.text("kind = 'term'"),
    )
    op.create_table(
        "health_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("school_year_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("note_encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_health_note_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["school_id", "school_year_id"],
            ["school_year.school_id", "school_year.id"],
            name=op.f("fk_health_note_school_id_school_year_id"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "staff_id"], ["staff.school_id", "staff.id"], name=op.f("fk_health_note_school_id_staff_id")
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "student_id"],
            ["student.school_id", "student.id"],
            name=op.f("fk_health_note_school_id_student_id"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_health_note_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_health_note")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_health_note_school_id_student_id_starts_on"), "health_note", ["school_id", "student_id", "starts_on"]
    )
    op.create_table(
        "remark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("school_year_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("censure", "praise", name="kind", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(text) > 0", name=op.f("ck_remark_text")),
        sa.ForeignKeyConstraint(
            ["school_id", "school_year_id"],
            ["school_year.school_id", "school_year.id"],
            name=op.f("fk_remark_school_id_school_year_id"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "staff_id"], ["staff.school_id", "staff.id"], name=op.f("fk_remark_school_id_staff_id")
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "student_id"],
            ["student.school_id", "student.id"],
            name=op.f("fk_remark_school_id_student_id"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "subject_id"],
            ["subject.school_id", "subject.id"],
            name=op.f("fk_remark_school_id_subject_id"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_remark_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remark")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_remark_school_id_student_id_on_date"), "remark", ["school_id", "student_id", "on_date"])
    op.create_table(
        "sanction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("school_year_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "reprimand",
                "other_class",
                "warning",
                "other_school",
                "independent_study",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("order_number", sa.String(length=40), nullable=False),
        sa.Column("ordered_on", sa.Date(), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "school_year_id"],
            ["school_year.school_id", "school_year.id"],
            name=op.f("fk_sanction_school_id_school_year_id"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "staff_id"], ["staff.school_id", "staff.id"], name=op.f("fk_sanction_school_id_staff_id")
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "student_id"],
            ["student.school_id", "student.id"],
            name=op.f("fk_sanction_school_id_student_id"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_sanction_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sanction")),
        sa.UniqueConstraint(
            "school_id", "student_id", "order_number", name=op.f("uq_sanction_school_id_student_id_order_number")
        ),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("sanction")
    op.drop_index(op.f("ix_remark_school_id_student_id_on_date"), table_name="remark")
    op.drop_table("remark")
    op.drop_index(op.f("ix_health_note_school_id_student_id_starts_on"), table_name="health_note")
    op.drop_table("health_note")
    op.drop_index(
        "uq_grade_term",
        table_name="grade",
        sqlite_where=sa.text("kind = 'term'"),
        postgresql_where=sa.text("kind = 'term'"),
    )
    op.drop_index(
        "uq_grade_annual_overall",
        table_name="grade",
        sqlite_where=sa.text("subject_id IS NULL"),
        postgresql_where=sa.text("subject_id IS NULL"),
    )
    op.drop_index(
        "uq_grade_annual",
        table_name="grade",
        sqlite_where=sa.text("kind = 'annual'"),
        postgresql_where=sa.text("kind = 'annual'"),
    )
    op.drop_index(op.f("ix_grade_school_id_subject_id_on_date"), table_name="grade")
    op.drop_index(op.f("ix_grade_school_id_student_id_on_date"), table_name="grade")
    op.drop_table("grade")
    op.drop_table("absence")
    op.drop_index(op.f("ix_school_event_school_id_starts_at"), table_name="school_event")
    op.drop_table("school_event")
