"""A student's guardians: recorded by who may, checked, and gone when they are nobody's any more."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.kinds import GuardianRelation
from db.models import Guardian, StudentGuardian
from errors import ForbiddenError, InputError, MissingError
from school.staff import authority
from school.students import guardians
from school.students.guardians import GuardianRow
from tests.school.students.small_schools import FATHER, MOTHER, NOW, SmallSchool

NONE_SUCH = "This student has no such guardian."


def add(here: SmallSchool, **values: Any) -> int:
    """Мария's mother, by the class teacher."""
    given: dict[str, Any] = {"by": here.class_teacher, "student_id": here.student, "now": NOW}
    given |= {"first_name": "Силвия", "last_name": "Колева", "relation": GuardianRelation.MOTHER}
    given |= {"phone": "0888 123 456", "email": " Silvia@Example.org "}
    return guardians.add_guardian(here.session, **given | values)


def change(here: SmallSchool, guardian_id: int, **values: Any) -> None:
    given: dict[str, Any] = {"by": here.class_teacher, "student_id": here.student, "now": NOW}
    given |= {"first_name": "Силвия", "last_name": "Иванова", "relation": GuardianRelation.FOSTER_PARENT}
    given |= {"guardian_id": guardian_id, "phone": "", "email": ""}
    guardians.change_guardian(here.session, **given | values)


def remove(here: SmallSchool, guardian_id: int, **values: Any) -> None:
    given: dict[str, Any] = {"by": here.class_teacher, "student_id": here.student, "now": NOW}
    guardians.remove_guardian(here.session, **given | {"guardian_id": guardian_id} | values)


def listed(here: SmallSchool, student: int | None = None, by: int | None = None) -> tuple[GuardianRow, ...]:
    known = authority.known_student(here.session, by or here.leader, student or here.student)
    return guardians.guardians(here.session, known)


def share(here: SmallSchool, guardian_id: int) -> None:
    """The guardian is Иван's too."""
    row = {"school_id": here.id, "student_id": here.classmate, "guardian_id": guardian_id}
    here.session.add(StudentGuardian(**row, relation=GuardianRelation.MOTHER))
    here.session.flush()


def persons(session: Session) -> int:
    return session.scalars(select(func.count()).select_from(Guardian)).one()


def test_a_guardian_is_kept_with_a_number_by_which_texts_are_recognised(here: SmallSchool) -> None:
    id_ = add(here)
    assert listed(here) == (
        GuardianRow(id_, "Силвия", "Колева", GuardianRelation.MOTHER, MOTHER, "silvia@example.org"),
    )
    assert listed(here, here.classmate) == ()


def test_neither_number_nor_address_is_asked_for(here: SmallSchool) -> None:
    add(here, phone=" ", email="")
    (row,) = listed(here)
    assert (row.phone, row.email) == (None, None)


def test_guardians_are_listed_in_the_order_in_which_they_were_recorded(here: SmallSchool) -> None:
    ids = [add(here), add(here, first_name="Ангел", relation=GuardianRelation.FATHER, phone=FATHER)]
    assert [one.guardian_id for one in listed(here)] == ids


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"first_name": " "}, "first and a last name"),
        ({"last_name": ""}, "first and a last name"),
        ({"first_name": "я" * 81}, "longer than 80 characters"),
        ({"last_name": "я" * 81}, "longer than 80 characters"),
        ({"phone": "12"}, "no telephone number: write it as 0888123456"),
        ({"phone": "088812345"}, "no telephone number"),
        ({"email": "silvia"}, "no e-mail address"),
        ({"email": "a@b@c"}, "no e-mail address"),
        ({"email": "a b@example.org"}, "no e-mail address"),
        ({"email": "a@" + "b" * 253}, "no e-mail address"),
    ],
)
def test_what_cannot_be_is_refused_at_either_door(here: SmallSchool, wrong: dict[str, str], error: str) -> None:
    with pytest.raises(InputError, match=error):
        add(here, **wrong)
    assert persons(here.session) == 0
    id_ = add(here)
    before = listed(here)
    with pytest.raises(InputError, match=error):
        change(here, id_, **wrong)
    assert listed(here) == before


def test_the_longest_name_and_address_still_go(here: SmallSchool) -> None:
    id_ = add(here, first_name="я" * 80, email="a@" + "b" * 252)
    assert listed(here)[0].guardian_id == id_


def test_a_correction_is_that_of_the_person_and_the_relation_that_of_the_child(here: SmallSchool) -> None:
    id_ = add(here)
    share(here, id_)
    change(here, id_, phone="0878123457")
    (mine,), (siblings,) = listed(here), listed(here, here.classmate)
    assert (mine.last_name, mine.phone, mine.email) == ("Иванова", FATHER, None)
    assert (siblings.last_name, siblings.phone) == ("Иванова", FATHER)
    assert (mine.relation, siblings.relation) == (GuardianRelation.FOSTER_PARENT, GuardianRelation.MOTHER)


def test_who_is_guardian_of_another_child_stays_when_taken_from_one(here: SmallSchool) -> None:
    id_ = add(here)
    share(here, id_)
    remove(here, id_)
    assert listed(here) == ()
    assert [one.guardian_id for one in listed(here, here.classmate)] == [id_]
    remove(here, id_, student_id=here.classmate)
    assert persons(here.session) == 0


def test_a_guardian_of_another_student_is_not_found_here(here: SmallSchool) -> None:
    id_ = add(here)
    with pytest.raises(MissingError, match=NONE_SUCH):
        change(here, id_, student_id=here.classmate)
    with pytest.raises(MissingError, match=NONE_SUCH):
        remove(here, id_, student_id=here.classmate)
    remove(here, id_)
    with pytest.raises(MissingError, match=NONE_SUCH):
        remove(here, id_)


@pytest.mark.parametrize("who", ["teacher", "idle"])
def test_only_the_class_teacher_and_leaders_know_guardians(here: SmallSchool, who: str) -> None:
    id_, by = add(here), getattr(here, who)
    for act in (
        lambda: add(here, by=by),
        lambda: change(here, id_, by=by),
        lambda: remove(here, id_, by=by),
        lambda: listed(here, by=by),
    ):
        with pytest.raises(ForbiddenError, match="Only the class teacher"):
            act()
    assert len(listed(here, by=here.class_teacher)) == 1


def test_another_schools_students_and_guardians_are_not_there(here: SmallSchool, elsewhere: SmallSchool) -> None:
    id_ = add(elsewhere)
    by = here.leader
    with pytest.raises(MissingError, match="no such student"):
        add(here, by=by, student_id=elsewhere.student)
    with pytest.raises(MissingError, match="no such student"):
        change(here, id_, by=by, student_id=elsewhere.student)
    for act in (change, remove):
        with pytest.raises(MissingError, match=NONE_SUCH):
            act(here, id_, by=by)
    assert listed(elsewhere)[0].last_name == "Колева"


def test_the_audit_says_who_did_what_and_repeats_no_personal_data(here: SmallSchool) -> None:
    id_ = add(here)
    change(here, id_)
    remove(here, id_, by=here.leader)
    rows = [here.audited(f"guardian.{what}")[0] for what in ("added", "changed", "removed")]
    assert [(one.entity_id, one.staff_id) for one in rows] == [
        (id_, here.class_teacher), (id_, here.class_teacher), (id_, here.leader),
    ]  # fmt: skip
    assert [one.details for one in rows] == [{"student_id": here.student}] * 3
