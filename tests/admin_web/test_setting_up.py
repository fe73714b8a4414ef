"""A school from its request to the first grade, as its people go through it; and what a leader changes later."""

import io
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI
from openpyxl import load_workbook
from sqlalchemy import func, select

from db.kinds import Channel
from db.models import Grade, Message, School, SchoolClass, Student, StudentCode, Subject, TeachingAssignment
from db.session import Database
from school.security.crypto import vault
from tests.admin_web.conftest import ADMINISTRATOR, CLASS_TEACHER_OF_8A, MATHS, OPERATOR, Browser
from tests.school.roster.files import STAFF_HEAD, STUDENT_HEAD, as_xlsx, egn, student

SignedIn = Callable[[str], Browser]
NEW_PASSWORD = "три зелени хълма"
REQUEST: dict[str, Any] = {
    "institution_code": "1690180",
    "school_name": "Основно училище „Васил Левски“",
    "town": "Видин",
    "first_name": "Радка",
    "last_name": "Иванова",
    "email": "radka@levski.example",
    "phone": "",
    "text": "",
}
YEAR: dict[str, Any] = {
    "starts_on": "2026-09-15", "ends_on": "2027-09-14", "term_1_starts": "2026-09-15", "term_1_ends": "2027-01-30",
    "term_2_starts": "2027-02-03", "term_2_ends": "2027-06-30",
}  # fmt: skip


def link_on(page: str) -> str:
    """The address of a one-time link that a page shows."""
    found = re.search(r"http://[^/]+(/password/[\w-]+)", page)
    assert found, page
    return found[1]


def link_to(database: Database, email: str) -> str:
    """The address of the one-time link in the newest letter to an address."""
    with database.reading() as session:
        sealed = session.scalars(
            select(Message.pin_encrypted).where(Message.address == email).order_by(Message.id.desc()).limit(1)
        ).one()
        assert sealed is not None
        return "/password/" + vault(session).decrypt("message pin", sealed).rpartition("/")[2]


def choose_password(browser: Browser, address: str) -> None:
    """Follow an invitation."""
    browser.get(address)
    browser.post(address, password=NEW_PASSWORD, again=NEW_PASSWORD)


