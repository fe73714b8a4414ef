"""What callers hear, word by word, from the running product."""

from collections import Counter
from datetime import datetime

from prompts.catalogue import PHRASES
from settings import SOFIA
from tests.calls import bulgarian, scenarios
from tests.calls.conftest import Told
from tests.calls.product import Product


def test_a_subscribed_number_hears_its_child_and_the_menu(told: Told, product_without_server: Product) -> None:
    transcript = told(scenarios.recognised_parent)
    child = product_without_server.parents_of_one[0].student
    assert transcript.texts[:3] == [PHRASES["greeting"], "За", f"{child['given_name']},"]
    assert transcript.texts[3:5] == ["от", {"8а": "осми а клас", "11б": "единадесети бе клас"}[child["class"]]]
    choices = ["grades", "absences", "remarks", "health", "meetings", "news", "settings", "repeat"]
    assert transcript.texts[-8:] == [PHRASES[f"menu-{choice}"] for choice in choices]
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


def test_a_wrong_code_and_a_wrong_pin_sound_alike(told: Told) -> None:
    wrong_pin = told(scenarios.wrong_pin_until_the_goodbye)
    wrong_code = told(scenarios.wrong_code_until_the_goodbye)
    assert set(wrong_pin.texts) == set(wrong_code.texts)
    for transcript in (wrong_pin, wrong_code):
        assert transcript.texts.count(PHRASES["not-admitted"]) == 3
        assert transcript.texts[-1] == PHRASES["goodbye-not-admitted"]
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
    names = [f"{child['given_name']}," for child in children]
    told_names = [text for text in transcript.texts if text in names]
    offered = told_names[:2]
    assert sorted(offered) == sorted(names)
    assert transcript.after(PHRASES["choose-child"])[5] == "едно"
    assert told_names[2:4] == [offered[1], offered[0]]  # the second was picked; 8 offers them again


def test_a_hidden_number_is_asked_for_code_and_pin(told: Told, product_without_server: Product) -> None:
    transcript = told(scenarios.hidden_number)
    child = product_without_server.parents_of_one[5].student
    asked = transcript.texts.index(PHRASES["enter-code"])
    assert asked == 1
    assert f"{child['given_name']}," in transcript.texts[asked:]


def test_a_key_stops_what_is_being_said_at_once(told: Told) -> None:
    transcript = told(scenarios.barge_in)
    cut = [one for one in transcript.heard if not one.whole]
    assert [one.text for one in cut[:1]] == [PHRASES["menu-remarks"]]
    pressed_at = transcript.pressed[0][0]
    stopped_at = cut[0].at + cut[0].seconds
    assert stopped_at - pressed_at < 0.4  # a key is pressed for a quarter of a second
    following = transcript.heard[transcript.heard.index(cut[0]) + 1]
    assert following.text == PHRASES["grades-latest"]
    assert following.at - stopped_at < 0.15
    assert transcript.texts[-1] == PHRASES["menu-grades"]


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


def test_every_call_is_recorded_with_how_it_ended(told: Told, product_without_server: Product) -> None:
    for scenario in scenarios.ALL:
        told(scenario)
    outcomes = product_without_server.wait_for_outcomes(len(scenarios.ALL) + 3)  # three scenarios call more than once
    assert Counter(outcomes) == {"hung_up": 10, "refused": 5, "silent": 1}
