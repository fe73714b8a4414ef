"""What a campaign does with families: whom it rings when, what follows each result, and what ends it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from db.kinds import CallResult, CampaignState, Channel, FamilyState, MeetingAnswer, MessagePurpose
from db.models import (
    CallAttempt,
    Campaign,
    CampaignOptOut,
    CampaignTelephone,
    Guardian,
    School,
    SchoolEvent,
    Student,
    Subscriber,
    Subscription,
)
from errors import ForbiddenError, InputError, MissingError
from school.campaigns import answers, lifecycle, progress
from school.campaigns.audience import audience
from school.dialling import attempts
from tests.school.campaigns.conftest import MINUTE, Campaigning
from tests.school.people import staff_id

HOUR = timedelta(hours=1)


class TestAudience:
    def test_each_family_is_called_once_for_all_its_children(self, campaigning: Campaigning) -> None:
        campaign_id = campaigning.start(event_id=None, title="Утре няма вода")
        families = campaigning.families(campaign_id)
        students = [student for family in families for student in campaigning.students(family.id)]
        assert len(students) == len(set(students)) == 48
        assert len(families) == 46  # two families have a child in either class
        dials = campaigning.choose()
        assert len(dials) == len({dial.phone for dial in dials}) == 46

    def test_guardians_come_in_their_order_then_who_only_follows(self, campaigning: Campaigning) -> None:
        with campaigning.database.reading() as session:
            school_id = session.scalars(select(School.id)).one()
            found = audience(session, school_id, campaigning.class_id, None)
        for family in found.families:
            guardians = [one.guardian_id for one in family.telephones if one.guardian_id]
            assert guardians == sorted(guardians)
            assert all(one.guardian_id for one in family.telephones[: len(guardians)])

    def test_who_wants_no_calls_is_not_called(self, campaigning: Campaigning) -> None:
        with campaigning.database.session() as session:
            session.execute(update(Subscription).values(calls_enabled=False))
            school_id = session.scalars(select(School.id)).one()
            found = audience(session, school_id, campaigning.class_id, None)
            followed = set(session.scalars(select(Subscription.student_id)))
        with_one_telephone = [f for f in found.opted_out if len(f.telephones) == 1]
        assert with_one_telephone
        assert all(child.student_id in followed for family in found.opted_out for child in family.children)


class TestWords:
    def test_nobody_is_rung_before_the_message_can_be_heard_whole(self, campaigning: Campaigning) -> None:
        campaigning.start(event_id=None, title="Утре няма вода", text="Дайте вода.")
        assert campaigning.choose(unspoken="Дайте вода.") == []
        assert campaigning.choose() == []  # not asked again at once
        campaigning.later(timedelta(seconds=10))
        assert len(campaigning.choose()) == 46

    def test_a_family_waits_until_its_childs_name_can_be_said_and_the_others_do_not(
        self, campaigning: Campaigning
    ) -> None:
        campaign_id = campaigning.start()
        family_id = campaigning.families(campaign_id)[0].id
        with campaigning.database.session() as session:
            student = campaigning.students(family_id)[0]
            session.execute(update(Student).where(Student.id == student).values(first_name="Велислава-Мария"))
        dials = campaigning.choose(unspoken="За Велислава-Мария")
        assert len(dials) == 23
        assert family_id not in {campaigning.family_of(dial).id for dial in dials}
        campaigning.later(timedelta(seconds=10))
        (dial,) = campaigning.choose()
        assert campaigning.family_of(dial).id == family_id

    def test_a_meeting_that_is_changed_while_its_campaign_calls_is_told_as_changed_or_later(
        self, campaigning: Campaigning
    ) -> None:
        campaigning.start()
        assert len(campaigning.choose(10)) == 10
        with campaigning.database.session() as session:
            session.execute(
                update(SchoolEvent).where(SchoolEvent.id == campaigning.event_id).values(place="Актовата зала")
            )
        assert campaigning.choose(10, unspoken="Актовата зала,") == []


class TestStarting:
    def test_nobody_is_rung_before_the_draft_is_confirmed_nor_before_its_hour(self, campaigning: Campaigning) -> None:
        campaign_id = campaigning.draft()
        assert campaigning.choose() == []
        campaigning.start(campaign_id, at=campaigning.now + HOUR)
        campaigning.keep()
        assert campaigning.choose() == []
        campaigning.later(HOUR)
        campaigning.keep()
        assert campaigning.state(campaign_id) is CampaignState.RUNNING
        assert len(campaigning.choose()) == 24

    def test_quiet_hours_and_days_off_are_kept(self, campaigning: Campaigning) -> None:
        with campaigning.database.session() as session:
            session.execute(update(School).values(from_hour=8, until_hour=20, call_weekdays="134567"))
        campaigning.later(3 * HOUR)  # 21:00 on Tuesday; no calls on Tuesdays anyway
        campaign_id = campaigning.start()
        assert campaigning.choose() == []
        (opening,) = {family.due_at for family in campaigning.families(campaign_id)}
        assert opening == datetime(2026, 11, 25, 6, 0, tzinfo=UTC)  # 8:00 in Sofia on Wednesday
        campaigning.now = opening
        assert len(campaigning.choose()) == 24

    def test_hours_that_close_while_families_wait_move_them_to_the_next_opening(self, campaigning: Campaigning) -> None:
        with campaigning.database.session() as session:
            session.execute(update(School).values(from_hour=8, until_hour=20))
        campaign_id = campaigning.start()
        campaigning.later(2 * HOUR + MINUTE)
        assert campaigning.choose() == []
        assert {family.due_at for family in campaigning.families(campaign_id)} == {
            datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
        }

    @pytest.mark.parametrize(
        ("login", "given", "error"),
        [
            ("m.stoyanova", {"event_id": None, "title": "Проба"}, ForbiddenError),
            ("o.petkov", {}, ForbiddenError),  # class teacher of the other class
            ("direktor", {"event_id": 999_999}, MissingError),
            ("direktor", {"event_id": None, "title": "  "}, InputError),
            ("direktor", {"event_id": None, "title": "x", "level": 13}, InputError),
        ],
    )
    def test_what_is_not_allowed_is_refused(
        self, campaigning: Campaigning, login: str, given: dict[str, object], error: type[Exception]
    ) -> None:
        campaigning.principal = staff_id(campaigning.database, login)
        with pytest.raises(error):
            campaigning.draft(**given)

    def test_nobody_to_call_is_told(self, campaigning: Campaigning) -> None:
        with pytest.raises(InputError, match="nobody to call"):
            campaigning.start(event_id=None, title="Проба", level=1)


class TestResults:
    def test_a_key_ends_it_for_the_family(self, campaigning: Campaigning) -> None:
        campaigning.start()
        (dial,) = campaigning.choose(1)
        family = campaigning.family_of(dial)
        with campaigning.database.session() as session:
            answers.note(session, family.id, MeetingAnswer.COMES, Channel.CALL, campaigning.now)
        campaigning.answered(dial, CallResult.REACHED)
        family = campaigning.family_of(dial)
        assert (family.state, family.answer, family.answered_by) == (
            FamilyState.REACHED, MeetingAnswer.COMES, Channel.CALL,
        )  # fmt: skip
        assert campaigning.sms() == []

    @pytest.mark.parametrize(
        ("result", "pause"),
        [(CallResult.BUSY, 5), (CallResult.NO_ANSWER, 30), (CallResult.CUT_SHORT, 30), (CallResult.REJECTED, 60)],
    )
    def test_a_telephone_is_rung_again_after_a_pause_that_fits_the_cause(
        self, campaigning: Campaigning, result: CallResult, pause: int
    ) -> None:
        campaign_id = campaigning.start()
        family_id = campaigning.only(campaign_id, telephones=1)
        (dial,) = campaigning.choose()
        campaigning.unanswered(dial, result)
        assert campaigning.choose() == []
        campaigning.later(pause * MINUTE - MINUTE)
        assert campaigning.choose() == []
        campaigning.later(MINUTE)
        (again,) = campaigning.choose()
        assert again.phone == dial.phone
        assert campaigning.telephones(family_id)[0].attempts == 1

    def test_meanwhile_the_next_guardian_is_tried_and_whoever_hears_first_ends_it(
        self, campaigning: Campaigning
    ) -> None:
        campaign_id = campaigning.start()
        family_id = campaigning.only(campaign_id, telephones=2)
        mother, father = [one.phone for one in campaigning.telephones(family_id)]
        (first,) = campaigning.choose()
        assert first.phone == mother
        campaigning.unanswered(first, CallResult.NO_ANSWER, 19)
        campaigning.later(MINUTE)
        (second,) = campaigning.choose()
        assert second.phone == father
        campaigning.answered(second, CallResult.REACHED)
        campaigning.later(2 * HOUR)
        assert campaigning.choose() == []
        campaigning.keep()
        assert campaigning.state(campaign_id) is CampaignState.FINISHED

    def test_a_wrong_number_is_never_rung_again_and_flagged(self, campaigning: Campaigning) -> None:
        campaign_id = campaigning.start()
        family_id = campaigning.only(campaign_id, telephones=1)
        (dial,) = campaigning.choose()
        campaigning.unanswered(dial, CallResult.BAD_NUMBER, 1)
        assert campaigning.family_of(dial).state is FamilyState.NOT_REACHED
        assert campaigning.telephones(family_id)[0].last_result is CallResult.BAD_NUMBER
        assert campaigning.sms() == []  # nor does an SMS go to a number that does not exist

    def test_the_trunks_fault_costs_the_parents_no_attempt(self, campaigning: Campaigning) -> None:
        campaign_id = campaigning.start(attempts=1)
        family_id = campaigning.only(campaign_id, telephones=1)
        for _ in range(3):
            (dial,) = campaigning.choose()
            campaigning.unanswered(dial, CallResult.TRUNK, 34)
            campaigning.later(HOUR)
        assert campaigning.telephones(family_id)[0].attempts == 0
        with campaigning.database.reading() as session:
            (row,) = (one for one in progress.families(session, campaign_id) if one.id == family_id)
        assert row.attempts == 3  # what people read on the page: how often it was dialled
        found = next(one for one in campaigning.families(campaign_id) if one.id == family_id)
        assert found.state is FamilyState.WAITING

    def test_but_one_telephone_alone_that_always_fails_is_given_up(self, campaigning: Campaigning) -> None:
        campaign_id = campaigning.start(attempts=2)
        campaigning.only(campaign_id, telephones=1)
        rung = 0
        while dials := campaigning.choose():
            campaigning.unanswered(dials[0], CallResult.TRUNK, 34)
            campaigning.later(HOUR)
            rung += 1
        assert rung == 6
        assert campaigning.families(campaign_id)[0].state in (FamilyState.NOT_REACHED, FamilyState.SKIPPED)

    def test_a_machine_is_left_the_message_once_and_the_family_gets_the_sms(self, campaigning: Campaigning) -> None:
        campaign_id = campaigning.start()
        campaigning.only(campaign_id, telephones=1)
        (dial,) = campaigning.choose()
        campaigning.answered(dial, CallResult.MACHINE)
        campaigning.later(5 * HOUR)
        assert campaigning.choose() == []
        assert campaigning.family_of(dial).state is FamilyState.MACHINE
        assert [message.address for message in campaigning.sms()] == [dial.phone]

    def test_who_is_not_reached_gets_one_sms_that_asks_for_yes_or_no(self, campaigning: Campaigning) -> None:
        campaign_id = campaigning.start(attempts=2)
        family_id = campaigning.only(campaign_id, telephones=2)
        mother = campaigning.telephones(family_id)[0].phone
        rung: list[str] = []
        for _ in range(200):
            for dial in campaigning.choose():
                rung.append(dial.phone)
                campaigning.unanswered(dial, CallResult.NO_ANSWER, 19)
            campaigning.later(timedelta(minutes=5))
        assert len(rung) == 4
        assert rung.count(mother) == 2
        (message,) = campaigning.sms()
        assert (message.address, message.channel, message.purpose) == (mother, Channel.SMS, MessagePurpose.CAMPAIGN)
        assert message.text.endswith("Отговорете на този SMS с ДА или НЕ.")
        assert "(8а): Родителска среща" in message.text

    def test_without_the_fallback_nobody_is_written_to(self, campaigning: Campaigning) -> None:
        campaign_id = campaigning.start(attempts=1, sms_fallback=False)
        campaigning.only(campaign_id, telephones=1)
        (dial,) = campaigning.choose()
        campaigning.unanswered(dial, CallResult.NO_ANSWER)
        assert campaigning.family_of(dial).state is FamilyState.NOT_REACHED
        assert campaigning.sms() == []


class TestTextsAndNoCalls:
    """Of who wants no calls at all: the family gets the SMS when it is their telephone's turn."""

    @staticmethod
    def wish(campaigning: Campaigning, phone: str) -> None:
        with campaigning.database.session() as session:
            if session.scalar(select(Subscriber.id).where(Subscriber.phone == phone)) is None:
                session.add(Subscriber(phone=phone, created_at=campaigning.now))
                session.flush()
            session.execute(update(Subscriber).where(Subscriber.phone == phone).values(text_only=True))

    def test_a_parent_is_written_to_in_the_campaigns_own_words_and_never_rung(self, campaigning: Campaigning) -> None:
        campaign_id = campaigning.draft(text="Носете лична карта.", sms_fallback=False)
        campaigning.start(campaign_id)
        family_id = campaigning.only(campaign_id, telephones=1)
        (telephone,) = campaigning.telephones(family_id)
        self.wish(campaigning, telephone.phone)
        assert campaigning.choose() == []
        (message,) = campaigning.sms()
        assert (message.address, message.channel, message.purpose) == (
            telephone.phone, Channel.SMS, MessagePurpose.CAMPAIGN,
        )  # fmt: skip
        assert "Носете лична карта." in message.text
        with campaigning.database.session() as session:
            summary = progress.one(session, campaigning.principal, campaign_id)
            (family,) = (one for one in progress.families(session, campaign_id) if one.id == family_id)
            assert session.scalars(select(CallAttempt)).all() == []
            assert answers.by_sms(session, telephone.phone, MeetingAnswer.COMES, campaigning.now) is not None
        assert (summary.written_to, family.state, family.got_sms) == (1, FamilyState.NOT_REACHED, True)
        campaigning.later(24 * HOUR)
        campaigning.keep()
        assert campaigning.choose() == []
        assert len(campaigning.sms()) == 1

    def test_the_other_guardian_is_rung_in_turn_and_not_after_the_sms(self, campaigning: Campaigning) -> None:
        campaign_id = campaigning.start(attempts=3)
        family_id = campaigning.only(campaign_id, telephones=2)
        first, second = campaigning.telephones(family_id)
        self.wish(campaigning, second.phone)
        (dial,) = campaigning.choose()
        assert dial.phone == first.phone
        campaigning.unanswered(dial, CallResult.NO_ANSWER, 19)
        campaigning.later(2 * MINUTE)
        assert campaigning.choose() == []
        assert [message.address for message in campaigning.sms()] == [second.phone]
        campaigning.later(5 * HOUR)
        assert campaigning.choose() == []

    def test_a_fixed_line_that_gets_no_sms_is_passed_over(self, campaigning: Campaigning) -> None:
        campaign_id = campaigning.start()
        family_id = campaigning.only(campaign_id, telephones=2)
        first, second = campaigning.telephones(family_id)
        fixed = "+35924000001"
        with campaigning.database.session() as session:
            session.execute(update(Guardian).where(Guardian.id == first.guardian_id).values(phone=fixed))
            session.execute(
                update(CampaignTelephone)
                .where(CampaignTelephone.family_id == family_id, CampaignTelephone.position == 1)
                .values(phone=fixed)
            )
        self.wish(campaigning, fixed)
        assert campaigning.choose() == []
        assert [dial.phone for dial in campaigning.choose()] == [second.phone]
        assert campaigning.sms() == []

    def test_whoever_opted_out_of_campaigns_gets_no_text_either(self, campaigning: Campaigning) -> None:
        campaign_id = campaigning.start()
        family_id = campaigning.only(campaign_id, telephones=1)
        (telephone,) = campaigning.telephones(family_id)
        self.wish(campaigning, telephone.phone)
        with campaigning.database.session() as session:
            school_id = session.scalars(select(School.id)).one()
            session.execute(
                insert(CampaignOptOut).values(school_id=school_id, phone=telephone.phone, at=campaigning.now)
            )
        assert campaigning.choose() == []
        assert campaigning.sms() == []


