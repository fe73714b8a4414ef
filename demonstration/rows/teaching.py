"""The demonstration school's timetable, and the phrases its teachers write often."""

from sqlalchemy.orm import Session

from db.kinds import RemarkKind
from db.models import RemarkPhrase, TimetableLesson
from demonstration.plan import Yearbook, words
from demonstration.rows.school import Ids, insert_all


def write_timetables(session: Session, ids: Ids, book: Yearbook) -> None:
    """Every class's lessons of a week."""
    insert_all(
        session,
        TimetableLesson,
        (
            {
                "school_id": ids.school,
                "class_id": class_id,
                "subject_id": ids.subjects[subject],
                "staff_id": ids.teachers[subject],
                "weekday": weekday,
                "lesson": lesson,
            }
            for class_id, timetable in zip(ids.classes, book.timetables, strict=True)
            for weekday, subjects in timetable.items()
            for lesson, subject in enumerate(subjects, 1)
        ),
    )


def write_phrases(session: Session, ids: Ids) -> None:
    """What teachers choose from when they write a remark or praise."""
    insert_all(
        session,
        RemarkPhrase,
        (
            {"school_id": ids.school, "kind": kind, "text": text}
            for kind, texts in ((RemarkKind.CENSURE, words.CENSURES), (RemarkKind.PRAISE, words.PRAISES))
            for text in texts
        ),
    )
