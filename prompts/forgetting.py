"""Deleting clips of texts that nobody says any more: names and notes of people who left or were erased.

Which texts these are is not told: a list of them would keep what is to be forgotten. What is kept is told instead, so
a name that another child has too keeps its clip.
"""

from collections.abc import Callable, Collection
from pathlib import Path

from prompts import edition, manifest
from prompts.clip_folder import exclusive, look, unusable
from prompts.clips import Clips
from prompts.speech import inventory
from settings import Settings


def forget_unsaid(settings: Settings, entered: Callable[[], Collection[str]]) -> int:
    """Delete the clips and slow copies, of every voice, of texts that are neither the product's own nor among
    `entered`; gives how many. Raises OperationError when a folder cannot be used.

    `entered` is asked once the manifests have been read: what was rendered by then had been entered before.
    """
    found = {folder: manifest.read(folder) for folder in _voices(settings)}
    if not found:
        return 0
    clips = Clips(settings)
    kept = {*inventory(), *entered()}
    deleted = 0
    for folder, listed in found.items():
        unsaid = {name for name, text in listed.texts.items() if text not in kept}
        if folder in (clips.folder, settings.slow_sounds_path):  # a clip that a crash left without its line
            known = {clips.name_of(text) for text in kept}
            unsaid |= look(folder).whole.keys() - listed.texts.keys() - known
        if unsaid:
            deleted += _delete(folder, unsaid)
    return deleted


def forget(settings: Settings, texts: Collection[str]) -> int:
    """Delete the clips and slow copies, of every voice, of these texts; gives how many. Raises as above."""
    gone = set(texts) - inventory()
    deleted = 0
    for folder in _voices(settings):
        names = {name for name, text in manifest.read(folder).texts.items() if text in gone}
        if names:
            deleted += _delete(folder, names)
    return deleted


def forget_recordings(settings: Settings, digests: Collection[str]) -> int:
    """Delete recordings from this host, and the clips and slow copies that they became in the voice in use; gives how
    many of these.

    Raises as above.
    """
    clips = Clips(settings)
    deleted = 0
    for folder in (clips.folder, settings.slow_sounds_path):
        there = manifest.read(folder).texts
        texts = set(there.values())
        names = {clips.name_of_recording(text, digest) for text in texts for digest in digests} & there.keys()
        deleted += _delete(folder, names) if names else 0
    for digest in digests:  # last: by what is still there a host knows what it has to forget
        (edition.folder(settings) / f"{digest}.wav").unlink(missing_ok=True)
    return deleted


def _voices(settings: Settings) -> list[Path]:
    sounds = settings.home_path / "sounds"
    return sorted(path.parent for path in sounds.glob(f"*/{manifest.NAME}")) if sounds.is_dir() else []


def _delete(folder: Path, names: Collection[str]) -> int:
    with exclusive(folder, waiting=lambda: None):
        try:
            left = {name: text for name, text in manifest.read(folder).texts.items() if name not in names}
            manifest.replace(folder, left)
            for name in names:
                (folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise unusable(folder, error) from error
    return len(names)
