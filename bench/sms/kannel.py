"""Kannel as its makers mean it: bearerbox with a spool on disk, smsbox, an application that texts and hears by HTTP.

The best configuration that was found: nothing is logged, the application keeps connections open, few requests are under
way at a time, one final receipt is asked for a message, receipts are matched in memory (`dlr-storage = internal`:
what Kannel does fastest, and forgets when it ends), and what the SMSC refuses is tried again after a second instead of
a minute.
"""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

from bench.measures import cpu_seconds, memory_mb
from devtools.telephone.free_ports import free_block

SPOOL, FILE = "spool", "file"
"""How Kannel keeps what it has accepted: a file a message, or one file for all. It syncs neither to the disk."""

CONNECTIONS = 32
"""Of the application to smsbox: more made it no faster."""

TEXT = "Мария: Математика – Отличен (6), контролна работа"

CONFIGURATION = """\
group = core
admin-port = {admin}
admin-password = bench
admin-interface = 127.0.0.1
smsbox-port = {box}
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
log-file = {folder}/bearerbox.log
log-level = 4
store-type = {store}
store-location = {folder}/{store}
dlr-storage = internal
sms-resend-freq = 1
sms-incoming-queue-limit = -1
sms-outgoing-queue-limit = 1000000

group = smsc
smsc = smpp
smsc-id = operator
host = 127.0.0.1
port = {smsc}
transceiver-mode = true
smsc-username = kannel
smsc-password = secret
system-type = ""
max-pending-submits = {window}
reconnect-delay = 1
source-addr-ton = 3
source-addr-npi = 0
dest-addr-ton = 1
dest-addr-npi = 1
{operator}

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {send}
sendsms-interface = 127.0.0.1
global-sender = 1987
log-file = {folder}/smsbox.log
log-level = 4
max-pending-requests = 16

group = sendsms-user
username = bench
password = bench
"""


@dataclass
class Kannel:
    """A running Kannel and the application beside it."""

    bearerbox: int
    smsbox: int
    admin_port: int
    send_port: int
    receipts_port: int
    receipts: int = 0
    """How many final receipts the application was told of."""

    async def send(self, messages: int, first: int = 0) -> None:
        """Text `messages` numbers, one message each. Returns when Kannel took them all."""
        numbers = iter(range(first, first + messages))

        async def connection() -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.send_port)
            for number in numbers:
                writer.write(self._request(number))
                status, body = await _response(reader)
                if status != 202:
                    raise RuntimeError(f"smsbox answered {status} {body}")
            writer.close()

        await asyncio.gather(*(connection() for _ in range(min(CONNECTIONS, messages))))

    async def is_bound(self) -> bool:
        """Whether the link to the SMSC is up."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.admin_port)
        writer.write(b"GET /status.txt?password=bench HTTP/1.0\r\n\r\n")
        answer = await reader.read()
        writer.close()
        return b"(online" in answer

    def cpu_seconds(self) -> float:
        """Of both boxes."""
        return cpu_seconds(self.bearerbox) + cpu_seconds(self.smsbox)

    def peak_mb(self) -> float:
        """Of both boxes."""
        return memory_mb(self.bearerbox, "VmHWM") + memory_mb(self.smsbox, "VmHWM")

    def _request(self, number: int) -> bytes:
        query = urlencode(
            {
                "username": "bench",
                "password": "bench",
                "to": f"35988{number:07d}",
                "coding": 2,
                "charset": "UTF-8",
                "text": TEXT,
                "dlr-mask": 3,  # delivered or failed, once
            }
        )
        told = quote(f"http://127.0.0.1:{self.receipts_port}/?n={number}", safe="")
        return f"GET /cgi-bin/sendsms?{query}&dlr-url={told} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


@asynccontextmanager
async def running_kannel(
    smsc_port: int, window: int, folder: Path, store: str = SPOOL, *, operator: str = ""
) -> AsyncIterator[Kannel]:
    """Both boxes in `folder`, bound to the SMSC; `operator` is more lines of the link's group."""
    folder.mkdir(parents=True)
    if store == SPOOL:
        (folder / store).mkdir()
    ports = free_block(3)
    places = {"admin": ports, "box": ports + 1, "send": ports + 2}
    file = folder / "kannel.conf"
    settings = {"folder": folder, "smsc": smsc_port, "window": window, "store": store, "operator": operator}
    file.write_text(CONFIGURATION.format(**settings, **places), "utf-8")
    boxes: list[subprocess.Popen[bytes]] = []
    receipts = await asyncio.start_server(lambda reader, writer: _take_receipts(kannel, reader, writer), "127.0.0.1", 0)
    kannel = Kannel(0, 0, places["admin"], places["send"], receipts.sockets[0].getsockname()[1])
    try:
        boxes.append(_start("bearerbox", file))
        await _listening(places["box"])
        boxes.append(_start("smsbox", file))
        await _listening(places["send"])
        kannel.bearerbox, kannel.smsbox = (box.pid for box in boxes)
        await _bound(kannel)
        yield kannel
    finally:
        receipts.close()
        for box in reversed(boxes):
            box.kill()
            box.wait()


def _start(box: str, file: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [f"/usr/sbin/{box}", str(file)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


async def _take_receipts(kannel: Kannel, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The application: counts, and says that it heard."""
    try:
        while await reader.readuntil(b"\r\n\r\n"):
            kannel.receipts += 1
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n\r\nOK")
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def _response(reader: asyncio.StreamReader) -> tuple[int, str]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    lines = head.split("\r\n")
    length = next(int(one.split(":")[1]) for one in lines if one.lower().startswith("content-length:"))
    body = await reader.readexactly(length)
    return int(lines[0].split()[1]), body.decode("latin-1")


async def _listening(port: int) -> None:
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
    raise RuntimeError("Kannel did not start")


async def _bound(kannel: Kannel) -> None:
    for _ in range(200):
        if await kannel.is_bound():
            return
        await asyncio.sleep(0.05)
    raise RuntimeError("Kannel did not bind")
