"""All of a school's grades of a year lie together, with everything that reports count: none of them reads the table."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_grade_of_year",
        "grade",
        [
            "school_id",
            "school_year_id",
            "student_id",
            "subject_id",
            "staff_id",
            "kind",
            "term",
            "on_date",
            "value",
            "mark",
        ],
    )


def downgrade() -> None:
    op.drop_index("ix_grade_of_year", table_name="grade")
