"""An address that the school does not know waits for the class teacher, and gets its first letter when approved."""

from sqlalchemy import select, update

from db.kinds import EndReason, SubscriptionStatus
from db.models import EmailRequest, Message, Staff, Subscription
from school.digests import summaries
from school.following.ending import end
from school.subscriptions import by_email, requests
from school.wording.service import Numbers
from tests.school.following.family import code, guardian, texts_to
from tests.school.students.small_schools import MOTHER, NOW, SmallSchool

EMAIL = "stranger@example.org"
TOKEN = "x" * 43


def confirmed(here: SmallSchool, email: str = EMAIL) -> by_email.Confirmed:
    """The address asked with the ID-code, and its owner opened the link."""
    by_email.ask(
        here.session, email=email, student_code=code(here), network="192.0.2.1", root="https://e.example", now=NOW
    )
    here.session.execute(
        update(EmailRequest).where(EmailRequest.email == email).values(token_hash=by_email._hash(TOKEN))
    )
    found = by_email.confirm(here.session, TOKEN, numbers=Numbers(), now=NOW)
    assert found is not None
    return found


def test_it_waits_and_learns_no_name_and_the_family_is_told(here: SmallSchool) -> None:
    here.follower(MOTHER)
    answer = confirmed(here)
    assert (answer.waits, answer.child) == (True, None)
    assert not any("Мария" in text for text in texts_to(here, EMAIL))
    assert texts_to(here, MOTHER)[0].startswith("s…@example.org иска да следи Мария от 8а.")
    (row,) = requests.listed(here.session, status=[SubscriptionStatus.WAITING], by=here.class_teacher)
    requests.approve(here.session, row.subscription_id, by=here.class_teacher, now=NOW)
    letter = here.session.scalars(select(Message).where(Message.address == EMAIL).order_by(Message.id)).all()[-1]
    assert "Вече следите Мария от 8а" in letter.text
    assert letter.pin_encrypted


def test_where_nobody_follows_the_class_teacher_is_told(here: SmallSchool) -> None:
    confirmed(here)
    teacher = here.session.scalars(select(Staff.email).where(Staff.id == here.class_teacher)).one()
    (letter,) = texts_to(here, teacher)
    assert "s…@example.org иска да следи Мария от 8а и чака решението Ви." in letter


def test_a_guardians_address_follows_at_once(here: SmallSchool) -> None:
    guardian(here, None, email=EMAIL)
    assert confirmed(here).child is not None


def test_an_address_added_to_a_guardians_telephone_is_not_known_by_it(here: SmallSchool) -> None:
    guardian(here, MOTHER, here.student)
    here.follower(MOTHER, here.classmate, email=EMAIL)
    assert confirmed(here).waits


def test_who_was_ended_has_no_summary_and_waits_with_the_same_code(here: SmallSchool) -> None:
    guardian(here, None, email=EMAIL)
    child = confirmed(here).child
    assert child is not None
    friday = NOW.date()
    assert [one.email for one in summaries._readers(here.session, friday)] == [EMAIL]
    end(here.session, [child.subscription_id], EndReason.STRANGER, NOW)
    assert summaries._readers(here.session, friday) == []
    here.session.execute(update(EmailRequest).values(token_hash=b"used"))
    by_email.ask(
        here.session, email=EMAIL, student_code=code(here), network="192.0.2.1", root="https://e.example", now=NOW
    )
    here.session.execute(update(EmailRequest).values(token_hash=by_email._hash(TOKEN), confirmed_at=None))
    again = by_email.confirm(here.session, TOKEN, numbers=Numbers(), now=NOW)
    assert again is not None
    assert again.waits
    assert here.session.scalars(select(Subscription.status)).all() == [SubscriptionStatus.WAITING]
