"""Who is let in: recognised numbers, codes and PINs, and the lock-outs that answer wrong ones."""

import threading
import time
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from db.kinds import SubscriptionStatus
from db.models import Audit, Lockout, School, Student, Subscriber, Subscription
from db.session import Database
from errors import InputError
from school.hearing import access
from school.hearing.access import Admitted, Refused
from school.security import lockouts
from school.setup.telling import change_telling
from school.students import student_code
from tests.school.conftest import NOW
from tests.school.people import Known, child, describe_school, known, subscribed_phones

STRANGER = "+359887000001"
MINUTE = timedelta(minutes=1)


def tries(database: Database, caller: str | None, code: str, pin: str, now: datetime = NOW) -> Admitted | Refused:
    with database.session() as session:
        return access.admit(session, caller, code, pin, now)


def strangers(database: Database, number: int, code: str, pin: str, now: datetime = NOW) -> Admitted | Refused:
    """A try by one of many numbers."""
    return tries(database, f"+3598871000{number:02}", code, pin, now)


def wrong(pin: str) -> str:
    return f"{(int(pin) + 1) % 10_000:04}"


def locked(answer: Admitted | Refused) -> timedelta | None:
    assert isinstance(answer, Refused)
    return answer.locked_until - NOW if answer.locked_until else None


class TestRecognition:
    def test_a_subscribed_number_is_known_with_its_child(self, demonstration: Database) -> None:
        parent = known(demonstration)
        with demonstration.reading() as session:
            (found,) = access.recognise(session, parent.phone)
        assert (found.student_id, found.class_name) == (parent.student_id, "8а")
        assert found.given_name == parent.given_name
        assert (found.needs_pin, found.sms_enabled) == (False, True)
        assert found.following_since.utcoffset() == timedelta()

    def test_the_schools_greeting_comes_with_the_child(self, demonstration: Database) -> None:
        parent = known(demonstration)
        with demonstration.session() as session:
            school_id = session.scalars(select(School.id).order_by(School.id)).first()
            assert school_id is not None
            change_telling(session, school_id, NOW, greeting="  Добре  дошли! ")
        with demonstration.reading() as session:
            assert [one.greeting for one in access.recognise(session, parent.phone)] == ["Добре дошли!"]
        with demonstration.session() as session:
            change_telling(session, school_id, NOW, greeting="")
            assert [one.greeting for one in access.recognise(session, parent.phone)] == [None]

    def test_a_family_hears_the_eldest_first(self, demonstration: Database) -> None:
        phones = [
            one["phone"] for student in describe_school(demonstration)["students"] for one in student["subscriptions"]
        ]
        shared = next(phone for phone in phones if phones.count(phone) == 2)
        with demonstration.reading() as session:
            children = access.recognise(session, shared)
        assert [one.class_name for one in children] == ["11б", "8а"]

    def test_hidden_and_unknown_numbers_are_nobody(self, demonstration: Database) -> None:
        with demonstration.reading() as session:
            assert access.recognise(session, None) == access.recognise(session, STRANGER) == ()

    @pytest.mark.parametrize("status", [SubscriptionStatus.WAITING, SubscriptionStatus.STOPPED])
    def test_only_active_subscriptions_count(self, demonstration: Database, status: SubscriptionStatus) -> None:
        parent = known(demonstration)
        with demonstration.session() as session:
            session.execute(
                update(Subscription)
                .where(Subscription.student_id == parent.student_id)
                .values(status=status, stopped_at=NOW if status is SubscriptionStatus.STOPPED else None)
            )
        with demonstration.reading() as session:
            assert access.recognise(session, parent.phone) == ()
        assert isinstance(tries(demonstration, STRANGER, parent.code, parent.pin), Refused)

    def test_who_left_the_school_is_not_told_about(self, demonstration: Database) -> None:
        parent = known(demonstration)
        with demonstration.session() as session:
            session.execute(
                update(Student).where(Student.id == parent.student_id).values(class_id=None, left_on=NOW.date())
            )
        with demonstration.reading() as session:
            assert access.recognise(session, parent.phone) == ()
        assert isinstance(tries(demonstration, STRANGER, parent.code, parent.pin), Refused)

    def test_a_number_of_the_waiting_one_is_not_known_yet(self, demonstration: Database) -> None:
        with demonstration.reading() as session:
            waiting = session.scalars(
                select(Subscriber.phone).join(Subscription).where(Subscription.status == SubscriptionStatus.WAITING)
            ).one()
            assert access.recognise(session, waiting) == ()


