"""What people see of the outbox, and what they may do about it."""

from typing import Any

import pytest

from db.kinds import Channel, MessagePurpose, MessageState, PartState
from school import outbox
from school.outbox import Changed, Ending, Report, Result, TakenPart
from tests.school.outbox.post_office import HOUR, PHONE, PostOffice


def retry(office: PostOffice, *message_ids: int) -> Changed:
    with office.database.session() as session:
        return outbox.retry(session, message_ids, office.now)


def cancel(office: PostOffice, *message_ids: int) -> Changed:
    with office.database.session() as session:
        return outbox.cancel(session, message_ids, office.now)


def settle(office: PostOffice, *message_ids: int, sent: bool) -> Changed:
    with office.database.session() as session:
        return outbox.settle_unknown(session, message_ids, office.now, sent=sent)


def failed(office: PostOffice, **values: Any) -> int:
    message_id = office.put(**values)
    office.claim()
    office.ended(message_id, Ending.REFUSED, "invalid destination")
    return message_id


def test_a_months_charge_is_cancelled_by_billing_alone(office: PostOffice) -> None:
    """Otherwise the month would be owed, and nobody would charge it."""
    charge = office.put(purpose=MessagePurpose.CHARGE, charged=True)
    assert "eschool billing hold" in cancel(office, charge).refused[charge]
    assert [one.message_id for one in office.claim()] == [charge]


class TestShowing:
    def test_the_newest_first_without_text_and_whose_number_it_is(self, office: PostOffice) -> None:
        office.put("Тайна", address="maika@example.org", channel=Channel.EMAIL)
        message_id = office.put("Тайна")
        office.claim()
        office.sent(message_id, "a", "b")
        office.report(Report("a1", "a", PartState.DELIVERED))
        with office.database.reading() as session:
            shown = outbox.show(session)
        assert [one.address for one in shown] == ["+359…56", "m…@example.org"]
        assert (shown[0].state, shown[0].parts, shown[0].parts_delivered) == (MessageState.SENT, 2, 1)
        assert "Тайна" not in repr(shown)
        assert PHONE not in repr(shown)

    def test_by_state_and_by_address(self, office: PostOffice) -> None:
        refused, ready = failed(office), office.put(address="+359888000000")
        with office.database.reading() as session:
            assert [one.id for one in outbox.show(session, states=[MessageState.FAILED])] == [refused]
            in_two = outbox.show(session, states=[MessageState.FAILED, MessageState.READY])
            assert [one.id for one in in_two] == [ready, refused]
            assert [one.id for one in outbox.show(session, address=PHONE)] == [refused]
            assert len(outbox.show(session, limit=1)) == 1

    def test_how_much_waits_and_went_wrong(self, office: PostOffice) -> None:
        failed(office)
        office.put()
        office.put()
        office.claim(1)
        with office.database.reading() as session:
            counts = outbox.counts(session)
        assert counts.pending == 0
        assert counts.messages == {
            MessageState.READY: 1,
            MessageState.CLAIMED: 1,
            MessageState.FAILED: 1,
            MessageState.UNKNOWN: 0,
        }


class TestRetrying:
    def test_what_failed_is_sent_again_whole(self, office: PostOffice) -> None:
        message_id = office.put()
        office.claim()
        office.record(Result(message_id, Ending.REFUSED, (TakenPart(1, 2, "a1", "a"),), "no"))
        assert retry(office, message_id).done == (message_id,)
        (claimed,) = office.claim()
        assert claimed.parts_taken == frozenset()
        assert office.message(message_id).error is None

    def test_what_expired_is_tried_for_another_while(self, office: PostOffice) -> None:
        message_id = office.put(keep_for=HOUR)
        office.later(2 * HOUR).claim()
        retry(office, message_id)
        assert len(office.claim()) == 1

    def test_what_waits_for_its_next_attempt_goes_at_once(self, office: PostOffice) -> None:
        message_id = office.put()
        office.claim()
        office.ended(message_id, Ending.RETRY)
        retry(office, message_id)
        assert office.claim()[0].attempt == 2

    def test_what_is_done_or_charged_or_without_its_pin_is_refused_with_the_reason(self, office: PostOffice) -> None:
        done = office.put()
        office.claim()
        office.sent(done)
        charged = office.put(charged=True)
        office.claim()
        office.ended(charged, Ending.UNKNOWN)
        pin = office.put("{pin}", pin="1234")
        office.claim()
        office.sent(pin, "p")
        office.report(Report("a1", "p", PartState.FAILED))
        refused = retry(office, done, charged, pin, 4711).refused
        assert set(refused) == {done, charged, pin, 4711}
        assert "never sent twice" in refused[charged]
        assert "PIN" in refused[pin]
        assert office.claim() == ()


class TestSettling:
    @pytest.fixture
    def unknown(self, office: PostOffice) -> int:
        message_id = office.put("{pin}", pin="1234", charged=True)
        office.claim()
        office.ended(message_id, Ending.UNKNOWN)
        return message_id

    def test_what_the_bill_has_is_done_and_never_sent_again(self, office: PostOffice, unknown: int) -> None:
        assert settle(office, unknown, sent=True).done == (unknown,)
        assert office.state(unknown) is MessageState.SENT
        assert (office.message(unknown).sent_at, office.message(unknown).pin_encrypted) == (office.now, None)
        assert retry(office, unknown).done == ()

    def test_what_the_bill_does_not_have_has_failed_and_may_be_sent_again(
        self, office: PostOffice, unknown: int
    ) -> None:
        settle(office, unknown, sent=False)
        assert office.state(unknown) is MessageState.FAILED
        assert retry(office, unknown).done == (unknown,)
        assert [one.text for one in office.claim()] == ["1234"]

    def test_what_is_not_unknown_is_refused(self, office: PostOffice) -> None:
        message_id = failed(office)
        assert set(settle(office, message_id, 4711, sent=True).refused) == {message_id, 4711}
        assert office.state(message_id) is MessageState.FAILED


class TestCancelling:
    def test_what_is_ready_is_cancelled_and_nothing_else(self, office: PostOffice) -> None:
        in_hand = office.put()
        office.claim()
        ready = office.put("{pin}", pin="1234")
        changed = cancel(office, in_hand, ready)
        assert (changed.done, set(changed.refused)) == ((ready,), {in_hand})
        assert office.state(ready) is MessageState.CANCELLED
        assert office.message(ready).pin_encrypted is None
        assert office.claim() == ()
