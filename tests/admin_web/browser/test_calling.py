"""A principal calls the families of a class from the browser; Asterisk rings their telephones and the page moves."""

import csv
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route
from sqlalchemy import select

from db.models import Campaign, CampaignTelephone, Guardian
from devtools.browser import Window
from devtools.pbx import CLIPS, free_addresses, running_asterisk
from devtools.site import Site, coming_school_day, served
from devtools.telephone import parents
from devtools.telephone.parents import Parents
from school.campaigns import progress
from school.monitoring.health import Process, speaking
from tests.admin_web.conftest import PRINCIPAL

pytestmark = pytest.mark.calls

Windows = Callable[..., Window]

PACE = {
    "ESCHOOL_RING_SECONDS": "5",
    "ESCHOOL_RETRY_SCALE": "0.0005",
    "ESCHOOL_DIAL_RATE": "5",
    "ESCHOOL_TRUNK_CHANNELS": "60",
}
"""Half an hour's pause is a second; a class is called long enough to be watched."""
ANSWER, BUSY, TRUNK_FAULT = "0123", "4", "8"
"""Last digits of the telephones that answer and press 1, and of others: see devtools/telephone/parents.xml."""
START_SECONDS = 60.0
WATCHED_SECONDS = 60.0
EVERY = 2000
"""Milliseconds between two looks of the page."""