class TestRightBeforeTheDial:
    def test_paused_and_stopped_campaigns_ring_nobody(self, campaigning: Campaigning) -> None:
        campaign_id = campaigning.start()
        campaigning.steer(lifecycle.pause, campaign_id)
        assert campaigning.choose() == []
        campaigning.steer(lifecycle.resume, campaign_id)
        (dial,) = campaigning.choose(1)
        campaigning.steer(lifecycle.stop, campaign_id)
        assert campaigning.choose() == []
        campaigning.unanswered(dial, CallResult.NO_ANSWER)
        assert {family.state for family in campaigning.families(campaign_id)} == {FamilyState.SKIPPED}
        assert campaigning.sms() == []

    def test_a_telephone_that_opted_out_is_passed_over_for_the_next_guardian(self, campaigning: Campaigning) -> None:
        campaign_id = campaigning.start()
        family_id = campaigning.only(campaign_id, telephones=2)
        mother, father = [one.phone for one in campaigning.telephones(family_id)]
        self._opt_out(campaigning, mother)
        assert campaigning.choose() == []
        (dial,) = campaigning.choose()
        assert dial.phone == father

    def test_a_family_whose_telephones_all_opted_out_is_left_alone(self, campaigning: Campaigning) -> None:
        campaign_id = campaigning.start()
        family_id = campaigning.only(campaign_id, telephones=1)
        self._opt_out(campaigning, campaigning.telephones(family_id)[0].phone)
        assert campaigning.choose() == []
        found = next(one for one in campaigning.families(campaign_id) if one.id == family_id)
        assert found.state is FamilyState.OPTED_OUT
        assert campaigning.sms() == []

    def test_a_meeting_that_is_past_or_was_called_off_rings_nobody(self, campaigning: Campaigning) -> None:
        past, called_off = campaigning.start(), campaigning.start()
        with campaigning.database.session() as session:
            session.execute(update(Campaign).where(Campaign.id == called_off).values(event_id=None))
            session.execute(
                update(SchoolEvent)
                .where(SchoolEvent.id == campaigning.event_id)
                .values(starts_at=campaigning.now - MINUTE)
            )
        assert campaigning.choose() == []
        campaigning.keep()
        assert campaigning.state(past) is CampaignState.FINISHED
        assert campaigning.state(called_off) is CampaignState.STOPPED
        assert campaigning.sms() == []  # nobody is invited to what is over

    def test_whom_a_siblings_call_has_reached_is_not_called_again(self, campaigning: Campaigning) -> None:
        first, second = campaigning.start(), campaigning.start()
        dials = campaigning.choose()
        for dial in dials:
            campaigning.answered(dial, CallResult.REACHED)
        campaigning.later(HOUR)
        assert campaigning.choose() == []
        states = {family.state for one in (first, second) for family in campaigning.families(one)}
        assert states == {FamilyState.REACHED, FamilyState.SKIPPED}

    def test_a_telephone_in_use_by_us_is_not_rung_at_the_same_time(self, campaigning: Campaigning) -> None:
        campaigning.start()
        campaigning.start(event_id=None, title="Проба", class_id=campaigning.class_id)
        dials = campaigning.choose()
        assert len({dial.phone for dial in dials}) == len(dials) == 24
        campaigning.later(timedelta(seconds=30))
        assert campaigning.choose() == []

    @staticmethod
    def _opt_out(campaigning: Campaigning, phone: str) -> None:
        with campaigning.database.session() as session:
            school_id = session.scalars(select(School.id)).one()
            session.execute(insert(CampaignOptOut).values(school_id=school_id, phone=phone, at=campaigning.now))


