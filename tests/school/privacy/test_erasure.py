"""A student who is erased is in no table any more, and nobody else loses anything."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from db.events import EventRef
from db.kinds import (
    AbsenceReason,
    CallDirection,
    CallOutcome,
    Channel,
    ChargeState,
    EventKind,
    ExcuseKind,
    GroupKind,
    GuardianRelation,
    MessagePurpose,
    MessageState,
    NotificationState,
    PayerState,
    SanctionKind,
)
from db.models import (
    Base,
    Call,
    Charge,
    ClassGroup,
    ClassGroupStudent,
    EmailRequest,
    Erasure,
    ExcuseNote,
    Grade,
    Guardian,
    HeardEvent,
    Message,
    Notification,
    Price,
    Sanction,
    Student,
    StudentGuardian,
    Subscriber,
    Subscription,
)
from school import outbox
from school.billing import collecting, payers, payments
from school.billing.ledger import balances
from school.billing.money import Money
from school.privacy.erasure import erase_students
from tests.school.privacy.family import came_from_another_school, parent_spoke
from tests.school.students.small_schools import FATHER, MOTHER, NOW, TODAY, SmallSchool


def add(session: Session, model: type[Base], **values: Any) -> int:
    table = model.__table__
    return session.execute(insert(model).values(values).returning(table.c.id)).scalar_one()  # type: ignore[no-any-return]


def has_student(session: Session) -> set[str]:
    """Names of the tables that say a student's id in a column of their own."""
    return {name for name, table in Base.metadata.tables.items() if "student_id" in table.c}


def rows_about(session: Session, student: int) -> set[str]:
    """In which of them there are rows about this one."""
    return {
        name
        for name in has_student(session)
        for table in (Base.metadata.tables[name],)
        if session.scalar(select(func.count()).select_from(table).where(table.c.student_id == student))
    }


def count(session: Session, model: type[Base], *conditions: Any) -> int:
    return session.scalars(select(func.count()).select_from(model).where(*conditions)).one()


def guardian(here: SmallSchool, *students: int) -> int:
    id_ = add(here.session, Guardian, school_id=here.id, first_name="Силвия", last_name="Колева", phone=MOTHER)
    for student in students:
        row = {"school_id": here.id, "student_id": student, "guardian_id": id_, "relation": GuardianRelation.MOTHER}
        here.session.execute(insert(StudentGuardian).values(row))
    return id_


def told(here: SmallSchool, ref: EventRef, person: int) -> int:
    """The event's notifications to this subscriber went out in a message."""
    message = add(
        here.session,
        Message,
        channel=Channel.SMS,
        purpose=MessagePurpose.NOTIFICATION,
        subscriber_id=person,
        address=MOTHER,
        text="Мария: 6 по математика",
        state=MessageState.SENT,
        due_at=NOW,
        expires_at=NOW,
        from_hour=8,
        until_hour=20,
        attempts=1,
        created_at=NOW,
    )
    here.session.execute(
        update(Notification)
        .where(Notification.subscriber_id == person, Notification.event_id == ref.id, Notification.kind == ref.kind)
        .values(state=NotificationState.BUNDLED, message_id=message)
    )
    return message


def hear(here: SmallSchool, ref: EventRef, person: int) -> None:
    here.session.execute(
        insert(HeardEvent).values(
            subscriber_id=person, kind=ref.kind, event_id=ref.id, school_id=here.id, first_heard_at=NOW
        )
    )


def call(here: SmallSchool, student: int, subscription: int) -> int:
    return add(
        here.session,
        Call,
        call_id=uuid4(),
        school_id=here.id,
        student_id=student,
        subscription_id=subscription,
        direction=CallDirection.INBOUND,
        caller=MOTHER,
        started_at=NOW,
        ended_at=NOW,
        outcome=CallOutcome.FINISHED,
    )


