"""Numbers that our lines do not reach stand in the database already: nobody calls or writes to them."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from db.kinds import CallResult, Channel, FamilyState, MessagePurpose, MessageState
from db.models import CallAttempt, CampaignTelephone, Guardian, Message, School, Subscriber
from school import outbox
from school.campaigns.audience import audience
from school.campaigns.refused_numbers import refused_numbers
from school.security import destinations
from tests.school.campaigns.conftest import Campaigning

PLANTED = (
    "+35990123456", "+35970012345", "+870773111632", "+883510001234567", "+5352345678", "+2399912345",
    "+18092345678", "+447012345678", "+881612345678", "+7701234567",
)  # fmt: skip


def plant(campaigning: Campaigning) -> int:
    """Every telephone of the school is one of these; gives how many guardians have one."""
    with campaigning.database.session() as session:
        guardians = session.scalars(select(Guardian).where(Guardian.phone.is_not(None))).all()
        for place, one in enumerate(guardians):
            one.phone = PLANTED[place % len(PLANTED)]
        for place, follower in enumerate(session.scalars(select(Subscriber).where(Subscriber.phone.is_not(None)))):
            follower.phone = f"+8707731{place:05}"
        return len(guardians)


def test_the_audience_counts_them_apart_and_nobody_is_called(campaigning: Campaigning) -> None:
    with campaigning.database.reading() as session:
        before = audience(session, session.scalars(select(School.id)).one(), campaigning.class_id, None)
    plant(campaigning)
    with campaigning.database.reading() as session:
        after = audience(session, session.scalars(select(School.id)).one(), campaigning.class_id, None)
    assert after.families == ()
    assert after.not_allowed
    students = {child.student_id for family in after.not_allowed for child in family.children}
    assert students == {child.student_id for family in before.families for child in family.children}


def test_a_family_with_one_such_number_is_called_by_its_other(campaigning: Campaigning) -> None:
    with campaigning.database.session() as session:
        found = audience(session, session.scalars(select(School.id)).one(), campaigning.class_id, None)
        family = next(one for one in found.families if len(one.telephones) == 2 and one.telephones[0].guardian_id)
        session.execute(
            update(Guardian).where(Guardian.id == family.telephones[0].guardian_id).values(phone=PLANTED[0])
        )
    campaigning.start()
    rung = {dial.phone for dial in campaigning.choose()}
    assert PLANTED[0] not in rung
    assert family.telephones[1].phone in rung


@pytest.mark.parametrize("planted", PLANTED)
def test_rows_of_a_campaign_that_runs_are_not_dialled(campaigning: Campaigning, planted: str) -> None:
    campaign_id = campaigning.start()
    family_id = campaigning.only(campaign_id, telephones=1)
    with campaigning.database.session() as session:
        session.execute(update(CampaignTelephone).where(CampaignTelephone.family_id == family_id).values(phone=planted))
    for _ in range(10):
        assert campaigning.choose() == []
        campaigning.later(timedelta(hours=2))
        campaigning.keep()
    (family,) = [one for one in campaigning.families(campaign_id) if one.id == family_id]
    assert family.state is FamilyState.NOT_ALLOWED
    assert campaigning.telephones(family_id)[0].last_result is CallResult.NOT_ALLOWED
    assert campaigning.sms() == []
    with campaigning.database.reading() as session:
        assert session.scalars(select(CallAttempt.id)).all() == []


def test_the_next_telephone_of_the_family_gets_the_turn(campaigning: Campaigning) -> None:
    campaign_id = campaigning.start()
    family_id = campaigning.only(campaign_id, telephones=2)
    first, second = campaigning.telephones(family_id)
    with campaigning.database.session() as session:
        session.execute(
            update(CampaignTelephone)
            .where(CampaignTelephone.family_id == family_id, CampaignTelephone.position == first.position)
            .values(phone=PLANTED[0])
        )
    assert campaigning.choose() == []
    assert [dial.phone for dial in campaigning.choose()] == [second.phone]


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.CALL])
@pytest.mark.parametrize("urgent", [True, False])
def test_messages_that_wait_fail_and_say_why(campaigning: Campaigning, channel: Channel, urgent: bool) -> None:
    with campaigning.database.session() as session:
        for phone in PLANTED:
            outbox.enqueue(
                session,
                channel=channel,
                address=phone,
                text="Здравейте!",
                purpose=MessagePurpose.ANSWER,
                now=campaigning.now,
                urgent=urgent,
            )
    with campaigning.database.session() as session:
        assert outbox.claim(session, channel, owner="x", limit=100, now=campaigning.now) == ()
    with campaigning.database.reading() as session:
        found = session.execute(select(Message.state, Message.error, Message.ended_at)).all()
    assert {(row.state, row.error) for row in found} == {(MessageState.FAILED, destinations.ERROR)}
    assert None not in {row.ended_at for row in found}
    with campaigning.database.reading() as session:
        assert outbox.next_due(session, channel, campaigning.now) is None


def test_an_sms_is_not_sent_to_a_fixed_line(campaigning: Campaigning) -> None:
    with campaigning.database.session() as session:
        outbox.enqueue(
            session,
            channel=Channel.SMS,
            address="+35929876543",
            text="x",
            purpose=MessagePurpose.SERVICE,
            now=campaigning.now,
        )
        assert outbox.claim(session, Channel.SMS, owner="x", limit=9, now=campaigning.now) == ()


def test_they_are_listed_masked_for_the_operator(campaigning: Campaigning) -> None:
    with campaigning.database.reading() as session:
        assert list(refused_numbers(session)) == []
    guardians = plant(campaigning)
    with campaigning.database.reading() as session:
        found = list(refused_numbers(session))
    assert sum(one.is_guardian for one in found) >= guardians
    assert not any(phone in one.phone for one in found for phone in PLANTED)
    assert {"kind", "country"} <= {str(one.refusal) for one in found if one.is_guardian}
