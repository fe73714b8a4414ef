"""The product as a wheel: everything of its packages is in it, and it serves pages far from its source."""

import os
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen
from zipfile import ZipFile

import pytest

from devtools.telephone.free_ports import free_port
from runtime.version import VERSION

ROOT = Path(__file__).parents[1]
NOT_SHIPPED = {"bench", "devtools", "tests"}
"""Packages for those who work on the product."""
FOR_DEVELOPERS = {
    *(".gitignore", ".pre-commit-config.yaml", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md"),
    *("constraints.txt", "pyproject.toml", "setup.cfg"),
}
"""Files at the top that a wheel does without; the licence goes into its metadata."""


def tracked() -> list[str]:
    """Every file that the repository keeps and that is there, as a path from its root."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def shipped(name: str) -> bool:
    """Whether a tracked file belongs to the product: to one of its packages, or a module at the top."""
    top, slash, _ = name.partition("/")
    if not slash:
        return name.endswith(".py")
    return top not in NOT_SHIPPED and (ROOT / top / "__init__.py").exists()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel made from the tracked files alone: what lies about in a working tree is not in the product."""
    source = tmp_path_factory.mktemp("source")
    for name in tracked():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    target = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--no-index", "--wheel-dir", target, source], check=True, capture_output=True)
    (made,) = target.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def eschool(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command `eschool` of an environment that has the wheel and sees the libraries of this one, not our source."""
    home = tmp_path_factory.mktemp("installed") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(home / "bin" / "python")]
    subprocess.run([*pip, "install", "--no-deps", "--no-index", wheel], check=True, capture_output=True)
    (packages,) = home.glob("lib/python*/site-packages")
    # A path in a .pth file brings the libraries; the .pth files beside them, our editable installation, are not read.
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    return home / "bin" / "eschool"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A home and a port of its own, and nothing that leads back to the source."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("ESCHOOL_", "PYTHON"))}
    return kept | {"ESCHOOL_HOME": str(tmp_path / "home"), "ESCHOOL_WEB_PORT": str(free_port()), "NO_COLOR": "1"}


def test_it_holds_every_file_of_the_packages_and_nothing_else(wheel: Path) -> None:
    held = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert held == {name for name in tracked() if shipped(name)}


def test_nothing_that_the_product_reads_lies_beside_its_packages() -> None:
    beside = {name for name in tracked() if "/" not in name and not shipped(name)}
    assert beside <= FOR_DEVELOPERS


def test_it_says_what_it_is(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        (place,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        told = archive.read(place).decode()
    assert f"\nVersion: {VERSION}\n" in told
    assert "\nLicense-Expression: MIT\n" in told
    assert "\nRequires-Python: >=3.11\n" in told


def test_its_command_line_works_far_from_the_source(eschool: Path, environment: dict[str, str], tmp_path: Path) -> None:
    def told(*arguments: str) -> str:
        return subprocess.run(
            [eschool, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        ).stdout

    assert told("--help").startswith("Usage: eschool")
    assert VERSION in told("--version")
    place = subprocess.run(
        [eschool.with_name("python"), "-c", "import admin_web; print(admin_web.__file__)"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert Path(place.strip()).is_relative_to(eschool.parents[1])


def test_it_serves_pages_and_what_they_are_made_of(eschool: Path, environment: dict[str, str], tmp_path: Path) -> None:
    subprocess.run([eschool, "db", "upgrade"], cwd=tmp_path, env=environment, check=True, capture_output=True)
    web = f"http://127.0.0.1:{environment['ESCHOOL_WEB_PORT']}"
    command = [str(eschool), "web", "serve"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            assert "Вход" in fetched(process, f"{web}/sign-in")
            assert "Sign in" in fetched(process, f"{web}/sign-in?lang=en")
            assert "{" in fetched(process, f"{web}/static/eschool.css")
        finally:
            process.terminate()
    assert process.returncode == 0


def fetched(process: subprocess.Popen[bytes], address: str) -> str:
    """What stands at an address, once the server listens."""
    deadline = time.monotonic() + 60
    while True:
        try:
            with urlopen(address, timeout=30) as answer:
                body: bytes = answer.read()
                return body.decode()
        except URLError as error:
            if not isinstance(error.reason, ConnectionRefusedError) or time.monotonic() > deadline:
                raise
            assert process.poll() is None
            time.sleep(0.1)
