"""Schools, people and subjects."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "school",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("institution_code", sa.String(length=7), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("town", sa.String(length=160), nullable=False),
        sa.Column("pin_always", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school")),
        sa.UniqueConstraint("institution_code", name=op.f("uq_school_institution_code")),
    )
    op.create_table(
        "guardian",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("first_name", sa.String(length=80), nullable=False),
        sa.Column("last_name", sa.String(length=80), nullable=False),
        sa.Column("phone", sa.String(length=16), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_guardian_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardian")),
        sa.UniqueConstraint("school_id", "id", name=op.f("uq_guardian_school_id_id")),
    )
    op.create_index(op.f("ix_guardian_school_id_phone"), "guardian", ["school_id", "phone"])
    op.create_table(
        "school_year",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_school_year_ends_after_start")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_school_year_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_year")),
        sa.UniqueConstraint("school_id", "id", name=op.f("uq_school_year_school_id_id")),
        sa.UniqueConstraint("school_id", "starts_on", name=op.f("uq_school_year_school_id_starts_on")),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=True),
        sa.Column("first_name", sa.String(length=80), nullable=False),
        sa.Column("last_name", sa.String(length=80), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_staff_email_lower")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_staff_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_email")),
        sa.UniqueConstraint("school_id", "id", name=op.f("uq_staff_school_id_id")),
    )
    op.create_table(
        "subject",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_subject_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subject")),
        sa.UniqueConstraint("school_id", "id", name=op.f("uq_subject_school_id_id")),
        sa.UniqueConstraint("school_id", "name", name=op.f("uq_subject_school_id_name")),
    )
    op.create_table(
        "school_class",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("school_year_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("letter", sa.String(length=2), nullable=False),
        sa.Column("class_teacher_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("level BETWEEN 1 AND 12", name=op.f("ck_school_class_level")),
        sa.ForeignKeyConstraint(
            ["school_id", "class_teacher_id"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_school_class_school_id_class_teacher_id"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "school_year_id"],
            ["school_year.school_id", "school_year.id"],
            name=op.f("fk_school_class_school_id_school_year_id"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_school_class_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_class")),
        sa.UniqueConstraint("school_id", "id", name=op.f("uq_school_class_school_id_id")),
        sa.UniqueConstraint(
            "school_id",
            "school_year_id",
            "level",
            "letter",
            name=op.f("uq_school_class_school_id_school_year_id_level_letter"),
        ),
    )
    op.create_table(
        "staff_role",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "teacher",
                "principal",
                "school_administrator",
                "platform_operator",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_role_staff_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("staff_id", "role", name=op.f("pk_staff_role")),
    )
    op.create_table(
        "term",
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("school_year_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_term_ends_after_start")),
        sa.CheckConstraint("number IN (1, 2)", name=op.f("ck_term_number")),
        sa.ForeignKeyConstraint(
            ["school_id", "school_year_id"],
            ["school_year.school_id", "school_year.id"],
            name=op.f("fk_term_school_id_school_year_id"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_term_school_id")),
        sa.PrimaryKeyConstraint("school_year_id", "number", name=op.f("pk_term")),
    )
    op.create_table(
        "vacation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("school_year_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_vacation_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["school_id", "school_year_id"],
            ["school_year.school_id", "school_year.id"],
            name=op.f("fk_vacation_school_id_school_year_id"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_vacation_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vacation")),
        sa.UniqueConstraint(
            "school_id", "school_year_id", "starts_on", name=op.f("uq_vacation_school_id_school_year_id_starts_on")
        ),
    )
    op.create_table(
        "student",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=True),
        sa.Column("number_in_class", sa.Integer(), nullable=True),
        sa.Column("first_name", sa.String(length=80), nullable=False),
        sa.Column("middle_name", sa.String(length=80), nullable=False),
        sa.Column("last_name", sa.String(length=80), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column(
            "national_id_kind",
            sa.Enum("egn", "lnch", name="national_id_kind", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("national_id_encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("national_id_hash", sa.LargeBinary(), nullable=False),
        sa.Column("has_special_needs", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("left_on IS NULL OR class_id IS NULL", name=op.f("ck_student_left")),
        sa.CheckConstraint("length(national_id_hash) = 32", name=op.f("ck_student_national_id_hash")),
        sa.ForeignKeyConstraint(
            ["school_id", "class_id"],
            ["school_class.school_id", "school_class.id"],
            name=op.f("fk_student_school_id_class_id"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_student_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_student")),
        sa.UniqueConstraint("school_id", "id", name=op.f("uq_student_school_id_id")),
        sa.UniqueConstraint("school_id", "national_id_hash", name=op.f("uq_student_school_id_national_id_hash")),
    )
    op.create_index(op.f("ix_student_national_id_hash"), "student", ["national_id_hash"])
    op.create_index(op.f("ix_student_school_id_class_id"), "student", ["school_id", "class_id"])
    op.create_table(
        "teaching_assignment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("is_profiled", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id", "class_id"],
            ["school_class.school_id", "school_class.id"],
            name=op.f("fk_teaching_assignment_school_id_class_id"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "staff_id"],
            ["staff.school_id", "staff.id"],
            name=op.f("fk_teaching_assignment_school_id_staff_id"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "subject_id"],
            ["subject.school_id", "subject.id"],
            name=op.f("fk_teaching_assignment_school_id_subject_id"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_teaching_assignment_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teaching_assignment")),
        sa.UniqueConstraint(
            "school_id",
            "class_id",
            "subject_id",
            "staff_id",
            name=op.f("uq_teaching_assignment_school_id_class_id_subject_id_staff_id"),
        ),
    )
    op.create_index(op.f("ix_teaching_assignment_school_id_staff_id"), "teaching_assignment", ["school_id", "staff_id"])
    op.create_table(
        "term_end",
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("school_year_id", sa.Integer(), nullable=False),
        sa.Column("term_number", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 12", name=op.f("ck_term_end_level")),
        sa.ForeignKeyConstraint(
            ["school_id", "school_year_id"],
            ["school_year.school_id", "school_year.id"],
            name=op.f("fk_term_end_school_id_school_year_id"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_term_end_school_id")),
        sa.ForeignKeyConstraint(
            ["school_year_id", "term_number"],
            ["term.school_year_id", "term.number"],
            name=op.f("fk_term_end_school_year_id_term_number"),
        ),
        sa.PrimaryKeyConstraint("school_year_id", "term_number", "level", name=op.f("pk_term_end")),
    )
    op.create_table(
        "student_code",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("length(code) = 8", name=op.f("ck_student_code_length")),
        sa.ForeignKeyConstraint(
            ["school_id", "student_id"],
            ["student.school_id", "student.id"],
            name=op.f("fk_student_code_school_id_student_id"),
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_student_code_school_id")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_student_code")),
    )
    op.create_index(
        "uq_student_code_in_force",
        "student_code",
        ["school_id", "student_id"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "student_guardian",
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("guardian_id", sa.Integer(), nullable=False),
        sa.Column(
            "relation",
            sa.Enum(
                "mother",
                "father",
                "grandparent",
                "guardian",
                "foster_parent",
                name="relation",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "guardian_id"],
            ["guardian.school_id", "guardian.id"],
            name=op.f("fk_student_guardian_school_id_guardian_id"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id", "student_id"],
            ["student.school_id", "student.id"],
            name=op.f("fk_student_guardian_school_id_student_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_student_guardian_school_id")),
        sa.PrimaryKeyConstraint("student_id", "guardian_id", name=op.f("pk_student_guardian")),
    )
    op.create_index(op.f("ix_student_guardian_school_id_guardian_id"), "student_guardian", ["school_id", "guardian_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_student_guardian_school_id_guardian_id"), table_name="student_guardian")
    op.drop_table("student_guardian")
    op.drop_index(
        "uq_student_code_in_force",
        table_name="student_code",
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.drop_table("student_code")
    op.drop_table("term_end")
    op.drop_index(op.f("ix_teaching_assignment_school_id_staff_id"), table_name="teaching_assignment")
    op.drop_table("teaching_assignment")
    op.drop_index(op.f("ix_student_school_id_class_id"), table_name="student")
    op.drop_index(op.f("ix_student_national_id_hash"), table_name="student")
    op.drop_table("student")
    op.drop_table("vacation")
    op.drop_table("term")
    op.drop_table("staff_role")
    op.drop_table("school_class")
    op.drop_table("subject")
    op.drop_table("staff")
    op.drop_table("school_year")
    op.drop_index(op.f("ix_guardian_school_id_phone"), table_name="guardian")
    op.drop_table("guardian")
    op.drop_table("school")
