"""Upgrades of big tables keep nobody waiting: squawk reads what each step sends, and steps are tried beside writers."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Engine, create_engine, event, text

from db.connecting import database_url
from db.migrate import config, upgrade, version
from db.migrations import HEAD
from db.migrations.online import OWN_TRANSACTIONS
from db.wide_ids import NarrowTable, narrow
from devtools.postgres import PostgresServer
from devtools.site import SECRET_KEY
from settings import Settings
from tests.cli.test_command_line import eschool
from tests.conftest import settings_for

pytestmark = pytest.mark.slow
_numbers = count(1)
SQUAWK = Path(sys.executable).with_name("squawk")
FIRST_LINTED = "0009"
"""What a release before may be at."""
BIG = frozenset(
    [
        "absence",
        "audit",
        "call",
        "call_attempt",
        "call_step",
        "campaign_child",
        "campaign_family",
        "campaign_telephone",
        "enrolment",
        "grade",
        "heard_event",
        "inbound_text",
        "message",
        "message_part",
        "notification",
        "remark",
    ]
)
"""Tables with so many rows that a lock on them is felt."""
LOCKS = frozenset(
    [
        "adding-field-with-default",
        "adding-foreign-key-constraint",
        "adding-not-nullable-field",
        "adding-serial-primary-key-field",
        "changing-column-type",
        "constraint-missing-not-valid",
        "disallowed-unique-constraint",
        "require-concurrent-index-creation",
        "require-concurrent-index-deletion",
        "adding-required-field",
    ]
)
"""Squawk's rules about long locks."""
DECIDED: dict[str, str] = {
    "0025 changing-column-type": "only tables of up to 32 MB; the others by eschool db widen",
}
"""What is accepted, and why."""


@pytest.fixture
def empty(postgresql: PostgresServer, tmp_path: Path) -> Iterator[Settings]:
    """Settings of a PostgreSQL database without tables."""
    name = f"locks_{next(_numbers)}"
    postgresql.create(name)
    yield settings_for(tmp_path, postgresql.url(name))
    postgresql.drop(name)


def upgraded_to(settings: Settings, revision: str) -> None:
    engine = engine_of(settings)
    with engine.connect() as connection:
        configured = config(connection)
        configured.attributes[OWN_TRANSACTIONS] = True
        command.upgrade(configured, revision)
    engine.dispose()


def engine_of(settings: Settings) -> Engine:
    return create_engine(database_url(settings.database))


def statements_of(settings: Settings, revision: str) -> list[str]:
    """What a step sends to the server, besides questions."""
    engine, sent = engine_of(settings), []

    @event.listens_for(engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.lstrip().upper().startswith(("SELECT", "SHOW", "INSERT", "UPDATE", "DELETE")):
            sent.append(statement.strip())

    try:
        with engine.connect() as connection:
            configured = config(connection)
            configured.attributes[OWN_TRANSACTIONS] = True
            command.upgrade(configured, revision)
    finally:
        engine.dispose()
    return sent


def complaints(statements: list[str], folder: Path) -> set[tuple[str, str]]:
    """(rule, statement) of what squawk finds about long locks on big tables."""
    found = set()
    for number, statement in enumerate(statements):
        if not any(f" {table} " in f"{statement} ".replace('"', "").replace("(", " ") for table in BIG):
            continue
        file = folder / f"{number}.sql"
        file.write_text(f"{statement};\n")
        done = subprocess.run(
            [SQUAWK, "--reporter", "Json", "--assume-in-transaction", "--pg-version", "13.0", str(file)],
            capture_output=True,
            text=True,
        )
        found |= {(one["rule_name"], statement) for one in json.loads(done.stdout or "[]")}
    return {(rule, statement) for rule, statement in found if rule in LOCKS}


def test_no_step_locks_a_big_table_for_long(empty: Settings, tmp_path: Path) -> None:
    revisions = [f"{number:04}" for number in range(int(FIRST_LINTED) + 1, int(HEAD) + 1)]
    upgraded_to(empty, FIRST_LINTED)
    found = []
    for revision in revisions:
        try:
            statements = statements_of(empty, revision)
        except Exception as error:
            if "Can't locate revision" not in str(error):
                raise
            continue
        made = {name for name in BIG if any(f"CREATE TABLE {name} " in one for one in statements)}
        for rule, statement in sorted(complaints(statements, tmp_path)):
            if not any(f" {name} " in f"{statement} " for name in made) and f"{revision} {rule}" not in DECIDED:
                found.append(f"{revision} {rule}: {' '.join(statement.split())[:150]}")
    assert found == [], "see db/migrations/online.py"


class Writer:
    """Writes grades one after the other, and notes the longest time that one took."""

    def __init__(self, settings: Settings) -> None:
        self._engine = engine_of(settings)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._write)
        self.longest = 0.0
        self.written = 0

    def __enter__(self) -> "Writer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()
        self._engine.dispose()

    def _write(self) -> None:
        while not self._stopping.is_set():
            began = time.monotonic()
            with self._engine.begin() as connection:
                connection.execute(text("UPDATE grade SET value = value WHERE id = 1 + :n % 1000"), {"n": self.written})
            self.longest = max(self.longest, time.monotonic() - began)
            self.written += 1


