"""How long a month's charging takes: planned, charged into an SMSC at its limit, and held against the operator's file.

    python -m bench.billing --payers 500000 --per-second 500
    python -m bench.billing --parts year --payers 2000

On a PostgreSQL of its own, with a real gateway and the SMSC of npm's `smpp`. The limit is what the same rows take that
are only inserted. Memory is this process's at its peak. The part `year` is a simulated year instead.
"""

import argparse
import asyncio
import os
import platform
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
from pydantic import SecretStr
from sqlalchemy import text

from bench import billing_page
from bench.billing_year import run_on
from bench.measures import memory_mb
from bench.school_data import KEY
from db.migrate import upgrade
from db.session import Database
from devtools.postgres import running_server
from devtools.smsc import running_smsc
from school.billing import collecting, planning, reconciliation
from settings import Settings
from smpp.gateway.operators import Operator, Operators
from smpp.gateway.process import Gateway

OPERATOR = "simulator"
"""Without an operators file it is the one that charges."""
WINDOW = 100
PAYERS_OF_A_MONTH, PAYERS_OF_A_YEAR = 500_000, 2000
KINDS = ("sqlite", "postgresql")


def seed(url: str, payers: int, month: date) -> None:
    """Payers who agreed, each with a child for whom the school entered a grade in the month."""
    plain = url.replace("postgresql+psycopg://", "postgresql://")
    at = datetime(month.year, month.month, 15, 9, tzinfo=UTC)
    with psycopg.connect(plain) as server:
        one = server.execute(
            "INSERT INTO school (institution_code, name, town, created_at) VALUES ('1', 'СУ', 'Русе', %s) RETURNING id",
            [at],
        ).fetchone()
        assert one is not None
        school = one[0]
        values = {"n": payers, "s": school, "at": at, "on": at.date(), "month": month - timedelta(days=40)}
        for statement in (
            "INSERT INTO staff (school_id, first_name, last_name, email, created_at)"
            " VALUES (%(s)s, 'А', 'Б', 'a@b', %(at)s)",
            "INSERT INTO school_year (school_id, starts_on, ends_on) VALUES (%(s)s, '2000-01-01', '2099-01-01')",
            "INSERT INTO term (school_id, school_year_id, number, starts_on, ends_on)"
            " SELECT school_id, id, 1, starts_on, ends_on FROM school_year",
            "INSERT INTO subject (school_id, name) VALUES (%(s)s, 'Математика')",
            "INSERT INTO student (school_id, first_name, middle_name, last_name, birth_date, national_id_kind,"
            " national_id_encrypted, national_id_hash, created_at)"
            " SELECT %(s)s, 'И', '', 'П', '2015-01-01', 'egn', '', sha256(int8send(g)), %(at)s"
            " FROM generate_series(1, %(n)s::bigint) g",
            "INSERT INTO subscriber (phone, operator, created_at)"
            " SELECT '+35988' || lpad(g::text, 7, '0'), 'simulator', %(at)s FROM generate_series(1, %(n)s) g",
            "INSERT INTO subscription (school_id, student_id, subscriber_id, status, created_at, following_since)"
            " SELECT %(s)s, st.id, su.id, 'active', %(at)s, %(at)s FROM (SELECT id, row_number() OVER (ORDER BY id) r"
            " FROM student) st JOIN (SELECT id, row_number() OVER (ORDER BY id) r FROM subscriber) su USING (r)",
            "INSERT INTO payer (subscriber_id, state, day, billed_month, trusted_until, created_at, reminded_on)"
            " SELECT id, 'active', 1, %(month)s, '2099-01-01', %(at)s, %(on)s FROM subscriber",
            "INSERT INTO cover (payer_id, school_id, student_id, began_at) SELECT p.id, s.school_id, s.student_id,"
            " '2000-01-01' FROM subscription s JOIN payer p USING (subscriber_id)",
            "INSERT INTO consent (payer_id, price_id, way, shown, cents, currency, agreed_at) SELECT p.id, pr.id,"
            " 'two_steps', '', 61, 'EUR', '2026-01-01' FROM payer p, price pr WHERE pr.currency = 'EUR'",
            "INSERT INTO grade (school_id, student_id, subject_id, staff_id, school_year_id, term, kind, scale, value,"
            " on_date, recorded_at)"
            " SELECT %(s)s, st.id, su.id, f.id, y.id, 1, 'current', 'numeric', 600, %(on)s, %(at)s"
            " FROM student st, subject su, staff f, school_year y",
        ):
            server.execute(statement, values)
        server.commit()
        server.autocommit = True
        server.execute("VACUUM ANALYZE")


def plan(database: Database, payers: int, now: datetime) -> float:
    """Seconds in which every payer's month is planned."""
    began = time.perf_counter()
    pace = planning.Pace(now, payers)
    while True:
        with database.session() as session:
            if not planning.plan(session, pace, now):
                return time.perf_counter() - began


