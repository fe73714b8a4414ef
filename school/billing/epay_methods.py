"""ePay.bg's ways to pay: an account or a card on its page, codes for EasyPay's cash desks, and stored cards."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from db.kinds import PaymentWay
from epay import asking
from epay.merchant import Merchant
from epay.protocol import onetouch, requests
from epay.protocol.onetouch import Application, CardRequest, StoredCard, Told
from epay.protocol.requests import BrowserForm, Page, PaymentRequest
from school.billing.methods import CashCode, CodesMethod, PaymentMethod, RecurringMethod, Redirect, Returns
from school.billing.orders import Order

PAGES = {PaymentWay.EPAY: Page.ACCOUNT, PaymentWay.CARD: Page.CARD}


class BrowserMethod:
    """ePay.bg's page, to which the browser posts a signed request."""

    ways: Collection[PaymentWay] = tuple(PAGES)

    def __init__(self, merchant: Merchant) -> None:
        self._merchant = merchant

    def begin(self, order: Order, returns: Returns, description: str) -> BrowserForm:
        """The form that the browser posts."""
        packet = _request(self._merchant, order, description).packet(self._merchant.secret)
        return requests.browser_form(
            self._merchant.site.page,
            packet,
            PAGES[order.way],
            returns_to=returns.paid,
            cancels_to=returns.cancelled,
            language=order.language,
        )


class CashMethod:
    """A code of 10 digits for EasyPay's cash desks."""

    ways: Collection[PaymentWay] = (PaymentWay.EASYPAY,)

    def __init__(self, merchant: Merchant) -> None:
        self._merchant = merchant

    def begin(self, order: Order, returns: Returns, description: str) -> CashCode:
        """Ask ePay.bg for the code. Raises OperationError when it gives none."""
        del returns
        packet = _request(self._merchant, order, description).packet(self._merchant.secret)
        return CashCode(requests.cash_code(asking.get(requests.query(self._merchant.site.codes, packet))))

    def expire(self, order: Order, expires_at: datetime) -> None:
        """Let the code last until then; a moment of the past ends it. Raises OperationError."""
        packet = requests.new_expiry(self._merchant.number, order.invoice, expires_at, self._merchant.secret)
        requests.check_changed(asking.get(requests.query(self._merchant.site.expiry, packet)))


class OneTouchMethod:
    """Cards that are stored at ePay.bg and charged by their token."""

    ways: Collection[PaymentWay] = (PaymentWay.SAVED_CARD, PaymentWay.STORED_CARD)

    def __init__(self, application: Application) -> None:
        self._application = application

    def begin(self, order: Order, returns: Returns, description: str) -> Redirect:
        """The page on which a card is typed and stored; it comes back to the address that ePay.bg's staff entered."""
        del returns
        return Redirect(self._request(order, device_of(order), description).page(self._application))

    def outcome(self, order: Order, device: str, description: str) -> Told:
        """What became of it. Raises OperationError."""
        asked = self._request(order, device, description).status(self._application)
        return self._checked(order, onetouch.told(asking.get(asked), self._application))

    def announce(self, device: str, card: StoredCard) -> str:
        """Begin to charge a stored card. Raises OperationError."""
        fields = onetouch.begin(self._application, device, card)
        return onetouch.payment_name(asking.post(self._application.api + onetouch.BEGIN, fields))

    def charge(self, order: Order, device: str, card: StoredCard, description: str) -> Told:
        """Charge it. Raises OperationError when nobody knows how it ended."""
        assert order.outside_name is not None
        fields = onetouch.send(self._application, device, card, order.outside_name, order.price.cents, description)
        answer = asking.post(self._application.api + onetouch.SEND, fields)
        return self._checked(order, onetouch.told(answer, self._application))

    def charged(self, order: Order, device: str, card: StoredCard) -> Told:
        """What became of it. Raises OperationError."""
        assert order.outside_name is not None
        fields = onetouch.ask(self._application, device, card, order.outside_name)
        answer = asking.post(self._application.api + onetouch.ASK, fields)
        return self._checked(order, onetouch.told(answer, self._application))

    def forget(self, device: str, card: StoredCard) -> None:
        """End the token there. Raises OperationError."""
        onetouch.read(asking.get(onetouch.invalidate(self._application, device, card.token)))

    def _request(self, order: Order, device: str, description: str) -> CardRequest:
        return CardRequest(device, order.invoice, order.price.cents, description, save_card=True)

    def _checked(self, order: Order, told: Told) -> Told:
        """Another amount than the order's pays nothing."""
        if told.cents is not None and told.cents != order.price.cents:
            return replace(told, paid=False, card=None, is_under_way=not told.failed, is_other_amount=told.paid)
        return told


def device_of(order: Order) -> str:
    """The name under which ePay.bg stores an order's card: it says nothing of the payer."""
    return f"order-{order.invoice}"


def methods_of(merchant: Merchant) -> tuple[PaymentMethod, ...]:
    """All methods of a merchant."""
    methods: tuple[PaymentMethod, ...] = (BrowserMethod(merchant), CashMethod(merchant))
    card = recurring(merchant)
    return methods if card is None else (*methods, card)


def codes(merchant: Merchant) -> CodesMethod:
    """The one that gives codes."""
    return CashMethod(merchant)


def recurring(merchant: Merchant) -> RecurringMethod | None:
    """The one that charges stored cards, where it was agreed."""
    return None if merchant.application is None else OneTouchMethod(merchant.application)


def method_for(merchant: Merchant, way: PaymentWay) -> PaymentMethod | None:
    """The method of a way; None: it is not offered."""
    return next((one for one in methods_of(merchant) if way in one.ways), None)


def _request(merchant: Merchant, order: Order, description: str) -> PaymentRequest:
    return PaymentRequest(
        merchant.number, order.invoice, order.price.cents, order.price.currency, order.expires_at, description
    )
