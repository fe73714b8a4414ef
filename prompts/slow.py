"""Slow copies of clips, for people who are old or hard of hearing: the same voice at the same pitch, a quarter longer.

A copy lies in a folder beside the clips, under the same name, so it is of the same voice, text and recording. It bears
its clip's time: where the two differ, the clip has been made anew and its copy is made anew too.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from errors import OperationError
from prompts import manifest
from prompts.clip_folder import exclusive, look, tidy, unusable
from prompts.clips import Clips
from prompts.edition import Edition
from runtime import whole_file
from settings import Settings

BATCH = 100
"""Copies made by one ffmpeg: about five minutes of sound, which take it half a second."""


def make_copies(settings: Settings, texts: Iterable[str], edition: Edition | None = None) -> int:
    """Make the slow copies of the clips of `texts` that have none, or that of an earlier clip; gives how many.

    A text without a clip is passed over. edition: of recordings; None: those that this host's callers hear. Raises
    OperationError when ffmpeg fails or the disk is full; what was made until then is kept.
    """
    clips, copies = Clips(settings, edition), Clips(settings, edition, slow=True)
    names = {clips.name_of(text): text for text in texts if text.strip()}
    with exclusive(copies.folder, waiting=lambda: None):
        whole, there = look(clips.folder).whole, look(copies.folder)
        missing = without_copy(names, whole, there.whole)
        try:
            tidy(copies.folder, there, {name: text for name, text in names.items() if name not in missing})
            for at in range(0, len(missing), BATCH):
                batch = missing[at : at + BATCH]
                _make(clips.folder, copies.folder, {name: whole[name] for name in batch})
                manifest.append(copies.folder, {name: names[name] for name in batch if name not in there.whole})
        except OSError as error:
            raise unusable(copies.folder, error) from error
    return len(missing)


def without_copy(names: Iterable[str], whole: Mapping[str, int], copies: Mapping[str, int]) -> list[str]:
    """The clips among `names` that are there `whole` and have no copy of the same time (nanoseconds)."""
    return [name for name in names if name in whole and copies.get(name) != whole[name]]


def _make(clips: Path, copies: Path, times: Mapping[str, int]) -> None:
    """Copies of these clips (name -> time of the clip)."""
    # Imported late: pydub complains at import when there is no ffmpeg.
    from prompts.slow_sound import slowed

    made = slowed([(clips / name).read_bytes() for name in times])
    for (name, time), sound in zip(times.items(), made, strict=True):
        if not sound:
            raise OperationError(f"No slow copy could be made of {name}: check the installation of ffmpeg.")
        whole_file.write(copies / name, sound)
        os.utime(copies / name, ns=(time, time))
