"""The product ringing parents: a running copy whose dialer can be killed and started again."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from subprocess import Popen

from sqlalchemy import func, select, update

from db.kinds import CampaignState, FamilyState, MeetingAnswer
from db.models import (
    CallAttempt,
    Campaign,
    CampaignFamily,
    CampaignTelephone,
    SchoolClass,
    SchoolEvent,
    Staff,
)
from db.session import Database, open_database
from devtools.pbx import eschool_process, exchange_of
from devtools.telephone.telephone import Telephone
from school.campaigns import lifecycle
from school.campaigns.lifecycle import Draft
from school.monitoring.health import Process, speaking
from tests.calls.product import Product

FAST = {
    "ESCHOOL_RING_SECONDS": "5",
    "ESCHOOL_RETRY_SCALE": "0.001",
    "ESCHOOL_DIAL_RATE": "20",
    "ESCHOOL_TRUNK_CHANNELS": "60",
    "ESCHOOL_NUMBER_CALLS_AN_HOUR": "100",
    "ESCHOOL_NUMBER_CALLS_A_DAY": "100",
    "ESCHOOL_BRAKE_FLOOR": "100000",
}
"""Half an hour's pause is two seconds; test after test calls the same telephones."""


class Ringing:
    """A product that rings parents."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.settings = product.settings

    @cached_property
    def database(self) -> Database:
        """The product's database."""
        return open_database(self.settings)

    @contextmanager
    def dialer(self) -> Iterator[Popen[bytes]]:
        """The dialer, once it is ready to ring."""
        log = self.settings.home_path / "dialer.log"
        with eschool_process(self.product.variables, "agi", "dial", log=log) as process:
            began = datetime.now(UTC)
            self.wait_for(lambda: process.poll() is not None or self._is_ready(began))
            assert process.poll() is None, log.read_text("utf-8", "replace")[-2500:]
            yield process

    def parent(self, phone: str, says: bytes = b"") -> Telephone:
        """The telephone of the parent with this number (E.164); nobody else's can be rung meanwhile."""
        number = f"0{phone.removeprefix('+359')}"
        pbx = exchange_of(self.settings)
        return Telephone(number, pbx, self.product.clip_book, port=self.settings.telephones_port, says=says)

    def draft(self, *, announcement: bool = False, level: int | None = None, attempts: int = 2) -> int:
        """A draft for the meeting of 8а, or an announcement for a level or the whole school."""
        now = datetime.now(UTC)
        with self.database.session() as session:
            event_id = session.scalars(
                select(SchoolEvent.id)
                .join(SchoolClass, SchoolClass.id == SchoolEvent.class_id)
                .where(SchoolClass.level == 8, SchoolEvent.starts_at > now)
            ).first()
            given = (
                Draft(title="Утре няма вода.", level=level, attempts=attempts)
                if announcement
                else Draft(event_id=event_id, attempts=attempts)
            )
            return lifecycle.draft(session, by=self._principal, given=given, now=now)

    def start(self, campaign_id: int) -> None:
        """Confirm a draft."""
        with self.database.session() as session:
            lifecycle.start(session, by=self._principal, campaign_id=campaign_id, now=datetime.now(UTC))

    @contextmanager
    def rung(self, campaign_id: int, place: int = 0, says: bytes = b"") -> Iterator[tuple[int, Telephone]]:
        """Confirm a draft for one family alone; gives the family and its telephone, which will ring.

        The family's turn comes only when its telephone is there: the dialer rings within milliseconds, and would use
        up an attempt on a telephone that is still being plugged in.
        """
        pause = timedelta(hours=1)
        family_id, phone = self.start_for_one(campaign_id, place, pause)
        with self.parent(phone, says=says) as telephone:
            with self.database.session() as session:
                family = session.get_one(CampaignFamily, family_id)
                assert family.due_at is not None
                family.due_at -= pause
            yield family_id, telephone

    def start_for_one(self, campaign_id: int, place: int = 0, pause: timedelta = timedelta()) -> tuple[int, str]:
        """Confirm a draft for one family alone, one with one telephone; gives the family and the telephone.

        pause: how much later than at once its turn comes.
        """
        now = datetime.now(UTC)
        with self.database.session() as session:
            lifecycle.start(session, by=self._principal, campaign_id=campaign_id, now=now)
            single = session.execute(
                select(CampaignTelephone.family_id, func.min(CampaignTelephone.phone).label("phone"))
                .join(CampaignFamily, CampaignFamily.id == CampaignTelephone.family_id)
                .where(CampaignFamily.campaign_id == campaign_id)
                .group_by(CampaignTelephone.family_id)
                .having(func.count() == 1)
                .order_by(CampaignTelephone.family_id)
            ).all()[place]
            session.execute(
                update(CampaignFamily)
                .where(CampaignFamily.campaign_id == campaign_id, CampaignFamily.id != single.family_id)
                .values(state=FamilyState.SKIPPED, due_at=None)
            )
            family = session.get_one(CampaignFamily, single.family_id)
            assert family.due_at is not None
            family.due_at += pause
            return single.family_id, single.phone

    def family(self, family_id: int) -> tuple[FamilyState, MeetingAnswer | None]:
        """How far a family is, and what it answered."""
        with self.database.reading() as session:
            row = session.execute(
                select(CampaignFamily.state, CampaignFamily.answer).where(CampaignFamily.id == family_id)
            ).one()
            return row.state, row.answer

    def families(self, campaign_id: int) -> Counter[FamilyState]:
        """How many are how far."""
        with self.database.reading() as session:
            return Counter(
                session.scalars(select(CampaignFamily.state).where(CampaignFamily.campaign_id == campaign_id))
            )

    def is_over(self, campaign_id: int) -> bool:
        """Whether the campaign came to its end."""
        with self.database.reading() as session:
            state = session.scalars(select(Campaign.state).where(Campaign.id == campaign_id)).one()
        return state is CampaignState.FINISHED

    def attempts(self, campaign_id: int) -> list[CallAttempt]:
        """All calls of a campaign."""
        with self.database.reading() as session:
            return list(
                session.scalars(
                    select(CallAttempt)
                    .join(CampaignFamily, CampaignFamily.id == CallAttempt.family_id)
                    .where(CampaignFamily.campaign_id == campaign_id)
                    .order_by(CallAttempt.id)
                )
            )

    def wait_for(self, ready: Callable[[], bool], seconds: float = 40) -> None:
        """Wait until it is so. Raises AssertionError with the end of the dialer's log."""
        deadline = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > deadline:
                log = (self.settings.home_path / "dialer.log").read_text("utf-8", "replace")
                raise AssertionError(f"it did not happen within {seconds:.0f} seconds; the dialer's log: {log[-2500:]}")
            time.sleep(0.1)

    @cached_property
    def _principal(self) -> int:
        with self.database.reading() as session:
            return session.scalars(select(Staff.id).where(Staff.email.startswith("direktor@"))).one()

    def _is_ready(self, since: datetime) -> bool:
        with self.database.reading() as session:
            return any(
                one.state == "ready" and one.updated_at > since
                for one in speaking(session, datetime.now(UTC), Process.DIALER)
            )
