"""How an e-mail that is no bundle of notifications is kept in a message's text.

The first line is the subject, and blocks follow, each after an empty line: a paragraph; a list, its lines beginning
with a dash, perhaps below a title that ends in a colon; or one line `label: address`, which becomes a button. It reads
well as it stands, so it is also the plain-text part of the e-mail and what the log shows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

DASH = "– "


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Some sentences."""

    text: str


@dataclass(frozen=True, slots=True)
class Listing:
    """Lines below a title, which may be empty."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Action:
    """What the reader may do by opening an address."""

    label: str
    address: str


Block = Paragraph | Listing | Action


def written(subject: str, *blocks: Block) -> str:
    """The text of a message that `read` reads again."""
    return "\n\n".join([" ".join(subject.split()), *map(_written, blocks)])


def read(text: str) -> tuple[str, tuple[Block, ...]]:
    """(subject, blocks); a text of one block has no subject."""
    first, gap, rest = text.strip().partition("\n\n")
    if not gap or "\n" in first:
        return "", tuple(map(_read, _blocks(text)))
    return first, tuple(map(_read, _blocks(rest)))


def shortened(subject: str, blocks: Sequence[Block], room: int, more: str) -> str:
    """The same as `written` within so many characters: what does not fit is left out, and `more` says so."""
    kept = list(blocks)
    while len(text := written(subject, *kept, *([Paragraph(more)] if len(kept) < len(blocks) else []))) > room:
        kept.pop()
    return text


def _blocks(text: str) -> Iterable[str]:
    return filter(None, (block.strip("\n") for block in text.split("\n\n")))


def _written(block: Block) -> str:
    match block:
        case Paragraph(text):
            return text
        case Listing(title, lines):
            return "\n".join([f"{title}:"] * bool(title) + [DASH + line for line in lines])
        case Action(label, address):
            return f"{label}: {address}"


def _read(block: str) -> Block:
    lines = block.split("\n")
    label, colon, address = block.rpartition(": ")
    if len(lines) == 1 and colon and address.startswith(("https://", "http://")) and " " not in address:
        return Action(label, address)
    title = lines[0].removesuffix(":") if lines[0].endswith(":") and len(lines) > 1 else ""
    items = lines[1:] if title else lines
    if all(line.startswith(DASH) for line in items):
        return Listing(title, tuple(line.removeprefix(DASH) for line in items))
    return Paragraph(block)
