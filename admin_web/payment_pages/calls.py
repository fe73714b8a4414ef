"""What ePay.bg and cash desks call: notifications of invoices, and ePay Billing.

The checksum is looked at before anything else. Whatever happens is answered in the protocol's own words: an error page
would only have them try again for 30 days. They bring no form token of ours, so these alone need none.
"""

from collections.abc import Callable

from flask import Blueprint, Response, abort, request
from werkzeug.exceptions import HTTPException

import logs
from admin_web.audience import Audience, open_to
from admin_web.database import database, writing
from admin_web.hardening import csrf, limiter
from admin_web.payment_pages.blueprint import the_merchant
from admin_web.people import moment
from epay.merchant import Billing
from epay.protocol import billing, notifications, packets
from epay.protocol.billing import Asked, ChecksumError, Debt, Outcome
from errors import InputError
from school.billing import cash_desk, epay_notices

log = logs.get(__name__)

payment_calls = Blueprint("payment_calls", __name__, url_prefix="/pay")


@payment_calls.post("/epay/notification")
@open_to(Audience.ANYONE)
@csrf.exempt  # type: ignore[untyped-decorator]  # ePay.bg's server posts, and signs what it posts
@limiter.exempt
def notification() -> Response:
    """ePay.bg tells what became of invoices."""
    try:
        return _text(_answer())
    except HTTPException as error:
        if error.code == 404:  # nobody is to tell us anything
            raise
        return _text(notifications.refusal("the request is no form"))
    except Exception as error:  # our own trouble: they come again
        log.error("notification.failed", error=logs.where(error))
        return _text(notifications.refusal("temporary trouble"))


def _answer() -> str:
    form = request.form
    packet = packets.received(
        form.get("encoded") or form.get("ENCODED") or "", form.get("checksum") or form.get("CHECKSUM") or ""
    )
    if not packet.is_of(the_merchant().secret):
        log.warning("notification.refused", why="checksum")
        return notifications.refusal("wrong CHECKSUM")
    try:
        notices = notifications.notices_of(packet)
    except InputError as error:
        log.warning("notification.refused", why="content")
        return notifications.refusal(str(error))
    return notifications.answer_lines(epay_notices.answer(database(), notices, moment()))


@payment_calls.get("/init")
@open_to(Audience.ANYONE)
@limiter.exempt
def init() -> Response:
    """A cash desk asks what a payer owes."""
    agreed = _agreed()

    def ask() -> str:
        asked = billing.asked_to_init(request.args.to_dict(), agreed.merchant, agreed.secret)
        with writing() as session:
            found = cash_desk.owed(session, asked, agreed.currency, moment())
        return _debt(agreed, asked, found)

    return _billing(agreed, ask)


@payment_calls.get("/confirm")
@open_to(Audience.ANYONE)
@limiter.exempt
def confirm() -> Response:
    """A cash desk took money."""
    agreed = _agreed()

    def pay() -> str:
        asked = billing.asked_to_confirm(request.args.to_dict(), agreed.merchant, agreed.secret)
        with writing() as session:
            found = cash_desk.paid(session, asked, agreed.currency, moment())
        return billing.answer(agreed.statuses, found)

    return _billing(agreed, pay)


def _agreed() -> Billing:
    found = the_merchant().billing
    if found is None:
        abort(404)
    return found


def _debt(agreed: Billing, asked: Asked, found: Debt | Outcome) -> str:
    if isinstance(found, Debt):
        return billing.debt_answer(agreed.statuses, asked.idn, found)
    return billing.answer(agreed.statuses, found)


def _billing(agreed: Billing, work: Callable[[], str]) -> Response:
    try:
        answer = work()
    except ChecksumError:
        log.warning("billing.refused", why="checksum")
        answer = billing.answer(agreed.statuses, Outcome.CHECKSUM)
    except Exception as error:  # whatever it is, the cashier must be told something
        log.error("billing.failed", error=logs.where(error))
        answer = billing.answer(agreed.statuses, Outcome.ERROR)
    return Response(answer, mimetype="application/json")


def _text(body: str) -> Response:
    return Response(body, mimetype="text/plain")
