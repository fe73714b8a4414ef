"""What the operator's page, `/metrics` and `eschool status` say of the processes is the same at the same moment."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from agi.dialer import health as dialer_health
from db.session import Database
from errors import OperationError
from mail import health as mail_health
from runtime.host import this_host
from scheduler import health as clock_health
from school.monitoring import health
from school.monitoring.health import Health, Process
from settings import Settings
from smpp.gateway import health as gateway_health
from tests.admin_web.conftest import OPERATOR, Browser
from tests.admin_web.test_metrics import figure
from tests.admin_web.test_own_class import SignedIn
from tests.conftest import settings_for
from tests.school.conftest import NOW

MOMENT = timedelta(microseconds=1)
INSTANCE = f"{this_host()}:1"
STATUS: dict[Process, Callable[[Settings], object]] = {
    Process.DIALER: dialer_health.status,
    Process.GATEWAY: gateway_health.gateway,
    Process.SENDER: mail_health.sender,
    Process.SCHEDULER: clock_health.scheduler,
}
WORKING = {
    Process.DIALER: "ready",
    Process.GATEWAY: "bound",
    Process.SENDER: "ready",
    Process.SCHEDULER: "keeping",
}
FAILING = {
    Process.DIALER: "pbx away",
    Process.GATEWAY: "closed",
    Process.SENDER: "away",
    Process.SCHEDULER: "away",
}


@pytest.fixture
def settings(demonstration: Database, tmp_path: Path) -> Settings:
    """The same database, for a command."""
    with demonstration.reading() as session:
        url = session.connection().engine.url
    return settings_for(tmp_path, url.render_as_string(hide_password=False))


def says(database: Database, process: Process, state: str, works: bool, instance: str = INSTANCE) -> None:
    part = "a1/1" if process is Process.GATEWAY else ""
    with database.session() as session:
        health.say(session, Health(process, instance, state, works, NOW, part, figures={"counted": 7}))


def row_of_the_page(page: str, instance: str = INSTANCE) -> str:
    """The row about a process on the operator's page: its classes and words."""
    rows = (row for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL) if f"({instance})" in row)
    return str(next(rows))


def is_up_in_status(settings: Settings, process: Process) -> bool:
    """Whether the command finds no fault with it."""
    try:
        STATUS[process](settings)
    except OperationError:
        return False
    return True


@pytest.mark.parametrize("process", STATUS)
@pytest.mark.parametrize(
    ("age", "is_silent"),
    [
        (timedelta(0), False),
        (timedelta(seconds=13), False),  # a dialer was away by then
        (health.SILENT_AFTER - MOMENT, False),
        (health.SILENT_AFTER, True),
        (timedelta(seconds=29), True),  # a link was there on the page still
        (timedelta(minutes=59), True),
    ],
    ids=str,
)
def test_all_say_the_same_until_one_is_silent_and_after(
    signed_in: SignedIn,
    browser: Browser,
    demonstration: Database,
    settings: Settings,
    at_school: time_machine.Traveller,
    process: Process,
    age: timedelta,
    is_silent: bool,
) -> None:
    says(demonstration, process, WORKING[process], works=True)
    at_school.move_to(NOW + age, tick=False)
    row = row_of_the_page(signed_in(OPERATOR).get("/platform/"))
    text = browser.get("/metrics")
    labels = {"process": str(process), "instance": INSTANCE, "part": "a1/1" if process is Process.GATEWAY else ""}
    up = figure(text, "eschool_process_up", **labels) == 1
    assert is_up_in_status(settings, process) is up is ('class="good"' in row) is ("мълчи" not in row) is not is_silent
    assert ('figure="counted"' in text) is not is_silent


@pytest.mark.parametrize("process", STATUS)
def test_all_say_that_one_does_not_work_though_it_speaks(
    signed_in: SignedIn,
    browser: Browser,
    demonstration: Database,
    settings: Settings,
    at_school: time_machine.Traveller,
    process: Process,
) -> None:
    says(demonstration, process, FAILING[process], works=False)
    at_school.move_to(NOW + timedelta(seconds=1), tick=False)
    row = row_of_the_page(signed_in(OPERATOR).get("/platform/"))
    labels = {"process": str(process), "instance": INSTANCE, "part": "a1/1" if process is Process.GATEWAY else ""}
    assert figure(browser.get("/metrics"), "eschool_process_up", **labels) == 0
    assert not is_up_in_status(settings, process)
    assert 'class="bad"' in row
    assert FAILING[process] in row


def test_what_was_last_said_an_hour_ago_is_shown_nowhere(
    signed_in: SignedIn, browser: Browser, demonstration: Database, at_school: time_machine.Traveller
) -> None:
    says(demonstration, Process.SENDER, "ready", works=True)
    at_school.move_to(NOW + timedelta(hours=1, seconds=1), tick=False)
    assert INSTANCE not in signed_in(OPERATOR).get("/platform/")
    assert INSTANCE not in browser.get("/metrics")


def test_a_gateway_that_stops_takes_its_links_along_and_nothing_else(demonstration: Database) -> None:
    with demonstration.session() as session:
        for process, instance, part in (
            (Process.GATEWAY, "one", "a1/1"),
            (Process.GATEWAY, "one", "a1/2"),
            (Process.GATEWAY, "two", "a1/1"),
            (Process.SENDER, "one", ""),
        ):
            health.say(session, Health(process, instance, "up", True, NOW, part))
        health.forget(session, Process.GATEWAY, "one")
        left = [(one.process, one.instance, one.part) for one in health.found(session, NOW)]
    assert left == [(Process.SENDER, "one", ""), (Process.GATEWAY, "two", "a1/1")]


def test_what_is_said_again_takes_the_place_of_what_was_said(demonstration: Database) -> None:
    with demonstration.session() as session:
        for state, error in (("ready", ""), ("away", "x" * 300)):
            health.say(session, Health(Process.SENDER, "one", state, state == "ready", NOW, last_error=error))
        (one,) = health.found(session, NOW)
    assert (one.state, one.works, one.last_error) == ("away", False, "x" * 200)


def test_a_process_of_a_newer_version_is_passed_over(demonstration: Database) -> None:
    with demonstration.session() as session:
        says_newer = Health("portal", "one", "up", True, NOW)  # type: ignore[arg-type]
        health.say(session, says_newer)
        assert health.found(session, NOW) == ()


def test_two_dialers_of_which_one_is_gone(
    demonstration: Database, settings: Settings, at_school: time_machine.Traveller
) -> None:
    says(demonstration, Process.DIALER, "ready", works=True, instance="gone:1")
    at_school.move_to(NOW + timedelta(minutes=1), tick=False)
    with demonstration.session() as session:
        health.say(session, Health(Process.DIALER, f"{this_host()}:2", "ready", True, NOW + timedelta(minutes=1)))
    assert dialer_health.status(settings).startswith("running (")


@pytest.mark.parametrize("process", [Process.DIALER, Process.SENDER])
def test_status_adds_up_what_several_processes_count(
    demonstration: Database, settings: Settings, at_school: time_machine.Traveller, process: Process
) -> None:
    for instance in (f"{this_host()}:1", f"{this_host()}:2"):
        says(demonstration, process, WORKING[process], works=True, instance=instance)
    says(demonstration, process, FAILING[process], works=False, instance=f"{this_host()}:3")
    told = str(STATUS[process](settings))
    assert "counted 21" in told
    assert "2 of 3" in told
