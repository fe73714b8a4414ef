"""A link's life against an SMSC that is not ours: binds, submits, deliveries, rates, drops, ends."""

import asyncio
import ssl
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from devtools.smsc import running_smsc
from smpp.protocol.decoding import decode
from smpp.protocol.link import Link
from smpp.protocol.outcomes import Sent
from smpp.protocol.pdus import Submit
from smpp.protocol.segmentation import split
from smpp.protocol.session import BindKind, LinkState
from tests.smpp.protocol.application import (
    PARENT,
    SHORT_CODE,
    Application,
    in_a_loop,
    linked,
    settings_for,
    submitted,
    text,
    until,
)


@pytest.mark.parametrize("kind", list(BindKind))
def test_each_kind_of_bind_is_made_with_the_configured_names(kind: BindKind) -> None:
    @in_a_loop
    async def scenario() -> None:
        async with running_smsc() as smsc, linked(smsc, Application(), kind=kind, system_type="VMA") as link:
            bound = (await smsc.saw("bound"))[0]
            assert bound["kind"] == f"bind_{kind}"
            assert (bound["system_id"], bound["password"], bound["system_type"]) == ("eschool", "secret", "VMA")
            assert link.can_send == (kind is not BindKind.RECEIVER)

    scenario()


@in_a_loop
async def test_a_receiver_submits_nothing() -> None:
    async with running_smsc() as smsc, linked(smsc, Application(), kind=BindKind.RECEIVER) as link:
        assert (await submitted(link, text())).sent is Sent.NOT_SENT
        assert (await smsc.counts())["submits"] == 0


@in_a_loop
async def test_transmitter_and_receiver_share_the_work_of_one_operator() -> None:
    sending, receiving = Application(), Application()
    async with (
        running_smsc() as smsc,
        linked(smsc, receiving, kind=BindKind.RECEIVER),
        linked(smsc, sending, kind=BindKind.TRANSMITTER) as transmitter,
    ):
        await smsc.behave(receipts="after")
        assert (await submitted(transmitter, text())).sent is Sent.ACCEPTED
        await until(lambda: len(receiving.messages) == 1)
        assert not sending.messages


@in_a_loop
async def test_a_message_arrives_as_it_was_meant() -> None:
    words = "Иван: Математика, отличен (6) 😀"
    async with running_smsc() as smsc, linked(smsc, Application()) as link:
        (part,) = split(words, 0)
        outcome = await submitted(
            link,
            Submit(
                SHORT_CODE,
                PARENT,
                part.payload,
                part.data_coding,
                service_type="CHRG",
                validity=timedelta(hours=48),
                tlvs=((0x1403, b"\x00\x3d"),),
            ),
        )
        seen = (await smsc.saw("submit"))[0]
        assert outcome.message_id == str(seen["id"])
        assert seen["text"] == words
        assert (seen["source"], seen["source_ton"]) == ("1987", 3)
        assert (seen["destination"], seen["destination_ton"]) == ("359888123456", 1)
        assert (seen["service_type"], seen["registered_delivery"], seen["tariff"]) == ("CHRG", 1, "003d")


@in_a_loop
async def test_a_long_message_is_put_together_by_others_as_it_was() -> None:
    words = "Родителска среща на 8а: " + "събота, 28 ноември; " * 9 + "😀" * 20
    async with running_smsc() as smsc, linked(smsc, Application()) as link:
        parts = split(words, 0x5A)
        for part in parts:
            await submitted(link, Submit(SHORT_CODE, PARENT, part.payload, part.data_coding, part.has_header))
        seen = await smsc.saw("submit", len(parts))
        assert "".join(event["text"] for event in seen) == words
        assert [event["udh"] for event in seen] == [
            [f"00035a{len(parts):02x}{n:02x}"] for n in range(1, len(parts) + 1)
        ]
        assert all(event["esm_class"] & 0x40 for event in seen)


@in_a_loop
async def test_never_more_than_a_window_is_out_and_it_is_kept_full() -> None:
    async with running_smsc() as smsc, linked(smsc, Application(), window=10) as link:
        await smsc.behave(delay=300, quiet=True)
        assert link.room == 20
        began = time.monotonic()
        futures = [submitted(link, text()) for _ in range(50)]
        assert link.room == 0
        await asyncio.sleep(0.05)
        assert (await smsc.counts())["submits"] == 10
        await asyncio.gather(*futures)
        assert 1.4 < time.monotonic() - began < 8  # five windows at 300 ms each; one by one they take 15 s
        assert link.room == 20


