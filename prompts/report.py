"""What a person is told of a rendering or a check: one sentence for each matter, with a few examples."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from prompts.catalogue import PHRASES

if TYPE_CHECKING:
    from prompts.render import Rendered

SHOWN = 5
"""How many examples a sentence names."""


def notes(folder: Path, rendered: "Rendered") -> list[str]:
    """What a rendering met and dealt with."""
    told = []
    if rendered.repaired:
        told.append(
            f"{rendered.repaired} damaged line(s) of {folder / 'manifest.jsonl'} were repaired; no clip was lost."
        )
    if rendered.foreign:
        told.append(
            f"{folder} holds {len(rendered.foreign)} file(s) that are not known clips ({examples(rendered.foreign)}): "
            "they were kept as they are; move them elsewhere."
        )
    return told


def failure(rendered: "Rendered") -> str | None:
    """What a rendering could not do."""
    if not rendered.failed:
        return None
    reason = next(iter(rendered.failed.values()))
    return (
        f"{len(rendered.failed)} text(s) could not be spoken ({examples(map(named, rendered.failed))}; {reason}): "
        "change them or try again."
    )


def named(text: str) -> str:
    """A text as a message names it: the phrase's id, or the text between quotation marks."""
    phrase_id = next((phrase_id for phrase_id, phrase in PHRASES.items() if phrase == text), None)
    return phrase_id or f"„{text if len(text) <= 40 else text[:39] + '…'}“"


def examples(values: Iterable[str]) -> str:
    """The first few of `values`, phrases' ids before texts, and whether there are more."""
    listed = sorted(values, key=lambda value: (value.startswith("„"), value))
    return ", ".join(listed[:SHOWN]) + (" ..." if len(listed) > SHOWN else "")
