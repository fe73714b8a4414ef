"""`eschool` as a person types it: help that reads well, and one sentence for each mistake."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import launcher
from settings import Settings

ESCHOOL = Path(sys.executable).with_name("eschool")


def environment_of(home: Path, **variables: str) -> dict[str, str]:
    """This environment with the home and these variables, and nothing else of its ESCHOOL_*."""
    others = {key: value for key, value in os.environ.items() if not key.startswith("ESCHOOL_")}
    return others | {"ESCHOOL_HOME": str(home), "NO_COLOR": "1"} | variables


def eschool(*arguments: str, home: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `eschool` with a home of its own."""
    return subprocess.run(
        [ESCHOOL, *arguments],
        env=environment_of(home, **variables),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def sentence(result: subprocess.CompletedProcess[str], status: int) -> str:
    """The one line on stderr of a command that failed with `status`, and said nothing else."""
    assert (result.returncode, result.stdout) == (status, "")
    assert "Traceback" not in result.stderr
    (line,) = result.stderr.strip().splitlines()
    return line


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("ESCHOOL_SIP_PORT", "five", "ESCHOOL_SIP_PORT=five is not usable: it should be a whole number."),
        ("ESCHOOL_AGI_PORT", "70000", "ESCHOOL_AGI_PORT=70000 is not usable"),
        (
            "ESCHOOL_RTP_PORTS",
            "20000-10000",
            "ESCHOOL_RTP_PORTS=20000-10000 is not usable: give two ports from 1024 to 65535",
        ),
        ("ESCHOOL_ENGINE", "siri", "ESCHOOL_ENGINE=siri is not usable"),
        ("ESCHOOL_SECRET_KEY", "short", "ESCHOOL_SECRET_KEY is too short"),
        ("ESCHOOL_TRUNK", "registration", "needs ESCHOOL_TRUNK_HOST"),
        ("ESCHOOL_ENGINE", "piper", "needs ESCHOOL_PIPER_MODEL"),
        ("ESCHOOL_ENGINE", "command", "needs ESCHOOL_SPEECH_COMMAND"),
    ],
)
def test_a_wrong_setting_is_named_with_what_it_should_be(tmp_path: Path, variable: str, value: str, told: str) -> None:
    assert told in sentence(eschool("db", "check", home=tmp_path, **{variable: value}), 2)


def test_a_home_in_which_the_product_runs_is_not_started_again(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with launcher.alone(settings):
        assert f"already runs in {settings.home_path}" in sentence(eschool("run", home=tmp_path), 1)
    with launcher.alone(settings):
        pass  # its end made the home free


def test_a_secret_is_not_repeated_in_the_message(tmp_path: Path) -> None:
    result = eschool("settings", home=tmp_path, ESCHOOL_SECRET_KEY="too-short-a-secret")
    assert "too-short-a-secret" not in result.stderr + result.stdout


def test_a_home_that_cannot_be_written_is_told_with_the_setting_to_change(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    assert "set ESCHOOL_HOME to a folder" in sentence(eschool("db", "upgrade", home=file / "home"), 1)


def test_a_database_that_was_not_set_up_names_the_command_that_does(tmp_path: Path) -> None:
    assert "eschool db upgrade" in sentence(eschool("db", "check", home=tmp_path), 1)


@pytest.mark.slow
def test_a_busy_port_is_told_with_the_setting_to_change(tmp_path: Path) -> None:
    eschool("db", "upgrade", home=tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        line = sentence(eschool("agi", "serve", home=tmp_path, ESCHOOL_AGI_PORT=port), 1)
    assert f"127.0.0.1:{port}" in line
    assert "ESCHOOL_AGI_PORT" in line


def test_without_ffmpeg_rendering_says_what_to_install(tmp_path: Path) -> None:
    result = eschool("prompts", "render", "--fixed", home=tmp_path, PATH=str(tmp_path))
    assert result.returncode == 1
    assert "ffmpeg" in result.stderr.strip().splitlines()[-1]


def test_an_unknown_command_is_bad_input(tmp_path: Path) -> None:
    result = eschool("dance", home=tmp_path)
    assert result.returncode == 2
    assert "No such command 'dance'" in result.stderr


PROCESSES = [line.partition(":")[0] for line in launcher.PROCFILE.read_text("utf-8").splitlines()]


def test_status_tells_what_is_away_and_fails(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
    result = eschool("status", home=tmp_path, ESCHOOL_AGI_PORT=port)
    assert result.returncode == 1
    told = dict(line.split()[:2] for line in result.stdout.splitlines() if not line.startswith(" "))
    assert told == dict.fromkeys(PROCESSES, "away:") | {"disk": "writable,"}


def test_settings_are_listed_with_their_meaning(tmp_path: Path) -> None:
    listed = eschool("settings", home=tmp_path, ESCHOOL_SIP_PORT="5070").stdout
    assert "ESCHOOL_SIP_PORT=5070" in listed
    assert "Simultaneous calls accepted." in listed
    assert listed.index("\nTelephone\n") < listed.index("ESCHOOL_SIP_PORT") < listed.index("\nSpeech\n")


@pytest.mark.parametrize(
    "command", [(), ("asterisk",), ("agi",), ("prompts",), ("db",), ("demo",), ("sms",), ("record",), ("school",)]
)
def test_every_group_explains_itself(tmp_path: Path, command: tuple[str, ...]) -> None:
    result = eschool(*command, "--help", home=tmp_path)
    assert result.returncode == 0
    assert result.stdout.startswith("Usage: eschool")
