"""A leader takes the school over to its next year, page by page, and back."""

import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
import time_machine
from sqlalchemy import func, select

from db.models import Enrolment, Rollover, SchoolClass, SchoolYear, Staff, Student, TeachingAssignment
from db.session import Database
from school.security.crypto import vault
from school.students import national_ids
from tests.admin_web.conftest import ADMINISTRATOR, Browser
from tests.admin_web.structure.test_weight import MOST_BYTES, MOST_STATEMENTS, statements
from tests.school.roster.files import STUDENT_HEAD, as_xlsx, student

SignedIn = Callable[[str], Browser]
JULY = datetime(2027, 7, 5, 9, 0, tzinfo=UTC)
ROOT = "/school/next-year/"


@pytest.fixture
def leader(signed_in: SignedIn, at_school: time_machine.Traveller) -> Browser:
    """The administrator in July, when the year has ended."""
    at_school.move_to(JULY)
    return signed_in(ADMINISTRATOR)


def class_of(database: Database, name: str, start: int = 2026) -> int:
    with database.reading() as session:
        rows = session.execute(
            select(SchoolClass.id, SchoolClass.level, SchoolClass.letter)
            .join(SchoolYear, SchoolYear.id == SchoolClass.school_year_id)
            .where(func.extract("year", SchoolYear.starts_on) == start)
        )
        return next(int(row.id) for row in rows if f"{row.level}{row.letter}" == name)


def in_class(database: Database, class_id: int) -> list[int]:
    with database.reading() as session:
        return list(
            session.scalars(select(Student.id).where(Student.class_id == class_id).order_by(Student.number_in_class))
        )


def names_of_classes(database: Database) -> dict[int, str]:
    """Of each student the class they are in."""
    with database.reading() as session:
        rows = session.execute(
            select(Student.id, SchoolClass.level, SchoolClass.letter, SchoolYear.starts_on)
            .join(SchoolClass, SchoolClass.id == Student.class_id)
            .join(SchoolYear, SchoolYear.id == SchoolClass.school_year_id)
        )
        return {row.id: f"{row.starts_on.year} {row.level}{row.letter}" for row in rows}


def everything(database: Database) -> list[list[tuple[object, ...]]]:
    with database.reading() as session:
        return [
            [tuple(row) for row in session.execute(select(table.__table__).order_by(table.__table__.c.id))]
            for table in (SchoolClass, TeachingAssignment, Enrolment, Student)
        ]


def carried_out(leader: Browser) -> str:
    page = leader.get(ROOT + "preview")
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen, page
    leader.post(ROOT + "carry-out", seen=seen[1])
    return leader.get(ROOT)


def decided(leader: Browser, class_id: int, decisions: dict[int, str]) -> None:
    page = leader.get(f"{ROOT}classes/{class_id}")
    fields = dict.fromkeys(re.findall(r'name="(student_\d+)"', page), "")
    leader.post(f"{ROOT}classes/{class_id}", fields | {f"student_{id_}": what for id_, what in decisions.items()})


def test_before_the_end_of_the_year_there_is_nothing_to_prepare(signed_in: SignedIn, demonstration: Database) -> None:
    leader = signed_in(ADMINISTRATOR)
    assert "се подготвя от 01.05.2027" in leader.get(ROOT)
    leader.get(ROOT + "preview", status=302)
    leader.post(ROOT + "carry-out", seen="x")
    assert "още не може да се подготвя" in leader.get(ROOT)
    with demonstration.reading() as session:
        assert session.scalars(select(Rollover.id)).all() == []


def test_a_school_goes_over_to_its_next_year_and_back(leader: Browser, demonstration: Database) -> None:
    eighth = class_of(demonstration, "8а")
    repeater, leaver, mover, *others = in_class(demonstration, eighth)
    before = everything(demonstration)
    assert "Към 2027/2028 учебна година" in leader.get(ROOT)
    decided(leader, eighth, {repeater: "repeats", leaver: "leaves", mover: "9в"})
    assert everything(demonstration) == before  # deciding changes nothing yet
    page = leader.get(ROOT + "preview")
    assert [page.count(f"<td>{word}</td>") for word in ("повтаря", "напуска")] == [1, 1]
    page = carried_out(leader)
    assert "Училището премина към 2027/2028" in page
    now = names_of_classes(demonstration)
    assert (now[repeater], now[leaver], now[mover]) == ("2027 8а", "2026 8а", "2027 9в")
    assert {now[id_] for id_ in others} == {"2027 9а"}

    leads = re.findall(r'name="lead" value="(\d+)"', page)
    assert str(class_of(demonstration, "9а", 2027)) in leads
    leader.post(ROOT + "confirm", lead=leads[0])
    assert leads[0] not in re.findall(r'name="lead" value="(\d+)"', leader.get(ROOT))

    leader.get(ROOT)
    leader.post(ROOT + "undo")
    page = leader.get(ROOT)
    assert "Преминаването е върнато" in page
    assert everything(demonstration)[2:] == before[2:]
    assert names_of_classes(demonstration)[leaver] == "2026 8а"
    assert 'value="repeats" selected' in leader.get(f"{ROOT}classes/{eighth}")  # what was decided is kept


def test_what_was_looked_at_is_what_is_done(leader: Browser, demonstration: Database) -> None:
    eighth = class_of(demonstration, "8а")
    page = leader.get(ROOT + "preview")
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen
    decided(leader, eighth, {in_class(demonstration, eighth)[0]: "leaves"})
    before = everything(demonstration)
    leader.post(ROOT + "carry-out", seen=seen[1])
    assert "В училището има промени" in leader.get(ROOT + "preview")
    assert everything(demonstration) == before


