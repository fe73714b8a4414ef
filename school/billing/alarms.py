"""What somebody should look at in charging, told to the platform's operators by e-mail: once per cause and day.

Told by whoever sends e-mail, not by the run itself: that the run stopped is one of the causes. No personal data.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

import logs
import settings
from db.kinds import Channel, ChargeState, JobOutcome, LineVerdict, MessagePurpose, Role
from db.models import BillingFile, BillingHold, BillingLine, Charge, JobRun, Message, Staff, StaffRole
from db.session import Database
from runtime.localtime import SOFIA, today
from school import entitlement
from school.billing import holds
from school.billing.figures import FILES_OF_MONTHS, JOB
from school.billing.money import Money
from school.billing.months import month_at, moved
from school.outbox import Letter, enqueue_letters
from school.wording.plain_letters import Action, Paragraph, written
from school.wording.service import Numbers
from school.wording.translation import SOURCE, gettext

log = logs.get(__name__)

SMALLEST_SAMPLE = 50
"""Charges of a day below which a share that failed says nothing."""
STOPPED_AFTER = timedelta(hours=2)
A_DAY = timedelta(days=1)
KEEP = timedelta(days=3)
LOOK_SECONDS = 300.0
"""How often it is looked for causes."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """`cause` names it for the product; `title` and `text` tell it to a person."""

    cause: str
    title: str
    text: str


def of_charging(session: Session, now: datetime) -> list[Alarm]:
    """Failed charges of a day, and a run that stands still or failed. One statement."""
    failures = (ChargeState.FAILED, ChargeState.UNKNOWN)
    of_job = JobRun.job == JOB
    row = session.execute(
        select(
            func.count().label("ended"),
            func.count().filter(Charge.state.in_(failures)).label("failed"),
            select(func.coalesce(JobRun.ended_at, JobRun.started_at)).where(of_job).scalar_subquery().label("last_run"),
            select(JobRun.outcome).where(of_job).scalar_subquery().label("outcome"),
        )
        .select_from(Charge)
        .where(Charge.ended_at >= now - A_DAY, Charge.attempt > 0, Charge.state != ChargeState.CANCELLED)
    ).one()
    found = []
    if row.ended >= SMALLEST_SAMPLE and row.failed / row.ended > settings.current().billing_failed_share:
        found.append(_failures(row.failed, row.ended))
    if settings.current().billing and row.last_run is not None and row.last_run < now - STOPPED_AFTER:
        found.append(_stopped(row.last_run))
    elif settings.current().billing and row.outcome is JobOutcome.FAILED:
        found.append(_failed())
    return found


def all_of_now(session: Session, now: datetime) -> list[Alarm]:
    """Every cause that there is now; none while parents do not pay. Three statements."""
    if not entitlement.is_on():
        return []
    return [*of_charging(session, now), *_ceiling(session, now), *_differences(session, now)]


def tell(database: Database, now: datetime) -> int:
    """Write to the platform's operators of what they were not told today; gives how many letters. To be repeated."""
    with database.reading() as session:
        found = all_of_now(session, now)
    if not found:
        return 0
    with database.session() as session:
        return _write(session, found, now)


def _write(session: Session, found: Sequence[Alarm], now: datetime) -> int:
    # Two who tell at the same time wait for each other here, and the second finds the letters of the first.
    operators = session.scalars(
        select(Staff.email)
        .join(StaffRole, StaffRole.staff_id == Staff.id)
        .where(StaffRole.role == Role.PLATFORM_OPERATOR, Staff.is_active)
        .order_by(Staff.id)
        .with_for_update(of=Staff)
    ).all()
    if not operators:
        log.warning("billing.alarm_for_nobody", causes=[one.cause for one in found])
    day = today(now)
    page = Action(gettext(SOURCE, "Платформа → Пари"), f"{Numbers.of(settings.current()).pages}/platform/money/")
    letters = []
    for one in found:
        subject = f"{one.title} ({day:%d.%m.%Y})"
        told = _told_of(session, operators, subject, day)
        text = written(subject, Paragraph(one.text), page)
        letters += [Letter(None, email, text) for email in operators if email not in told]
    enqueue_letters(session, letters, MessagePurpose.SERVICE, now, KEEP)
    if letters:
        log.warning("billing.alarm", causes=[one.cause for one in found], letters=len(letters))
    return len(letters)


