"""A leader with a list of their own: the columns, the questions, what will happen; all of it without scripts."""

import io
import re
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.pool import Pool

from db.models import Grade, GradeImport, Guardian, Notification, SchoolClass, Student, StudentGuardian
from db.session import Database
from tests.admin_web.conftest import ADMINISTRATOR, MATHS, Browser
from tests.admin_web.forms import fields_of
from tests.school.roster import lists
from tests.school.roster.files import Cells, as_csv, as_xlsx, egn
from tests.school.roster.lists import e164, mobile, person, whole
from tests.school.roster.old_excel import as_xls

SignedIn = Callable[[str], Browser]
LARGEST_PAGE = 100_000
FIRST = 700
"""Numbers of people whom the demonstration school has not."""


def upload(leader: Browser, data: bytes, name: str = "списък.xlsx") -> str:
    """Hand in a file; the page that follows."""
    leader.get("/school/import")
    answer = leader.post("/school/import", file=(io.BytesIO(data), name))
    (address,) = re.findall(r'href="(/school/import/[a-z]+)"', answer)
    return leader.get(address)


def columns(leader: Browser, page: str, **said: str) -> str:
    """Hand in the page of columns as it is proposed, with other choices; the page that follows."""
    leader.post("/school/import/columns", fields_of(page) | said)
    return leader.get("/school/import/check")


def answered(leader: Browser, page: str, **said: str) -> str:
    """Hand in the page of problems."""
    leader.post("/school/import/check", fields_of(page, "/school/import/check") | said)
    return leader.get("/school/import/check")


def carried_out(leader: Browser, page: str) -> str:
    """Confirm what the page shows."""
    return leader.post("/school/import/carry-out", fields_of(page, "/school/import/carry-out"), status=200)


def rows(count: int, class_name: str = "8а") -> list[Cells]:
    return [[class_name, whole(n), egn(n), mobile(n), "пътува"] for n in range(FIRST, FIRST + count)]


HEAD = ("Паралелка", "Ученик", "ЕГН", "Тел. на родител", "Забележка")


class TestColumns:
    def test_what_nobody_knows_is_asked_in_yellow_and_nothing_goes_on_without_an_answer(
        self, signed_in: SignedIn, demonstration: Database
    ) -> None:
        leader = signed_in(ADMINISTRATOR)
        page = upload(leader, as_csv(rows(3), head=HEAD))
        assert re.findall(r'<tr class="ask"><th scope="row"><b>(\w)</b>', page) == ["E"]
        assert "Иван Стоянов Петров" in page or "Мария Петрова Иванова" in page
        assert egn(FIRST) not in page
        leader.post("/school/import/columns", fields_of(page))
        page = leader.get("/school/import/columns")
        assert "Кажете за всяка отбелязана колона" in page
        page = columns(leader, page, **{"s0-c4-what": ""})
        assert "3 нови ученици" in carried_out(leader, page)
        with demonstration.reading() as session:
            found = set(session.scalars(select(Guardian.phone)))
        assert {e164(n) for n in range(FIRST, FIRST + 3)} <= found

    def test_what_was_said_is_remembered_for_the_next_file_of_the_same_form(self, signed_in: SignedIn) -> None:
        leader = signed_in(ADMINISTRATOR)
        page = upload(leader, as_csv(rows(2), head=HEAD))
        carried_out(leader, columns(leader, page, **{"s0-c4-what": ""}))
        page = upload(leader, as_csv(rows(4), head=HEAD))
        assert "Ето какво ще стане" in page

    def test_a_wrong_guess_is_put_right(self, signed_in: SignedIn, demonstration: Database) -> None:
        leader = signed_in(ADMINISTRATOR)
        page = upload(leader, as_csv([row[:4] for row in rows(3)], head=("Паралелка", "Ученик", "ЕГН", "Телефон")))
        page = columns(leader, page, **{"s0-c3-whose": "father"})
        carried_out(leader, page)
        with demonstration.reading() as session:
            relation = session.scalars(
                select(StudentGuardian.relation)
                .join(Guardian, Guardian.id == StudentGuardian.guardian_id)
                .where(Guardian.phone == e164(FIRST))
            ).one()
        assert relation == "father"

    def test_two_columns_for_one_thing_and_a_telephone_of_nobody_are_refused(self, signed_in: SignedIn) -> None:
        leader = signed_in(ADMINISTRATOR)
        page = upload(leader, as_csv(rows(3), head=HEAD))
        leader.post("/school/import/columns", fields_of(page) | {"s0-c4-what": "class"})
        assert "Две колони са избрани за едно и също" in leader.get("/school/import/columns")
        leader.post("/school/import/columns", fields_of(page) | {"s0-c4-what": "", "s0-c3-whose": ""})
        assert "на кого е телефонът" in leader.get("/school/import/columns")

    def test_the_row_of_the_headings_can_be_told(self, signed_in: SignedIn) -> None:
        leader = signed_in(ADMINISTRATOR)
        page = upload(leader, as_csv([row[:4] for row in rows(3)], head=("а", "б", "в", "г")))
        leader.post("/school/import/columns", fields_of(page) | {"s0-header": "0", "again": "1"})
        page = leader.get("/school/import/columns")
        assert 'value="0"' in page
        assert "<b>A</b> </th>" in page

    def test_a_class_that_nothing_tells_is_asked_for(self, signed_in: SignedIn) -> None:
        leader = signed_in(ADMINISTRATOR)
        page = upload(leader, as_csv([row[1:4] for row in rows(3)], head=HEAD[1:4]))
        assert "Никъде не пише от коя паралелка" in page
        assert "3 нови ученици" in carried_out(leader, columns(leader, page, **{"s0-class": "8а"}))

    def test_another_file_in_another_window_is_not_answered_by_mistake(self, signed_in: SignedIn) -> None:
        leader = signed_in(ADMINISTRATOR)
        page = upload(leader, as_csv(rows(3), head=HEAD))
        upload(leader, as_csv(rows(2), head=HEAD))
        leader.post("/school/import/columns", fields_of(page) | {"s0-c4-what": ""})
        assert "качете го отново" in leader.get("/school/import")

    def test_who_leads_nothing_sees_nothing(self, signed_in: SignedIn) -> None:
        teacher = signed_in(MATHS)
        for address in ("/school/import/columns", "/school/import/check", "/school/import/grades"):
            teacher.get(address, status=403)


