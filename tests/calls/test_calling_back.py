"""A parent lets it ring once, or texts ОБАДИ СЕ, and is called back: real calls, the dialer, and who is not called."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, select, update

import settings as settings_module
from db.kinds import CallResult, Channel, FamilyState, MessageState
from db.models import CallAttempt, CampaignFamily, CampaignTelephone, Message, Staff
from prompts.catalogue import PHRASES
from school.campaigns import lifecycle
from school.dialling import call_backs
from school.security.phones import e164
from smpp.texts.handling import handle
from tests.calls.bare_telephone import BareTelephone
from tests.calls.outbound import FAST, Ringing
from tests.calls.product import running_asterisk_with_school
from tests.calls.scenarios import Caller

pytestmark = pytest.mark.calls

RINGS = 3
WITHIN = 60.0
FAILED = {"state": MessageState.FAILED, "lease_until": None, "lease_owner": None}
"""What a call has become that no sender holds any more."""


@pytest.fixture(scope="module")
def calling_back(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ringing]:
    """The whole product, with calls back on."""
    home = tmp_path_factory.mktemp("calling-back") / "home"
    variables = {**FAST, "ESCHOOL_CALL_BACK": "true", "ESCHOOL_CALL_BACK_RING_SECONDS": str(RINGS)}
    with running_asterisk_with_school(home, **variables) as product, product.voice_server():
        found = Ringing(product)
        with found.dialer():
            yield found
        found.database.dispose()


@pytest.fixture(autouse=True)
def nobody_was_called_yet(calling_back: Ringing) -> None:
    with calling_back.database.session() as session:
        session.execute(delete(CallAttempt))
        session.execute(delete(Message).where(Message.channel == Channel.CALL))


def ring_once(calling_back: Ringing, number: str) -> None:
    """Call, hear it ring, and hang up before the answer."""
    with BareTelephone(calling_back.settings, number) as telephone:
        telephone.invite()
        telephone.wait_for("180")
        time.sleep(1)
        telephone.cancel()
        time.sleep(0.5)


def states(calling_back: Ringing) -> list[MessageState]:
    with calling_back.database.reading() as session:
        return list(session.scalars(select(Message.state).where(Message.channel == Channel.CALL)))


def test_who_lets_it_ring_once_is_called_back_and_hears_the_menu_after_a_key(calling_back: Ringing) -> None:
    parent = calling_back.product.parents_of_one[-1]
    name = f"За {parent.student['given_name']}"
    with calling_back.parent(parent.phone) as telephone:
        hung_up = time.monotonic()
        ring_once(calling_back, parent.phone)
        telephone.answer(WITHIN)
        assert time.monotonic() - hung_up < WITHIN
        telephone.wait_for(PHRASES["call-back"], 30)
        assert name not in telephone.texts()
        telephone.press("1")
        telephone.wait_for(name, 30, whole=False)
        telephone.wait_for(PHRASES["menu-grades"], 60, whole=False)
        telephone.press("2")
        time.sleep(1)
        telephone.hang_up()
    calling_back.wait_for(lambda: states(calling_back) == [MessageState.SENT])
    with calling_back.database.reading() as session:
        attempt = session.scalars(select(CallAttempt)).one()
    assert attempt.result is CallResult.REACHED
    assert attempt.school_id is not None


def test_a_mailbox_that_takes_it_hears_nothing_of_a_child(calling_back: Ringing) -> None:
    parent = calling_back.product.parents_of_one[-2]
    with calling_back.parent(parent.phone) as telephone:
        ring_once(calling_back, parent.phone)
        telephone.answer(WITHIN)
        assert telephone.wait_for_end(40)
        heard = telephone.texts()
    assert PHRASES["news-hello"] in heard
    assert not any(parent.student["given_name"] in text or "клас" in text for text in heard)


def test_who_is_answered_is_not_called_back_and_strangers_are_not(calling_back: Ringing) -> None:
    parent = calling_back.product.parents_of_one[-3]
    with BareTelephone(calling_back.settings, parent.phone) as telephone:
        began = time.monotonic()
        telephone.call()
        assert RINGS - 0.5 < time.monotonic() - began < RINGS + 3
        time.sleep(1)
    strangers = ("0888777009", "090012345", "+4930123456", "anonymous")
    with ThreadPoolExecutor(len(strangers)) as lines:
        for rung in [lines.submit(ring_once, calling_back, stranger) for stranger in strangers]:
            rung.result(timeout=60)
    time.sleep(2)
    assert states(calling_back) == []


def test_a_text_brings_a_call_and_a_day_has_its_limit(calling_back: Ringing, monkeypatch: pytest.MonkeyPatch) -> None:
    parent = calling_back.product.parents_of_one[-4]
    monkeypatch.setattr(settings_module, "current", lambda: calling_back.settings)
    now = datetime.now(UTC)
    with calling_back.parent(parent.phone) as telephone:
        with calling_back.database.session() as session:
            handled = handle(session, phone=parent.phone, operator="A1", text="Obadi se", now=now)
            assert (handled.command, handled.answered) == ("call back", False)
            assert call_backs.ask(session, parent.phone, now) is call_backs.Outcome.UNDER_WAY
        telephone.answer(WITHIN)
        telephone.hang_up()
    for _ in range(calling_back.settings.call_backs_a_day - 1):
        with calling_back.database.session() as session:
            session.execute(
                update(Message)
                .where(Message.channel == Channel.CALL)
                .values(created_at=now.replace(microsecond=0), ended_at=now, **FAILED)
            )
            later = datetime.fromtimestamp(now.timestamp() + 120, UTC)
            assert call_backs.ask(session, parent.phone, later) is call_backs.Outcome.CALLED
    with calling_back.database.session() as session:
        later = datetime.fromtimestamp(now.timestamp() + 600, UTC)
        assert call_backs.ask(session, parent.phone, later) is call_backs.Outcome.TOO_MANY
        session.execute(update(Message).where(Message.channel == Channel.CALL).values(**FAILED))


def test_who_wants_texts_alone_is_texted_by_a_campaign_and_called_only_when_they_ask(
    calling_back: Ringing, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = calling_back.product.parents_of_one[-5]
    with calling_back.product.telephone(parent.phone) as telephone:
        caller = Caller(telephone)
        telephone.dial(calling_back.settings.inbound_number)
        caller.press("7")
        caller.hears("text-only-is-off", whole=False)
        caller.press("3")
        caller.hears("text-only-now-on")
        caller.hears("text-only-is-on", whole=False)
        telephone.hang_up()
    family_id = campaign_for(calling_back, e164(parent.phone) or "")
    calling_back.wait_for(lambda: calling_back.family(family_id)[0] is FamilyState.NOT_REACHED)
    with calling_back.database.reading() as session:
        assert session.scalars(select(CallAttempt)).all() == []
        message = session.scalars(
            select(Message).join(CampaignFamily, CampaignFamily.message_id == Message.id)
            .where(CampaignFamily.id == family_id)
        ).one()  # fmt: skip
    assert (message.channel, message.address) == (Channel.SMS, e164(parent.phone))
    assert "Утре няма вода" in message.text
    monkeypatch.setattr(settings_module, "current", lambda: calling_back.settings)
    with calling_back.parent(parent.phone) as telephone:
        with calling_back.database.session() as session:
            handle(session, phone=e164(parent.phone) or "", operator="A1", text="ОБАДИ СЕ", now=datetime.now(UTC))
        telephone.answer(WITHIN)
        telephone.hang_up()


def campaign_for(calling_back: Ringing, phone: str) -> int:
    """Start an announcement for the family with this telephone (E.164), and for this telephone alone; gives its id."""
    campaign_id = calling_back.draft(announcement=True)
    with calling_back.database.session() as session:
        principal = session.scalars(select(Staff.id).where(Staff.email.startswith("direktor@"))).one()
        lifecycle.start(session, by=principal, campaign_id=campaign_id, now=datetime.now(UTC))
        of_campaign = CampaignFamily.campaign_id == campaign_id
        family_id, position = session.execute(
            select(CampaignFamily.id, CampaignTelephone.position)
            .join(CampaignTelephone, CampaignTelephone.family_id == CampaignFamily.id)
            .where(of_campaign, CampaignTelephone.phone == phone)
        ).one()
        session.execute(
            update(CampaignFamily)
            .where(of_campaign, CampaignFamily.id != family_id)
            .values(state=FamilyState.SKIPPED, due_at=None)
        )
        session.execute(update(CampaignFamily).where(CampaignFamily.id == family_id).values(position=position))
    return family_id