@in_a_loop
async def test_a_configured_rate_is_kept() -> None:
    async with running_smsc() as smsc, linked(smsc, Application(), window=100, messages_per_second=50) as link:
        await smsc.behave(quiet=True)
        began = time.monotonic()
        await asyncio.gather(*(submitted(link, text()) for _ in range(60)))
        assert 0.9 < time.monotonic() - began < 8


@pytest.mark.slow
@pytest.mark.parametrize(
    ("status", "bucket"), [(0x58, 0), (0x14, 50)], ids=["RTHROTTLED, counted by the second", "RMSGQFUL, a bucket"]
)
def test_200_messages_pass_an_smsc_that_takes_50_a_second_untuned(status: int, bucket: int) -> None:
    @in_a_loop
    async def scenario() -> None:
        async with running_smsc() as smsc, linked(smsc, Application(), window=10) as link:
            await smsc.behave(per_second=50, bucket=bucket, throttle_status=status, quiet=True)
            began = time.monotonic()
            outcomes = await asyncio.gather(*(submitted(link, text()) for _ in range(200)))
            seconds = time.monotonic() - began
            counts = await smsc.counts()
            assert {outcome.sent for outcome in outcomes} == {Sent.ACCEPTED}
            assert counts["taken"] == 200
            assert seconds < 10  # 4 to 5 where nothing else runs
            assert counts["refused"] < 100, "it should not hammer an SMSC that says: slower"

    scenario()


@in_a_loop
async def test_a_message_that_is_throttled_for_too_long_is_given_back_unsent() -> None:
    async with running_smsc() as smsc, linked(smsc, Application(), queue_seconds=0.3) as link:
        await smsc.behave(status=0x58)
        outcome = await asyncio.wait_for(submitted(link, text()), 5)
        assert (outcome.sent, link.binds) == (Sent.NOT_SENT, 1)


@in_a_loop
async def test_nothing_is_acknowledged_before_it_is_stored() -> None:
    application = Application()
    application.hold = True
    async with running_smsc() as smsc, linked(smsc, application):
        await smsc.do("send", command="deliver_sm", fields={"short_message": {"hex": "31"}})
        await until(lambda: len(application.arrivals) == 1)
        await asyncio.sleep(0.2)
        assert not smsc.seen("answer")
        application.arrivals[0].stored()
        application.arrivals[0].stored()
        assert (await smsc.saw("answer"))[0]["status"] == 0
        await asyncio.sleep(0.1)
        assert len(smsc.seen("answer")) == 1


@in_a_loop
async def test_what_cannot_be_stored_is_refused_so_that_it_comes_again() -> None:
    application = Application()
    application.fail = True
    async with running_smsc() as smsc, linked(smsc, application) as link:
        await smsc.do("send", command="deliver_sm", fields={"short_message": {"hex": "31"}})
        assert (await smsc.saw("answer"))[0]["status"] == 0x08  # ESME_RSYSERR
        assert link.binds == 1


@in_a_loop
async def test_an_answer_to_a_delivery_of_a_lost_connection_goes_nowhere() -> None:
    application = Application()
    application.hold = True
    async with running_smsc() as smsc, linked(smsc, application) as link:
        await smsc.do("send", command="deliver_sm", fields={"short_message": {"hex": "31"}})
        await until(lambda: len(application.arrivals) == 1)
        await smsc.do("drop")
        await until(lambda: link.binds == 2)
        application.arrivals[0].stored()
        assert (await submitted(link, text())).sent is Sent.ACCEPTED
        assert not smsc.seen("answer")


@in_a_loop
async def test_the_link_dropped_mid_window_tells_what_is_unknown_and_what_was_not_sent() -> None:
    async with running_smsc() as smsc, linked(smsc, Application(), window=10) as link:
        await smsc.behave(mute=True, quiet=True)
        futures = [submitted(link, text()) for _ in range(25)]
        await until(lambda: link.under_way == 25)
        await asyncio.sleep(0.1)
        began = time.monotonic()
        await smsc.do("drop")
        outcomes = [(await future).sent for future in futures]
        assert outcomes == [Sent.UNKNOWN] * 10 + [Sent.NOT_SENT] * 15
        await smsc.behave(mute=False)
        await until(lambda: link.can_send)
        again = await asyncio.gather(*(submitted(link, text()) for _ in range(25)))
        assert {outcome.sent for outcome in again} == {Sent.ACCEPTED}
        assert time.monotonic() - began < link.settings.response_seconds / 2, "nothing waits for an answer"


