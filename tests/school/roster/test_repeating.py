"""Whatever families write, importing the same list again finds nothing to do."""

from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Guardian, Student, StudentGuardian
from school import roster
from school.roster import Change
from tests.school.joined import NOW, TODAY, Joined, joined
from tests.school.roster.files import as_csv, student

GUARDIAN = st.tuples(
    st.sampled_from(["майка", "баща", "баба"]),
    st.sampled_from(["Силвия", "СИЛВИЯ", "Иван"]),
    st.sampled_from(["Иванова", "Колева"]),
    st.sampled_from(["", "0888000111", "0888000222", "0888000333"]),
    st.sampled_from(["", "a@mail.example", "b@mail.example"]),
)
Cells = tuple[str, str, str, str, str]
Family = tuple[Cells, Cells]
NOBODY: Cells = ("", "", "", "", "")
FAMILY = st.tuples(st.one_of(st.just(NOBODY), GUARDIAN), st.one_of(st.just(NOBODY), GUARDIAN))
LISTS = st.lists(FAMILY, min_size=1, max_size=5)


def carry_out(session: Session, school: Joined, data: bytes) -> None:
    read = roster.read(data, "списък", TODAY)
    shown = roster.prepare(session, school.school, read, TODAY).preview
    roster.carry_out(session, school.school, read, by=school.administrator, now=NOW, shown=shown.fingerprint)


def as_file(families: list[Family], *, backwards: bool = False) -> bytes:
    """A list of children 0, 1, ... with their guardians."""
    rows = []
    for number, (first, second) in enumerate(families):
        row = student(number, guardian=False)
        row[8:13], row[13:18] = first, second
        rows.append(row)
    return as_csv(rows[::-1] if backwards else rows)


def mother(phone: str = "", email: str = "") -> Cells:
    return ("майка", "Силвия", "Колева", phone, email)


def only(one: Cells = NOBODY) -> Family:
    return (one, NOBODY)


OLD, NEW = "0888000111", "0888000222"
MAIL = "a@mail.example"


@given(lists=st.lists(LISTS, min_size=1, max_size=3))
@example(lists=[[only(), only(mother())], [only(mother(OLD)), only(mother(OLD))]])
@example(lists=[[only(), only(mother("", MAIL))], [only(mother(OLD, MAIL)), only(mother())]])
@example(lists=[[only(mother(OLD)), only(mother(OLD))], [only(mother(NEW)), only(mother())]])
@hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_same_list_again_changes_nothing(session: Session, lists: list[list[Family]]) -> None:
    """Also after other lists of the same children, with other telephones and addresses."""
    session.begin()
    try:
        school = joined(session)
        for families in lists:
            data = as_file(families)
            read = roster.read(data, "списък", TODAY)
            if read.problems:
                continue  # the same guardian twice on a row
            carry_out(session, school, data)
            again = roster.prepare(session, school.school, read, TODAY).preview
            assert {one.change for one in again.entries} <= {Change.UNCHANGED, Change.MISSING}
            assert_nobody_is_lost(session, school, families)
    finally:
        session.rollback()


def guardians(session: Session, school: Joined) -> dict[int, list[Guardian]]:
    """Child's number -> guardians; the number in the class is one more than that of the row."""
    found: dict[int, list[Guardian]] = {}
    for number, guardian in session.execute(
        select(Student.number_in_class, Guardian)
        .join(StudentGuardian, StudentGuardian.student_id == Student.id)
        .join(Guardian, Guardian.id == StudentGuardian.guardian_id)
        .where(Student.school_id == school.school)
        .execution_options(populate_existing=True)
    ):
        assert number is not None
        found.setdefault(number - 1, []).append(guardian)
    return found


