"""What is written down of a change."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Audit
from db.session import Database
from school import audit
from tests.school.joined import NOW, Joined, audited


def test_a_change_is_written_down_with_who_when_and_what(session: Session, school: Joined) -> None:
    by = school.administrator
    audit.write(session, "grade.changed", "grade", 7, NOW, school_id=school.school, by=by, before="5", after="6")
    row = session.scalars(select(Audit).where(Audit.action == "grade.changed")).one()
    assert (row.school_id, row.staff_id, row.subscriber_id, row.at) == (school.school, by, None, NOW)
    assert (row.entity, row.entity_id, row.details) == ("grade", 7, {"before": "5", "after": "6"})


def test_what_the_product_does_by_itself_is_nobodys(session: Session) -> None:
    audit.write(session, "lockouts.forgotten", "lockout", 0, NOW, school_id=None)
    assert audited(session, "lockouts.forgotten") == [(None, None, 0, {})]


def test_many_are_the_same_rows_as_one_after_the_other(session: Session, school: Joined) -> None:
    rows = [
        audit.row("grade.deleted", "grade", id_, NOW, school_id=school.school, by=school.administrator, reason="грешка")
        for id_ in (3, 1, 2)
    ]
    audit.write_many(session, rows)
    of = (school.school, school.administrator)
    assert audited(session, "grade.deleted") == [(*of, id_, {"reason": "грешка"}) for id_ in (3, 1, 2)]


def test_none_at_all_may_be_written(session: Session, school: Joined) -> None:
    before = session.scalars(select(Audit.id)).all()
    audit.write_many(session, [])
    assert session.scalars(select(Audit.id)).all() == before


def test_a_change_that_is_undone_leaves_no_trace(untouched_database: Database) -> None:
    with untouched_database._writing_session() as session:
        audit.write(session, "grade.recorded", "grade", 1, NOW + timedelta(1), school_id=None)
    with untouched_database.reading() as session:
        assert audited(session, "grade.recorded") == []
