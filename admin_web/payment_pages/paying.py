"""What it costs, for how many months, and by which way; then the order is placed."""

from dataclasses import dataclass
from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

import logs
from admin_web.audience import Audience, open_to
from admin_web.database import database, reading, writing
from admin_web.hardening import limiter
from admin_web.payment_pages import who
from admin_web.payment_pages.blueprint import payment_pages, the_merchant, the_settings
from admin_web.payment_pages.who import Visitor, for_payers
from admin_web.people import moment
from admin_web.translations import _, _l, reader, told
from db.kinds import OrderState, PaymentWay
from epay.merchant import Merchant
from errors import InputError, MissingError, OperationError
from runtime.localtime import today
from school.billing import code_messages, epay_methods, kept_cards, orders, payer_numbers, prices, stored_cards
from school.billing.methods import CashCode, Returns
from school.billing.order_wording import description
from school.billing.orders import MONTHS, Order
from school.billing.prices import told as price_told

log = logs.get(__name__)

WAYS = {
    PaymentWay.EPAY: _l("от сметка в ePay.bg"),
    PaymentWay.CARD: _l("с банкова карта през ePay.bg"),
    PaymentWay.SAVED_CARD: _l("с банкова карта, която да плаща и следващите месеци"),
    PaymentWay.EASYPAY: _l("в брой на каса на EasyPay, с код"),
}
"""As a payer chooses among them."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A number of months and its price in words."""

    months: int
    price: str


@payment_pages.route("/choose", methods=["GET", "POST"])
@open_to(Audience.ANYONE)
@limiter.limit("60 per minute", methods=["POST"])
@for_payers
def choose(visitor: Visitor) -> ResponseReturnValue:
    """The page of prices."""
    merchant = the_merchant()
    ways = _ways(merchant, visitor)
    if request.method == "POST":
        months, way = request.form.get("months", ""), request.form.get("way", "")
        if way in ways and months in map(str, MONTHS):
            return _begin(merchant, visitor, int(months), PaymentWay(way))
        flash(_("Изберете за колко месеца и как ще платите."), "error")
    with writing() if visitor.is_proven else reading() as session:
        try:
            page = _shown(session, merchant, visitor)
        except MissingError:
            who.forget()
            return redirect(url_for("payments.ask"))
    page |= {"ways": {way: WAYS[way] for way in ways}, "is_simulated": merchant.is_simulated}
    return render_template("payments/choose.html", **page)


@payment_pages.post("/card/forget")
@open_to(Audience.ANYONE)
@for_payers
def forget_card(visitor: Visitor) -> ResponseReturnValue:
    """The payer's stored card is charged no more."""
    if visitor.is_proven:
        method = epay_methods.recurring(the_merchant())
        try:
            if stored_cards.forget(database(), method, visitor.payer_id, moment()):
                flash(_("Картата вече не е запазена и няма да плаща."), "done")
        except InputError as error:
            flash(told(error), "error")
    return redirect(url_for("payments.choose"))


def _shown(session: Session, merchant: Merchant, visitor: Visitor) -> dict[str, object]:
    """What the page of prices tells. Raises MissingError when the payer is no more."""
    now = moment()
    found = prices.quotes(session, visitor.payer_id, MONTHS, now)
    page: dict[str, object] = {
        "choices": [Choice(months, price_told(price, reader())) for months, price in found.items()],
        "month": prices.price_on(session, today(now)).told(reader()),
        "is_proven": visitor.is_proven,
    }
    if not visitor.is_proven:
        return page
    return page | {
        "paid_until": prices.paid_until(session, visitor.payer_id),
        # Who is new gets a number for the cash desks here.
        "number": payer_numbers.number_of(session, visitor.payer_id, now) if merchant.billing else None,
        "card": kept_cards.of_payer(session, visitor.payer_id),
        "orders": orders.of_payer(session, visitor.payer_id),
    }


def _ways(merchant: Merchant, visitor: Visitor) -> tuple[PaymentWay, ...]:
    """A card is stored only by who has proven to be the payer."""
    return tuple(
        way
        for way in WAYS
        if epay_methods.method_for(merchant, way) and (way is not PaymentWay.SAVED_CARD or visitor.is_proven)
    )


def _begin(merchant: Merchant, visitor: Visitor, months: int, way: PaymentWay) -> ResponseReturnValue:
    try:
        order = _placed(visitor, months, way)
    except InputError as error:
        flash(told(error), "error")
        return redirect(url_for("payments.choose"))
    if way is PaymentWay.EASYPAY and order.code is None and not _got_code(merchant, visitor, order):
        flash(_("EasyPay не отговаря. Опитайте отново след малко или изберете друг начин."), "error")
        return redirect(url_for("payments.choose"))
    who.remember_order(order.invoice)
    return redirect(url_for("payments.order_page", invoice=order.invoice))


def _placed(visitor: Visitor, months: int, way: PaymentWay) -> Order:
    """A new order; or the one whose code the payer has already, so that nobody carries two for the same."""
    by_code = way is PaymentWay.EASYPAY
    lasts = timedelta(days=the_settings().epay_code_days) if by_code else orders.LASTS
    now = moment()
    with writing() as session:
        if by_code and visitor.is_proven:
            before = orders.waiting_code(session, visitor.payer_id, months, now)
            if before is not None:
                return before
        return orders.place(session, visitor.payer_id, months=months, way=way, language=reader(), now=now, lasts=lasts)


def _got_code(merchant: Merchant, visitor: Visitor, order: Order) -> bool:
    """Ask for the code while no session is open; send it to who has proven to be the payer. False: there is none."""
    try:
        begun = epay_methods.codes(merchant).begin(order, Returns("", ""), description(order))
    except OperationError as error:
        log.warning("code.missing", invoice=order.invoice, error=str(error))
        with writing() as session:
            locked = orders.locked(session, order.invoice)  # they may have told of it since
            if locked is not None:
                orders.end(session, locked, OrderState.CANCELLED, moment())
        return False
    assert isinstance(begun, CashCode)
    with writing() as session:
        found = orders.got_code(session, order.invoice, begun.code)
        if visitor.is_proven:
            code_messages.send(session, found, moment())
    return True
