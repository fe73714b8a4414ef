"""What a parent and a school have after a restore: into another home, and onto the other kind of database."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import func, select, text, update

from backup.making import make
from backup.restoring import restore, settle
from db import keys
from db.base import Base
from db.connecting import database_url
from db.kinds import (
    Channel,
    ConsentWay,
    ErasedKind,
    ErasureGround,
    EventChange,
    EventKind,
    MessagePurpose,
    MessageState,
    NotificationState,
    PayerState,
)
from db.migrate import ADVISORY_LOCK, config, upgrade
from db.migrations import HEAD
from db.models import (
    Charge,
    Erasure,
    Grade,
    JobRun,
    Message,
    Notification,
    Payer,
    ScheduledJob,
    StaffSession,
    Student,
    StudentCode,
    Subscriber,
    Subscription,
)
from db.session import Database, make_engine
from demonstration import describe
from devtools.postgres import PostgresServer
from errors import InputError, OperationError
from scheduler.clock import Clock
from scheduler.runner import Runner
from school import outbox
from school.accounts import sessions
from school.billing import consents, holds, payers
from school.billing import run as billing_run
from school.hearing import access
from school.hearing.access import Admitted
from school.monitoring import job_runs
from school.privacy import erasure, files, lookup
from school.reports import filters, grades
from school.reports.filters import Filters
from school.subscriptions import inbox
from smpp.texts.handling import handle
from tests.backup.conftest import Place, Platform, settings_of
from tests.demonstration_school import NOW

LATER = timedelta(days=1)
_numbers = count(1)


def described(database: Database) -> dict[str, Any]:
    with database.reading() as session:
        return describe(session)


def followed(school: dict[str, Any]) -> tuple[str, str, str]:
    """Number, ID-code and PIN of somebody who follows a student."""
    return next(
        (one["phone"], student["student_code"], one["pin"])
        for student in school["students"]
        for one in student["subscriptions"]
        if one["pin"] and one["phone"]
    )


def averages(database: Database) -> object:
    with database.reading() as session:
        school_id = session.scalars(select(Student.school_id).limit(1)).one()
        return grades.by_class(session, filters.ask(session, school_id, Filters(), NOW.date())).rows


def rows(database: Database) -> dict[str, list[Any]]:
    """All rows of every table that a restore does not change."""
    changed = {"apscheduler_jobs", "job_run", "process_status", "message", "notification", "backup", "staff_session"}
    with database.reading() as session:
        return {
            table.name: sorted(map(repr, session.execute(select(table)).all()))
            for table in Base.metadata.sorted_tables
            if table.name not in changed
        }


def test_a_call_a_text_and_a_report_are_right_wherever_it_is_restored(platform: Platform, place: Place) -> None:
    before = Database(platform.settings.database, platform.settings.key())
    school = described(before)
    phone, code, pin = followed(school)
    with before.session() as session:
        text_id = inbox.store(session, "a1", "t", phone, f"оценки {code}", NOW)
    waiting = platform.settings.home_path / "calls-waiting"
    waiting.mkdir()
    (waiting / "one.json").write_text('{"caller": "+359888000001"}')
    done = place.restore(platform.back_up())

    assert done.rows > 5000
    assert json.loads((place.home / "calls-waiting" / "one.json").read_text()) == {"caller": "+359888000001"}
    after = place.open()
    assert rows(after) == rows(before)
    assert described(after) == school
    assert averages(after) == averages(before)
    now = datetime.now(UTC)
    with after.session() as session:
        assert access.recognise(session, phone)
        assert isinstance(access.admit(session, None, code, pin, now), Admitted)
        assert not isinstance(access.admit(session, None, code, "9999" if pin != "9999" else "8888", now), Admitted)
        assert text_id is not None
        received = inbox.take(session, text_id, now)
        assert received is not None
        assert handle(session, phone=phone, operator="a1", text=received.text, now=now).answered
        answer = session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()
        assert (answer.address, answer.state, answer.purpose) == (phone, MessageState.READY, MessagePurpose.ANSWER)
    before.dispose()
    after.dispose()


def erased_of(school_id: int) -> Erasure:
    """Somebody who was erased."""
    return Erasure(
        school_id=school_id,
        kind=ErasedKind.STUDENT,
        row_id=1,
        row_created_at=NOW,
        ground=ErasureGround.OBJECTION,
        at=NOW,
    )


def test_ids_go_on_after_the_last_one(platform: Platform, place: Place) -> None:
    """A new row does not take the id of one that heard marks and messages name, also of a table that is empty now."""
    before = Database(platform.settings.database, platform.settings.key())
    with before.session() as session:
        assert session.scalar(select(func.count()).select_from(Erasure)) == 0
        school_id = session.scalars(select(Student.school_id).limit(1)).one()
        gone = erased_of(school_id)
        session.add(gone)
        session.flush()
        session.delete(gone)
        last = outbox.enqueue(
            session, channel=Channel.SMS, address="+359888000111", text="x", purpose=MessagePurpose.ANSWER, now=NOW
        )
        session.execute(text("DELETE FROM message WHERE id = :id"), {"id": last})
    place.restore(platform.back_up())
    after = place.open()
    with after.session() as session:
        found = outbox.enqueue(
            session, channel=Channel.SMS, address="+359888000111", text="y", purpose=MessagePurpose.ANSWER, now=NOW
        )
        assert session.scalar(select(func.max(Message.id))) == found
        one = erased_of(school_id)
        session.add(one)
        session.flush()
        assert found > last
        assert one.id > gone.id
    before.dispose()
    after.dispose()


class TestWhatWasSentSince:
    def test_what_waited_is_held_and_a_person_decides(self, platform: Platform, place: Place) -> None:
        before = Database(platform.settings.database, platform.settings.key())
        now = datetime.now(UTC)
        with before.session() as session:

            def put(at: datetime) -> int:
                return outbox.enqueue(
                    session, channel=Channel.SMS, address="+359888000111", text="Здравейте!", now=at,
                    purpose=MessagePurpose.SERVICE, urgent=True,
                )  # fmt: skip

            ready, claimed, later = put(now - LATER), put(now - LATER), put(now)
            session.execute(text("UPDATE message SET due_at = :at WHERE id = :id"), {"at": now + LATER, "id": later})
            session.get_one(Message, later).due_at = now + LATER
            follows = session.scalars(select(Subscription).limit(1)).one()
            session.add(
                Notification(
                    school_id=follows.school_id, subscription_id=follows.id, subscriber_id=follows.subscriber_id,
                    channel=Channel.SMS, kind=EventKind.GRADE, event_id=1, change=EventChange.RECORDED,
                    state=NotificationState.PENDING, line="Математика: 6", due_at=now - LATER, from_hour=8,
                    until_hour=20, created_at=now - LATER,
                )
            )  # fmt: skip
            one = session.get_one(Message, claimed)
            one.state, one.lease_until, one.lease_owner = MessageState.CLAIMED, now + LATER, "host:1:x"
        with before.reading() as session:
            pending = outbox.counts(session).pending
        assert pending
        done = place.restore(platform.back_up())

        after = place.open()
        with after.session() as session:
            states = dict(session.execute(select(Message.id, Message.state)).all())
            assert (states[ready], states[claimed], states[later]) == (
                MessageState.UNKNOWN,
                MessageState.UNKNOWN,
                MessageState.READY,
            )
            assert done.aftermath.messages_held >= 2
            assert outbox.counts(session).pending < pending
            claimed_now = outbox.claim(session, Channel.SMS, owner="host:2:y", limit=1000, now=now)
            assert claimed_now == ()
            assert outbox.retry(session, [ready], now).done == (ready,)
            assert outbox.settle_unknown(session, [claimed], now, sent=True).done == (claimed,)
        before.dispose()
        after.dispose()

    def test_parents_are_not_charged_again_for_what_they_paid_since_the_backup(
        self, platform: Platform, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The month is due in the backup; it was charged before the disk died, of which the backup knows nothing."""
        monkeypatch.setenv("ESCHOOL_BILLING", "true")
        before = Database(platform.settings.database, platform.settings.key())
        seventh = datetime(2027, 3, 7, 9, tzinfo=UTC)
        with before.session() as session:
            payers.cover_followed(session, NOW)
            paying = session.scalars(select(Payer.id)).all()
            for payer_id in paying:
                consents.agree(session, payer_id, shown="x", way=ConsentWay.TWO_STEPS, operator="simulator", now=NOW)
            values = {"state": PayerState.ACTIVE, "billed_month": date(2027, 1, 1), "paid_until": None}
            session.execute(update(Payer).values(values))
            session.execute(update(Grade).values(recorded_at=datetime(2027, 2, 9, tzinfo=UTC)))
            session.execute(update(Subscriber).where(Subscriber.phone.is_not(None)).values(operator="simulator"))
        file = platform.back_up()
        billing_run.bill(before, seventh)
        with before.reading() as session:
            assert session.scalars(select(func.count()).select_from(Charge).where(Charge.attempt > 0)).one() > 0
        done = place.restore(file)
        assert done.aftermath.charges_stopped == 0

        after = place.open()
        billing_run.bill(after, seventh)
        with after.session() as session:
            assert session.scalars(select(Charge.id).where(Charge.attempt > 0)).all() == []
            assert [one.scope for one in holds.standing(session)] == [holds.ALL]
            holds.lift(session, holds.ALL, seventh)
        before.dispose()
        after.dispose()

    def test_where_nobody_pays_nothing_is_held(self, platform: Platform, place: Place) -> None:
        assert place.restore(platform.back_up()).aftermath.charges_stopped is None

    def test_what_another_tool_restored_is_settled_alike(self, platform: Platform) -> None:
        database = Database(platform.settings.database, platform.settings.key())
        with database.session() as session:
            one = outbox.enqueue(
                session, channel=Channel.SMS, address="+359888000111", text="Здравейте!", now=NOW,
                purpose=MessagePurpose.SERVICE,
            )  # fmt: skip
        found = settle(platform.settings, None)
        assert found.erased is None
        assert found.messages_held >= 1
        with database.reading() as session:
            assert session.get_one(Message, one).state is MessageState.UNKNOWN
            assert outbox.next_due(session, Channel.SMS, datetime.now(UTC)) is None
        database.dispose()

    def test_the_clock_makes_nothing_up(self, platform: Platform, place: Place) -> None:
        before = Database(platform.settings.database, platform.settings.key())
        yesterday = datetime.now(UTC) - LATER
        clock = Clock(platform.settings, Runner(platform.settings, before))
        clock.start(())
        clock.stop()
        with before.session() as session:
            for job in session.scalars(select(ScheduledJob)):
                job.next_run_time = yesterday.timestamp()
            job_runs.began(session, "friday-summary", yesterday)
            staff_id = session.scalars(text("SELECT min(id) FROM staff")).one()
            sessions.begin_session(session, staff_id, "Firefox", datetime.now(UTC))
        place.restore(platform.back_up())
        after = place.open()
        with after.reading() as session:
            assert session.scalars(select(ScheduledJob.id)).all() == []
            assert job_runs.unfinished(session) == frozenset()
            assert session.scalars(select(JobRun.outcome).where(JobRun.job == "friday-summary")).one() == "skipped"
            assert session.scalars(select(StaffSession.revoked_at).where(StaffSession.staff_id == staff_id)).one()
        before.dispose()
        after.dispose()


