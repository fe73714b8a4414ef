"""Claiming, releasing and recording: a message is in one sender's hands, and its end is recorded once."""

import subprocess
import sys
from datetime import timedelta

import pytest
from sqlalchemy import event

from db.kinds import Channel, MessageState
from db.session import Database
from school import outbox
from school.outbox import Ending, Result, TakenPart, bundle
from tests.school.outbox.post_office import HOUR, NOON, PHONE, SECOND, PostOffice, parts


class TestClaiming:
    def test_a_message_is_claimed_once_with_all_a_sender_needs(self, office: PostOffice) -> None:
        message_id = office.put("Здравейте!", operator="a1")
        (claimed,) = office.claim()
        assert (claimed.message_id, claimed.address, claimed.operator) == (message_id, PHONE, "a1")
        assert (claimed.text, claimed.attempt, claimed.latin, claimed.charged) == ("Здравейте!", 1, False, False)
        assert claimed.parts_taken == frozenset()
        assert claimed.expires_at == NOON + 12 * HOUR
        assert office.claim() == ()

    def test_urgent_ones_go_first_then_the_longest_due(self, office: PostOffice) -> None:
        second = office.put()
        third = office.later(SECOND).put()
        first = office.later(SECOND).put(urgent=True)
        assert [one.message_id for one in office.claim(2)] == [first, second]
        assert [one.message_id for one in office.claim(2)] == [third]

    def test_other_channels_are_left_to_their_senders(self, office: PostOffice) -> None:
        office.put(channel=Channel.EMAIL, address="parent@example.org")
        assert office.claim() == ()
        assert len(office.claim(channel=Channel.EMAIL)) == 1

    def test_the_pin_is_in_what_is_sent_and_nowhere_afterwards(self, office: PostOffice) -> None:
        message_id = office.put("ПИН: {pin}.", pin="4711")
        assert b"4711" not in (office.message(message_id).pin_encrypted or b"")
        (claimed,) = office.claim()
        assert claimed.text == "ПИН: 4711."
        assert "4711" not in repr(claimed)
        office.sent(message_id)
        stored = office.message(message_id)
        assert (stored.text, stored.pin_encrypted) == ("ПИН: {pin}.", None)

    def test_braces_in_a_text_without_a_pin_are_only_text(self, office: PostOffice) -> None:
        office.put("{pin} {0} %s")
        assert office.claim()[0].text == "{pin} {0} %s"

    def test_what_was_not_touched_goes_back_as_if_never_claimed(self, office: PostOffice) -> None:
        message_id = office.put(charged=True)
        office.claim()
        with office.database.session() as session:
            outbox.release(session, office.owner, [message_id], office.now)
        assert (office.state(message_id), office.message(message_id).attempts) == (MessageState.READY, 0)
        assert office.claim()[0].attempt == 1

    def test_nobody_gives_back_or_renews_what_another_holds(self, office: PostOffice) -> None:
        message_id = office.put()
        office.claim()
        until = office.message(message_id).lease_until
        with office.database.session() as session:
            outbox.release(session, "another", [message_id], office.now)
            outbox.renew(session, "another", [message_id], office.now + HOUR)
        assert office.message(message_id).lease_until == until


class TestLeases:
    def test_what_a_dead_sender_held_is_claimed_again(self, office: PostOffice) -> None:
        office.put()
        office.claim()
        office.later(outbox.LEASE - SECOND)
        assert office.claim() == ()
        (claimed,) = office.later(2 * SECOND).claim()
        assert claimed.attempt == 2

    def test_what_is_charged_is_never_sent_again_by_itself(self, office: PostOffice) -> None:
        message_id = office.put(charged=True)
        office.claim()
        assert office.later(outbox.LEASE).claim() == ()
        assert office.state(message_id) is MessageState.UNKNOWN

    def test_a_renewed_lease_lasts_longer(self, office: PostOffice) -> None:
        message_id = office.put()
        office.claim()
        office.later(60 * SECOND)
        with office.database.session() as session:
            outbox.renew(session, office.owner, [message_id], office.now)
        assert office.later(60 * SECOND).claim() == ()

    def test_a_result_after_the_lease_counts_when_it_says_sent(self, office: PostOffice) -> None:
        message_id, other = office.put(), office.put(charged=True)
        office.claim()
        office.later(outbox.LEASE).claim(0)
        office.sent(message_id)
        office.sent(other)
        assert [office.state(message_id), office.state(other)] == [MessageState.SENT, MessageState.SENT]
        assert office.claim() == ()

    def test_a_result_after_another_sender_took_over_changes_nothing(self, office: PostOffice) -> None:
        message_id = office.put()
        office.claim()
        other = PostOffice(office.database, "gateway 2").later(outbox.LEASE)
        assert len(other.claim()) == 1
        office.ended(message_id, Ending.REFUSED, "late")
        office.sent(message_id)
        assert office.state(message_id) is MessageState.CLAIMED
        other.sent(message_id)
        assert office.state(message_id) is MessageState.SENT


