"""The demonstration school's timetable, and the phrases its teachers write often."""

from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from db.kinds import RemarkKind
from db.models import Bell, BellSchedule, RemarkPhrase, Timetable, TimetableClass, TimetableLesson
from demonstration.plan import Yearbook, words
from demonstration.plan.year import Year, lesson_hours
from demonstration.plan.yearbook import LESSONS_A_DAY
from demonstration.rows.school import Ids, insert_all

TITLE = "Седмично разписание"
SHIFT = "Първа смяна"


def write_timetables(session: Session, ids: Ids, book: Yearbook, year: Year, now: datetime) -> None:
    """Every class's lessons of a week, in use from the year's first day, and the bells of the one shift."""
    version = {
        "school_id": ids.school,
        "school_year_id": ids.year,
        "title": TITLE,
        "starts_on": year.starts_on,
        "published_at": now,
        "created_at": now,
    }
    timetable = session.scalars(insert(Timetable).values(version).returning(Timetable.id)).one()
    bells = session.scalars(
        insert(BellSchedule).values(school_id=ids.school, name=SHIFT).returning(BellSchedule.id)
    ).one()
    insert_all(
        session,
        Bell,
        (
            {
                "school_id": ids.school, "bell_schedule_id": bells, "lesson": lesson,
                "starts_at": begins, "ends_at": ends,
            }
            for lesson in range(1, LESSONS_A_DAY + 2)
            for begins, ends in [lesson_hours(lesson)]
        ),
    )  # fmt: skip
    insert_all(
        session,
        TimetableClass,
        (
            {"school_id": ids.school, "timetable_id": timetable, "class_id": class_id, "bell_schedule_id": bells}
            for class_id in ids.classes
        ),
    )
    insert_all(
        session,
        TimetableLesson,
        (
            {
                "school_id": ids.school,
                "timetable_id": timetable,
                "class_id": class_id,
                "subject_id": ids.subjects[subject],
                "staff_id": ids.teachers[subject],
                "weekday": weekday,
                "lesson": lesson,
            }
            for class_id, week in zip(ids.classes, book.timetables, strict=True)
            for weekday, subjects in week.items()
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
