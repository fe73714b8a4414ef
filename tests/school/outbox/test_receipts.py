"""Delivery receipts: every part's, in any order, early or late, and never back from an end."""

from itertools import permutations

import pytest

from db.kinds import MessageState, PartState
from db.models import EarlyReceipt
from school import outbox
from school.outbox import Ending, Report, Result, TakenPart
from tests.school.outbox.post_office import HOUR, SECOND, PostOffice, parts


def delivered(smsc_id: str, operator: str = "a1") -> Report:
    return Report(operator, smsc_id, PartState.DELIVERED)


def failed(smsc_id: str, error: str = "UNDELIV 011") -> Report:
    return Report("a1", smsc_id, PartState.FAILED, error)


def sent(office: PostOffice, *smsc_ids: str) -> int:
    message_id = office.put()
    office.claim()
    office.sent(message_id, *smsc_ids)
    return message_id


def waiting(office: PostOffice) -> int:
    with office.database.reading() as session:
        return session.query(EarlyReceipt).count()


class TestDelivered:
    def test_a_message_is_delivered_when_its_part_is(self, office: PostOffice) -> None:
        message_id = sent(office, "x")
        office.later(SECOND).report(delivered("x"))
        message = office.message(message_id)
        assert (message.state, message.ended_at) == (MessageState.DELIVERED, office.now)

    def test_a_long_one_only_when_all_its_parts_are_in_whatever_order(self, office: PostOffice) -> None:
        for order in permutations("abc"):
            names = ["".join(order) + letter for letter in order]
            message_id = sent(office, *names)
            for name in sorted(names)[:-1]:
                office.report(delivered(name))
                assert office.state(message_id) is MessageState.SENT
            office.report(delivered(sorted(names)[-1]))
            assert office.state(message_id) is MessageState.DELIVERED

    def test_many_reports_at_once_each_find_their_message(self, office: PostOffice) -> None:
        ids = [office.put() for _ in range(30)]
        office.claim()
        office.record(*(Result(i, Ending.SENT, parts(f"{i}a", f"{i}b")) for i in ids))
        office.report(*(delivered(f"{i}{part}") for part in "ba" for i in ids if i % 3 or part == "a"))
        assert [office.state(i) for i in ids] == [MessageState.DELIVERED if i % 3 else MessageState.SENT for i in ids]

    def test_the_same_name_at_another_operator_is_another_part(self, office: PostOffice) -> None:
        message_id = sent(office, "x")
        office.report(delivered("x", "vivacom"))
        assert office.state(message_id) is MessageState.SENT

    def test_a_name_given_again_means_the_newest(self, office: PostOffice) -> None:
        old, new = sent(office, "x"), sent(office, "x")
        office.report(delivered("x"))
        assert [office.state(old), office.state(new)] == [MessageState.SENT, MessageState.DELIVERED]


class TestFailed:
    def test_one_failed_part_fails_the_message_with_the_reason(self, office: PostOffice) -> None:
        message_id = sent(office, "a", "b")
        office.report(delivered("a"), failed("b"))
        message = office.message(message_id)
        assert (message.state, message.error) == (MessageState.FAILED, "UNDELIV 011")

    @pytest.mark.parametrize("first_delivered", [True, False])
    def test_a_final_state_never_goes_back(self, office: PostOffice, first_delivered: bool) -> None:
        message_id = sent(office, "x")
        first, second = (delivered("x"), failed("x")) if first_delivered else (failed("x"), delivered("x"))
        office.report(first)
        state = office.state(message_id)
        office.report(second, Report("a1", "x", PartState.SENT))
        assert office.state(message_id) is state
        assert state is (MessageState.DELIVERED if first_delivered else MessageState.FAILED)

    def test_news_on_the_way_is_no_end(self, office: PostOffice) -> None:
        message_id = sent(office, "x")
        office.report(Report("a1", "x", PartState.SENT), Report("a1", "unheard of", PartState.SENT))
        assert office.state(message_id) is MessageState.SENT
        assert waiting(office) == 0