class TestCodeAndPin:
    @pytest.mark.parametrize("caller", [STRANGER, None])
    def test_the_right_ones_open_the_child_from_any_number(self, demonstration: Database, caller: str | None) -> None:
        parent = known(demonstration)
        answer = tries(demonstration, caller, parent.code, parent.pin)
        assert answer == Admitted(child(demonstration))

    def test_wrong_code_wrong_pin_and_nonsense_get_the_same_answer(self, demonstration: Database) -> None:
        parent = known(demonstration)
        answers = {
            tries(demonstration, f"+35988700000{number}", code, pin)
            for number, (code, pin) in enumerate(
                [
                    (parent.code, wrong(parent.pin)),
                    (student_code.generate(), parent.pin),
                    ("00000000", "0000"),
                    (parent.code, ""),
                    (parent.code, parent.pin + "0"),
                    ("x" * 500, "y" * 500),
                ]
            )
        }
        assert answers == {Refused(None)}

    def test_wrong_code_and_wrong_pin_take_about_the_same_time(self, demonstration: Database) -> None:
        parent = known(demonstration)

        def seconds(code: str) -> float:
            with demonstration.session() as session:
                session.execute(delete(Lockout))
            began = time.perf_counter()
            tries(demonstration, "+359887000100", code, wrong(parent.pin))
            return time.perf_counter() - began

        # The fastest of several, in turns: what else the machine does can only slow one down.
        wrong_pin, wrong_code = (
            min(times) for times in zip(*((seconds(parent.code), seconds("00000000")) for _ in range(20)), strict=True)
        )
        assert 0.5 < wrong_pin / wrong_code < 2

    def test_a_student_followed_by_two_opens_with_either_pin(self, demonstration: Database) -> None:
        student = next(one for one in describe_school(demonstration)["students"] if len(one["subscriptions"]) == 2)
        for one in student["subscriptions"]:
            if one["status"] == "active":
                answer = tries(demonstration, STRANGER, student["student_code"], one["pin"])
                assert isinstance(answer, Admitted)
                assert answer.child.subscription_id == child(demonstration, one["phone"]).subscription_id

    def test_the_pin_of_a_waiting_subscription_opens_nothing(self, demonstration: Database) -> None:
        student, one = next(
            (student, one)
            for student in describe_school(demonstration)["students"]
            for one in student["subscriptions"]
            if one["status"] == "waiting"
        )
        assert isinstance(tries(demonstration, one["phone"], student["student_code"], one["pin"]), Refused)

    def test_a_revoked_code_opens_nothing_and_the_new_one_does(self, demonstration: Database) -> None:
        parent = known(demonstration)
        with demonstration.session() as session:
            fresh = student_code.issue(session, parent.student_id, NOW)
        assert fresh != parent.code
        assert isinstance(tries(demonstration, STRANGER, parent.code, parent.pin), Refused)
        assert isinstance(tries(demonstration, STRANGER, fresh, parent.pin), Admitted)
        with demonstration.reading() as session:
            assert student_code.in_force(session, parent.student_id) == fresh
            actions = session.scalars(select(Audit.action).where(Audit.entity_id == parent.student_id)).all()
        assert {"student_code.revoked", "student_code.issued"} <= set(actions)

    def test_a_code_is_issued_for_a_student_only(self, demonstration: Database) -> None:
        with pytest.raises(InputError, match="no such student"), demonstration.session() as session:
            student_code.issue(session, 10**6, NOW)


