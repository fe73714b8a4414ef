"""The stand-in's pages and addresses as a Flask application: `site(...)`.

Pages say that nobody is paid. They keep no sessions: whoever reaches this machine's loopback address may try.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from flask import Flask, Response, abort, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from epay.asking import get
from epay.protocol import packets
from epay.protocol.billing import signed
from epay.protocol.notifications import Status
from epay.protocol.packets import lines_of
from epay.protocol.requests import Page, amount, expiry_of
from epay.protocol.signing import checksum_of_fields, is_right
from epay.simulator import endpoint
from epay.simulator.bills import Book, CardPayment, transaction
from epay.simulator.notifier import Notifier
from errors import EschoolError, InputError


@dataclass(frozen=True, slots=True)
class Desk:
    """What the pages work with. `merchant_root`: where the merchant's own pages begin."""

    book: Book
    notifier: Notifier
    secret: str
    merchant_root: Callable[[], str]


def site(desk: Desk) -> Flask:
    """The application."""
    app = Flask("epay.simulator", template_folder="templates", static_folder=None)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["amount"] = amount
    _browser_pages(app, desk)
    _merchant_requests(app, desk)
    _cash_desk(app, desk)
    _one_touch(app, desk)
    _control(app, desk)
    return app


def _browser_pages(app: Flask, desk: Desk) -> None:
    @app.post("/")
    def ask() -> ResponseReturnValue:
        """A merchant's form has brought a browser."""
        if request.form.get("PAGE") not in {one.value for one in Page}:
            abort(400)
        try:
            lines = _lines(desk, request.form.get("ENCODED", ""), request.form.get("CHECKSUM", ""))
            bill = desk.book.by_invoice(lines.get("INVOICE", ""))
            if bill is None:
                bill = desk.book.enter(lines, datetime.now(UTC), with_code=False)
        except InputError as error:
            return render_template("refused.html", words=str(error)), 400
        return render_template(
            "pay.html",
            bill=bill,
            by_card=request.form["PAGE"] == Page.CARD,
            url_ok=request.form.get("URL_OK", ""),
            url_cancel=request.form.get("URL_CANCEL", ""),
        )

    @app.post("/decide")
    def decide() -> ResponseReturnValue:
        """The payer pressed a button."""
        bill = desk.book.by_invoice(request.form.get("invoice", ""))
        if bill is None:
            abort(404)
        pays = "pay" in request.form
        if desk.book.settle(bill, Status.PAID if pays else Status.DENIED, datetime.now(UTC)):
            desk.notifier.tell(bill)
        back = request.form.get("url_ok" if pays else "url_cancel", "")
        return redirect(back) if back.startswith(("http://", "https://")) else render_template("done.html", bill=bill)


def _merchant_requests(app: Flask, desk: Desk) -> None:
    @app.get("/ezp/reg_bill.cgi")
    def register() -> Response:
        """A code for EasyPay."""
        try:
            lines = _lines(desk, request.args.get("ENCODED", ""), request.args.get("CHECKSUM", ""))
            bill = desk.book.enter(lines, datetime.now(UTC), with_code=True)
        except InputError as error:
            return _text(f"ERR={error}")
        return _text(f"IDN={bill.code}")

    @app.get("/v3main/paylogin/request/update")
    def update() -> Response:
        """Another expiry of a code."""
        try:
            lines = _lines(desk, request.args.get("ENCODED", ""), request.args.get("CHECKSUM", ""))
            moment = expiry_of(lines.get("EXP_TIME", ""))
            if moment is None:
                return _text("ERR=EXP_TIME is no moment")
            desk.book.move(lines.get("INVOICE", ""), moment, datetime.now(UTC))
        except InputError as error:
            return _text(f"ERR={error}")
        return _text("SYS_CODE=OK")


def _cash_desk(app: Flask, desk: Desk) -> None:
    @app.get("/ezp/pay_bill.cgi")
    def pay() -> Response:
        """Somebody pays a code at the cash desk."""
        bill = desk.book.by_code(request.args.get("IDN", ""))
        if bill is None or request.args.get("ACTION") != "PAY":
            return _text("ERR=no such code")
        if not desk.book.settle(bill, Status.PAID, datetime.now(UTC)):
            return _text("ERR=it is paid or too old")
        desk.notifier.tell(bill)
        return _text("OK")

    @app.route("/desk", methods=["GET", "POST"])
    def cashier() -> ResponseReturnValue:
        """What a cashier sees: codes that wait, and what a customer of the merchant owes."""
        said: dict[str, str] = {}
        if code := request.form.get("code", "").strip():
            bill = desk.book.by_code(code)
            paid = bill is not None and desk.book.settle(bill, Status.PAID, datetime.now(UTC))
            if bill is not None and paid:
                desk.notifier.tell(bill)
            said["done"] = "Платено." if paid else "Няма такъв неплатен код."
        elif idn := request.form.get("idn", "").strip():
            said = _asked(desk, idn, request.form.get("total", ""), request.form.get("tid", ""))
        return render_template("desk.html", waiting=[one for one in desk.book.waiting() if one.code], said=said)