def test_a_whole_class_may_go_elsewhere_and_a_wrong_class_is_told(leader: Browser, demonstration: Database) -> None:
    eighth = class_of(demonstration, "8а")
    everybody = in_class(demonstration, eighth)
    page = leader.get(f"{ROOT}classes/{eighth}")
    fields = dict.fromkeys(re.findall(r'name="(student_\d+)"', page), "")
    leader.post(f"{ROOT}classes/{eighth}", fields | {f"student_{everybody[0]}": "repeats", "whole": "9б"})
    carried_out(leader)
    now = names_of_classes(demonstration)
    assert now[everybody[0]] == "2027 8а"
    assert {now[id_] for id_ in everybody[1:]} == {"2027 9б"}


def test_nonsense_is_told_and_nothing_is_kept(leader: Browser, demonstration: Database) -> None:
    eighth = class_of(demonstration, "8а")
    first = in_class(demonstration, eighth)[0]
    leader.get(f"{ROOT}classes/{eighth}")
    page = leader.post(f"{ROOT}classes/{eighth}", {f"student_{first}": "стая 5"}, status=200)
    assert 'role="alert"' in page
    leader.post(ROOT + "settings", finishing="7", farewell_on="2020-01-01")
    assert "проверете датата на сбогуването" in leader.get(ROOT)
    leader.post(ROOT + "settings", farewell_on="утре")
    assert "„утре“ не е дата" in leader.get(ROOT)


def test_levels_that_finish_and_the_last_day_are_the_schools_own(leader: Browser, demonstration: Database) -> None:
    leader.get(ROOT)
    leader.post(ROOT + "settings", finishing="8", farewell_on="2027-06-30")
    page = leader.get(ROOT + "preview")
    assert "до 30.06.2027" in page
    eighth = in_class(demonstration, class_of(demonstration, "8а"))
    carried_out(leader)
    assert {names_of_classes(demonstration)[id_] for id_ in eighth} == {"2026 8а"}


def test_a_list_is_held_against_the_plan(leader: Browser, demonstration: Database) -> None:
    """Of 8а one is missing, one is in 9б by the list, and one in it is new; the others of the school are missing."""
    eighth = in_class(demonstration, class_of(demonstration, "8а"))
    with demonstration.reading() as session:
        numbers = {
            one.id: national_ids.decrypt(vault(session), one.national_id_encrypted).number
            for one in session.scalars(select(Student).where(Student.id.in_(eighth)))
        }
    rows = []
    for place, id_ in enumerate(eighth[1:]):
        row = student(place, "9б" if place == 0 else "9а")
        row[1], row[5], row[6] = "", numbers[id_], ""
        rows.append(row)
    rows.append(student(90, "9а"))
    leader.get(ROOT + "list")
    data = as_xlsx({"Ученици": [STUDENT_HEAD, *rows]})
    before = everything(demonstration)
    page = leader.post(ROOT + "list", status=200, file=(io.BytesIO(data), "нова.xlsx"))
    assert everything(demonstration) == before
    assert f'name="leaves" value="{eighth[0]}"' in page
    assert f'name="placed" value="{eighth[1]}-9б" checked' in page
    assert re.search(r'Нови</th><td class="number">1</td>', page)
    leader.post(ROOT + "list/apply", leaves=str(eighth[0]), placed=f"{eighth[1]}-9б")
    carried_out(leader)
    now = names_of_classes(demonstration)
    assert (now[eighth[0]], now[eighth[1]], now[eighth[2]]) == ("2026 8а", "2027 9б", "2027 9а")


def test_pages_are_light_in_a_school_of_a_thousand(leader: Browser, demonstration: Database) -> None:
    with demonstration.session() as session:
        year, school = session.execute(
            select(SchoolYear.id, SchoolYear.school_id).order_by(SchoolYear.starts_on)
        ).all()[-1]
        teacher = session.scalars(select(Staff.id).where(Staff.school_id == school)).first()
        pattern = session.scalars(select(Student)).first()
        assert pattern is not None
        number = 10**6
        for level in range(1, 13):
            for letter in "клм":
                one = SchoolClass(
                    school_id=school, school_year_id=year, level=level, letter=letter, class_teacher_id=teacher
                )
                session.add(one)
                session.flush()
                for place in range(28):
                    number += 1
                    row = Student(
                        school_id=school, class_id=one.id, number_in_class=place, first_name="Александър",
                        middle_name="Константинов", last_name="Хаджиконстантинов", birth_date=date(2012, 1, 1),
                        national_id_kind=pattern.national_id_kind, national_id_hash=number.to_bytes(32, "big"),
                        national_id_encrypted=pattern.national_id_encrypted, created_at=JULY,
                    )  # fmt: skip
                    session.add(row)
                    session.flush()
                    session.add(
                        Enrolment(
                            school_id=school, student_id=row.id, class_id=one.id, number_in_class=place,
                            starts_on=date(2026, 9, 15), reason="admitted",
                        )
                    )  # fmt: skip
        session.flush()
        big = session.scalars(select(func.max(SchoolClass.id))).one()
    decided(leader, big, dict.fromkeys(in_class(demonstration, big), "repeats"))
    leader.get(ROOT)
    for address in ("", "preview", f"classes/{big}", "list"):
        with statements() as asked:
            page = leader.get(ROOT + address)
        assert len(asked) <= MOST_STATEMENTS, (address, len(asked), asked)
        assert len(page.encode()) + 30_000 < MOST_BYTES, (address, len(page.encode()))
    carried_out(leader)
    with statements() as asked:
        page = leader.get(ROOT)
    assert len(asked) <= MOST_STATEMENTS, asked
    assert len(page.encode()) + 30_000 < MOST_BYTES
