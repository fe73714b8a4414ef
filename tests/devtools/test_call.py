"""The telephone of `make call` keeps what it heard."""

import subprocess
from pathlib import Path

import pytest

from devtools.telephone.__main__ import keep_sound
from errors import OperationError

SECOND = bytes(range(128, 208)) * 100
"""8000 bytes of A-law."""


@pytest.mark.parametrize("name", ["call.ogg", "call.mp3", "call.wav"])
def test_a_call_is_kept_in_the_format_that_the_name_tells(tmp_path: Path, name: str) -> None:
    keep_sound(3 * SECOND, tmp_path / name)
    command = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(tmp_path / name)]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert float(told.stdout) == pytest.approx(3, abs=0.3)  # MP3 rounds up to whole frames


def test_a_format_that_ffmpeg_does_not_know_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(OperationError, match="could not be written"):
        keep_sound(SECOND, tmp_path / "call.sound")
