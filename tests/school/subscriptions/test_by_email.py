"""Following by e-mail: nobody is written to who did not ask, but for one letter, and nothing follows unconfirmed."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from stdnum import luhn

from db.kinds import Channel, Door, Language, LockoutKind, SubscriptionStatus
from db.models import EmailRequest, Message, School, Student, Subscriber, Subscription
from errors import InputError
from school.monitoring import wrong_codes
from school.outbox import unasked
from school.outbox.enqueue import PIN_PURPOSE
from school.outbox.unasked import MOST
from school.security import lockouts
from school.security.crypto import vault
from school.students import student_code
from school.subscriptions import by_email
from school.subscriptions.by_email import AGAIN_AFTER, LASTS, MOST_A_DAY, Asked, Waiting
from school.subscriptions.subscribing import FollowOutcome
from school.wording.service import Numbers
from tests.school.students.small_schools import FATHER, MOTHER, NOW, TODAY, SmallSchool

EMAIL = "silvia@example.org"
ROOT = "https://eschool.example"
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)
UNUSABLE = "This link was used already or is too old: ask for a new one."


def code(here: SmallSchool, student: int | None = None) -> str:
    found = student_code.in_force(here.session, student or here.student)
    assert found is not None
    return found


def ask(here: SmallSchool, now: datetime = NOW, *, email: str = EMAIL, student_code: str | None = None) -> Asked:
    typed = code(here) if student_code is None else student_code
    return by_email.ask(here.session, email=email, student_code=typed, network="192.0.2.1", root=ROOT, now=now)


def right(number: int) -> str:
    """A code whose check digit is right."""
    digits = f"{number:07}"
    return digits + str(luhn.calc_check_digit(digits))


def add(here: SmallSchool, person: int, now: datetime = NOW, email: str = EMAIL) -> bool:
    return by_email.add(
        here.session, subscriber_id=person, language=Language.BULGARIAN, email=email, root=ROOT, now=now
    )


def letters(session: Session, address: str = EMAIL) -> list[Message]:
    return list(session.scalars(select(Message).where(Message.address == address).order_by(Message.id)))


def token(session: Session, address: str = EMAIL) -> str:
    """The one in the address's latest letter with a link."""
    encrypted = letters(session, address)[-1].pin_encrypted
    assert encrypted is not None
    link = vault(session).decrypt(PIN_PURPOSE, encrypted)
    assert link.startswith(f"{ROOT}/email/confirm/")
    return link.rpartition("/")[2]


def confirm(here: SmallSchool, shown: str, now: datetime = NOW) -> by_email.Confirmed:
    """At a school that lets unknown addresses follow at once."""
    here.session.execute(update(School).values(new_email_waits=False))
    confirmed = by_email.confirm(here.session, shown, numbers=Numbers(), now=now)
    assert confirmed is not None
    return confirmed


def confirms_nothing(here: SmallSchool, shown: str) -> bool:
    """Whether the code that waited for this link is nobody's."""
    return by_email.confirm(here.session, shown, numbers=Numbers(), now=NOW) is None


