"""Who takes the payments, and where: the merchant of the settings, or the stand-in's when none is configured."""

from dataclasses import dataclass

from epay.protocol.billing import Statuses
from epay.protocol.onetouch import Application
from epay.simulator import endpoint
from settings import EpaySite, Settings


@dataclass(frozen=True, slots=True)
class Site:
    """Addresses of ePay.bg: the page for browsers, codes for EasyPay, and their expiry."""

    page: str
    codes: str
    expiry: str


@dataclass(frozen=True, slots=True)
class Billing:
    """What ePay Billing is agreed by. `currency`: whose hundredths its amounts count."""

    merchant: str
    secret: str
    statuses: Statuses
    currency: str


@dataclass(frozen=True, slots=True)
class Merchant:
    """`number`: КИН. `billing` and `application` only where they were agreed. `is_simulated`: nobody is paid."""

    number: str
    secret: str
    site: Site
    billing: Billing | None
    application: Application | None
    is_simulated: bool = False


SITES = {
    EpaySite.PRODUCTION: Site(
        "https://www.epay.bg/",
        "https://www.epay.bg/ezp/reg_bill.cgi",
        "https://www.epay.bg/v3main/paylogin/request/update",
    ),
    EpaySite.DEMO: Site(
        "https://demo.epay.bg/",
        "https://demo.epay.bg/ezp/reg_bill.cgi",
        "https://demo.epay.bg/xdev/web/paylogin/request/update",
    ),
}
"""https://kb.epay.bg/en/web/web/, https://kb.epay.bg/en/web/easypay, https://kb.epay.bg/en/web/expiration_time."""
DEMO_WEB, DEMO_API = "https://demo.epay.bg/xdev/mobile", "https://demo.epay.bg/xdev/api"
"""One Touch's demonstration site."""


def merchant(settings: Settings) -> Merchant:
    """The configured merchant, or the stand-in's. Raises OperationError when the stand-in's port cannot be kept."""
    if not settings.epay_min:
        return _simulated(settings)
    return Merchant(
        settings.epay_min,
        settings.epay_secret,
        SITES[settings.epay_site],
        _billing(settings),
        _application(settings),
    )


def _billing(settings: Settings) -> Billing | None:
    if not settings.epay_billing_merchant:
        return None
    return Billing(
        settings.epay_billing_merchant,
        settings.epay_billing_secret,
        Statuses.of(settings.epay_billing_statuses),
        settings.epay_billing_currency,
    )


def _application(settings: Settings) -> Application | None:
    if not settings.epay_app_id:
        return None
    return Application(
        settings.epay_app_id,
        settings.epay_app_secret,
        settings.epay_min,
        (settings.epay_app_web or DEMO_WEB).rstrip("/"),
        (settings.epay_app_api or DEMO_API).rstrip("/"),
        frozenset(settings.epay_app_paid_states.split(",")),
    )


def _simulated(settings: Settings) -> Merchant:
    root, secret = endpoint.root(settings), endpoint.secret(settings)
    return Merchant(
        endpoint.MERCHANT,
        secret,
        Site(f"{root}/", f"{root}/ezp/reg_bill.cgi", f"{root}/v3main/paylogin/request/update"),
        Billing(endpoint.BILLING_MERCHANT, secret, Statuses.of(endpoint.STATUSES), settings.epay_billing_currency),
        Application(endpoint.APP_ID, secret, endpoint.MERCHANT, f"{root}/mobile", f"{root}/api", frozenset({"3"})),
        is_simulated=True,
    )