class TestQuestions:
    def listed(self) -> bytes:
        found = [[*row[:4]] for row in rows(12)]
        for row in found[:6]:
            row[0] = "11B"
        for row in found[6:9]:
            row[3] = "тел"
        found[9][2] = "1234567890"
        return as_csv(found, head=HEAD[:4])

    def test_equal_problems_are_one_line_and_answered_once(self, signed_in: SignedIn, demonstration: Database) -> None:
        leader = signed_in(ADMINISTRATOR)
        page = columns(leader, upload(leader, self.listed()))
        assert page.count('<section class="card"') == 3
        assert "6 пъти, редове: 2, 3, 4, 5, 6, 7" in page
        assert "3 пъти, редове: 8, 9, 10" in page
        assert "Предлагаме" in page
        keys = dict(zip(("class", "phone", "id"), re.findall(r'name="do-(\w+)"', page), strict=True))
        cells = re.findall(r'name="(cell-\w+)" value="тел"', page)
        said = {cells[0]: mobile(FIRST + 6), f"do-{keys['id']}": "leave_out"}
        page = answered(leader, page, **said)
        assert "2 пъти, редове: 9, 10" in page  # the first was put right
        (key,) = re.findall(r'name="do-(\w+)"', page)
        page = answered(leader, page, **{f"do-{key}": "without"})
        assert "1 ред остава извън списъка" in page
        assert "11 нови ученици" in carried_out(leader, page)
        with demonstration.reading() as session:
            phones = set(session.scalars(select(Guardian.phone)))
            named = session.scalars(
                select(SchoolClass.letter)
                .join(Student, Student.class_id == SchoolClass.id)
                .join(StudentGuardian, StudentGuardian.student_id == Student.id)
                .join(Guardian, Guardian.id == StudentGuardian.guardian_id)
                .where(Guardian.phone == e164(FIRST))
            ).one()
        assert {e164(FIRST + n) for n in (0, 1, 2, 3, 4, 5, 6, 10, 11)} <= phones
        assert named == "б"

    def test_a_whole_school_in_which_everything_is_wrong_is_a_page_of_bearable_size(
        self, signed_in: SignedIn, demonstration: Database
    ) -> None:
        leader = signed_in(ADMINISTRATOR)
        listed = [
            ["13щ", f"{person(n)[0]}{n}", "12345", f"0888 {n}", f"x{n}", "кой знае", "вчера", "100", "може би"]
            for n in range(2000)
        ]
        head = ["Клас", "Име", "ЕГН", "Родител 1 - телефон", "Родител 1 - имейл", "Родител 1 - кой е",
                "Дата на раждане", "№ в класа", "СОП"]  # fmt: skip
        page = upload(leader, as_csv(listed, head=[*head, "Фамилия"]))
        if "Колоните на" in page:
            assert len(page.encode()) < LARGEST_PAGE
            page = columns(leader, page)
        assert len(page.encode()) < LARGEST_PAGE


