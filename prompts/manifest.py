"""manifest.jsonl: what each clip says, one line a clip, `{"clip": "<file>.alaw", "text": "<Bulgarian text>"}`.

Lines are appended in one write each time clips are finished, and the file is replaced as a whole only to repair it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from prompts.clips import CLIP_NAME
from runtime import whole_file

NAME = "manifest.jsonl"


@dataclass(frozen=True)
class Manifest:
    """texts: clip's file name -> its text; damaged: how many lines could not be read."""

    texts: dict[str, str]
    damaged: int


def read(folder: Path) -> Manifest:
    """The manifest of `folder`; empty when there is none."""
    try:
        content = (folder / NAME).read_bytes()
    except FileNotFoundError:
        return Manifest({}, 0)
    texts: dict[str, str] = {}
    damaged = 0
    for line in content.split(b"\n"):
        if not line.strip():
            continue
        entry = _entry(line)
        if entry is None:
            damaged += 1
        else:
            texts[entry[0]] = entry[1]
    return Manifest(texts, damaged + (not content.endswith(b"\n") and bool(content) and damaged == 0))


def append(folder: Path, texts: Mapping[str, str]) -> None:
    """Add clips (file name -> text), all in one write."""
    if texts:
        with (folder / NAME).open("ab", buffering=0) as file:
            file.write(_lines(texts))


def replace(folder: Path, texts: Mapping[str, str]) -> None:
    """Write the whole manifest anew: a reader, or a crash, meets the old one or the new one."""
    whole_file.write(folder / NAME, _lines(texts))


def _lines(texts: Mapping[str, str]) -> bytes:
    entries = ({"clip": clip, "text": text} for clip, text in texts.items())
    return "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries).encode()


def _entry(line: bytes) -> tuple[str, str] | None:
    """(clip, text) of a line, None for a damaged one."""
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    if not isinstance(entry, dict):
        return None
    clip, text = entry.get("clip"), entry.get("text")
    if isinstance(clip, str) and isinstance(text, str) and CLIP_NAME.fullmatch(clip):
        return clip, text
    return None
