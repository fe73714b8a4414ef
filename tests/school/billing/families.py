"""Children with parents who follow them, what the school enters for them, and what came of it."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from db.kinds import Channel, FollowWay, GradeKind, GradeScale, PayerState, SubscriptionStatus
from db.models import Grade, LedgerEntry, Message, Payer, Subscriber, Subscription
from school.billing import payers
from tests.school.joined import Joined, student

NOW = datetime(2025, 9, 16, 9, tzinfo=UTC)


@dataclass
class Families:
    """What a test says of families, in one session."""

    session: Session
    school: Joined
    _numbers: list[int] = field(default_factory=lambda: [0])

    def child(self) -> int:
        """A child of 8а."""
        return student(self.session, self.school)

    def parent(self, *, phone: bool = True, operator: str | None = "simulator") -> int:
        """A subscriber who follows nobody yet."""
        self._numbers[0] += 1
        number = self._numbers[0]
        values = {
            "phone": f"+35988800{number:04}" if phone else None,
            "email": None if phone else f"parent{number}@example.org",
            "operator": operator if phone else None,
            "created_at": NOW,
        }
        return self.session.scalars(insert(Subscriber).values(values).returning(Subscriber.id)).one()

    def follow(self, parent: int, child: int, now: datetime = NOW) -> None:
        """As after the ID-code was texted."""
        self.session.execute(
            insert(Subscription).values(
                school_id=self.school.school,
                student_id=child,
                subscriber_id=parent,
                status=SubscriptionStatus.ACTIVE,
                came_by=FollowWay.CODE,
                created_at=now,
                following_since=now,
            )
        )
        payers.follows(self.session, parent, self.school.school, child, now)

    def payer(self, now: datetime = NOW, children: int = 1, *, phone: bool = True) -> int:
        """A parent with children, who pays for them; gives the payer's id."""
        subscriber = self.parent(phone=phone)
        for _ in range(children):
            self.follow(subscriber, self.child(), now)
        found = payers.find(self.session, subscriber)
        assert found is not None
        return found.id

    def grade(self, payer_id: int, at: datetime) -> None:
        """The school enters a grade for each child of the payer."""
        for school_id, student_id in payers.children(self.session, payer_id):
            self.session.execute(
                insert(Grade).values(
                    school_id=school_id,
                    student_id=student_id,
                    subject_id=self.school.subjects["Математика"],
                    staff_id=self.school.administrator,
                    school_year_id=self.school.year,
                    term=1,
                    kind=GradeKind.CURRENT,
                    scale=GradeScale.NUMERIC,
                    value=6,
                    on_date=at.date(),
                    recorded_at=at,
                )
            )

    def one(self, payer_id: int) -> Payer:
        """The payer's row as it is now."""
        return self.session.scalars(
            select(Payer).where(Payer.id == payer_id).execution_options(populate_existing=True)
        ).one()

    def state(self, payer_id: int) -> PayerState:
        """What the payer owes, in a word."""
        return self.one(payer_id).state

    def texts(self, payer_id: int) -> list[str]:
        """The SMS that the payer was written, the oldest first."""
        return list(
            self.session.scalars(
                select(Message.text)
                .join(Payer, Payer.subscriber_id == Message.subscriber_id)
                .where(Payer.id == payer_id, Message.channel == Channel.SMS)
                .order_by(Message.id)
            )
        )

    def entries(self) -> int:
        """How many entries the ledger has."""
        return self.session.scalars(select(func.count()).select_from(LedgerEntry)).one()


def day(year: int, month: int, of_month: int, hour: int = 9) -> datetime:
    """A moment in UTC."""
    return datetime.combine(date(year, month, of_month), datetime.min.time(), UTC).replace(hour=hour)
