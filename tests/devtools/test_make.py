"""The Makefile explains itself, and what the documents say can be made can be made."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from devtools.check import ROOT, mirror_of
from errors import InputError

MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TARGETS = re.findall(r"^([a-z][a-z0-9-]*):(?!=)", MAKEFILE, re.MULTILINE)
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make in the checkout."""
    return subprocess.run(["make", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_help_is_what_make_says_and_lists_every_target_with_its_meaning() -> None:
    told = make().stdout
    assert told == make("help").stdout
    listed = re.findall(r"^  make ([a-z0-9-]+) +\S.{10,}$", told, re.MULTILINE)
    assert sorted(listed) == sorted(TARGETS)
    assert all(len(line) <= 120 for line in told.splitlines())


def test_every_target_is_made_even_if_a_file_has_its_name() -> None:
    phony = re.search(r"^\.PHONY:((?:.*\\\n)*.*)$", MAKEFILE, re.MULTILINE)
    assert phony
    assert sorted(phony[1].replace("\\", "").split()) == sorted(TARGETS)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_a_document_says_can_be_made_can_be_made(document: Path) -> None:
    text = document.read_text("utf-8")
    code = re.findall(r"`([^`\n]+)`", text) + re.findall(r"^(?: {4}|\t)(.+)$", text, re.MULTILINE)
    said = {name for piece in code for name in re.findall(r"(?:^|\s)make ([a-z][a-z0-9-]*)", piece)}
    assert said <= set(TARGETS)


def test_the_documents_speak_of_make_as_this_test_reads_them() -> None:
    assert "    make test " in (ROOT / "docs" / "developing" / "README.md").read_text("utf-8")


class TestRooms:
    @pytest.mark.parametrize(
        ("room", "tests"),
        [
            ("school/outbox", "tests/school/outbox"),
            ("school/outbox/", "tests/school/outbox"),
            ("tests/school/outbox", "tests/school/outbox"),
            ("school", "tests/school"),
            ("tests/devtools/test_make.py", "tests/devtools/test_make.py"),
            ("settings.py", "tests/test_settings.py"),
            ("eschool.py", "tests"),
        ],
    )
    def test_its_tests_are_those_that_mirror_it_or_the_folder_above(self, room: str, tests: str) -> None:
        assert mirror_of(room) == Path(tests)

    @pytest.mark.parametrize("room", ["school/outbxo", "/etc", "../main", "outbox"])
    def test_one_that_does_not_exist_is_told(self, room: str) -> None:
        with pytest.raises(InputError, match=f"^There is no {room} in the source tree: "):
            mirror_of(room)

    def test_a_slip_is_told_what_was_meant(self) -> None:
        command = [sys.executable, "-m", "devtools.check", "school/outbxo"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        told = "There is no school/outbxo in the source tree: did you mean ROOM=school/outbox?\n"
        assert (done.returncode, done.stdout, done.stderr) == (2, "", told)
