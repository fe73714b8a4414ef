"""A new school lives a whole year in the browser, from its request to the next September.

The clock is moved by serving the same home at another moment, so each part is a day of the year.
"""

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.kinds import GradeKind
from db.models import Grade, Guardian, Message, School, SchoolClass, Student, StudentCode, StudentGuardian, Subject
from devtools.browser import Window
from devtools.site import Site, coming_school_day, served
from school.digests.farewell import take_leave
from school.reports import REPORTS
from school.subscriptions.subscribing import FollowOutcome, by_code
from tests.admin_web.browser.conftest import PATIENCE
from tests.admin_web.browser.lesson import type_a_grade_each, wait_until_saved
from tests.admin_web.browser.test_joining import CODE, LEADER, choose_password
from tests.admin_web.conftest import OPERATOR
from tests.admin_web.test_setting_up import NEW_PASSWORD, link_to
from tests.school.roster.files import STAFF_HEAD, as_xlsx, egn
from tests.school.roster.lists import e164, mobile, whole

START = coming_school_day().year + 1
"""The year begins in the September of this one: a browser forgets cookies of the past."""
FIRST, SECOND = "ognyan@levski.example", "lilia@levski.example"
CLASSES = {"5а": range(8), "5б": range(8, 16), "7а": range(16, 24)}
LIST_HEAD = ["№ по ред", "Паралелка", "Ученик", "ЕГН", "Родител", "Мобилен"]
MOVES, CORRECTED = 0, 1
"""Who moves from 5а to 5б in November, and whose grade is corrected; by the place in the list."""
GRADUATE = CLASSES["7а"][0]


class Day:
    """A day of the year: the site, and windows of its people."""

    def __init__(self, site: Site, browser: Browser) -> None:
        self.site, self._browser, self._opened = site, browser, ExitStack()

    def window(self, email: str | None = None) -> Window:
        """A person's window, signed in; of a visitor without an address."""
        context = self._opened.enter_context(self._browser.new_context(locale="bg-BG"))
        context.set_default_timeout(PATIENCE)
        window = Window(context.new_page(), self.site, "school-year")
        if email:
            window.sign_in(email, NEW_PASSWORD)
        return window

    def close(self) -> None:
        """All windows."""
        self._opened.close()


@pytest.fixture
def day(school_day_home: Path, tmp_path: Path, chromium: Browser) -> Iterator[Callable[[int, int, int], Day]]:
    """Goes to the first Monday from a day on, at ten in the morning in Sofia."""
    (tmp_path / "eschool.db").write_bytes((school_day_home / "eschool.db").read_bytes())
    with ExitStack() as stack:

        def go_to(year: int, month: int, number: int) -> Day:
            stack.close()
            on = datetime(year, month, number, 8, tzinfo=UTC)
            on += timedelta(days=-on.weekday() % 7)
            site = stack.enter_context(served(tmp_path, on))
            found = Day(site, chromium)
            stack.callback(found.close)
            return found

        yield go_to


def test_a_whole_year(day: Callable[[int, int, int], Day], tmp_path: Path) -> None:
    begin(day(START, 9, 3), tmp_path)
    october(day(START, 10, 12))
    november(day(START, 11, 16))
    january(day(START + 1, 1, 25))
    june = printed(day(START + 1, 6, 29))
    september(day(START + 1, 8, 30), june)


