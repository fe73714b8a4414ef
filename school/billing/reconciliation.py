"""Holding an operator's file against our charges: what both have, what only one has, and amounts that differ.

A file is imported once however often it is given: its lines are known again by what identifies the charge in it. Each
batch of lines is a transaction of its own, so an import that was broken off goes on where it stopped.

Where a file also says what was not charged, the lines of what was come first, each with those of the payer's other
attempts: a payer whose second attempt failed is neither charged again nor told so, if the first one charged after all.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from db import bulk, lists, upsert
from db.kinds import ChargeOutcome, ChargeState, LedgerCause, LineVerdict
from db.models import BillingFile, BillingLine, Charge, Payer, Price, Subscriber
from db.models.billing import LIVE_STATES
from db.session import Database
from errors import InputError
from runtime.localtime import month_of
from school.billing import charge_ends, files, ledger, operators
from school.billing.charge_ends import Ended
from school.billing.double_charges import Others, OurCharge, rivals
from school.billing.files import FileLine, Named, Names
from school.billing.ledger import Entry
from school.billing.money import Money, taxed
from school.billing.months import month_at, moved
from school.billing.operators import FileFormat, Identified
from school.billing.uncharged_lines import Uncharged
from school.security.crypto import vault

AT_ONCE = 2000
TOLD_FOR_MONTHS = 2
"""A receipt for a charge of longer ago would only puzzle."""

Judged = tuple[str, FileLine, OurCharge | None, LineVerdict]
"""A line by name, the charge of ours that it is, and what both are together."""


@dataclass(slots=True)
class Imported:
    """What an import found: counts of lines by verdict, and those that were here already."""

    file_id: int
    counts: Counter[LineVerdict] = field(default_factory=Counter)
    repeated: int = 0


def import_file(database: Database, operator: str, path: Path, month: date, now: datetime) -> Imported:
    """Import an operator's file of the charges made in a month (any day of it).

    Raises InputError for an operator that is none of ours, or a line that cannot be read: what came before it is
    imported, and the mended file goes on from there. Of a file that also says what was not charged nothing is then.
    """
    if operator not in operators.of_platform():
        raise InputError("{scope} is no operator of ours: give its name in operators.toml, or all.", scope=operator)
    how = operators.of(operator).file
    with database.session() as session:
        found = Imported(_file(session, operator, path, month_of(month), now))
        names = Names(how, vault(session))
    uncharged = Uncharged(names.of(files.lines(path, how)) if how.status else ())
    one_file = _OneFile(operator, how, month_of(month), uncharged, found, now)
    for some in _batches(named for named in names.of(files.lines(path, how)) if named[1].charged):
        with database.session() as session:
            one_file.import_(session, dict(some))
    for some in _batches(iter(uncharged.rest())):
        with database.session() as session:
            one_file.import_(session, dict(some))
    return found


def _batches(lines: Iterator[Named]) -> Iterator[list[Named]]:
    while some := list(islice(lines, AT_ONCE)):
        yield some


def _file(session: Session, operator: str, path: Path, month: date, now: datetime) -> int:
    name = files.digest(path)
    session.execute(
        upsert.insert(session.get_bind().dialect.name, BillingFile)
        .values(operator=operator, month=month, name=path.name[:200], digest=name, imported_at=now)
        .on_conflict_do_nothing(index_elements=[BillingFile.operator, BillingFile.digest])
    )
    return session.scalars(
        select(BillingFile.id).where(BillingFile.operator == operator, BillingFile.digest == name)
    ).one()


class _OneFile:
    """The import of one file, batch by batch."""

    def __init__(
        self, operator: str, how: FileFormat, month: date, uncharged: Uncharged, found: Imported, now: datetime
    ) -> None:
        self._operator, self._how, self._month, self._now = operator, how, month, now
        self._uncharged, self._found = uncharged, found

    def import_(self, session: Session, named: dict[str, FileLine]) -> None:
        """Import so many lines, by name, and what the file says of other attempts of the same payers."""
        new = self._new(session, named)
        self._found.repeated += len(named) - len(new)
        ours = self._ours(session, new)
        beside = rivals(session, [ours[name] for name, line in new.items() if line.charged and name in ours])
        more = self._new(session, self._uncharged.take(beside))
        new |= more
        ours |= self._ours(session, more)
        verdicts = self._verdicts(new, ours, Others(beside, _not_charged(new, ours)))
        if not verdicts:
            return
        rows = [self._row(*one) for one in verdicts]
        bulk.insert_rows(session, BillingLine.metadata.tables["billing_line"], rows)
        _settle(session, self._operator, self._how, verdicts, self._now)

    def _new(self, session: Session, named: dict[str, FileLine]) -> dict[str, FileLine]:
        if not named:
            return {}
        known = set(
            session.scalars(
                select(BillingLine.reference).where(
                    BillingLine.operator == self._operator, lists.among_these(BillingLine.reference, list(named))
                )
            )
        )
        return {name: line for name, line in named.items() if name not in known}

    def _ours(self, session: Session, new: dict[str, FileLine]) -> dict[str, OurCharge]:
        return _ours(session, self._operator, self._how, self._month, new) if new else {}

    def _verdicts(self, new: dict[str, FileLine], ours: dict[str, OurCharge], others: Others) -> list[Judged]:
        taken: set[int] = set()
        verdicts: list[Judged] = []
        for name, line in new.items():
            one = ours.get(name)
            if one is not None and (one.has_line or one.charge_id in taken):
                one = None  # the operator has it twice
            if one is not None and line.charged and not others.let_be_charged(one):
                one = None  # they charged twice: once for another attempt
            if one is not None:
                taken.add(one.charge_id)
            verdicts.append((name, line, one, _verdict(line, one, self._how)))
            self._found.counts[verdicts[-1][-1]] += 1
        return verdicts

    def _row(self, name: str, line: FileLine, one: OurCharge | None, verdict: LineVerdict) -> dict[str, object]:
        return {
            "file_id": self._found.file_id,
            "operator": self._operator,
            "number": line.number,
            "reference": name,
            "on_day": line.on_day,
            "cents": _cents(line, one, self._how),
            "currency": line.amount.currency,
            "verdict": verdict,
            "charge_id": one.charge_id if one else None,
        }


def _not_charged(new: dict[str, FileLine], ours: dict[str, OurCharge]) -> set[int]:
    """Charges that may have charged by what we know, and did not by what the lines say."""
    return {
        ours[name].charge_id
        for name, line in new.items()
        if not line.charged and name in ours and not ours[name].has_line and not _is_charged(ours[name])
    }


def _is_charged(one: OurCharge) -> bool:
    return one.state is ChargeState.CHARGED


def _ours(
    session: Session, operator: str, how: FileFormat, month: date, new: dict[str, FileLine]
) -> dict[str, OurCharge]:
    """The charges that the lines may be: by the operator's name for the SMS, else by the number in the month."""
    wanted = (
        select(
            Charge.id,
            Charge.payer_id,
            Charge.month,
            Charge.made_in,
            Charge.state,
            Charge.cents,
            Charge.currency,
            Charge.smsc_id,
            Price.vat_percent,
            Subscriber.phone,
            BillingLine.id.label("line_id"),
        )
        .join(Price, Price.id == Charge.price_id)
        .join(Payer, Payer.id == Charge.payer_id)
        .outerjoin(Subscriber, Subscriber.id == Payer.subscriber_id)
        .outerjoin(BillingLine, BillingLine.charge_id == Charge.id)
        .where(Charge.operator == operator, Charge.attempt > 0, Charge.state != ChargeState.CANCELLED)
        .order_by(Charge.id)
        .with_for_update(of=Charge)
    )
    by_name: dict[str, OurCharge] = {}
    if how.identified is Identified.MESSAGE:
        for row in session.execute(wanted.where(lists.among_these(Charge.smsc_id, list(new)))):
            by_name[row.smsc_id] = _one(row)
    missing = {line.phone: name for name, line in new.items() if name not in by_name and line.phone is not None}
    if missing:
        by_number = wanted.where(lists.among_these(Subscriber.phone, list(missing)), Charge.made_in == month)
        if how.identified is Identified.MESSAGE:  # no answer ever came, so it has no name
            by_number = by_number.where(Charge.smsc_id.is_(None))
        for row in session.execute(by_number):
            name = missing[row.phone]
            if name not in by_name or row.state in LIVE_STATES:
                by_name[name] = _one(row)
    return by_name


