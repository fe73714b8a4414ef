"""A parent's text reaches the class teacher's page by way of an SMSC; decided there, the answer is on the telephone."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest

from demonstration.plan.people import FIRST_PHONE
from devtools.browser import Window
from devtools.site import Site
from errors import OperationError
from smpp.simulator.client import Received, Telephone

Windows = Callable[..., Window]
CLASS_TEACHER = "m.stoyanova"
START_SECONDS = 60.0
SMS_SECONDS = 20.0


@pytest.fixture
def telephone(site: Site) -> Iterator[Telephone]:
    """The first mother's telephone at an SMSC for trying out, and the gateway beside it."""
    with ExitStack() as processes:
        for command in ("simulate", "serve"):
            processes.enter_context(site.process("sms", command))
        deadline = time.monotonic() + START_SECONDS
        while True:
            found = Telephone(site.settings, FIRST_PHONE)
            try:
                processes.enter_context(found)
                break
            except OperationError:
                assert time.monotonic() < deadline, "the SMSC did not start"
                time.sleep(0.2)
        yield found


def received(telephone: Telephone) -> Received:
    found = telephone.received(SMS_SECONDS)
    assert found
    return found


def test_a_late_notice_is_seen_decided_and_answered(window: Windows, site: Site, telephone: Telephone) -> None:
    yesterday = (site.now - timedelta(days=1)).date()
    telephone.send(f"ИЗВ {yesterday:%d.%m} зъболекар")
    assert "чака класния ръководител" in received(telephone).text
    teacher = window()
    teacher.enter_as(CLASS_TEACHER)
    teacher.open("/class/")
    teacher.page.get_by_role("link", name="Известия за отсъствия").click()
    teacher.page.get_by_text("„зъболекар“").wait_for()
    teacher.shoot("excuses-waiting")
    teacher.page.get_by_role("button", name="Откажи: след първия ден").click()
    teacher.page.get_by_text("Отказано е. Родителят научава защо.").wait_for()
    assert "не е прието. Известието е след първия ден" in received(telephone).text
    telephone.send("IZV utre zabolekar")
    assert "извинено за" in received(telephone).text
    teacher.page.reload()
    teacher.page.get_by_text("извинява от само себе си").wait_for()
    teacher.shoot("excuses-decided")
