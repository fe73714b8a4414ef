"""What the product needs is pinned as it is demanded, and the documentation tells of each library."""

import re
from importlib.metadata import metadata, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
NEEDED = [Requirement(line) for line in requires("infoserv-eschool") or ()]
PINNED = {
    canonicalize_name(name): Version(version)
    for name, _, version in (line.partition("==") for line in (ROOT / "constraints.txt").read_text("utf-8").split())
}
PAGE = (ROOT / "docs" / "developing" / "dependencies.md").read_text("utf-8")
NOT_INSTALLED = {"piper-tts"}
"""Optional, and too large for every test machine."""


@pytest.mark.parametrize("needed", NEEDED, ids=lambda needed: needed.name)
def test_what_is_needed_is_pinned_at_a_version_that_will_do(needed: Requirement) -> None:
    if needed.name not in NOT_INSTALLED:
        assert PINNED[canonicalize_name(needed.name)] in needed.specifier


def test_the_documentation_tells_of_each_library_once() -> None:
    told = re.findall(r"^\| (?!library)([\w.-]+) \|", PAGE, re.MULTILINE)
    assert sorted(map(canonicalize_name, told)) == sorted({canonicalize_name(needed.name) for needed in NEEDED})


def test_the_readme_promises_versions_of_python_that_the_package_takes() -> None:
    taken = SpecifierSet(metadata("infoserv-eschool")["Requires-Python"])
    ((oldest, newest),) = re.findall(r"Python (3\.\d+) to (3\.\d+)", (ROOT / "README.md").read_text("utf-8"))
    assert str(taken) == f">={oldest}"
    assert newest in taken
    assert f"Python {oldest} and {newest}" in PAGE