def _asked(desk: Desk, idn: str, total: str, tid: str) -> dict[str, str]:
    """Ask the merchant what a customer owes, or tell that it was paid."""
    now = datetime.now(UTC)
    tid = tid or transaction(now)
    fields = {"IDN": idn, "MERCHANTID": endpoint.BILLING_MERCHANT, "TID": tid}
    path, more = ("confirm", {"TOTAL": total, "TYPE": "BILLING"}) if total else ("init", {"TYPE": "BILLING"})
    address = f"{desk.merchant_root()}/pay/{path}?{urlencode(signed(fields | more, desk.secret))}"
    try:
        return {"idn": idn, "tid": tid, "total": total, "answer": get(address)}
    except EschoolError as error:
        return {"idn": idn, "answer": str(error)}


def _one_touch(app: Flask, desk: Desk) -> None:
    @app.get("/mobile/api/payment/noreg/send")
    def card_page() -> ResponseReturnValue:
        """A browser comes to type a card."""
        fields = request.args.to_dict()
        if not _is_signed(desk, fields) or not fields.get("AMOUNT", "").isdecimal():
            return render_template("refused.html", words="CHECKSUM"), 400
        payment = CardPayment(int(fields["AMOUNT"]), fields.get("DESCRIPTION", ""))
        desk.book.cards.setdefault(fields.get("ID", ""), payment)
        return render_template("card.html", payment=payment, fields=fields)

    @app.post("/mobile/card")
    def card() -> ResponseReturnValue:
        """The card was typed."""
        payment = desk.book.cards.get(request.form.get("ID", ""))
        if payment is None:
            abort(404)
        if "pay" in request.form and not payment.paid:
            payment.paid = True
            if request.form.get("SAVECARD") == "1":
                payment.token = "".join(transaction(datetime.now(UTC)))
                desk.book.tokens.add(payment.token)
        return redirect(f"{desk.merchant_root()}/pay/card/back")

    @app.get("/api/api/payment/noreg/send/status")
    def card_status() -> Response:
        """What became of it."""
        fields = request.args.to_dict()
        payment = desk.book.cards.get(fields.get("ID", ""))
        if not _is_signed(desk, fields) or payment is None:
            return jsonify(status="ERR", err="EBADP", errm="no such payment")
        told: dict[str, object] = {
            "AMOUNT": payment.cents,
            "STATE": payment.state,
            "NO": payment.number if payment.paid else "",
        }
        if not payment.token:
            return jsonify(status="OK", savecard=0, payment=told)
        instrument = {"ID": f"card-{payment.token}", "NAME": "Visa***1111", "EXPIRES": "12/2030"}
        return jsonify(status="OK", savecard=1, payment=told | {"TOKEN": payment.token}, payment_instrument=instrument)

    @app.post("/api/payment/init")
    def begin() -> Response:
        """A payment by a stored card begins."""
        if request.form.get("TOKEN") not in desk.book.tokens:
            return jsonify(status="ERR", err="EBADT", errm="no such token")
        return jsonify(status="OK", payment={"ID": transaction(datetime.now(UTC))})

    @app.post("/api/payment/send/user")
    def send() -> Response:
        """A stored card pays."""
        if request.form.get("TOKEN") not in desk.book.tokens:
            return jsonify(status="ERR", err="EBADT", errm="no such token")
        empty = request.form["TOKEN"] in desk.book.empty
        payment = desk.book.cards.setdefault(
            request.form["ID"],
            CardPayment(int(request.form["AMOUNT"]), request.form["DESCRIPTION"], paid=not empty, failed=empty),
        )
        return jsonify(status="OK", payment={"STATE": payment.state, "AMOUNT": payment.cents, "NO": payment.number})

    @app.post("/api/payment/send/status")
    def sent() -> Response:
        """What became of that."""
        payment = desk.book.cards.get(request.form.get("ID", ""))
        if payment is None:
            return jsonify(status="ERR", err="EBADP", errm="no such payment")
        return jsonify(status="OK", payment={"STATE": payment.state, "AMOUNT": payment.cents, "NO": payment.number})

    @app.get("/api/api/token/invalidate")
    def invalidate() -> Response:
        """A token ends."""
        desk.book.tokens.discard(request.args.get("TOKEN", ""))
        return jsonify(status="OK")


def _control(app: Flask, desk: Desk) -> None:
    @app.get("/")
    def home() -> ResponseReturnValue:
        """What can be tried here."""
        return render_template("home.html")

    @app.get("/alive")
    def alive() -> Response:
        """For `eschool status`."""
        return _text(endpoint.GREETING.decode())

    @app.post("/control")
    def control() -> Response:
        """Misbehave: `delay`, `copies`, `bad_checksums`, `hold`; `again` tells an invoice once more."""
        manners = request.get_json()
        if again := manners.pop("again", None):
            bill = desk.book.by_invoice(str(again))
            if bill is None:
                abort(404)
            desk.notifier.tell(bill)
        if not set(manners) <= {"delay", "copies", "bad_checksums", "hold"}:
            abort(400)
        desk.notifier.behave(**manners)
        return jsonify(answers=desk.notifier.answers)


def _lines(desk: Desk, encoded: str, given: str) -> dict[str, str]:
    """A merchant's request. Raises InputError for one that is not the merchant's."""
    packet = packets.received(encoded, given)
    if not packet.is_of(desk.secret):
        raise InputError("CHECKSUM is wrong")
    lines = lines_of(packet)
    if lines.get("MIN") != endpoint.MERCHANT:
        raise InputError("MIN is no merchant")
    return lines


def _is_signed(desk: Desk, fields: dict[str, str]) -> bool:
    return is_right(checksum_of_fields(desk.secret, fields), fields.get("CHECKSUM", ""))


def _text(words: str) -> Response:
    return Response(words + "\n", mimetype="text/plain")
