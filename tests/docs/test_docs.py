"""What README and the documentation name exists: commands and their options, links, paths, modules, settings."""

import importlib
import re
import subprocess
import tomllib
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from eschool import cli
from settings import Settings
from tests.docs.reading import ROOT, Said, commands, headings, links, make_targets, settings_named, spans

SUFFIXES = (".py", ".md", ".toml", ".tsv", ".js", ".css", ".cfg")
OPERATORS_OWN = {"operators.toml"}
"""Files that an operator writes: the tree has none."""


@cache
def tracked() -> tuple[str, ...]:
    """The files that git knows, and new ones that it does not ignore."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    return tuple(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines())


@cache
def top_level() -> set[str]:
    """Folders of the tree, and modules beside them without their suffix."""
    return {file.partition("/")[0].removesuffix(".py") for file in tracked()}


def is_logged(name: str) -> bool:
    """Whether it is the name of an event in the log."""
    return any(f'"{name}"' in source_of(file) for file in tracked() if file.endswith(".py"))


@cache
def source_of(file: str) -> str:
    """The text of a file of the tree; empty for one that was deleted and is not yet committed."""
    path: Path = ROOT / file
    return path.read_text("utf-8") if path.exists() else ""


def paths() -> list[Said]:
    """What begins with a folder of the tree, or ends like the name of a source file."""
    said = [one for one in spans() if re.fullmatch(r"[\w.*-]+(/[\w.*-]+)*/?", one.what)]
    return [one for one in said if _begins_in_tree(one.what) and one.what not in OPERATORS_OWN]


def _begins_in_tree(path: str) -> bool:
    first, slash, _ = path.partition("/")
    return path.endswith(SUFFIXES) or (bool(slash) and first in top_level())


def names() -> list[Said]:
    """What is written like a module or something in one, and begins with a package of the tree."""
    said = [one for one in spans() if re.fullmatch(r"[a-z_]+(\.\w+)+(\(\))?", one.what)]
    return [
        one
        for one in said
        if one.what.partition(".")[0] in top_level() and not one.what.endswith(SUFFIXES) and not is_logged(one.what)
    ]


@pytest.mark.parametrize("said", commands(), ids=str)
def test_every_command_and_option_exists(said: Said) -> None:
    words = said.what.split()
    command: click.Command = cli
    path: list[str] = []
    while words and isinstance(command, click.Group) and re.fullmatch(r"[a-z][a-z-]*", words[0]):
        name = words.pop(0)
        inner = command.commands.get(name)
        assert inner, f"`eschool {' '.join([*path, name])}` does not exist"
        path.append(name)
        command = inner
    told = CliRunner().invoke(cli, [*path, "--help"])
    assert told.exit_code == 0, told.output
    options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    named = {word.partition("=")[0].strip(",.;)") for word in words if word.startswith("--")}
    assert named <= options | {"--help"}


@pytest.mark.parametrize("said", make_targets(), ids=str)
def test_every_target_of_make_exists(said: Said) -> None:
    assert re.search(rf"^{said.what}\b[^=\n]*:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("said", links(), ids=str)
def test_every_link_leads_somewhere(said: Said) -> None:
    file, _, anchor = said.what.partition("#")
    target = (ROOT / said.document).parent / file if file else ROOT / said.document
    assert target.exists()
    if anchor:
        assert anchor in headings(target)


@pytest.mark.parametrize("said", paths(), ids=str)
def test_every_path_exists(said: Said) -> None:
    wanted = said.what.rstrip("/")
    known = {path for file in tracked() for path in (Path(file), *Path(file).parents)}
    assert any(fnmatch(str(path) if "/" in wanted else path.name, wanted) for path in known)


@pytest.mark.parametrize("said", names(), ids=str)
def test_every_module_and_function_exists(said: Said) -> None:
    parts = said.what.removesuffix("()").split(".")
    known = len(parts)
    while not (ROOT.joinpath(*parts[:known]).is_dir() or ROOT.joinpath(*parts[:known]).with_suffix(".py").is_file()):
        known -= 1
    found: Any = importlib.import_module(".".join(parts[:known]))
    for name in parts[known:]:
        assert hasattr(found, name), f"{found} has no {name}"
        found = getattr(found, name)


def test_every_setting_exists() -> None:
    known = {f"ESCHOOL_{name.upper()}" for name in Settings.model_fields}
    assert {str(said) for said in settings_named() if said.what not in known} == set()


def test_pictures_and_sounds_are_small_and_shown() -> None:
    shown = {(ROOT / said.document).parent / said.what for said in links()}
    files = set((ROOT / "docs" / "pictures").iterdir())
    assert files <= shown
    assert all(file.stat().st_size < (200 if file.suffix == ".png" else 300) * 1024 for file in files)


def test_architecture_has_the_layers_of_school_as_import_linter_checks_them() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(one["layers"] for one in contracts if one.get("containers") == ["school"])
    assert "\n".join(["```", *layers, "```"]) in text
    packages = [package for layer in layers for package in layer.split(" | ")]
    assert re.findall(r"^\| `school/(\w+)/` \|", text, re.MULTILINE) == packages


def test_every_metric_is_named_where_monitoring_is_described() -> None:
    files = ("metrics.py", "host_metrics.py", "platform_metrics.py")
    source = "".join((ROOT / "admin_web" / name).read_text("utf-8") for name in files)
    made = {f"eschool_{name}" for name in re.findall(r'yield gauge\(\s*"(\w+)"', source)}
    named = set(re.findall(r"^\| `(eschool_\w+)` \|", (ROOT / "docs" / "web.md").read_text("utf-8"), re.MULTILINE))
    assert named == made | set(re.findall(r'MetricFamily\(\s*"(eschool_\w+)"', source))