class TestAsking:
    def test_a_right_code_gets_the_address_a_link_and_nothing_follows_yet(self, here: SmallSchool) -> None:
        typed = code(here)
        asked = ask(here, email=" Silvia@Example.org ", student_code=f"{typed[:4]} {typed[4:]}")
        assert asked == Asked(FollowOutcome.ASKED)
        (letter,) = letters(here.session)
        assert (letter.channel, letter.urgent, letter.expires_at) == (Channel.EMAIL, True, NOW + LASTS)
        assert "Мария" not in letter.text  # whoever typed the address need not own it
        assert here.session.scalar(select(func.count()).select_from(Subscription)) == 0

    @pytest.mark.parametrize("email", ["", "silvia", "silvia@", "a b@example.org", "силвия@example.org"])
    def test_what_is_no_address_is_refused_and_no_try_is_counted(self, here: SmallSchool, email: str) -> None:
        for _ in range(9):
            with pytest.raises(InputError, match="is not an e-mail address"):
                ask(here, email=email)
        assert ask(here).outcome is FollowOutcome.ASKED

    @pytest.mark.parametrize("typed", ["", "1234567", "123456789", "1234567a", "١٢٣٤٥٦٧٨"])
    def test_what_cannot_be_a_code_is_refused(self, here: SmallSchool, typed: str) -> None:
        with pytest.raises(InputError, match="An ID-code has 8 digits"):
            ask(here, student_code=typed)

    def test_a_wrong_check_digit_is_told_at_once_and_counted_nowhere(self, here: SmallSchool) -> None:
        typed = code(here)
        for _ in range(9):
            with pytest.raises(InputError, match="has a typing mistake"):
                ask(here, student_code=typed[:7] + str((int(typed[7]) + 1) % 10))
        assert ask(here) == Asked(FollowOutcome.ASKED)
        assert len(letters(here.session)) == 1

    def test_a_code_that_is_revoked_or_of_who_left_gets_the_answer_of_a_right_one_and_no_letter(
        self, here: SmallSchool
    ) -> None:
        revoked, left = code(here), code(here, here.classmate)
        student_code.issue(here.session, here.student, NOW)
        here.session.execute(update(Student).where(Student.id == here.classmate).values(class_id=None, left_on=TODAY))
        for typed in (revoked, left, "12345674"):
            assert ask(here, student_code=typed) == Asked(FollowOutcome.ASKED)
        assert letters(here.session) == []
        assert wrong_codes.last_hour(here.session, NOW)[Door.WEB] == 3

    def test_tries_are_counted_alike_whether_right_or_wrong_so_that_a_lock_tells_nothing(
        self, here: SmallSchool
    ) -> None:
        free = lockouts.SCHEDULES[LockoutKind.MAILBOX].free
        for typed in (code(here), "12345674"):
            email = f"a{typed}@example.org"
            answers = [ask(here, email=email, student_code=typed) for _ in range(free + 2)]
            assert [one.outcome for one in answers] == [FollowOutcome.ASKED] * (free + 1) + [FollowOutcome.LOCKED]
        assert ask(here, email="b@example.org").outcome is FollowOutcome.ASKED

    def test_a_mailbox_is_one_whatever_follows_the_plus(self, here: SmallSchool) -> None:
        answers = [ask(here, email=f"a+{number}@example.org", student_code=right(number)) for number in range(7)]
        assert answers[-1].outcome is FollowOutcome.LOCKED

    @pytest.mark.parametrize(("pause", "sent"), [(AGAIN_AFTER - TICK, 1), (AGAIN_AFTER, 2)])
    def test_who_asks_again_at_once_gets_no_second_letter(self, here: SmallSchool, pause: timedelta, sent: int) -> None:
        ask(here)
        assert ask(here, NOW + pause) == Asked(FollowOutcome.ASKED)  # the answer is the same
        assert len(letters(here.session)) == sent

    def test_an_address_gets_five_letters_a_day_whoever_asks_for_it(
        self, here: SmallSchool, elsewhere: SmallSchool
    ) -> None:
        at = [NOW + number * timedelta(hours=3) for number in range(MOST + 1)]
        for number, now in enumerate(at):
            ask((here, elsewhere)[number % 2], now)
        assert len(letters(here.session)) == MOST
        ask(here, at[MOST - 1] + DAY - TICK)
        assert len(letters(here.session)) == MOST
        ask(here, at[MOST - 1] + DAY + timedelta(hours=2))
        assert len(letters(here.session)) == MOST + 1

    def test_letters_by_sms_and_of_passwords_count_with_them(self, here: SmallSchool) -> None:
        follower = here.follower()
        for number in range(4):
            ask(here, NOW + number * AGAIN_AFTER)
        assert add(here, follower[0], NOW + 4 * AGAIN_AFTER)
        assert len(letters(here.session)) == MOST
        assert unasked.may_write(here.session, [EMAIL, "b@example.org"], NOW + DAY / 2) == {"b@example.org"}
        now = NOW + DAY / 2
        resets = [unasked.may_write_of_password(here.session, EMAIL, now + number * AGAIN_AFTER) for number in range(5)]
        assert resets == [True, True, False, False, False]
        assert unasked.may_write_of_password(here.session, EMAIL, now + AGAIN_AFTER + timedelta(hours=2))


