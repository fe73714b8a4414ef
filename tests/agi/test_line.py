"""What the line asks of Asterisk: each command is a turn that every caller on the machine waits for."""

import time
from collections.abc import Callable

import pytest

from agi.dialogue.steps import Pressed, Silent
from agi.line import KEYS_ARE_FRESH, Line


class Pbx:
    """Asterisk's end: `pressed` is its log of keys; `on_play` happens while a clip plays."""

    def __init__(self) -> None:
        self.commands: list[str] = []
        self.pressed = ""
        self.on_play: Callable[[], None] = lambda: None
        self._lines = ["agi_network: yes", ""]

    def readline(self) -> str:
        return self._lines.pop(0)

    def write(self, text: str, /) -> None:
        command = text.split()[0] + " " + text.split()[1].strip('"')
        self.commands.append(command)
        if command == "EXEC Background":
            before = self.pressed
            self.on_play()
            self._lines.append(f"200 result={ord(self.pressed[-1]) if self.pressed != before else 0}")
        elif command == "GET VARIABLE":
            self._lines.append(f"200 result=1 ({self.pressed})")
        else:
            self._lines.append("200 result=0")

    def flush(self) -> None:
        return


@pytest.fixture
def pbx() -> Pbx:
    return Pbx()


@pytest.fixture
def slow_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read just now is so however long this machine takes from one line of a test to the next."""
    monkeypatch.setattr("agi.line.KEYS_ARE_FRESH", 60.0)


@pytest.fixture
def line(pbx: Pbx) -> Line:
    return Line(pbx, pbx)


@pytest.mark.usefixtures("slow_machine")
def test_items_of_a_list_cost_two_commands_each(line: Line, pbx: Pbx) -> None:
    for _ in range(3):
        assert line.collect(["clip"], digits=1, wait=0) == Silent()
    assert pbx.commands == ["EXEC Background", "GET VARIABLE"] * 3


def test_a_key_pressed_while_the_school_thought_is_obeyed_before_anything_is_said(line: Line, pbx: Pbx) -> None:
    line.collect(["clip"], digits=1, wait=0)
    pbx.pressed = "3"
    time.sleep(2 * KEYS_ARE_FRESH)
    pbx.commands.clear()
    assert line.collect(["menu"], digits=1, wait=0) == Pressed("3")
    assert pbx.commands == ["GET VARIABLE"]


@pytest.mark.usefixtures("slow_machine")
def test_a_key_that_came_between_two_readings_is_obeyed_after_the_clip(line: Line, pbx: Pbx) -> None:
    line.collect(["clip"], digits=1, wait=0)
    pbx.pressed = "3"
    assert line.collect(["menu"], digits=1, wait=0) == Pressed("3")


@pytest.mark.usefixtures("slow_machine")
def test_keys_typed_ahead_are_used_one_by_one(line: Line, pbx: Pbx) -> None:
    def press() -> None:
        pbx.pressed = "13"

    pbx.on_play = press
    assert line.collect(["menu"], digits=1, wait=0) == Pressed("1")
    assert line.collect(["menu"], digits=1, wait=0) == Pressed("3")
    assert pbx.commands == ["EXEC Background", "GET VARIABLE"]
