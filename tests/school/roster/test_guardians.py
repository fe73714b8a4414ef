"""Whatever the school knows, who is found for a list is found for it again: without a database, hence many at once."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from db.kinds import GuardianRelation
from school.roster.facts import Facts, KnownGuardian
from school.roster.guardians import match
from school.roster.rows import GuardianRow

FIRST = st.sampled_from(["Силвия", "СИЛВИЯ", "Мая"])
PHONE = st.sampled_from([None, "1", "2", "3"])
EMAIL = st.sampled_from([None, "a", "b"])
ROW = st.builds(GuardianRow, st.just(""), st.just(GuardianRelation.MOTHER), FIRST, st.just("Колева"), PHONE, EMAIL)
KNOWN = st.lists(st.tuples(FIRST, PHONE, EMAIL, st.sets(st.integers(0, 4), max_size=3)), max_size=5)
"""Guardians of the school, also two of one name and telephone, each with their children."""
List = Sequence[Sequence[GuardianRow]]


def school(known: Sequence[tuple[str, str | None, str | None, set[int]]]) -> Facts:
    """A school whose five children all are there."""
    guardians = {
        id_: KnownGuardian(id_, first, "Колева", phone, email) for id_, (first, phone, email, _) in enumerate(known, 1)
    }
    links = {
        child: {id_: GuardianRelation.MOTHER for id_, (*_, children) in enumerate(known, 1) if child in children}
        for child in range(5)
    }
    return Facts(1, 1, {}, {}, {}, {}, guardians, links, {}, {}, frozenset(), {})


def after(facts: Facts, rows: List) -> Facts:
    """The school once a list is carried out; every row got whom it names."""
    matched = match(enumerate(rows), facts)
    ids, guardians, links = [], dict(facts.guardians), {child: dict(own) for child, own in facts.links.items()}
    for step in matched.steps:
        ids.append(step.id or len(guardians) + 1)
        guardians[ids[-1]] = KnownGuardian(ids[-1], step.first_name, step.last_name, step.phone, step.email)
    for child, (family, places) in enumerate(zip(rows, matched.places, strict=True)):
        assert len(set(places)) == len(family)
        for row, place in zip(family, places, strict=True):
            found = guardians[ids[place]]
            assert found.first_name.casefold() == row.first_name.casefold()
            assert row.phone in (None, found.phone)
            links[child][found.id] = row.relation
    in_order = {child: dict(sorted(own.items())) for child, own in links.items()}
    return replace(facts, guardians=guardians, links=in_order)


def on_one_row(rows: Sequence[GuardianRow]) -> bool:
    """What a file may say of one child."""
    return not any(one.may_be(other) for number, one in enumerate(rows) for other in rows[:number])


@given(KNOWN, st.lists(st.lists(st.lists(ROW, max_size=2).filter(on_one_row), max_size=5), min_size=1, max_size=2))
def test_who_is_found_is_found_again(
    known: Sequence[tuple[str, str | None, str | None, set[int]]], lists: Sequence[List]
) -> None:
    facts = school(known)
    for rows in lists:
        facts = after(facts, rows)
        assert after(facts, rows) == facts
