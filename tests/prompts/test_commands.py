"""`eschool prompts` as an operator types it."""

import shutil
import subprocess
import wave
from pathlib import Path

import pytest

from devtools.pbx import CLIPS, ESCHOOL, environment
from prompts.catalogue import PHRASES
from prompts.speech import inventory


def prompts(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`eschool prompts ARGUMENTS` in this home."""
    return subprocess.run(
        [ESCHOOL, "prompts", *arguments],
        env=environment({"ESCHOOL_HOME": str(home), "NO_COLOR": "1"}),
        capture_output=True,
        text=True,
        timeout=170,
    )


def refusal(done: subprocess.CompletedProcess[str], status: int = 1) -> str:
    """The one sentence of a command that failed."""
    assert (done.returncode, done.stdout) == (status, "")
    (line,) = done.stderr.strip().splitlines()
    return line


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with all fixed clips: those the tests keep, completed."""
    home = tmp_path_factory.mktemp("rendered")
    CLIPS.mkdir(parents=True, exist_ok=True)
    (home / "sounds").symlink_to(CLIPS)
    done = prompts(home, "render", "--fixed")
    assert done.returncode == 0, done.stderr
    return home


@pytest.fixture
def home(rendered: Path, tmp_path: Path) -> Path:
    """A copy whose clips may be damaged."""
    shutil.copytree(rendered / "sounds", tmp_path / "home" / "sounds")
    return tmp_path / "home"


def clip_of(home: Path, phrase_id: str) -> Path:
    """Where the clip of a phrase lies, as `list` says."""
    listed = prompts(home, "list", "--fixed").stdout.splitlines()
    (name,) = (clip for identity, clip, _ in (line.split("\t") for line in listed) if identity == phrase_id)
    return home / "sounds" / "espeak" / name


def test_check_counts_the_texts_without_a_clip_and_names_the_command_that_makes_them(tmp_path: Path) -> None:
    told = refusal(prompts(tmp_path, "check", "--fixed"))
    assert f"{len(inventory())} of {len(inventory())} texts have no clip" in told
    assert told.endswith("Run `eschool prompts render`.")


def test_check_of_what_people_entered_needs_the_database(tmp_path: Path) -> None:
    assert "eschool db upgrade" in refusal(prompts(tmp_path, "check"))


def test_check_is_content_when_every_text_has_its_clip(home: Path) -> None:
    done = prompts(home, "check", "--fixed")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"All {len(inventory())} texts have their clip")


def test_a_clip_that_is_gone_is_found_listed_and_made_again(home: Path) -> None:
    clip_of(home, "goodbye").unlink()
    assert f"1 of {len(inventory())} texts have no clip" in refusal(prompts(home, "check", "--fixed"))
    missing = prompts(home, "list", "--fixed", "--missing").stdout.splitlines()
    assert [line.split("\t")[::2] for line in missing] == [["goodbye", PHRASES["goodbye"]]]
    assert prompts(home, "render", "--fixed").stdout.startswith("1 clips made")
    assert prompts(home, "check", "--fixed").returncode == 0


def test_a_truncated_manifest_is_found_and_repaired_without_making_a_clip(home: Path) -> None:
    manifest = home / "sounds" / "espeak" / "manifest.jsonl"
    manifest.write_bytes(manifest.read_bytes()[:-9])
    assert "damaged" in refusal(prompts(home, "check", "--fixed"))
    done = prompts(home, "render", "--fixed")
    assert done.returncode == 0
    assert done.stdout.startswith("0 clips made")
    assert "manifest" in done.stderr
    assert prompts(home, "check", "--fixed").returncode == 0


def test_a_foreign_file_among_the_clips_is_named_and_kept(home: Path) -> None:
    foreign = home / "sounds" / "espeak" / "notes.txt"
    foreign.write_text("mine", "utf-8")
    done = prompts(home, "render", "--fixed")
    assert done.returncode == 0
    assert "notes.txt" in done.stderr
    assert foreign.read_text("utf-8") == "mine"


def test_say_writes_what_a_caller_would_hear(tmp_path: Path) -> None:
    assert prompts(tmp_path, "say", "Добър ден.", "--output", str(tmp_path / "said.wav")).returncode == 0
    with wave.open(str(tmp_path / "said.wav")) as wav:
        assert (wav.getnchannels(), wav.getsampwidth(), wav.getframerate()) == (1, 2, 8000)
        assert 0.4 < wav.getnframes() / 8000 < 3


def test_say_of_nothing_is_bad_input(tmp_path: Path) -> None:
    assert "nothing to say" in refusal(prompts(tmp_path, "say", "…", "--output", str(tmp_path / "said.wav")), 2)


def test_say_into_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    told = refusal(prompts(tmp_path, "say", "да", "--output", str(tmp_path / "none" / "said.wav")))
    assert "cannot be written" in told


def test_the_script_to_read_is_printed_and_made_as_pages(tmp_path: Path) -> None:
    told = prompts(tmp_path, "script", "--phrases").stdout
    assert PHRASES["greeting"] in told
    assert "Имаше твърде много грешни опити. Опитайте отново след →" in told
    assert "двайсет" not in told
    assert len(prompts(tmp_path, "script").stdout.splitlines()) > len(inventory())
    pages = tmp_path / "script.pdf"
    done = prompts(tmp_path, "script", "--pdf", str(pages))
    assert done.returncode == 0, done.stderr
    assert pages.read_bytes().startswith(b"%PDF-")
    assert "cannot be written" in refusal(prompts(tmp_path, "script", "--pdf", str(tmp_path / "no" / "x.pdf")))


def test_rhvoice_that_cannot_be_fetched_is_told_in_a_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        [ESCHOOL, "prompts", "install-rhvoice", "--mirror", "http://127.0.0.1:9/debian"],
        env=environment({"ESCHOOL_HOME": str(tmp_path), "ESCHOOL_CACHE": str(tmp_path / "cache"), "NO_COLOR": "1"}),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("eschool: librhvoice5 cannot be downloaded from http://127.0.0.1:9/debian (")
    assert not list((tmp_path / "cache").glob("rhvoice-*"))
