"""The voice is recorded in a call, put into use, heard by a parent, and put back."""

import math
import random
import struct
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from db.kinds import RecordingSource
from db.models import Recording, School, Staff
from devtools.telephone.telephone import Telephone
from prompts.catalogue import PHRASES
from prompts.edition import current
from school.recordings import editions, passes
from school.setup.telling import change_telling
from tests.calls.product import Product
from tests.calls.scenarios import Caller

pytestmark = pytest.mark.calls

SCHOOLS_GREETING = PHRASES["record-stop"]
"""A text that the telephone has learned and that a parent hears nowhere else."""
UNKNOWN = "?"
"""A sound that the telephone knows no clip of: it learned the clips before the voice was recorded."""
PITCH, LOUDNESS = random.randrange(350, 900), random.randrange(7000, 10_000)
"""Of this run alone: the clips of tests are kept, and a recording of before would be known by its sound."""
VOICE = 140 * b"".join(
    struct.pack("<h", round(LOUDNESS * math.sin(2 * math.pi * PITCH * n / 8000))) for n in range(8000)
)
"""A very even voice that goes on for longer than the call: silence in a take would be taken for a clip's."""


def heard_whole(telephone: Telephone) -> list[str]:
    return [text for one in telephone.heard() if one.whole for text in one.texts]


def until(happened: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def issue_pass(product: Product) -> str:
    with product.database_session() as session:
        operator = session.scalars(select(Staff.id).where(Staff.school_id.is_(None))).first()
        assert operator is not None
        return passes.issue(session, None, by=operator, now=datetime.now(UTC))


def use(product: Product, edition: int | None) -> None:
    with product.database_session() as session:
        editions.use(session, edition, by=None, now=datetime.now(UTC))
    until(lambda: current(product.settings).number == edition)


def greet(product: Product, greeting: str) -> None:
    with product.database_session() as session:
        for school_id in session.scalars(select(School.id)):
            change_telling(session, school_id, datetime.now(UTC), greeting=greeting)


def read_a_line(caller: Caller, text: str, count: int = 1) -> None:
    """Hear the text, speak for two seconds after the tone, and end with the hash key."""
    caller.telephone.wait_for_count(text, count, 40)
    caller.telephone.wait_for_quiet(2.0, 30)
    caller.press("#")


def test_a_voice_recorded_by_telephone_is_heard_by_parents(product_without_server: Product) -> None:
    product = product_without_server
    digits = issue_pass(product)
    with product.voice_server():
        with product.telephone("0888000031", VOICE) as telephone:
            caller = Caller(telephone)
            telephone.dial(product.settings.recording_number)
            caller.hears("record-enter-pass", whole=False)
            caller.press("000000" if digits != "000000" else "111111")
            caller.hears("record-no-pass", whole=False)
            caller.press(digits)
            caller.hears("record-begin", whole=False)
            read_a_line(caller, PHRASES["greeting"])
            caller.hears("record-choices", whole=False)
            caller.press("2")
            read_a_line(caller, PHRASES["greeting"], 2)
            telephone.wait_for_count(PHRASES["record-choices"], 2)
            caller.press("1")
            telephone.wait_for(PHRASES["apology"], 30, whole=False)
            telephone.hang_up()
        with product.database_session() as session:
            (kept,) = session.scalars(select(Recording)).all()
            assert (kept.name, kept.source) == ("greeting", RecordingSource.TELEPHONE)
            assert 1000 < kept.milliseconds < 12_000
            edition = editions.publish(session, by=None, now=datetime.now(UTC))
        assert not list((product.settings.home_path / "recordings" / "takes").glob("*-*"))
        parent = product.parents_of_one[-6]
        goes_on_where_the_last_call_ended(product)  # while the host takes the edition
        until(lambda: current(product.settings).number == edition)
        with product.telephone(parent.phone) as telephone:
            telephone.dial(product.settings.inbound_number)
            telephone.wait_for(f"За {parent.student['given_name']}", 30, whole=False)
            telephone.hang_up()
            assert PHRASES["greeting"] not in heard_whole(telephone)
            assert telephone.texts()[0] == UNKNOWN
        use(product, None)
        greet(product, SCHOOLS_GREETING)
        with product.telephone(parent.phone) as telephone:
            telephone.dial(product.settings.inbound_number)
            telephone.wait_for(PHRASES["greeting"], 30)
            telephone.wait_for(SCHOOLS_GREETING, 30)
            telephone.wait_for(f"За {parent.student['given_name']}", 30, whole=False)
            telephone.hang_up()
            said = telephone.texts()
            assert said[:3] == [PHRASES["greeting"], SCHOOLS_GREETING, f"За {parent.student['given_name']}"]
        greet(product, "")


def goes_on_where_the_last_call_ended(product: Product) -> None:
    digits = issue_pass(product)
    with product.telephone("0888000032", VOICE) as telephone:
        telephone.dial(product.settings.recording_number)
        telephone.press(digits)
        telephone.wait_for(PHRASES["apology"], 30, whole=False)
        telephone.hang_up()
        assert PHRASES["greeting"] not in heard_whole(telephone)
