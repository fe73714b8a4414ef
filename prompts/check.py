"""Checks that everything the telephone can say is on disk, as audible sound."""

from collections.abc import Iterable

from prompts import manifest
from prompts.clip_folder import look
from prompts.clips import Clips
from prompts.report import examples, named
from settings import Settings


def faults(settings: Settings, texts: Iterable[str]) -> list[str]:
    """One sentence for each kind of fault; none when every text has its whole clip, listed in the manifest."""
    clips = Clips(settings)
    wanted = {clips.name_of(text): text for text in texts if text.strip()}
    contents = look(clips.folder)
    listed = manifest.read(clips.folder)
    missing = [text for name, text in wanted.items() if name not in contents.whole and name not in contents.broken]
    broken = [text for name, text in wanted.items() if name in contents.broken]
    unlisted = [text for name, text in wanted.items() if name in contents.whole and listed.texts.get(name) != text]
    dangling = [name for name in listed.texts if name not in contents.whole and name not in wanted]
    sentences = (
        (missing, "{} of " + str(len(wanted)) + " texts have no clip ({})."),
        (broken, "{} clip(s) are empty or cut off ({})."),
        (unlisted, "{} clip(s) are not in the manifest ({})."),
    )
    found = [form.format(len(which), examples(map(named, which))) for which, form in sentences if which]
    if dangling:
        found.append(f"{len(dangling)} line(s) of the manifest name clips that are not there ({examples(dangling)}).")
    if listed.damaged:
        found.append(f"{listed.damaged} line(s) of the manifest are damaged.")
    return found
