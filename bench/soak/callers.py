"""A parent who calls in: one SIPp for each call."""

import asyncio
import tempfile
from pathlib import Path

from devtools.telephone.free_ports import free_block, give_back

NUMBER = "0882818905"
HOLD_MS = 5000
LONGEST = 40.0
SCENARIO = Path(__file__).parents[1] / "parent.xml"


async def call(host: str, here: str, caller: str, folder: Path) -> bool:
    """Call a host from an address of ours, press 1, listen, hang up; whether it went as it should."""
    ports = free_block(8)
    try:
        with tempfile.TemporaryDirectory(dir=folder) as name:
            scenario = Path(name) / "parent.xml"
            text = SCENARIO.read_text("utf-8").replace("{hold}", str(HOLD_MS)).replace("{caller}", caller)
            scenario.write_text(text, "utf-8")
            process = await asyncio.create_subprocess_exec(
                "sipp", f"{host}:5060", "-sf", str(scenario), "-s", NUMBER, "-m", "1", "-i", here, "-p", str(ports),
                "-mp", str(ports + 2), "-nostdin", "-timeout", "30", "-timeout_error",
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
                cwd=name,
            )  # fmt: skip
            try:
                return await asyncio.wait_for(process.wait(), LONGEST) == 0
            except (TimeoutError, asyncio.CancelledError):
                process.kill()
                await process.wait()
                return False
    finally:
        give_back(ports, 8)
