"""A person's recordings of what the telephone says, the editions that callers hear, and a school's own greeting."""

import sqlalchemy as sa
from alembic import op

from db.columns import TZDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("school", sa.Column("greeting", sa.String(200), nullable=True))
    op.create_table(
        "recording",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("text", sa.String(1000), nullable=False),
        sa.Column("sound", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(24), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.Column("recorded_at", TZDateTime(), nullable=False),
        sa.Column("replaced_at", TZDateTime(), nullable=True),
        sa.CheckConstraint("milliseconds > 0", name=op.f("ck_recording_audible")),
        sa.CheckConstraint("source IN ('upload', 'long_recording', 'telephone')", name=op.f("ck_recording_source")),
        sa.ForeignKeyConstraint(["recorded_by"], ["staff.id"], name=op.f("fk_recording_recorded_by_staff")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_recording_school_id_school")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording")),
    )
    op.create_index("ix_recording_school_id", "recording", ["school_id"])
    platform, school = "school_id IS NULL AND replaced_at IS NULL", "school_id IS NOT NULL AND replaced_at IS NULL"
    op.create_index(
        "uq_recording_platform_line",
        "recording",
        ["name"],
        unique=True,
        sqlite_where=sa.text(platform),
        postgresql_where=sa.text(platform),
    )
    op.create_index(
        "uq_recording_school_line",
        "recording",
        ["school_id", "name"],
        unique=True,
        sqlite_where=sa.text(school),
        postgresql_where=sa.text(school),
    )
    op.create_table(
        "voice_edition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("made_at", TZDateTime(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_voice_edition_made_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voice_edition")),
    )
    op.create_table(
        "voice_edition_recording",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("recording_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"],
            ["voice_edition.id"],
            name=op.f("fk_voice_edition_recording_edition_id_voice_edition"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recording.id"], name=op.f("fk_voice_edition_recording_recording_id_recording")
        ),
        sa.PrimaryKeyConstraint("edition_id", "recording_id", name=op.f("pk_voice_edition_recording")),
    )
    op.create_index("ix_voice_edition_recording_recording_id", "voice_edition_recording", ["recording_id"])
    op.create_table(
        "voice_in_use",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=True),
        sa.Column("since", TZDateTime(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_voice_in_use_single")),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["voice_edition.id"], name=op.f("fk_voice_in_use_edition_id_voice_edition")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voice_in_use")),
    )
    op.create_table(
        "recording_pass",
        sa.Column("pin_hash", sa.LargeBinary(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("expires_at", TZDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_recording_pass_school_id_school")),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_recording_pass_staff_id_staff"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("pin_hash", name=op.f("pk_recording_pass")),
        sa.UniqueConstraint("staff_id", name=op.f("uq_recording_pass_staff_id")),
    )
    op.create_index("ix_recording_pass_expires_at", "recording_pass", ["expires_at"])
    op.create_index("ix_recording_pass_school_id", "recording_pass", ["school_id"])
    op.create_table(
        "found_piece",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("text", sa.String(1000), nullable=False),
        sa.Column("sound_encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("doubtful", sa.Boolean(), nullable=False),
        sa.Column("uploaded_at", TZDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_found_piece_school_id_school")),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_found_piece_staff_id_staff"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("staff_id", "number", name=op.f("pk_found_piece")),
    )
    op.create_index("ix_found_piece_school_id", "found_piece", ["school_id"])
    op.create_index("ix_found_piece_uploaded_at", "found_piece", ["uploaded_at"])


def downgrade() -> None:
    for table in (
        "found_piece",
        "recording_pass",
        "voice_in_use",
        "voice_edition_recording",
        "voice_edition",
        "recording",
    ):
        op.drop_table(table)
    op.drop_column("school", "greeting")
