"""What callers hear, word by word, from the running product."""

from collections import Counter
from datetime import datetime

import pytest

from devtools.telephone.telephone import PAUSE
from prompts.catalogue import PHRASES
from runtime.localtime import SOFIA
from tests.calls import bulgarian, scenarios
from tests.calls.conftest import Told
from tests.calls.product import Product

pytestmark = pytest.mark.calls


def test_a_subscribed_number_hears_its_child_and_the_menu(told: Told, product_without_server: Product) -> None:
    transcript = told(scenarios.recognised_parent)
    child = product_without_server.parents_of_one[0].student
    of_class = {"8а": "от осми а клас", "11б": "от единадесети б клас"}[child["class"]]
    assert transcript.texts[:3] == [PHRASES["greeting"], f"За {child['given_name']}", of_class]
    choices = ["day", "grades", "absences", "remarks", "health", "meetings", "settings", "message", "repeat"]
    choices = ["news-first", *choices] if PHRASES["news"] in transcript.texts else [*choices[:6], "news", *choices[6:]]
    assert transcript.texts[-10:] == [PHRASES[f"menu-{choice}"] for choice in choices]
    assert all(one.whole for one in transcript.heard)


def test_an_unknown_number_hears_by_code_and_pin_the_grades_of_the_database_word_for_word(
    told: Told, product_without_server: Product
) -> None:
    spoken = told(scenarios.grades_by_code_and_pin).sentences_after(PHRASES["grades-latest"])
    today = datetime.now(SOFIA).date()
    newest_first = sorted(
        product_without_server.parents_of_one[1].student["grades"], key=lambda row: row["date"], reverse=True
    )
    for sentence, row in zip(spoken, newest_first, strict=False):
        same_day = [bulgarian.grade(other, today) for other in newest_first if other["date"] == row["date"]]
        assert sentence in same_day
    assert len(spoken) >= 3
    assert len(set(spoken)) == len(spoken)


def test_what_was_heard_to_its_end_and_nothing_else_is_marked_as_heard(
    told: Told, product_without_server: Product
) -> None:
    product = product_without_server
    transcript = told(scenarios.grades_by_code_and_pin)
    product.wait_for_call_by("+359888000001")
    heard = product.grades_heard_by(product.parents_of_one[1])
    today = datetime.now(SOFIA).date()
    spoken = transcript.sentences_after(PHRASES["grades-latest"])
    assert sorted(bulgarian.grade(row, today) for row in heard) == sorted(spoken)


def test_the_steps_of_a_call_are_recorded_without_what_was_typed(told: Told, product_without_server: Product) -> None:
    told(scenarios.grades_by_code_and_pin)
    steps = product_without_server.steps_of_call_by("+359888000001")
    assert steps[:8] == [
        ("greeting", "none"),
        ("recognise", "none"),
        ("enter-code", "key"),
        ("enter-pin", "key"),
        ("admit", "none"),
        ("news-count", "none"),
        ("main-menu", "key"),
        ("grades", "none"),
    ]
    assert set(steps[8:-1]) == {("grades", "none")}
    assert steps[-1] == ("grades", "hangup")


def test_a_wrong_code_and_a_wrong_pin_sound_alike(told: Told) -> None:
    wrong_pin = told(scenarios.wrong_pin_until_the_goodbye)
    wrong_code = told(scenarios.wrong_code_until_the_goodbye)
    failure = [PHRASES["enter-code"], PHRASES["enter-pin"], PHRASES["not-admitted"]]
    for transcript in (wrong_pin, wrong_code):
        assert transcript.texts == [PHRASES["greeting"], *failure * 3, PHRASES["goodbye-not-admitted"]]
        assert transcript.ended


def test_after_more_wrong_tries_the_caller_waits(told: Told) -> None:
    transcript = told(scenarios.locked_out)
    assert transcript.after(PHRASES["locked"]) == ["една минута", PHRASES["goodbye"]]
    assert transcript.ended


def test_while_locked_out_the_right_pin_opens_nothing(told: Told) -> None:
    transcript = told(scenarios.locked_out_with_the_right_pin)
    assert transcript.after(PHRASES["locked"]) == ["една минута", PHRASES["goodbye"]]
    assert PHRASES["menu-grades"] not in transcript.texts


def test_a_family_of_two_picks_the_child_by_key(told: Told, product_without_server: Product) -> None:
    transcript = told(scenarios.two_children)
    _, children = product_without_server.parent_of_two
    names = [f"За {child['given_name']}" for child in children]
    told_names = [text for text in transcript.texts if text in names]
    offered = told_names[:2]
    assert sorted(offered) == sorted(names)
    assert transcript.after(PHRASES["choose-child"])[2] == PHRASES["press-1"]
    assert told_names[2:4] == [offered[1], offered[0]]  # the second was picked; 8 offers them again


