"""The top-level modules stand on their floors; import-linter holds the packages to theirs."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = {
    *("cli", "admin_web", "agi", "asterisk_conf", "smpp", "mail", "scheduler"),
    *("backup", "demonstration", "school", "prompts", "db", "epay", "runtime"),
}
MODULES = {"eschool", "launcher", "settings", "logs", "errors"}
ALLOWED = {
    "errors": set(),
    "settings": {"errors"},
    "logs": {"errors"},
    "launcher": ROOMS | {"settings", "logs", "errors"},
    "eschool": ROOMS | {"launcher", "settings", "logs", "errors"},
}


def imported(path: Path) -> set[str]:
    """The top-level names that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.partition(".")[0])
    return names


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_top_level_module_imports_only_what_lies_below(module: str) -> None:
    assert imported(ROOT / f"{module}.py") & (ROOMS | MODULES) <= ALLOWED[module]


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_no_room_imports_the_roof(room: str) -> None:
    files = list((ROOT / room).rglob("*.py"))
    assert files
    for path in files:
        assert not imported(path) & {"eschool", "launcher", "tests", "bench", "devtools"}, path


@pytest.mark.parametrize("folder", ["devtools", "bench"])
def test_what_is_for_developers_does_without_the_tests(folder: str) -> None:
    files = list((ROOT / folder).rglob("*.py"))
    assert files
    for path in files:
        assert "tests" not in imported(path), path