def begin(today: Day, folder: Path) -> None:
    """The school asks to join, brings its lists and makes its timetable."""
    visitor = today.window()
    visitor.open("/join")
    for label, value in (
        ("Код по НЕИСПУО", CODE),
        ("Име на училището", "Основно училище „Васил Левски“"),
        ("Населено място", "Видин"),
        ("Вашето име", "Радка"),
        ("Вашата фамилия", "Иванова"),
        ("Имейл", LEADER),
    ):
        visitor.page.get_by_label(label).fill(value)
    visitor.page.locator("main form button").click()
    visitor.page.get_by_text("Получихме заявката").wait_for()
    operator = today.window()
    operator.enter_as(OPERATOR)
    operator.open("/platform/")
    operator.page.locator('form[action*="/platform/requests/"] button').first.click()
    operator.page.get_by_text("/password/").first.wait_for()

    leader = today.window()
    choose_password(leader, operator.page.locator("main").inner_text())
    leader.sign_in(LEADER, NEW_PASSWORD)
    leader.open(f"/school/years/new?start={START}")
    leader.page.locator('main form button:not([class*="plain"])').last.click()
    leader.page.wait_for_url(lambda url: "/school/" in url and "/years/new" not in url)
    add(leader, "classes", ", ".join(CLASSES))
    add(leader, "subjects", "Математика, Български език и литература")
    bring_students(leader, folder)
    bring_staff(leader, folder)
    for email in (FIRST, SECOND):
        with today.site.database() as database:
            choose_password(today.window(), "http://" + today.site.url.partition("://")[2] + link_to(database, email))
    make_timetable(leader)
    assert phones(today.site) == {e164(n) for numbers in CLASSES.values() for n in numbers}
    code = code_of(today.site, GRADUATE)
    assert follow(today.site, GRADUATE, e164(GRADUATE), code, today.site.now) is FollowOutcome.FOLLOWS


def add(leader: Window, what: str, names: str) -> None:
    """Classes or subjects by their names."""
    leader.open(f"/school/{what}")
    leader.page.locator('[name="names"]').fill(names)
    leader.page.locator('form[action$="/add"] button').click()
    leader.page.get_by_text("Добавен").first.wait_for()


def bring_students(leader: Window, folder: Path) -> None:
    """The school's own list, whose headings are no template's; the page asks for what it cannot know."""
    rows: list[list[object]] = [
        [place + 1, class_name, whole(n), egn(n), "Силвия Иванова", mobile(n)]
        for class_name, numbers in CLASSES.items()
        for place, n in enumerate(numbers)
    ]
    file = folder / "справка.xlsx"
    file.write_bytes(as_xlsx({"Справка": [["Списък на учениците"], [], LIST_HEAD, *rows, [], ["", "Всичко: 24"]]}))
    bring(leader, file)
    leader.page.get_by_text("24 нови ученици").wait_for()


def bring_staff(leader: Window, folder: Path) -> None:
    """Two teachers of mathematics in 5а; the second is its class teacher."""
    file = folder / "персонал.xlsx"
    staff = [
        ["Огнян", "Петков", FIRST, "учител", "7а", "Математика", "5а, 5б, 7а", ""],
        ["Лилия", "Дончева", SECOND, "учител", "5а", "Математика", "5а", ""],
    ]
    file.write_bytes(as_xlsx({"Персонал": [STAFF_HEAD, *staff]}))
    bring(leader, file)
    leader.page.get_by_text("Списъкът е записан").first.wait_for()


def bring(leader: Window, file: Path) -> None:
    """A file through the import's pages, its columns as they were guessed."""
    leader.open("/school/import")
    leader.page.locator('input[type="file"]').set_input_files(file)
    leader.page.locator('form[enctype="multipart/form-data"] button').click()
    leader.page.wait_for_url("**/school/import/**")
    if leader.page.get_by_text("Стъпка 1 от 2").count():
        leader.page.get_by_role("button", name="Продължи").click()
    leader.page.get_by_text("Още нищо не е записано").wait_for()
    invite = leader.page.locator('[name="invite"]')
    if invite.count() and not invite.is_checked():
        invite.check()
    leader.page.get_by_role("button", name="Запиши всичко").click()


