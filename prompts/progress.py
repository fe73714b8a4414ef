"""Progress of a long rendering on stderr: a bar on a terminal, a line at every tenth elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click


@contextmanager
def shown(total: int, wanted: bool) -> Iterator[Callable[[int], None]]:
    """A function to be told how many more clips are done. Silent unless `wanted`."""
    if not wanted or total == 0:
        yield lambda done: None
    elif sys.stderr.isatty():
        with _bar(total) as tell:
            yield tell
    else:
        yield _lines(total)


@contextmanager
def _bar(total: int) -> Iterator[Callable[[int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("Rendering prompts"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=total)
        yield lambda done: progress.advance(task, done)


def _lines(total: int) -> Callable[[int], None]:
    ready = 0

    def tell(done: int) -> None:
        nonlocal ready
        before, ready = ready, ready + done
        if ready * 10 // total > before * 10 // total:
            click.echo(f"Rendering prompts: {ready} of {total}", err=True)

    return tell