class TestCost:
    @pytest.fixture
    def statements(self, demonstration: Database) -> list[str]:
        found: list[str] = []
        with demonstration.reading() as session:
            engine = session.get_bind()
        event.listen(engine, "before_cursor_execute", lambda *told: found.append(told[2]))
        return found

    def test_pages_are_small_and_ask_little(self, signed_in: SignedIn, statements: list[str]) -> None:
        leader = signed_in(ADMINISTRATOR)
        listed = lists.admin_export()
        page = upload(leader, listed.data, "справка.csv")
        statements.clear()
        page = leader.get("/school/import/columns")
        told = [one for one in statements if one.lstrip().upper().startswith("SELECT")]
        assert len(told) <= 10, told
        assert len(page.encode()) < LARGEST_PAGE
        said = {name: "" for name, value in fields_of(page).items() if value == "?"}
        columns(leader, page, **said)
        statements.clear()
        page = leader.get("/school/import/check")
        told = [one for one in statements if one.lstrip().upper().startswith("SELECT")]
        assert len(told) <= 10, told
        assert len(page.encode()) < LARGEST_PAGE

    def test_sixty_columns_are_still_one_page(self, signed_in: SignedIn) -> None:
        leader = signed_in(ADMINISTRATOR)
        head = [*HEAD[:4], *(f"Непозната колона номер {n}" for n in range(26))]
        page = upload(leader, as_xlsx({"Л": [head, *([*row[:4], *["някаква стойност"] * 26] for row in rows(3))]}))
        assert len(page.encode()) < LARGEST_PAGE


class TestGrades:
    def test_a_sheet_is_taken_over_and_taken_back(self, signed_in: SignedIn, demonstration: Database) -> None:
        leader = signed_in(ADMINISTRATOR)
        with demonstration.reading() as session:
            class_id = session.scalars(
                select(SchoolClass.id).where(SchoolClass.level == 8, SchoolClass.letter == "а").limit(1)
            ).one()
            named = session.execute(
                select(Student.first_name, Student.middle_name, Student.last_name).where(Student.class_id == class_id)
            ).all()
            told = session.scalar(select(func.count()).select_from(Notification))
        sheet: list[Cells] = [["№", "Име", "12.10.2026"], *([n, " ".join(one), 5] for n, one in enumerate(named, 1))]
        page = upload(leader, as_xlsx({"8а": sheet}))
        assert "като за целия лист" in page
        page = columns(leader, page)
        assert "Изберете предмета" in page
        page = leader.get("/school/import/columns")
        page = columns(leader, page, **{"s0-g-1-subject": "Математика", "s0-g-1-kind": "control_work"})
        assert f"Ще бъдат внесени {len(named)} оценки." in page
        shown = fields_of(page, "/school/import/grades/take-over")
        leader.post("/school/import/grades/take-over", shown)
        page = leader.get("/school/import/grades")
        assert f"Внесени са {len(named)} оценки." in page
        with demonstration.reading() as session:
            import_id = session.scalars(select(GradeImport.id)).one()
            grades = session.scalars(select(Grade.student_id).where(Grade.import_id == import_id)).all()
            assert session.scalar(select(func.count()).select_from(Notification)) == told
        assert len(grades) == len(named)
        assert "внесена от друг дневник" in leader.get(f"/lessons/student/{grades[0]}")
        leader.post(f"/school/import/grades/{import_id}/take-back")
        assert f"Махнати са {len(named)} оценки." in leader.get("/school/import/grades")
        with demonstration.reading() as session:
            assert session.scalar(select(func.count()).where(Grade.import_id == import_id)) == 0


class TestReadingTheFile:
    def test_each_page_reads_it_once_and_holds_no_connection_meanwhile(
        self, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An old workbook is read by a process of its own, for up to twenty seconds."""
        leader = signed_in(ADMINISTRATOR)
        data = as_xls({"Лист": [("Клас", "Име", "Фамилия", "ЕГН"), ("8а", "Ана", "Динева", egn(FIRST))]})
        ever: list[int] = []
        in_use: list[int] = []
        reads: list[int] = []
        run = subprocess.run

        def watched(*arguments: Any, **more: Any) -> Any:
            reads.append(len(in_use))
            return run(*arguments, **more)

        def taken(*_told: object) -> None:
            in_use.append(1)
            ever.append(1)

        def given_back(*_told: object) -> None:
            in_use.pop()

        monkeypatch.setattr(subprocess, "run", watched)
        event.listen(Pool, "checkout", taken)
        event.listen(Pool, "checkin", given_back)
        try:
            leader.get("/school/import")
            leader.post("/school/import", file=(io.BytesIO(data), "стар.xls"))
            assert reads == [0]
            page = leader.get("/school/import/columns")
            page = columns(leader, page)
            assert reads == [0] * 4
            carried_out(leader, page)
            assert reads == [0] * 5
            assert ever
        finally:
            event.remove(Pool, "checkout", taken)
            event.remove(Pool, "checkin", given_back)

    def test_what_was_carried_out_is_not_carried_out_again(self, signed_in: SignedIn) -> None:
        leader = signed_in(ADMINISTRATOR)
        page = columns(leader, upload(leader, as_csv(rows(2), head=HEAD)), **{"s0-c4-what": ""})
        fields = fields_of(page, "/school/import/carry-out")
        carried_out(leader, page)
        leader.get("/school/import")
        leader.post("/school/import/carry-out", fields)
        assert "Файлът вече не се пази" in leader.get("/school/import")