class TestCrashes:
    def test_a_call_whose_end_nobody_saw_is_never_repeated_but_the_family_is_written_to(
        self, campaigning: Campaigning
    ) -> None:
        campaign_id = campaigning.start()
        campaigning.only(campaign_id, telephones=1)
        (dial,) = campaigning.choose()
        with campaigning.database.session() as session:
            (left,) = attempts.open_attempts(session, "host")
            assert left.channel_id == dial.channel_id
            attempts.lost(session, [dial.channel_id], campaigning.now, campaigning.pauses)
        campaigning.later(10 * HOUR)
        assert campaigning.choose() == []
        assert campaigning.family_of(dial).state is FamilyState.UNKNOWN
        assert len(campaigning.sms()) == 1

    def test_a_call_that_goes_on_is_adopted_and_its_dialogue_ends_it(self, campaigning: Campaigning) -> None:
        campaigning.start()
        (dial,) = campaigning.choose(1)
        with campaigning.database.session() as session:
            attempts.adopt(session, "host:2:def", [dial.channel_id], campaigning.now, 90 * timedelta(seconds=1))
        campaigning.answered(dial, CallResult.REACHED)
        assert campaigning.family_of(dial).state is FamilyState.REACHED
        with campaigning.database.reading() as session:
            assert session.scalars(select(CallAttempt.dialer)).one() == "host:2:def"

    def test_an_answered_call_whose_voice_server_died_is_settled_after_a_while(self, campaigning: Campaigning) -> None:
        campaigning.start()
        (dial,) = campaigning.choose(1)
        with campaigning.database.session() as session:
            attempts.answered(session, [dial.channel_id], campaigning.now)
            attempts.ended(session, [attempts.Ended(dial.channel_id, None, 16)], campaigning.now, campaigning.pauses)
            assert attempts.overdue(session, campaigning.now, campaigning.pauses) == 0
            assert attempts.overdue(session, campaigning.now + MINUTE, campaigning.pauses) == 1
        assert campaigning.family_of(dial).state is FamilyState.WAITING

    def test_an_attempt_is_settled_once(self, campaigning: Campaigning) -> None:
        campaign_id = campaigning.start()
        family_id = campaigning.only(campaign_id, telephones=1)
        (dial,) = campaigning.choose()
        campaigning.unanswered(dial, CallResult.BUSY, 17)
        campaigning.unanswered(dial, CallResult.BUSY, 17)
        campaigning.answered(dial, CallResult.REACHED)
        assert campaigning.telephones(family_id)[0].attempts == 1
        assert campaigning.family_of(dial).state is FamilyState.WAITING


class TestAnswersBySms:
    def test_yes_or_no_is_noted_for_the_latest_invitation_and_nobody_rings_any_more(
        self, campaigning: Campaigning
    ) -> None:
        campaign_id = campaigning.start()
        family_id = campaigning.only(campaign_id, telephones=2)
        father = campaigning.telephones(family_id)[1].phone
        with campaigning.database.session() as session:
            noted = answers.by_sms(session, father, MeetingAnswer.COMES_NOT, campaigning.now)
            assert noted is not None
            assert noted.title == "Родителска среща"
        assert campaigning.choose() == []
        found = next(one for one in campaigning.families(campaign_id) if one.id == family_id)
        assert (found.state, found.answer) == (FamilyState.REACHED, MeetingAnswer.COMES_NOT)

    def test_who_was_invited_to_nothing_answers_nothing(self, campaigning: Campaigning) -> None:
        campaigning.draft()
        with campaigning.database.session() as session:
            phone = session.scalars(select(CampaignTelephone.phone).limit(1)).one_or_none() or "+359888123456"
            assert answers.by_sms(session, phone, MeetingAnswer.COMES, campaigning.now) is None
