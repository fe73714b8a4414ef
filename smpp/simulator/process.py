"""The simulator's process: `serve(settings)` until SIGTERM or Ctrl-C."""

import asyncio
import os

import logs
from errors import InputError, OperationError
from runtime.signals import stop_event
from settings import Settings
from smpp.simulator import endpoint
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
    centre = Centre(endpoint.password(settings), settings.short_code)
    path = endpoint.control_socket(settings)
    port = endpoint.port(settings)
    loop = asyncio.get_running_loop()
    stop = stop_event()
    if endpoint.is_running(settings):
        raise OperationError("The SMS simulator of this ESCHOOL_HOME runs already.")
    path.unlink(missing_ok=True)  # left over by one that was killed
    try:
        smsc = await loop.create_server(lambda: Session(centre), endpoint.ADDRESS, port)
    except OSError as error:
        raise OperationError(
            f"The SMS simulator cannot listen on {endpoint.ADDRESS}:{port} ({error.strerror}): "
            "set ESCHOOL_SMS_SIMULATOR_PORT to a free port."
        ) from error
    before = os.umask(0o177)
    try:
        control = await asyncio.start_unix_server(Control(centre).serve, path)
    finally:
        os.umask(before)
    log.info("simulator.started", port=port)
    await stop.wait()
    smsc.close()
    control.close()
    centre.close()
    path.unlink(missing_ok=True)
    log.info("simulator.stopped")
