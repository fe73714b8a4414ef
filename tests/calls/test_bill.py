"""Real calls: a payer types ahead to the bill and hears its figures; another guardian hears that somebody else pays."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, update

from db.kinds import ConsentWay, FollowWay, Language, PayerState, SubscriptionStatus
from db.models import Payer, Subscriber, Subscription
from prompts import speech
from prompts.catalogue import PHRASES
from runtime.localtime import today
from school.billing import bill_wording, consents, payers, standing
from school.billing.months import month_at, moved
from school.billing.prices import told
from school.billing.standing import Kind
from school.hearing.access import recognise
from school.wording.service import Numbers
from tests.calls.product import Product

pytestmark = pytest.mark.calls


def test_a_payer_hears_the_figures_that_the_sms_has(product_without_server: Product) -> None:
    product = replace(
        product_without_server, variables={**product_without_server.variables, "ESCHOOL_BILLING": "true"}
    )  # fmt: skip
    payer, other = product.parents_of_one[-9], "+359888123987"
    now, present = datetime.now(UTC), month_at(datetime.now(UTC))
    with product.database_session() as session:
        (child,) = recognise(session, payer.phone)
        session.get_one(Subscriber, child.subscriber_id).operator = "simulator"
        paying = payers.follows(session, child.subscriber_id, child.school_id, child.student_id, now)
        assert paying is not None
        consents.agree(session, paying.id, shown="x", way=ConsentWay.TWO_STEPS, operator="simulator", now=now)
        session.execute(
            update(Payer)
            .where(Payer.id == paying.id)
            .values(
                state=PayerState.ACTIVE,
                paid_until=present - timedelta(days=1),
                trial_until=None,
                billed_month=moved(present, -1),
            )
        )
        found = standing.of_phone(session, payer.phone, now)
        guardian = session.scalars(
            insert(Subscriber).values(phone=other, created_at=now).returning(Subscriber.id)
        ).one()
        session.execute(
            insert(Subscription).values(
                school_id=child.school_id,
                student_id=child.student_id,
                subscriber_id=guardian,
                status=SubscriptionStatus.ACTIVE,
                came_by=FollowWay.CODE,
                created_at=now,
                following_since=now,
            )
        )
    assert found is not None
    assert found.paid_until is not None
    with product.voice_server():
        with product.telephone(payer.phone) as telephone:
            telephone.dial(product.settings.inbound_number)
            telephone.press("74")
            telephone.wait_for(PHRASES["list-end-choices"], 60, whole=False)
            telephone.hang_up()
            heard = telephone.texts()
        with product.telephone(other) as telephone:
            telephone.dial(product.settings.inbound_number)
            telephone.press("74")
            telephone.wait_for(PHRASES["bill-nobody"], 60)
            telephone.hang_up()
            others = telephone.texts()
    said = " ".join(heard)
    read = bill_wording.bill(Language.BULGARIAN, found, Numbers())
    assert PHRASES["menu-grades"] not in heard  # typed ahead
    assert told(found.price, Language.BULGARIAN) in read
    assert " ".join((PHRASES["bill-price"], *speech.money(found.price.cents, found.price.currency))) in said
    assert " ".join((PHRASES["bill-paid-until"], *speech.full_date(found.paid_until))) in said
    if found.next.kind is Kind.CHARGE:
        assert found.next.day is not None
        assert " ".join((PHRASES["bill-next"], *speech.on_day(found.next.day, today(now)))) in said
    else:
        assert " ".join((PHRASES["bill-so-far"], *speech.month(present))) in said
    assert not any(text in others for text in (PHRASES["bill-price"], PHRASES["bill-charged"]))