class TestEndings:
    def test_sent_by_whom_and_when(self, office: PostOffice) -> None:
        message_id = office.put()
        office.claim()
        office.sent(message_id, "7A", "7B", operator="vivacom")
        message = office.message(message_id)
        assert (message.state, message.operator, message.sent_at) == (MessageState.SENT, "vivacom", NOON)
        assert [(part.number, part.total, part.smsc_id) for part in office.parts(message_id)] == [
            (1, 2, "7A"),
            (2, 2, "7B"),
        ]

    def test_refused_for_good_is_failed_with_the_reason(self, office: PostOffice) -> None:
        message_id = office.put()
        office.claim()
        office.ended(message_id, Ending.REFUSED, "The operator says: invalid destination.")
        message = office.message(message_id)
        assert (message.state, message.error) == (MessageState.FAILED, "The operator says: invalid destination.")
        assert office.later(HOUR).claim() == ()

    @pytest.mark.parametrize("ending", [Ending.RETRY, Ending.UNKNOWN])
    def test_it_is_tried_again_after_growing_pauses_until_it_is_given_up(
        self, office: PostOffice, ending: Ending
    ) -> None:
        message_id = office.put(keep_for=timedelta(days=2))
        pauses = []
        while office.claim():
            office.ended(message_id, ending, "full")
            if office.state(message_id) is MessageState.READY:
                due = office.next_due()
                assert due is not None
                assert due > office.now
                pauses.append(due - office.now)
                office.now = due
        assert office.state(message_id) is MessageState.FAILED
        assert pauses == sorted(pauses)
        assert pauses[0] == SECOND
        assert len(pauses) == (3 if ending is Ending.UNKNOWN else 29)

    def test_it_is_given_up_when_it_would_expire_before_the_next_attempt(self, office: PostOffice) -> None:
        message_id = office.put(keep_for=SECOND)
        office.claim()
        office.ended(message_id, Ending.RETRY)
        assert office.state(message_id) is MessageState.FAILED

    def test_charged_and_unanswered_stays_unknown(self, office: PostOffice) -> None:
        message_id = office.put(charged=True)
        office.claim()
        office.ended(message_id, Ending.UNKNOWN)
        assert office.state(message_id) is MessageState.UNKNOWN
        assert office.later(12 * HOUR).claim() == ()

    def test_what_a_slow_smsc_has_stays_unknown_whoever_pays(self, office: PostOffice) -> None:
        message_id = office.put()
        office.claim()
        office.ended(message_id, Ending.OVERDUE)
        assert office.state(message_id) is MessageState.UNKNOWN
        assert office.later(HOUR).claim() == ()
        with office.database.session() as session:
            outbox.settle_late(session, message_id, parts("late")[0], office.now)
        assert office.state(message_id) is MessageState.SENT

    def test_charged_and_refused_for_now_is_tried_again(self, office: PostOffice) -> None:
        message_id = office.put(charged=True)
        office.claim()
        office.ended(message_id, Ending.RETRY)
        assert office.later(SECOND).claim()[0].message_id == message_id

    def test_only_the_parts_that_were_not_taken_are_sent_again(self, office: PostOffice) -> None:
        message_id = office.put()
        office.claim()
        office.record(Result(message_id, Ending.RETRY, (TakenPart(2, 3, "a1", "x2"),), "throttled"))
        (again,) = office.later(SECOND).claim()
        assert again.parts_taken == {2}
        office.record(Result(message_id, Ending.SENT, (TakenPart(1, 3, "a1", "x1"), TakenPart(3, 3, "a1", "x3"))))
        assert office.state(message_id) is MessageState.SENT
        assert len(office.parts(message_id)) == 3

    def test_an_answer_that_comes_late_stops_the_next_attempt(self, office: PostOffice) -> None:
        message_id = office.put()
        office.claim()
        office.ended(message_id, Ending.UNKNOWN)
        with office.database.session() as session:
            outbox.settle_late(session, message_id, parts("late")[0], office.now)
        assert office.state(message_id) is MessageState.SENT
        assert office.later(HOUR).claim() == ()

    def test_an_answer_for_one_of_two_parts_leaves_the_other_to_be_sent(self, office: PostOffice) -> None:
        message_id = office.put()
        office.claim()
        office.ended(message_id, Ending.UNKNOWN)
        with office.database.session() as session:
            outbox.settle_late(session, message_id, parts("late", "lost")[0], office.now)
        assert office.later(SECOND).claim()[0].parts_taken == {1}

    def test_results_of_unknown_messages_are_ignored(self, office: PostOffice) -> None:
        office.sent(4711)
        assert office.messages() == []


