"""Asterisk's manager interface: one connection, answers matched by ActionID, events handed on as they come.

https://docs.asterisk.org/Configuration/Interfaces/Asterisk-Manager-Interface-AMI/
"""

import asyncio
import itertools
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress

ANSWER_SECONDS = 10.0
"""How long an action's answer is waited for."""
CONNECT_SECONDS = 5.0
LONGEST_LINE = 64 * 1024

Message = Mapping[str, str]
"""Header -> value; of a header that comes several times the last."""


class AmiError(Exception):
    """The manager interface refused, failed, or did not answer in time."""


class AmiLostError(AmiError):
    """The connection is gone; whether an action that was sent has been done is not known."""


class Ami:
    """An open, logged-in connection. Used in one event loop; `on_event` is called for every event."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, on_event: Callable[[Message], None]
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._on_event = on_event
        self._numbers = itertools.count(1)
        self._prefix = secrets.token_hex(4)
        self._answers: dict[str, asyncio.Future[Message]] = {}
        self._lists: dict[str, list[Message]] = {}
        self.lost = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def connect(cls, host: str, port: int, user: str, secret: str, on_event: Callable[[Message], None]) -> "Ami":
        """Connect and log in. Raises AmiError."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                reader, writer = await asyncio.open_connection(host, port, limit=LONGEST_LINE)
                greeting = await reader.readline()
        except (OSError, TimeoutError) as error:
            raise AmiError(f"nothing answers on port {port} ({type(error).__name__})") from None
        if not greeting.startswith(b"Asterisk Call Manager"):
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
            raise AmiError(f"what listens on port {port} is not Asterisk's manager interface")
        ami = cls(reader, writer, on_event)
        try:
            await ami.action("Login", {"Username": user, "Secret": secret, "Events": "on"})
        except AmiError:
            await ami.close()
            raise
        return ami

    async def action(
        self, name: str, fields: Mapping[str, str], action_id: str | None = None, seconds: float = ANSWER_SECONDS
    ) -> Message:
        """The answer to an action.

        Raises ValueError for a field that would break a line, AmiError when it is refused or not answered in time,
        AmiLostError when the connection is lost.
        """
        action_id = action_id or self._next_id()
        text = _written({"Action": name, "ActionID": action_id, **fields})
        if self.lost.is_set():
            raise AmiLostError("the connection is lost")
        answer = asyncio.get_running_loop().create_future()
        self._answers[action_id] = answer
        try:
            self._writer.write(text)
            async with asyncio.timeout(seconds):
                said: Message = await answer
        except TimeoutError:
            raise AmiError(f"no answer to {name} within {seconds:.0f} seconds") from None
        finally:
            self._answers.pop(action_id, None)
        if said.get("Response") not in ("Success", "Goodbye"):
            raise AmiError(said.get("Message", "refused"))
        return said

    async def listed(self, name: str, fields: Mapping[str, str]) -> list[Message]:
        """The items of an action that answers with a list. Raises as `action` does."""
        action_id = self._next_id()
        items: list[Message] = []
        self._lists[action_id] = items
        complete = asyncio.get_running_loop().create_future()
        self._answers[f"{action_id} complete"] = complete
        try:
            await self.action(name, fields, action_id)
            async with asyncio.timeout(ANSWER_SECONDS):
                await complete
        except TimeoutError:
            raise AmiError(f"the list of {name} is not complete") from None
        finally:
            self._lists.pop(action_id, None)
            self._answers.pop(f"{action_id} complete", None)
        return items

    async def close(self) -> None:
        """Take leave."""
        if not self.lost.is_set():
            with suppress(AmiError):
                await self.action("Logoff", {}, seconds=1.0)
        self._reading.cancel()
        self._writer.close()
        with suppress(asyncio.CancelledError):
            await self._reading
        with suppress(OSError):
            await self._writer.wait_closed()

    def _next_id(self) -> str:
        return f"{self._prefix}-{next(self._numbers)}"

    async def _read(self) -> None:
        try:
            while True:
                self._take(await self._message())
        except (OSError, ValueError, asyncio.IncompleteReadError):
            pass
        finally:
            self.lost.set()
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(AmiLostError("the connection is lost"))
                    answer.exception()  # whoever waits has it; nobody may be told that it was never asked for

    async def _message(self) -> dict[str, str]:
        message: dict[str, str] = {}
        while True:
            line = await self._reader.readuntil(b"\r\n")
            if line == b"\r\n":
                if message:
                    return message
                continue
            name, colon, value = line[:-2].decode("utf-8", "replace").partition(":")
            if colon:
                message[name] = value.strip()

    def _take(self, message: Message) -> None:
        action_id = message.get("ActionID", "")
        if "Response" in message and "Event" not in message:
            self._answer(action_id, message)
        elif action_id in self._lists:
            if message.get("EventList") == "Complete":
                self._answer(f"{action_id} complete", message)
            else:
                self._lists[action_id].append(message)
        else:
            self._on_event(message)

    def _answer(self, key: str, message: Message) -> None:
        answer = self._answers.get(key)
        if answer is not None and not answer.done():
            answer.set_result(message)


def _written(fields: Mapping[str, str]) -> bytes:
    """An action as it goes over the line. Raises ValueError for what would begin another line."""
    for name, value in fields.items():
        if any(ord(sign) < 32 for sign in name + value):
            raise ValueError(f"the field {name!r} of an action may not hold control characters")
    return ("".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n").encode()
