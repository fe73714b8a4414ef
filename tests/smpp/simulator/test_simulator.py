"""The simulator: what a gateway and a parent's telephone see of it."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from smpplib import consts

from devtools.site import SECRET_KEY
from devtools.telephone.free_ports import free_port
from errors import InputError, OperationError
from settings import Settings
from smpp.gateway import configured
from smpp.protocol import gsm_alphabet
from smpp.protocol.link import Arrival, Link
from smpp.protocol.outcomes import Sent, SubmitOutcome
from smpp.protocol.pdus import Message
from smpp.protocol.receipts import DeliveryState, IdFormat, is_receipt, normal_id, read_receipt
from smpp.protocol.segmentation import split
from smpp.protocol.session import LinkState
from smpp.simulator import endpoint
from smpp.simulator.centre import Centre
from smpp.simulator.client import Received, Telephone
from smpp.simulator.control import Control
from smpp.simulator.session import Session
from tests.smpp.protocol.application import Application, in_a_loop, submitted, until

PARENT = "+359888123456"
OTHER = "+359878000001"
LONG = "Мария: Математика – Отличен (6), контролна работа, 23.11; Български език и литература – Мн. добър (5.25) 😀" * 2


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings without operators, in a home of the test's own."""
    return Settings(home=tmp_path, secret_key=SECRET_KEY, sms_simulator_port=free_port(), operators_file=None)


@asynccontextmanager
async def simulator(settings: Settings) -> AsyncIterator[Centre]:
    """A running simulator in this loop."""
    centre = Centre(endpoint.password(settings), settings.short_code)
    loop = asyncio.get_running_loop()
    smsc = await loop.create_server(lambda: Session(centre), endpoint.ADDRESS, endpoint.port(settings))
    control = await asyncio.start_unix_server(Control(centre).serve, endpoint.control_socket(settings))
    try:
        yield centre
    finally:
        smsc.close()
        control.close()
        centre.close()


@asynccontextmanager
async def gateway(settings: Settings, application: Application) -> AsyncIterator[Link]:
    """The link that the gateway makes when no operator is configured, bound."""
    (link_settings,) = configured.operators(settings).operators[configured.SIMULATOR].links()
    link = Link(link_settings, application)
    link.start()
    try:
        await until(lambda: link.state is LinkState.BOUND)
        yield link
    finally:
        await link.stop(0.5)


async def tell(settings: Settings, link: Link, phone: str, words: str, reference: int = 7) -> list[SubmitOutcome]:
    """Submit a text as the gateway does."""
    operator = configured.operators(settings).operators[configured.SIMULATOR]
    return list(
        await asyncio.gather(*(submitted(link, operator.submit(phone, part)) for part in split(words, reference)))
    )


def texts_of(application: Application) -> list[Message]:
    return [message for message in application.messages if not is_receipt(message)]


def receipts_of(application: Application) -> list[Message]:
    return [message for message in application.messages if is_receipt(message)]


class TestToATelephone:
    @in_a_loop
    async def test_a_long_cyrillic_text_arrives_whole_with_a_receipt_for_each_part(self, settings: Settings) -> None:
        application = Application()
        async with simulator(settings) as centre, gateway(settings, application) as link:
            outcomes = await tell(settings, link, PARENT, LONG)
            (text,) = centre.telephones.texts(PARENT)
            assert (text.text, text.sender, text.parts) == (LONG, "1987", len(outcomes))
            await until(lambda: len(receipts_of(application)) == len(outcomes))
        receipts = [read_receipt(message, IdFormat.TEXT) for message in receipts_of(application)]
        assert {receipt.state for receipt in receipts} == {DeliveryState.DELIVERED}
        assert sorted(receipt.message_id or "" for receipt in receipts) == sorted(
            normal_id(outcome.message_id, IdFormat.TEXT) for outcome in outcomes
        )

    @in_a_loop
    async def test_parts_of_two_telephones_under_one_reference_are_kept_apart(self, settings: Settings) -> None:
        async with simulator(settings) as centre, gateway(settings, Application()) as link:
            await asyncio.gather(
                tell(settings, link, PARENT, LONG), tell(settings, link, OTHER, LONG.replace("Мария", "Петър"))
            )
            assert [text.text for text in centre.telephones.texts(PARENT)] == [LONG]
            assert [text.text for text in centre.telephones.texts(OTHER)] == [LONG.replace("Мария", "Петър")]

    @in_a_loop
    async def test_no_telephone_has_a_short_code_for_its_number(self, settings: Settings) -> None:
        async with simulator(settings), gateway(settings, Application()) as link:
            (outcome,) = await tell(settings, link, "+1987", "текст")
        assert (outcome.sent, outcome.status) == (Sent.REFUSED, consts.SMPP_ESME_RINVDSTADR)

    @in_a_loop
    async def test_ids_of_two_runs_are_different(self, settings: Settings) -> None:
        seen: set[str] = set()
        for _ in range(2):
            async with simulator(settings), gateway(settings, Application()) as link:
                seen |= {outcome.message_id for outcome in await tell(settings, link, PARENT, "текст")}
        assert len(seen) == 2


