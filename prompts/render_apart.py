"""Rendering in a process of its own, below all others: what serves calls or pages keeps its processor time."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from errors import EschoolError, OperationError
from prompts import edition
from prompts.render import render
from prompts.slow import make_copies
from settings import Engine, Settings, Speech

NICENESS = 10

Begun = Callable[[subprocess.Popen[bytes]], None]
"""Is given a program that renders, so that it can be ended early."""

UPCOMING, SLOW = "--upcoming", "--slow"


@dataclass(frozen=True)
class RenderedApart:
    """made: number of clips; failed: text -> reason, part of a sentence."""

    made: int
    failed: dict[str, str]


def render_apart(
    settings: Settings,
    texts: Iterable[str],
    started: Begun = lambda _process: None,
    *,
    of_upcoming: bool = False,
    slow: bool = False,
) -> RenderedApart:
    """`prompts.render.render` by a program of low precedence; `started` is given it, to end it early.

    of_upcoming: with the recordings of the edition that is being made ready, not of the current one.
    slow: not the clips but their slow copies (`prompts.slow.make_copies`).

    Raises OperationError with the program's own sentence when nothing can be rendered.
    """
    with subprocess.Popen(
        (sys.executable, "-P", "-m", "prompts.render_apart", *[UPCOMING] * of_upcoming, *[SLOW] * slow),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_environment(settings),
    ) as process:
        started(process)
        told, complaint = process.communicate(json.dumps(list(texts)).encode())
    if process.returncode != 0:
        reason = complaint.decode(errors="replace").strip().splitlines()
        raise OperationError(reason[-1] if reason else f"The rendering ended with status {process.returncode}.")
    return RenderedApart(**json.loads(told))


def _environment(settings: Settings) -> dict[str, str]:
    """This environment with the settings of speech as they are here, and the speaker that this process has chosen."""
    given: dict[str, Any] = {name: getattr(settings, name) for name in Speech.model_fields}
    given |= {"home": settings.home_path, "cache": settings.cache_path}
    if settings.engine is Engine.AUTO:
        given["engine"] = settings.speaker
    variables = {f"ESCHOOL_{name.upper()}": value for name, value in given.items()}
    inherited = {name: value for name, value in os.environ.items() if name not in variables}
    return inherited | {name: str(value) for name, value in variables.items() if value not in (None, "")}


def main() -> None:
    """Texts as JSON on standard input, what was done as JSON on standard output."""
    import settings

    os.nice(NICENESS)
    config = settings.load()
    chosen = edition.upcoming(config) if UPCOMING in sys.argv else edition.current(config)
    texts = json.load(sys.stdin)
    if SLOW in sys.argv:
        json.dump({"made": make_copies(config, texts, chosen), "failed": {}}, sys.stdout)
        return
    rendered = render(config, texts, edition=chosen)
    json.dump({"made": rendered.made, "failed": rendered.failed}, sys.stdout)


if __name__ == "__main__":
    try:
        main()
    except EschoolError as error:
        sys.exit(str(error))
