"""A leader enters the timetable in the browser, from a file, and says who substitutes."""

import io
import re
from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import func, select

from db.models import Absence, SchoolClass, Staff, Subject, Timetable
from db.session import Database
from school import timetable_import
from school.timetable.day import lessons_on
from school.timetable_import import FoundTimetable
from tests.admin_web.conftest import ADMINISTRATOR, MATHS, Browser
from tests.school.timetable_import.files import workbook

SignedIn = Callable[[str], Browser]
TODAY = date(2026, 11, 24)
"""A Tuesday."""


def drafted(leader: Browser, database: Database, **more: str) -> int:
    """A new draft that begins today."""
    leader.get("/timetable/")
    leader.post("/timetable/new", {"title": "Нова програма", "starts_on": TODAY.isoformat(), **more})
    with database.reading() as session:
        return session.scalars(select(Timetable.id).order_by(Timetable.id.desc())).first() or 0


def class_8a(database: Database) -> int:
    with database.reading() as session:
        return session.scalars(select(SchoolClass.id).where(SchoolClass.level == 8)).first() or 0


def person(database: Database, login: str) -> Staff:
    with database.reading() as session:
        found = session.scalars(select(Staff).where(Staff.email.startswith(f"{login}@"))).one()
        session.expunge(found)
        return found


def test_a_grid_is_filled_copied_and_put_in_use(signed_in: SignedIn, demonstration: Database) -> None:
    leader = signed_in(ADMINISTRATOR)
    version, class_id = drafted(leader, demonstration), class_8a(demonstration)
    address = f"/timetable/{version}/class/{class_id}"
    page = leader.get(address)
    assert '<option value="Математика / Огнян Петков">' in page
    leader.post(address, {"c1-1": "Математика / Огнян Петков", "c1-2": "Български език и литература"})
    leader.post(f"{address}/copy-day", {"from": "1", "to": "2"})
    page = leader.get(address)
    assert page.count('value="Математика / Огнян Петков"') == 3  # both days, and the list to choose from
    leader.get(f"/timetable/{version}")
    leader.post(f"/timetable/{version}/publish")
    assert "в сила днес" in leader.get("/timetable/")
    with demonstration.reading() as session:
        teacher = person(demonstration, MATHS)
        found = lessons_on(session, teacher.school_id or 0, teacher.id, TODAY)
    assert [(one.lesson, one.class_id) for one in found] == [(1, class_id)]
    assert "1. час" in signed_in(MATHS).get("/")


def test_a_wrong_cell_is_told_where_it_stands_and_what_was_entered_stays(
    signed_in: SignedIn, demonstration: Database
) -> None:
    leader = signed_in(ADMINISTRATOR)
    version, class_id = drafted(leader, demonstration), class_8a(demonstration)
    leader.get(f"/timetable/{version}/class/{class_id}")
    page = leader.post(
        f"/timetable/{version}/class/{class_id}", {"c1-1": "Готварство", "c3-4": "Математика"}, status=422
    )
    assert "Училището няма предмет „Готварство“" in page
    assert 'value="Готварство"' in page
    assert 'value="Математика"' in page
    assert page.count("aria-invalid") == 1


def test_conflicts_are_told_in_sentences_and_may_be_known(signed_in: SignedIn, demonstration: Database) -> None:
    leader = signed_in(ADMINISTRATOR)
    version = drafted(leader, demonstration)
    with demonstration.reading() as session:
        own, other = session.scalars(select(SchoolClass.id).order_by(SchoolClass.level, SchoolClass.letter)).all()[:2]
    for class_id in (own, other):
        leader.get(f"/timetable/{version}/class/{class_id}")
        leader.post(f"/timetable/{version}/class/{class_id}", {"c2-3": "Математика / Огнян Петков"})
    page = leader.get(f"/timetable/{version}")
    assert "Вторник, 3. час: Огнян Петков е едновременно в" in page
    assert "disabled" in page
    leader.post(f"/timetable/{version}/publish")
    assert "има застъпвания (1)" in leader.get(f"/timetable/{version}")
    pair = re.findall(r'name="pair" value="(\d+)"', page)
    leader.post(f"/timetable/{version}/known", {"pair": pair})
    leader.post(f"/timetable/{version}/publish")
    assert "Въведено е в сила" in leader.get(f"/timetable/{version}")