def _one(row: Row[*tuple[Any, ...]]) -> OurCharge:
    amount = Money(row.cents, row.currency)
    net = taxed(amount, row.vat_percent).net
    return OurCharge(row.id, row.payer_id, row.month, row.made_in, row.state, amount, net, row.line_id is not None)


def _verdict(line: FileLine, ours: OurCharge | None, how: FileFormat) -> LineVerdict:
    if not line.charged:
        return LineVerdict.NOT_CHARGED
    if ours is None:
        return LineVerdict.THEIRS_ONLY
    expected = ours.net if how.net else ours.amount
    return LineVerdict.MATCHED if line.amount == expected else LineVerdict.DIFFERS


def _cents(line: FileLine, ours: OurCharge | None, how: FileFormat) -> int:
    """With VAT, as our charge is, also where the file is without."""
    return line.amount.cents + (ours.amount.cents - ours.net.cents if ours and how.net else 0)


def _settle(
    session: Session,
    operator: str,
    how: FileFormat,
    verdicts: Sequence[Judged],
    now: datetime,
) -> None:
    """What was not known is known now; what they have otherwise than we is entered in the books as just that."""
    ended: list[Ended] = []
    entries: list[Entry] = []
    seen: list[int] = []
    theirs, account = ledger.NOT_OURS, ledger.receivable(operator)
    for name, line, ours, verdict in verdicts:
        reference = f"{operator}:{name}"
        if ours is None:
            if verdict is LineVerdict.THEIRS_ONLY:
                entries.append(Entry(LedgerCause.REPORTED, reference, 1, account, theirs, line.amount))
            continue
        seen.append(ours.charge_id)
        if verdict is LineVerdict.NOT_CHARGED:
            if ours.state is ChargeState.CHARGED:
                loss = Entry(LedgerCause.REPORTED, reference, 1, ledger.WRITE_OFFS, account, ours.amount)
                entries.append(loss)
            elif ours.state is not ChargeState.FAILED:
                ended.append(_end(ours, operator, ChargeState.FAILED, ChargeOutcome.TEMPORARY, now))
            continue
        if ours.state is not ChargeState.CHARGED:
            ended.append(_end(ours, operator, ChargeState.CHARGED, ChargeOutcome.CHARGED, now))
        difference = line.amount.cents - (ours.net if how.net else ours.amount).cents
        if verdict is LineVerdict.DIFFERS and line.amount.currency == ours.amount.currency:
            more = Money(abs(difference), line.amount.currency)
            sides = (account, theirs) if difference > 0 else (ledger.WRITE_OFFS, account)
            entries.append(Entry(LedgerCause.REPORTED, reference, 1, *sides, more))
    charge_ends.settle(session, ended, now, told_from=moved(month_at(now), -TOLD_FOR_MONTHS))
    ledger.book(session, entries, now)
    _mark(session, seen, now)


def _mark(session: Session, charge_ids: Iterable[int], now: datetime) -> None:
    session.execute(
        update(Charge)
        .where(lists.among_these(Charge.id, list(charge_ids)))
        .values(reported_at=now)
        .execution_options(synchronize_session=False)
    )


def _end(ours: OurCharge, operator: str, state: ChargeState, outcome: ChargeOutcome, now: datetime) -> Ended:
    return Ended(ours.charge_id, ours.payer_id, ours.month, operator, ours.amount, state, outcome, now)
