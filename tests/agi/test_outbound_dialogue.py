"""What parents hear when we call them, key by key, and what a call is taken to have come to."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from agi.dialogue import queries as q
from agi.dialogue.outbound import campaign_call, news_call, result_of
from db.kinds import CallOutcome, CallResult, InputKind, MeetingAnswer, SchoolEventKind
from school.campaigns.invitation import CalledFor, Invitation, InvitedEvent
from school.dialling.about import CampaignCall, NewsCall
from school.hearing.access import Admitted, Child
from school.hearing.call_log import CallStep
from tests.agi import rows
from tests.agi.walkthrough import Walkthrough

MEETING = Invitation(
    "СУ „Христо Ботев“",
    "Родителска среща",
    "Ще обсъдим екскурзията.",
    InvitedEvent(SchoolEventKind.MEETING, "Родителска среща", "стая 12", datetime(2026, 11, 26, 16, 30, tzinfo=UTC)),
)
ANNOUNCEMENT = Invitation("СУ „Христо Ботев“", "Утре няма вода", "Дайте на децата вода.", None)
CALL = CampaignCall("channel", "+359888123456", 7, 1, 11, (CalledFor("Мария", "8а"), CalledFor("Иван", "11б")), MEETING)

INVITES = (
    "Каним Ви на родителска среща. в четвъртък, двадесет и шести ноември от осемнадесет часа и тридесет минути … "
    "Място: стая 12, … Ще обсъдим екскурзията. …"
)


def campaign(call: CampaignCall = CALL, *, talks_on: bool = False) -> Walkthrough:
    answers = {q.SoundsLikeMachine: talks_on, q.NoteAnswer: None, q.OptOut: None, q.PersonAnswered: None}
    return Walkthrough(campaign_call(call, rows.NOW, "1987"), answers)


def news(children: tuple[Child, ...] = (rows.MARIA,), **answers: object) -> Walkthrough:
    known: dict[type, object] = {
        q.SoundsLikeMachine: False,
        q.PersonAnswered: None,
        q.WhoIsCalling: q.Caller(children, None),
        q.WhatIsNew: rows.NEWS,
        q.AdmitToChild: Admitted(rows.GUARDED),
    }
    known.update({getattr(q, name): answer for name, answer in answers.items()})
    return Walkthrough(news_call(NewsCall("channel", "+359888123456"), rows.NOW, "0882818905"), known)


class TestCampaign:
    def test_who_calls_for_which_children_what_when_where_and_the_keys_are_said_at_once(self) -> None:
        said = campaign().said
        assert said.startswith(
            "Добър ден. Обажда се СУ „Христо Ботев“, … За Мария от осми а клас … За Иван от единадесети б клас … "
        )
        assert INVITES in said
        assert said.endswith("нула.")

    @pytest.mark.parametrize(
        ("key", "answer", "thanks"),
        [("1", MeetingAnswer.COMES, "ще дойдете"), ("2", MeetingAnswer.COMES_NOT, "няма да дойдете")],
    )
    def test_one_and_two_answer_and_are_confirmed_in_words(self, key: str, answer: MeetingAnswer, thanks: str) -> None:
        walk = campaign()
        assert thanks in walk.press(key)
        assert walk.asked == [q.NoteAnswer("channel", 7, answer)]
        assert walk.outcome is CallOutcome.FINISHED

    def test_nine_says_the_message_again(self) -> None:
        walk = campaign()
        assert walk.press("9").startswith(INVITES)
        assert "ще дойдете" in walk.press("1")

    def test_zero_ends_such_calls_for_this_telephone(self) -> None:
        walk = campaign()
        assert "Повече няма да Ви се обаждаме" in walk.press("0")
        assert walk.asked == [q.OptOut("channel", 1, "+359888123456")]

    def test_a_wrong_key_is_told_and_the_choices_follow(self) -> None:
        assert campaign().press("7").startswith("Няма такъв избор. Ако ще дойдете")

    def test_without_a_key_it_is_said_again_and_then_left_once_without_the_child(self) -> None:
        walk = campaign()
        assert walk.wait().startswith(INVITES)
        left = walk.wait()
        assert left.startswith("Добър ден. Обажда се СУ „Христо Ботев“, … Каним Ви на родителска среща.")
        assert "Мария" not in left
        assert "съобщение с думата да или не на номер едно, девет, осем, седем" in left
        assert walk.step == "machine"

    def test_who_talks_on_and_on_is_left_the_short_version_sooner_but_a_key_still_proves_a_person(self) -> None:
        assert "Мария" not in campaign(talks_on=True).wait()
        walk = campaign(talks_on=True)
        assert "ще дойдете" in walk.press("1")

    def test_an_announcement_is_confirmed_not_answered(self) -> None:
        walk = campaign(replace(CALL, invitation=ANNOUNCEMENT))
        assert "Имаме съобщение за Вас. Утре няма вода, … Дайте на децата вода. …" in walk.said
        assert walk.press("2").startswith("Няма такъв избор.")
        assert walk.press("1") == "Благодарим Ви. Дочуване."
        assert walk.asked == [q.PersonAnswered("channel")]

    def test_a_meeting_of_tomorrow_is_tomorrow(self) -> None:
        school_event = InvitedEvent(SchoolEventKind.EVENT, "Концерт", "", datetime(2026, 11, 24, 8, 0, tzinfo=UTC))
        said = campaign(replace(CALL, invitation=replace(MEETING, school_event=school_event))).said
        assert "Каним Ви на събитие. Концерт, … утре от десет часа …" in said


class TestNews:
    def test_nothing_personal_is_said_before_a_key(self) -> None:
        walk = news()
        assert "Мария" not in walk.said
        assert walk.asked == []
        walk.wait()
        assert "Мария" not in walk.said
        assert "Мария" not in walk.wait()
        assert "нула, осем, осем, две" in walk.said

    def test_after_the_key_all_that_is_new_is_said_as_in_the_menu_and_marked_heard(self) -> None:
        walk = news()
        assert walk.press("1").startswith("За Мария от осми а клас … Ново от последното Ви обаждане: една оценка")
        walk.wait(5)
        assert walk.heard == [rows.ABSENCES[0].ref, rows.GRADES[0].ref, rows.REMARKS[0].ref, rows.MEETINGS[0].ref]
        assert walk.said.startswith("Това беше всичко.")
        walk.wait()
        assert walk.outcome is CallOutcome.FINISHED

    def test_every_child_gets_its_turn_and_one_without_news_is_passed_over(self) -> None:
        walk = news((rows.MARIA, rows.IVAN), WhatIsNew=[rows.NO_NEWS, rows.NEWS])
        assert walk.press("1").startswith("За Иван")

    def test_a_school_that_demands_the_pin_gets_it_before_a_word_about_the_child(self) -> None:
        walk = news((rows.GUARDED,))
        assert walk.press("1") == "Въведете Вашия ПИН код и завършете с диез."
        assert walk.press("1234#").startswith("За Петър")

    def test_nothing_new_any_more_is_said_in_words(self) -> None:
        assert news(WhatIsNew=rows.NO_NEWS).press("1") == "Няма нищо ново. Дочуване."


def steps(*kinds: InputKind) -> list[CallStep]:
    return [CallStep(rows.NOW, "step", kind) for kind in kinds]


@pytest.mark.parametrize(
    ("kinds", "outcome", "result"),
    [
        ((InputKind.KEY, InputKind.NONE), CallOutcome.FINISHED, CallResult.REACHED),
        ((InputKind.INVALID, InputKind.HANGUP), CallOutcome.HUNG_UP, CallResult.REACHED),
        ((InputKind.HANGUP,), CallOutcome.HUNG_UP, CallResult.CUT_SHORT),
        ((InputKind.SILENCE, InputKind.HANGUP), CallOutcome.HUNG_UP, CallResult.MACHINE),
        ((InputKind.SILENCE, InputKind.NONE), CallOutcome.SILENT, CallResult.MACHINE),
        ((), CallOutcome.FAILED, CallResult.FAILED),
        ((), CallOutcome.HUNG_UP, CallResult.CUT_SHORT),
    ],
)
def test_only_a_key_proves_a_person(kinds: tuple[InputKind, ...], outcome: CallOutcome, result: CallResult) -> None:
    assert result_of(steps(*kinds), outcome) is result
