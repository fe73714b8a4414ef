"""A campaign at the demonstration school, and what a dialer and parents do to it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from db.kinds import CallResult, CampaignState, FamilyState
from db.models import (
    CallAttempt,
    Campaign,
    CampaignChild,
    CampaignFamily,
    CampaignTelephone,
    Message,
    SchoolClass,
    SchoolEvent,
)
from db.session import Database
from school.calling.policy import Pauses
from school.campaigns import lifecycle, maintenance
from school.campaigns.lifecycle import Draft
from school.dialling import attempts, due_calls
from school.dialling.attempts import Ended
from school.dialling.due_calls import Dial, Limits
from tests.school.conftest import NOW
from tests.school.people import staff_id

DIALER = "host:1:abc"
MINUTE = timedelta(minutes=1)


class Campaigning:
    """`now` is when everybody acts; it starts on a Tuesday at 18:00 in Sofia."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = NOW
        self.pauses = Pauses()
        self.principal = staff_id(database, "direktor")
        with database.reading() as session:
            self.class_id = session.scalars(select(SchoolClass.id).where(SchoolClass.level == 8)).one()
            self.event_id = session.scalars(
                select(SchoolEvent.id).where(SchoolEvent.class_id == self.class_id, SchoolEvent.starts_at > NOW)
            ).one()

    def draft(self, **given: object) -> int:
        with self.database.session() as session:
            wanted = Draft(**({"event_id": self.event_id} | given))  # type: ignore[arg-type]
            return lifecycle.draft(session, by=self.principal, given=wanted, now=self.now)

    def start(self, campaign_id: int | None = None, at: datetime | None = None, **given: object) -> int:
        campaign_id = campaign_id or self.draft(**given)
        with self.database.session() as session:
            lifecycle.start(session, by=self.principal, campaign_id=campaign_id, now=self.now, at=at)
        return campaign_id

    def steer(self, act: Callable[..., None], campaign_id: int) -> None:
        with self.database.session() as session:
            act(session, by=self.principal, campaign_id=campaign_id, now=self.now)

    def choose(self, calls: int = 100, unspoken: str = "") -> list[Dial]:
        """`unspoken`: a piece of speech of which the dialer's host has no clip."""
        with self.database.session() as session:
            limits = Limits(calls, 0, is_spoken=lambda pieces: unspoken not in set(pieces))
            return due_calls.choose(session, DIALER, limits, self.now)

    def unanswered(self, dial: Dial, result: CallResult, cause: int = 0) -> None:
        with self.database.session() as session:
            attempts.ended(session, [Ended(dial.channel_id, result, cause)], self.now, self.pauses)

    def answered(self, dial: Dial, result: CallResult) -> None:
        with self.database.session() as session:
            attempts.answered(session, [dial.channel_id], self.now)
            attempts.told(session, dial.channel_id, result, self.now, self.pauses)
            attempts.ended(session, [Ended(dial.channel_id, None, 16)], self.now, self.pauses)

    def keep(self) -> None:
        with self.database.session() as session:
            maintenance.keep(session, self.now)

    def later(self, by: timedelta) -> None:
        self.now += by

    def family_of(self, dial: Dial) -> CampaignFamily:
        with self.database.reading() as session:
            return session.scalars(
                select(CampaignFamily)
                .join(CallAttempt, CallAttempt.family_id == CampaignFamily.id)
                .where(CallAttempt.channel_id == dial.channel_id)
            ).one()

    def families(self, campaign_id: int) -> list[CampaignFamily]:
        with self.database.reading() as session:
            return list(
                session.scalars(
                    select(CampaignFamily).where(CampaignFamily.campaign_id == campaign_id).order_by(CampaignFamily.id)
                )
            )

    def telephones(self, family_id: int) -> list[CampaignTelephone]:
        with self.database.reading() as session:
            return list(
                session.scalars(
                    select(CampaignTelephone)
                    .where(CampaignTelephone.family_id == family_id)
                    .order_by(CampaignTelephone.position)
                )
            )

    def students(self, family_id: int) -> list[int]:
        with self.database.reading() as session:
            return list(
                session.scalars(
                    select(CampaignChild.student_id)
                    .where(CampaignChild.family_id == family_id)
                    .order_by(CampaignChild.student_id)
                )
            )

    def state(self, campaign_id: int) -> CampaignState:
        with self.database.reading() as session:
            return session.scalars(select(Campaign.state).where(Campaign.id == campaign_id)).one()

    def sms(self) -> list[Message]:
        with self.database.reading() as session:
            return list(session.scalars(select(Message).order_by(Message.id)))

    def only(self, campaign_id: int, telephones: int) -> int:
        """Leave one family waiting, one with so many telephones; gives its id."""
        chosen = next(one.id for one in self.families(campaign_id) if len(self.telephones(one.id)) == telephones)
        with self.database.session() as session:
            session.execute(
                update(CampaignFamily)
                .where(CampaignFamily.campaign_id == campaign_id, CampaignFamily.id != chosen)
                .values(state=FamilyState.SKIPPED, due_at=None)
            )
        return chosen


@pytest.fixture
def campaigning(demonstration: Database) -> Campaigning:
    return Campaigning(demonstration)