def _told_of(session: Session, emails: Sequence[str], subject: str, day: date) -> set[str]:
    return set(
        session.scalars(
            select(Message.address).where(
                Message.address.in_(emails),
                Message.created_at >= datetime.combine(day, time(), SOFIA),
                Message.channel == Channel.EMAIL,
                Message.text.startswith(subject, autoescape=True),
            )
        )
    )


def _ceiling(session: Session, now: datetime) -> list[Alarm]:
    """The platform held itself: its charges of a day were used up; told while it stands, and on the day of it."""
    found = session.scalars(
        select(BillingHold.id)
        .where(
            BillingHold.scope == holds.ALL,
            BillingHold.reason.endswith(holds.CEILING, autoescape=True),
            or_(BillingHold.lifted_at.is_(None), BillingHold.began_at > now - A_DAY),
        )
        .limit(1)
    ).first()
    if found is None:
        return []
    title = gettext(SOURCE, "Таксуването е спряно: достигнат е таванът за деня")
    text = gettext(
        SOURCE,
        "Опитите за таксуване на платформата за един ден стигнаха тавана от {most} и никой не се таксува. Вижте защо "
        "са толкова много, преди да пуснете таксуването пак.",
        most=settings.current().billing_charges_a_day,
    )
    return [Alarm("ceiling", title, text)]


def _differences(session: Session, now: datetime) -> list[Alarm]:
    """Files of the last months, not settled yet, that have otherwise than the books."""
    cents = func.sum(func.abs(BillingLine.cents - func.coalesce(Charge.cents, 0)))
    rows = session.execute(
        select(BillingFile.operator, BillingFile.month, BillingLine.currency, func.count().label("lines"))
        .add_columns(cents.label("cents"))
        .join(BillingLine, BillingLine.file_id == BillingFile.id)
        .outerjoin(Charge, Charge.id == BillingLine.charge_id)
        .where(
            BillingFile.month >= moved(month_at(now), -FILES_OF_MONTHS),
            BillingFile.settled_on.is_(None),
            BillingLine.verdict.in_((LineVerdict.DIFFERS, LineVerdict.THEIRS_ONLY)),
        )
        .group_by(BillingFile.operator, BillingFile.month, BillingLine.currency)
        .order_by(BillingFile.operator, BillingFile.month, BillingLine.currency)
    )
    return [
        Alarm(
            f"differs:{row.operator}:{row.month:%Y-%m}",
            gettext(
                SOURCE,
                "Файлът на {operator} за {month} се различава от книгите",
                operator=row.operator,
                month=f"{row.month:%m.%Y}",
            ),
            gettext(
                SOURCE,
                "{lines} реда се различават, общо с {amount}. Попитайте оператора, преди месецът да се приключи.",
                lines=row.lines,
                amount=Money(int(row.cents), row.currency),
            ),
        )
        for row in rows
    ]


def _failures(failed: int, ended: int) -> Alarm:
    return Alarm(
        "failures",
        gettext(SOURCE, "Неуспешните таксувания са необичайно много"),
        gettext(
            SOURCE,
            "За последното денонощие {failed} от {ended} таксувания не успяха или са без отчет. Грешна ли е тарифа или "
            "сметка при оператора?",
            failed=failed,
            ended=ended,
        ),
    )


def _stopped(last: datetime) -> Alarm:
    return Alarm(
        "run-stopped",
        gettext(SOURCE, "Таксуването не тръгва"),
        gettext(
            SOURCE,
            "Задачата billing за последно е работила на {when}. Вижте eschool status и eschool schedule list.",
            when=f"{last.astimezone(SOFIA):%d.%m.%Y, %H:%M}",
        ),
    )


def _failed() -> Alarm:
    return Alarm(
        "run-failed",
        gettext(SOURCE, "Таксуването завърши с грешка"),
        gettext(SOURCE, "Последната работа на задачата billing не успя. Вижте eschool schedule list."),
    )
