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


def opened(call: CampaignCall = CALL) -> Walkthrough:
    """The message, asked for by a key."""
    walk = campaign(call)
    walk.wait()
    walk.press("1")
    return walk


def until_the_end(walk: Walkthrough) -> str:
    """All that is said when no key comes."""
    said = [walk.said]
    while walk.outcome is None:
        said.append(walk.wait())
    return " ".join(said).strip()


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
    def test_who_calls_is_said_at_once_and_nothing_of_the_children_before_a_key(self) -> None:
        walk = campaign()
        assert walk.said == "Добър ден. Обажда се СУ „Христо Ботев“, …"
        assert walk.wait() == "Имаме покана за Вас. За да я чуете, натиснете едно."

    def test_a_key_plays_for_which_children_what_when_where_and_what_the_keys_mean(self) -> None:
        said = opened().said
        assert said.startswith("За Мария от осми а клас … За Иван от единадесети б клас … " + INVITES)
        assert said.endswith("нула.")

    def test_the_key_may_come_while_it_is_said_who_calls(self) -> None:
        assert campaign().press("1", "1").startswith("За Мария")

    @pytest.mark.parametrize(
        ("key", "answer", "thanks"),
        [("1", MeetingAnswer.COMES, "ще дойдете"), ("2", MeetingAnswer.COMES_NOT, "няма да дойдете")],
    )
    def test_one_and_two_answer_and_are_confirmed_in_words(self, key: str, answer: MeetingAnswer, thanks: str) -> None:
        walk = opened()
        assert thanks in walk.press(key)
        assert walk.asked[-1] == q.NoteAnswer("channel", 7, answer)
        assert walk.outcome is CallOutcome.FINISHED

    def test_nine_says_the_message_again(self) -> None:
        walk = opened()
        assert INVITES in walk.press("9")
        assert "ще дойдете" in walk.press("1")

    @pytest.mark.parametrize("is_opened", [False, True])
    def test_zero_ends_such_calls_for_this_telephone(self, is_opened: bool) -> None:
        walk = opened() if is_opened else campaign()
        walk.wait(0 if is_opened else 1)
        assert "Повече няма да Ви се обаждаме" in walk.press("0")
        assert walk.asked[-1] == q.OptOut("channel", 1, "+359888123456")

    def test_a_wrong_key_is_told_and_the_choices_follow(self) -> None:
        assert opened().press("7").startswith("Няма такъв избор. Ако ще дойдете")

    def test_who_has_heard_it_and_presses_nothing_is_let_go(self) -> None:
        walk = opened()
        assert walk.wait() == "Дочуване."
        assert walk.outcome is CallOutcome.FINISHED

    @pytest.mark.parametrize("talks_on", [False, True])
    def test_after_one_silence_or_at_once_who_talks_on_is_left_the_short_version_without_the_child(
        self, talks_on: bool
    ) -> None:
        walk = campaign(talks_on=talks_on)
        walk.wait(1 if talks_on else 2)
        assert walk.step == "machine"
        left = until_the_end(walk)
        assert left.startswith("Добър ден. Обажда се СУ „Христо Ботев“, … Каним Ви на родителска среща.")
        assert "съобщение с думата да или не на номер едно, девет, осем, седем" in left
        assert not any(word in left for word in ("Мария", "клас", "екскурзията"))
        assert walk.outcome is CallOutcome.SILENT

    def test_a_key_proves_a_person_while_the_short_version_is_said(self) -> None:
        walk = campaign(talks_on=True)
        walk.wait(2)
        assert walk.press("1").startswith("За Мария")
        assert "ще дойдете" in walk.press("1")

    def test_an_announcement_is_confirmed_not_answered(self) -> None:
        walk = opened(replace(CALL, invitation=ANNOUNCEMENT))
        assert "Имаме съобщение за Вас. Утре няма вода, … Дайте на децата вода. …" in walk.said
        assert walk.press("2").startswith("Няма такъв избор.")
        assert walk.press("1") == "Благодарим Ви. Дочуване."
        assert walk.asked[-1] == q.PersonAnswered("channel")

    def test_a_meeting_of_tomorrow_is_tomorrow(self) -> None:
        school_event = InvitedEvent(SchoolEventKind.EVENT, "Концерт", "", datetime(2026, 11, 24, 8, 0, tzinfo=UTC))
        said = opened(replace(CALL, invitation=replace(MEETING, school_event=school_event))).said
        assert "Каним Ви на събитие. Концерт, … утре от десет часа …" in said

    @pytest.mark.parametrize(
        ("title", "said"),
        [
            ("Родителска среща", "родителска среща. в четвъртък"),
            ("„РОДИТЕЛСКА СРЕЩА“.", "родителска среща. в четвъртък"),
            ("Родителска  среща – за края на срока", "родителска среща. за края на срока, … в четвъртък"),
            ("Среща с директора", "родителска среща. Среща с директора, … в четвъртък"),
        ],
    )
    def test_what_it_is_is_said_once(self, title: str, said: str) -> None:
        assert MEETING.school_event is not None
        meeting = replace(MEETING, school_event=replace(MEETING.school_event, title=title))
        assert f"Каним Ви на {said}" in opened(replace(CALL, invitation=meeting)).said