def fill(here: SmallSchool, student: int, phone: str) -> tuple[int, int, int, EventRef]:
    """Something about a student in every table that can hold it: subscriber, message, call and grade."""
    person, subscription = here.follower(phone, student)
    grade = here.grade(student_id=student)
    here.absence(student_id=student)
    here.remark(student_id=student)
    here.health_note(student_id=student)
    about = {"school_id": here.id, "student_id": student}
    entered = about | {"staff_id": here.leader, "school_year_id": here.year, "recorded_at": NOW}
    order = {"kind": SanctionKind.WARNING, "order_number": f"{student}", "ordered_on": TODAY, "text": ""}
    add(here.session, Sanction, **entered, **order)
    paper = {"kind": ExcuseKind.MEDICAL, "reason": AbsenceReason.HEALTH, "school_days": 1}
    add(here.session, ExcuseNote, **entered, **paper, starts_on=TODAY, ends_on=TODAY)
    came_from_another_school(here, student)
    parent_spoke(here, student, person, subscription)
    guardian(here, student)
    own = {"class_id": here.own, "name": f"График на {student}", "kind": GroupKind.INDIVIDUAL}
    group = here.session.scalars(insert(ClassGroup).values(school_id=here.id, **own).returning(ClassGroup.id)).one()
    here.session.execute(insert(ClassGroupStudent).values(**about, group_id=group))
    link = {"token_hash": f"{student}".encode(), "email": "a@example.org", "created_at": NOW}
    here.session.execute(insert(EmailRequest).values(**about, **link, expires_at=NOW + timedelta(days=1)))
    payers.follows(here.session, person, here.id, student, NOW)
    hear(here, grade, person)
    return person, told(here, grade, person), call(here, student, subscription), grade


class TestErased:
    def test_a_student_is_in_no_table_any_more_and_a_classmate_in_all_as_before(self, here: SmallSchool) -> None:
        fill(here, here.student, MOTHER)
        _, message, _, grade = fill(here, here.classmate, FATHER)
        others = rows_about(here.session, here.classmate)
        assert rows_about(here.session, here.student) == others
        assert has_student(here.session) - others == {"campaign_child"}  # all but what only a campaign has
        erase_students(here.session, here.id, [here.student], NOW)
        here.session.expire_all()
        assert rows_about(here.session, here.student) == set()
        assert rows_about(here.session, here.classmate) == others
        assert here.session.scalars(select(Student.id).where(Student.school_id == here.id)).all() == [here.classmate]
        assert here.session.scalars(select(Message.id).where(Message.text.startswith("Мария"))).all() == [message]
        assert here.session.scalars(select(HeardEvent.event_id)).all() == [grade.id]
        groups = here.session.scalars(select(ClassGroup.name).order_by(ClassGroup.id)).all()
        assert groups == [
            f"Индивидуален график {min(here.session.scalars(select(ClassGroup.id)))}",
            f"График на {here.classmate}",
        ]

    def test_what_a_parent_paid_stays_in_the_books_and_names_nobody(self, here: SmallSchool) -> None:
        person, *_ = fill(here, here.student, MOTHER)
        payer = payers.payer_of(here.session, person, NOW)
        paid = {"months": 1, "paid": Money(61, "EUR"), "method": "bank", "reference": "1"}
        payments.receive(here.session, payer.id, now=NOW, **paid)  # type: ignore[arg-type]
        erase_students(here.session, here.id, [here.student], NOW)
        kept = payers.by_id(here.session, payer.id)
        assert (kept.subscriber_id, kept.state) == (None, PayerState.CANCELLED)
        assert sum(one.amount.cents for one in balances(here.session) if one.code == "bank") == 61

    def test_a_charge_that_waits_is_cancelled_and_does_not_become_unknown(self, here: SmallSchool) -> None:
        person, *_ = fill(here, here.student, MOTHER)
        payer = payers.payer_of(here.session, person, NOW)
        message = outbox.enqueue(
            here.session, channel=Channel.SMS, address=MOTHER, text="0,61 €", now=NOW, purpose=MessagePurpose.CHARGE,
            subscriber_id=person, charged=True,
        )  # fmt: skip
        price = here.session.scalars(select(Price.id)).first()
        planned = {"attempt": 1, "state": ChargeState.PLANNED, "operator": "simulator", "planned_at": NOW}
        amount = {"price_id": price, "children": 1, "cents": 61, "currency": "EUR"}
        month = {"payer_id": payer.id, "month": date(2026, 10, 1), "made_in": date(2026, 11, 1)}
        here.session.execute(insert(Charge).values(**planned, **amount, **month, message_id=message))
        erase_students(here.session, here.id, [here.student], NOW)
        collecting.collect(here.session, NOW + timedelta(days=30))
        assert here.session.scalars(select(Charge.state)).all() == [ChargeState.CANCELLED]

    def test_calls_stay_to_be_counted_without_child_and_caller(self, here: SmallSchool) -> None:
        *_, id_, _ = fill(here, here.student, MOTHER)
        *_, others, _ = fill(here, here.classmate, FATHER)
        erase_students(here.session, here.id, [here.student], NOW)
        here.session.expire_all()
        found = here.session.get_one(Call, id_)
        assert (found.school_id, found.student_id, found.subscription_id, found.caller) == (here.id, None, None, None)
        assert here.session.get_one(Call, others).caller == MOTHER

    def test_who_followed_nobody_else_is_erased_with_every_message(self, here: SmallSchool) -> None:
        person, *_ = fill(here, here.student, MOTHER)
        erase_students(here.session, here.id, [here.student], NOW)
        assert count(here.session, Subscriber) == count(here.session, Guardian) == 0
        assert count(here.session, Message, Message.address == MOTHER) == 0
        assert count(here.session, Notification, Notification.subscriber_id == person) == 0

    def test_who_has_another_child_stays_with_what_was_told_of_that_one(self, here: SmallSchool) -> None:
        person, _, _, _ = fill(here, here.student, MOTHER)
        here.follower(MOTHER, here.classmate)
        shared = guardian(here, here.student, here.classmate)
        other = told(here, here.grade(student_id=here.classmate), person)
        erase_students(here.session, here.id, [here.student], NOW)
        assert here.session.scalars(select(Subscriber.id)).all() == [person]
        assert here.session.scalars(select(Guardian.id)).all() == [shared]
        assert here.session.scalars(select(Subscription.student_id)).all() == [here.classmate]
        assert here.session.scalars(select(Message.id).where(Message.subscriber_id == person)).all() == [other]

    def test_what_a_parent_of_another_child_has_heard_of_this_one_is_forgotten(self, here: SmallSchool) -> None:
        person, _, _, grade = fill(here, here.student, MOTHER)
        here.follower(MOTHER, here.classmate)
        sons = here.absence(student_id=here.classmate)
        for heard in (sons, EventRef(sons.kind, grade.id + 1000), EventRef(EventKind.MEETING, grade.id)):
            hear(here, heard, person)
        erase_students(here.session, here.id, [here.student], NOW)
        left = {EventRef(*row) for row in here.session.execute(select(HeardEvent.kind, HeardEvent.event_id))}
        assert grade not in left
        assert left == {sons, EventRef(sons.kind, grade.id + 1000), EventRef(EventKind.MEETING, grade.id)}

    def test_a_message_about_two_children_is_erased_whole(self, here: SmallSchool) -> None:
        person, message, _, _ = fill(here, here.student, MOTHER)
        here.follower(MOTHER, here.classmate)
        sons = here.grade(student_id=here.classmate)
        here.session.execute(
            update(Notification)
            .where(Notification.event_id == sons.id, Notification.kind == sons.kind)
            .values(state=NotificationState.BUNDLED, message_id=message)
        )
        erase_students(here.session, here.id, [here.student], NOW)
        assert count(here.session, Message, Message.id == message) == 0
        assert count(here.session, Notification, Notification.subscriber_id == person) == 0
        assert count(here.session, Grade, Grade.student_id == here.classmate) == 1

    def test_many_are_erased_at_once(self, here: SmallSchool) -> None:
        fill(here, here.student, MOTHER)
        fill(here, here.classmate, FATHER)
        erase_students(here.session, here.id, [here.student, here.classmate], NOW)
        assert count(here.session, Student) == count(here.session, Subscription) == count(here.session, Subscriber) == 0


