"""One entry of a teacher reaches a parent by SMS, by e-mail and by call within two seconds, once each: all is real."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import delete, insert, select, update

from db.kinds import CallResult, Channel
from db.models import CallAttempt, ChannelTiming, School, Subscriber
from devtools.mailbox import Mailbox, running, waits_until
from devtools.pbx import CLIPS, eschool_process, exchange_of, free_addresses, running_asterisk
from devtools.site import SECRET_KEY
from devtools.telephone.heard import ClipBook
from devtools.telephone.telephone import Telephone
from prompts.catalogue import PHRASES
from school.monitoring.health import Process, speaking
from settings import Settings
from smpp.simulator import endpoint
from smpp.simulator.client import Telephone as Texts
from tests.mail.conftest import MOTHER, SchoolByMail

pytestmark = pytest.mark.calls

ON_SQLITE = pytest.mark.parametrize("demonstration", ["sqlite"], indirect=True)
PROCESSES = (("agi", "serve"), ("agi", "dial"), ("sms", "simulate"), ("sms", "serve"), ("mail", "serve"))
SETUP_SECONDS = 120.0


@dataclass(frozen=True)
class Mother:
    """What she reads and hears with. One number: her telephone texts and rings."""

    texts: Texts
    telephone: Telephone
    mailbox: Mailbox


@pytest.fixture
def mother(school: SchoolByMail) -> Iterator[Mother]:
    """She gets all at once by every channel; every process of the platform that tells her runs."""
    with school.database.session() as session:
        session.execute(update(School).values(from_hour=0, until_hour=24))  # also when this test runs at night
        subscriber = session.execute(select(Subscriber.id, Subscriber.phone).where(Subscriber.email == MOTHER)).one()
        session.execute(delete(ChannelTiming))
        session.execute(insert(ChannelTiming).values(subscriber_id=subscriber.id, channel=Channel.CALL))
    mailbox = Mailbox()
    with ExitStack() as opened:
        home = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="es-")))  # short, for a socket's path
        settings = opened.enter_context(_platform(home, school.url, opened.enter_context(running(mailbox))))
        waits_until(lambda: mailbox.connections and _is_bound(school) and _is_ready_to_ring(school), 60)
        number = f"0{subscriber.phone.removeprefix('+359')}"
        clips = ClipBook(settings.sounds_path)
        yield Mother(
            opened.enter_context(Texts(settings, subscriber.phone)),
            opened.enter_context(Telephone(number, exchange_of(settings), clips, port=settings.telephones_port)),
            mailbox,
        )


@contextmanager
def _platform(home: Path, database_url: str, smtp_port: int) -> Iterator[Settings]:
    variables = free_addresses() | {
        "ESCHOOL_HOME": str(home),
        "ESCHOOL_DATABASE_URL": database_url,
        "ESCHOOL_SECRET_KEY": SECRET_KEY,
        "ESCHOOL_SMTP_URL": f"smtp://127.0.0.1:{smtp_port}",
    }
    CLIPS.mkdir(parents=True, exist_ok=True)
    (home / "sounds").symlink_to(CLIPS)
    with eschool_process(variables, "setup", log=home / "setup.log") as setting_up:
        assert setting_up.wait(SETUP_SECONDS) == 0, (home / "setup.log").read_text("utf-8")
    with ExitStack() as opened:
        settings = opened.enter_context(running_asterisk(variables))
        endpoint.port(settings)
        for command in PROCESSES:
            opened.enter_context(eschool_process(variables, *command, log=home / f"{'-'.join(command)}.log"))
        yield settings


@ON_SQLITE
def test_a_grade_is_read_on_the_telephone_and_in_the_mailbox_and_told_by_call(
    school: SchoolByMail, mother: Mother
) -> None:
    began = monotonic()
    school.grade()
    sms = mother.texts.received(10)
    texted_after = monotonic() - began
    assert mother.telephone.wait_for_ring(10)
    rang_after = monotonic() - began
    (letter,) = mother.mailbox.wait_for(1)
    read_after = monotonic() - began
    mother.telephone.answer()
    mother.telephone.wait_for(PHRASES["news-call"])
    mother.telephone.press("1")
    mother.telephone.wait_for("Отличен, шест", 40)
    heard = mother.telephone.texts()
    mother.telephone.hang_up()
    waits_until(lambda: _calls(school) == [CallResult.REACHED], 20)
    assert mother.texts.received(0.2) is None
    assert sms is not None
    assert len(mother.mailbox.got) == 1
    for told in (sms.text, letter.text):
        assert school.child in told
        assert "Отличен (6)" in told
    assert f"За {school.child}" in heard
    late = {
        name: after
        for name, after in (("SMS", texted_after), ("e-mail", read_after), ("call", rang_after))
        if after >= 2
    }
    assert not late


def _calls(school: SchoolByMail) -> list[CallResult | None]:
    with school.database.reading() as session:
        return list(session.scalars(select(CallAttempt.result)))


def _is_bound(school: SchoolByMail) -> bool:
    with school.database.reading() as session:
        return any(one.is_up for one in speaking(session, datetime.now(UTC), Process.GATEWAY))


def _is_ready_to_ring(school: SchoolByMail) -> bool:
    with school.database.reading() as session:
        return any(one.state == "ready" for one in speaking(session, datetime.now(UTC), Process.DIALER))
