"""One text, as a caller would hear it, on this machine."""

import shutil
import subprocess
from pathlib import Path

from errors import InputError, OperationError
from prompts.render import prepared_voice
from prompts.voices import SpeechError
from settings import Settings


def said(settings: Settings, text: str) -> bytes:
    """`text` as a .wav of telephone sound (8 kHz, 16 bits), made anew and kept nowhere.

    Raises InputError when there is nothing to say in it, OperationError when the engine fails.
    """
    voice = prepared_voice(settings)
    from prompts.sound import clip_bytes, has_words, linear, wav

    if not has_words(text):
        raise InputError(f"There is nothing to say in „{text}“: give a text with words.")
    try:
        clip = clip_bytes([text], [voice.speak(text)])[0]
    except SpeechError as error:
        raise OperationError(f"The text could not be spoken ({error}): change it or try again.") from None
    return wav(linear(clip))


def write_wav(path: Path, wav: bytes) -> None:
    """Raises OperationError when the file cannot be written."""
    try:
        path.write_bytes(wav)
    except OSError as error:
        raise OperationError(f"{path} cannot be written ({error.strerror}): give another file.") from None


def play_wav(wav: bytes) -> None:
    """Raises OperationError when no player is installed or none can play."""
    players = (("ffplay", "-v", "error", "-nodisp", "-autoexit", "-"), ("aplay", "-q", "-"), ("paplay", "/dev/stdin"))
    command = next((player for player in players if shutil.which(player[0])), None)
    if command is None:
        raise OperationError("There is no player on this machine (ffplay, aplay): write a file with --output instead.")
    if subprocess.run(command, input=wav, capture_output=True).returncode != 0:
        raise OperationError(f"{command[0]} could not play it on this machine: write a file with --output instead.")