class TestFromATelephone:
    @in_a_loop
    async def test_what_is_texted_while_no_gateway_is_bound_waits_for_one(self, settings: Settings) -> None:
        application = Application()
        async with simulator(settings) as centre:
            taken = asyncio.Event()
            centre.text(PARENT, "СТОП", taken.set)
            async with gateway(settings, application):
                await asyncio.wait_for(taken.wait(), 5)
        (message,) = texts_of(application)
        assert (message.source.number, message.destination.number) == ("359888123456", "1987")
        assert message.payload.decode("utf-16-be") == "СТОП"

    @in_a_loop
    async def test_what_the_gateway_cannot_store_comes_again(self, settings: Settings) -> None:
        application = Application()
        application.fail = True
        async with simulator(settings) as centre, gateway(settings, application):
            taken = asyncio.Event()
            centre.text(PARENT, "12345674", taken.set)
            await asyncio.sleep(0.2)
            assert not taken.is_set()
            application.fail = False
            await asyncio.wait_for(taken.wait(), 5)
        assert [message.payload for message in texts_of(application)] == [b"12345674"]

    @in_a_loop
    async def test_what_was_not_acknowledged_comes_again_by_the_next_bind(self, settings: Settings) -> None:
        first, second = Application(), Application()
        first.hold = True
        async with simulator(settings) as centre:
            taken = asyncio.Event()
            async with gateway(settings, first):
                centre.text(PARENT, "ОЦЕНКИ", taken.set)
                await until(lambda: len(first.arrivals) == 1)
            async with gateway(settings, second):
                await asyncio.wait_for(taken.wait(), 5)
        assert [message.payload for message in texts_of(second)] == [first.messages[0].payload]

    @given(words=st.text(st.characters(codec="utf-8"), min_size=1, max_size=400))
    @hypothesis_settings(max_examples=25, deadline=None)
    def test_any_text_arrives_as_it_was_typed(self, words: str) -> None:
        received: list[str] = []

        class Reader(Application):
            """Puts parts together in the order they come in, which on one bind is their own."""

            def arrived(self, link: Link, arrival: Arrival) -> None:
                super().arrived(link, arrival)
                payload, coding = arrival.message.payload, arrival.message.data_coding
                body = payload[payload[0] + 1 :] if arrival.message.has_header else payload
                received.append(body.decode("utf-16-be", "surrogatepass") if coding == 8 else _from_gsm(body))

        @in_a_loop
        async def texted() -> None:
            settings = Settings(home=Path("unused"), secret_key=SECRET_KEY, sms_simulator_port=free_port())
            centre = Centre(endpoint.password(settings), "1987")
            smsc = await asyncio.get_running_loop().create_server(
                lambda: Session(centre), endpoint.ADDRESS, settings.sms_simulator_port
            )
            async with gateway(settings, Reader()):
                taken = asyncio.Event()
                centre.text(PARENT, words, taken.set)
                await asyncio.wait_for(taken.wait(), 5)
            smsc.close()

        texted()
        assert "".join(received) == words


class TestBinding:
    @in_a_loop
    async def test_the_gateway_of_another_copy_is_refused(self, settings: Settings) -> None:
        stranger = settings.model_copy(update={"secret_key": SECRET_KEY + " of another copy"})
        application = Application()
        async with simulator(settings):
            (link_settings,) = configured.operators(stranger).operators[configured.SIMULATOR].links()
            link = Link(link_settings, application)
            link.start()
            await until(lambda: "ESME_RINVPASWD" in link.last_error)
            await link.stop()

    def test_the_port_is_chosen_once(self, tmp_path: Path) -> None:
        settings = Settings(home=tmp_path, secret_key=SECRET_KEY, sms_simulator_port=0)
        assert endpoint.port(settings) == endpoint.port(settings) > 1024

    def test_a_port_that_another_program_took_is_given_up(self, tmp_path: Path) -> None:
        settings = Settings(home=tmp_path, secret_key=SECRET_KEY, sms_simulator_port=0)
        with socket.create_server((endpoint.ADDRESS, 0)) as other:
            taken = other.getsockname()[1]
            (tmp_path / "sms-simulator.port").write_text(str(taken))
            endpoint.choose_another_if_taken(settings)
            assert endpoint.port(settings) != taken

    def test_a_damaged_port_file_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "sms-simulator.port").write_text("five")
        with pytest.raises(OperationError, match="holds no port: delete it"):
            endpoint.port(Settings(home=tmp_path, secret_key=SECRET_KEY, sms_simulator_port=0))


class TestPlayedTelephone:
    """The socket by which `eschool sms send` plays a telephone."""

    @in_a_loop
    async def test_it_sees_its_own_answers_only(self, settings: Settings) -> None:
        application = Application()
        seen: list[Received | None] = []
        ready, done = threading.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()

        def played() -> None:
            with Telephone(settings, PARENT) as telephone:
                ready.set()
                telephone.send("12345674")
                seen.append(telephone.received(5))
                seen.append(telephone.received(0.2))
                seen.extend(telephone.texts())
                assert telephone.taken
            loop.call_soon_threadsafe(done.set)

        async with simulator(settings), gateway(settings, application) as link:
            thread = threading.Thread(target=played)
            thread.start()
            await until(lambda: len(texts_of(application)) == 1)
            await tell(settings, link, OTHER, "за друг")
            await tell(settings, link, PARENT, "Следите Мария от 8а.")
            await asyncio.wait_for(done.wait(), 10)
            thread.join()
        told = [text and (text.sender, text.text) for text in seen]
        assert told == [("1987", "Следите Мария от 8а."), None, ("1987", "Следите Мария от 8а.")]

    def test_without_a_simulator_it_says_what_to_start(self, settings: Settings) -> None:
        with pytest.raises(OperationError, match="eschool sms simulate"), Telephone(settings, PARENT):
            pass

    def test_real_operators_are_not_played_with(self, settings: Settings, tmp_path: Path) -> None:
        real = settings.model_copy(update={"operators_file": tmp_path / "operators.toml"})
        with pytest.raises(InputError, match="connects to real operators"):
            Telephone(real, PARENT)


def _from_gsm(octets: bytes) -> str:
    return gsm_alphabet.decode(octets)[0]