class TestTogether:
    """Receipts that are there when the result of their message is recorded."""

    def test_each_message_comes_to_the_end_that_its_receipt_tells(self, office: PostOffice) -> None:
        ids = [office.put() for _ in range(4)]
        office.claim()
        reports = (delivered("0"), failed("1"), Report("a1", "2", PartState.SENT), delivered("0"), failed("0"))
        results = (Result(i, Ending.SENT, parts(str(number))) for number, i in enumerate(ids))
        office.later(SECOND).record(*results, reports=reports)
        assert [office.state(i) for i in ids] == [
            MessageState.DELIVERED,
            MessageState.FAILED,
            MessageState.SENT,
            MessageState.SENT,
        ]
        done, part = office.message(ids[0]), office.parts(ids[0])[0]
        assert (done.sent_at, done.ended_at, done.lease_owner) == (office.now, office.now, None)
        assert (part.state, part.ended_at, part.smsc_id) == (PartState.DELIVERED, office.now, "0")
        assert office.message(ids[1]).error == "UNDELIV 011"
        assert waiting(office) == 0

    @pytest.mark.parametrize("told", ["", "a", "ab"])
    def test_a_long_one_is_delivered_when_all_its_parts_are(self, office: PostOffice, told: str) -> None:
        message_id = office.put()
        office.claim()
        reports = tuple(delivered(name) for name in told)
        office.record(Result(message_id, Ending.SENT, parts("a", "b")), reports=reports)
        assert office.state(message_id) is (MessageState.DELIVERED if told == "ab" else MessageState.SENT)

    def test_what_was_refused_meanwhile_is_not_delivered_by_another_s_receipt(self, office: PostOffice) -> None:
        message_id = office.put()
        office.claim()
        office.record(Result(message_id, Ending.RETRY, (TakenPart(1, 2, "a1", "a"),)), reports=(delivered("a"),))
        assert office.state(message_id) is MessageState.READY
        office.later(SECOND).claim()
        office.record(Result(message_id, Ending.SENT, (TakenPart(2, 2, "a1", "b"),)), reports=(delivered("b"),))
        assert office.state(message_id) is MessageState.DELIVERED

    def test_a_second_attempt_is_delivered_when_the_part_that_is_known_is(self, office: PostOffice) -> None:
        message_id = office.put()
        office.claim()
        other = PostOffice(office.database, "gateway 2").later(HOUR)
        other.claim()
        office.later(HOUR).sent(message_id, "x")
        other.record(Result(message_id, Ending.SENT, parts("y")), reports=(delivered("y"),))
        assert (office.state(message_id), office.parts(message_id)[0].smsc_id) == (MessageState.SENT, "x")
        office.report(delivered("x"))
        assert office.state(message_id) is MessageState.DELIVERED
        assert office.parts(message_id)[0].state is PartState.DELIVERED

    def test_a_result_that_counts_no_more_leaves_its_receipt_to_its_part(self, office: PostOffice) -> None:
        message_id = office.put()
        office.claim()
        office.later(HOUR)
        other = PostOffice(office.database, "gateway 2").later(HOUR)
        other.claim()
        office.record(Result(message_id, Ending.SENT, parts("x")), reports=(delivered("x"),))
        assert office.state(message_id) is MessageState.CLAIMED, "it is in the other's hands"
        other.sent(message_id, "y")
        assert office.state(message_id) is MessageState.DELIVERED


class TestEarly:
    def test_a_receipt_before_the_answer_counts_when_the_answer_comes(self, office: PostOffice) -> None:
        message_id = office.put()
        office.claim()
        office.report(delivered("a"), delivered("b"))
        assert waiting(office) == 2
        office.sent(message_id, "a", "b")
        assert office.state(message_id) is MessageState.DELIVERED
        assert waiting(office) == 0

    def test_a_receipt_and_then_a_late_answer(self, office: PostOffice) -> None:
        message_id = office.put(charged=True)
        office.claim()
        office.ended(message_id, Ending.UNKNOWN)
        office.report(delivered("a"))
        with office.database.session() as session:
            outbox.settle_late(session, message_id, parts("a")[0], office.now)
        assert office.state(message_id) is MessageState.DELIVERED

    def test_the_receipt_of_a_part_whose_message_is_not_out_yet(self, office: PostOffice) -> None:
        message_id = office.put()
        office.claim()
        office.report(delivered("a"))
        office.record(Result(message_id, Ending.RETRY, (TakenPart(1, 2, "a1", "a"),)))
        office.later(SECOND).claim()
        office.record(Result(message_id, Ending.SENT, (TakenPart(2, 2, "a1", "b"),)))
        assert office.state(message_id) is MessageState.SENT
        office.report(delivered("b"))
        assert office.state(message_id) is MessageState.DELIVERED

    def test_a_part_that_was_delivered_before_its_message_was_all_sent_is_counted(self, office: PostOffice) -> None:
        message_id = office.put()
        office.claim()
        office.record(Result(message_id, Ending.RETRY, (TakenPart(1, 2, "a1", "a"),)))
        office.later(SECOND).claim()
        office.report(delivered("a"), delivered("b"))
        office.record(Result(message_id, Ending.SENT, (TakenPart(2, 2, "a1", "b"),)))
        assert office.state(message_id) is MessageState.DELIVERED

    def test_one_stored_by_another_gateway_at_the_same_moment_is_found_by_the_sweep(self, office: PostOffice) -> None:
        message_id = sent(office, "x")
        with office.database.session() as session:
            session.add(
                EarlyReceipt(operator="a1", smsc_id="x", state=PartState.DELIVERED, error=None, received_at=office.now)
            )
        with office.database.session() as session:
            assert outbox.match_early(session, office.now) == 1
        assert office.state(message_id) is MessageState.DELIVERED
        assert waiting(office) == 0

    def test_it_waits_a_day_for_its_part(self, office: PostOffice) -> None:
        office.report(delivered("never sent"))
        for hours, left in ((23, 1), (2, 0)):
            office.later(hours * HOUR)
            with office.database.session() as session:
                assert outbox.match_early(session, office.now) == 0
            assert waiting(office) == left
