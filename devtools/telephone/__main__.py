"""`make call`: calls the running product as a demonstration parent and prints, with times, the sentences heard."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click

import settings as settings_module
from asterisk_conf import check
from devtools.telephone.baresip import BaresipError
from devtools.telephone.heard import ClipBook, Heard
from devtools.telephone.telephone import BREATH, PAUSE, CallRefusedError, Telephone
from errors import EschoolError, InputError, OperationError
from settings import Settings

GAP_INSIDE_SENTENCE = 0.15
PAUSE_BEFORE_KEY = 0.8
LONGEST_SPEECH = 600.0
LONGEST_CALL = 900
SECONDS_OF_A_KEY = 0.25


@click.command()
@click.option("--from", "number", metavar="NUMBER", help="Who calls; otherwise a demonstration parent.")
@click.option("--to", metavar="NUMBER", help="Whom to call; otherwise the product's number.")
@click.option(
    "--keys",
    default="1",
    show_default=True,
    help="Keys, pressed at a pause; after a comma, at the next.",
)
@click.option("--seconds", default=30.0, show_default=True, help="How long to listen after the last key.")
@click.option("--hidden", is_flag=True, help="Call with a hidden number.")
@click.option(
    "--record",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Keep the sound in this file; ffmpeg knows its format by the name: .ogg, .mp3, .wav.",
)
def main(number: str | None, to: str | None, keys: str, seconds: float, hidden: bool, record: Path | None) -> None:
    """Call the running product and print what is heard."""
    if wrong := set(keys) - set("0123456789*#,"):
        raise InputError(f"--keys={keys} has {''.join(sorted(wrong))!r}: give digits, * and #, and commas.")
    config = settings_module.load()
    if not check.is_running(config):
        raise OperationError(
            f"Nothing answers in {config.home_path}: start the product with `make run` in another window, "
            "and call with the same ESCHOOL_HOME."
        )
    who = "a hidden number"
    if hidden:
        number = None
    elif number is None:
        number, who = _demonstration_parent(config)
    else:
        who = number
    to = to or config.inbound_number
    click.echo(f"{who} calls {to}")
    pbx, clips = f"{config.sip_address}:{config.sip_port}", ClipBook(config.sounds_path)
    with Telephone(number, pbx, clips, LONGEST_CALL) as telephone:
        telephone.dial(to)
        Listener(telephone).converse(keys, seconds)
        if record:
            keep_sound(telephone.sound(), record)


class Listener:
    """Prints sentences as they are heard and presses the keys."""

    def __init__(self, telephone: Telephone) -> None:
        self._telephone = telephone
        self._told = 0

    def converse(self, keys: str, seconds: float) -> None:
        """Press each entry at a pause, listen for `seconds` to what the last brings, hang up."""
        for entry in filter(None, keys.split(",")):
            self._listen_to_pause()
            if self._telephone.ended:
                break
            click.echo(f"{self._telephone.since_answer():6.1f} s  [{entry}]")
            self._telephone.press(entry)
            time.sleep(SECONDS_OF_A_KEY * len(entry))
        self._listen_to_pause(seconds)
        if not self._telephone.ended:
            self._telephone.hang_up()
        click.echo(f"{self._telephone.since_answer():6.1f} s  the call is over")

    def _listen_to_pause(self, seconds: float = LONGEST_SPEECH) -> None:
        """Until nothing has been said for a moment, or for `seconds`."""
        began = time.monotonic()
        over = False
        while not over:
            listened = time.monotonic() - began
            quiet = listened > PAUSE_BEFORE_KEY and self._telephone.quiet_for() > PAUSE_BEFORE_KEY
            over = self._telephone.ended or quiet or listened > seconds
            self._tell(over)
            time.sleep(0.05)

    def _tell(self, over: bool) -> None:
        """Print the sentences that are finished."""
        heard = self._telephone.heard(settled=over)
        while sentence := _sentence(heard[self._told :], over):
            self._told += len(sentence)
            words = [one.text if one.whole else f"{one.text} (cut)" for one in sentence if one.text != PAUSE]
            if words:
                click.echo(f"{sentence[0].at:6.1f} s  {' '.join(words).replace(f' {BREATH}', BREATH)}")


def _sentence(heard: list[Heard], over: bool) -> list[Heard]:
    """The first sentence: up to a full stop or a pause. Empty while it may go on."""
    for index, one in enumerate(heard):
        if one.text.endswith((".", "?", "!", PAUSE)) or not one.whole:
            return heard[: index + 1]
        if index + 1 < len(heard) and heard[index + 1].at - one.at - one.seconds > GAP_INSIDE_SENTENCE:
            return heard[: index + 1]
    return heard if over else []


def keep_sound(sound: bytes, file: Path) -> None:
    """Write A-law sound into a file of the format its name tells. Raises OperationError when ffmpeg cannot."""
    command = ["ffmpeg", "-v", "error", "-y", "-f", "alaw", "-ar", "8000", "-ac", "1", "-i", "-", str(file)]
    told = subprocess.run(command, input=sound, capture_output=True, check=False)
    if told.returncode:
        reason = told.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise OperationError(f"The recording could not be written into {file}: {reason}")
    click.echo(f"recorded: {file}")


def _demonstration_parent(config: Settings) -> tuple[str, str]:
    """Phone of a parent who follows one child, and how to say who that is."""
    demo = _demonstration()
    children: dict[str, list[Any]] = {}
    for student in demo["students"]:
        for subscription in student["subscriptions"]:
            if subscription["status"] == "active":
                children.setdefault(subscription["phone"], []).append(student)
    for phone, followed in children.items():
        if len(followed) == 1 and followed[0]["grades"]:
            student = followed[0]
            return phone, f"{phone}, who follows {student['name']} of {student['class']},"
    raise OperationError("The demonstration school has no parent to call as: give a number with --from.")


def _demonstration() -> Any:
    eschool = Path(sys.executable).with_name("eschool")
    told = subprocess.run([eschool, "demo", "--json"], capture_output=True, text=True, check=False)
    if told.returncode:
        raise OperationError(told.stderr.strip().removeprefix("eschool: ") + " Or give a number with --from.")
    return json.loads(told.stdout)


if __name__ == "__main__":
    try:
        main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (EschoolError, CallRefusedError, BaresipError, FileNotFoundError) as error:
        click.echo(f"call: {error}", err=True)
        sys.exit(error.exit_status if isinstance(error, EschoolError) else 1)
