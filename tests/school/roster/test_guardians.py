"""Whatever the school knows, who is found for a list is found for it again: without a database, hence many at once."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from db.kinds import GuardianRelation
from school.roster.facts import Facts, KnownGuardian
from school.roster.guardians import match
from school.roster.rows import GuardianRow

CHILDREN = 3
FIRST = st.sampled_from(["Силвия", "СИЛВИЯ", "Мая"])
PHONE = st.sampled_from([None, "1", "2"])
EMAIL = st.sampled_from([None, "a", "b"])
ROW = st.builds(GuardianRow, st.just(""), st.just(GuardianRelation.MOTHER), FIRST, st.just("Колева"), PHONE, EMAIL)
KNOWN = st.lists(st.tuples(FIRST, PHONE, EMAIL, st.sets(st.integers(0, CHILDREN - 1))), max_size=4)
"""Guardians of the school, also two of one name and telephone, each with their children."""
List = Sequence[Sequence[GuardianRow]]


def school(known: Sequence[tuple[str, str | None, str | None, set[int]]]) -> Facts:
    """A school whose children are all there."""
    guardians = {
        id_: KnownGuardian(id_, first, "Колева", phone, email) for id_, (first, phone, email, _) in enumerate(known, 1)
    }
    links = {
        child: {id_: GuardianRelation.MOTHER for id_, (*_, children) in enumerate(known, 1) if child in children}
        for child in range(CHILDREN)
    }
    return Facts(1, 1, {}, {}, {}, {}, guardians, links, {}, {}, {}, {})


def after(facts: Facts, rows: List) -> Facts:
    """The school once a list is carried out; every row got whom it names, and nobody new is somebody else again."""
    matched = match(enumerate(rows), facts)
    ids, guardians, links = [], dict(facts.guardians), {child: dict(own) for child, own in facts.links.items()}
    for step in matched.steps:
        ids.append(step.id or len(guardians) + 1)
        guardians[ids[-1]] = KnownGuardian(ids[-1], step.first_name, step.last_name, step.phone, step.email)
    telephones = [(step.phone, step.first_name.casefold()) for step in matched.steps]
    assert all(step.id or not step.phone or telephones.count(one) == 1
               for step, one in zip(matched.steps, telephones, strict=True))  # fmt: skip
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


FAMILY = st.lists(ROW, max_size=2).filter(on_one_row)


@settings(max_examples=1000)
@given(
    KNOWN, st.lists(st.lists(st.lists(ROW, max_size=2).filter(on_one_row), max_size=CHILDREN), min_size=1, max_size=2)
)
def test_who_is_found_is_found_again(
    known: Sequence[tuple[str, str | None, str | None, set[int]]], lists: Sequence[List]
) -> None:
    facts = school(known)
    for rows in lists:
        facts = after(facts, rows)
        assert after(facts, rows) == facts
