"""What a teacher saves in the browser is on parents' telephones at once: page, outbox, gateway, SMSC, telephone."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from sqlalchemy import select

from db.models import Student, Subscriber, Subscription
from demonstration.plan.people import FIRST_PHONE
from devtools.browser import Window
from devtools.site import TEACHER, Site, sheet_address
from errors import OperationError
from smpp.simulator.client import Telephone
from tests.admin_web.browser.lesson import type_a_grade_each, wait_until_saved

Windows = Callable[..., Window]
START_SECONDS = 60.0
SMS_SECONDS = 20.0


@pytest.fixture
def gateway(site: Site) -> Iterator[None]:
    """An SMSC for trying out, and the gateway, in the site's home and at its time."""
    with ExitStack() as processes:
        for command in ("simulate", "serve"):
            processes.enter_context(site.process("sms", command))
        yield


def switched_on(site: Site) -> Telephone:
    """The first mother's telephone, once there is a network."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        telephone = Telephone(site.settings, FIRST_PHONE)
        try:
            return telephone.__enter__()
        except OperationError:
            assert time.monotonic() < deadline, "the SMSC did not start"
            time.sleep(0.2)


def child_of_the_first_telephone(site: Site) -> str:
    with site.database() as database, database.reading() as session:
        return session.scalars(
            select(Student.first_name)
            .join(Subscription, Subscription.student_id == Student.id)
            .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
            .where(Subscriber.phone == FIRST_PHONE)
        ).one()


@pytest.mark.usefixtures("gateway")
def test_a_subscribed_telephone_gets_its_sms_after_the_teachers_save(window: Windows, site: Site) -> None:
    teacher = window()
    teacher.enter_as(TEACHER)
    teacher.open(sheet_address(site, 1))
    telephone = switched_on(site)
    try:
        type_a_grade_each(teacher, "6")
        teacher.page.keyboard.press("Control+Enter")
        wait_until_saved(teacher)
        received = telephone.received(SMS_SECONDS)
        assert received
        assert child_of_the_first_telephone(site) in received.text
        assert "Математика" in received.text
        assert "6" in received.text
    finally:
        telephone.__exit__(None, None, None)
    # The teacher sees on the student's card that it went out.
    teacher.page.locator("tbody th[scope=row] a").first.click()
    teacher.page.get_by_text("Родители").first.wait_for()
    teacher.shoot("student-told")
