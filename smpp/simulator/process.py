"""The simulator's process: `serve(settings)` until SIGTERM or Ctrl-C."""

import asyncio
import os
import signal

import logs
from errors import InputError, OperationError
from settings import Settings
from smpp.simulator import place
from smpp.simulator.centre import Centre
from smpp.simulator.control import Control
from smpp.simulator.session import Session

log = logs.get(__name__)


def check_no_operators(settings: Settings) -> None:
    """Raises InputError where SMS go to real telephones."""
    if settings.operators_file is not None:
        raise InputError(
            f"ESCHOOL_OPERATORS_FILE={settings.operators_file} connects to real operators: "
            "unset it to try things out with the simulator."
        )


def serve(settings: Settings) -> None:
    """Run until SIGTERM. Raises InputError or OperationError before it starts."""
    check_no_operators(settings)
    settings.prepare_home()
    asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    centre = Centre(place.password(settings), settings.short_code)
    path = place.control_socket(settings)
    port = place.port(settings)
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(ending, ended.set)
    if place.is_running(settings):
        raise OperationError("The SMS simulator of this ESCHOOL_HOME runs already.")
    path.unlink(missing_ok=True)  # left over by one that was killed
    try:
        smsc = await loop.create_server(lambda: Session(centre), place.ADDRESS, port)
    except OSError as error:
        raise OperationError(
            f"The SMS simulator cannot listen on {place.ADDRESS}:{port} ({error.strerror}): "
            "set ESCHOOL_SMS_SIMULATOR_PORT to a free port."
        ) from error
    before = os.umask(0o177)
    try:
        control = await asyncio.start_unix_server(Control(centre).serve, path)
    finally:
        os.umask(before)
    log.info("simulator.started", port=port)
    await ended.wait()
    smsc.close()
    control.close()
    centre.close()
    path.unlink(missing_ok=True)
    log.info("simulator.stopped")
