"""A dialer at a small school: families that a campaign calls, and parents who are told by telephone what is new."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from db.kinds import CallResult, Channel, GuardianRelation
from db.models import CallAttempt, CampaignFamily, CampaignTelephone, ChannelTiming, Message, Subscription
from school.calling.policy import Pauses
from school.campaigns import lifecycle
from school.campaigns.lifecycle import Draft
from school.dialling import attempts, due_calls
from school.dialling.attempts import Ended
from school.dialling.due_calls import Dial, Limits
from school.students import guardians
from tests.school.students.small_schools import NOW, SmallSchool

DIALER = "host:1:abc"
ALL_FIRST = Limits(100, 100)


@dataclass
class Ringing:
    """`now` is when everybody acts; it starts on a Tuesday at 12:00 in Sofia."""

    school: SmallSchool
    now: datetime = NOW

    @property
    def session(self) -> Session:
        return self.school.session

    def guardian(self, phone: str, student: int | None = None) -> None:
        """A guardian of Мария with this telephone, after those she has."""
        guardians.add_guardian(
            self.session,
            by=self.school.leader,
            student_id=student or self.school.student,
            first_name="Силвия",
            last_name="Колева",
            relation=GuardianRelation.GUARDIAN,
            phone=phone,
            email="",
            now=NOW,
        )

    def campaign(self, at: datetime | None = None, **given: Any) -> int:
        """An announcement to the families of 8а, confirmed."""
        values: dict[str, Any] = {"title": "Утре няма вода", "class_id": self.school.own} | given
        by = self.school.leader
        id_ = lifecycle.draft(self.session, by=by, given=Draft(**values), now=self.now)
        lifecycle.start(self.session, by=by, campaign_id=id_, now=self.now, at=at)
        return id_

    def wants_calls(self, phone: str, student: int | None = None) -> tuple[int, int]:
        """This number follows a student and is rung at once: ids of subscriber and subscription."""
        person, subscription = self.school.follower(phone, student)
        timed = ChannelTiming.subscriber_id == person
        if self.session.scalar(select(ChannelTiming.subscriber_id).where(timed)) is None:
            self.session.execute(insert(ChannelTiming).values(subscriber_id=person, channel=Channel.CALL))
        return person, subscription

    def subscriber(self, subscription: int) -> int:
        return self.session.scalars(select(Subscription.subscriber_id).where(Subscription.id == subscription)).one()

    def choose(self, limits: Limits = ALL_FIRST) -> list[Dial]:
        return due_calls.choose(self.session, DIALER, limits, self.now)

    def phones(self, limits: Limits = ALL_FIRST) -> list[str]:
        return [dial.phone for dial in self.choose(limits)]

    def ended(self, dial: Dial, result: CallResult) -> None:
        attempts.ended(self.session, [Ended(dial.channel_id, result, 0)], self.now, Pauses())

    def families(self) -> Sequence[CampaignFamily]:
        self.session.expire_all()
        return self.session.scalars(select(CampaignFamily).order_by(CampaignFamily.id)).all()

    def family(self) -> CampaignFamily:
        (only,) = self.families()
        return only

    def telephones(self) -> Sequence[CampaignTelephone]:
        self.session.expire_all()
        return self.session.scalars(select(CampaignTelephone).order_by(CampaignTelephone.position)).all()

    def message(self) -> Message:
        """The only one to be told by telephone."""
        self.session.expire_all()
        return self.session.scalars(select(Message).where(Message.channel == Channel.CALL)).one()

    def attempts(self) -> Sequence[CallAttempt]:
        self.session.expire_all()
        return self.session.scalars(select(CallAttempt).order_by(CallAttempt.id)).all()
