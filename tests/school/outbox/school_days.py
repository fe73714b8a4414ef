"""The demonstration school's class book and its outbox: what a teacher enters, and what parents then get to read."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, insert, select, update

from db.events import EventRef
from db.kinds import AbsenceKind, Channel, GradeKind, RemarkKind, SchoolEventKind
from db.models import (
    ChannelTiming,
    Message,
    Notification,
    NotificationSwitch,
    School,
    Student,
    Subscriber,
    Subscription,
)
from db.session import Database
from demonstration.plan import words
from school.classbook import correcting, recording
from tests.school.conftest import NOW
from tests.school.outbox.post_office import PostOffice
from tests.school.people import child, class_of, staff_id, subject_id

MOTHER = "+359888123456"
"""She follows the first student only."""


class SchoolDay(PostOffice):
    """A post office next to the class book of the first student; it is 18:00 on a Tuesday."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.now = NOW
        self.set_school(from_hour=8, until_hour=20)
        self.student_id = child(database).student_id
        self.school_id = child(database).school_id
        self.subscription_id = child(database).subscription_id
        self.subscriber_id = child(database).subscriber_id
        self.maths = subject_id(database, words.MATHS)
        self.teacher = staff_id(database, "o.petkov")
        self.class_teacher = staff_id(database, "m.stoyanova")
        self.principal = staff_id(database, "direktor")

    def _write(self, record: Any, defaults: dict[str, Any], values: dict[str, Any]) -> EventRef:
        with self.database.session() as session:
            ref: EventRef = record(session, **(defaults | {"now": self.now} | values))
            return ref

    def grade(self, grade: str = "6", **values: Any) -> EventRef:
        defaults = {
            "by": self.teacher,
            "student_id": self.student_id,
            "subject_id": self.maths,
            "kind": GradeKind.CONTROL_WORK,
            "grade": Decimal(grade),
            "on": NOW.date(),
        }
        return self._write(recording.record_grade, defaults, values)

    def absence(self, **values: Any) -> EventRef:
        defaults = {
            "by": self.teacher,
            "student_id": self.student_id,
            "subject_id": self.maths,
            "kind": AbsenceKind.UNEXCUSED,
            "on": NOW.date(),
            "lesson": 8,
        }
        return self._write(recording.record_absence, defaults, values)

    def remark(self, **values: Any) -> EventRef:
        defaults = {
            "by": self.teacher,
            "student_id": self.student_id,
            "kind": RemarkKind.PRAISE,
            "text": "Помага на другите.",
            "on": NOW.date(),
        }
        return self._write(recording.record_remark, defaults, values)

    def health(self, **values: Any) -> EventRef:
        defaults = {
            "by": self.class_teacher,
            "student_id": self.student_id,
            "starts_on": NOW.date(),
            "ends_on": NOW.date() + timedelta(days=2),
            "note": "Ангина.",
        }
        return self._write(recording.record_health_note, defaults, values)

    def meeting(self, **values: Any) -> EventRef:
        defaults = {
            "by": self.principal,
            "kind": SchoolEventKind.MEETING,
            "class_id": class_of(self.database, self.student_id),
            "title": "Родителска среща",
            "place": "Кабинет 12",
            "starts_at": NOW + timedelta(days=1),
            "text": "Успехът на класа.",
        }
        return self._write(recording.record_school_event, defaults, values)

    def correct(self, ref: EventRef, grade: str) -> None:
        with self.database.session() as session:
            correcting.correct_grade(session, by=self.teacher, grade_id=ref.id, grade=Decimal(grade), now=self.now)

    def delete(self, ref: EventRef) -> None:
        with self.database.session() as session:
            correcting.delete_grade(session, by=self.teacher, grade_id=ref.id, now=self.now)

    def set_school(self, **values: Any) -> None:
        with self.database.session() as session:
            session.execute(update(School).values(**values))

    def set_subscription(self, **values: Any) -> None:
        with self.database.session() as session:
            session.execute(update(Subscription).where(Subscription.id == self.subscription_id).values(**values))

    def set_mother(self, **values: Any) -> None:
        with self.database.session() as session:
            session.execute(update(Subscriber).where(Subscriber.id == self.subscriber_id).values(**values))

    def daily(self, channel: Channel, hour: int | None) -> None:
        with self.database.session() as session:
            session.execute(
                insert(ChannelTiming).values(subscriber_id=self.subscriber_id, channel=channel, daily_hour=hour)
            )

    def switch_off(self, channel: Channel, kind: Any) -> None:
        with self.database.session() as session:
            session.execute(
                insert(NotificationSwitch).values(subscriber_id=self.subscriber_id, channel=channel, kind=kind)
            )

    def follow(self, student_id: int) -> int:
        """Let the mother follow another child of the school too."""
        with self.database.session() as session:
            own = session.get_one(Subscription, self.subscription_id)
            return session.scalars(
                insert(Subscription)
                .values(
                    school_id=own.school_id,
                    student_id=student_id,
                    subscriber_id=own.subscriber_id,
                    status="active",
                    created_at=NOW,
                    following_since=NOW,
                )
                .returning(Subscription.id)
            ).one()

    def classmate(self) -> int:
        """Another student of the class, with another given name, whom nobody follows yet."""
        with self.database.session() as session:
            own = session.get_one(Student, self.student_id)
            other = session.scalars(
                select(Student.id)
                .where(
                    Student.class_id == own.class_id,
                    Student.first_name != own.first_name,
                    Student.id.not_in(select(Subscription.student_id)),
                )
                .order_by(Student.id)
            ).first()
            assert other is not None
            return other

    def name(self, student_id: int) -> str:
        with self.database.reading() as session:
            return session.scalars(select(Student.first_name).where(Student.id == student_id)).one()

    def later(self, by: timedelta) -> "SchoolDay":
        super().later(by)
        return self

    def forget_everything(self) -> None:
        with self.database.session() as session:
            session.execute(delete(Notification))
            session.execute(delete(Message))

    def read_by(self, phone: str = MOTHER) -> list[str]:
        """What this number gets to read now: everything due is sent."""
        texts = []
        while claimed := self.claim():
            for one in claimed:
                self.sent(one.message_id)
                if one.address == phone:
                    texts.append(one.text)
        return texts

    def told(self, channel: Channel = Channel.SMS) -> list[Notification]:
        """The mother's notifications on a channel."""
        return [
            row
            for row in self.notifications()
            if row.subscription_id == self.subscription_id and row.channel is channel
        ]


def at(hour: int, minute: int = 0, *, days: int = 0) -> datetime:
    """An hour of NOW's day in winter Sofia, or of a day later."""
    return NOW.replace(hour=hour - 2, minute=minute) + timedelta(days=days)