def make_timetable(leader: Window) -> None:
    """5а has mathematics on Mondays, and Tuesdays are copied from them."""
    leader.open("/timetable/")
    page = leader.page
    page.get_by_label("Заглавие").fill("I срок")
    page.get_by_label("В сила от").fill(date(START, 9, 15).isoformat())
    page.get_by_label("Започни с").select_option("")
    page.get_by_role("button", name="Създай чернова").click()
    page.get_by_role("link", name="5а", exact=True).click()
    page.get_by_label("Понеделник, 1", exact=True).fill("Математика / Огнян Петков")
    page.get_by_label("Понеделник, 2", exact=True).fill("Математика / Лилия Дончева")
    page.keyboard.press("Control+Enter")
    page.get_by_text("Записани са 2 часа.").wait_for()
    page.get_by_label("От", exact=True).first.select_option("1")
    page.get_by_label("В", exact=True).select_option("2")
    page.get_by_role("button", name="Копирай деня").click()
    page.get_by_text("Денят е копиран.").wait_for()
    page.get_by_role("link", name="I срок").click()
    page.get_by_role("button", name="Въведи в сила").click()
    page.get_by_text("Разписанието е въведено в сила.").wait_for()


def october(today: Day) -> None:
    """The first teacher finds the lesson in the day's list and gives everybody a grade."""
    teacher = today.window(FIRST)
    teacher.open("/")
    teacher.page.get_by_role("link", name="5а").first.click()
    teacher.page.locator("input.grade").first.focus()
    assert type_a_grade_each(teacher, "4") == len(CLASSES["5а"])
    teacher.page.keyboard.press("Control+Enter")
    wait_until_saved(teacher)


def november(today: Day) -> None:
    """A wrong grade is corrected; a child moves to 5б and what it got in 5а stays there."""
    teacher = today.window(FIRST)
    teacher.open(f"/entries/grade/{grade_of(today.site, CORRECTED)}")
    teacher.page.locator("#grade").fill("6")
    teacher.page.locator("form.card").first.get_by_label("Причина").fill("грешен ученик")
    teacher.page.get_by_role("button", name="Поправи").click()
    teacher.page.get_by_text("Поправено е.").wait_for()
    leader = today.window(LEADER)
    before = grades_of_5a(leader)
    leader.open(f"/class/student/{student_of(today.site, MOVES)}")
    leader.page.get_by_label("Паралелка").select_option(label="5б")
    leader.page.get_by_role("button", name="Премести").click()
    leader.page.get_by_text("5б").first.wait_for()
    assert grades_of_5a(leader) == before


def january(today: Day) -> None:
    """Term grades of 5а: half of the class by one teacher, the rest by the other in a second sitting."""
    first, rest = today.window(FIRST), today.window(SECOND)
    number = len(CLASSES["5а"]) - 1
    for window, taken in ((first, range(4)), (rest, range(4, number))):
        window.open(sheet(today.site, "5а"))
        window.page.get_by_label("Вид на оценките").select_option("term")
        fields = window.page.locator("input.grade")
        assert fields.count() == number
        for at in taken:
            fields.nth(at).fill("5")
        window.page.keyboard.press("Control+Enter")
        wait_until_saved(window)
    with today.site.database() as database, database.reading() as session:
        given = session.scalars(
            select(func.count(Grade.id))
            .join(School)
            .where(School.institution_code == CODE, Grade.kind == GradeKind.TERM)
        ).one()
    assert given == number


def printed(today: Day) -> dict[str, bytes]:
    """The year's reports as files."""
    return reports(today.window(LEADER))


def september(today: Day, june: dict[str, bytes]) -> None:
    """The school goes over to the next year; the last stays as it was printed, and graduates' codes open nothing."""
    leader = today.window(LEADER)
    leader.open("/school/next-year/preview")
    leader.page.get_by_role("button", name="Премини към").click()
    leader.page.get_by_role("heading", name=f"Училището премина към {START + 1}/{START + 2}").wait_for()
    assert reports(leader) == june
    site = today.site
    assert [class_of(site, number) for number in (CORRECTED, MOVES, GRADUATE)] == ["6а", "6б", "7а"]
    code = code_of(site, GRADUATE)
    with site.database() as database:
        take_leave(database, datetime(START + 1, 9, 16, 8, tzinfo=UTC))
        with database.reading() as session:
            told = session.scalars(
                select(Message.text).where(Message.address == e164(GRADUATE)).order_by(Message.id.desc()).limit(1)
            ).one()
    assert told
    assert whole(GRADUATE).split()[0] in told
    after = datetime(START + 1, 9, 17, 8, tzinfo=UTC)
    assert follow(site, GRADUATE, "+359888999999", code, after) is FollowOutcome.WRONG
    assert reports(leader) == june


