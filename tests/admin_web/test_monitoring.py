"""The alerts and the dashboard: promtool accepts them, Prometheus loads them, and each figure that they name exists."""

import json
import re
import shutil
import subprocess
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import yaml

from admin_web import host_metrics
from devtools.site import served
from devtools.telephone.free_ports import free_port
from school.monitoring.servers import ServerFigures
from tests.admin_web.conftest import Browser
from tests.school.conftest import NOW

DEPLOY = Path(__file__).parents[2] / "deploy"
RULES = DEPLOY / "prometheus" / "eschool.rules.yml"
DASHBOARD = DEPLOY / "grafana" / "eschool.json"
NAME = re.compile(r"\beschool_[a-z_]+")


def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load(RULES.read_text("utf-8"))["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


def expressions_of_the_dashboard() -> list[str]:
    panels = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    return [target["expr"] for panel in panels for target in panel["targets"]]


def told(browser: Browser) -> set[str]:
    """Names of figures: those of a page of this test, and those that only a database server has."""
    browser.get("/sign-in")
    page = {line.split()[2] for line in browser.get("/metrics").splitlines() if line.startswith("# TYPE")}
    server = ServerFigures(1, 1.0, {}, {("web", "a"): 1}, 100)
    page |= {family.name for family in host_metrics.of_servers(server)}
    return page | {f"eschool_web_request_seconds_{part}" for part in ("bucket", "count", "sum")}


def test_every_figure_that_they_name_exists(browser: Browser) -> None:
    named = {
        name
        for expression in [*(rule["expr"] for rule in rules()), *expressions_of_the_dashboard()]
        for name in NAME.findall(expression)
    }
    assert named
    assert named <= told(browser)


def test_every_alert_says_what_to_do() -> None:
    assert len({rule["alert"] for rule in rules()}) == len(rules())
    for rule in rules():
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert set(rule["annotations"]) == {"summary", "action"}


def test_the_dashboard_has_its_panels_beside_each_other() -> None:
    panels = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    places = [
        (panel["gridPos"]["x"] + column, panel["gridPos"]["y"] + row)
        for panel in panels
        for column in range(panel["gridPos"]["w"])
        for row in range(panel["gridPos"]["h"])
    ]
    assert len(set(places)) == len(places)
    assert all(x < 24 for x, _ in places)
    assert len({panel["id"] for panel in panels}) == len(panels)


@pytest.fixture(scope="module")
def prometheus() -> None:
    """Debian's package."""
    missing = [name for name in ("promtool", "prometheus") if shutil.which(name) is None]
    assert not missing, f"{' and '.join(missing)} missing: sh asterisk_conf/system_packages.sh test"


@pytest.mark.usefixtures("prometheus")
class TestPrometheus:
    @pytest.mark.parametrize(
        ("command", "file"),
        [("check rules", RULES.name), ("check config", "prometheus.yml"), ("test rules", "eschool.rules.test.yml")],
    )
    def test_promtool_accepts(self, command: str, file: str) -> None:
        done = subprocess.run(["promtool", *command.split(), file], cwd=RULES.parent, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr

    def test_promtool_accepts_what_the_dashboard_asks(self, tmp_path: Path) -> None:
        asked = [
            {"record": f"asked:{number}", "expr": expression}
            for number, expression in enumerate(expressions_of_the_dashboard())
        ]
        file = tmp_path / "asked.yml"
        file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": asked}]}))
        done = subprocess.run(["promtool", "check", "rules", str(file)], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr

    @pytest.mark.slow
    def test_prometheus_reads_a_running_web_and_every_rule_can_be_evaluated(
        self, sqlite_demonstration: Path, tmp_path: Path
    ) -> None:
        shutil.copy(sqlite_demonstration, tmp_path / "eschool.db")
        shutil.copy(RULES, tmp_path)
        with served(tmp_path, NOW, ESCHOOL_WEB_WORKERS="1") as site:
            target = urllib.parse.urlsplit(site.url).netloc
            example = (DEPLOY / "prometheus" / "prometheus.yml").read_text("utf-8")
            example = example.replace("127.0.0.1:8000", target).replace("scrape_interval: 15s", "scrape_interval: 1s")
            example = example.replace("scrape_timeout: 10s", "evaluation_interval: 1s")
            (tmp_path / "prometheus.yml").write_text(example)
            address = f"127.0.0.1:{free_port()}"
            process = subprocess.Popen(
                [
                    "prometheus",
                    f"--config.file={tmp_path / 'prometheus.yml'}",
                    f"--storage.tsdb.path={tmp_path / 'data'}",
                    f"--web.listen-address={address}",
                ],
                stderr=subprocess.DEVNULL,
            )
            try:
                assert until(address, "query?query=eschool_database_up", lambda found: found["result"])
                evaluated = until(
                    address,
                    "rules",
                    lambda found: all(rule["health"] != "unknown" for rule in found["groups"][0]["rules"]),
                )
                assert {rule["health"] for rule in evaluated["groups"][0]["rules"]} == {"ok"}
            finally:
                process.terminate()
                process.wait(20)


def until(address: str, question: str, is_answered: Any, seconds: float = 40.0) -> dict[str, Any]:
    """What Prometheus answers once it has something to answer."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://{address}/api/v1/{question}", timeout=5) as answer:
                found: dict[str, Any] = json.load(answer)["data"]
            if is_answered(found):
                return found
        except OSError:
            pass
        time.sleep(0.3)
    raise AssertionError(f"Prometheus did not answer {question} in time")
