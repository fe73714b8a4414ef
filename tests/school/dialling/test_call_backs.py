"""What a call back costs the database: everybody may ask for one, and a school's outbox is long."""

from typing import Any

import pytest
from sqlalchemy import event

from db.session import Database
from school.dialling import call_backs
from tests.school.conftest import NOW
from tests.school.outbox.school_days import MOTHER


def test_a_schools_calls_back_are_counted_by_their_own_index(
    demonstration: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESCHOOL_CALL_BACK", "true")
    said: list[tuple[str, Any]] = []
    listening = (demonstration._writer, "before_cursor_execute", lambda *told: said.append((told[2], told[3])))
    event.listen(*listening)
    with demonstration.session() as session:
        assert call_backs.ask(session, MOTHER, NOW) is call_backs.Outcome.CALLED
        statement, parameters = next(one for one in said if "count(*)" in one[0] and "FROM message" in one[0])
        connection = session.connection()
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # the table is small here
            explain = "EXPLAIN"
        else:
            explain = "EXPLAIN QUERY PLAN"
        plan = str(connection.exec_driver_sql(f"{explain} {statement}", parameters).all())
    event.remove(*listening)
    assert "ix_message_call_back" in plan