@pytest.fixture(scope="module")
def site(school_day_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The application with voice server, dialer and Asterisk."""
    home = tmp_path_factory.mktemp("calling")
    (home / "eschool.db").write_bytes((school_day_home / "eschool.db").read_bytes())
    CLIPS.mkdir(parents=True, exist_ok=True)
    (home / "sounds").symlink_to(CLIPS)
    with ExitStack() as opened:
        found = opened.enter_context(served(home, coming_school_day(), **free_addresses(), **PACE))
        _make_busy_what_would_be_a_fault_of_the_trunk(found)
        opened.enter_context(running_asterisk(found.variables))
        for command in ("serve", "dial"):
            opened.enter_context(found.process("agi", command))
        _wait_for_the_dialer(found)
        yield found


@pytest.fixture
def telephones(site: Site) -> Iterator[Parents]:
    """Those of the parents; each does what its last digit says."""
    with parents.answering(site.settings.telephones_port) as found:
        yield found


def test_a_class_is_invited_by_telephone_while_the_principal_watches(
    window: Windows, site: Site, telephones: Parents, tmp_path: Path
) -> None:
    principal = window()
    principal.enter_as(PRINCIPAL)
    _prepare(principal.page, site)
    assert not telephones.rings()
    principal.shoot("campaign-draft")
    principal.page.get_by_role("button", name="Потвърди: обади се на 24 семейства").click()
    principal.page.locator("#progress").wait_for()
    principal.page.evaluate("window.neverReloaded = true")
    _watch(principal)
    _see_a_refusal(window(), principal.page.url)
    principal.page.locator("#progress[data-over=true]").wait_for(timeout=WATCHED_SECONDS * 1000)
    principal.shoot("campaign-over")
    assert principal.page.get_by_role("button", name="Пауза").count() == 0
    with principal.page.expect_download() as download:
        principal.page.get_by_role("link", name="CSV").click()
    download.value.save_as(tmp_path / "report.csv")
    _assert_right(tmp_path / "report.csv", principal.page, site, telephones)


def _prepare(page: Page, site: Site) -> None:
    """A draft for the meeting of 8а, seen and heard."""
    page.goto(f"{site.url}/campaigns/new")
    meeting = page.get_by_label("За какво е обаждането")
    meeting.select_option(label=next(text for text in meeting.locator("option").all_text_contents() if "(8а)" in text))
    page.get_by_label("Опити за един телефон").select_option("2")
    page.get_by_role("button", name="Напред").click()
    page.get_by_text("24 семейства (8а)").wait_for()
    assert "Първият кръг ще отнеме около 1 минута" in page.locator("main").inner_text()
    assert "от осми а клас. Каним Ви на родителска среща." in page.locator("blockquote").first.inner_text()
    # Played and not only fetched: what the browser is not allowed to load, or cannot read, ends in an error.
    heard = page.locator("audio").evaluate(
        """async (audio) => {
          await new Promise((done, failed) => {
            audio.onerror = () => failed(new Error("the sound cannot be played"));
            audio.ontimeupdate = () => audio.currentTime > 0.3 && done();
            audio.muted = true;
            audio.play().catch(failed);
          });
          audio.pause();
          return audio.duration;
        }"""
    )
    assert 10 < heard < 60


def _watch(principal: Window) -> None:
    """The bar moves on the page as it was opened."""
    page = principal.page
    assert page.locator("[data-done]").inner_text() == "0"
    page.wait_for_function(
        "() => window.neverReloaded && document.querySelector('#progress progress').value > 0"
        " && document.querySelector('[data-count=reached] dd').textContent !== '0'",
        timeout=WATCHED_SECONDS * 1000,
    )
    assert page.locator("#progress").get_attribute("data-over") == "false"
    principal.shoot("campaign-moving")


def _see_a_refusal(principal: Window, address: str) -> None:
    """A page whose progress is refused says so, and does not ask for the same again."""
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=500, body="")

    principal.enter_as(PRINCIPAL)
    principal.page.route("**/progress", refuse)
    principal.page.goto(address)
    principal.page.get_by_text("Напредъкът вече не се обновява: презаредете страницата.").wait_for()
    principal.page.wait_for_timeout(3 * EVERY)
    assert len(asked) == 1


def _assert_right(report: Path, page: Page, site: Site, telephones: Parents) -> None:
    """The report tells of every family what its telephones did."""
    with site.database() as database, database.reading() as session:
        campaign_id = session.scalars(select(Campaign.id)).one()
        phones: dict[int, list[str]] = defaultdict(list)
        for row in session.execute(
            select(CampaignTelephone.family_id, CampaignTelephone.phone).order_by(CampaignTelephone.position)
        ):
            phones[row.family_id].append(f"0{row.phone.removeprefix('+359')}")
        children = {one.children: phones[one.id] for one in progress.families(session, campaign_id)}
    lines = csv.reader(report.read_text("utf-8-sig").splitlines(), delimiter=";")
    told = {line[0]: line for line in lines if line and line[0] in children}
    assert told.keys() == children.keys()
    rung = telephones.rung()
    comes = busy = 0
    for child, line in told.items():
        taken = [phone for phone in children[child] if phone[-1] in ANSWER]
        comes += bool(taken)
        assert line[1] == ("чули са" if taken else "не са намерени"), child
        assert line[4] == ("ще дойде" if taken else ""), child
        assert int(line[3] or 0) <= sum(rung[phone] for phone in children[child])
        assert not [phone for phone in taken if rung[phone] > 1], "who was reached is not called again"
        again = [rung[phone] for phone in children[child] if phone[-1] == BUSY and not taken]
        busy += len(again)
        assert all(times == 2 for times in again), "who was busy is called again"
    counts = {one: page.locator(f"[data-count={one}] dd").inner_text() for one in ("reached", "comes", "not_reached")}
    assert counts == {"reached": str(comes), "comes": str(comes), "not_reached": str(24 - comes)}
    assert 0 < comes < 24
    assert busy


def _make_busy_what_would_be_a_fault_of_the_trunk(site: Site) -> None:
    """A trunk that fails is another test's, and rests."""
    with site.database() as database, database.session() as session:
        for guardian in session.scalars(select(Guardian).where(Guardian.phone.endswith(TRUNK_FAULT))):
            guardian.phone = f"{str(guardian.phone)[:-1]}{BUSY}"


def _wait_for_the_dialer(site: Site) -> None:
    deadline = time.monotonic() + START_SECONDS
    with site.database() as database:
        while True:
            with database.reading() as session:
                if any(one.state == "ready" for one in speaking(session, site.now, Process.DIALER)):
                    return
            log = site.settings.home_path / "agi-dial.log"
            assert time.monotonic() < deadline, log.read_text("utf-8", "replace")[-2000:]
            time.sleep(0.1)
