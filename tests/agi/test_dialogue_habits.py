"""Whatever a caller presses: something is said, every piece of it has a clip, and the call can be ended politely."""

from hypothesis import given, settings
from hypothesis import strategies as st

from agi.dialogue.steps import HangUp, Play, Pressed, Query, Silent
from agi.dialogue.walk import TRIES, advance, start
from db.kinds import CallOutcome
from prompts.entered import about, entered
from prompts.speech import inventory
from tests.agi import rows
from tests.agi.test_inbound_dialogue import CODE, call
from tests.agi.walkthrough import Walkthrough

ENTERED = frozenset(
    piece
    for text in (
        *("Мария", "Иван", "Петър", "Математика", "История", "Физика", "Биология"),
        *("Първо място в олимпиадата", "Среща на 8а клас", "стая 12"),
    )
    for piece in (*entered(text), *about(text))
)

KEYS = st.sampled_from([*"0123456789*#", CODE, "1234#", "12", "######", ""])
CALLERS = st.sampled_from([(), (rows.MARIA,), (rows.MARIA, rows.IVAN), (rows.GUARDED,)])


@settings(max_examples=300, deadline=None)
@given(children=CALLERS, keys=st.lists(KEYS, max_size=40))
def test_no_keys_lead_to_silence_or_to_a_word_without_a_clip(children: tuple[object, ...], keys: list[str]) -> None:
    walk: Walkthrough = call(children)  # type: ignore[arg-type]
    for key in keys:
        if walk.outcome is not None:
            break
        if key:
            walk.press(key)
        else:
            walk.wait()
        action = walk.position.action()
        assert isinstance(action, Play | HangUp)
        pieces = {piece for sentence in action.speech for piece in sentence}
        assert pieces, f"silence in {walk.step}"
        assert pieces <= inventory() | ENTERED, pieces - inventory() - ENTERED


@given(children=CALLERS, keys=st.lists(KEYS.filter(bool), max_size=15))
def test_who_presses_nothing_any_more_is_bidden_goodbye_within_a_list_and_three_menus(
    children: tuple[object, ...], keys: list[str]
) -> None:
    walk = call(children)  # type: ignore[arg-type]
    for key in keys:
        if walk.outcome is None:
            walk.press(key)
    waits = 0
    while walk.outcome is None:
        walk.wait()
        waits += 1
        assert waits <= 20 + TRIES
    assert walk.said.endswith("Дочуване.")


def test_a_key_pressed_during_the_greeting_is_given_back_for_the_menu() -> None:
    from agi.dialogue.inbound import inbound

    position = start(inbound(rows.NOW))
    assert isinstance(position.action(), Play)
    moved = advance(position, Pressed("1"))
    assert moved.unread == 1
    assert isinstance(moved.position.action(), Query)


def test_a_wrong_key_drops_what_was_typed_ahead_and_silence_does_not() -> None:
    walk = call()
    wrong = advance(walk.position, Pressed("8")).position.action()
    silent = advance(walk.position, Silent()).position.action()
    assert isinstance(wrong, Play)
    assert isinstance(silent, Play)
    assert (wrong.flush, silent.flush) == (True, False)


def test_star_clears_a_half_typed_code_without_counting_as_a_failure() -> None:
    walk = call(())
    for _ in range(5):
        assert walk.press("123*") == "Въведете осемцифрения код на ученика."
    assert walk.outcome is None


def test_hash_alone_is_no_silence() -> None:
    walk = call(())
    assert walk.press("#").startswith("Набрахте твърде малко цифри.")
    assert walk.wait().startswith("Не получихме отговор.")


def test_three_tries_are_counted_in_a_row_and_a_good_key_forgives() -> None:
    walk = call()
    for _ in range(4):
        walk.press("8")
        walk.wait()
        walk.press("7", "0")
    assert walk.outcome is None
    walk.wait(TRIES)
    assert walk.outcome is CallOutcome.SILENT
