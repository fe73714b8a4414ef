"""What other rows say of an erased person: details of the audit, and forms that are known again for a week."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, false, or_, select, update
from sqlalchemy.orm import Session

from db.kinds import ErasedKind
from db.models import Audit, Student, Submission
from school.privacy.holdings import Ids, Keys
from school.privacy.people import Person


def run(session: Session, statement: Any) -> None:
    """Carry out a DELETE or UPDATE; what the session holds is not brought up to date, for it is read no more."""
    session.execute(statement.execution_options(synchronize_session=False))


def about(keys: Keys, subscribers: Ids = ()) -> ColumnElement[bool]:
    """The condition for the rows of the audit that are about a person, as far as the school goes."""
    entities: tuple[tuple[str, Ids], ...] = (
        ("student", keys.students),
        ("guardian", keys.guardians),
        ("subscription", keys.subscriptions),
        ("staff", keys.staff),
        *keys.events.items(),
    )
    here: list[ColumnElement[bool]] = [
        and_(Audit.entity == entity, Audit.entity_id.in_(ids)) for entity, ids in entities if _some(ids)
    ]
    if _some(keys.students):
        here.append(Audit.details["student_id"].as_integer().in_(keys.students))
    by_subscriber = or_(
        and_(Audit.entity == "subscriber", Audit.entity_id.in_(subscribers)), Audit.subscriber_id.in_(subscribers)
    )
    return or_(
        and_(Audit.school_id == keys.school_id, or_(false(), *here)),
        and_(or_(Audit.school_id.is_(None), Audit.school_id == keys.school_id), by_subscriber),
    )


def of_person(person: Person) -> ColumnElement[bool]:
    """The rows of the audit about a person, for the copy of their data. Staff: what they did themselves too.

    Of a student they begin when the student was recorded: an id may have been another's before.
    """
    if person.kind is ErasedKind.STUDENT:
        made = select(Student.created_at).where(Student.id == person.row_id).scalar_subquery()
        return and_(about(replace(person.keys, guardians=())), Audit.at >= made)
    own = Audit.staff_id == person.row_id if person.kind is ErasedKind.STAFF else false()
    return or_(about(person.keys, person.keys.subscribers), own)


def erase_details(session: Session, keys: Keys, *, subscribers: Ids) -> None:
    """Old and new values, reasons and names go from the rows about a person; that something happened stays."""
    run(session, update(Audit).where(about(keys, subscribers)).values(details={}))


def erase_details_with(session: Session, school_id: int, values: Collection[str]) -> None:
    """The same for rows about others in which a number or an address stands as an old or new value."""
    details = cast(Audit.details, String)
    here = or_(Audit.school_id == school_id, Audit.school_id.is_(None))
    for value in values:
        run(session, update(Audit).where(here, details.contains(value, autoescape=True)).values(details={}))


def erase_forms(session: Session, school_id: int, student_ids: Collection[int]) -> None:
    """What was typed about students into forms that are kept for a week to be known again (fields such as `r17`)."""
    names = {f"{letter}{id_}" for letter in "garps" for id_ in student_ids}
    rows = session.execute(
        select(Submission.staff_id, Submission.key, Submission.answer).where(Submission.school_id == school_id)
    ).all()
    for staff_id, key, answer in rows:
        fields = answer.get("fields")
        if isinstance(fields, dict) and names & fields.keys():
            kept = {name: value for name, value in fields.items() if name not in names}
            run(
                session,
                update(Submission)
                .where(Submission.staff_id == staff_id, Submission.key == key)
                .values(answer=answer | {"fields": kept}),
            )


def _some(ids: Ids) -> bool:
    return not isinstance(ids, Collection) or len(ids) > 0