class TestBrake:
    """Many wrong codes, whoever types them: the address is confirmed before the code is looked up."""

    @pytest.fixture
    def attacked(self, here: SmallSchool) -> SmallSchool:
        for _ in range(wrong_codes.MANY):
            wrong_codes.note(here.session, Door.WEB, NOW)
        return here

    def test_a_right_code_follows_by_the_same_letter(self, attacked: SmallSchool) -> None:
        ask(attacked)
        (stored,) = attacked.session.scalars(select(EmailRequest))
        assert stored.student_id is None
        assert stored.code_encrypted is not None
        assert code(attacked).encode() not in stored.code_encrypted
        confirmed = confirm(attacked, token(attacked.session))
        assert confirmed.child is not None
        assert confirmed.child.student_id == attacked.student

    def test_a_wrong_code_is_told_and_counted_only_to_the_owner_of_the_address(self, attacked: SmallSchool) -> None:
        assert ask(attacked, student_code="12345674") == Asked(FollowOutcome.ASKED)
        assert wrong_codes.last_hour(attacked.session, NOW)[Door.WEB] == wrong_codes.MANY
        assert confirms_nothing(attacked, token(attacked.session))
        assert wrong_codes.last_hour(attacked.session, NOW)[Door.WEB] == wrong_codes.MANY + 1

    def test_one_network_gets_thirty_tries_then_and_other_networks_go_on(self, attacked: SmallSchool) -> None:
        free = lockouts.SCHEDULES[LockoutKind.WEB_BRAKED].free
        answers = [
            by_email.ask(
                attacked.session,
                email=f"a{number}@example.org",
                student_code=right(number),
                network=f"203.0.113.{number}",
                root=ROOT,
                now=NOW,
            )
            for number in range(free + 2)
        ]
        assert [one.outcome for one in answers] == [FollowOutcome.ASKED] * (free + 1) + [FollowOutcome.LOCKED]
        assert ask(attacked).outcome is FollowOutcome.ASKED

    def test_a_code_that_was_replaced_meanwhile_opens_nothing(self, attacked: SmallSchool) -> None:
        ask(attacked)
        student_code.issue(attacked.session, attacked.student, NOW)
        assert confirms_nothing(attacked, token(attacked.session))

    def test_it_ends_after_an_hour_and_slow_guessing_is_seen_over_the_day(self, attacked: SmallSchool) -> None:
        later = NOW + timedelta(hours=1)
        assert not wrong_codes.too_many(attacked.session, Door.WEB, later)
        assert not wrong_codes.too_many(attacked.session, Door.SMS, NOW)
        for number in range(1, 20):
            wrong_codes.note(attacked.session, Door.WEB, NOW + number * timedelta(hours=1), 10)
        assert wrong_codes.too_many(attacked.session, Door.WEB, NOW + timedelta(hours=20))

    def test_the_log_tells_the_door_and_nothing_of_persons(
        self, here: SmallSchool, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for _ in range(2 * wrong_codes.MANY):
            wrong_codes.note(here.session, Door.SMS, NOW)
        told = [line for line in capsys.readouterr().out.splitlines() if "codes.many_wrong" in line]
        assert len(told) == 2
        assert "door=sms" in told[0]
        assert "last_hour=60" in told[0]


class TestLink:
    def test_it_says_what_it_confirms_until_it_is_too_old(self, here: SmallSchool) -> None:
        ask(here)
        shown = token(here.session)
        assert by_email.is_open(here.session, shown, NOW + LASTS - TICK) == Waiting(EMAIL, of_telephone=False)
        for now in (NOW + LASTS, NOW + LASTS + DAY):
            with pytest.raises(InputError, match=UNUSABLE):
                by_email.is_open(here.session, shown, now)
            with pytest.raises(InputError, match=UNUSABLE):
                confirm(here, shown, now)

    @pytest.mark.parametrize("shown", ["", "x", "х" * 43])
    def test_a_link_that_was_never_sent_confirms_nothing(self, here: SmallSchool, shown: str) -> None:
        ask(here)
        with pytest.raises(InputError, match=UNUSABLE):
            by_email.is_open(here.session, shown, NOW)
        with pytest.raises(InputError, match=UNUSABLE):
            confirm(here, shown)

    def test_it_works_once(self, here: SmallSchool) -> None:
        ask(here)
        shown = token(here.session)
        confirm(here, shown)
        with pytest.raises(InputError, match=UNUSABLE):
            by_email.is_open(here.session, shown, NOW)
        with pytest.raises(InputError, match=UNUSABLE):
            confirm(here, shown)
        assert len(here.audited("subscription.started")) == 1

    def test_the_table_does_not_know_it(self, here: SmallSchool) -> None:
        ask(here)
        (stored,) = here.session.scalars(select(EmailRequest.token_hash))
        assert token(here.session).encode() not in stored


class TestConfirming:
    def test_the_address_follows_gets_its_pin_and_the_other_followers_are_told(self, here: SmallSchool) -> None:
        here.follower()
        ask(here)
        confirmed = confirm(here, token(here.session))
        assert confirmed.child is not None
        assert (confirmed.email, confirmed.child.student_id) == (EMAIL, here.student)
        subscription = here.session.get_one(Subscription, confirmed.child.subscription_id)
        assert (subscription.status, subscription.following_since) == (SubscriptionStatus.ACTIVE, NOW)
        welcome = letters(here.session)[-1]
        assert welcome.pin_encrypted is not None
        pin = vault(here.session).decrypt(PIN_PURPOSE, welcome.pin_encrypted)
        assert pin.isdecimal()
        assert pin not in welcome.text
        (warning,) = letters(here.session, MOTHER)
        assert "s…@example.org" in warning.text
        (audited,) = here.audited("subscription.started")
        assert (audited.subscriber_id, audited.details["via"]) == (confirmed.subscriber_id, "e-mail")

    def test_who_follows_already_gets_no_other_pin(self, here: SmallSchool) -> None:
        ask(here)
        confirm(here, token(here.session))
        ask(here, NOW + AGAIN_AFTER)
        before = len(letters(here.session))
        confirm(here, token(here.session), NOW + AGAIN_AFTER)
        assert len(letters(here.session)) == before
        assert len(here.audited("subscription.started")) == 1

    def test_one_address_follows_children_of_two_schools(self, here: SmallSchool, elsewhere: SmallSchool) -> None:
        ids = set()
        for number, school in enumerate((here, elsewhere)):
            ask(school, NOW + number * AGAIN_AFTER)
            ids.add(confirm(school, token(here.session), NOW + number * AGAIN_AFTER).subscriber_id)
        assert len(ids) == 1
        assert here.session.scalar(select(func.count()).select_from(Subscription)) == 2

    def test_a_student_who_left_meanwhile_is_not_followed(self, here: SmallSchool) -> None:
        ask(here)
        here.session.execute(update(Student).where(Student.id == here.student).values(class_id=None, left_on=TODAY))
        with pytest.raises(InputError, match="no longer at the school"):
            confirm(here, token(here.session))
        assert here.session.scalar(select(func.count()).select_from(Subscription)) == 0


class TestOfATelephone:
    def test_its_address_is_written_to_after_it_is_confirmed(self, here: SmallSchool) -> None:
        person, subscription = here.follower(email_enabled=False)
        assert add(here, person)
        shown = token(here.session)
        assert by_email.is_open(here.session, shown, NOW) == Waiting(EMAIL, of_telephone=True)
        assert here.session.scalar(select(Subscriber.email).where(Subscriber.id == person)) is None
        confirmed = confirm(here, shown)
        assert confirmed == by_email.Confirmed(person, EMAIL, None)
        here.session.expire_all()
        assert here.session.get_one(Subscriber, person).email == EMAIL
        assert here.session.get_one(Subscription, subscription).email_enabled
        assert len(letters(here.session)) == 1  # it has its PIN already

    def test_an_address_that_follows_by_itself_is_not_taken_over(self, here: SmallSchool) -> None:
        here.follower(None, email=EMAIL)
        person, _ = here.follower()
        add(here, person)
        with pytest.raises(InputError, match="follows a student in a subscription of its own"):
            confirm(here, token(here.session))

    def test_a_telephone_asks_five_times_a_day_for_whatever_addresses(self, here: SmallSchool) -> None:
        person, _ = here.follower()
        asked = [add(here, person, email=f"a{number}@example.org") for number in range(MOST_A_DAY + 1)]
        assert asked == [True] * MOST_A_DAY + [False]
        assert add(here, here.follower(FATHER)[0])
        assert not add(here, person, NOW + DAY - TICK)
        assert add(here, person, NOW + DAY)

    def test_what_is_no_address_is_refused(self, here: SmallSchool) -> None:
        person, _ = here.follower()
        with pytest.raises(InputError, match="is not an e-mail address"):
            add(here, person, email="silvia")
