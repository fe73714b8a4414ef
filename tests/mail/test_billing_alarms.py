"""Alarms of money are in the platform's operators' mailboxes: once per cause and day, without personal data."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from time import sleep

import pytest
from sqlalchemy import delete, func, insert, select, update

from db.kinds import Channel, ChargeOutcome, ChargeState, JobOutcome, LineVerdict, MessageState, PayerState, Role
from db.models import BillingFile, BillingHold, BillingLine, Charge, JobRun, Message, Payer, Price, Staff, StaffRole
from devtools.mailbox import Got, Mailbox, running, waits_until
from school.billing import alarms, holds
from school.billing.months import month_at, moved
from tests.mail.conftest import SchoolByMail, Start, kill

ON_SQLITE = pytest.mark.parametrize("demonstration", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def _billing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESCHOOL_BILLING", "true")


def ran(school: SchoolByMail, ago: timedelta, outcome: JobOutcome | None = JobOutcome.DONE) -> None:
    """The job billing last ran so long ago; no outcome: it has not ended."""
    at = datetime.now(UTC) - ago
    with school.database.session() as session:
        session.execute(delete(JobRun).where(JobRun.job == "billing"))
        ended = at if outcome else None
        session.execute(
            insert(JobRun).values(job="billing", started_at=at, ended_at=ended, outcome=outcome, result="")
        )  # fmt: skip


def charges(school: SchoolByMail, failed: int, charged: int) -> None:
    """So many of the last day."""
    now = datetime.now(UTC)
    with school.database.session() as session:
        price = session.scalars(select(Price.id).order_by(Price.id.desc()).limit(1)).one()
        month = month_at(now)
        for number in range(failed + charged):
            is_failed = number < failed
            payer = session.scalars(
                insert(Payer)
                .values(state=PayerState.ACTIVE, day=1, billed_month=month, created_at=now)
                .returning(Payer.id)
            ).one()
            session.execute(
                insert(Charge).values(
                    payer_id=payer,
                    month=moved(month, -1),
                    attempt=1,
                    made_in=month,
                    state=ChargeState.FAILED if is_failed else ChargeState.CHARGED,
                    outcome=ChargeOutcome.CREDIT if is_failed else ChargeOutcome.CHARGED,
                    operator="simulator",
                    price_id=price,
                    children=1,
                    cents=61,
                    currency="EUR",
                    planned_at=now,
                    ended_at=now,
                )
            )


def files_differ(school: SchoolByMail, lines: int = 3) -> None:
    now = datetime.now(UTC)
    with school.database.session() as session:
        file_id = session.scalars(
            insert(BillingFile)
            .values(operator="a1", month=moved(month_at(now), -1), name="a1.csv", digest=b"1", imported_at=now)
            .returning(BillingFile.id)
        ).one()
        for number in range(lines):
            session.execute(
                insert(BillingLine).values(
                    file_id=file_id,
                    operator="a1",
                    number=number + 1,
                    reference=f"r{number}",
                    verdict=LineVerdict.THEIRS_ONLY,
                    cents=61,
                    currency="EUR",
                    charge_id=None,
                )
            )


def ceiling_reached(school: SchoolByMail) -> None:
    with school.database.session() as session:
        holds.hold(session, holds.ALL, f"200000 {holds.CEILING}", datetime.now(UTC))


def operators(school: SchoolByMail) -> list[str]:
    with school.database.reading() as session:
        return list(
            session.scalars(
                select(Staff.email)
                .join(StaffRole, StaffRole.staff_id == Staff.id)
                .where(StaffRole.role == Role.PLATFORM_OPERATOR, Staff.is_active)
            )
        )


def subjects(got: list[Got]) -> set[str]:
    return {str(one.letter["Subject"]).partition(" (")[0] for one in got}


def test_each_cause_is_one_letter_to_each_operator_of_the_platform(school: SchoolByMail, start_sender: Start) -> None:
    ran(school, timedelta(hours=3))
    charges(school, failed=30, charged=30)
    files_differ(school)
    ceiling_reached(school)
    told = operators(school)
    assert told
    mailbox = Mailbox()
    with running(mailbox) as port:
        sender = start_sender(f"smtp://127.0.0.1:{port}", ESCHOOL_BILLING="true")
        got = mailbox.wait_for(4 * len(told))
        waits_until(lambda: sent(school) == 4 * len(told))  # who is killed before that sends the last once more
        kill(sender)
        start_sender(f"smtp://127.0.0.1:{port}", ESCHOOL_BILLING="true")
        waits_until(lambda: mailbox.connections > 1 or _is_ready(school))
        sleep(2)
    month = moved(month_at(datetime.now(UTC)), -1)
    assert len(mailbox.got) == 4 * len(told), "an alarm was told twice"
    assert {one.recipient for one in got} == set(told)
    assert subjects(got) == {
        "Таксуването не тръгва",
        "Неуспешните таксувания са необичайно много",
        f"Файлът на a1 за {month:%m.%Y} се различава от книгите",
        "Таксуването е спряно: достигнат е таванът за деня",
    }
    text = "\n".join(one.text for one in got)
    assert "30 от 60 таксувания" in text
    assert "3 реда се различават, общо с 1,83 €" in text
    assert "/platform/money/" in text
    assert "+359" not in text


def sent(school: SchoolByMail) -> int:
    with school.database.reading() as session:
        return session.scalars(
            select(func.count())
            .select_from(Message)
            .where(Message.channel == Channel.EMAIL, Message.state == MessageState.SENT)
        ).one()


def _is_ready(school: SchoolByMail) -> bool:
    return alarms.tell(school.database, datetime.now(UTC)) == 0


def letters(school: SchoolByMail, now: datetime) -> int:
    return alarms.tell(school.database, now)


@pytest.mark.parametrize(
    ("outcome", "ago", "subject"),
    [
        (JobOutcome.DONE, timedelta(hours=1), None),
        (JobOutcome.DONE, timedelta(hours=2, minutes=1), "Таксуването не тръгва"),
        (None, timedelta(hours=2, minutes=1), "Таксуването не тръгва"),  # it hangs, or its process died
        (JobOutcome.FAILED, timedelta(minutes=1), "Таксуването завърши с грешка"),
    ],
)
@ON_SQLITE
def test_when_a_run_counts_as_stopped(
    school: SchoolByMail, outcome: JobOutcome | None, ago: timedelta, subject: str | None
) -> None:
    ran(school, ago, outcome)
    with school.database.reading() as session:
        assert [one.title for one in alarms.all_of_now(session, datetime.now(UTC))] == ([subject] if subject else [])


@ON_SQLITE
def test_it_is_told_again_the_next_day_as_long_as_it_lasts(school: SchoolByMail) -> None:
    ran(school, timedelta(hours=3))
    now, each = datetime.now(UTC), len(operators(school))
    assert [letters(school, now), letters(school, now)] == [each, 0]
    assert letters(school, now + timedelta(days=1)) == each
    ran(school, timedelta(0))
    assert letters(school, now + timedelta(minutes=1)) == 0


@ON_SQLITE
def test_another_cause_of_the_same_day_is_told(school: SchoolByMail) -> None:
    ran(school, timedelta(hours=3))
    now, each = datetime.now(UTC), len(operators(school))
    letters(school, now)
    ceiling_reached(school)
    assert letters(school, now) == each


@ON_SQLITE
def test_what_is_within_the_figures_is_no_alarm(school: SchoolByMail) -> None:
    charges(school, failed=15, charged=45)
    assert letters(school, datetime.now(UTC)) == 0
    charges(school, failed=10, charged=0)
    assert letters(school, datetime.now(UTC)) == len(operators(school))


@ON_SQLITE
def test_a_month_that_is_settled_and_a_hold_by_hand_are_no_alarm(school: SchoolByMail) -> None:
    files_differ(school)
    with school.database.session() as session:
        session.execute(update(BillingFile).values(settled_on=datetime.now(UTC).date()))
        holds.hold(session, holds.ALL, "The tariff is wrong", datetime.now(UTC))
        assert session.scalars(select(BillingHold.id)).all()
    assert letters(school, datetime.now(UTC)) == 0


@ON_SQLITE
def test_nothing_is_told_while_parents_do_not_pay(school: SchoolByMail, monkeypatch: pytest.MonkeyPatch) -> None:
    ran(school, timedelta(hours=3))
    monkeypatch.setenv("ESCHOOL_BILLING", "false")
    assert letters(school, datetime.now(UTC)) == 0


def test_two_senders_at_the_same_time_tell_it_once(school: SchoolByMail) -> None:
    ran(school, timedelta(hours=3))
    now = datetime.now(UTC)
    with ThreadPoolExecutor(4) as senders:
        told = list(senders.map(lambda _: letters(school, now), range(4)))
    assert sum(told) == len(operators(school))
    with school.database.reading() as session:
        assert len(session.scalars(select(Message.id).where(Message.text.startswith("Таксуването"))).all()) == sum(told)