class TestTheErased:
    def test_who_was_erased_since_does_not_come_back(self, platform: Platform, place: Place) -> None:
        file = platform.back_up()
        before = Database(platform.settings.database, platform.settings.key())
        now = datetime.now(UTC)
        _, code, _ = followed(described(before))
        with before.session() as session:
            person = lookup.one(session, "student", code, None)
            gone = erasure.erase(session, person, now, by=None, ground=ErasureGround.OBJECTION, still_here=True)
        files.clean(platform.settings, before, [gone])  # writes the list beside the backups
        done = place.restore(file)

        assert done.aftermath.erased is not None
        assert len(done.aftermath.erased) >= 1
        after = place.open()
        with after.reading() as session:
            assert session.scalars(select(StudentCode).where(StudentCode.code == code)).all() == []
            assert session.scalars(select(Erasure.id)).all() != []
        if place.into == str(place.home):
            assert code.encode() not in (place.home / "eschool.db").read_bytes()
        before.dispose()
        after.dispose()

    def test_the_list_never_loses_a_line(self, platform: Platform, place: Place) -> None:
        file = platform.back_up()
        listed = platform.folder / "erasures.jsonl"
        one = {"school": "1", "kind": "student", "id": 1, "made_at": "2020-01-01T00:00:00+00:00"}
        line = json.dumps(one | {"ground": "objection", "at": "2020-01-02T00:00:00+00:00"}) + "\n"
        listed.write_text(line)
        platform.back_up()
        assert listed.read_text() == line
        assert place.restore(file).aftermath.erased == ()

    def test_without_a_list_it_is_told(self, platform: Platform, place: Place) -> None:
        file = platform.back_up()
        (platform.folder / "erasures.jsonl").unlink()
        assert place.restore(file).aftermath.erased is None