class TestPinAlways:
    def test_a_recognised_number_needs_the_pin_where_the_school_wants_it(self, demonstration: Database) -> None:
        with demonstration.session() as session:
            session.execute(update(School).values(pin_always=True))
        parent, found = known(demonstration), child(demonstration)
        assert found.needs_pin
        with demonstration.session() as session:
            answer = access.admit_child(session, parent.phone, found.subscription_id, wrong(parent.pin), NOW)
            assert answer == Refused(None)
        with demonstration.session() as session:
            answer = access.admit_child(session, parent.phone, found.subscription_id, parent.pin, NOW)
            assert answer == Admitted(found)

    def test_the_subscription_of_another_number_stays_closed(self, demonstration: Database) -> None:
        parent, found = known(demonstration), child(demonstration)
        for caller in (STRANGER, None):
            with demonstration.session() as session:
                answer = access.admit_child(session, caller, found.subscription_id, parent.pin, NOW)
            assert answer == Refused(None)

    def test_its_failures_count_with_those_by_code(self, demonstration: Database) -> None:
        parent, found = known(demonstration), child(demonstration)
        for _ in range(3):
            with demonstration.session() as session:
                access.admit_child(session, parent.phone, found.subscription_id, wrong(parent.pin), NOW)
        assert locked(tries(demonstration, parent.phone, parent.code, wrong(parent.pin))) == MINUTE


