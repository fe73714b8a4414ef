"""Who was ended hears nothing by telephone: neither from the number that followed, nor with the code and the PIN."""

import pytest
from sqlalchemy import select

from db.kinds import EndReason
from db.models import Subscriber, Subscription
from prompts.catalogue import PHRASES
from school.following.ending import end
from tests.calls.product import Product
from tests.school.conftest import NOW

pytestmark = pytest.mark.calls


def test_an_ended_follower_is_a_stranger_to_the_voice_server(product_without_server: Product) -> None:
    product = product_without_server
    follower = product.parents_of_one[-10]
    name, code = follower.student["given_name"], follower.student["student_code"]
    with product.database_session() as session:
        ids = session.scalars(
            select(Subscription.id)
            .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
            .where(Subscriber.phone == follower.phone)
        ).all()
        assert end(session, ids, EndReason.COURT_ORDER, NOW) == 1
    with product.voice_server(), product.telephone(follower.phone) as telephone:
        telephone.dial(product.settings.inbound_number)
        telephone.press(f"{code}{follower.pin}#")
        telephone.wait_for_count(PHRASES["not-admitted"], 1)
        telephone.hang_up()
        heard = telephone.texts()
    assert PHRASES["greeting"] in heard
    assert PHRASES["not-admitted"] in heard
    assert PHRASES["menu-grades"] not in heard
    assert not any(name in text for text in heard)
