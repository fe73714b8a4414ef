"""Whatever families write, importing the same list again finds nothing to do."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from db.session import Database
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
BLANK = st.just(("", "", "", "", ""))
FAMILY = st.tuples(st.one_of(BLANK, GUARDIAN), st.one_of(BLANK, GUARDIAN))
LISTS = st.lists(FAMILY, min_size=1, max_size=5)


@pytest.fixture
def session(untouched_database: Database) -> Iterator[Session]:
    session = untouched_database._writing_session()
    yield session
    session.close()


def carry_out(session: Session, school: Joined, data: bytes) -> None:
    read = roster.read(data, "списък", TODAY)
    shown = roster.prepare(session, school.school, read, TODAY).preview
    roster.carry_out(session, school.school, read, by=school.administrator, now=NOW, shown=shown.fingerprint)


def as_file(families: list[tuple[tuple[str, ...], tuple[str, ...]]]) -> bytes:
    rows = []
    for number, (first, second) in enumerate(families):
        row = student(number, guardian=False, c1="")
        row[8:13], row[13:18] = first, second
        rows.append(row)
    return as_csv(rows)


@given(lists=st.lists(LISTS, min_size=1, max_size=3))
@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_same_list_again_changes_nothing(
    session: Session, lists: list[list[tuple[tuple[str, ...], tuple[str, ...]]]]
) -> None:
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
    finally:
        session.rollback()