@in_a_loop
async def test_a_link_that_is_down_says_so_at_once() -> None:
    async with running_smsc() as smsc:
        link = Link(settings_for(smsc, port=1), Application())
        link.start()
        await until(lambda: "cannot connect" in link.last_error)
        assert (await submitted(link, text())).sent is Sent.NOT_SENT
        assert link.room == 0
        began = time.monotonic()
        await link.stop()
        assert time.monotonic() - began < 5


@in_a_loop
async def test_a_refused_bind_is_told_and_tried_again() -> None:
    async with running_smsc() as smsc:
        await smsc.behave(bind_status=0x0E)
        link = Link(settings_for(smsc), Application())
        link.start()
        await until(lambda: link.last_error == "bind refused: ESME_RINVPASWD")
        await smsc.behave(bind_status=0)
        await until(lambda: link.state is LinkState.BOUND)
        await link.stop()


@in_a_loop
async def test_a_bind_without_an_answer_is_given_up() -> None:
    async with running_smsc() as smsc:
        await smsc.behave(bind_delay=60_000)
        link = Link(settings_for(smsc, response_seconds=0.2), Application())
        link.start()
        await until(lambda: link.last_error == "the bind was not answered")
        await link.stop()


@in_a_loop
async def test_stopping_waits_for_answers_and_takes_leave() -> None:
    application = Application()
    async with running_smsc() as smsc:
        link = Link(settings_for(smsc), application)
        link.start()
        await until(lambda: link.state is LinkState.BOUND)
        await smsc.behave(delay=200)
        future = submitted(link, text())
        await smsc.saw("submit")
        await link.stop()
        assert future.result().sent is Sent.ACCEPTED
        assert application.states[-2:] == [LinkState.UNBINDING, LinkState.CLOSED]
        await smsc.saw("unbound")
        assert (await submitted(link, text())).sent is Sent.NOT_SENT


MO = [
    (0, b"\x53\x54\x4f\x50 \x1b\x65", "STOP €"),
    (0, bytes([0x15, 0x10, 0x13]), "ΩΔΓ"),
    (1, b"STOP", "STOP"),
    (3, "Añb".encode("latin-1"), "Añb"),
    (6, "СТОП".encode("iso8859-5"), "СТОП"),
    (8, "СТОП 😀".encode("utf-16-be"), "СТОП 😀"),
]


@pytest.mark.parametrize(("data_coding", "octets", "words"), MO)
def test_a_parents_text_is_read_in_every_data_coding(data_coding: int, octets: bytes, words: str) -> None:
    @in_a_loop
    async def scenario() -> None:
        application = Application()
        async with running_smsc() as smsc, linked(smsc, application):
            fields = {"source_addr": "359888123456", "data_coding": data_coding, "short_message": {"hex": octets.hex()}}
            await smsc.do("send", command="deliver_sm", fields=fields)
            await until(lambda: len(application.messages) == 1)
            (message,) = application.messages
            assert decode(message.payload, message.data_coding).text == words

    scenario()


@pytest.fixture(scope="module")
def key_and_certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate for localhost."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return folder / "key.pem", folder / "cert.pem"


def test_tls_is_spoken_with_a_trusted_smsc_and_refused_with_another(key_and_certificate: tuple[Path, Path]) -> None:
    @in_a_loop
    async def scenario() -> None:
        trusting = ssl.create_default_context(cafile=str(key_and_certificate[1]))
        async with running_smsc(*key_and_certificate) as smsc:
            async with linked(smsc, Application(), host="localhost", tls=trusting) as link:
                assert (await submitted(link, text())).sent is Sent.ACCEPTED
            stranger = Link(settings_for(smsc, host="localhost", tls=ssl.create_default_context()), Application())
            stranger.start()
            await until(lambda: "certificate" in stranger.last_error.lower())
            await stranger.stop()

    scenario()
