"""What the documents say that can be checked: commands, options, links, paths, names of modules, settings, targets."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

_BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"^ {4,}\S.*$", re.MULTILINE)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_COMMAND = re.compile(r"(?:^|[\s(])(?:\S*/)?eschool((?: [^\s`#|&]+)+)")
_TARGET = re.compile(r"(?:^|[\s(])make ([a-z][a-z0-9-]*)")


@dataclass(frozen=True)
class Said:
    """One thing that a document says, and which document."""

    document: str
    what: str

    def __str__(self) -> str:
        return f"{self.document}: {self.what}"


def documents() -> Iterator[tuple[str, str]]:
    """Name, as the tree has it, and text of each."""
    for path in DOCUMENTS:
        yield str(path.relative_to(ROOT)), path.read_text("utf-8")


def commands() -> list[Said]:
    """Each call of `eschool`, from its first word after the program's name to the end of the line."""
    return _found(_COMMAND, code_only=True)


def make_targets() -> list[Said]:
    """Each target of `make`."""
    return _found(_TARGET, code_only=True)


def links() -> list[Said]:
    """Each link that does not lead to another site."""
    return [one for one in _found(_LINK) if "://" not in one.what and not one.what.startswith("mailto:")]


def spans() -> list[Said]:
    """Each piece of code inside a sentence, without those of the changelog: it tells of the past."""
    return [one for one in _found(_SPAN) if one.document != "CHANGELOG.md"]


def settings_named() -> list[Said]:
    """Each `ESCHOOL_...`."""
    return _found(re.compile(r"\b(ESCHOOL_[A-Z0-9_]*[A-Z0-9])\b(?![*_])"))


def headings(path: Path) -> set[str]:
    """The anchors of a document, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def _found(pattern: re.Pattern[str], *, code_only: bool = False) -> list[Said]:
    said = []
    for name, text in documents():
        for piece in _code(text) if code_only else [text if pattern is not _SPAN else _BLOCK.sub("", text)]:
            said += [Said(name, match[1].strip()) for match in pattern.finditer(piece)]
    return list(dict.fromkeys(said))


def _code(text: str) -> Iterator[str]:
    """Lines of blocks, without comments, and spans in sentences."""
    for block in _BLOCK.findall(text):
        yield from (line.partition(" #")[0] for line in block.splitlines()[1:-1] if not line.startswith("#"))
    rest = _BLOCK.sub("", text)
    yield from (line.partition(" #")[0] for line in _INDENTED.findall(rest))
    yield from _SPAN.findall(rest)