def students(count: int, wrong: bool) -> list[list[object]]:
    """Rows of a school of two classes; five of them with one mistake each, all different."""
    rows = [student(number, "7а" if number % 2 else "7б") for number in range(count)]
    if wrong:
        rows[9][5] = "1234567890"
        rows[99][0] = "13а"
        rows[149][2] = ""
        rows[199][11] = "12"
        rows[249][5] = rows[248][5]
    for number, row in enumerate(rows):
        row[1] = str(number // 2 + 1) if number < 180 else ""
    return rows


def upload(browser: Browser, data: bytes, status: int, **options: str) -> str:
    """Hand in a file in the template's form, and what the next page says of it."""
    browser.get("/school/import")
    answer = browser.post("/school/import", options, status=None, file=(io.BytesIO(data), "списък.xlsx"))
    if "/school/import/check" in answer:
        return browser.get("/school/import/check", status=status)
    assert status == 422, answer
    return answer


def test_a_school_goes_from_its_request_to_the_first_grade(app: OpenAPI, demonstration: Database) -> None:
    visitor, operator = Browser(app.test_client()), Browser(app.test_client())
    visitor.get("/join")
    visitor.post("/join", REQUEST)
    operator.sign_in(OPERATOR)
    request = re.search(r"/platform/requests/(\d+)", operator.get("/platform/"))
    assert request
    invitation = link_on(operator.post(f"/platform/requests/{request[1]}", status=200, decision="approve"))

    leader = Browser(app.test_client())
    choose_password(leader, invitation)
    leader.sign_in_as(REQUEST["email"], NEW_PASSWORD)
    page = leader.get("/school/")
    assert "Готови стъпки: 0 от 6" in page
    assert page.index("Учебна година") < page.index("Продължете оттук") < page.index("Паралелки")

    year = leader.get("/school/years/new?start=2026")
    assert 'value="2027-05-15"' in year  # level 12 ends early
    holiday = {"starts_on": "2026-09-22", "ends_on": "2026-09-22", "name": "Ден на независимостта"}
    dates = YEAR | {f"vacations-0-{name}": value for name, value in holiday.items()}
    leader.post("/school/years/new?start=2026", dates)
    address = re.search(r"/school/classes/\d+/add", leader.get("/school/classes"))
    assert address
    leader.post(address[0], level_7="2", names="")
    assert "Добавени са 2 паралелки." in leader.get("/school/classes")
    leader.get("/school/subjects")
    leader.post("/school/subjects/add", standard="Математика", names="Шахмат\nРобика")
    assert "Добавени са 3 предмета." in leader.get("/school/subjects")

    wrong = as_xlsx({"Ученици": [STUDENT_HEAD, *students(300, wrong=True)]})
    page = upload(leader, wrong, 200)
    assert "5 грешки във файла" in page
    assert re.findall(r"1 път, ред: (\d+)", page) == ["11", "101", "151", "201", "251"]
    with demonstration.reading() as session:
        assert (
            session.scalar(select(func.count(Student.id)).join(School).where(School.institution_code == "1690180")) == 0
        )

    staff = [["Огнян", "Петков", "ognyan@levski.example", "учител", "7а", "Математика", "7а, 7б", ""]]
    right = as_xlsx({"Ученици": [STUDENT_HEAD, *students(300, wrong=False)], "Персонал": [STAFF_HEAD, *staff]})
    page = upload(leader, right, 200)
    shown = re.search(r'name="shown" value="(\w+)"', page)
    assert shown
    assert '<td class="number">300</td>' in page
    page = leader.post("/school/import/carry-out", status=200, shown=shown[1], invite="1")
    assert "300 нови ученици" in page
    assert "Всичко от файла вече е в училището." in upload(leader, right, 200)
    assert "Готови стъпки" not in leader.get("/school/")

    teacher = Browser(app.test_client())
    assert "/password/" not in page  # a link is its owner's alone
    choose_password(teacher, link_to(demonstration, "ognyan@levski.example"))
    teacher.sign_in_as("ognyan@levski.example", NEW_PASSWORD)
    with demonstration.reading() as session:
        class_id = session.scalars(
            select(SchoolClass.id).join(School).where(School.institution_code == "1690180", SchoolClass.letter == "а")
        ).one()
        subject_id = session.scalars(
            select(Subject.id).join(School).where(School.institution_code == "1690180", Subject.name == "Математика")
        ).one()
        student_id = session.scalars(select(Student.id).where(Student.class_id == class_id).limit(1)).one()
        codes = session.scalar(
            select(func.count(StudentCode.code)).join(School).where(School.institution_code == "1690180")
        )
    assert codes == 300
    sheet = teacher.get(f"/lessons/{class_id}/{subject_id}/2026-11-24/1")
    key = re.search(r'name="key" value="([\w-]+)"', sheet)
    assert key
    fields = {"class_id": class_id, "subject_id": subject_id, "on": "2026-11-24", "lesson": "1", "kind": "current"}
    teacher.post("/lessons/save", fields | {"key": key[1], f"g{student_id}": "6"})
    with demonstration.reading() as session:
        assert session.scalars(select(Grade.value).where(Grade.student_id == student_id)).one() == 6


NEW_PRINCIPAL = ("Яна", "Димова", "yana@school.example", "директор", "", "", "", "")


class TestImporting:
    def test_the_template_is_a_workbook_with_both_lists(self, signed_in: SignedIn) -> None:
        answer = signed_in(ADMINISTRATOR).answer("GET", "/school/import/template.xlsx")
        assert load_workbook(io.BytesIO(answer.data)).sheetnames[:2] == ["Ученици", "Персонал"]

    def test_a_file_that_is_no_list_is_refused_with_what_to_do(self, signed_in: SignedIn) -> None:
        assert "уеб страница, а не таблица" in upload(signed_in(ADMINISTRATOR), b"<html><table></table></html>", 422)
        assert "празен" in upload(signed_in(ADMINISTRATOR), b"", 422)

    def test_what_was_shown_is_what_happens_or_nothing(self, signed_in: SignedIn, demonstration: Database) -> None:
        leader = signed_in(ADMINISTRATOR)
        page = upload(leader, as_xlsx({"Ученици": [STUDENT_HEAD, student(3, "8а", c1="40")]}), 200)
        shown = re.search(r'name="shown" value="(\w+)"', page)
        assert shown
        leader.post("/school/import/carry-out", shown=shown[1], missing_leave="1")
        assert "прегледайте файла отново" in leader.get("/school/import")
        with demonstration.reading() as session:
            assert session.scalar(select(func.count(Student.id)).where(Student.left_on.is_not(None))) == 0

    def test_an_english_page_tells_the_problems_and_the_changes_in_english(self, signed_in: SignedIn) -> None:
        leader = signed_in(ADMINISTRATOR)
        leader.get("/language/en", status=302)
        assert "is not a class: write it in Cyrillic, like 8а." in upload(
            leader, as_xlsx({"Ученици": [STUDENT_HEAD, student(3, "13а", c1="40")]}), 200
        )
        page = upload(leader, as_xlsx({"Персонал": [STAFF_HEAD, NEW_PRINCIPAL]}), 200)
        assert "Role: <ins>principal</ins>" in page

    def test_a_list_that_was_not_looked_at_is_asked_for_again(self, signed_in: SignedIn) -> None:
        leader = signed_in(ADMINISTRATOR)
        leader.get("/school/import")
        leader.post("/school/import/carry-out", shown="00")
        assert "качете го отново" in leader.get("/school/import")


class TestStaff:
    def test_a_new_teacher_is_invited_by_e_mail_and_the_link_is_nowhere_in_clear(
        self, signed_in: SignedIn, demonstration: Database
    ) -> None:
        leader = signed_in(ADMINISTRATOR)
        leader.get("/school/staff")
        fields: dict[str, Any] = {
            "first_name": "Яна",
            "last_name": "Димова",
            "email": "yana@school.example",
            "roles": "teacher",
        }
        page = leader.post("/school/staff", status=200, **fields)
        token = link_to(demonstration, fields["email"]).rpartition("/")[2]
        assert token not in page
        with demonstration.reading() as session:
            row = session.execute(
                select(Message.channel, Message.text, Message.pin_encrypted).where(Message.address == fields["email"])
            ).one()
        assert row.channel is Channel.EMAIL
        assert "{pin}" in row.text
        assert token.encode() not in row.pin_encrypted
        assert "вече влиза човек от училището" in leader.post("/school/staff", status=200, **fields)

    def test_who_is_switched_off_is_out_at_once(self, signed_in: SignedIn) -> None:
        leader, teacher = signed_in(ADMINISTRATOR), signed_in(MATHS)
        address = re.search(r'"(/school/staff/\d+)">Огнян Петков', leader.get("/school/staff"))
        assert address
        leader.get(address[1])
        leader.post(address[1], first_name="Огнян", last_name="Петков", roles="teacher")
        page = leader.get(address[1] + "/leaving")  # he teaches: somebody has to take that over
        teacher.get("/lessons/")
        duties = re.findall(r'name="((?:lead|teach)_\d+)"', page)
        assert duties
        leader.post(address[1] + "/leaving", dict.fromkeys(duties, "nobody"))
        teacher.get("/lessons/", status=302)

    def test_nobody_takes_their_own_rights_away(self, signed_in: SignedIn) -> None:
        leader = signed_in(ADMINISTRATOR)
        address = re.search(r'"(/school/staff/\d+)">Димитрина', leader.get("/school/staff"))
        assert address
        leader.get(address[1])
        page = leader.post(address[1], status=200, first_name="Д", last_name="К", roles="teacher", is_active="y")
        assert "собствените си права" in page


class TestTeaching:
    def test_a_subject_is_given_to_a_teacher_and_taken_back(self, signed_in: SignedIn, demonstration: Database) -> None:
        leader = signed_in(ADMINISTRATOR)
        page = leader.get("/school/teaching")
        form = re.search(r'action="(/school/teaching/\d+/assign)"', page)
        assert form
        subject = re.search(r'<option value="(\d+)">История', page)
        teacher = re.search(r'<option value="(\d+)">Огнян Петков', page)
        class_id = re.search(r'name="class" value="(\d+)"> 8а', page)
        assert subject
        assert teacher
        assert class_id
        leader.post(form[1], teacher=teacher[1], subject=subject[1], more={"class": class_id[1]})
        assert "Добавено е 1 възлагане." in leader.get("/school/teaching")
        with demonstration.reading() as session:
            made = session.scalars(
                select(TeachingAssignment.id).where(
                    TeachingAssignment.staff_id == int(teacher[1]), TeachingAssignment.subject_id == int(subject[1])
                )
            ).one()
        leader.post(f"/school/teaching/{made}/end")
        assert "Възлагането е прекратено" in leader.get("/school/teaching")


class TestSettings:
    @pytest.mark.parametrize(
        ("field", "value", "sentence"),
        [
            ("delay_minutes", "1441", "Изчакването е от 0 до 1440 минути"),
            ("until_hour", "7", "от един час на деня до по-късен"),
        ],
    )
    def test_what_cannot_be_is_refused(self, signed_in: SignedIn, field: str, value: str, sentence: str) -> None:
        leader = signed_in(ADMINISTRATOR)
        leader.get("/school/telling")
        good: dict[str, Any] = {
            "delay_minutes": "15", "from_hour": "9", "until_hour": "19", "today_from_hour": "9",
            "voice_message_days": "30",
        }  # fmt: skip
        assert sentence in leader.post("/school/telling", good | {field: value}, status=200)
        leader.post("/school/telling", good)

    def test_the_school_decides_how_its_parents_are_told(self, signed_in: SignedIn, demonstration: Database) -> None:
        leader = signed_in(ADMINISTRATOR)
        leader.get("/school/telling")
        hours: dict[str, Any] = {"from_hour": "9", "until_hour": "19", "today_from_hour": "10"}
        leader.post("/school/telling", delay_minutes="15", pin_always="y", voice_message_days="30", **hours)
        with demonstration.reading() as session:
            school = session.scalars(select(School)).one()
        assert (school.notify_delay_minutes, school.from_hour, school.until_hour) == (15, 9, 19)
        assert (school.pin_always, school.latin_sms) == (True, False)
        assert "променени настройки за уведомяване" in leader.get("/school/history")

    def test_phrases_are_offered_to_teachers(self, signed_in: SignedIn) -> None:
        leader = signed_in(ADMINISTRATOR)
        leader.get("/school/phrases")
        leader.post(
            "/school/phrases", censure="Няма домашна.\n\nНяма домашна.\nРазговаря.", praise="Помага на другите."
        )
        page = leader.get("/school/phrases")
        assert "Няма домашна.\r\nРазговаря." in page or "Няма домашна.\nРазговаря." in page
        lessons = signed_in(CLASS_TEACHER_OF_8A).get("/lessons/")
        address = re.search(r'"(/lessons/\d+/\d+/[\d-]+/\d)"', lessons)
        assert address
        assert "<option>Помага на другите.</option>" in signed_in(CLASS_TEACHER_OF_8A).get(address[1])


class TestAudience:
    @pytest.mark.parametrize("page", ["", "years", "classes", "subjects", "staff", "teaching", "telling", "import"])
    def test_teachers_set_nothing_up(self, signed_in: SignedIn, page: str) -> None:
        signed_in(MATHS).get(f"/school/{page}", status=403)


def test_dates_that_contradict_each_other_are_told_and_nothing_typed_is_lost(signed_in: SignedIn) -> None:
    leader = signed_in(ADMINISTRATOR)
    leader.get("/school/years/new?start=2027")
    wrong = {name: value.replace("2027", "2028").replace("2026", "2027") for name, value in YEAR.items()}
    page = leader.post("/school/years/new?start=2027", wrong | {"term_2_starts": "2027-12-01"}, status=200)
    assert "Вторият срок почва, преди първият да е свършил" in page
    assert 'value="2027-12-01"' in page
    assert date(2027, 9, 15).isoformat() in page
    leader.get("/school/years/new?start=2027")
    turned = {"term_1_starts": "2028-01-20", "term_1_ends": "2027-10-01"}
    page = leader.post("/school/years/new?start=2027", wrong | turned, status=200)
    assert "Първият срок: краят е преди началото" in page


NEW_STUDENT: dict[str, Any] = {
    "class": "8а", "number": "", "first": "Калина", "middle": "", "last": "Русева", "national_id": egn(7),
    "birth": "", "special": "", "guardian1_relation": "майка", "guardian1_first": "Ива",
    "guardian1_last": "Русева", "guardian1_phone": "0888777666", "guardian1_email": "",
}  # fmt: skip


class TestStudents:
    def test_one_student_is_added_by_the_rules_of_a_list(self, signed_in: SignedIn, demonstration: Database) -> None:
        leader = signed_in(ADMINISTRATOR)
        leader.get("/school/students/new")
        page = leader.post("/school/students/new", NEW_STUDENT | {"national_id": "123", "first": ""}, status=200)
        assert "ЕГН/ЛНЧ: ЕГН и ЛНЧ са от 10 цифри" in page
        assert "Име: Празна клетка" in page
        assert 'value="Русева"' in page
        leader.post("/school/students/new", NEW_STUDENT)
        assert "Калина Русева" in leader.get("/school/students?q=русева кал")
        with demonstration.reading() as session:
            code = session.scalars(
                select(StudentCode.code)
                .join(Student)
                .where(Student.first_name == "Калина", Student.last_name == "Русева")
            ).one()
        assert "Калина Русева" in leader.get(f"/school/students?q={code[:4]} {code[4:]}")

    def test_another_class_keeps_the_code_and_leaving_ends_it(
        self, signed_in: SignedIn, demonstration: Database
    ) -> None:
        leader = signed_in(ADMINISTRATOR)
        with demonstration.reading() as session:
            student = session.scalars(select(Student).where(Student.class_id.is_not(None)).limit(1)).one()
            other = session.scalars(select(SchoolClass.id).where(SchoolClass.id != student.class_id)).one()
        leader.get(f"/class/student/{student.id}")
        leader.post(f"/school/students/{student.id}/move", class_id=other)
        in_force = select(StudentCode.code).where(
            StudentCode.student_id == student.id, StudentCode.revoked_at.is_(None)
        )
        with demonstration.reading() as session:
            assert session.get_one(Student, student.id).class_id == other
            assert session.scalar(in_force)
        leader.get(f"/class/student/{student.id}")
        leader.post(f"/school/students/{student.id}/leave")
        with demonstration.reading() as session:
            gone = session.get_one(Student, student.id)
            assert (gone.class_id, gone.left_on) == (None, date(2026, 11, 24))
            assert session.scalar(in_force) is None
        leader.get(f"/class/student/{student.id}", status=404)