def test_a_file_is_read_its_names_confirmed_and_imported(signed_in: SignedIn, demonstration: Database) -> None:
    leader = signed_in(ADMINISTRATOR)
    leader.get("/timetable/import")
    data = workbook({"8а": [["", "пон", "вт", "ср"], [1, "Мат. / Петкофф", "БЕЛ", None]]})
    page = leader.post("/timetable/import", {"file": (io.BytesIO(data), "есен.xlsx")}, status=200)
    assert "Прочетени са 2 часа." in page
    assert "Петкофф" in page
    assert "Български език и литература" in page
    names = dict(re.findall(r'name="((?:class|subject)\d+)"[^>]*value="([^"]*)"', page))
    wrong = {**names, "teacher0": "Никой Никого", "title": "Есен", "starts_on": TODAY.isoformat()}
    page = leader.post("/timetable/import/carry-out", wrong, status=422)
    assert "Няма учител с име „Никой Никого“" in page
    assert 'value="Никой Никого"' in page
    answers = {**names, "teacher0": "Огнян Петков", "title": "Есен", "starts_on": TODAY.isoformat()}
    leader.post("/timetable/import/carry-out", answers)
    with demonstration.reading() as session:
        version = session.scalars(select(Timetable.id).order_by(Timetable.id.desc())).first()
    assert "Внесени са 2 часа." in leader.get(f"/timetable/{version}")
    leader.get("/timetable/import")
    page = leader.post("/timetable/import", {"file": (io.BytesIO(b"nothing"), "x.pdf")}, status=422)
    assert "нито Excel" in page


def sheet(cell: str) -> bytes:
    """A timetable of one lesson."""
    return workbook({"8а": [["", "пон", "вт", "ср"], [1, cell, None, None]]})


def versions(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Timetable)) or 0


