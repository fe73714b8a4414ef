"""Money, for the platform's operator: months by operator, payers by state, holds, refunds, and one payer's receipts."""

from datetime import date
from decimal import Decimal

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from admin_web import exports
from admin_web.actions import done
from admin_web.audience import open_to
from admin_web.database import reading
from admin_web.people import me, moment
from admin_web.translations import _, _l
from db.kinds import ChargeOutcome, Role
from school import entitlement
from school.billing import holds, overview, payers, payments, statements
from school.billing.money import Money, parse
from school.billing.months import month_at, moved
from school.billing.overview import MonthOfOperator
from school.billing.statements import Line
from school.privacy.words import word
from school.reports import Column, ColumnKind, Report, Row
from school.security.phones import e164

money_pages = Blueprint("money", __name__, url_prefix="/platform/money")

EXPORTED_MONTHS = 60
WAYS = {
    "telephone": _l("телефонна сметка"),
    "epay": _l("ePay"),
    "easypay": _l("EasyPay"),
    "bank": _l("банка"),
    "refund": _l("върната сума"),
}
AMOUNT = ColumnKind.GRADE
"""Two decimal places, in tables and files."""
FORMATS = {
    "xlsx": (exports.xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": (exports.csv, "text/csv; charset=utf-8"),
    "pdf": (exports.pdf, "application/pdf"),
}


@money_pages.get("/")
@open_to(Role.PLATFORM_OPERATOR)
def today() -> ResponseReturnValue:
    """How money stands, and what needs looking at."""
    now = moment()
    with reading() as session:
        found = overview.overview(session, now)
        return render_template(
            "operator/money.html",
            is_on=entitlement.is_on(),
            now=found,
            payers={word(state): count for state, count in found.payers.items()},
            months=found.months,
            failed=_failed,
            refunds=payments.waiting(session),
            ways=WAYS,
        )


def _failed(one: MonthOfOperator) -> str:
    return ", ".join(f"{word(ChargeOutcome(name))}: {count}" for name, count in sorted(one.failed.items())) or "–"


@money_pages.get("/months.<form>")
@open_to(Role.PLATFORM_OPERATOR)
def months(form: str) -> ResponseReturnValue:
    """The months as a file: xlsx, csv or pdf."""
    make, kind = FORMATS.get(form) or abort(404)
    with reading() as session:
        rows = overview.months(session, moved(month_at(moment()), -EXPORTED_MONTHS))
    content = make(exports.in_readers_language(_report(rows)))
    return _file(content, kind, f"money.{form}")


def _file(content: bytes, kind: str, name: str) -> Response:
    return Response(content, content_type=kind, headers={"Content-Disposition": f"attachment; filename={name}"})


def _report(rows: list[MonthOfOperator]) -> Report:
    columns = (
        Column("month", _("Месец")),
        Column("operator", _("Оператор")),
        Column("currency", _("Валута")),
        Column("made", _("Опити"), ColumnKind.NUMBER),
        Column("due", _("Дължимо"), AMOUNT),
        Column("charged", _("Таксувано"), AMOUNT),
        *(Column(str(outcome), word(outcome), ColumnKind.NUMBER) for outcome in _FAILURES),
        Column("unknown", _("Без отчет"), ColumnKind.NUMBER),
        Column("reported", _("По файла на оператора"), AMOUNT),
        Column("open", _("Няма ги във файл"), ColumnKind.NUMBER),
        Column("theirs_only", _("Само при оператора"), ColumnKind.NUMBER),
        Column("differs", _("С друга сума"), ColumnKind.NUMBER),
        Column("settled_on", _("Изплатено на"), ColumnKind.DATE),
        Column("share", _("Дял на оператора"), AMOUNT),
    )
    return Report("money", _("Пари по месеци и оператори"), "InfoServ e-School", (), columns, tuple(map(_row, rows)))


_FAILURES = tuple(one for one in ChargeOutcome if one not in (ChargeOutcome.CHARGED, ChargeOutcome.NO_REPORT))


def _row(one: MonthOfOperator) -> Row:
    return Row(
        (
            f"{one.month:%m.%Y}",
            one.operator,
            one.currency,
            one.made,
            _decimal(one.due),
            _decimal(one.charged_amount),
            *(one.failed.get(outcome, 0) for outcome in _FAILURES),
            one.unknown,
            _decimal(one.reported),
            one.open_,
            one.theirs_only,
            one.differs,
            one.settled_on,
            _decimal(one.share) if one.share else None,
        )
    )


def _decimal(amount: Money) -> Decimal:
    return Decimal(amount.cents).scaleb(-2)


@money_pages.post("/hold")
@open_to(Role.PLATFORM_OPERATOR)
def hold() -> ResponseReturnValue:
    """Charge nobody, or charge again."""
    if FlaskForm().validate_on_submit():
        by, now, scope = me().staff_id, moment(), request.form.get("scope", "")[:32]
        if request.form.get("do") == "release":
            done(lambda session: holds.lift(session, scope, now, by=by), _("Таксуването продължава."))
        else:
            reason = request.form.get("reason", "")
            done(lambda session: holds.hold(session, scope, reason, now, by=by), _("Никой не се таксува."))
    return redirect(url_for("money.today"))


@money_pages.post("/refunds/<int:refund_id>")
@open_to(Role.PLATFORM_OPERATOR)
def decide(refund_id: int) -> ResponseReturnValue:
    """Let money go back, or not: never by who asked for it."""
    if FlaskForm().validate_on_submit():
        granted = request.form.get("do") == "grant"
        by, now = me().staff_id, moment()
        done(
            lambda session: payments.refund_decide(session, refund_id, granted=granted, by=by, now=now),
            _("Решено: сумата се връща.") if granted else _("Решено: сумата не се връща."),
        )
    return redirect(url_for("money.today"))


@money_pages.post("/payer")
@open_to(Role.PLATFORM_OPERATOR)
def find() -> ResponseReturnValue:
    """The payer with a telephone number, which is not put into an address."""
    if FlaskForm().validate_on_submit():
        phone = e164(request.form.get("phone", "")[:40])
        with reading() as session:
            found = payers.by_phone(session, phone) if phone else None
        if found is not None:
            return redirect(url_for("money.payer", payer_id=found.id))
    return render_template("operator/payer.html", payer=None), 404


@money_pages.get("/payers/<int:payer_id>")
@open_to(Role.PLATFORM_OPERATOR)
def payer(payer_id: int) -> ResponseReturnValue:
    """What a payer paid, line by line."""
    with reading() as session:
        found = payers.shown(session, payer_id)
        if found is None:
            abort(404)
        return render_template(
            "operator/payer.html",
            payer=found,
            state=word(found.state),
            lines=statements.lines(session, payer_id),
            refundable=statements.refundable(session, payer_id),
            ways=WAYS,
        )


@money_pages.post("/payers/<int:payer_id>/refund")
@open_to(Role.PLATFORM_OPERATOR)
def refund(payer_id: int) -> ResponseReturnValue:
    """Ask for money to go back; somebody else decides."""
    if FlaskForm().validate_on_submit():
        form, by, now = request.form, me().staff_id, moment()
        kind, _colon, number = form.get("of", "").partition(":")

        def ask(session: Session) -> None:
            wanted = {"charge": "charge_id", "payment": "payment_id"}.get(kind) or abort(404)
            of = next((one for one in statements.refundable(session, payer_id) if one.name == f"{kind}:{number}"), None)
            amount = parse(form.get("amount", ""), (of or abort(404)).amount.currency)
            which = {wanted: int(number)}
            payments.refund_request(session, **which, amount=amount, reason=form.get("reason", ""), by=by, now=now)

        done(ask, _("Поискано: решава друг оператор на платформата."))
    return redirect(url_for("money.payer", payer_id=payer_id))


@money_pages.get("/payers/<int:payer_id>/receipt.pdf")
@open_to(Role.PLATFORM_OPERATOR)
def receipt(payer_id: int) -> ResponseReturnValue:
    """All that a payer paid, with VAT line by line, as a PDF."""
    with reading() as session:
        if payers.shown(session, payer_id) is None:
            abort(404)
        lines = statements.lines(session, payer_id)
    report = exports.in_readers_language(_receipt(payer_id, lines))
    return _file(exports.pdf(report, moment().date()), "application/pdf", f"receipt-{payer_id}.pdf")


def _receipt(payer_id: int, lines: list[Line]) -> Report:
    columns = (
        Column("on", _("Дата"), ColumnKind.DATE),
        Column("way", _("Начин")),
        Column("month", _("За")),
        Column("net", _("Без ДДС"), AMOUNT),
        Column("vat_percent", _("ДДС %"), ColumnKind.NUMBER),
        Column("vat", _("ДДС"), AMOUNT),
        Column("gross", _("Общо"), AMOUNT),
        Column("currency", _("Валута")),
    )
    rows = [
        Row(
            (
                line.on_day,
                str(WAYS[line.way]),
                _until(line.month, line.until),
                _decimal(line.tax.net),
                line.tax.vat_percent,
                _decimal(line.tax.vat),
                _decimal(line.amount),
                line.amount.currency,
            )
        )
        for line in lines
    ]
    currencies = {line.amount.currency for line in lines}
    sums = [sum((_decimal(getattr(line.tax, name)) for line in lines), Decimal(0)) for name in ("net", "vat", "gross")]
    totals = (None, _("Общо"), None, sums[0], None, sums[1], sums[2], None) if len(currencies) == 1 else None
    note = _("ДДС се изчислява за всеки ред и се закръглява до стотинка; общото е сборът на редовете.")
    who = ((_("Платец"), str(payer_id)),)
    return Report(
        "receipt", _("Плащания за известията"), "InfoServ e-School", who, columns, tuple(rows), totals, notes=(note,)
    )


def _until(month: date | None, until: date | None) -> str:
    if month is not None:
        return f"{month:%m.%Y}"
    return _("до %(day)s", day=f"{until:%d.%m.%Y}") if until else ""
