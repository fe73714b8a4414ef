"""Names change and numbers were recorded wrongly: what is checked, what is kept, and what nobody is told."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from db.models import School, Student
from errors import ForbiddenError, InputError, MissingError
from school import setup
from school.privacy.people import of_student
from school.security.crypto import vault
from school.students import national_ids
from tests.school.joined import NOW, TODAY, Joined, audited, student
from tests.school.roster.files import egn


def recorded(session: Session, school: Joined, number: str, class_name: str | None = "8а") -> int:
    one = session.get_one(Student, student(session, school, class_name))
    known = national_ids.parse(number, TODAY)
    one.national_id_encrypted = known.encrypted(vault(session))
    one.national_id_hash = known.fingerprint(vault(session))
    session.flush()
    return one.id


def correct(session: Session, school: Joined, student_id: int, number: str, birth: date | None = None) -> None:
    setup.correct_national_id(
        session, school.school, student_id, number, birth_date=birth, by=school.administrator, now=NOW
    )


def rename(session: Session, school: Joined, student_id: int, **changed: object) -> None:
    names = {"first_name": "Иван", "middle_name": "Петров", "last_name": "Колев", "by": school.administrator}
    setup.rename(session, school.school, student_id, now=NOW, **(names | changed))  # type: ignore[arg-type]


def test_the_old_name_is_in_the_history(session: Session, school: Joined) -> None:
    one = recorded(session, school, egn(1))
    rename(session, school, one)
    assert audited(session, "student.renamed") == []
    rename(session, school, one, first_name="Ивана", last_name="Колева-Димова")
    assert setup.identity(session, school.school, one).name == "Ивана Петров Колева-Димова"
    ((at, by, row, details),) = audited(session, "student.renamed")
    assert (at, by, row) == (school.school, school.administrator, one)
    assert (details["before"], details["after"]) == ("Иван Петров Колев", "Ивана Петров Колева-Димова")
    with pytest.raises(InputError):
        rename(session, school, one, first_name="4")


def test_a_number_is_checked_and_brings_the_birth_date(session: Session, school: Joined) -> None:
    one = recorded(session, school, egn(1))
    with pytest.raises(InputError):
        correct(session, school, one, "1234567890")
    correct(session, school, one, egn(2))
    row = session.get_one(Student, one)
    assert row.birth_date == national_ids.parse(egn(2), TODAY).birth_date
    assert row.national_id_hash == national_ids.parse(egn(2), TODAY).fingerprint(vault(session))
    ((_, _, _, details),) = audited(session, "student.national_id_corrected")
    assert egn(2) not in str(details)
    assert "*" in details["after"]


def test_another_childs_number_is_refused_alike_whatever_the_school(
    session: Session, school: Joined, stranger: Joined
) -> None:
    one = recorded(session, school, egn(1))
    recorded(session, school, egn(2))
    recorded(session, stranger, egn(3))
    said = set()
    for number in (egn(2), egn(3)):
        with pytest.raises(InputError) as refused:
            correct(session, school, one, number)
        said.add(str(refused.value))
    assert len(said) == 1
    assert session.get_one(Student, one).national_id_hash == national_ids.parse(egn(1), TODAY).fingerprint(
        vault(session)
    )


def test_who_left_another_school_may_be_here_now(session: Session, school: Joined, stranger: Joined) -> None:
    one = recorded(session, school, egn(1))
    recorded(session, stranger, egn(3), None)
    correct(session, school, one, egn(3))
    assert session.get_one(Student, one).national_id_hash == national_ids.parse(egn(3), TODAY).fingerprint(
        vault(session)
    )


def test_only_leaders_of_the_very_school(session: Session, school: Joined, stranger: Joined) -> None:
    one = recorded(session, school, egn(1))
    with pytest.raises(ForbiddenError):
        rename(session, school, one, by=stranger.administrator)
    with pytest.raises(MissingError):
        rename(session, stranger, one, by=stranger.administrator)
    with pytest.raises(MissingError):
        setup.identity(session, stranger.school, one)
    assert of_student(session, school.school, one).row_id == one


def test_a_school_is_renamed(session: Session, school: Joined) -> None:
    setup.rename_school(session, school.school, "СУ „Иван Вазов“", "Русе", by=school.administrator, now=NOW)
    assert session.get_one(School, school.school).name == "СУ „Иван Вазов“"
    ((_, _, _, details),) = audited(session, "school.renamed")
    assert details["before"].startswith("Основно училище")
