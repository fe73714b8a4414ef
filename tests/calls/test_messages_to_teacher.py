"""A parent leaves a message for the class teacher; the class teacher hears it by telephone; the parent hears so."""

import io
import math
import os
import struct
import subprocess
import time
import wave
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from db.kinds import Channel, PassPurpose
from db.models import Message, SchoolClass, Student, VoiceMessage
from school.recordings import passes
from school.security.crypto import vault
from school.voicemail.keeping import PURPOSE
from tests.calls.product import Follower, Product
from tests.calls.scenarios import Caller
from tests.calls.test_recording import until

pytestmark = pytest.mark.calls

VOICE = 60 * b"".join(struct.pack("<h", round(9000 * math.sin(2 * math.pi * 700 * n / 8000))) for n in range(8000))
"""A voice that goes on for as long as a call."""


@pytest.fixture(scope="module")
def served(product_without_server: Product) -> Iterator[Product]:
    with product_without_server.voice_server():
        yield product_without_server


@pytest.fixture
def product(served: Product) -> Iterator[Product]:
    yield served
    with served.database_session() as session:
        session.execute(delete(VoiceMessage))


@pytest.fixture
def parent(product: Product) -> Follower:
    """A parent of 8а, which has a class teacher."""
    return next(one for one in reversed(product.parents_of_one) if one.student["class"] == "8а")


def kept(product: Product) -> list[VoiceMessage]:
    with product.database_session() as session:
        found = list(session.scalars(select(VoiceMessage).order_by(VoiceMessage.id)))
        session.expunge_all()
        return found


def takes(product: Product) -> list[Path]:
    return list((product.settings.home_path / "recordings" / "takes").glob("*-*"))


def speaks(caller: Caller, product: Product, *, hangs_up: bool = False) -> None:
    """Goes to the recording and speaks for three seconds after the tone."""
    caller.telephone.dial(product.settings.inbound_number)
    caller.press("*")
    caller.hears("message-after-tone")
    time.sleep(3.5)
    if hangs_up:
        caller.telephone.hang_up()
    else:
        caller.press("#")


def test_a_message_is_kept_heard_by_the_class_teacher_and_told_of_to_the_parent(
    product: Product, parent: Follower
) -> None:
    with product.telephone(parent.phone, VOICE) as telephone:
        caller = Caller(telephone)
        speaks(caller, product)
        caller.hears("message-kept", whole=False)
        caller.press("*")
        caller.hears("message-waits")
        telephone.hang_up()
    (message,) = kept(product)
    assert 2000 < message.milliseconds < 30_000  # a loaded machine takes its time
    with product.database_session() as session:
        sound = vault(session).decrypt_bytes(PURPOSE, message.sound_encrypted)
        with wave.open(io.BytesIO(sound)) as file:
            assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 8000)
        letters = session.scalars(select(Message.text).where(Message.channel == Channel.EMAIL)).all()
        (letter,) = [text for text in letters if "/class/messages" in text]
        assert parent.student["given_name"] not in letter
        teacher = session.scalars(
            select(SchoolClass.class_teacher_id)
            .join(Student, Student.class_id == SchoolClass.id)
            .where(Student.id == message.student_id)
        ).one()
        assert teacher is not None
        digits = passes.issue(
            session, message.school_id, by=teacher, now=datetime.now(UTC), purpose=PassPurpose.MESSAGES
        )
    with product.telephone("0888000041") as telephone:
        caller = Caller(telephone)
        telephone.dial(product.settings.recording_number)
        caller.press(digits)
        telephone.wait_for(f"За {parent.student['given_name']}", 30)
        caller.hears("messages-choices", seconds=90, whole=False)
        assert "?" in telephone.texts()
        caller.press("1")
        caller.hears("messages-none")
        telephone.wait_for_end(20)
    until(lambda: not takes(product))
    with product.telephone(parent.phone) as telephone:
        caller = Caller(telephone)
        telephone.dial(product.settings.inbound_number)
        caller.press("*")
        caller.hears("message-answered")
        telephone.hang_up()


def test_who_hangs_up_instead_of_pressing_a_key_has_left_a_message(product: Product, parent: Follower) -> None:
    with product.telephone(parent.phone, VOICE) as telephone:
        speaks(Caller(telephone), product, hangs_up=True)
        telephone.wait_for_end(5)
    until(lambda: kept(product))
    assert 2000 < kept(product)[0].milliseconds < 30_000
    until(lambda: not takes(product))


def test_who_says_nothing_has_left_none(product: Product, parent: Follower) -> None:
    with product.telephone(parent.phone) as telephone:
        caller = Caller(telephone)
        telephone.dial(product.settings.inbound_number)
        caller.press("*")
        caller.hears("message-unheard", seconds=60)
        telephone.hang_up()
    assert not kept(product)


def test_on_a_full_disk_the_caller_is_told_so_and_nothing_is_kept(product: Product, parent: Follower) -> None:
    folder = product.settings.home_path / "recordings" / "takes"
    folder.mkdir(parents=True, exist_ok=True)
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True, check=False
        ).returncode
    )
    if not mounted:  # a small disk needs root: here there is no folder at all
        folder.rename(folder.with_name("away"))
        folder.touch()
    try:
        with product.telephone(parent.phone, VOICE) as telephone:
            caller = Caller(telephone)
            telephone.dial(product.settings.inbound_number)
            caller.press("*")
            caller.hears("message-no-room")
            caller.hears("menu-grades", whole=False)
            telephone.hang_up()
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)
        else:
            folder.unlink()
            folder.with_name("away").rename(folder)
    assert not kept(product)