class TestNews:
    def test_nothing_personal_is_said_before_a_key(self) -> None:
        walk = news()
        assert walk.wait() == "Има новини за Вашето дете. За да ги чуете, натиснете едно."
        walk.wait()
        assert walk.step == "machine"
        left = until_the_end(walk)
        assert "Мария" not in left
        assert "нула, осем, осем, две" in left
        assert not any(isinstance(question, q.WhoIsCalling) for question in walk.asked)

    def test_after_the_key_all_that_is_new_is_said_as_in_the_menu_and_marked_heard(self) -> None:
        walk = news()
        walk.wait()
        assert walk.press("1").startswith("За Мария от осми а клас … Ново от последното Ви обаждане: една оценка")
        walk.wait(5)
        assert walk.heard == [rows.ABSENCES[0].ref, rows.GRADES[0].ref, rows.REMARKS[0].ref, rows.MEETINGS[0].ref]
        assert walk.said.startswith("Това беше всичко.")
        walk.wait()
        assert walk.outcome is CallOutcome.FINISHED

    def test_every_child_gets_its_turn_and_one_without_news_is_passed_over(self) -> None:
        walk = news((rows.MARIA, rows.IVAN), WhatIsNew=[rows.NO_NEWS, rows.NEWS])
        walk.wait()
        assert walk.press("1").startswith("За Иван")

    def test_a_school_that_demands_the_pin_gets_it_before_a_word_about_the_child(self) -> None:
        walk = news((rows.GUARDED,))
        walk.wait()
        assert walk.press("1") == "Въведете Вашия ПИН код и завършете с диез."
        assert walk.press("1234#").startswith("За Петър")

    def test_nothing_new_any_more_is_said_in_words(self) -> None:
        walk = news(WhatIsNew=rows.NO_NEWS)
        walk.wait()
        assert walk.press("1") == "Няма нищо ново. Дочуване."


def test_a_machine_that_was_noticed_by_its_talk_alone_is_one() -> None:
    told = [CallStep(rows.NOW, "campaign-hello", InputKind.NONE), CallStep(rows.NOW, "machine", InputKind.HANGUP)]
    assert result_of(told, CallOutcome.HUNG_UP, 9.0) is CallResult.MACHINE


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
    assert result_of(steps(*kinds), outcome, 9.0) is result


def test_a_call_that_had_all_its_time_without_a_key_was_a_machine() -> None:
    assert result_of(steps(InputKind.HANGUP), CallOutcome.HUNG_UP, 25.1) is CallResult.MACHINE
