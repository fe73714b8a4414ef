"""One connection to the mail server: signed in once, used for letter after letter.

Python's smtplib connects, protects, signs in and reads replies. Handing a letter over is ours, for two reasons: it says
exactly what is known when something breaks in the middle, and it takes two round trips where the server can take
several commands at once (PIPELINING, RFC 2920), not four.
"""

import re
import smtplib
import ssl
from contextlib import suppress

from errors import OperationError
from mail.outcomes import NOT_NOW, SENT, SendOutcome, Stage, refused
from mail.server import MailServer, Security
from school.outbox import Ending

CONNECT_SECONDS = 15.0
REPLY_SECONDS = 60.0
END_SECONDS = 180.0
"""How long the reply to a whole letter is waited for: a server may look through it first."""

_DOTS = re.compile(rb"(?m)^\.")
GONE = (smtplib.SMTPException, OSError, ValueError)


class NoConnectionError(OperationError):
    """The server cannot be reached, or does not let us in: no letter is to blame."""


class Connection:
    """Used by one thread. `hello`: what we call ourselves in EHLO."""

    def __init__(self, server: MailServer, hello: str) -> None:
        self._server = server
        self._hello = hello
        self._client: smtplib.SMTP | None = None
        self.handed_over = 0
        """Letters on the present connection."""

    @property
    def is_open(self) -> bool:
        """Whether it was opened and has not failed since; the server may have closed it meanwhile."""
        return self._client is not None

    def open(self) -> None:
        """Connect, protect and sign in. Raises NoConnectionError with one sentence."""
        where = f"{self._server.host}:{self._server.port}"
        self.close()
        client: smtplib.SMTP | None = None
        try:
            client = self._connected()
            client.ehlo_or_helo_if_needed()
            if self._server.security is not Security.TLS:
                self._start_tls(client)
            if self._server.user:
                client.login(self._server.user, self._server.password)
            if client.sock is None:
                raise smtplib.SMTPServerDisconnected("closed")
            client.sock.settimeout(REPLY_SECONDS)
        except smtplib.SMTPAuthenticationError as error:
            _hang_up(client)
            raise NoConnectionError(
                f"The mail server {where} does not accept the user or the password of ESCHOOL_SMTP_URL "
                f"({error.smtp_code})."
            ) from None
        except smtplib.SMTPNotSupportedError:
            _hang_up(client)
            raise NoConnectionError(f"The mail server {where} offers no sign-in, or not without TLS.") from None
        except ssl.SSLCertVerificationError as error:
            _hang_up(client)
            raise NoConnectionError(
                f"The certificate of the mail server {where} is not trusted ({error.verify_message}): "
                "ESCHOOL_SMTP_CA names who vouches for it."
            ) from None
        except smtplib.SMTPResponseException as error:
            _hang_up(client)
            raise NoConnectionError(f"The mail server {where} does not serve us ({error.smtp_code}).") from None
        except GONE as error:
            _hang_up(client)
            raise NoConnectionError(f"The mail server {where} does not answer ({_reason(error)}).") from None
        except NoConnectionError:
            _hang_up(client)
            raise
        self._client = client
        self.handed_over = 0

    def envelope(self, sender: str, recipient: str, octets: int) -> SendOutcome | None:
        """Announce a letter of so many octets; None: the server waits for it, and `letter` must come next."""
        client = self._client
        if client is None:
            return SendOutcome(Ending.RETRY, "The connection to the mail server broke.", untouched=True)
        size = f" SIZE={octets}" if client.has_extn("size") else ""
        commands = [f"MAIL FROM:<{sender}>{size}\r\n", f"RCPT TO:<{recipient}>\r\n", "DATA\r\n"]
        try:
            return self._announced(client, [command.encode("ascii") for command in commands])
        except UnicodeEncodeError:
            return SendOutcome(Ending.REFUSED, "The address has letters that this mail server cannot take.")
        except GONE as error:
            self.close()
            return SendOutcome(
                Ending.RETRY, f"The connection broke before the letter ({_reason(error)}).", untouched=True
            )

    def letter(self, data: bytes) -> SendOutcome:
        """Hand over the letter that was announced (lines end with CRLF)."""
        client = self._client
        assert client is not None
        body = _DOTS.sub(b"..", data)
        try:
            # In one piece with the full stop that ends it: when this fails, the end was not sent.
            client.send(body + (b"" if body.endswith(b"\r\n") else b"\r\n") + b".\r\n")
        except GONE as error:
            self.close()
            return SendOutcome(Ending.RETRY, f"The connection broke in the letter ({_reason(error)}).")
        try:
            if client.sock is not None:
                client.sock.settimeout(END_SECONDS)
            code, text = client.getreply()
            if client.sock is not None:
                client.sock.settimeout(REPLY_SECONDS)
        except GONE as error:
            self.close()
            return SendOutcome(Ending.UNKNOWN, f"The mail server did not say whether it took it ({_reason(error)}).")
        self.handed_over += 1
        if 200 <= code < 300:
            return SENT
        if not 400 <= code < 600:
            self.close()
            return SendOutcome(Ending.UNKNOWN, "The mail server's reply to the letter was none.")
        return self._refused(Stage.LETTER, code, text)

    def close(self) -> None:
        """Take leave, if there is anybody to take leave of."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(*GONE):
                if client.sock is not None:
                    client.sock.settimeout(2)
                client.quit()
            _hang_up(client)

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        if server.security is Security.TLS:
            return smtplib.SMTP_SSL(
                server.host, server.port, self._hello, timeout=CONNECT_SECONDS, context=_context(server)
            )
        return smtplib.SMTP(server.host, server.port, self._hello, timeout=CONNECT_SECONDS)

    def _start_tls(self, client: smtplib.SMTP) -> None:
        if client.has_extn("starttls"):
            client.starttls(context=_context(self._server))
            client.ehlo_or_helo_if_needed()
        elif self._server.security is Security.STARTTLS:
            raise NoConnectionError(
                f"The mail server {self._server.host} offers no STARTTLS, and what we write must not be read on the "
                "way: use smtps://, or a server that does."
            )

    def _announced(self, client: smtplib.SMTP, commands: list[bytes]) -> SendOutcome | None:
        together = client.has_extn("pipelining")
        if together:
            client.send(b"".join(commands))
        first: SendOutcome | None = None
        waits = False
        for stage, command in zip(Stage, commands, strict=True):
            if not together:
                client.send(command)
            code, text = client.getreply()
            waits = stage is Stage.LETTER and code == 354
            is_good = waits or (stage is not Stage.LETTER and 200 <= code < 300)
            if not is_good and first is None:
                first = refused(stage, code, text)
                if code == NOT_NOW:
                    self.close()
                    return first
                if not together:
                    break
        if first is None:
            return None
        if waits:  # it would take a letter to nobody (RFC 2920, 3.1): an empty one
            client.send(b".\r\n")
            client.getreply()
        client.send(b"RSET\r\n")
        client.getreply()
        return first

    def _refused(self, stage: Stage, code: int, text: bytes) -> SendOutcome:
        if code == NOT_NOW:
            self.close()
        return refused(stage, code, text)


def _context(server: MailServer) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(server.authorities) if server.authorities else None)
    if server.security is Security.IF_OFFERED and server.authorities is None:
        context.check_hostname = False  # this machine's own server, with a certificate it made itself
        context.verify_mode = ssl.CERT_NONE
    return context


def _hang_up(client: smtplib.SMTP | None) -> None:
    if client is not None:
        with suppress(*GONE):
            client.close()


def _reason(error: Exception) -> str:
    """Without what the server said: it may quote an address."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "it hung up"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
