"""`python -m devtools.pictures` takes the pictures of the pages that the README shows.

It loads the demonstration school into a home of its own, serves it on a free port as it is on a coming school day, and
photographs it with Chromium. Nothing that runs already is touched.
"""

import io
import tempfile
from datetime import datetime
from pathlib import Path

import click
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from db.migrate import upgrade
from db.session import open_database
from demonstration import load
from devtools.browser import CHROMIUM, Window
from devtools.site import LEADER, SECRET_KEY, TEACHER, Site, coming_school_day, served, sheet_address
from settings import Settings

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
WIDTH, HEIGHT = 1366, 1000
COLOURS = 128
LARGEST = 200 * 1024
"""Bytes: what a picture in the README may weigh."""
GRADES = ("6", "5", "", "4", "6", "3", "5", "")
"""What the teacher of the picture has typed so far, from the first student down."""
REPORT = "/reports/grade_distribution"


@click.command()
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), default=FOLDER, help="Where to put them.")
def main(folder: Path) -> None:
    """Take the pictures."""
    if CHROMIUM is None:
        raise click.ClickException("Chromium is missing: run `sh asterisk_conf/system_packages.sh test`.")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="eschool-pictures-") as home:
        day = coming_school_day()
        _load(Path(home), day)
        with served(Path(home), day, ESCHOOL_WEB_WORKERS="1") as site, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
            _keep(_lesson(browser, site), folder / "lesson.png")
            _keep(_report(browser, site), folder / "report.png")
            browser.close()


def _load(home: Path, day: datetime) -> None:
    settings = Settings(home=home, database_url=f"sqlite:///{home / 'eschool.db'}", secret_key=SECRET_KEY)
    upgrade(settings)
    database = open_database(settings)
    with database.session() as session:
        load(session, day)
    database.dispose()


def _lesson(browser: Browser, site: Site) -> Page:
    """The sheet of a lesson, with some grades typed and not yet saved."""
    window = _window(browser, site, TEACHER)
    window.open(sheet_address(site, 3))
    for grade in GRADES:
        window.page.keyboard.type(grade)
        window.page.keyboard.press("Enter")
    window.page.evaluate("scrollTo(0, 0)")
    return window.page


def _report(browser: Browser, site: Site) -> Page:
    window = _window(browser, site, LEADER)
    window.open(REPORT)
    window.page.wait_for_load_state("networkidle")  # the chart is an image of its own
    return window.page


def _window(browser: Browser, site: Site, login: str) -> Window:
    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, locale="bg-BG")
    window = Window(context.new_page(), site, login)
    window.enter_as(login)
    return window


def _keep(page: Page, file: Path) -> None:
    """Write what the window shows, with few colours. Raises ClickException when it is still too large."""
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
    if file.stat().st_size > LARGEST:
        raise click.ClickException(f"{file} has {file.stat().st_size} bytes, more than {LARGEST}: show less.")
    click.echo(f"written: {file}, {file.stat().st_size} bytes")


if __name__ == "__main__":
    main()