def reports(leader: Window) -> dict[str, bytes]:
    """Every report of the year that began in START."""
    found = {}
    for report in REPORTS:
        answer = leader.context.request.get(
            f"{leader.site.url}/reports/{report}/report.csv?span=year&since={START}-11-01"
        )
        if answer.status == 200:
            found[report] = answer.body()
    assert len(found) > 8
    return found


def grades_of_5a(leader: Window) -> list[str]:
    """Its row of the report by classes."""
    answer = leader.context.request.get(f"{leader.site.url}/reports/grades_by_class/report.csv?span=year")
    return next(row for row in csv.reader(io.StringIO(answer.text()), delimiter=";") if row[0] == "5а")


def student_of(site: Site, number: int) -> int:
    """The id of a student of the list."""
    with site.database() as database, database.reading() as session:
        return _student(session, number)


def _student(session: Session, number: int) -> int:
    return session.scalars(
        select(StudentGuardian.student_id)
        .join(Guardian, Guardian.id == StudentGuardian.guardian_id)
        .where(Guardian.phone == e164(number))
    ).one()


def code_of(site: Site, number: int) -> str:
    """The ID-code of a student of the list."""
    with site.database() as database, database.reading() as session:
        return session.scalars(
            select(StudentCode.code).where(
                StudentCode.student_id == _student(session, number), StudentCode.revoked_at.is_(None)
            )
        ).one()


def class_of(site: Site, number: int) -> str:
    """The class that a student of the list is in."""
    with site.database() as database, database.reading() as session:
        found = session.execute(
            select(SchoolClass.level, SchoolClass.letter)
            .join(Student, Student.class_id == SchoolClass.id)
            .where(Student.id == _student(session, number))
        ).one()
        return f"{found.level}{found.letter}"


def grade_of(site: Site, number: int) -> int:
    """The id of the only grade of a student of the list."""
    with site.database() as database, database.reading() as session:
        return session.scalars(select(Grade.id).where(Grade.student_id == _student(session, number))).one()


def phones(site: Site) -> set[str]:
    """Telephones of all guardians of the school."""
    with site.database() as database, database.reading() as session:
        return set(
            session.scalars(
                select(Guardian.phone)
                .join(StudentGuardian, StudentGuardian.guardian_id == Guardian.id)
                .join(Student, Student.id == StudentGuardian.student_id)
                .join(School, School.id == Student.school_id)
                .where(School.institution_code == CODE)
            )
        )


def follow(site: Site, number: int, phone: str, code: str, now: datetime) -> FollowOutcome:
    """Somebody texts the code from the label."""
    with site.database() as database, database.session() as session:
        return by_code(session, phone=phone, operator=None, student_code=code, pin="4711", now=now).outcome


def sheet(site: Site, class_name: str) -> str:
    """The address of a lesson of mathematics of a class today."""
    with site.database() as database, database.reading() as session:
        row = session.execute(
            select(SchoolClass.id, Subject.id.label("subject_id"))
            .join(School, School.id == SchoolClass.school_id)
            .join(Subject, Subject.school_id == School.id)
            .where(School.institution_code == CODE, Subject.name == "Математика")
            .where(SchoolClass.level == int(class_name[0]), SchoolClass.letter == class_name[1])
        ).one()
    return f"/lessons/{row.id}/{row.subject_id}/{site.now.date()}/1"
