"""`eschool sms`, `record` and `school` as a person types them: what is printed, and one sentence for each mistake."""

import json
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from db.kinds import Channel, MessagePurpose
from db.session import open_database
from school import outbox
from settings import Settings
from tests.cli.test_command_line import ESCHOOL, environment_of, eschool, sentence

PARENT = "0888123456"
OPERATORS = """
default = "a1"
[operators.a1]
host = "smsc.a1.example"
system_id = "eschool"
password = "secret"
prefixes = ["+35988"]
messages_per_second = 50
[operators.yettel]
host = "smsc.yettel.example"
port = 3700
bind = "transmitter+receiver"
system_id = "eschool"
password = "another"
prefixes = ["+35989"]
"""


@pytest.fixture(scope="module")
def school_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the demonstration school, to be copied."""
    home = tmp_path_factory.mktemp("school")
    assert eschool("demo", home=home).returncode == 0
    return home


@pytest.fixture
def home(school_home: Path, tmp_path: Path) -> Path:
    """A home of the test's own with the demonstration school."""
    return Path(shutil.copytree(school_home, tmp_path / "home"))


@pytest.fixture(scope="module")
def student(school_home: Path) -> dict[str, Any]:
    """One whom somebody follows by SMS, of the class 8а."""
    demo = json.loads(eschool("demo", "--json", home=school_home).stdout)
    found: dict[str, Any] = next(
        one
        for one in demo["students"]
        if one["class"] == "8а" and any(follower["status"] == "active" for follower in one["subscriptions"])
    )
    return found


def on(of: dict[str, Any]) -> tuple[str, str]:
    """A school day, whatever the season the test runs in."""
    return "--on", of["grades"][-1]["date"]


@contextmanager
def simulator(home: Path) -> Iterator[None]:
    """`eschool sms simulate`, ended by SIGTERM."""
    process = subprocess.Popen([ESCHOOL, "sms", "simulate"], env=environment_of(home), stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while not _answers(home / "sms-simulator.socket"):
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.02)
        yield
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()
    assert not (home / "sms-simulator.socket").exists()


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


class TestSend:
    def test_a_text_nobody_takes_says_what_to_start_and_is_kept(self, tmp_path: Path) -> None:
        with simulator(tmp_path):
            result = eschool("sms", "send", "--from", PARENT, "--wait", "0.2", "ПОМОЩ", home=tmp_path)
        assert result.returncode == 1
        assert result.stdout == f"{PARENT} → 1987: ПОМОЩ\n"
        assert "eschool sms serve" in result.stderr

    def test_without_the_simulator_it_says_what_to_start(self, tmp_path: Path) -> None:
        told = sentence(eschool("sms", "send", "--from", PARENT, "ПОМОЩ", home=tmp_path), 1)
        assert "make run" in told

    def test_no_number_is_bad_input(self, tmp_path: Path) -> None:
        told = sentence(eschool("sms", "send", "--from", "майка", "ПОМОЩ", home=tmp_path), 2)
        assert told == "eschool: майка is no telephone number: give one such as 0888123456."

    @pytest.mark.parametrize("command", [("send", "--from", PARENT, "СТОП"), ("inbox", PARENT), ("simulate",)])
    def test_with_real_operators_nothing_is_played(self, tmp_path: Path, command: tuple[str, ...]) -> None:
        told = sentence(eschool("sms", *command, home=tmp_path, ESCHOOL_OPERATORS_FILE="/etc/operators.toml"), 2)
        assert "ESCHOOL_OPERATORS_FILE=/etc/operators.toml connects to real operators" in told

    def test_a_second_simulator_of_a_home_is_refused(self, tmp_path: Path) -> None:
        with simulator(tmp_path):
            second = eschool("sms", "simulate", home=tmp_path)
        assert second.returncode == 1
        assert "runs already" in second.stderr

    def test_a_simulator_that_was_killed_does_not_hinder_the_next(self, tmp_path: Path) -> None:
        with pytest.raises(RuntimeError, match="killed"), simulator(tmp_path):
            raise RuntimeError("killed before it could tidy up")
        assert (tmp_path / "sms-simulator.socket").exists()
        with simulator(tmp_path):
            pass


class TestOperators:
    def test_the_links_are_listed(self, tmp_path: Path) -> None:
        (tmp_path / "operators.toml").write_text(OPERATORS)
        result = eschool("sms", "operators", home=tmp_path, ESCHOOL_OPERATORS_FILE=str(tmp_path / "operators.toml"))
        assert result.returncode == 0
        assert "secret" not in result.stdout
        for fact in ("a1/1", "50 a second", "yettel/1/receiver", "smsc.yettel.example:3700", "+35989"):
            assert fact in result.stdout

    def test_a_mistake_is_told_by_line(self, tmp_path: Path) -> None:
        (tmp_path / "operators.toml").write_text(OPERATORS.replace("port = 3700", "port = 370000"))
        result = eschool("sms", "operators", home=tmp_path, ESCHOOL_OPERATORS_FILE=str(tmp_path / "operators.toml"))
        assert "line 11: operators.yettel.port" in sentence(result, 2)

    def test_a_file_that_is_not_there_is_told(self, tmp_path: Path) -> None:
        result = eschool("sms", "operators", home=tmp_path, ESCHOOL_OPERATORS_FILE="/nowhere/operators.toml")
        assert "/nowhere/operators.toml cannot be read" in sentence(result, 2)