def test_a_hidden_number_is_asked_for_code_and_pin(told: Told, product_without_server: Product) -> None:
    transcript = told(scenarios.hidden_number)
    child = product_without_server.parents_of_one[5].student
    asked = transcript.texts.index(PHRASES["enter-code"])
    assert asked == 1
    assert f"За {child['given_name']}" in transcript.texts[asked:]


def test_a_key_stops_what_is_being_said_at_once(told: Told) -> None:
    transcript = told(scenarios.barge_in)
    cut = [one for one in transcript.heard if not one.whole]
    assert [one.text for one in cut[:1]] == [PHRASES["menu-remarks"]]
    pressed_at = transcript.pressed[0][0]
    stopped_at = cut[0].at + cut[0].seconds
    # A key is pressed for a quarter of a second; the phrase had two seconds to go. The machine may be busy.
    assert stopped_at - pressed_at < 1
    following = transcript.heard[transcript.heard.index(cut[0]) + 1]
    assert following.text == PHRASES["grades-latest"]
    assert following.at - stopped_at < 1
    assert transcript.texts[-1] == PHRASES["menu-grades"]


def test_keys_skip_repeat_and_leave_what_is_being_told(told: Told, product_without_server: Product) -> None:
    transcript = told(scenarios.every_key_of_a_list)
    told_after = transcript.heard[transcript.heard.index(transcript.first(PHRASES["grades-latest"])) + 1 :]
    until_pause = [one.text for one in told_after[: [one.text for one in told_after].index(PAUSE)]]
    again = until_pause.index(until_pause[0], 1)
    begun, repeated = until_pause[:again], until_pause[again:]
    assert repeated[: len(begun)] == begun
    today = datetime.now(SOFIA).date()
    grades = product_without_server.parents_of_one[9].student["grades"]
    newest = max(row["date"] for row in grades)
    assert bulgarian.read(repeated) in [bulgarian.grade(row, today) for row in grades if row["date"] == newest]
    following = told_after[len(until_pause) + 1 :]
    assert following[-1].text == PHRASES["menu-grades"]
    # The second and the third grade were begun, and neither was heard out.
    assert PAUSE not in [one.text for one in following]
    assert sum(one.text in {f"{row['subject']}," for row in grades} for one in following) == 2


def test_a_new_pin_opens_at_once_and_the_old_one_no_more(told: Told, product_without_server: Product) -> None:
    transcript = told(scenarios.a_new_pin)
    child = product_without_server.parents_of_one[10].student
    assert PHRASES["not-admitted"] in transcript.texts
    assert f"За {child['given_name']}" in transcript.after(PHRASES["not-admitted"])


def test_a_key_pressed_while_being_greeted_counts(told: Told, product_without_server: Product) -> None:
    transcript = told(scenarios.type_ahead)
    assert not transcript.heard[0].whole
    assert PHRASES["menu-grades"] not in transcript.texts
    assert transcript.texts[1].endswith(("отсъствие", "отсъствия"))


def test_absences_are_counted_in_the_right_gender_and_in_halves(told: Told, product_without_server: Product) -> None:
    texts = told(scenarios.type_ahead).texts
    counts = bulgarian.absence_counts(scenarios.late_and_absent(product_without_server).student)
    assert bulgarian.unexcused(counts["unexcused"]) in texts
    assert bulgarian.late(counts["late"]) in texts
    total = texts[texts.index(PHRASES["absences-total"]) + 1]
    assert total == bulgarian.and_a_half(counts["unexcused"] + counts["late"] // 2)


def test_code_pin_and_choice_typed_at_once_lead_straight_to_the_grades(told: Told) -> None:
    transcript = told(scenarios.type_ahead_of_code_and_pin)
    listened = transcript.texts[: transcript.texts.index(PHRASES["grades-latest"])]
    # It takes seconds to type so much: what is asked meanwhile is cut short, what was answered already is not asked.
    assert PHRASES["enter-code"] not in listened
    assert PHRASES["menu-grades"] not in listened


def test_a_caller_who_presses_nothing_is_asked_three_times_and_then_said_goodbye(told: Told) -> None:
    transcript = told(scenarios.silence)
    assert transcript.texts == [
        PHRASES["greeting"],
        PHRASES["enter-code"],
        PHRASES["no-input"],
        PHRASES["enter-code"],
        PHRASES["no-input"],
        PHRASES["enter-code"],
        PHRASES["goodbye-no-choice"],
    ]
    assert transcript.ended


def test_nothing_that_was_heard_is_no_clip(told: Told) -> None:
    for scenario in scenarios.ALL:
        assert all(one.texts for one in told(scenario).heard), scenario.__name__


def test_every_call_is_recorded_with_how_it_ended(
    told: Told, calls_before: int, product_without_server: Product
) -> None:
    for scenario in scenarios.ALL:
        told(scenario)
    made = len(scenarios.ALL) + 4  # some call more than once
    outcomes = product_without_server.wait_for_outcomes(calls_before + made)
    assert Counter(outcomes[calls_before:]) == {"hung_up": 13, "refused": 5, "silent": 1}
