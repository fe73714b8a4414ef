"""Parents pay: who they are, what it costs, by which way, and what ePay.bg and cash desks call."""

from admin_web.payment_pages.blueprint import payment_pages
from admin_web.payment_pages.calls import payment_calls
from admin_web.payment_pages.entering import ask
from admin_web.payment_pages.orders import order_page
from admin_web.payment_pages.paying import choose

__all__ = ["ask", "choose", "order_page", "payment_calls", "payment_pages"]
