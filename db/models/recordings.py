"""What people recorded for the telephone's voice, and which of it callers hear."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, Text, unique_where
from db.columns import one_of
from db.kinds import PassPurpose, RecordingSource


class Recording(Base):
    """One line as a person said it. The newest of a line replaces the one before, which editions may still use.

    `school_id` None: the platform's own voice; else a school's, which records its name and its greeting only.
    """

    __tablename__ = "recording"
    __table_args__ = (
        Index(None, "school_id"),
        unique_where("uq_recording_platform_line", "school_id IS NULL AND replaced_at IS NULL", "name"),
        unique_where("uq_recording_school_line", "school_id IS NOT NULL AND replaced_at IS NULL", "school_id", "name"),
        CheckConstraint("milliseconds > 0", name="audible"),
    )

    id: Mapped[Id]
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    name: Mapped[str] = mapped_column(String(40))
    """The id of a phrase, or the name that the recording of any other text has (prompts.voices.recorded)."""
    text: Mapped[Text]
    sound: Mapped[bytes] = mapped_column(LargeBinary)
    """A WAV file: one channel, 16 bits, 16 kHz."""
    digest: Mapped[str] = mapped_column(String(24))
    """Of the sound: what names its file on each host."""
    milliseconds: Mapped[int]
    source: Mapped[RecordingSource] = mapped_column(one_of(RecordingSource, "source"))
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    recorded_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]


class VoiceEdition(Base):
    """The recordings that belonged together when somebody put them into use."""

    __tablename__ = "voice_edition"

    id: Mapped[Id]
    made_at: Mapped[datetime]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))


class VoiceEditionRecording(Base):
    """A recording of an edition."""

    __tablename__ = "voice_edition_recording"
    __table_args__ = (Index(None, "recording_id"),)

    edition_id: Mapped[int] = mapped_column(ForeignKey("voice_edition.id", ondelete="CASCADE"), primary_key=True)
    recording_id: Mapped[int] = mapped_column(ForeignKey("recording.id"), primary_key=True)


class VoiceInUse(Base):
    """Which edition callers hear: one row, none before the first edition; no edition: the engine says everything."""

    __tablename__ = "voice_in_use"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    edition_id: Mapped[int | None] = mapped_column(ForeignKey("voice_edition.id"))
    since: Mapped[datetime]


class RecordingPass(Base):
    """Lets somebody record, or hear parents' messages, by telephone for a while: the PIN that the page showed them,
    hashed."""

    __tablename__ = "recording_pass"
    __table_args__ = (Index(None, "school_id"), Index(None, "expires_at"))

    pin_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), unique=True)
    purpose: Mapped[PassPurpose] = mapped_column(one_of(PassPurpose, "purpose"), server_default="recording")
    expires_at: Mapped[datetime]


class FoundPiece(Base):
    """One line found in a long recording that a person uploaded and listens to before it is kept; encrypted, and soon
    deleted. A person has one recording at a time."""

    __tablename__ = "found_piece"
    __table_args__ = (Index(None, "school_id"), Index(None, "uploaded_at"))

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Of the line among those of the script."""
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    name: Mapped[str] = mapped_column(String(40))
    text: Mapped[Text]
    sound_encrypted: Mapped[bytes] = mapped_column(LargeBinary, info={"encrypted": "found piece"})
    milliseconds: Mapped[int]
    doubtful: Mapped[bool]
    uploaded_at: Mapped[datetime]
