"""A message of the outbox -> the letter as it goes over the line (RFC 5322): text, HTML and, for meetings, an .ics."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache, partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from db.kinds import EventChange, EventKind
from mail import calendar_files, wording
from mail.calendar_files import CalendarFile
from mail.server import domain, sender_address
from school.outbox import Outgoing
from school.outbox.contents import CalendarEvent, Contents
from school.security.crypto import Vault, vault_of
from school.subscriptions import email_links
from school.wording import plain_letters
from school.wording.letters import lines_by_child
from school.wording.lines import cut
from school.wording.plain_letters import Block, Listing, Paragraph
from school.wording.translation import gettext, ngettext
from settings import Settings

LONGEST_SUBJECT = 120
_SCHOOL_EVENTS = (EventKind.MEETING, EventKind.EVENT)
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(("html.j2",), default=False),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.globals.update(DASH=plain_letters.DASH)
_TEMPLATES.tests["listing"] = lambda block: isinstance(block, Listing)
_TEMPLATES.tests["action"] = lambda block: isinstance(block, plain_letters.Action)


@dataclass(frozen=True, slots=True)
class _Links:
    """What the reader may do about letters like this one."""

    settings: str
    stop: str


class _Headers(HeaderRegistry):
    """Makes each kind of header's class once, the library's own one anew for every header."""

    @cache  # noqa: B019  # there is one, and it lives as long as the process
    def __getitem__(self, name: str) -> type[BaseHeader]:
        return super().__getitem__(name)


_POLICY = SMTP.clone(header_factory=_Headers())


@cache
def _from(name: str, address: str) -> str:
    """The sender's header; there are as many as schools."""
    folded: str = _POLICY.header_factory("From", Address(name, addr_spec=address)).fold(policy=_POLICY)
    return folded