class TestRecord:
    def test_a_grade_says_what_was_recorded(self, home: Path, student: dict[str, Any]) -> None:
        result = eschool(
            "record",
            "grade",
            "--student",
            student["student_code"],
            "--subject",
            "мат",
            "--grade",
            "5,25",
            *on(student),
            home=home,
        )
        assert result.stderr == ""
        assert re.match(rf"grade \d+: {student['given_name']} \(8а\): Математика, current, 5\.25\n", result.stdout)

    @pytest.mark.slow
    def test_a_grade_is_corrected_and_deleted_by_its_number(self, home: Path, student: dict[str, Any]) -> None:
        given = eschool(
            "record", "grade", "--student", student["student_code"], "--subject", "Математика", "--grade", "3",
            *on(student), home=home,
        )  # fmt: skip
        number = given.stdout.split()[1].rstrip(":")
        assert (
            f"grade {number}: corrected to 6"
            in eschool("record", "correct", "grade", number, "--grade", "6", home=home).stdout
        )
        assert f"grade {number}: deleted" in eschool("record", "delete", "grade", number, home=home).stdout
        assert f"There is no grade {number}" in sentence(eschool("record", "delete", "grade", number, home=home), 2)

    @pytest.mark.slow
    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (("grade", "--student", "12345678", "--subject", "мат", "--grade", "6"), "no student in a class"),
            (("grade", "--student", "CODE", "--subject", "Алхимия", "--grade", "6"), "'Алхимия' is not taught"),
            (("grade", "--student", "CODE", "--subject", "мат", "--grade", "7"), "7 is no grade"),
            (("grade", "--student", "CODE", "--subject", "мат", "--grade", "шест"), "'шест' is no grade"),
            (("grade", "--student", "CODE", "--subject", "мат", "--grade", "6", "--on", "вчера"), "'вчера' is no date"),
            (
                ("grade", "--student", "CODE", "--subject", "мат", "--grade", "6", "--by", "nobody@example.com"),
                "nobody@example.com is no active staff account",
            ),
            (("absence", "--student", "CODE", "--subject", "мат", "--lesson", "16"), "16 is no lesson"),
            (("remark", "--student", "CODE", "--text", " "), "The remark is empty"),
            (("health", "--student", "CODE", "--text", "x", "--until", "2020-01-01"), "A health note ends"),
            (("meeting", "--title", "x", "--place", "y", "--at", "утре"), "'утре' is no date and hour"),
            (("meeting", "--class", "13я", "--title", "x", "--place", "y", "--at", "2030-01-01 18:30"), "is no class"),
        ],
    )
    def test_a_mistake_is_one_sentence(
        self, school_home: Path, student: dict[str, Any], arguments: tuple[str, ...], told: str
    ) -> None:
        code = student["student_code"]
        result = eschool("record", *(code if one == "CODE" else one for one in arguments), home=school_home)
        assert told in sentence(result, 2)

    @pytest.mark.slow
    def test_an_invitation_and_a_praise_are_recorded(self, home: Path, student: dict[str, Any]) -> None:
        next_year = datetime.now(UTC).year + 1
        invited = eschool(
            "record", "meeting", "--class", "8а", "--title", "Родителска среща", "--place", "Стая 12",
            "--at", f"15.01.{next_year} 18:30", home=home,
        )  # fmt: skip
        assert "meeting for 8а" in invited.stdout
        praised = eschool(
            "record", "remark", "--student", student["student_code"], "--kind", "praise", "--text", "Браво!",
            *on(student), home=home,
        )  # fmt: skip
        assert "praise" in praised.stdout


class TestSchool:
    def test_hours_delay_and_letters_are_changed(self, home: Path) -> None:
        changed = eschool("school", "change", "--hours", "9-19", "--delay", "15", "--latin", home=home)
        assert "told after 15 minutes, SMS and calls from 9:00 to 19:00, SMS in Latin letters" in changed.stdout
        assert eschool("school", "show", home=home).stdout == changed.stdout

    @pytest.mark.slow
    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (("--hours", "20-8"), "from one hour of the day to a later one, 0 to 24"),
            (("--hours", "рано"), "'рано' are no hours: write them as 8-20"),
            (("--delay", "2000"), "A delay is 0 to 1440 minutes"),
            (("--school", "1234567", "--delay", "1"), "There is no such school"),
        ],
    )
    def test_a_mistake_is_one_sentence(self, school_home: Path, arguments: tuple[str, ...], told: str) -> None:
        assert told in sentence(eschool("school", "change", *arguments, home=school_home), 2)


