"""The manager interface's client, against a server on a real socket that answers out of order, late, or not at all."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from agi.dialer.ami import Ami, AmiError, AmiLostError, Message

Handler = Callable[[dict[str, str], asyncio.StreamWriter], Awaitable[None]]


def written(writer: asyncio.StreamWriter, **fields: str) -> None:
    writer.write(("".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n").encode())


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handle: Handler) -> None:
    writer.write(b"Asterisk Call Manager/9.0.0\r\n")
    try:
        while True:
            block = await reader.readuntil(b"\r\n\r\n")
            action = dict(line.split(": ", 1) for line in block.decode().strip().split("\r\n"))
            if action["Action"] == "Login":
                good = action["Secret"] == "right"
                written(
                    writer,
                    Response="Success" if good else "Error",
                    ActionID=action["ActionID"],
                    Message="Authentication accepted" if good else "Authentication failed",
                )
            elif action["Action"] == "Logoff":
                written(writer, Response="Goodbye", ActionID=action["ActionID"], Message="Thanks for all the fish.")
                return
            else:
                await handle(action, writer)
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


@asynccontextmanager
async def connected(handle: Handler, secret: str = "right") -> Any:
    events: list[Message] = []
    server = await asyncio.start_server(lambda r, w: _serve(r, w, handle), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        ami = await Ami.connect("127.0.0.1", port, "eschool", secret, events.append)
        try:
            yield ami, events
        finally:
            await ami.close()
    finally:
        server.close()


async def _nothing(_action: dict[str, str], _writer: asyncio.StreamWriter) -> None:
    return


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def limited() -> None:
        async with asyncio.timeout(10):
            await test()

    asyncio.run(limited())


def test_answers_are_matched_by_action_id_whatever_their_order() -> None:
    async def test() -> None:
        waiting: list[dict[str, str]] = []

        async def handle(action: dict[str, str], writer: asyncio.StreamWriter) -> None:
            waiting.append(action)
            if len(waiting) == 2:
                for one in reversed(waiting):
                    written(writer, Event="Newchannel", Uniqueid=one["Number"])
                    written(writer, Response="Success", ActionID=one["ActionID"], Number=one["Number"])

        async with connected(handle) as (ami, events):
            answers = await asyncio.gather(ami.action("Ask", {"Number": "1"}), ami.action("Ask", {"Number": "2"}))
            assert [answer["Number"] for answer in answers] == ["1", "2"]
            assert [event["Uniqueid"] for event in events] == ["2", "1"]

    run(test)


def test_a_list_is_its_items_up_to_the_end() -> None:
    async def test() -> None:
        async def handle(action: dict[str, str], writer: asyncio.StreamWriter) -> None:
            action_id = action["ActionID"]
            written(writer, Response="Success", ActionID=action_id, EventList="start")
            written(writer, Event="CoreShowChannel", ActionID=action_id, Uniqueid="a")
            written(writer, Event="Hangup", Uniqueid="x")
            written(writer, Event="CoreShowChannel", ActionID=action_id, Uniqueid="b")
            written(writer, Event="CoreShowChannelsComplete", ActionID=action_id, EventList="Complete")

        async with connected(handle) as (ami, events):
            assert [one["Uniqueid"] for one in await ami.listed("CoreShowChannels", {})] == ["a", "b"]
            assert [event["Event"] for event in events] == ["Hangup"]

    run(test)


def test_a_refusal_is_told_in_asterisks_words() -> None:
    async def test() -> None:
        async def handle(action: dict[str, str], writer: asyncio.StreamWriter) -> None:
            written(writer, Response="Error", ActionID=action["ActionID"], Message="Permission denied")

        async with connected(handle) as (ami, _):
            with pytest.raises(AmiError, match="Permission denied"):
                await ami.action("Originate", {})

    run(test)


def test_no_answer_in_time_is_an_error_and_a_late_one_disturbs_nobody() -> None:
    async def test() -> None:
        async def handle(action: dict[str, str], writer: asyncio.StreamWriter) -> None:
            if action["Action"] == "Slow":
                await asyncio.sleep(0.3)
            written(writer, Response="Success", ActionID=action["ActionID"], Of=action["Action"])

        async with connected(handle) as (ami, _):
            with pytest.raises(AmiError, match="no answer to Slow"):
                await ami.action("Slow", {}, seconds=0.1)
            assert (await ami.action("Ping", {}))["Of"] == "Ping"

    run(test)


def test_who_waits_when_the_connection_breaks_is_told_so() -> None:
    async def test() -> None:
        async def handle(_action: dict[str, str], writer: asyncio.StreamWriter) -> None:
            writer.close()

        async with connected(handle) as (ami, _):
            with pytest.raises(AmiLostError):
                await ami.action("Originate", {})
            assert ami.lost.is_set()
            with pytest.raises(AmiLostError):
                await ami.action("Ping", {})

    run(test)


@pytest.mark.parametrize("value", ["0888\r\nAction: Command", "a\nb", "a\rb", "\x00"])
def test_a_field_that_would_begin_another_line_is_refused(value: str) -> None:
    async def test() -> None:
        async with connected(_nothing) as (ami, _):
            with pytest.raises(ValueError, match="control characters"):
                await ami.action("Originate", {"Channel": value})

    run(test)


def test_a_wrong_password_and_a_foreign_server_are_told() -> None:
    async def test() -> None:
        with pytest.raises(AmiError, match="Authentication failed"):
            async with connected(_nothing, secret="wrong"):
                pass

        async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 smtp.example\r\n")
            writer.close()
            await writer.wait_closed()

        foreign = await asyncio.start_server(greet, "127.0.0.1", 0)
        port = foreign.sockets[0].getsockname()[1]
        with pytest.raises(AmiError, match="not Asterisk's manager interface"):
            await Ami.connect("127.0.0.1", port, "eschool", "right", lambda _: None)
        foreign.close()
        with pytest.raises(AmiError, match="nothing answers"):
            await Ami.connect("127.0.0.1", 1, "eschool", "right", lambda _: None)

    run(test)
