"""An operator's month is closed: what is in none of its files was not charged, and what it pays out is entered."""

from datetime import date, datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db.kinds import AccountKind, ChargeOutcome, ChargeState, LedgerCause, LineVerdict
from db.models import BillingFile, BillingLine, Charge
from errors import InputError, MissingError
from runtime.localtime import month_of
from school import audit
from school.billing import charge_ends, ledger
from school.billing.charge_ends import Ended
from school.billing.ledger import Account, Entry
from school.billing.money import Money, total

AT_ONCE = 1000
_COUNTED = (LineVerdict.MATCHED, LineVerdict.DIFFERS, LineVerdict.THEIRS_ONLY)


def end_open(session: Session, operator: str, month: date, now: datetime) -> tuple[int, int]:
    """Of up to 1000 charges made in the month that no file has: what was unknown failed, what was charged is written
    off. Gives (charged, unknown) of them; to be called until both are 0.
    """
    rows = session.execute(
        select(Charge.id, Charge.payer_id, Charge.month, Charge.state, Charge.cents, Charge.currency)
        .where(
            Charge.operator == operator,
            Charge.made_in == month_of(month),
            Charge.state.in_((ChargeState.CHARGED, ChargeState.UNKNOWN, ChargeState.SENT)),
            Charge.reported_at.is_(None),
        )
        .order_by(Charge.id)
        .limit(AT_ONCE)
        .with_for_update()
    ).all()
    lost = [row for row in rows if row.state is ChargeState.CHARGED]
    open_ = [row for row in rows if row.state is not ChargeState.CHARGED]
    ledger.book(
        session,
        [
            Entry(
                LedgerCause.REPORTED,
                f"{operator}:charge:{row.id}",
                1,
                ledger.WRITE_OFFS,
                ledger.receivable(operator),
                Money(row.cents, row.currency),
            )
            for row in lost
        ],
        now,
    )
    charge_ends.settle(
        session,
        [
            Ended(
                row.id,
                row.payer_id,
                row.month,
                operator,
                Money(row.cents, row.currency),
                ChargeState.FAILED,
                ChargeOutcome.TEMPORARY,
                now,
                "It is in no file of the operator.",
            )
            for row in open_
        ],
        now,
    )
    session.execute(
        update(Charge)
        .where(Charge.id.in_([row.id for row in rows]))
        .values(reported_at=now)
        .execution_options(synchronize_session=False)
    )
    return len(lost), len(open_)


def reported(session: Session, operator: str, month: date) -> Money:
    """What the operator's files of a month say that it charged. Raises MissingError when there are none."""
    rows = session.execute(
        select(BillingLine.currency, func.sum(BillingLine.cents).label("cents"))
        .join(BillingFile, BillingFile.id == BillingLine.file_id)
        .where(
            BillingFile.operator == operator, BillingFile.month == month_of(month), BillingLine.verdict.in_(_COUNTED)
        )
        .group_by(BillingLine.currency)
    ).all()
    if not rows:
        raise MissingError("There is no file of this operator for the month: import it first.")
    if len(rows) > 1:
        raise InputError("The files of the month are in different currencies: settle them one by one.")
    return Money(int(rows[0].cents), rows[0].currency)


def settle(
    session: Session,
    operator: str,
    month: date,
    *,
    paid_out: Money,
    share: Money,
    settled_on: date,
    now: datetime,
    by: int | None = None,
) -> Money:
    """Enter that the operator paid out a month's charges but for its share; gives what it withheld beyond, written off.

    Raises MissingError when the month has no file, InputError for more than was reported, or a month that is settled.
    """
    whole = reported(session, operator, month)
    done = session.scalars(
        select(BillingFile.id).where(
            BillingFile.operator == operator,
            BillingFile.month == month_of(month),
            BillingFile.settled_on.is_not(None),
        )
    ).first()
    if done is not None:
        raise InputError("This month of the operator is settled already: correct it by entries of its own.")
    withheld = Money(whole.cents - total([paid_out, share], whole.currency).cents, whole.currency)
    if withheld.cents < 0 or min(paid_out.cents, share.cents) < 0:
        raise InputError("The operator reported {whole}: it cannot pay out and keep more.", whole=whole)
    account, name = ledger.receivable(operator), f"{operator}:{month:%Y-%m}"
    ledger.book(
        session,
        [
            Entry(LedgerCause.SETTLEMENT, name, 1, Account(AccountKind.SETTLED, operator=operator), account, paid_out),
            Entry(LedgerCause.SETTLEMENT, name, 2, Account(AccountKind.SHARE, operator=operator), account, share),
            Entry(LedgerCause.SETTLEMENT, name, 3, ledger.WRITE_OFFS, account, withheld),
        ],
        now,
    )
    session.execute(
        update(BillingFile)
        .where(BillingFile.operator == operator, BillingFile.month == month_of(month))
        .values(settled_on=settled_on, share_cents=share.cents, currency=share.currency, closed_at=now)
    )
    of_month = (
        select(BillingLine.charge_id)
        .join(BillingFile, BillingFile.id == BillingLine.file_id)
        .where(BillingFile.operator == operator, BillingFile.month == month_of(month))
    )
    session.execute(
        update(Charge)
        .where(Charge.id.in_(of_month), Charge.state == ChargeState.CHARGED)
        .values(settled_on=settled_on)
        .execution_options(synchronize_session=False)
    )
    audit.write(
        session,
        "billing.settled",
        "billing_file",
        0,
        now,
        school_id=None,
        by=by,
        operator=operator,
        month=f"{month:%Y-%m}",
        paid_out=paid_out.cents,
        share=share.cents,
    )
    return withheld