def assert_nobody_is_lost(session: Session, school: Joined, families: list[Family]) -> None:
    """Every child has each guardian of their row, with the telephone it gives."""
    of_child = guardians(session, school)
    for number, family in enumerate(families):
        has = [
            (one.first_name.casefold(), one.last_name.casefold(), one.phone or "") for one in of_child.get(number, ())
        ]
        for _, first, last, phone, _ in family:
            wanted = (first.casefold(), last.casefold(), "+359" + phone[1:] if phone else "")
            if first:
                assert any(one[:2] == wanted[:2] and wanted[2] in ("", one[2]) for one in has), (number, wanted, has)


@dataclass(frozen=True)
class Case:
    """A list that is imported after another one, and how many people its guardians are then, old ones included."""

    name: str
    before: list[Family]
    now: list[Family]
    people: int


CASES = [
    Case("the first child has nobody yet, the second somebody without telephone",
         [only(), only(mother())], [only(mother(OLD)), only(mother(OLD))], 1),
    Case("each child had somebody without telephone, who may have been two",
         [only(mother()), only(mother())], [only(mother(OLD)), only(mother(OLD))], 2),
    Case("the other child's row leaves the telephone out, and she was theirs before",
         [only(mother(OLD)), only(mother(OLD))], [only(mother(NEW)), only(mother())], 1),
    Case("a new telephone on both rows",
         [only(mother(OLD)), only(mother(OLD))], [only(mother(NEW)), only(mother(NEW))], 1),
    Case("a new telephone, and a child that had nobody",
         [only(), only(mother(OLD))], [only(mother(NEW)), only(mother(NEW))], 1),
    Case("one row keeps the telephone, the other gives another: two people",
         [only(mother(OLD)), only(mother(OLD))], [only(mother(OLD)), only(mother(NEW))], 2),
    Case("another child's new row gives the old telephone: it is still hers",
         [only(), only(mother(OLD))], [only(mother(OLD)), only(mother(NEW))], 2),
    Case("by e-mail, without telephone on one of two new rows",
         [], [only(mother(OLD, MAIL)), only(mother("", MAIL))], 1),
    Case("by e-mail, somebody known without telephone gets one from another child's row",
         [only(), only(mother("", MAIL))], [only(mother(OLD, MAIL)), only(mother())], 1),
    Case("by an e-mail that this list tells first",
         [only(), only(mother())], [only(mother(OLD, MAIL)), only(mother("", MAIL))], 1),
    Case("by an e-mail that this list tells first, nobody has a telephone",
         [only(), only(mother())], [only(mother("", MAIL)), only(mother("", MAIL))], 1),
    Case("by an e-mail that a row with the telephone tells",
         [only(), only(mother(OLD))], [only(mother("", MAIL)), only(mother(OLD, MAIL))], 1),
    Case("one e-mail, two telephones: two people",
         [], [only(mother(OLD, MAIL)), only(mother(NEW, MAIL))], 2),
    Case("without telephone and e-mail nothing says that two children's mothers are one",
         [], [only(mother()), only(mother())], 2),
    Case("somebody without telephone beside somebody with: the same name in two families",
         [], [only(mother(OLD)), only(mother())], 2),
]  # fmt: skip


@pytest.mark.parametrize("backwards", [False, True], ids=["as it is", "backwards"])
@pytest.mark.parametrize("case", CASES, ids=lambda one: one.name)
def test_who_is_meant_does_not_hang_on_the_order_of_rows(session: Session, case: Case, backwards: bool) -> None:
    session.begin()
    try:
        school = joined(session)
        if case.before:
            carry_out(session, school, as_file(case.before))
        data = as_file(case.now, backwards=backwards)
        carry_out(session, school, data)
        of_child = guardians(session, school)
        assert len({one.id for each in of_child.values() for one in each}) == case.people
        assert_nobody_is_lost(session, school, case.now)
        again = roster.prepare(session, school.school, roster.read(data, "списък", TODAY), TODAY).preview
        assert {one.change for one in again.entries} == {Change.UNCHANGED}
    finally:
        session.rollback()
