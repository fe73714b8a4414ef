"""What must hold after every day of a simulated year, and at its end; each broken rule is an AssertionError."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from bench.billing_school import School
from db.kinds import AccountKind, ChargeOutcome, ChargeState, LedgerCause, MessagePurpose
from db.models import Charge, Consent, Cover, LedgerAccount, LedgerEntry, Message, Payer, Price
from school.billing import debts
from school.billing.consents import Agreed
from school.billing.ledger import balances
from school.billing.money import Money
from school.billing.months import last_day

LIVE = (ChargeState.PLANNED, ChargeState.SENT, ChargeState.UNKNOWN, ChargeState.CHARGED)
OWED = (ChargeState.PLANNED, ChargeState.SENT, ChargeState.UNKNOWN)


class Proof:
    """What was seen of a year so far, kept apart from the platform's own tables.

    `entered`: (student, month) in which the school entered something; `left`: payers who wrote СТОП; `made`: how often
    an operator took a charge of a number in a month; `reported`: charges that it told of by itself.
    """

    def __init__(self, school: School) -> None:
        self.school = school
        self.entered: set[tuple[int, date]] = set()
        self.left: set[int] = set()
        self.stopped_in: Counter[str] = Counter()
        self.made: Counter[tuple[str, str]] = Counter()
        self.reported = 0
        self._seen = 0

    def of_day(self, session: Session, today: date) -> None:
        """The books balance, nobody is charged twice, and every charge that is new today is explained."""
        self._balance(session, today)
        self._once(session, today)
        self._explained(session, today)

    def _balance(self, session: Session, today: date) -> None:
        found = balances(session)
        assert sum(one.amount.cents for one in found) == 0, f"{today}: the books do not balance"
        owed = session.execute(_cents().where(Charge.state.in_(OWED))).scalar_one()
        last = (
            select(func.max(Charge.id))
            .where(Charge.payer_id == Payer.id, Charge.attempt > 0)
            .correlate(Payer)
            .scalar_subquery()
        )
        again = session.execute(
            _cents()
            .select_from(Payer)
            .join(Charge, Charge.id == last)
            .where(Payer.retry_on.is_not(None), Charge.state == ChargeState.FAILED)
        ).scalar_one()
        by_payers = sum(one.amount.cents for one in found if one.code == str(AccountKind.PAYER))
        if by_payers != owed + again:
            raise AssertionError(
                f"{today}: payers owe {by_payers} cents, charges say {owed} + {again}:\n{_odd_payers(session)}"
            )

    def _once(self, session: Session, today: date) -> None:
        for column in (Charge.made_in, Charge.month):
            twice = session.execute(
                select(Charge.payer_id, column)
                .where(Charge.state.in_(LIVE), Charge.made_in >= (today - timedelta(days=40)).replace(day=1))
                .group_by(Charge.payer_id, column)
                .having(func.count() > 1)
            ).all()
            assert twice == [], f"{today}: charged twice: {twice}"

    def _explained(self, session: Session, today: date) -> None:
        """Why somebody is charged: the school entered something, they agreed to the amount, and the price says it."""
        new = session.scalars(select(Charge).where(Charge.id > self._seen).order_by(Charge.id)).all()
        if not new:
            return
        self._seen = new[-1].id
        made = [one for one in new if one.attempt > 0]
        ids = {one.payer_id for one in made}
        agreed = _consents(session, ids)
        children = _covers(session, ids)
        prices = {one.id: one for one in session.scalars(select(Price))}
        for one in made:
            where = f"{today}: charge {one.id} of payer {one.payer_id} for {one.month:%Y-%m}"
            entered = [child for child in children[one.payer_id] if (child, one.month) in self.entered]
            assert entered, f"{where}: the school entered nothing"
            assert one.children <= len(entered), f"{where}: for {one.children} children, {len(entered)} had entries"
            price = prices[one.price_id]
            assert one.cents == price.first_cents + price.further_cents * (one.children - 1), f"{where}: the amount"
            assert price.valid_from <= one.month, f"{where}: a price that does not hold yet"
            assert not any(price.valid_from < other.valid_from <= one.month for other in prices.values()), where
            covers = [had for had in agreed[one.payer_id] if had.agreed_at <= one.planned_at]
            first = Money(price.first_cents, price.currency)
            assert any(had.covers(first) for had in covers), f"{where}: not agreed to {first}"
            assert one.month < one.made_in, f"{where}: charged before the month was over"
        empty = [one for one in new if one.state is ChargeState.PASSIVE]
        assert all(one.cents == 0 for one in empty), today
        live = [one for one in made if one.state is not ChargeState.CANCELLED]
        names = {debts.name((one.payer_id, one.month)) for one in live}
        owed = set(
            session.scalars(
                select(LedgerEntry.reference).where(
                    LedgerEntry.cause == LedgerCause.MONTH_DUE, LedgerEntry.at >= _first_of(live)
                )
            )
        ) if live else set()  # fmt: skip
        known = {one.payer_id for one in live if one.attempt > 1}
        missing = {name for name in names - owed if int(name.partition(":")[0]) not in known}
        assert not missing, f"{today}: not in the books: {missing}"

    def of_the_year(self, session: Session) -> None:
        """At the end: what operators took, what payers were told, and until when they have paid."""
        charges = session.scalars(select(Charge).where(Charge.attempt > 0)).all()
        charged = [one for one in charges if one.state is ChargeState.CHARGED]
        assert len({(one.payer_id, one.month) for one in charged}) == len(charged), "a month was charged twice"
        again = [key for key, times in self.made.items() if times > 1]
        assert not again, f"an operator was asked twice in a month: {again[:5]}"
        receipts = session.scalars(
            select(func.count())
            .select_from(Message)
            .where(Message.purpose == MessagePurpose.SERVICE, Message.text.startswith("Платихте"))
        ).one()
        # What only a file tells of long afterwards has none: the receipt would be about a month that nobody remembers.
        assert self.reported <= receipts <= len(charged), f"{len(charged)} charges, {receipts} receipts"
        failed = [one for one in charges if one.state is ChargeState.FAILED]
        assert all(one.outcome not in (None, ChargeOutcome.CHARGED) for one in failed), "failed for no reason"
        for until in session.scalars(select(Payer.paid_until).where(Payer.paid_until.is_not(None)).distinct()):
            assert until is not None
            assert until == last_day(until), f"paid until {until}"
        assert {one.cents for one in charged} >= {61, 75, 95}, "not every price was charged"
        assert date(2028, 2, 1) in {one.month for one in charged}, "nothing was charged for the leap month"

    def counted(self, session: Session) -> Counter[str]:
        """Attempts by what became of them, and the books."""
        rows = session.execute(
            select(Charge.state, Charge.outcome, func.count()).group_by(Charge.state, Charge.outcome)
        )
        found = Counter({f"charges {state} {outcome or ''}".strip(): number for state, outcome, number in rows})
        found["entries in the books"] = session.scalars(select(func.count()).select_from(LedgerEntry)).one()
        found["messages"] = session.scalars(select(func.count()).select_from(Message)).one()
        return found


def _odd_payers(session: Session) -> str:
    """Payers whose account is not what their charges say, with both, for whoever looks for the fault."""
    books: Counter[int] = Counter()
    rows = session.execute(
        select(LedgerAccount.id, LedgerAccount.payer_id).where(LedgerAccount.kind == AccountKind.PAYER)
    )
    of: dict[int, int] = {row.id: row.payer_id for row in rows}
    for entry in session.scalars(select(LedgerEntry)):
        for account, sign in ((entry.debit_id, 1), (entry.credit_id, -1)):
            if account in of:
                books[of[account]] += sign * entry.cents
    open_: Counter[int] = Counter()
    for charge, retry_on in session.execute(select(Charge, Payer.retry_on).join(Payer).order_by(Charge.id)):
        last = session.scalars(
            select(func.max(Charge.id)).where(Charge.payer_id == charge.payer_id, Charge.attempt > 0)
        ).one() if charge.state is ChargeState.FAILED and retry_on else None  # fmt: skip
        if charge.state in OWED or (last is not None and charge.id == last):
            open_[charge.payer_id] += charge.cents
    told = []
    for payer_id in sorted(books.keys() | open_.keys()):
        if books[payer_id] != open_[payer_id]:
            told.append(f"payer {payer_id}: {books[payer_id]} in the books, {open_[payer_id]} by charges")
            payer = session.get_one(Payer, payer_id)
            told.append(f"  {payer.state} retry_on={payer.retry_on} paid_until={payer.paid_until}")
            for one in session.scalars(select(Charge).where(Charge.payer_id == payer_id).order_by(Charge.id)):
                told.append(f"  {one.month:%Y-%m}:{one.attempt} {one.state} {one.outcome} {one.planned_at} {one.error}")
            mine = [account for account, whose in of.items() if whose == payer_id]
            entries = select(LedgerEntry).where(LedgerEntry.debit_id.in_(mine) | LedgerEntry.credit_id.in_(mine))
            for entry in session.scalars(entries.order_by(LedgerEntry.id)):
                told.append(f"  {entry.cause} {entry.reference} {entry.cents} {entry.on_day}")
    return "\n".join(told)


def _cents() -> Select[int]:
    return select(func.coalesce(func.sum(Charge.cents), 0))


def _first_of(charges: list[Charge]) -> datetime:
    return datetime.combine(min(one.made_in for one in charges), time(), UTC) - timedelta(days=1)


def _consents(session: Session, payer_ids: set[int]) -> dict[int, list[Agreed]]:
    found: dict[int, list[Agreed]] = {one: [] for one in payer_ids}
    rows = session.execute(select(Consent.payer_id, Consent.cents, Consent.currency, Consent.agreed_at))
    for row in rows:
        if row.payer_id in found:
            found[row.payer_id].append(Agreed(row.payer_id, Money(row.cents, row.currency), row.agreed_at))
    return found


def _covers(session: Session, payer_ids: set[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {one: set() for one in payer_ids}
    for row in session.execute(select(Cover.payer_id, Cover.student_id)):
        if row.payer_id in found:
            found[row.payer_id].add(row.student_id)
    return found