class TestRefused:
    def test_a_student_of_another_school_stays(self, here: SmallSchool, elsewhere: SmallSchool) -> None:
        fill(elsewhere, elsewhere.student, MOTHER)
        before = rows_about(here.session, elsewhere.student)
        erase_students(here.session, here.id, [elsewhere.student], NOW)
        assert rows_about(here.session, elsewhere.student) == before
        assert count(here.session, Student, Student.id == elsewhere.student) == 1
        assert count(here.session, HeardEvent) == count(here.session, Guardian) == 1
        assert here.audited("student.erased") == []
        assert count(here.session, Erasure) == 0

    def test_of_several_only_the_schools_own_are_erased_and_written_down(
        self, here: SmallSchool, elsewhere: SmallSchool
    ) -> None:
        erase_students(here.session, here.id, [here.student, elsewhere.student, 999_999], NOW)
        assert [one.entity_id for one in here.audited("student.erased")] == [here.student]
        assert here.session.scalars(select(Erasure.row_id)).all() == [here.student]

    def test_of_nobody_nothing_is_erased_or_written_down(self, here: SmallSchool) -> None:
        fill(here, here.student, MOTHER)
        erase_students(here.session, here.id, [], NOW)
        assert count(here.session, Student) == 2
        assert here.audited("student.erased") == []


@pytest.mark.parametrize("by_clock", [True, False])
def test_the_audit_says_that_and_by_whom_and_no_name(here: SmallSchool, by_clock: bool) -> None:
    erase_students(here.session, here.id, [here.student], NOW, by=None if by_clock else here.leader)
    (audited,) = here.audited("student.erased")
    assert (audited.entity_id, audited.staff_id) == (here.student, None if by_clock else here.leader)
    assert audited.details == {}