class TestLockouts:
    def test_delays_grow_after_three_free_tries(self, demonstration: Database) -> None:
        parent, now, delays = known(demonstration), NOW, []
        for _ in range(9):
            answer = tries(demonstration, STRANGER, parent.code, wrong(parent.pin), now)
            assert isinstance(answer, Refused)
            delays.append(answer.locked_until and (answer.locked_until - now) // MINUTE)
            now = answer.locked_until or now
        assert delays == [None, None, None, 1, 5, 15, 60, 1440, 1440]

    def test_while_a_delay_runs_not_even_the_right_pin_opens(self, demonstration: Database) -> None:
        parent = known(demonstration)
        for _ in range(4):
            tries(demonstration, STRANGER, parent.code, wrong(parent.pin))
        assert locked(tries(demonstration, STRANGER, parent.code, parent.pin, NOW + MINUTE / 2)) == MINUTE
        assert isinstance(tries(demonstration, STRANGER, parent.code, parent.pin, NOW + MINUTE), Admitted)

    def test_a_caller_is_locked_for_every_student_and_nobody_else_is(self, demonstration: Database) -> None:
        parent = known(demonstration)
        for _ in range(4):
            tries(demonstration, STRANGER, parent.code, wrong(parent.pin))
        other = known(demonstration, another_phone(demonstration, parent))
        assert locked(tries(demonstration, STRANGER, other.code, other.pin)) == MINUTE
        for caller in ("+359887000009", None, parent.phone):
            assert isinstance(tries(demonstration, caller, parent.code, parent.pin), Admitted)

    @pytest.mark.parametrize("exists", [True, False])
    def test_strangers_together_get_ten_tries_at_a_code_and_then_long_delays(
        self, demonstration: Database, exists: bool
    ) -> None:
        parent = known(demonstration)
        code = parent.code if exists else "99999999"
        for number in range(10):
            assert strangers(demonstration, number, code, wrong(parent.pin)) == Refused(None)
        delays, now = [], NOW
        for number in range(10, 14):
            answer = strangers(demonstration, number, code, wrong(parent.pin), now)
            assert isinstance(answer, Refused)
            assert answer.locked_until
            assert strangers(demonstration, 99, code, parent.pin, now) == answer
            delays.append((answer.locked_until - now) // MINUTE)
            now = answer.locked_until
        assert delays == [15, 60, 240, 240]

    def test_a_number_that_follows_gets_in_however_many_strangers_guess(self, demonstration: Database) -> None:
        parent, found = known(demonstration), child(demonstration)
        for number in range(20):
            strangers(demonstration, number, parent.code, wrong(parent.pin))
        assert isinstance(tries(demonstration, parent.phone, parent.code, parent.pin), Admitted)
        with demonstration.session() as session:
            answer = access.admit_child(session, parent.phone, found.subscription_id, parent.pin, NOW)
        assert isinstance(answer, Admitted)

    def test_success_clears_the_caller_but_not_what_others_did_to_the_student(self, demonstration: Database) -> None:
        parent = known(demonstration)
        for number in range(10):
            strangers(demonstration, number, parent.code, wrong(parent.pin))
        assert isinstance(tries(demonstration, parent.phone, parent.code, parent.pin), Admitted)
        assert locked(tries(demonstration, "+359887000009", parent.code, wrong(parent.pin))) == 15 * MINUTE
        with demonstration.reading() as session:
            assert access.locked_until(session, parent.phone, None, NOW) is None

    def test_who_has_one_right_pin_guesses_no_more_of_another(self, demonstration: Database) -> None:
        parent = known(demonstration)
        other = known(demonstration, another_phone(demonstration, parent))
        for _ in range(3):
            assert tries(demonstration, STRANGER, other.code, wrong(other.pin)) == Refused(None)
            assert isinstance(tries(demonstration, STRANGER, parent.code, parent.pin), Admitted)
        assert locked(tries(demonstration, STRANGER, other.code, wrong(other.pin))) == MINUTE
        assert locked(tries(demonstration, STRANGER, other.code, other.pin)) == MINUTE

    def test_success_lets_a_caller_begin_anew(self, demonstration: Database) -> None:
        parent = known(demonstration)
        other = known(demonstration, another_phone(demonstration, parent))
        for _ in range(3):
            tries(demonstration, STRANGER, student_code.generate(), "0000")
        tries(demonstration, STRANGER, parent.code, parent.pin)
        assert tries(demonstration, STRANGER, other.code, wrong(other.pin)) == Refused(None)

    def test_a_count_is_forgotten_after_a_day(self, demonstration: Database) -> None:
        parent = known(demonstration)
        for _ in range(3):
            tries(demonstration, STRANGER, parent.code, wrong(parent.pin))
        later = NOW + timedelta(hours=24)
        assert tries(demonstration, STRANGER, parent.code, wrong(parent.pin), later) == Refused(None)

    def test_a_lock_is_told_before_anything_is_typed(self, demonstration: Database) -> None:
        parent = known(demonstration)
        for _ in range(4):
            tries(demonstration, STRANGER, parent.code, wrong(parent.pin))
        with demonstration.reading() as session:
            assert access.locked_until(session, STRANGER, None, NOW) == NOW + MINUTE
            assert access.locked_until(session, "+359887000009", parent.code, NOW) is None
            assert access.locked_until(session, None, None, NOW) is None
            assert access.locked_until(session, STRANGER, parent.code, NOW + MINUTE) is None

    def test_hidden_callers_share_many_tries_and_short_delays(self, demonstration: Database) -> None:
        parent = known(demonstration)
        for _ in range(30):
            assert tries(demonstration, None, student_code.generate(), "0000") == Refused(None)
        assert locked(tries(demonstration, None, student_code.generate(), "0000")) == MINUTE
        assert locked(tries(demonstration, None, parent.code, parent.pin)) == MINUTE
        assert isinstance(tries(demonstration, parent.phone, parent.code, parent.pin), Admitted)
        again = tries(demonstration, None, student_code.generate(), "0000", NOW + MINUTE)
        assert locked(again) == 2 * MINUTE

    def test_locks_survive_a_restart(self, demonstration: Database) -> None:
        parent = known(demonstration)
        for _ in range(4):
            tries(demonstration, STRANGER, parent.code, wrong(parent.pin))
        demonstration.dispose()
        assert locked(tries(demonstration, STRANGER, parent.code, parent.pin)) == MINUTE

    def test_neither_numbers_nor_codes_stand_in_the_counts(self, demonstration: Database) -> None:
        parent = known(demonstration)
        tries(demonstration, STRANGER, parent.code, wrong(parent.pin))
        with demonstration.reading() as session:
            hashes = session.scalars(select(Lockout.subject_hash)).all()
        assert len(hashes) == 3
        assert all(len(one) == 32 and parent.code.encode() not in one for one in hashes)

    def test_counts_that_mean_nothing_any_more_can_be_removed(self, demonstration: Database) -> None:
        tries(demonstration, STRANGER, "99999999", "1234")
        with demonstration.session() as session:
            assert lockouts.forget_old(session, NOW + timedelta(hours=23)) == 0
            assert lockouts.forget_old(session, NOW + timedelta(hours=25)) == 3

    def test_tries_at_the_same_moment_are_all_counted(self, demonstration: Database) -> None:
        parent, together = known(demonstration), threading.Barrier(16)
        answers: list[Admitted | Refused] = []

        def one(number: int) -> None:
            together.wait()
            answers.append(strangers(demonstration, number, parent.code, wrong(parent.pin)))

        threads = [threading.Thread(target=one, args=(number,)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(str(locked(answer)) for answer in answers) == ["0:15:00"] * 6 + ["None"] * 10
        with demonstration.reading() as session:
            assert max(session.scalars(select(Lockout.failures))) == 11


class TestSettingsOfASubscription:
    def test_a_new_pin_replaces_the_old_and_is_audited_without_it(self, demonstration: Database) -> None:
        parent, found = known(demonstration), child(demonstration)
        with demonstration.session() as session:
            access.change_pin(session, found.subscription_id, "908172", NOW)
        assert isinstance(tries(demonstration, STRANGER, parent.code, parent.pin), Refused)
        assert tries(demonstration, STRANGER, parent.code, "908172") == Admitted(found)
        with demonstration.reading() as session:
            row = session.scalars(select(Audit).where(Audit.action == "pin.changed")).one()
            assert (row.subscriber_id, row.entity_id, row.details) == (found.subscriber_id, found.subscription_id, {})

    @pytest.mark.parametrize("pin", ["123", "1234567", "abcd"])
    def test_a_bad_pin_changes_nothing(self, demonstration: Database, pin: str) -> None:
        parent, found = known(demonstration), child(demonstration)
        with pytest.raises(InputError, match="4 to 6 digits"), demonstration.session() as session:
            access.change_pin(session, found.subscription_id, pin, NOW)
        assert isinstance(tries(demonstration, STRANGER, parent.code, parent.pin), Admitted)

    def test_sms_is_switched_for_one_child_and_audited(self, demonstration: Database) -> None:
        found = child(demonstration)
        with demonstration.session() as session:
            access.set_sms(session, found.subscription_id, False, NOW)
        assert not child(demonstration).sms_enabled
        with demonstration.reading() as session:
            assert session.scalars(select(Audit.details).where(Audit.action == "sms.switched")).one() == {
                "enabled": False
            }

    def test_an_unknown_subscription_is_refused(self, demonstration: Database) -> None:
        with pytest.raises(InputError, match="no such subscription"), demonstration.session() as session:
            access.set_sms(session, 10**6, True, NOW)
        with pytest.raises(InputError, match="no such subscription"), demonstration.session() as session:
            access.change_pin(session, 10**6, "1234", NOW)


def another_phone(database: Database, than: Known) -> str:
    return next(phone for phone in subscribed_phones(database) if phone != than.phone)
