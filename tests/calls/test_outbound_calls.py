"""The product rings parents: real telephones, the words they hear, and what becomes of every kind of call."""

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, insert, select, update

from agi.dialogue import outbound
from asterisk_conf import check
from asterisk_conf.layout import layout
from db.kinds import CallResult, Channel, FamilyState, MeetingAnswer, MessageState
from db.models import (
    CampaignFamily,
    CampaignTelephone,
    ChannelTiming,
    HeardEvent,
    Message,
    School,
    SchoolClass,
    Student,
    Subscriber,
    Subscription,
    TeachingAssignment,
)
from devtools.pbx import eschool_process
from devtools.telephone import parents
from devtools.telephone.parents import Parents
from prompts.catalogue import PHRASES
from prompts.clips import Clips
from prompts.entered import entered
from prompts.render_apart import render_apart
from prompts.sound import linear
from school.classbook import recording
from school.years import calendar
from tests.calls.outbound import FAST, Ringing
from tests.calls.product import running_asterisk_with_school

pytestmark = pytest.mark.calls

ENDINGS = {
    "0": CallResult.REACHED, "1": CallResult.REACHED, "2": CallResult.REACHED, "3": CallResult.REACHED,
    "4": CallResult.BUSY, "5": CallResult.NO_ANSWER, "6": CallResult.REJECTED, "7": CallResult.BAD_NUMBER,
    "8": CallResult.TRUNK, "9": CallResult.CUT_SHORT,
}  # fmt: skip
"""Last digit of a telephone -> how a call to it ends, as devtools/telephone/parents.xml plays it."""

LONG_NAME = "Професионална гимназия по " + ", ".join(("механизация и електрификация на селското стопанство",) * 4)
"""It takes some fifteen seconds to say."""


@pytest.fixture(scope="module")
def ringing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ringing]:
    """Asterisk and voice server; the dialer is started apart."""
    home = tmp_path_factory.mktemp("ringing") / "home"
    with running_asterisk_with_school(home, **FAST) as product, product.voice_server():
        found = Ringing(product)
        yield found
        found.database.dispose()


def heard_without_a_key(ringing: Ringing, campaign_id: int, place: int) -> list[str]:
    """What a family hears on whose telephone nobody presses a key, in its time."""
    with ringing.rung(campaign_id, place) as (family_id, telephone):
        telephone.answer()
        answered = time.monotonic()
        assert telephone.wait_for_end(120)
        assert time.monotonic() - answered < outbound.ONLY_UNTIL_A_KEY + 2
        heard = telephone.texts()
    ringing.wait_for(lambda: ringing.family(family_id)[0] is FamilyState.MACHINE)
    return heard


def assert_nobody_lost_or_rung_unnoticed(ringing: Ringing, campaign_id: int, telephones: Parents) -> None:
    """Every family came to an end, and no telephone rang that no attempt is stored of.

    An attempt whose telephone never rang was about to be dialled when its dialer died, and is unknown, as if it had
    rung; or Asterisk did not take it any more.
    """
    attempts = ringing.attempts(campaign_id)
    assert all(one.result is not None for one in attempts)
    assert not {FamilyState.WAITING, FamilyState.CALLING} & ringing.families(campaign_id).keys()
    stored = Counter(_dialled(one.phone) for one in attempts)
    rung = telephones.rung()
    assert not rung - stored
    silent = (CallResult.UNKNOWN, CallResult.TRUNK)
    assert not (stored - rung) - Counter(_dialled(one.phone) for one in attempts if one.result in silent)
    for one in attempts:
        if one.result is CallResult.UNKNOWN:
            assert not [later for later in attempts if later.family_id == one.family_id and later.id > one.id]


def _dialled(phone: str) -> str:
    return f"0{phone.removeprefix('+359')}"


class TestNumbersThatAreNotReached:
    def test_a_planted_number_is_not_dialled_and_the_campaign_comes_to_its_end(self, ringing: Ringing) -> None:
        campaign_id = ringing.draft()
        family_id, _phone = ringing.start_for_one(campaign_id)
        with ringing.database.session() as session:
            session.execute(
                update(CampaignTelephone).where(CampaignTelephone.family_id == family_id).values(phone="+35990123456")
            )
        with ringing.dialer():
            ringing.wait_for(lambda: ringing.is_over(campaign_id))
        assert ringing.family(family_id)[0] is FamilyState.NOT_ALLOWED
        assert ringing.attempts(campaign_id) == []


