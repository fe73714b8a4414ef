"""What a school's columns are, answers about a waiting file, grades taken over from other diaries, and parents of whom
a list does not say which of them they are."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

RELATIONS = "'mother', 'father', 'parent', 'grandparent', 'guardian', 'foster_parent'"
RELATIONS_BEFORE = "'mother', 'father', 'grandparent', 'guardian', 'foster_parent'"


def upgrade() -> None:
    op.add_column("roster_upload", sa.Column("answers_encrypted", sa.LargeBinary(), nullable=True))
    op.create_table(
        "roster_shape",
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("shape", sa.String(length=32), nullable=False),
        sa.Column("choice", sa.JSON(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_roster_shape_school_id")),
        sa.PrimaryKeyConstraint("school_id", "shape", name=op.f("pk_roster_shape")),
    )
    op.create_index(op.f("ix_roster_shape_school_id_used_at"), "roster_shape", ["school_id", "used_at"])
    op.create_table(
        "grade_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("file_name", sa.String(length=80), nullable=False),
        sa.Column("grades", sa.Integer(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["school_id", "class_id"],
            ["school_class.school_id", "school_class.id"],
            name=op.f("fk_grade_import_school_id_class_id"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "staff_id"], ["staff.school_id", "staff.id"], name=op.f("fk_grade_import_school_id_staff_id")
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_grade_import_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade_import")),
    )
    op.create_index(op.f("ix_grade_import_school_id_imported_at"), "grade_import", ["school_id", "imported_at"])
    # The table of grades is the largest there is: a column is added to it as it stands, not by copying it.
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "ALTER TABLE grade ADD COLUMN import_id INTEGER CONSTRAINT fk_grade_import_id REFERENCES grade_import (id)"
        )
    else:
        op.add_column("grade", sa.Column("import_id", sa.Integer(), nullable=True))
        op.create_foreign_key("fk_grade_import_id", "grade", "grade_import", ["import_id"], ["id"])
    op.create_index(
        "ix_grade_import_id",
        "grade",
        ["import_id"],
        sqlite_where=sa.text("import_id IS NOT NULL"),
        postgresql_where=sa.text("import_id IS NOT NULL"),
    )
    _relations(RELATIONS)


def downgrade() -> None:
    op.execute("UPDATE student_guardian SET relation = 'guardian' WHERE relation = 'parent'")
    _relations(RELATIONS_BEFORE)
    op.drop_index("ix_grade_import_id", table_name="grade")
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("fk_grade_import_id", "grade", type_="foreignkey")
        op.drop_column("grade", "import_id")
    else:
        with op.batch_alter_table("grade", table_kwargs={"sqlite_autoincrement": True}) as table:
            table.drop_column("import_id")
    op.drop_table("grade_import")
    op.drop_table("roster_shape")
    op.drop_column("roster_upload", "answers_encrypted")


def _relations(allowed: str) -> None:
    with op.batch_alter_table("student_guardian") as table:
        table.drop_constraint("relation", type_="check")
        table.create_check_constraint("relation", f"relation IN ({allowed})")