def while_it_is_read(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """While a request has the file and reads it, something else happens, once."""
    read, happened = timetable_import.read, False

    def reads(data: bytes) -> FoundTimetable:
        nonlocal happened
        if not happened:
            happened = True
            happens()
        return read(data)

    monkeypatch.setattr(timetable_import, "read", reads)


def confirmed(leader: Browser) -> dict[str, str]:
    """A file is uploaded, and its names are as guessed."""
    leader.get("/timetable/import")
    page = leader.post("/timetable/import", {"file": (io.BytesIO(sheet("БЕЛ")), "есен.xlsx")}, status=200)
    names = dict(re.findall(r'name="((?:class|subject|teacher)\d+)"[^>]*value="([^"]*)"', page))
    return {**names, "title": "Есен", "starts_on": TODAY.isoformat()}


def test_a_file_that_is_sent_twice_at_once_is_imported_once(
    signed_in: SignedIn, demonstration: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    leader = signed_in(ADMINISTRATOR)
    answers, before = confirmed(leader), versions(demonstration)
    while_it_is_read(monkeypatch, lambda: leader.post("/timetable/import/carry-out", answers))
    page = leader.post("/timetable/import/carry-out", answers, status=422)
    assert "Файлът вече не се пази" in page
    assert versions(demonstration) == before + 1


def test_a_file_that_is_uploaded_meanwhile_stays(
    signed_in: SignedIn, demonstration: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    leader = signed_in(ADMINISTRATOR)
    answers, before = confirmed(leader), versions(demonstration)
    newer = {"file": (io.BytesIO(sheet("Математика")), "пролет.xlsx")}
    while_it_is_read(monkeypatch, lambda: leader.post("/timetable/import", newer, status=200))
    leader.post("/timetable/import/carry-out", answers, status=422)
    assert versions(demonstration) == before
    leader.post("/timetable/import/carry-out", answers)
    assert versions(demonstration) == before + 1


def test_a_mistake_in_the_form_is_told_without_reading_the_file_again(
    signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An old workbook is converted by a process that may take seconds."""
    leader = signed_in(ADMINISTRATOR)
    answers, read = confirmed(leader), []
    real = timetable_import.read

    def reads(data: bytes) -> FoundTimetable:
        read.append(data)
        return real(data)

    monkeypatch.setattr(timetable_import, "read", reads)
    page = leader.post("/timetable/import/carry-out", {**answers, "starts_on": ""}, status=422)
    assert 'name="subject0"' in page
    assert 'value="Есен"' in page
    assert len(read) == 1


def test_a_substitute_enters_the_lesson_and_no_other(signed_in: SignedIn, demonstration: Database) -> None:
    leader = signed_in(ADMINISTRATOR)
    absent, substitute = person(demonstration, MATHS), person(demonstration, "v.kirilov")
    with demonstration.reading() as session:
        lesson = lessons_on(session, absent.school_id or 0, absent.id, TODAY)[0]
        civic = "Гражданско образование (зам.)"
    page = leader.get(f"/timetable/substitutions?on={TODAY}&teacher={absent.id}")
    assert f"{lesson.lesson}. час {lesson.class_name}" in page
    place = f"{lesson.class_id}-{lesson.lesson}"
    chosen = {f"kind-{place}": "non_specialist", f"who-{place}": substitute.id, f"known-{place}": "on"}
    leader.post("/timetable/substitutions", {"on": TODAY, "teacher": absent.id, "reason": "отпуск", **chosen})
    assert civic in leader.get(f"/timetable/substitutions?on={TODAY}")
    teacher = signed_in("v.kirilov")
    page = teacher.get("/")
    assert "замествате Огнян Петков" in page
    with demonstration.reading() as session:
        subject = session.scalars(select(Subject.id).where(Subject.name == civic)).one()
    address = f"/lessons/{lesson.class_id}/{subject}/{TODAY}/{lesson.lesson}"
    assert f'href="{address}"' in page
    page = teacher.get(address)
    assert "Замествате: записвате само този час." in page
    assert "/lessons/student/" not in page
    student = re.findall(r'name="a(\d+)"', page)[0]
    head = {"class_id": lesson.class_id, "subject_id": subject, "on": TODAY, "kind": "current"}
    key = re.findall(r'name="key" value="([^"]+)"', page)[0]
    entry = {f"a{student}": "late", f"s{student}": ""}
    teacher.post("/lessons/save", {**head, "key": key, "lesson": lesson.lesson, **entry})
    with demonstration.reading() as session:
        of = (Absence.student_id == int(student)) & (Absence.on_date == TODAY) & (Absence.lesson == lesson.lesson)
        assert session.scalars(select(Absence.staff_id).where(of)).one() == substitute.id
    other = lesson.lesson + 1
    teacher.get(f"/lessons/{lesson.class_id}/{subject}/{TODAY}/{other}", status=404)


def test_bells_groups_and_days_are_saved_and_refused_in_words(signed_in: SignedIn, demonstration: Database) -> None:
    leader = signed_in(ADMINISTRATOR)
    class_id = class_8a(demonstration)
    leader.get("/timetable/bells")
    leader.post("/timetable/bells", {"name": "Втора смяна", "from1": "13:00", "to1": "13:40"})
    assert "Втора смяна" in leader.get("/timetable/")
    leader.post("/timetable/bells", {"name": "Обърната", "from1": "13:00", "to1": "12:00"})
    assert "свършва, преди да е започнал" in leader.get("/timetable/bells")
    leader.post("/timetable/bells", {"name": "Друга", "from1": "осем", "to1": "12:00"})
    assert "не е час: напишете го като 08:00" in leader.get("/timetable/bells")
    students = re.findall(r'name="student" value="(\d+)"', leader.get(f"/timetable/groups/{class_id}"))
    leader.post(f"/timetable/groups/{class_id}", {"name": "1 група", "student": students[:3]})
    assert "3 ученици" in leader.get(f"/timetable/groups/{class_id}")
    leader.get("/timetable/")
    leader.post("/timetable/days", {"on": "2026-11-28", "weekday": "5"})
    assert "28.11.2026: Петък" in leader.get("/timetable/")
    leader.post("/timetable/days", {"on": "2026-11-29", "weekday": "5"})
    assert "неделя" in leader.get("/timetable/").lower()


def test_characters_that_cannot_be_written_are_left_out(signed_in: SignedIn, demonstration: Database) -> None:
    leader = signed_in(ADMINISTRATOR)
    version, class_id = drafted(leader, demonstration, title="Есен\x00 2"), class_8a(demonstration)
    assert "Есен 2" in leader.get(f"/timetable/{version}")
    leader.post(f"/timetable/{version}/class/{class_id}", {"c1-1": "Математика [1\x00 гр.]"})
    leader.post(f"/timetable/groups/{class_id}", {"name": "2\x00 гр."})
    assert {"1 гр.", "2 гр."} <= set(re.findall(r"<b>([^<]+)</b>", leader.get(f"/timetable/groups/{class_id}")))
    leader.post("/timetable/bells", {"name": "Смяна\x00", "from1": "08:00", "to1": "08:40"})
    assert "Смяна" in leader.get("/timetable/")


def test_no_number_of_a_form_is_our_fault(signed_in: SignedIn, demonstration: Database) -> None:
    leader = signed_in(ADMINISTRATOR)
    version, class_id = drafted(leader, demonstration), class_8a(demonstration)
    leader.get("/timetable/")
    huge = "9" * 30
    forms: dict[str, dict[str, object]] = {
        "/timetable/new": {"title": "x", "starts_on": TODAY, "copy_of": huge},
        f"/timetable/{version}/known": {"pair": [huge, huge]},
        f"/timetable/{version}/bells": {f"bells_{huge}": huge, f"bells_{class_id}": huge},
        f"/timetable/{version}/class/{class_id}/copy-class": {"source": huge},
        f"/timetable/{version}/class/{class_id}/copy-day": {"from": huge, "to": "1"},
        f"/timetable/groups/{class_id}": {"name": "x", "student": huge},
        "/timetable/days": {"on": TODAY, "weekday": huge, "week": huge},
        "/timetable/substitutions": {
            "on": TODAY, "teacher": huge, "reason": "x", f"kind-{class_id}-1": "specialist", f"who-{class_id}-1": huge,
        },
    }  # fmt: skip
    missing = {f"/timetable/{version}/class/{class_id}/copy-class"}
    for address, fields in forms.items():
        answer = leader.answer("POST", address, data={"csrf_token": leader._token, **fields})
        assert answer.status_code == (404 if address in missing else 302), address
    assert leader.answer("GET", f"/timetable/substitutions?teacher={huge}").status_code == 200
