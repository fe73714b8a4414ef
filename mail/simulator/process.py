"""The simulator's process: `serve(settings)` until SIGTERM or Ctrl-C."""

import asyncio
import hmac
import logging
import secrets
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

import logs
from errors import InputError, OperationError
from mail.simulator import endpoint
from runtime.signals import stop_event
from settings import Settings

log = logs.get(__name__)

MOST_KEPT = 1000
"""Letters; beyond, the oldest are deleted."""


class LetterHandler:
    """What the server does with a letter (a handler of aiosmtpd)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's
        """Keep a letter in a file of its own."""
        content = envelope.content or b""
        data = content.encode() if isinstance(content, str) else content
        path = self._folder / f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}-{secrets.token_hex(2)}.eml"
        fresh = path.with_suffix(".new")
        try:
            fresh.touch(mode=0o600)
            fresh.write_bytes(data)
            fresh.rename(path)
        except OSError as error:  # the library would refuse the letter for good
            log.error("letter.not_kept", reason=error.strerror)
            with suppress(OSError):
                fresh.unlink(missing_ok=True)
            return "452 4.3.1 The disk takes nothing at the moment"
        for old in sorted(self._folder.glob("*.eml"))[:-MOST_KEPT]:
            old.unlink(missing_ok=True)
        log.info("letter.kept", file=str(path), octets=len(data))
        return "250 2.0.0 kept"


def serve(settings: Settings) -> None:
    """Run until SIGTERM. Raises InputError or OperationError before it starts."""
    if settings.smtp_url:
        raise InputError("ESCHOOL_SMTP_URL names a real mail server: unset it to try things out with the simulator.")
    settings.prepare_home()
    # The library warns of each connection that it would take a password without TLS: that is meant, see below.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    loop = asyncio.get_running_loop()
    stop = stop_event()
    port = endpoint.port(settings)
    if endpoint.is_running(settings):
        raise OperationError("The mail simulator of this ESCHOOL_HOME runs already.")
    handler = LetterHandler(endpoint.folder(settings))
    make = partial(
        SMTP,
        handler,
        ident=endpoint.greeting(settings),
        hostname="localhost",
        authenticator=partial(_authenticate, endpoint.password(settings)),
        auth_required=True,
        auth_require_tls=False,  # nothing leaves this machine
        loop=loop,
    )
    try:
        server = await loop.create_server(make, endpoint.ADDRESS, port)
    except OSError as error:
        raise OperationError(
            f"The mail simulator cannot listen on {endpoint.ADDRESS}:{port} ({error.strerror}): "
            "set ESCHOOL_MAIL_SIMULATOR_PORT to a free port."
        ) from error
    log.info("simulator.started", port=port, folder=str(endpoint.folder(settings)))
    await stop.wait()
    server.close()
    log.info("simulator.stopped")


def _authenticate(
    password: str, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object
) -> AuthResult:
    given = data.password if isinstance(data, LoginPassword) else b""
    return AuthResult(success=hmac.compare_digest(given, password.encode()), handled=False)  # it says so itself
