"""Fixtures of e-mail: a certificate, a school with a parent who reads letters, and the sender as a process."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select, update

from db.events import EventRef
from db.kinds import Channel, GradeKind, MessagePurpose, SubscriptionStatus
from db.models import Message, Student, Subject, Subscriber, Subscription, TeachingAssignment
from db.session import Database
from devtools.mailbox import Certificate, certificate
from devtools.pbx import eschool_process
from devtools.site import SECRET_KEY
from school.classbook import recording
from school.outbox import enqueue

MOTHER = "maika@example.org"


@pytest.fixture(scope="session")
def mail_certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """Of the mail server."""
    return certificate(tmp_path_factory.mktemp("certificate"))


@dataclass
class SchoolByMail:
    """A database with a school, one parent of which has an e-mail address, and its URL."""

    database: Database
    url: str
    student_id: int
    teacher_id: int
    subject_id: int
    child: str

    def grade(self, value: str = "6", *, now: datetime | None = None) -> EventRef:
        """A teacher records a grade."""
        now = now or datetime.now(UTC)
        with self.database.session() as session:
            return recording.record_grade(
                session,
                by=self.teacher_id,
                student_id=self.student_id,
                subject_id=self.subject_id,
                kind=GradeKind.TEST,
                grade=Decimal(value),
                on=now.date(),
                now=now,
            )

    def write(self, *addresses: str, text: str = "Тема\n\nЗдравейте!", pin: str | None = None) -> list[int]:
        """Put a letter of its own into the outbox for each address."""
        with self.database.session() as session:
            return [
                enqueue(
                    session,
                    channel=Channel.EMAIL,
                    address=address,
                    text=text,
                    pin=pin,
                    purpose=MessagePurpose.SERVICE,
                    now=datetime.now(UTC),
                    keep_for=timedelta(days=1),
                )
                for address in addresses
            ]

    def states(self, *message_ids: int) -> list[str]:
        """Of messages, by id."""
        with self.database.reading() as session:
            rows = dict(session.execute(select(Message.id, Message.state).where(Message.id.in_(message_ids))).all())
        return [str(rows[message_id]) for message_id in message_ids]


@pytest.fixture
def school(demonstration: Database) -> SchoolByMail:
    """The demonstration school; the first follower gets all by e-mail."""
    with demonstration.session() as session:
        subscriber_id, student_id = session.execute(
            select(Subscription.subscriber_id, Subscription.student_id)
            .where(Subscription.status == SubscriptionStatus.ACTIVE)
            .order_by(Subscription.id)
            .limit(1)
        ).one()
        session.execute(update(Subscriber).where(Subscriber.id == subscriber_id).values(email=MOTHER))
        row = session.execute(
            select(TeachingAssignment.staff_id, TeachingAssignment.subject_id, Student.first_name)
            .join(Student, Student.class_id == TeachingAssignment.class_id)
            .join(Subject, Subject.id == TeachingAssignment.subject_id)
            .where(Student.id == student_id, Subject.name == "Математика")
        ).first()
        assert row is not None
        url = session.get_bind().engine.url.render_as_string(hide_password=False)
    return SchoolByMail(demonstration, url, student_id, row.staff_id, row.subject_id, row.first_name)


Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start_sender(school: SchoolByMail, tmp_path: Path) -> Iterator[Start]:
    """Starts `eschool mail serve` over the school's database; ends what is still running."""
    with ExitStack() as running:

        def start(smtp_url: str, **variables: str) -> subprocess.Popen[bytes]:
            environment = {
                "ESCHOOL_HOME": str(tmp_path / "home"),  # for us alone; the mail server's user enters the folder above
                "ESCHOOL_DATABASE_URL": school.url,
                "ESCHOOL_SECRET_KEY": SECRET_KEY,
                "ESCHOOL_SMTP_URL": smtp_url,
                "ESCHOOL_PUBLIC_URL": "https://e-school.example",
                **variables,
            }
            return running.enter_context(eschool_process(environment, "mail", "serve", log=tmp_path / "mail.log"))

        yield start


def kill(process: subprocess.Popen[bytes]) -> None:
    """As the kernel does when memory is short."""
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
