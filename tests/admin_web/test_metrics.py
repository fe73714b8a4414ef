"""What a monitoring system reads, who may, and what it never holds."""

import shutil
import urllib.request
from datetime import timedelta
from pathlib import Path

import pytest
from flask_openapi3.openapi import OpenAPI
from prometheus_client.parser import text_string_to_metric_families

from db.kinds import Channel, MessagePurpose
from db.session import Database
from devtools.site import served
from school import outbox
from school.monitoring import backups, health
from school.monitoring.health import Health, Process
from tests.admin_web.conftest import MATHS, Browser
from tests.admin_web.test_own_class import SignedIn
from tests.school.conftest import NOW
from tests.school.people import describe_school

Sample = tuple[str, frozenset[tuple[str, str]]]


def read(text: str) -> dict[Sample, float]:
    """Every figure by name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def figure(text: str, name: str, **labels: str) -> float:
    return read(text)[name, frozenset(labels.items())]


def test_what_waits_and_for_how_long(browser: Browser, demonstration: Database) -> None:
    with demonstration.session() as session:
        outbox.enqueue(
            session,
            channel=Channel.SMS,
            address="+359888123456",
            text="ПИН",
            purpose=MessagePurpose.ANSWER,
            now=NOW - timedelta(minutes=5),
        )
        figures = {"accepted": 7}
        health.say(session, Health(Process.GATEWAY, "host:1", "bound", True, NOW, part="a1/1", figures=figures))
    text = browser.get("/metrics")
    assert figure(text, "eschool_messages_under_way", channel="sms", state="ready") == 1
    assert figure(text, "eschool_messages_last_hour", channel="sms", state="ready") == 1
    assert 300 <= figure(text, "eschool_overdue_seconds", channel="sms") < 400
    link = {"process": "smpp", "instance": "host:1", "part": "a1/1"}
    assert figure(text, "eschool_process_up", **link) == 1
    assert figure(text, "eschool_process_figure", **link, figure="accepted") == 7


def test_the_alarm_of_backups_is_that_of_the_settings(
    app: OpenAPI, browser: Browser, demonstration: Database, tmp_path: Path
) -> None:
    def alarm(folder: Path | None, hours: int) -> float:
        more = {"backup_folder": folder, "backup_alarm_hours": hours}
        app.config["ESCHOOL"] = app.config["ESCHOOL"].model_copy(update=more)
        return figure(browser.get("/metrics"), "eschool_backup_alarm")

    assert alarm(None, 30) == 0
    assert alarm(tmp_path, 30) == 1  # there is none
    with demonstration.session() as session:
        backups.verified(session, "eschool-1.backup", NOW - timedelta(hours=31), 1, "", NOW)
    assert alarm(tmp_path, 48) == 0
    assert alarm(tmp_path, 30) == 1
    assert alarm(tmp_path, 0) == 0


def test_no_person_and_no_page_of_a_person_is_named(
    signed_in: SignedIn, browser: Browser, demonstration: Database
) -> None:
    teacher = signed_in(MATHS)
    teacher.get("/lessons/student/1")
    text = browser.get("/metrics")
    assert (
        figure(text, "eschool_web_request_seconds_count", endpoint="lessons.student", method="GET", status="200") == 1
    )
    assert "/lessons" not in text
    for one in describe_school(demonstration)["students"]:
        assert one["given_name"] not in text
        assert one["student_code"] not in text


@pytest.mark.parametrize(
    ("networks", "address", "headers", "status"),
    [
        ("127.0.0.0/8", "127.0.0.1", {}, 200),
        ("127.0.0.0/8", "10.1.2.3", {}, 403),
        ("10.1.0.0/16,127.0.0.0/8", "10.1.2.3", {}, 200),
        # A proxy on this machine that the settings do not know: whoever asks is not this machine.
        ("127.0.0.0/8", "127.0.0.1", {"X-Forwarded-For": "203.0.113.7"}, 403),
    ],
)
def test_only_the_networks_of_the_settings_may_read(
    app: OpenAPI, networks: str, address: str, headers: dict[str, str], status: int
) -> None:
    app.config["ESCHOOL"] = app.config["ESCHOOL"].model_copy(update={"metrics_networks": networks})
    answer = app.test_client().get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == status


@pytest.mark.slow
def test_all_processes_count_together(sqlite_demonstration: Path, tmp_path: Path) -> None:
    shutil.copy(sqlite_demonstration, tmp_path / "eschool.db")
    with served(tmp_path, NOW, ESCHOOL_WEB_WORKERS="2") as site:
        for _ in range(20):
            urllib.request.urlopen(f"{site.url}/sign-in").close()
        for _ in range(3):
            with urllib.request.urlopen(f"{site.url}/metrics") as answer:
                text = answer.read().decode()
            seen = figure(
                text, "eschool_web_request_seconds_count", endpoint="accounts.sign_in", method="GET", status="200"
            )
            assert seen == 20
