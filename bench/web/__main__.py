"""`make bench-web`: saving a class, the lesson's screen and every report; on a platform of many schools, and on SQLite.

Smaller: `python -m bench.web --schools 8 --students 5000 --grades 500000 --no-write`.
"""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
import time_machine

import logs
from bench.page import table, write_between
from bench.school_data import KEY, fill
from bench.web.requests import Asker, Measured
from db.migrate import upgrade
from demonstration.rows.platform import Size
from devtools.postgres import running_server
from school.reports import REPORTS
from settings import Settings

NOON = datetime(2027, 4, 13, 9, tzinfo=UTC)
DURABLE = {"listen_addresses": "", "shared_buffers": "512MB", "max_wal_size": "4GB"}
"""PostgreSQL as a platform runs it: what is committed survives a power cut."""
THREE_YEARS = Size(schools=8, students=5_000, grades=500_000, years=3)
LAST_YEAR = "span=year&since=2025-11-01"
ONE_SCHOOL = Size(schools=1, students=1_000, grades=100_000)
HEADINGS = ("request", "p95 ms", "median ms", "of it SQL ms", "requests a second and core", "KB")


def measure(url: str, home: Path, school_id: int, times: int, *, asked: str = "") -> dict[str, Measured]:
    """Every kind of request at one school; `asked` is added to what each report is asked for."""
    asker = Asker(url, home, school_id)
    try:
        found = [
            asker.measure("save a class", asker.save, times),
            asker.measure("lesson's screen", asker.sheet, times),
        ]
        for report_id in REPORTS:
            address = f"/reports/{report_id}?student_id={asker.place.students[0]}&{asked}"
            found.append(
                asker.measure(report_id, lambda browser, at=address: browser.get(at), max(5, times // 4))  # type: ignore[misc]
            )
    finally:
        asker.close()
    return {one.name: one for one in found}


@contextmanager
def sqlite_school(folder: Path) -> Iterator[tuple[str, int]]:
    """One school on SQLite."""
    url = f"sqlite:///{folder / 'school.db'}"
    upgrade(Settings(home=folder, database_url=url, secret_key=KEY))
    yield url, fill(url, ONE_SCHOOL).schools[0]


def rows(measured: dict[str, Measured]) -> list[tuple[str, ...]]:
    """Lines of a table."""
    return [
        (
            one.name,
            f"{one.p95:.0f}",
            f"{one.median:.0f}",
            f"{one.database_median:.0f}",
            f"{one.a_second_and_core:.0f}",
            f"{one.largest / 1000:.0f}",
        )
        for one in measured.values()
    ]


def told(title: str, measured: dict[str, Measured]) -> list[str]:
    """A table with its conclusion."""
    reports = [one for name, one in measured.items() if name in REPORTS]
    slowest = max(reports, key=lambda one: one.p95)
    save = measured["save a class"]
    return [
        f"**{title}**",
        "",
        *table(HEADINGS, rows(measured)),
        "",
        f"Saving a class: p95 {save.p95:.0f} ms. Slowest report: {slowest.name}, p95 {slowest.p95:.0f} ms.",
        "",
    ]


def growth(before: dict[str, Measured], after: dict[str, Measured]) -> list[str]:
    """How much slower the same school's pages became when others' data grew tenfold; by medians, which vary less."""
    factors = {name: after[name].median / one.median for name, one in before.items()}
    worst = max(factors, key=lambda name: factors[name])
    typical = sorted(factors.values())[len(factors) // 2]
    return [
        f"When the other schools' data grew tenfold: {typical:.2f} times the time in the middle, "
        f"{factors[worst]:.2f} at most ({worst}), {factors['save a class']:.2f} for saving a class.",
        "",
    ]


@click.command()
@click.option("--schools", default=80, show_default=True)
@click.option("--students", default=50_000, show_default=True)
@click.option("--grades", default=5_000_000, show_default=True)
@click.option("--times", default=60, show_default=True, help="Of each kind of request.")
@click.option("--parts", default="platform,school,years", show_default=True)
@click.option("--write/--no-write", default=True, help="Write the result into docs/performance.md.")
def main(schools: int, students: int, grades: int, times: int, parts: str, write: bool) -> None:
    """Measure and print; progress goes to stderr."""
    logs.configure("bench", "WARNING")
    began = time.monotonic()
    said: list[str] = []

    def say(*lines: str) -> None:
        said.extend(lines)
        click.echo("\n".join(lines))

    with tempfile.TemporaryDirectory(prefix="eschool-bench-") as name:
        folder = Path(name)
        if "school" in parts.split(","):
            click.echo("one school on SQLite ...", err=True)
            with sqlite_school(folder) as (url, school_id), time_machine.travel(NOON):
                measured = measure(url, folder, school_id, times)
            say(*told("One school of 1,000 students and 100,000 grades on SQLite", measured))
        if "platform" in parts.split(","):
            with running_server(DURABLE) as server:
                server.create("platform")
                url = server.url("platform")
                upgrade(Settings(home=folder, database_url=url, secret_key=KEY))
                tenth = Size(schools // 10, students // 10, grades // 10)
                click.echo(f"{tenth.schools} schools on PostgreSQL ...", err=True)
                school_id = fill(url, tenth).schools[tenth.schools // 2]
                with time_machine.travel(NOON):
                    before = measure(url, folder, school_id, times)
                click.echo(f"{schools} schools ...", err=True)
                fill(url, Size(schools - tenth.schools, students - tenth.students, grades - tenth.grades), seed=2)
                with time_machine.travel(NOON):
                    after = measure(url, folder, school_id, times)
            title = f"A platform of {schools} schools, {students:,} students and {grades:,} grades on PostgreSQL"
            say(*told(title, after), *growth(before, after))
        if "years" in parts.split(","):
            with running_server(DURABLE) as server:
                server.create("years")
                url = server.url("years")
                upgrade(Settings(home=folder, database_url=url, secret_key=KEY))
                click.echo("three years on PostgreSQL ...", err=True)
                school_id = fill(url, THREE_YEARS).schools[THREE_YEARS.schools // 2]
                for year, asked in (("this year", ""), ("the year before", LAST_YEAR)):
                    with time_machine.travel(NOON):
                        measured = measure(url, folder, school_id, times, asked=asked)
                    say(*told(f"8 schools with three years of 500,000 grades each on PostgreSQL, {year}", measured))
    say(f"Measured on {datetime.now(UTC).date().isoformat()} with {os.cpu_count()} cores, database included.")
    if write:
        write_between("web", "\n".join(said))
    click.echo(f"It took {(time.monotonic() - began) / 60:.0f} minutes.", err=True)


if __name__ == "__main__":
    main()
