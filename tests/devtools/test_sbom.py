"""The bill of materials names what a host gets, with versions, and nothing that only developers have."""

import json
from importlib.metadata import version
from pathlib import Path

import pytest

from devtools import sbom


@pytest.mark.slow
def test_it_is_valid_and_names_what_the_product_runs_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "build" / "sbom.json"
    monkeypatch.setattr("sys.argv", ["sbom", str(path)])
    sbom.main()
    assert "valid" in capsys.readouterr().out
    bill = json.loads(path.read_text("utf-8"))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert bill["metadata"]["component"]["name"] == "infoserv-eschool"
    versions = {one["name"].lower(): one["version"] for one in bill["components"]}
    for name in ("sqlalchemy", "flask", "werkzeug", "cryptography", "cffi"):
        assert versions[name] == version(name)
    assert not {"pytest", "mypy", "ruff", "cyclonedx-bom"} & versions.keys()
    assert all(one.get("purl") for one in bill["components"])
    assert str(Path(__file__).parents[2]) not in path.read_text("utf-8")
