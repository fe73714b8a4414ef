"""The pages' blueprint, and what they share: the settings, the merchant, and the amounts' form."""

from flask import Blueprint, abort, current_app

from epay.merchant import Merchant, merchant
from settings import Settings

payment_pages = Blueprint("payments", __name__, url_prefix="/pay")


def the_settings() -> Settings:
    """The application's."""
    config: Settings = current_app.config["ESCHOOL"]
    return config


def the_merchant() -> Merchant:
    """Who is paid.

    Aborts with 404 while parents pay nothing, and where the stand-in would be taken for ePay.bg: SMS that go to real
    operators reach real parents.
    """
    found, settings = merchant(the_settings()), the_settings()
    if settings.operators_file is not None if found.is_simulated else not settings.billing:
        abort(404)
    return found