class TestExpiry:
    def test_what_is_too_old_is_not_sent(self, office: PostOffice) -> None:
        old = office.put("{pin}", pin="1234", keep_for=HOUR)
        fresh = office.put(keep_for=3 * HOUR)
        assert [one.message_id for one in office.later(2 * HOUR).claim(1)] == [fresh]
        assert office.state(old) is MessageState.EXPIRED
        assert office.message(old).pin_encrypted is None


class TestQuietHours:
    def test_what_comes_at_night_waits_for_the_morning(self, office: PostOffice) -> None:
        office.later(9 * HOUR)  # 21:00
        message_id = office.put(hours=(8, 20))
        assert office.claim() == ()
        assert office.next_due() == NOON + 20 * HOUR
        assert office.later(11 * HOUR).claim()[0].message_id == message_id

    def test_what_was_not_sent_in_time_moves_to_the_morning_and_holds_nothing_up(self, office: PostOffice) -> None:
        for _ in range(5):
            office.put(hours=(8, 20), keep_for=48 * HOUR)
        anytime = office.later(SECOND).put()
        assert [one.message_id for one in office.later(9 * HOUR).claim(1)] == [anytime]
        assert office.next_due() == office.now + outbox.LEASE
        office.sent(anytime)
        assert office.next_due() == NOON + 20 * HOUR
        assert len(office.later(11 * HOUR).claim()) == 5

    def test_an_attempt_that_failed_in_the_evening_is_repeated_in_the_morning(self, office: PostOffice) -> None:
        office.later(8 * HOUR - SECOND)  # 19:59:59
        message_id = office.put(hours=(8, 20), keep_for=24 * HOUR)
        office.claim()
        office.ended(message_id, Ending.RETRY)
        assert office.next_due() == NOON + 20 * HOUR


def test_nothing_is_due_when_nothing_waits(office: PostOffice) -> None:
    assert office.next_due() is None
    message_id = office.put()
    assert office.next_due() == NOON
    office.claim()
    assert office.next_due() == NOON + outbox.LEASE
    office.sent(message_id)
    assert office.next_due() is None


class TestCrash:
    def test_what_a_process_of_this_host_held_is_taken_back_once_it_is_gone(self, office: PostOffice) -> None:
        with subprocess.Popen([sys.executable, "-c", "from school.outbox import new_owner; print(new_owner())"],
                              stdout=subprocess.PIPE, text=True) as process:  # fmt: skip
            dead = PostOffice(office.database, (process.communicate()[0]).strip())
        charged, plain = office.put(charged=True), office.put()
        assert len(dead.claim()) == 2
        with office.database.session() as session:
            assert outbox.reclaim_orphaned(session, Channel.SMS, office.now) == 2
        assert office.state(charged) is MessageState.UNKNOWN
        assert [one.message_id for one in office.claim()] == [plain]

    @pytest.mark.parametrize("changed", ["host", "space", "nothing"])
    def test_what_another_host_or_a_living_process_holds_stays_theirs(self, office: PostOffice, changed: str) -> None:
        host, space, process, fresh = outbox.new_owner().split(":")
        others = {
            "host": f"elsewhere:{space}:99999999:{fresh}",
            "space": f"{host}:00000000:99999999:{fresh}",
            "nothing": f"{host}:{space}:{process}:{fresh}",
        }
        office.put()
        assert len(PostOffice(office.database, others[changed]).claim()) == 1
        with office.database.session() as session:
            assert outbox.reclaim_orphaned(session, Channel.SMS, office.now) == 0
        assert office.claim() == ()

    def test_no_more_charged_ones_are_claimed_than_go_out_at_once(self, office: PostOffice) -> None:
        charged = [office.put(charged=True) for _ in range(3)]
        plain = office.put()
        with office.database.session() as session:
            claimed = outbox.claim(session, Channel.SMS, owner="a", limit=10, now=office.now, most_charged=1)
        assert {one.message_id for one in claimed} == {charged[0], plain}
        assert [one.message_id for one in office.claim()] == charged[1:]


def test_a_claim_reads_what_its_subscribers_are_to_be_told_and_not_all_that_is_due(empty_sqlite: Database) -> None:
    said: list[tuple[str, tuple[str, ...]]] = []
    event.listen(empty_sqlite._writer, "before_cursor_execute", lambda *told: said.append((told[2], told[3])))
    with empty_sqlite.session() as session:
        session.execute(bundle._due_on(Channel.SMS), {"subscribers": [1, 2], "now": NOON, "most": 9})
        statement, parameters = said[-1]
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    assert "ix_notification_pending" in plan[0][3]
