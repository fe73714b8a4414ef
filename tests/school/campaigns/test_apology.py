"""An apology: to exactly those whom a stopped campaign reached, once, in the school's words."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from db.kinds import CallResult, CampaignState, Channel, FamilyState, MessagePurpose, MessageState
from db.models import Audit, CampaignFamily, CampaignOptOut, CampaignTelephone, Guardian, Message
from errors import ForbiddenError, InputError
from school.campaigns import apology, lifecycle
from tests.school.campaigns.conftest import Campaigning
from tests.school.people import staff_id

WORDS = "Обаждането беше грешка. Извиняваме се."


def apologise(campaigning: Campaigning, campaign_id: int, by: int | None = None, text: str = WORDS) -> int:
    with campaigning.database.session() as session:
        return apology.apologise(
            session, by=by or campaigning.principal, campaign_id=campaign_id, text=text, now=campaigning.now
        )


def written_to(campaigning: Campaigning) -> list[str]:
    return sorted(one.address for one in campaigning.sms() if WORDS.rstrip(".") in one.text)


def mistake(campaigning: Campaigning, number: int = 5) -> tuple[int, set[str], set[str]]:
    """A campaign that was stopped; gives whom it reached by call and by SMS."""
    campaign_id = campaigning.start(event_id=None, title="Проба", attempts=1)
    dials = campaigning.choose()
    heard = set()
    for place, dial in enumerate(dials):
        if place < number:
            result = (CallResult.REACHED, CallResult.MACHINE, CallResult.CUT_SHORT)[place % 3]
            campaigning.answered(dial, result)
            heard.add(dial.phone)
        else:
            campaigning.unanswered(dial, CallResult.BAD_NUMBER if place % 2 else CallResult.NO_ANSWER)
    by_sms = {one.address for one in campaigning.sms()}
    with campaigning.database.session() as session:
        some = sorted(one.id for one in campaigning.sms())[:3]
        session.execute(
            update(Message).where(Message.id.in_(some)).values(state=MessageState.SENT, sent_at=campaigning.now)
        )
        by_sms = set(session.scalars(select(Message.address).where(Message.id.in_(some))))
    campaigning.steer(lifecycle.stop, campaign_id)
    return campaign_id, heard, by_sms


def test_exactly_those_who_were_reached_get_it(campaigning: Campaigning) -> None:
    campaign_id, heard, by_sms = mistake(campaigning)
    assert heard
    assert by_sms
    with campaigning.database.reading() as session:
        number = apology.number_reached(session, campaign_id)
    made = apologise(campaigning, campaign_id)
    families = campaigning.families(made)
    assert len(families) == number
    assert written_to(campaigning) == sorted(heard | by_sms)
    assert {one.state for one in families} == {FamilyState.WRITTEN}
    sms = [one for one in campaigning.sms() if WORDS.rstrip(".") in one.text]
    assert {one.purpose for one in sms} == {MessagePurpose.SERVICE}
    assert {one.state for one in sms} == {MessageState.READY}


def test_what_the_stopped_campaign_had_not_sent_yet_is_not_sent(campaigning: Campaigning) -> None:
    campaign_id, _, _ = mistake(campaigning)
    with campaigning.database.reading() as session:
        states = set(
            session.scalars(
                select(Message.state)
                .join(CampaignFamily, CampaignFamily.message_id == Message.id)
                .where(CampaignFamily.campaign_id == campaign_id)
            )
        )
    assert states <= {MessageState.SENT, MessageState.CANCELLED}


def test_a_fixed_line_is_called(campaigning: Campaigning) -> None:
    campaign_id = campaigning.start(event_id=None, title="Проба")
    family_id = campaigning.only(campaign_id, telephones=1)
    with campaigning.database.session() as session:
        of_family = CampaignTelephone.family_id == family_id
        guardians = select(CampaignTelephone.guardian_id).where(of_family)
        session.execute(update(Guardian).where(Guardian.id.in_(guardians)).values(phone="+35929876543"))
        session.execute(update(CampaignTelephone).where(of_family).values(phone="+35929876543"))
    (dial,) = campaigning.choose()
    campaigning.answered(dial, CallResult.REACHED)
    campaigning.steer(lifecycle.stop, campaign_id)
    made = apologise(campaigning, campaign_id)
    (family,) = campaigning.families(made)
    assert family.state is FamilyState.WAITING
    assert [one.phone for one in campaigning.choose()] == ["+35929876543"]


def test_it_goes_out_though_the_brake_holds_the_campaigns(
    campaigning: Campaigning, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESCHOOL_BRAKE_FLOOR", "3")
    campaign_id, heard, by_sms = mistake(campaigning)
    apologise(campaigning, campaign_id)
    from school import outbox

    with campaigning.database.session() as session:
        claimed = outbox.claim(session, Channel.SMS, owner="x", limit=100, now=campaigning.now)
    assert sorted(one.address for one in claimed) == sorted(heard | by_sms)


def test_who_asked_not_to_be_called_is_left_alone_and_shown(campaigning: Campaigning) -> None:
    campaign_id, heard, by_sms = mistake(campaigning)
    stays_away = min(heard)
    with campaigning.database.session() as session:
        school_id = campaigning.families(campaign_id)[0].school_id
        session.execute(insert(CampaignOptOut).values(school_id=school_id, phone=stays_away, at=campaigning.now))
    made = apologise(campaigning, campaign_id)
    assert written_to(campaigning) == sorted((heard | by_sms) - {stays_away})
    assert FamilyState.OPTED_OUT in {one.state for one in campaigning.families(made)}


def test_once_and_audited(campaigning: Campaigning) -> None:
    campaign_id, _, _ = mistake(campaigning)
    made = apologise(campaigning, campaign_id)
    with pytest.raises(InputError, match="made already"):
        apologise(campaigning, campaign_id)
    with campaigning.database.reading() as session:
        (row,) = session.scalars(select(Audit).where(Audit.action == "campaign.apologised"))
    assert (row.entity_id, row.details["apology"]) == (campaign_id, made)
    campaigning.keep()
    assert campaigning.state(made) is CampaignState.FINISHED


def test_what_cannot_be_is_refused(campaigning: Campaigning) -> None:
    running = campaigning.start(event_id=None, title="Проба")
    with pytest.raises(InputError, match="stop it first"):
        apologise(campaigning, running)
    (dial,) = campaigning.choose(1)
    campaigning.steer(lifecycle.stop, running)
    with pytest.raises(InputError, match="under way"):
        apologise(campaigning, running)
    campaigning.unanswered(dial, CallResult.NO_ANSWER)
    with pytest.raises(InputError, match="reached nobody"):
        apologise(campaigning, running)
    campaigning.later(timedelta(hours=1))
    campaign_id, _, _ = mistake(campaigning)
    for text in ("", "   ", "а" * 1001):
        with pytest.raises(InputError):
            apologise(campaigning, campaign_id, text=text)
    with pytest.raises(ForbiddenError):
        apologise(campaigning, campaign_id, by=staff_id(campaigning.database, "m.stoyanova"))
