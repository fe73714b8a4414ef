"""In July a leader takes the school over to its next year in the browser: last year stays as it was, graduates go."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from db.models import Message, SchoolClass, SchoolYear, Student, StudentCode, Subscription
from db.session import Database
from devtools.browser import Window
from devtools.site import Site, coming_school_day, served
from school.digests.farewell import take_leave
from school.reports import REPORTS
from tests.admin_web.conftest import ADMINISTRATOR

Windows = Callable[..., Window]
START = coming_school_day().year
LAST_YEAR = f"?span=year&since={START}-11-01"
TELEPHONE = 360


@pytest.fixture(scope="module")
def site(school_day_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The application in the July after."""
    home = tmp_path_factory.mktemp("july")
    (home / "eschool.db").write_bytes((school_day_home / "eschool.db").read_bytes())
    with served(home, datetime(START + 1, 7, 5, 8, tzinfo=UTC)) as found:
        yield found


def reports(window: Window) -> dict[str, bytes]:
    """Last year's reports as files."""
    found = {}
    for report in REPORTS:
        answer = window.context.request.get(f"{window.site.url}/reports/{report}/report.csv{LAST_YEAR}")
        if answer.status == 200:
            found[report] = answer.body()
    return found


def classes(database: Database) -> dict[int, str]:
    """Of each student the class they are in, with its year."""
    with database.reading() as session:
        rows = session.execute(
            select(Student.id, SchoolYear.starts_on, SchoolClass.level, SchoolClass.letter)
            .join(SchoolClass, SchoolClass.id == Student.class_id)
            .join(SchoolYear, SchoolYear.id == SchoolClass.school_year_id)
        )
        return {row.id: f"{row.starts_on.year} {row.level}{row.letter}" for row in rows}


def go_over(leader: Window) -> None:
    """Through the preview with the keyboard."""
    leader.open("/school/next-year/preview")
    button = leader.page.get_by_role("button", name="Премини към")
    button.focus()
    leader.page.keyboard.press("Enter")
    leader.page.get_by_role("heading", name=f"Училището премина към {START + 1}/{START + 2}").wait_for()


def test_the_turn_of_the_year(window: Windows, site: Site) -> None:
    leader = window()
    leader.enter_as(ADMINISTRATOR)
    before = reports(leader)
    assert len(before) > 8
    with site.database() as database:
        then = classes(database)

    leader.open("/school/next-year/")
    leader.shoot("next-year")
    leader.page.get_by_label("8", exact=True).check()
    leader.page.get_by_role("button", name="Запиши", exact=True).click()
    leader.page.get_by_text("Записано.").wait_for()
    leader.page.get_by_role("link", name="11б").click()
    choice = leader.page.locator("select[name^=student_]").first
    repeater = int((choice.get_attribute("name") or "").removeprefix("student_"))
    choice.select_option("repeats")
    leader.page.get_by_role("button", name="Запиши решенията").click()
    leader.page.get_by_text("Решенията за 11б са записани.").wait_for()
    leader.page.set_viewport_size({"width": TELEPHONE, "height": 740})
    for address in ("", "preview", "list"):
        leader.open(f"/school/next-year/{address}")
        assert not leader.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"), address
    leader.page.set_viewport_size({"width": 1280, "height": 900})
    leader.open("/school/next-year/preview")
    leader.shoot("next-year-preview")

    go_over(leader)
    leader.shoot("next-year-done")
    assert reports(leader) == before
    leader.page.get_by_role("button", name="Върни преминаването").click()
    leader.page.get_by_text("Преминаването е върнато").wait_for()
    with site.database() as database:
        assert classes(database) == then
    go_over(leader)
    leader.page.get_by_role("button", name="Потвърди отметнатите").first.click()
    leader.page.get_by_text("Потвърдено.").wait_for()
    assert reports(leader) == before

    with site.database() as database:
        now = classes(database)
        graduates = [id_ for id_, name in then.items() if name == f"{START} 8а"]
        assert {now[id_] for id_ in graduates} == {f"{START} 8а"}  # until their last day
        assert now[repeater] == f"{START + 1} 11б"
        assert {now[id_] for id_, name in then.items() if name == f"{START} 11б" and id_ != repeater} == {
            f"{START + 1} 12б"
        }
        last = datetime.combine(date(START + 1, 9, 16), datetime.min.time(), UTC) + timedelta(hours=8)
        with database.reading() as session:
            letters = session.scalar(select(func.max(Message.id))) or 0
        take_leave(database, last)
        with database.reading() as session:
            in_force = select(func.count()).where(
                StudentCode.student_id.in_(graduates), StudentCode.revoked_at.is_(None)
            )
            assert session.scalar(in_force) == 0
            following = select(func.count()).where(
                Subscription.student_id.in_(graduates), Subscription.status == "active"
            )
            assert session.scalar(following) == 0
            told = session.scalars(select(Message.text).where(Message.id > letters)).all()
            assert told
    assert reports(leader) == before  # nor when they are gone