class Composer:
    """Writes letters. Raises InputError when it is made with settings that are not usable."""

    def __init__(self, settings: Settings, vault: Callable[[], Vault] | None = None) -> None:
        """vault: gives the database's; it is asked for when the first letter, which came from there, is written."""
        self.sender = sender_address(settings)
        """The envelope's sender, to whom what cannot be delivered comes back."""
        self._reply_to = ""
        if settings.mail_reply_to:
            self._reply_to = _POLICY.header_factory("Reply-To", settings.mail_reply_to).fold(policy=_POLICY)
        self._domain = domain(settings)
        self._pages = f"{settings.web_root}/email"
        self._vault = vault or partial(vault_of, settings.key())

    def compose(self, message: Outgoing, contents: Contents, school_events: Mapping[int, CalendarEvent]) -> bytes:
        """The letter, lines ending with CRLF. `school_events`: the meetings and events it tells of that exist.

        Raises ValueError for an address that cannot stand in a header.
        """
        if contents.pieces:
            subject, blocks = _news(contents, school_events)
        else:
            subject, blocks = plain_letters.read(message.text)
        language = contents.language
        subject = subject or gettext(language, wording.NO_SUBJECT)
        links = self._links(message, contents)
        letter = EmailMessage(policy=_POLICY)
        letter["To"] = Address(addr_spec=message.address)
        letter["Subject"] = cut(" ".join(subject.split()), LONGEST_SUBJECT)
        values = {
            "language": str(language),
            "subject": subject,
            "blocks": blocks,
            "links": links,
            "why": gettext(language, wording.WHY if links else wording.AUTOMATIC),
            "to_settings": gettext(language, wording.SETTINGS),
            "to_stop": gettext(language, wording.STOP),
        }
        # Base64: shorter than quoted-printable for Cyrillic, and no relay on the way alters it.
        letter.set_content(_TEMPLATES.get_template("letter.txt.j2").render(values), cte="base64")
        letter.add_alternative(_TEMPLATES.get_template("letter.html.j2").render(values), subtype="html", cte="base64")
        for file in self._calendar_files(contents, school_events):
            letter.add_attachment(
                file.text,
                maintype="text",
                subtype="calendar",
                filename=file.name,
                params={"method": file.method, "charset": "utf-8"},
            )
        return self._head(message, contents, links).encode("ascii") + letter.as_bytes()

    def message_id(self, message: Outgoing) -> str:
        """The same on every attempt: a mailbox that got it twice can tell."""
        seal = self._vault().fingerprint("e-mail message id", f"{message.message_id} {message.address}")[:9].hex()
        return f"<{message.message_id}.{seal}@{self._domain}>"

    def _head(self, message: Outgoing, contents: Contents, links: _Links | None) -> str:
        """What is alike in many letters, or stands as it is. The library, asked each time, takes longest over these."""
        lines = [
            _from(_sender_name(contents), self.sender),
            self._reply_to,
            f"Date: {format_datetime(datetime.now(UTC))}\r\n",
            f"Message-ID: {self.message_id(message)}\r\n",
            "Auto-Submitted: auto-generated\r\n",  # RFC 3834: no holiday reply, please
        ]
        if links:
            # In one line: a long address would be folded off its name, and not every mailbox joins it again.
            lines += [
                f"List-Id: InfoServ e-School <news.{self._domain}>\r\n",
                f"List-Unsubscribe: <{links.stop}>\r\n",
                "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",  # RFC 8058
            ]
        return "".join(lines)

    def _links(self, message: Outgoing, contents: Contents) -> _Links | None:
        if contents.subscriber_id is None:
            return None
        page = f"{self._pages}/{email_links.token(self._vault(), contents.subscriber_id, message.address)}"
        return _Links(page, f"{page}/stop")

    def _calendar_files(self, contents: Contents, school_events: Mapping[int, CalendarEvent]) -> Sequence[CalendarFile]:
        told = {piece.told.event: piece.change for piece in contents.pieces if piece.told.event.kind in _SCHOOL_EVENTS}
        gone = [ref for ref, change in told.items() if change is EventChange.DELETED]
        ahead = [school_events[ref.id] for ref in told if ref not in gone and ref.id in school_events]
        files = []
        if ahead:
            files.append(calendar_files.invitation(ahead, self._domain))
        if gone:
            files.append(calendar_files.cancellation(gone, contents.created_at, self._domain))
        return files


def _news(contents: Contents, school_events: Mapping[int, CalendarEvent]) -> tuple[str, tuple[Block, ...]]:
    """Subject and blocks of bundled notifications: a list for each child, or for several together."""
    language = contents.language
    lines: dict[str, list[str]] = {}
    count = 0
    for head, line, _ in lines_by_child([piece.told for piece in contents.pieces]):
        lines.setdefault(head, []).append(line)
        count += 1
    blocks: list[Block] = [Listing(head, tuple(of)) for head, of in lines.items()]
    seen: set[int] = set()
    for piece in contents.pieces:
        school_event = school_events.get(piece.told.event.id) if piece.told.event.kind in _SCHOOL_EVENTS else None
        if school_event is not None and school_event.text and school_event.ref.id not in seen:
            seen.add(school_event.ref.id)
            blocks.append(Paragraph(school_event.text))
    if any(piece.told.event.kind in _SCHOOL_EVENTS for piece in contents.pieces):
        blocks.append(Paragraph(gettext(language, wording.INVITATION)))
    names = ", ".join(dict.fromkeys(name for head in lines for name in head.split(", ")))
    first = contents.pieces[0]
    what = (
        gettext(language, wording.ONE[first.told.event.kind][first.change])
        if count == 1
        else ngettext(language, "{count} новина от училище", "{count} новини от училище", count)
    )
    return f"{names}: {what}", tuple(blocks)


def _sender_name(contents: Contents) -> str:
    """The school's name, where all is of one school."""
    schools = {piece.school for piece in contents.pieces}
    return f"{schools.pop()} – {wording.PRODUCT}" if len(schools) == 1 else wording.PRODUCT