class TestRefusals:
    def test_nothing_is_overwritten(self, platform: Platform, place: Place) -> None:
        file = platform.back_up()
        place.restore(file)
        before = {path: path.stat().st_mtime_ns for path in place.home.rglob("*")}
        with pytest.raises(InputError, match="nothing is overwritten"):
            place.restore(file)
        assert {path: path.stat().st_mtime_ns for path in place.home.rglob("*")} == before

    def test_another_key_is_refused_before_anything_is_written(self, platform: Platform, place: Place) -> None:
        file = platform.back_up()
        key = platform.folder / "another.key"
        key.write_text("another key that is long enough to be one")
        with pytest.raises(InputError, match="made with another secret key"):
            place.restore(file, key_file=key)
        assert not place.home.exists()

    def test_a_newer_version_is_refused(
        self, platform: Platform, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = platform.back_up()
        monkeypatch.setattr("backup.building.HEAD", "0019")
        with pytest.raises(InputError, match="newer than this program's 0019"):
            place.restore(file)
        assert not place.home.exists()

    def test_the_key_of_a_file_is_kept_in_a_new_home_and_nowhere_in_the_backup(
        self, platform: Platform, tmp_path: Path
    ) -> None:
        key = tmp_path / "kept.key"
        key.write_text(platform.settings.secret_key + "\n")
        (platform.settings.home_path / "secret.key").write_text(platform.settings.secret_key)
        (platform.settings.home_path / "mine.env").write_text(f"ESCHOOL_SECRET_KEY={platform.settings.secret_key}")
        (platform.settings.home_path / "sounds").mkdir()
        (platform.settings.home_path / "sounds" / "a.wav").write_bytes(b"clip")
        (platform.settings.home_path / "texts-kept").mkdir()
        (platform.settings.home_path / "texts-kept" / "1").write_bytes(b"what a later version keeps")
        bare = platform.settings.model_copy(update={"secret_key": ""})
        done = restore(bare, platform.back_up(), str(tmp_path / "new"), key_file=key)
        assert done.files == ("texts-kept/1",)
        assert done.key_written == tmp_path / "new" / "secret.key"
        assert (tmp_path / "new" / "secret.key").read_text() == platform.settings.secret_key


def shape(url: str) -> dict[str, list[Any]]:
    """Columns, indexes and constraints of a server's database, and whether they hold."""
    asked = {
        "columns": "SELECT table_name, column_name, data_type FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND table_name <> 'apscheduler_jobs'",
        "indexes": "SELECT indexrelid::regclass::text, indisvalid, indisunique, indkey::text, indpred IS NULL "
        "FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE relnamespace = current_schema()::regnamespace",
        "constraints": "SELECT conrelid::regclass::text, conname, convalidated, pg_get_constraintdef(oid) "
        "FROM pg_constraint WHERE connamespace = current_schema()::regnamespace",
        "sequences": "SELECT sequencename, data_type::text FROM pg_sequences WHERE schemaname = current_schema()",
    }
    engine = make_engine(database_url(url))
    with engine.connect() as connection:
        found = {what: sorted(map(tuple, connection.execute(text(query)))) for what, query in asked.items()}
    engine.dispose()
    return found


class TestOfAnOlderServer:
    """Upgrades leave indexes, checks of old rows and wide ids of large tables for later; a restore does all at once."""

    @pytest.fixture
    def file(self, tmp_path: Path, postgresql: PostgresServer) -> Iterator[Path]:
        """A backup of a server's database of an older version, with one school."""
        name = f"older_{next(_numbers)}"
        postgresql.create(name)
        settings = settings_of(tmp_path / "old", postgresql.url(name), tmp_path / "backups")
        engine = make_engine(database_url(settings.database))
        with engine.begin() as connection:
            command.upgrade(config(connection), "0019")
            connection.execute(
                text(
                    "INSERT INTO data_key (version, secret_key, created_at, completed_at) "
                    "VALUES (1, :key, '2026-11-24 16:00:00+00', '2026-11-24 16:00:00+00')"
                ),
                {"key": keys.fingerprint(settings.key())},
            )
            connection.execute(
                text(
                    "INSERT INTO school (institution_code, name, town, created_at) "
                    "VALUES ('1', 'СУ', 'Русе', '2026-11-24 16:00:00+00')"
                )
            )
        engine.dispose()
        yield make(settings).path
        postgresql.drop(name)

    @pytest.fixture
    def on_server(self, tmp_path: Path, postgresql: PostgresServer) -> Iterator[Place]:
        name = f"newer_{next(_numbers)}"
        postgresql.create(name)
        url = postgresql.url(name)
        yield Place(url, tmp_path / "elsewhere", settings_of(tmp_path / "elsewhere", url, None))
        postgresql.drop(name)

    def test_it_becomes_what_an_upgrade_makes(
        self, file: Path, on_server: Place, tmp_path: Path, postgresql: PostgresServer
    ) -> None:
        name = f"upgraded_{next(_numbers)}"
        postgresql.create(name)
        upgrade(settings_of(tmp_path / "upgraded", postgresql.url(name), None))
        assert on_server.restore(file).header.version == "0019"
        restored, upgraded = shape(on_server.into), shape(postgresql.url(name))
        for what, of_upgrade in upgraded.items():
            assert {*restored[what]} ^ {*of_upgrade} == set(), what
        after = on_server.open()
        with after.reading() as session:
            assert session.scalars(text("SELECT name FROM school")).all() == ["СУ"]
        after.dispose()
        postgresql.drop(name)

    def test_what_fails_while_it_is_brought_up_leaves_nothing(
        self, file: Path, on_server: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as patched:
            patched.setattr("backup.aftermath.outbox.hold", _fail)
            with pytest.raises(OperationError, match="pulled"):
                on_server.restore(file)
        engine = make_engine(database_url(on_server.into))
        with engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")).scalar() == 0
        engine.dispose()
        assert on_server.restore(file).rows > 0

    def test_an_upgrade_and_a_restore_do_not_wait_for_each_other_in_a_ring(self, file: Path, on_server: Place) -> None:
        engine = make_engine(database_url(on_server.into))
        with engine.connect() as upgrading:
            upgrading.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": ADVISORY_LOCK})
            upgrading.commit()
            with ThreadPoolExecutor() as threads:
                restored = threads.submit(on_server.restore, file)
                waiting = text(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                    "AND application_name LIKE 'eschool backup%' AND (state = 'active' OR backend_xmin IS NOT NULL)"
                )
                time.sleep(3)
                seen = []
                for _ in range(20):
                    time.sleep(0.07)
                    seen.append(upgrading.execute(waiting).scalar())
                    upgrading.commit()
                upgrading.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": ADVISORY_LOCK})
                upgrading.commit()
                assert restored.result(60).rows > 0
        engine.dispose()
        assert 0 in seen, "it holds a snapshot all the time, for whose end CREATE INDEX CONCURRENTLY would wait"


def _fail(*_: object) -> None:
    raise OSError("pulled")


def test_an_older_version_is_brought_up(tmp_path: Path, postgresql: Any, place: Place) -> None:
    """A database of the version before backups were noted, made by hand as an older program left it."""
    settings = settings_of(tmp_path / "old", f"sqlite:///{tmp_path / 'old' / 'eschool.db'}", tmp_path / "backups")
    upgrade(settings)
    engine = make_engine(database_url(settings.database))
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO school (institution_code, name, town, created_at) "
                "VALUES ('1', 'СУ', 'Русе', '2026-11-24 16:00:00.000000')"
            )
        )
        command.downgrade(config(connection), "0019")
    engine.dispose()
    assert HEAD != "0019"
    done = place.restore(make(settings).path)
    assert done.header.version == "0019"
    after = place.open()
    with after.reading() as session:
        assert session.scalars(text("SELECT name FROM school")).all() == ["СУ"]
    after.dispose()