class TestWords:
    def test_a_parent_hears_who_calls_for_whom_what_when_and_where_and_answers_with_a_key(
        self, ringing: Ringing
    ) -> None:
        campaign_id = ringing.draft()
        with ringing.dialer(), ringing.rung(campaign_id) as (family_id, telephone):
            telephone.answer()
            telephone.wait_for(PHRASES["invitation-offer"], 60, whole=False)
            assert not any(text.startswith("За ") for text in telephone.texts())
            telephone.press("1")
            telephone.wait_for(PHRASES["invitation-choices"], 60, whole=False)
            telephone.press("1")
            assert telephone.wait_for_end(20)
            heard = telephone.texts()
        assert heard[0] == PHRASES["calling"]
        of_child = heard[heard.index(PHRASES["invitation-offer"]) + 1 :]
        assert of_child[0].startswith("За ")
        assert "осми а клас" in of_child[1]
        assert PHRASES["meeting-invitation"] in heard
        assert "осемнадесет часа и тридесет минути" in heard
        assert heard[heard.index(PHRASES["place"]) + 1] == "Кабинет 12,"
        assert heard[-1] == PHRASES["comes"]
        assert all(one.texts for one in telephone.heard())
        ringing.wait_for(lambda: ringing.family(family_id) == (FamilyState.REACHED, MeetingAnswer.COMES))

    def test_mailboxes_are_noticed_and_hold_the_short_version_once_and_nothing_of_a_child(
        self, ringing: Ringing
    ) -> None:
        """Greetings of 3, 6 and 12 seconds; what each recorded after its greeting and a tone."""
        speech = linear(Clips(ringing.settings).path_of(PHRASES["goodbye-not-admitted"]).read_bytes())
        called: dict[int, int] = {}
        with ringing.dialer():
            for place, seconds in enumerate((3, 6, 12), start=3):
                greeting = (speech * 4)[: 2 * 8000 * seconds]
                campaign_id = ringing.draft()
                with ringing.rung(campaign_id, place, greeting) as (family_id, mailbox):
                    called[campaign_id] = family_id
                    mailbox.answer()
                    assert mailbox.wait_for_end(60)
                    heard = mailbox.heard()
                assert max(one.at + one.seconds for one in heard) < outbound.ONLY_UNTIL_A_KEY + 1, seconds
                texts = [text for one in heard for text in one.texts]
                assert not any("клас" in text or text.startswith("За ") for text in texts), (seconds, texts)
                assert {PHRASES["meeting-invitation"], PHRASES["answer-by-sms"]} <= set(texts), (seconds, texts)
                held = [text for one in heard if one.at >= seconds for text in one.texts]
                # The short version is said once and not later for a long greeting, which may cover all of it.
                assert seconds > 6 or PHRASES["meeting-invitation"] in held, (seconds, texts)
            ringing.wait_for(lambda: {ringing.family(one)[0] for one in called.values()} == {FamilyState.MACHINE})
        for campaign_id in called:
            (attempt,) = ringing.attempts(campaign_id)
            assert attempt.sounds_like_machine

    def test_a_call_without_a_key_ends_within_its_time_however_long_the_names_are(self, ringing: Ringing) -> None:
        campaign_id = ringing.draft()
        render_apart(ringing.settings, list(entered(LONG_NAME)), lambda _program: None)
        with ringing.database.session() as session:
            before = session.scalars(select(School.name)).one()
            session.execute(update(School).values(name=LONG_NAME))
        try:
            with ringing.dialer():
                heard = heard_without_a_key(ringing, campaign_id, 2)
        finally:
            with ringing.database.session() as session:
                session.execute(update(School).values(name=before))
        assert heard[0] == PHRASES["calling"]
        assert PHRASES["outbound-apology"] not in heard

    def test_news_are_told_at_once_to_who_wants_calls_after_a_key_and_marked_heard(self, ringing: Ringing) -> None:
        with ringing.database.session() as session:
            session.execute(delete(ChannelTiming).where(ChannelTiming.channel == Channel.CALL))
            chosen = session.execute(
                select(
                    Subscriber.id,
                    Subscriber.phone,
                    Student.id.label("student_id"),
                    Student.first_name,
                    TeachingAssignment.staff_id,
                    TeachingAssignment.subject_id,
                )
                .join(Subscription, Subscription.subscriber_id == Subscriber.id)
                .join(Student, Student.id == Subscription.student_id)
                .join(SchoolClass, SchoolClass.id == Student.class_id)
                .join(TeachingAssignment, TeachingAssignment.class_id == SchoolClass.id)
                .where(Subscriber.phone == "+359888123456")
                .order_by(TeachingAssignment.subject_id)
            ).first()
            assert chosen is not None
            session.execute(insert(ChannelTiming).values(subscriber_id=chosen.id, channel=Channel.CALL))
            # All that is older is not new: the call tells one thing.
            session.execute(
                update(Subscription)
                .where(Subscription.subscriber_id == chosen.id, Subscription.student_id == chosen.student_id)
                .values(following_since=datetime.now(UTC))
            )
        with ringing.dialer(), ringing.parent(chosen.phone) as telephone:
            began = time.monotonic()
            with ringing.database.session() as session:
                now = datetime.now(UTC)
                on = calendar.today(now)
                ref = recording.record_remark(
                    session, by=chosen.staff_id, student_id=chosen.student_id, kind="praise",  # type: ignore[arg-type]
                    text="Отлична работа в часа.", on=on, now=now,
                )  # fmt: skip
            telephone.answer()
            assert time.monotonic() - began < 4
            telephone.wait_for(PHRASES["news-call"], 20, whole=False)
            assert not any(chosen.first_name in text for text in telephone.texts())
            telephone.press("1")
            telephone.wait_for("Отлична работа в часа.", 90)
            telephone.wait_for(PHRASES["news-call-end"], 60, whole=False)
            telephone.hang_up()
            ringing.wait_for(lambda: self._message_states(ringing) == [MessageState.SENT])
        with ringing.database.reading() as session:
            assert session.scalar(select(HeardEvent.event_id).where(HeardEvent.event_id == ref.id)) == ref.id

    @staticmethod
    def _message_states(ringing: Ringing) -> list[MessageState]:
        with ringing.database.reading() as session:
            return list(session.scalars(select(Message.state).where(Message.channel == Channel.CALL)))


