"""The socket for playing telephones: one JSON object per line, in and out.

{"do": "text", "from": "+359888123456", "text": "…"}    {"event": "sent"}, and {"event": "taken"} once a gateway has it
{"do": "watch", "phone": "+359888123456"}               {"event": "watching"}, and {"event": "text", …} for each to come
{"do": "texts", "phone": "+359888123456"}               {"event": "text", …} for each remembered, {"event": "end"}
"""

import asyncio
import json
from contextlib import ExitStack
from typing import Any

from smpp.simulator.centre import Centre
from smpp.simulator.telephones import Text

Json = dict[str, Any]


class Control:
    """Serves the socket's connections."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, to its end."""
        watching: set[asyncio.Task[None]] = set()
        with ExitStack() as opened:
            try:
                while line := await reader.readline():
                    self._do(json.loads(line), writer, watching, opened)
                    await writer.drain()
            except (ConnectionError, ValueError, KeyError, TypeError) as error:
                _write(writer, {"event": "error", "reason": f"{type(error).__name__}: not understood"})
            finally:
                for task in watching:
                    task.cancel()
                writer.close()

    def _do(
        self, asked: Json, writer: asyncio.StreamWriter, watching: set[asyncio.Task[None]], opened: ExitStack
    ) -> None:
        match asked["do"]:
            case "text":
                _write(writer, {"event": "sent"})
                self._centre.text(asked["from"], asked["text"], lambda: _write(writer, {"event": "taken"}))
            case "watch":
                arriving = opened.enter_context(self._centre.telephones.watched(asked["phone"]))
                watching.add(asyncio.create_task(_pass_on(arriving, writer)))
                _write(writer, {"event": "watching"})
            case "texts":
                for text in self._centre.telephones.texts(asked["phone"]):
                    _write(writer, _described(text))
                _write(writer, {"event": "end"})
            case _:
                raise ValueError("no such command")


async def _pass_on(arriving: "asyncio.Queue[Text]", writer: asyncio.StreamWriter) -> None:
    while True:
        _write(writer, _described(await arriving.get()))


def _write(writer: asyncio.StreamWriter, answer: Json) -> None:
    if not writer.is_closing():
        writer.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")


def _described(text: Text) -> Json:
    return {
        "event": "text",
        "number": text.number,
        "sender": text.sender,
        "parts": text.parts,
        "at": text.at.isoformat(),
        "text": text.text,
        "parameters": text.parameters,
    }
