"""One entry of a teacher reaches a parent by SMS and by e-mail within two seconds, once each: all processes real."""

import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep

import pytest
from sqlalchemy import select, update

from db.models import School, Subscriber
from school import link_health
from smpp.session import LinkState
from smpp.simulator import place
from smpp.simulator.client import Telephone
from tests.conftest import SECRET_KEY
from tests.exchange import eschool_process, settings_of
from tests.mail.conftest import MOTHER, SchoolByMail
from tests.mail.mailbox import Mailbox, running, waits_until

ON_SQLITE = pytest.mark.parametrize("demonstration", ["sqlite"], indirect=True)
PROCESSES = (("sms", "simulate"), ("sms", "serve"), ("mail", "serve"))


@ON_SQLITE
def test_a_grade_is_read_on_the_telephone_and_in_the_mailbox(school: SchoolByMail) -> None:
    with school.database.session() as session:
        session.execute(update(School).values(from_hour=0, until_hour=24))  # also when this test runs at night
        phone = session.scalars(select(Subscriber.phone).where(Subscriber.email == MOTHER)).one()
    assert phone
    mailbox = Mailbox()
    with ExitStack() as opened:
        home = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="es-")))  # short, for a socket's path
        port = opened.enter_context(running(mailbox))
        variables = {
            "ESCHOOL_HOME": str(home),
            "ESCHOOL_DATABASE_URL": school.url,
            "ESCHOOL_SECRET_KEY": SECRET_KEY,
            "ESCHOOL_SMTP_URL": f"smtp://127.0.0.1:{port}",
        }
        settings = settings_of(variables)
        settings.prepare_home()
        place.port(settings)
        for command in PROCESSES:
            opened.enter_context(eschool_process(variables, *command, log=home / f"{command[0]}.log"))
        waits_until(lambda: mailbox.connections and _is_bound(school), 60)
        telephone = opened.enter_context(Telephone(settings, phone))
        began = monotonic()
        school.grade()
        sms = telephone.received(10)
        heard_after = monotonic() - began
        (letter,) = mailbox.wait_for(1)
        read_after = monotonic() - began
        sleep(2)
        assert telephone.received(0.2) is None
    assert sms is not None
    assert len(mailbox.got) == 1
    for told in (sms.text, letter.text):
        assert school.child in told
        assert "Отличен (6)" in told
    assert (heard_after < 2, read_after < 2) == (True, True), (heard_after, read_after)


def _is_bound(school: SchoolByMail) -> bool:
    with school.database.reading() as session:
        return any(one.state == LinkState.BOUND for one in link_health.links(session, datetime.now(UTC)))
