"""Taking grades over from an earlier diary, and taking them back: all of it in the caller's transaction, or nothing.

They go the class book's own way, marked with their import. Nobody is told of them: to parents they are no news.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

import logs
from db.events import EventRef
from db.kinds import EventKind
from db.models import Grade, GradeImport, School, SchoolClass, Staff
from errors import InputError, MissingError
from school import audit
from school.classbook import rows, writing
from school.classbook.writing import Removal
from school.roster.answers import Answers
from school.roster.grade_plan import plan_grades
from school.roster.looking import Shape
from school.staff.authority import Author

log = logs.get(__name__)
MOST_LISTED = 50


@dataclass(frozen=True, slots=True)
class TakenOver:
    """An import of grades, as it is listed."""

    id: int
    at: datetime
    by: str
    class_name: str
    file_name: str
    grades: int
    undone_at: datetime | None


def take_over(
    session: Session,
    by: Author,
    shapes: Sequence[Shape],
    answers: Answers,
    *,
    file_name: str,
    shown: str,
    now: datetime,
) -> int:
    """Record the grades of the sheets; gives how many. `shown` is the fingerprint of the plan that was agreed to.

    Raises InputError, and then nothing is to be committed, when there are problems or something else would happen now.
    """
    session.execute(select(School.id).where(School.id == by.school_id).with_for_update())
    plan = plan_grades(session, by, shapes, answers, now)
    if plan.problems:
        raise InputError("The file has errors: correct them and upload it again.")
    if plan.fingerprint != shown:
        raise InputError("The school's data has changed since you looked: look at the file again.")
    for class_id, new in sorted(plan.new.items()):
        import_id = session.execute(
            insert(GradeImport)
            .values(
                school_id=by.school_id,
                class_id=class_id,
                staff_id=by.staff_id,
                imported_at=now,
                file_name=file_name[-80:],
                grades=len(new),
            )
            .returning(GradeImport.id)
        ).scalar_one()
        marked = [
            replace(
                one,
                values={**one.values, "import_id": import_id},
                details={**one.details, "grade_import": import_id},
            )
            for one in new
        ]
        writing.write(session, by, now, new=marked, is_told=False)
        audit.write_many(
            session,
            [
                audit.row(
                    "grades.imported", "grade_import", import_id, now,
                    school_id=by.school_id, by=by.staff_id, class_=class_id, grades=len(new),
                )
            ],
        )  # fmt: skip
    log.info("grades.imported", school=by.school_id, grades=plan.count)
    return plan.count


def taken_over(session: Session, school_id: int) -> tuple[TakenOver, ...]:
    """The school's imports of grades, the newest first."""
    found = session.execute(
        select(GradeImport, Staff.first_name, Staff.last_name, SchoolClass.level, SchoolClass.letter)
        .join(Staff, Staff.id == GradeImport.staff_id)
        .join(SchoolClass, SchoolClass.id == GradeImport.class_id)
        .where(GradeImport.school_id == school_id)
        .order_by(GradeImport.imported_at.desc(), GradeImport.id.desc())
        .limit(MOST_LISTED)
    )
    return tuple(
        TakenOver(
            one.id, one.imported_at, f"{first} {last}", f"{level}{letter}", one.file_name, one.grades, one.undone_at
        )
        for one, first, last, level, letter in found
    )


def take_back(session: Session, by: Author, import_id: int, *, now: datetime) -> tuple[int, int]:
    """Remove the grades of an import that nobody has corrected since; gives how many went and how many stay.

    Raises MissingError when the school has no such import, InputError when it is undone already.
    """
    one = session.scalar(
        select(GradeImport).where(GradeImport.id == import_id, GradeImport.school_id == by.school_id).with_for_update()
    )
    if one is None:
        raise MissingError("There is no such import in this school.")
    if one.undone_at is not None:
        raise InputError("This import is undone already.")
    standing = session.scalars(
        select(Grade).where(Grade.school_id == by.school_id, Grade.import_id == import_id).with_for_update()
    ).all()
    own = [grade for grade in standing if grade.recorded_at == one.imported_at]
    removals = [
        Removal(
            EventRef(EventKind.GRADE, grade.id),
            grade.student_id,
            {"subject_id": grade.subject_id, "kind": grade.kind, "on": str(grade.on_date), "before": rows.shown(grade),
             "grade_import": import_id},
        )
        for grade in own
    ]  # fmt: skip
    writing.write(session, by, now, removals=removals)
    session.execute(update(GradeImport).where(GradeImport.id == import_id).values(undone_at=now))
    audit.write_many(
        session,
        [
            audit.row(
                "grades.removed", "grade_import", import_id, now,
                school_id=by.school_id, by=by.staff_id, grades=len(own), kept=len(standing) - len(own),
            )
        ],
    )  # fmt: skip
    return len(own), len(standing) - len(own)
