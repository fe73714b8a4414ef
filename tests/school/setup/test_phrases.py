"""The phrases that a school's teachers choose from."""

import pytest
from sqlalchemy.orm import Session

from db.kinds import RemarkKind
from errors import ForbiddenError, InputError
from school.setup.phrases import change_phrases, phrases
from tests.school.joined import NOW, Joined, audited, person

CENSURE, PRAISE = RemarkKind.CENSURE, RemarkKind.PRAISE
NONE: dict[RemarkKind, tuple[str, ...]] = {CENSURE: (), PRAISE: ()}


def change(session: Session, school: Joined, censures: tuple[str, ...], praises: tuple[str, ...] = ()) -> None:
    change_phrases(
        session, school.school, {CENSURE: censures, PRAISE: praises}, by=school.administrator, now=NOW
    )  # fmt: skip


def test_they_are_kept_tidied_in_their_order_and_once(session: Session, school: Joined) -> None:
    change(session, school, ("Закъснява", "  Без   домашна ", "", "Закъснява"), ("Помага", "Закъснява"))
    assert phrases(session, school.school) == {
        CENSURE: ("Закъснява", "Без домашна"), PRAISE: ("Помага", "Закъснява")
    }  # fmt: skip
    assert audited(session, "phrases.changed") == [(school.school, school.administrator, school.school, {"number": 4})]


def test_new_ones_take_the_place_of_the_old_in_this_school_only(
    session: Session, school: Joined, stranger: Joined
) -> None:
    change(session, school, ("Закъснява",), ("Помага",))
    change(session, stranger, ("Шуми",))
    change(session, school, ("Говори в час",))
    assert phrases(session, school.school) == {CENSURE: ("Говори в час",), PRAISE: ()}
    change(session, school, ())
    assert phrases(session, school.school) == NONE
    assert phrases(session, stranger.school) == {CENSURE: ("Шуми",), PRAISE: ()}


def test_the_most_and_the_longest_are_taken(session: Session, school: Joined) -> None:
    many = tuple(f"Фраза {number}" for number in range(60))
    change(session, school, (*many, *many), ("х" * 200,))
    assert phrases(session, school.school) == {CENSURE: many, PRAISE: ("х" * 200,)}


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        (("х" * 201,), rf"^The phrase “{'х' * 30}…” is longer than 200 characters: shorten it\.$"),
        (
            tuple(f"Фраза {number}" for number in range(61)),
            r"^There are more than 60 phrases: keep those you need most\.$",
        ),
    ],
    ids=["too long", "too many"],
)
def test_what_is_too_much_leaves_the_old_ones(
    session: Session, school: Joined, wanted: tuple[str, ...], sentence: str
) -> None:
    change(session, school, ("Закъснява",))
    with pytest.raises(InputError, match=sentence):
        change(session, school, ("Говори в час",), wanted)
    assert phrases(session, school.school) == {CENSURE: ("Закъснява",), PRAISE: ()}


def test_only_leaders_of_the_school_change_them(session: Session, school: Joined, stranger: Joined) -> None:
    for by in (person(session, school), stranger.administrator):
        with pytest.raises(ForbiddenError, match=r"^Only the school's principal or administrator may do this\.$"):
            change_phrases(session, school.school, NONE, by=by, now=NOW)