class TestResults:
    def test_every_ending_has_its_result_and_nobody_is_lost(self, ringing: Ringing) -> None:
        campaign_id = ringing.draft(announcement=True)
        with parents.answering(ringing.settings.telephones_port, presses_after=500) as telephones, ringing.dialer():
            ringing.start(campaign_id)
            ringing.wait_for(lambda: ringing.is_over(campaign_id), 150)
            assert_nobody_lost_or_rung_unnoticed(ringing, campaign_id, telephones)
        assert "clips.missing" not in (ringing.settings.home_path / "agi.log").read_text("utf-8")
        for attempt in ringing.attempts(campaign_id):
            assert attempt.result is ENDINGS[attempt.phone[-1]], attempt.phone[-1]
        reached = {one.family_id for one in ringing.attempts(campaign_id) if one.result is CallResult.REACHED}
        assert ringing.families(campaign_id)[FamilyState.REACHED] == len(reached)
        busy = Counter(one.phone for one in ringing.attempts(campaign_id) if one.result is CallResult.BUSY)
        assert set(busy.values()) <= {1, 2}
        assert 2 in busy.values()
        with ringing.database.reading() as session:
            not_reached = session.scalars(
                select(CampaignFamily).where(
                    CampaignFamily.campaign_id == campaign_id, CampaignFamily.state == FamilyState.NOT_REACHED
                )
            ).all()
        assert not_reached
        assert sum(one.message_id is not None for one in not_reached) >= len(not_reached) // 2


class TestCrashes:
    def test_a_dialer_that_is_killed_and_started_again_loses_nobody_and_calls_nobody_twice(
        self, ringing: Ringing
    ) -> None:
        campaign_id = ringing.draft(announcement=True, level=8)
        with parents.answering(ringing.settings.telephones_port, presses_after=2500) as telephones:
            with ringing.dialer() as process:
                ringing.start(campaign_id)
                ringing.wait_for(lambda: len(ringing.attempts(campaign_id)) >= 12)
                os.kill(process.pid, signal.SIGKILL)
                process.wait()
            with ringing.dialer():
                ringing.wait_for(lambda: ringing.is_over(campaign_id), 150)
            assert_nobody_lost_or_rung_unnoticed(ringing, campaign_id, telephones)
        reached = [one.phone for one in ringing.attempts(campaign_id) if one.result is CallResult.REACHED]
        assert len(reached) == len(set(reached))

    def test_calls_that_end_with_a_killed_asterisk_are_unknown_and_never_repeated(self, ringing: Ringing) -> None:
        campaign_id = ringing.draft(announcement=True, level=8)
        with (
            parents.answering(ringing.settings.telephones_port, answers_after=1500) as telephones,
            ringing.dialer(),
        ):
            ringing.start(campaign_id)
            ringing.wait_for(lambda: len(ringing.attempts(campaign_id)) >= 12)
            os.kill(int((layout(ringing.settings).run / "asterisk.pid").read_text()), signal.SIGKILL)
            ringing.wait_for(lambda: not check.is_running(ringing.settings))
            log = ringing.settings.home_path / "asterisk.log"
            with eschool_process(ringing.product.variables, "asterisk", "run", log=log):
                ringing.wait_for(lambda: ringing.is_over(campaign_id), 150)
                assert_nobody_lost_or_rung_unnoticed(ringing, campaign_id, telephones)
        assert CallResult.UNKNOWN in {one.result for one in ringing.attempts(campaign_id)}
