"""Who pays in this browser, for half an hour after the last page: a payer, by a code or by their telephone.

By a code one may pay and see the price. What is paid already, the stored card and earlier payments are shown to whoever
proved by SMS that the telephone is theirs.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any

from flask import redirect, session, url_for

from admin_web.people import moment

LASTS = timedelta(minutes=30)
MOST_ORDERS = 10
_KEY, _PHONE, _ORDERS = "payer", "payer_phone", "payer_orders"


@dataclass(frozen=True, slots=True)
class Visitor:
    """`is_proven`: by a code sent to the payer's telephone."""

    payer_id: int
    is_proven: bool


def remember(payer_id: int, *, is_proven: bool) -> None:
    """The browser is this payer's from now on."""
    session.pop(_PHONE, None)
    session[_KEY] = [payer_id, is_proven, (moment() + LASTS).timestamp()]


def remember_order(invoice: str) -> None:
    """An order was placed in this browser."""
    session[_ORDERS] = [*session.get(_ORDERS, ()), invoice][-MOST_ORDERS:]


def may_see(who: Visitor, invoice: str) -> bool:
    """Whether an order of the visitor's payer may be shown and changed here: by a code only what was placed here."""
    return who.is_proven or invoice in session.get(_ORDERS, ())


def forget() -> None:
    """The browser is nobody's."""
    for key in (_KEY, _PHONE, _ORDERS):
        session.pop(key, None)


def visitor() -> Visitor | None:
    """Whose it is; the half hour begins anew."""
    found = session.get(_KEY)
    if not found or found[2] < moment().timestamp():
        session.pop(_KEY, None)
        return None
    remember(found[0], is_proven=found[1])
    return Visitor(found[0], found[1])


def keep_phone(phone: str) -> None:
    """The telephone that a code was asked for, until it is typed."""
    session[_PHONE] = phone


def kept_phone() -> str | None:
    """That telephone."""
    phone: str | None = session.get(_PHONE)
    return phone


def for_payers(view: Any) -> Any:
    """A view that gets the visitor first; whoever is none is asked who they are."""

    @wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        who = visitor()
        if who is None:
            return redirect(url_for("payments.ask"))
        return view(who, *args, **kwargs)

    return wrapped