async def charge(settings: Settings, database: Database, payers: int, per_second: int) -> float:
    """Seconds in which the gateway has every charge with the SMSC, and its receipt."""
    with database.session() as session:
        soon = datetime.now(UTC)
        session.execute(
            text("UPDATE message SET due_at = :at, expires_at = :end, from_hour = 0, until_hour = 24 WHERE charged"),
            {"at": soon, "end": soon + timedelta(days=2)},
        )
    async with running_smsc() as smsc:
        await smsc.behave(quiet=True, receipts="after", per_second=per_second)
        operator = Operator(
            name=OPERATOR,
            host="127.0.0.1",
            port=smsc.port,
            system_id="eschool",
            password=SecretStr("secret"),
            window=WINDOW,
            longest_retry_seconds=1,
        )
        gateway = Gateway(settings, Operators(operators={OPERATOR: operator}), database)
        stop = asyncio.Event()
        began = time.perf_counter()
        serving = asyncio.create_task(gateway.run(stop))
        while await asyncio.to_thread(_delivered, database) < payers:
            await asyncio.sleep(0.5)
        took = time.perf_counter() - began
        stop.set()
        await serving
        return took


def _delivered(database: Database) -> int:
    with database.reading() as session:
        counted = session.execute(text("SELECT count(*) FROM message WHERE charged AND state = 'delivered'"))
        return int(counted.scalar_one())


def collect(database: Database, now: datetime) -> float:
    """Seconds in which what became of the charges is in the books, and the receipts are written."""
    began = time.perf_counter()
    while True:
        with database.session() as session:
            if not collecting.collect(session, now):
                return time.perf_counter() - began


def reconcile(database: Database, folder: Path, month: date, now: datetime) -> tuple[float, int]:
    """Seconds for the operator's file of all charges, and its lines that matched."""
    path = folder / "file.csv"
    with database.reading() as session, path.open("w", encoding="utf-8") as file:
        file.write("message_id;amount\n")
        for (name,) in session.execute(text("SELECT smsc_id FROM charge WHERE smsc_id IS NOT NULL")).yield_per(10_000):
            file.write(f"{name};0,61\n")
    began = time.perf_counter()
    found = reconciliation.import_file(database, OPERATOR, path, month, now)
    return time.perf_counter() - began, sum(found.counts.values())


def inserts_alone(url: str) -> float:
    """Seconds for the same rows by COPY into copies of the tables, in as large transactions, without any rule."""
    plain = url.replace("postgresql+psycopg://", "postgresql://")
    took = 0.0
    with psycopg.connect(plain) as reader, psycopg.connect(plain) as writer:
        for table in ("charge", "message", "message_part", "ledger_account", "ledger_entry", "billing_line"):
            writer.execute(f"CREATE TABLE copy_of_{table} (LIKE {table} INCLUDING INDEXES)")
            writer.commit()
            with reader.cursor(f"all_{table}") as cursor:
                cursor.execute(f"SELECT * FROM {table}")
                while rows := cursor.fetchmany(planning.AT_ONCE):
                    began = time.perf_counter()
                    with writer.cursor() as into, into.copy(f"COPY copy_of_{table} FROM STDIN") as copy:
                        for row in rows:
                            copy.write_row(row)
                    writer.commit()
                    took += time.perf_counter() - began
    return took


def main() -> None:
    """Read the command line, run each step, and say how long it took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument(
        "--parts", choices=("month", "year"), default="month", help="a month's charging, or a year's days"
    )
    parser.add_argument("--payers", type=int, help="default: 500,000 for a month, 2,000 for a year")
    parser.add_argument("--databases", nargs="+", choices=KINDS, default=KINDS, help="of the part year")
    parser.add_argument("--per-second", type=int, default=500, help="what the SMSC takes a second; 0: no limit")
    asked = parser.parse_args()
    if asked.parts == "year":
        run_on(asked.databases, asked.payers or PAYERS_OF_A_YEAR)
        return
    asked.payers = asked.payers or PAYERS_OF_A_MONTH
    os.environ["ESCHOOL_BILLING"] = "true"
    os.environ["ESCHOOL_BILLING_CHARGES_A_DAY"] = str(10 * asked.payers)
    made_in = datetime.now(UTC).date().replace(day=1)
    month = (made_in - timedelta(days=1)).replace(day=1)
    now = datetime(made_in.year, made_in.month, 1, 9, tzinfo=UTC)
    with running_server() as server, tempfile.TemporaryDirectory() as name:
        server.create("billing")
        url = server.url("billing")
        settings = Settings(home=Path(name), database_url=url, secret_key=KEY)
        upgrade(settings)
        seed(url, asked.payers, month)
        database = Database(settings.database, settings.key())
        print(
            f"{asked.payers:,} payers; {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
        )
        with billing_page.asked_meanwhile(Path(name), url) as page:
            took = {"planned": plan(database, asked.payers, now)}
            took["charged"] = asyncio.run(charge(settings, database, asked.payers, asked.per_second))
            took["collected"] = collect(database, datetime.now(UTC))
            took["reconciled"], lines = reconcile(database, Path(name), made_in, datetime.now(UTC))
        took["the same rows, inserted alone"] = inserts_alone(url)
        for step, seconds in took.items():
            print(f"{step:32}{seconds / 60:8.2f} min {asked.payers / seconds:10,.0f}/s")
        print(
            f"lines of the file that were new  {lines:,}; memory at its peak {memory_mb(os.getpid(), 'VmHWM'):.0f} MB"
        )
        print(billing_page.told(page))
        database.dispose()


if __name__ == "__main__":
    main()
