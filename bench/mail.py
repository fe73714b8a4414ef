"""`make bench-mail`: the e-mail sender against smtplib alone, over one connection into the same server.

smtplib is given finished letters and forgets them; ours makes each from the outbox and writes down what became of it
before the next one is in doubt.
"""

import os
import smtplib
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from time import monotonic, sleep

import click
from sqlalchemy import func, select

from bench.mail_server import Counted, running_server
from bench.measures import cpu_seconds, memory_mb
from bench.page import table, write_between
from db.kinds import MessagePurpose, MessageState
from db.migrate import upgrade
from db.models import Message, Subscriber
from db.session import Database, open_database
from devtools.postgres import running_server as running_postgresql
from runtime import endpoints
from school.outbox.enqueue import Letter, enqueue_letters
from settings import Settings

ONE_WAY = 0.01
TEXT = "Мария: нова оценка\n\nМария, 8а:\n– Математика – Отличен (6), контролна работа, 24.11"
PATIENCE = 60.0


@dataclass(frozen=True)
class Measured:
    """One way of sending: letters a second, milliseconds of CPU a letter, megabytes at the most."""

    way: str
    near: float
    far: float
    cpu: float
    memory: float


def smtplib_alone(port: int, letters: int, counted: Counted) -> float:
    """Letters a second of the standard library, one connection, one letter that is made already."""
    letter = EmailMessage(policy=SMTP)
    letter["From"], letter["To"], letter["Subject"] = "a@e-school.example", "b@example.org", "Мария: нова оценка"
    letter.set_content(TEXT, cte="base64")
    letter.add_alternative(f"<p>{TEXT}</p>" * 8, subtype="html", cte="base64")
    data = letter.as_bytes()
    counted.begin()
    began = monotonic()
    with smtplib.SMTP(endpoints.ADDRESS, port, "bench.example") as client:
        for number in range(letters):
            client.sendmail("a@e-school.example", f"parent{number}@example.org", data)
    return letters / (counted.last_at.value - began)


class Outbox:
    """A database of one kind, and the sender over it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        upgrade(settings)
        self.database: Database = open_database(settings)

    def send(self, port: int, letters: int, counted: Counted) -> tuple[float, float, float]:
        """(letters a second from the first to the last, ms of CPU a letter, MB at the most)."""
        self._fill(letters)
        counted.begin()
        environment = {
            **os.environ,
            "ESCHOOL_HOME": str(self._settings.home),
            "ESCHOOL_DATABASE_URL": self._settings.database,
            "ESCHOOL_SECRET_KEY": self._settings.secret_key,
            "ESCHOOL_SMTP_URL": f"smtp://{endpoints.ADDRESS}:{port}",
            "ESCHOOL_LOG_LEVEL": "WARNING",
        }
        command = [str(Path(sys.executable).with_name("eschool")), "mail", "serve"]
        with subprocess.Popen(command, env=environment) as process:
            deadline = monotonic() + PATIENCE
            while not counted.letters.value:
                _check(monotonic() < deadline)
                sleep(0.01)
            before = cpu_seconds(process.pid)
            while counted.letters.value < letters:
                _check(monotonic() < deadline)
                sleep(0.01)
            used, memory = cpu_seconds(process.pid) - before, memory_mb(process.pid, "VmHWM")
            sleep(0.5)
            process.terminate()
            process.wait()
        with self.database.reading() as session:
            sent = session.scalar(select(func.count()).where(Message.state == MessageState.SENT))
        _check(sent == letters and counted.letters.value == letters)
        seconds = counted.last_at.value - counted.first_at.value
        return (letters - 1) / seconds, 1000 * used / letters, memory

    def _fill(self, letters: int) -> None:
        now = datetime.now(UTC)
        with self.database.session() as session:
            session.execute(Message.__table__.delete())  # type: ignore[attr-defined]
            session.execute(Subscriber.__table__.delete())  # type: ignore[attr-defined]
            subscribers = [Subscriber(email=f"parent{number}@example.org", created_at=now) for number in range(letters)]
            session.add_all(subscribers)
            session.flush()
            ready = [Letter(one.id, str(one.email), TEXT) for one in subscribers]
            enqueue_letters(session, ready, MessagePurpose.NOTIFICATION, now, timedelta(days=1))


def _check(holds: bool) -> None:
    if not holds:
        raise click.ClickException("The letters did not all arrive once: nothing is measured.")


def measured(way: str, outbox: Outbox, near: int, far: int, letters: int, counted: Counted) -> Measured:
    """Both lines, one after the other."""
    fast, cpu, memory = outbox.send(near, letters, counted)
    slow, _, _ = outbox.send(far, letters // 8, counted)
    return Measured(way, fast, slow, cpu, memory)


@click.command()
@click.option("--letters", default=2000, show_default=True, help="Letters of each way; an eighth on the long line.")
@click.option("--write/--no-write", default=True, help="Write the table into docs/performance.md.")
def main(letters: int, write: bool) -> None:
    """Measure, print and write the table."""
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="eschool-bench-")))
        near, far, counted = opened.enter_context(running_server(ONE_WAY))
        key = "a key for a bench that is long enough to be one"
        bare = smtplib_alone(near, letters, counted), smtplib_alone(far, letters // 8, counted)
        rows = [["smtplib alone, letters ready made", f"{bare[0]:.0f}", "1.00", f"{bare[1]:.0f}", "1.00", "", ""]]
        server = opened.enter_context(running_postgresql({}))
        server.create("bench")
        for way, url in (
            ("ours, SQLite", f"sqlite:///{folder / 'bench.db'}"),
            ("ours, PostgreSQL", server.url("bench")),
        ):
            outbox = Outbox(Settings(home=folder / way[-4:], database_url=url, secret_key=key))
            one = measured(way, outbox, near, far, letters, counted)
            outbox.database.dispose()
            rows.append(
                [
                    way,
                    f"{one.near:.0f}",
                    f"{one.near / bare[0]:.2f}",
                    f"{one.far:.0f}",
                    f"{one.far / bare[1]:.2f}",
                    f"{one.cpu:.1f}",
                    f"{one.memory:.0f}",
                ]
            )
    headings = [
        "way",
        "letters/s, no distance",
        "of smtplib",
        f"letters/s, {2000 * ONE_WAY:.0f} ms round trip",
        "of smtplib",
        "ms of CPU a letter",
        "MB at most",
    ]
    lines = "\n".join(table(headings, rows))
    click.echo(lines)
    if write:
        write_between("mail", lines)


if __name__ == "__main__":
    main()
