"""A real mail server on a real socket (aiosmtpd), which keeps what it receives and misbehaves on request."""

import asyncio
import ipaddress
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from time import monotonic, sleep, time
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session, syntax
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "school@mail.example", "p@ss:word/%?"


@dataclass(frozen=True)
class Got:
    """A letter as it arrived."""

    sender: str
    recipient: str
    data: bytes
    connection: int
    at: float = 0.0
    """When it was taken, seconds of the clock."""

    @property
    def letter(self) -> EmailMessage:
        """Parsed by the standard library."""
        parsed = message_from_bytes(self.data, policy=default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def text(self) -> str:
        """What a reader without HTML reads."""
        return body(self.letter, "plain")

    @property
    def html(self) -> str:
        """The same as a page."""
        return body(self.letter, "html")


def body(letter: EmailMessage, kind: str) -> str:
    """One of a letter's two bodies."""
    part = letter.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


@dataclass
class Mailbox:
    """What the server got, and how it is to behave. `replies`: of RCPT and of DATA by recipient, until popped."""

    got: list[Got] = field(default_factory=list)
    to_recipient: dict[str, list[str]] = field(default_factory=dict)
    to_letter: dict[str, list[str]] = field(default_factory=dict)
    to_sender: list[str] = field(default_factory=list)
    drop_in_letter: int = 0
    """How many letters the connection breaks in the middle of."""
    drop_after_letter: int = 0
    """How many letters it takes whole and hangs up without a word: nobody knows but the server."""
    seconds_per_letter: float = 0.0
    pipelining: bool = True
    connections: int = 0
    signed_in: list[str] = field(default_factory=list)
    open: "set[Server]" = field(default_factory=set)
    protected: list[bool] = field(default_factory=list)

    def wait_for(self, letters: int, seconds: float = 20.0) -> list[Got]:
        """The letters, once there are so many."""
        deadline = monotonic() + seconds
        while len(self.got) < letters:
            assert monotonic() < deadline, f"{len(self.got)} letters came, {letters} were to"
            sleep(0.01)
        return list(self.got)

    # What aiosmtpd calls

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        # aiosmtpd takes commands together, but does not say so.
        return [*responses[:-1], "250-PIPELINING", responses[-1]] if self.pipelining else responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if self.to_sender:
            return self.to_sender.pop(0)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 sender ok"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if self.to_recipient.get(address):
            return self.to_recipient[address].pop(0)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 recipient ok"

    async def handle_DATA(self, server: "Server", session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.seconds_per_letter:
            await asyncio.sleep(self.seconds_per_letter)
        assert isinstance(envelope.content, bytes)
        assert len(envelope.rcpt_tos) == 1, "every letter is one parent's"
        recipient = envelope.rcpt_tos[0]
        if self.to_letter.get(recipient):
            return self.to_letter[recipient].pop(0)
        self.protected.append(server.is_protected)
        self.got.append(Got(str(envelope.mail_from), recipient, envelope.content, server.number, time()))
        if self.drop_after_letter:
            self.drop_after_letter -= 1
            server.hang_up()
        return "250 2.0.0 taken"


class Server(SMTP):
    """The protocol, with a way to break it."""

    def __init__(self, mailbox: Mailbox, *arguments: Any, **more: Any) -> None:
        super().__init__(mailbox, *arguments, **more)
        self._mailbox = mailbox
        self.number = 0

    def connection_made(self, transport: Any) -> None:
        """A client came, or the same one began with TLS."""
        if self not in self._mailbox.open:
            self._mailbox.connections += 1
            self.number = self._mailbox.connections
            self._mailbox.open.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """It is over."""
        super().connection_lost(error)
        self._mailbox.open.discard(self)

    @property
    def is_protected(self) -> bool:
        """Whether TLS is on, however it began."""
        return self.transport is not None and self.transport.get_extra_info("sslcontext") is not None

    def hang_up(self) -> None:
        """Break the connection, as a power cut does."""
        assert self.transport is not None
        self.transport.abort()  # type: ignore[attr-defined]

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        """Perhaps break in the middle of the letter."""
        if not self._mailbox.drop_in_letter:
            await super().smtp_DATA(arg)
            return
        self._mailbox.drop_in_letter -= 1
        await self.push("354 go on")
        await self._reader.readline()
        self.hang_up()


class _Here(Controller):
    def __init__(self, mailbox: Mailbox, options: dict[str, Any], context: ssl.SSLContext | None, address: str) -> None:
        self._mailbox = mailbox
        self._options = options
        super().__init__(mailbox, hostname=address, port=0, ssl_context=context, ready_timeout=20)

    def factory(self) -> SMTP:
        return Server(self._mailbox, hostname="mail.example", loop=self.loop, **self._options)

    def _trigger_server(self) -> None:
        """aiosmtpd asks its own port; with port 0 it does not know it yet."""
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


@contextmanager
def running(
    mailbox: Mailbox,
    *,
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
    signing_in: bool = False,
    port: int = 0,
    address: str = "127.0.0.1",
) -> Iterator[int]:
    """Serve; gives the port. `tls` from the first octet, `starttls` on demand; `signing_in`: USER and PASSWORD only."""
    options: dict[str, Any] = {}
    if starttls:
        options |= {"tls_context": starttls, "require_starttls": signing_in}
    if signing_in:

        def authenticate(
            server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
        ) -> AuthResult:
            mailbox.signed_in.append(mechanism)
            is_right = data.login == USER.encode() and data.password == PASSWORD.encode()
            return AuthResult(success=is_right, handled=False)

        options |= {"authenticator": authenticate, "auth_required": True, "auth_require_tls": bool(starttls)}
    here = _Here(mailbox, options, tls, address)
    here.port = port
    here.start()
    mailbox.connections -= 1  # the one by which the controller saw that it listens
    try:
        yield here.port
    finally:
        for one in tuple(mailbox.open):
            here.loop.call_soon_threadsafe(one.hang_up)
        waits_until(lambda: not mailbox.open)
        asyncio.run_coroutine_threadsafe(_see_who_hung_up(), here.loop).result(timeout=20)
        here.stop()


async def _see_who_hung_up() -> None:
    """Let the loop close connections that ended before they were any session's, as with a certificate refused."""
    for _ in range(10):
        await asyncio.sleep(0)


@dataclass(frozen=True)
class Certificate:
    """A certificate for 127.0.0.1 and localhost, which vouches for itself."""

    path: Path
    context: ssl.SSLContext


def certificate(folder: Path, *addresses: str) -> Certificate:
    """Make one that is valid for a day; also for these IP addresses."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [
                    x509.DNSName("mail.example"),
                    x509.DNSName("localhost"),
                    *(x509.IPAddress(ipaddress.ip_address(address)) for address in addresses),
                ]
            ),
            False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "mail.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path)
    return Certificate(path, context)


def waits_until(
    happened: Callable[[], Any], seconds: float = 40.0, *, meanwhile: Callable[[], None] = lambda: None
) -> None:
    """Wait for a condition; `meanwhile` is done again and again."""
    deadline = monotonic() + seconds
    while not happened():
        meanwhile()
        assert monotonic() < deadline, "it did not happen in time"
        threading.Event().wait(0.02)