ROWS = 400_000
KNOWN = {"kind": "'current'", "term": "1", "scale": "'numeric'"}
BY_KIND = {"integer": "1", "smallint": "1", "bigint": "1", "character varying": "''", "boolean": "false"}


def fill(settings: Settings) -> None:
    """Grades of one student; whom else they belong to is not asked for here."""
    engine = engine_of(settings)
    with engine.begin() as connection:
        connection.execute(text("SET session_replication_role = replica"))  # no foreign keys: grades alone will do
        needed = connection.execute(
            text(
                "SELECT column_name, data_type FROM information_schema.columns "
                "WHERE table_name = 'grade' AND is_nullable = 'NO' AND column_default IS NULL"
            )
        ).all()
        values = {name: KNOWN.get(name) or BY_KIND.get(kind, "'2026-11-24'") for name, kind in needed}
        values |= {"value": "600", "subject_id": "1"}
        connection.execute(
            text(
                f"INSERT INTO grade ({', '.join(values)}) SELECT {', '.join(values.values())} "
                f"FROM generate_series(1, {ROWS})"
            )
        )
    engine.dispose()


class TestBesideWriters:
    def test_a_big_table_gets_its_index_while_others_write(self, empty: Settings) -> None:
        upgraded_to(empty, "0009")
        fill(empty)
        with Writer(empty) as writer:
            upgrade(empty)
        print(f"longest wait {writer.longest:.2f} s, {writer.written} written")
        assert writer.longest < 2.0
        assert index_is_valid(empty, "ix_grade_of_year")
        assert [one.name for one in narrow_of(empty)] == ["grade"]

    def test_a_lock_of_others_is_waited_for_briefly_and_tried_again(self, empty: Settings) -> None:
        upgraded_to(empty, "0012")
        engine = engine_of(empty)
        with engine.connect() as reader:
            reader.execute(text("SELECT count(*) FROM subscription"))  # and its transaction stays open
            threading.Timer(6.0, reader.rollback).start()
            upgrade(empty)
        engine.dispose()
        assert version_of(empty) == HEAD

    def test_what_a_run_before_left_unfinished_is_mended(self, empty: Settings) -> None:
        upgrade(empty)
        engine = engine_of(empty)
        with engine.begin() as connection:
            connection.execute(text("DROP INDEX ix_grade_of_year"))
            connection.execute(
                text(
                    "UPDATE pg_index SET indisvalid = false "
                    "WHERE indexrelid = CAST('ix_message_school_ready' AS regclass)"
                )
            )
            connection.execute(text("ALTER TABLE absence DROP CONSTRAINT ck_absence_lesson"))
            connection.execute(
                text("ALTER TABLE absence ADD CONSTRAINT ck_absence_lesson CHECK (lesson BETWEEN 1 AND 15) NOT VALID")
            )
        upgrade(empty)
        assert index_is_valid(empty, "ix_grade_of_year")
        assert index_is_valid(empty, "ix_message_school_ready")
        with engine.connect() as connection:
            assert not connection.execute(text("SELECT count(*) FROM pg_constraint WHERE NOT convalidated")).scalar()
        engine.dispose()


class TestWideIds:
    def test_a_new_database_has_only_wide_ones(self, empty: Settings) -> None:
        upgrade(empty)
        assert narrow_of(empty) == ()

    def test_a_big_table_is_widened_by_the_operator(self, empty: Settings, tmp_path: Path) -> None:
        upgrade(empty)
        engine = engine_of(empty)
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE message ALTER COLUMN id TYPE integer"))
            connection.execute(text("ALTER SEQUENCE message_id_seq AS integer"))
            connection.execute(text("SELECT setval('message_id_seq', 2147483647)"))
        given = {"ESCHOOL_DATABASE_URL": empty.database, "ESCHOOL_SECRET_KEY": SECRET_KEY}
        told = eschool("db", "widen", "--yes", home=tmp_path, **given).stdout
        assert "100.0% of its ids are used" in told
        assert "message: done." in told
        assert narrow_of(empty) == ()
        with engine.connect() as connection:
            assert connection.execute(text("SELECT nextval('message_id_seq')")).scalar() == 2**31
        engine.dispose()
        assert "nothing to do" in eschool("db", "widen", home=tmp_path, **given).stdout


def index_is_valid(settings: Settings, name: str) -> bool:
    engine = engine_of(settings)
    with engine.connect() as connection:
        asked = text("SELECT indisvalid FROM pg_index WHERE indexrelid = CAST(:name AS regclass)")
        found = bool(connection.execute(asked, {"name": name}).scalar())
    engine.dispose()
    return found


def narrow_of(settings: Settings) -> tuple[NarrowTable, ...]:
    engine = engine_of(settings)
    with engine.connect() as connection:
        found = narrow(connection)
    engine.dispose()
    return found


def version_of(settings: Settings) -> str | None:
    engine = engine_of(settings)
    with engine.connect() as connection:
        found = version(connection)
    engine.dispose()
    return found
