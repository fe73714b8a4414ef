"""Small work by the clock, on both databases."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.orm import Session

from db.kinds import Channel
from db.models import Subscription
from db.session import Database
from school import outbox
from school.hearing import records
from school.hearing.access import Child
from school.privacy import expiry
from school.reports import Filters, run
from tests.school.conftest import NOW

STEP = re.compile(r"(?:SEARCH|SCAN) (\w+)(?: USING (?:COVERING )?INDEX (\w+))?")
LARGE = {"grade", "absence", "remark", "health_note", "heard_event", "message", "notification"}
"""Tables that grow with every day of school."""


def test_sqlite_knows_how_large_its_tables_are(demonstration: Database) -> None:
    told = expiry.refresh_statistics(demonstration)
    with demonstration.reading() as session:
        if session.connection().dialect.name != "sqlite":
            assert told == "PostgreSQL counts its tables by itself."
            return
        assert told == "Counted."
        # The first figure of an index over all rows is the table's size to the planner. An index over some rows counts
        # only these; over none it has had figures, all of them 0, since SQLite 3.46, and no line before.
        counted = session.execute(
            text(
                "SELECT tbl, CAST(stat AS INTEGER) FROM sqlite_stat1 "
                "WHERE idx NOT IN (SELECT name FROM pragma_index_list(tbl) WHERE partial)"
            )
        ).all()
        sizes = {table: session.scalar(text(f"SELECT count(*) FROM {table}")) for table, _ in counted}
    assert sizes.keys() >= {"grade", "absence", "student", "staff"}
    assert {(table, rows) for table, rows in counted} == set(sizes.items())


@pytest.mark.parametrize("demonstration", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("work", "indexes"),
    [
        pytest.param(
            lambda session, child: records.grades(session, child, now=NOW),
            {
                ("grade", "ix_grade_school_id_student_id_on_date"),
                ("heard_event", "sqlite_autoindex_heard_event_1"),
            },
            id="a caller hears the grades",
        ),
        pytest.param(
            lambda session, child: records.news(session, child, NOW),
            {
                ("grade", "ix_grade_school_id_student_id_on_date"),
                ("absence", "sqlite_autoindex_absence_1"),
                ("remark", "ix_remark_school_id_student_id_on_date"),
                ("heard_event", "sqlite_autoindex_heard_event_1"),
                ("health_note", "ix_health_note_school_id_student_id_starts_on"),
            },
            id="a caller hears what is new",
        ),
        pytest.param(
            lambda session, _: outbox.claim(session, Channel.SMS, owner="a", limit=10, now=NOW),
            {
                ("message", "ix_message_claimed"),
                ("message", "ix_message_ready"),
                ("notification", "ix_notification_due"),
            },
            id="a sender takes what is due",
        ),
        pytest.param(
            lambda session, _: outbox.next_due(session, Channel.SMS, NOW),
            {
                ("message", "ix_message_claimed"),
                ("message", "ix_message_ready"),
                ("notification", "ix_notification_due"),
            },
            id="a sender asks when there is work",
        ),
        pytest.param(
            lambda session, child: run(session, child.school_id, "grades_by_student", Filters(), NOW.date()),
            {("grade", "ix_grade_of_year")},
            id="a principal asks for a report",
        ),
    ],
)
def test_once_sqlite_has_counted_it_still_reads_the_right_index(
    demonstration: Database, work: Callable[[Session, Child], object], indexes: set[tuple[str, str]]
) -> None:
    """Nothing is due when the demonstration school is counted: indexes over what is due have no rows then."""
    steps: set[tuple[str, str | None]] = set()

    def explain(connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith(("SELECT", "WITH")):
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters):
                steps.update((found[1], found[2]) for found in STEP.finditer(row[3]))

    expiry.refresh_statistics(demonstration)
    with demonstration.session() as session:
        engine = session.get_bind()
        child = _child(session)
        event.listen(engine, "before_cursor_execute", explain)
        try:
            work(session, child)
        finally:
            event.remove(engine, "before_cursor_execute", explain)
    assert {step for step in steps if step[0] in LARGE} == indexes


def _child(session: Session) -> Child:
    one = session.scalars(select(Subscription).order_by(Subscription.id)).first()
    assert one is not None
    return Child(one.id, one.subscriber_id, one.student_id, one.school_id, "", "", False, False, one.created_at)
