"""What is broken meanwhile: processes killed, links cut, the database stopped, disks filled, the SMSC slow or gone."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

import click

from bench.soak.accounts import Fault
from bench.soak.hosts import ROLES, SUPERVISOR, Host
from devtools.postgres import PostgresServer
from devtools.smsc import Smsc

KINDS = ("kills", "links", "database", "disk", "smsc")
SHARES = {"kills": 5, "links": 2, "database": 1, "disk": 1, "smsc": 2}
PAUSES = (5.0, 25.0)
"""Seconds without a new fault: kills come in the middle of the recovery from the one before."""
LINK_DOWN, DATABASE_AWAY, DISK_FULL, SMSC_TROUBLE = (5.0, 60.0), (5.0, 90.0), 30.0, (5.0, 30.0)
SYSTEM_ERROR = 0x08


@dataclass
class Faults:
    """Breaks things at random, one kind after another; notes each with its times."""

    hosts: list[Host]
    server: PostgresServer
    smsc: Smsc
    kinds: tuple[str, ...]
    random: Random
    done: list[Fault] = field(default_factory=list)

    async def go_on(self, until: float) -> None:
        """Break and mend until that moment of the monotonic clock; everything is whole at the end."""
        ways: dict[str, Callable[[], Awaitable[None]]] = {
            "kills": self.kill,
            "links": self.cut,
            "database": self.stop_database,
            "disk": self.fill_disk,
            "smsc": self.trouble_smsc,
        }
        if not self.kinds:
            return
        for turn in range(10_000):
            await asyncio.sleep(self.random.uniform(*PAUSES))
            if time.monotonic() >= until:
                return
            # Each kind once, then by their shares: a short run has seen them all.
            kind = (
                self.kinds[turn]
                if turn < len(self.kinds)
                else self.random.choices(self.kinds, [SHARES[one] for one in self.kinds])[0]
            )
            await ways[kind]()

    async def kill(self) -> None:
        """kill -9 of a process of the product, whichever."""
        host = self.random.choice(self.hosts)
        role = self.random.choice([*(one for one in ROLES if one != SUPERVISOR), *(("sms",) * 2), SUPERVISOR])
        pids = host.running().get(role, [])
        if not pids:
            return
        began = time.time()
        with suppress(ProcessLookupError):
            os.kill(self.random.choice(pids), signal.SIGKILL)
        self._note(f"kill {role}", began, host)

    async def cut(self) -> None:
        """A host's cable is pulled."""
        host = self.random.choice(self.hosts)
        seconds = self.random.uniform(*LINK_DOWN)
        began = time.time()
        host.place.cut()
        try:
            await asyncio.sleep(seconds)
        finally:
            host.place.mend()
            self._note("link", began, host)

    async def stop_database(self) -> None:
        """PostgreSQL is stopped, and started again."""
        seconds = self.random.uniform(*DATABASE_AWAY)
        began = time.time()
        await asyncio.to_thread(self.server.stop)
        try:
            await asyncio.sleep(seconds)
        finally:
            await asyncio.to_thread(self.server.start)
            self._note("database", began)

    async def fill_disk(self) -> None:
        """A home has no octet left."""
        host = self.random.choice(self.hosts)
        began = time.time()
        host.place.fill()
        try:
            await asyncio.sleep(DISK_FULL)
        finally:
            host.place.empty()
            self._note("disk", began, host)

    async def trouble_smsc(self) -> None:
        """The SMSC answers slowly, or drops every link and lets nobody bind."""
        seconds = self.random.uniform(*SMSC_TROUBLE)
        is_gone = self.random.random() < 0.5
        began = time.time()
        try:
            if is_gone:
                await self.smsc.do("set", bind_status=SYSTEM_ERROR)
                await self.smsc.do("drop")
            else:
                await self.smsc.do("set", delay=self.random.randint(1000, 6000))
            await asyncio.sleep(seconds)
        finally:
            await self.smsc.do("set", bind_status=0, delay=0)
            self._note("SMSC gone" if is_gone else "SMSC slow", began)

    def _note(self, name: str, began: float, host: Host | None = None) -> None:
        fault = Fault(name, began, time.time(), host.place.name if host else "")
        self.done.append(fault)
        click.echo(f"  fault: {name} {fault.host} {fault.ended - began:.0f} s", err=True)
