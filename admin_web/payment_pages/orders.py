"""One order: the way on to ePay.bg, the code for EasyPay, and what became of it."""

from datetime import timedelta
from urllib.parse import urlsplit

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from admin_web.audience import Audience, open_to
from admin_web.database import database, reading, writing
from admin_web.hardening import let_forms_go_to, limiter
from admin_web.payment_pages.blueprint import payment_pages, the_merchant, the_settings
from admin_web.payment_pages.who import Visitor, for_payers, may_see
from admin_web.people import moment
from admin_web.translations import _, reader
from db.kinds import OrderState, PaymentWay
from epay.merchant import Merchant
from epay.protocol.requests import BrowserForm
from errors import MissingError, OperationError
from school.billing import card_orders, epay_methods, order_wording
from school.billing import orders as all_orders
from school.billing.methods import Redirect, Returns
from school.billing.orders import Order
from school.billing.prices import told as price_told

BY_BROWSER = (PaymentWay.EPAY, PaymentWay.CARD, PaymentWay.SAVED_CARD)


@payment_pages.get("/order/<invoice>")
@open_to(Audience.ANYONE)
@limiter.limit("60 per minute")
@for_payers
def order_page(visitor: Visitor, invoice: str) -> ResponseReturnValue:
    """The order's page; coming back from ePay.bg leads here too, and proves nothing."""
    merchant = the_merchant()
    order = _own(visitor, invoice)
    form, link = _onward(merchant, order)
    return render_template(
        "payments/order.html",
        order=order,
        price=price_told(order.price, reader()),
        until=order_wording.until(order),
        form=form,
        link=link,
        is_proven=visitor.is_proven,
        is_simulated=merchant.is_simulated,
        desk=f"{merchant.site.page}desk" if merchant.is_simulated else "",
    )


@payment_pages.post("/order/<invoice>/extend")
@open_to(Audience.ANYONE)
@limiter.limit("10 per minute")
@for_payers
def extend(visitor: Visitor, invoice: str) -> ResponseReturnValue:
    """A code for EasyPay lasts as long as a new one."""
    expires_at = moment() + timedelta(days=the_settings().epay_code_days)
    if _change(visitor, invoice, expires_at - moment()):
        with writing() as session:
            all_orders.expires(session, invoice, expires_at)
        flash(_("Срокът на кода е удължен."), "done")
    return redirect(url_for("payments.order_page", invoice=invoice))


@payment_pages.post("/order/<invoice>/cancel")
@open_to(Audience.ANYONE)
@limiter.limit("10 per minute")
@for_payers
def cancel(visitor: Visitor, invoice: str) -> ResponseReturnValue:
    """A code for EasyPay ends."""
    if _change(visitor, invoice, timedelta(days=-1)):
        with writing() as session:
            order = all_orders.locked(session, invoice)
            assert order is not None
            is_cancelled = all_orders.end(session, order, OrderState.CANCELLED, moment())
        if is_cancelled:
            flash(_("Кодът е отменен и не може да се плати."), "done")
    return redirect(url_for("payments.order_page", invoice=invoice))


@payment_pages.get("/card/back")
@open_to(Audience.ANYONE)
@limiter.limit("30 per minute")
@for_payers
def card_back(visitor: Visitor) -> ResponseReturnValue:
    """A browser comes back from typing a card: ask what became of it."""
    merchant = the_merchant()
    with reading() as session:
        latest = all_orders.of_payer(session, visitor.payer_id, most=5)
    order = next((one for one in latest if one.way is PaymentWay.SAVED_CARD), None)
    method = epay_methods.recurring(merchant)
    if order is None or method is None or not visitor.is_proven:
        return redirect(url_for("payments.choose"))
    try:
        card_orders.settle(database(), method, order.invoice, moment())
    except OperationError:
        flash(_("ePay.bg още не е потвърдил плащането. Ще проверим отново."), "error")
    return redirect(url_for("payments.order_page", invoice=order.invoice))


def _own(visitor: Visitor, invoice: str) -> Order:
    """The visitor's order. Raises MissingError for any other."""
    if not may_see(visitor, invoice):
        raise MissingError("There is no such payment.")
    with reading() as session:
        return all_orders.by_invoice(session, invoice, payer_id=visitor.payer_id)


def _onward(merchant: Merchant, order: Order) -> tuple[BrowserForm | None, str]:
    """The form or the link to ePay.bg of an order that waits for a browser."""
    method = epay_methods.method_for(merchant, order.way)
    if order.state is not OrderState.WAITING or order.way not in BY_BROWSER or method is None:
        return None, ""
    back = the_settings().web_root + url_for("payments.order_page", invoice=order.invoice)
    begun = method.begin(order, Returns(f"{back}?back=1", back), order_wording.description(order))
    if isinstance(begun, Redirect):
        return None, begun.address
    assert isinstance(begun, BrowserForm)
    address = urlsplit(begun.address)
    let_forms_go_to(f"{address.scheme}://{address.netloc}")
    return begun, ""


def _change(visitor: Visitor, invoice: str, lasts: timedelta) -> bool:
    """Ask ePay.bg for another expiry of a code that waits. Raises MissingError for another payer's order."""
    order = _own(visitor, invoice)
    if order.code is None or order.state is not OrderState.WAITING:
        raise MissingError("There is no such payment.")
    try:
        epay_methods.codes(the_merchant()).expire(order, moment() + lasts)
    except OperationError:
        flash(_("EasyPay не отговаря. Опитайте отново след малко."), "error")
        return False
    return True
