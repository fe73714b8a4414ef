"""The engine `command`: whatever a command line speaks, and one clear sentence for each way in which it does not."""

import os
import sys
import time
from pathlib import Path

import pytest

from errors import InputError, OperationError
from prompts.clips import Clips
from prompts.render import render
from prompts.voices import SpeechError, open_voice
from settings import Engine, Settings
from tests.prompts.conftest import speaking


def commanding(home: Path, line: str, **others: object) -> Settings:
    return speaking(home, Engine.COMMAND, speech_command=line, **others)


def program(folder: Path, body: str) -> str:
    """The command line of a Python program of the test's own, in a folder with a space in its name."""
    path = folder / "my voices" / "speak.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(body, "utf-8")
    return f"{sys.executable} '{path}'"


def test_the_command_gets_the_text_and_its_wav_becomes_the_clip(tmp_path: Path) -> None:
    line = program(
        tmp_path,
        "import subprocess, sys\n"
        f"text = sys.stdin.read(); open({str(tmp_path / 'heard')!r}, 'a').write(text)\n"
        "subprocess.run(['espeak-ng', '-v', 'bg', '--stdout', '--stdin'], input=text.encode())\n",
    )
    config = commanding(tmp_path / "home", line)
    assert render(config, ["Добър ден."]).made == 1
    assert (tmp_path / "heard").read_text("utf-8") == "Добър ден.\n"
    clip = Clips(config).find("Добър ден.")
    assert clip is not None
    assert clip.parent.name == "command"
    assert clip.stat().st_size > 4000


def test_another_command_is_another_clip(tmp_path: Path) -> None:
    names = {Clips(commanding(tmp_path, f"espeak-ng --stdout -s {speed}")).name_of("да") for speed in (100, 120)}
    assert len(names) == 2


def test_nothing_in_a_text_or_in_the_command_reaches_a_shell(tmp_path: Path) -> None:
    line = program(tmp_path, "import sys; sys.exit(sys.argv[1])") + " '$(id); `id` | id'"
    with pytest.raises(SpeechError, match=r"\(\$\(id\); `id` \| id\)"):
        open_voice(commanding(tmp_path, line)).speak("; id")


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    with pytest.raises(OperationError, match=r"There is no program no-such-voice, which ESCHOOL_SPEECH_COMMAND names"):
        open_voice(commanding(tmp_path, "no-such-voice --stdout"))


def test_an_open_quotation_mark_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"ESCHOOL_SPEECH_COMMAND cannot be read \(no closing quotation\)"):
        open_voice(commanding(tmp_path, "espeak-ng 'bg"))


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (
            "import sys; print('no such\\nmodel', file=sys.stderr); sys.exit(3)",
            r"ended with status 3 \(no such model\)",
        ),
        ("import sys; sys.exit(1)", r"ended with status 1 \(it said nothing\)"),
        ("pass", "gave no sound"),
        ("print('<html>')", "gave no sound"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "ended with status -11"),
    ],
)
def test_a_program_that_gives_no_wav_is_told_in_a_sentence(tmp_path: Path, body: str, sentence: str) -> None:
    with pytest.raises(SpeechError, match=sentence):
        open_voice(commanding(tmp_path, program(tmp_path, body))).speak("да")


@pytest.mark.slow
def test_a_program_that_hangs_is_ended_with_what_it_started(tmp_path: Path) -> None:
    line = program(
        tmp_path,
        "import subprocess, time\n"
        "child = subprocess.Popen(['sleep', '600'])\n"
        f"open({str(tmp_path / 'child')!r}, 'w').write(str(child.pid))\n"
        "time.sleep(600)\n",
    )
    began = time.monotonic()
    with pytest.raises(SpeechError, match=r"did not finish within 2 s, which ESCHOOL_SPEECH_SECONDS allows"):
        open_voice(commanding(tmp_path, line, speech_seconds=2)).speak("да")
    assert time.monotonic() - began < 20
    child = int((tmp_path / "child").read_text("utf-8"))
    deadline = time.monotonic() + 10
    while _runs(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(child)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"


def test_the_engine_needs_its_command(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="ESCHOOL_ENGINE=command also needs ESCHOOL_SPEECH_COMMAND"):
        commanding(tmp_path, " ")
