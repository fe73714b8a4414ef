"""Who is let in when a school asks for the PIN always, and when the server was restarted meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import update

from db.models import School
from prompts.catalogue import PHRASES
from tests.calls import scenarios
from tests.calls.product import Product
from tests.calls.scenarios import Caller

pytestmark = pytest.mark.calls


def test_a_school_may_ask_known_numbers_for_the_pin_too(product_without_server: Product) -> None:
    product = product_without_server
    follower = product.parents_of_one[-4]
    with (
        pin_always(product),
        product.voice_server(),
        product.telephone(follower.phone) as telephone,
    ):
        caller = Caller(telephone)
        telephone.dial(product.settings.inbound_number)
        caller.hears("enter-pin", whole=False)
        assert f"За {follower.student['given_name']}" not in telephone.texts()
        caller.press(f"{follower.pin}#")
        telephone.wait_for(f"За {follower.student['given_name']}", 30, whole=False)
        telephone.hang_up()
        asked = caller.transcript().after(PHRASES["enter-pin"])
        assert asked[0] == f"За {follower.student['given_name']}"


def test_a_lock_out_outlives_the_server(product_without_server: Product) -> None:
    product = product_without_server
    follower = product.parents_of_one[-5]
    code, wrong = follower.student["student_code"], scenarios.another(follower.pin)
    number = "0888000009"
    with product.voice_server():
        scenarios.wrong_three_times(product, number, code, wrong)
        with product.telephone(number) as telephone:
            telephone.dial(product.settings.inbound_number)
            telephone.press(f"{code}{wrong}#")
            telephone.wait_for(PHRASES["locked"], 30, whole=False)
            telephone.hang_up()
    with product.voice_server(), product.telephone(number) as telephone:
        telephone.dial(product.settings.inbound_number)
        assert telephone.wait_for_end(30)
        assert telephone.texts() == [
            PHRASES["greeting"],
            PHRASES["locked"],
            "една минута",
            PHRASES["goodbye"],
        ]


@contextmanager
def pin_always(product: Product) -> Iterator[None]:
    """The school asks everybody for the PIN meanwhile."""
    with product.database_session() as session:
        session.execute(update(School).values(pin_always=True))
    try:
        yield
    finally:
        with product.database_session() as session:
            session.execute(update(School).values(pin_always=False))