class TestOutbox:
    def put(self, home: Path, *texts: str) -> list[str]:
        """Put messages into the home's outbox; gives their numbers."""
        database = open_database(Settings(home=home))
        with database.session() as session:
            numbers = [
                outbox.enqueue(
                    session,
                    channel=Channel.SMS,
                    address="+359888123456",
                    text=text,
                    purpose=MessagePurpose.ANSWER,
                    now=datetime.now(UTC),
                )
                for text in texts
            ]
        database.dispose()
        return [str(number) for number in numbers]

    @pytest.mark.slow
    def test_a_message_is_shown_cancelled_and_never_with_its_text(self, home: Path) -> None:
        first, second = self.put(home, "Тайна", "Тайна")
        shown = eschool("outbox", "show", home=home).stdout.splitlines()
        assert shown[0] == "not in a message yet 0, ready 2, claimed 0, failed 0, unknown 0"
        assert re.match(rf" +{second}  ready      sms    answer        \+359…56 +\d\d\.\d\d\.\d{{4}} ", shown[1])
        assert eschool("outbox", "cancel", first, home=home).stdout == "1 message cancelled.\n"
        assert (
            len(eschool("outbox", "show", "--state", "cancelled", "--to", PARENT, home=home).stdout.splitlines()) == 2
        )
        traced = eschool("outbox", "show", first, home=home).stdout
        assert traced.startswith(f"message {first}: sms answer to +359…56\n  cancelled\n  attempts 0, created ")
        assert "Тайна" not in traced + "\n".join(shown)

    def test_what_cannot_be_done_says_why(self, home: Path) -> None:
        (number,) = self.put(home, "Здравейте")
        eschool("outbox", "cancel", number, home=home)
        again = eschool("outbox", "retry", number, "4711", home=home)
        assert (again.returncode, again.stdout) == (2, "0 messages sent again.\n")
        assert again.stderr.splitlines() == [
            "4711: There is no such message.",
            f"{number}: It is cancelled: only what is ready, failed, unknown or expired can be sent again.",
        ]

    def test_what_is_not_unknown_cannot_be_settled(self, home: Path) -> None:
        (number,) = self.put(home, "Здравейте")
        settled = eschool("outbox", "settle", "--sent", number, home=home)
        assert (settled.returncode, settled.stdout) == (2, "0 messages settled as sent.\n")
        assert settled.stderr == f"{number}: It is ready: only what is unknown can be settled.\n"

    @pytest.mark.slow
    def test_all_of_a_state_are_changed_after_asking(self, home: Path) -> None:
        self.put(home, "Едно", "Две", "Три")
        assert eschool("outbox", "cancel", "--state", "ready", home=home).returncode == 130, "nobody said yes"
        assert eschool("outbox", "cancel", "--state", "ready", "--yes", home=home).stdout == "3 messages cancelled.\n"
        assert eschool("outbox", "cancel", "--state", "ready", home=home).stdout == "0 messages cancelled.\n"

    @pytest.mark.slow
    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (("retry",), "Say which: either the messages' numbers, or --state."),
            (("cancel", "--state", "ready", "1"), "Say which"),
            (("show", "4711"), "There is no message 4711"),
            (("show", "--to", "майка"), "майка is no telephone number or e-mail address"),
        ],
    )
    def test_a_mistake_is_one_sentence(self, school_home: Path, arguments: tuple[str, ...], told: str) -> None:
        assert told in sentence(eschool("outbox", *arguments, home=school_home), 2)


class TestWishes:
    @pytest.mark.slow
    def test_what_a_follower_wants_is_shown_and_changed(self, home: Path, student: dict[str, Any]) -> None:
        phone = next(one["phone"] for one in student["subscriptions"] if one["status"] == "active")
        plain = eschool("subscriptions", "wishes", phone, home=home).stdout.splitlines()
        assert plain == ["sms    at once", "email  at once", "call   never, as nobody asked for it"]
        change = ("--channel", "sms", "--off", "grade", "--off", "remark", "--daily", "19")
        changed = eschool("subscriptions", "wishes", phone, *change, home=home).stdout.splitlines()
        assert changed[0] == "sms    daily at 19:00, but not of grade, remark"
        back = ("--channel", "sms", "--on", "grade", "--at-once")
        changed = eschool("subscriptions", "wishes", phone, *back, home=home).stdout.splitlines()
        assert changed[0] == "sms    at once, but not of remark"
        slow = eschool("subscriptions", "wishes", phone, "--speech", "slow", home=home).stdout.splitlines()
        assert slow[3:] == ["slow speech: calls are spoken slowly"]
        assert eschool("subscriptions", "wishes", phone, "--speech", "usual", home=home).stdout.splitlines() == changed

    @pytest.mark.slow
    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (("0899999999",), "0899999999 is the number or address of nobody who follows a student."),
            ((PARENT, "--off", "grade"), "give --channel"),
            ((PARENT, "--channel", "sms", "--at-once", "--daily", "9"), "Give one of --daily"),
        ],
    )
    def test_a_mistake_is_one_sentence(self, school_home: Path, arguments: tuple[str, ...], told: str) -> None:
        assert told in sentence(eschool("subscriptions", "wishes", *arguments, home=school_home), 2)
