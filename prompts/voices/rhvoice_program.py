"""Speaks for `prompts.voices.rhvoice`: loads RHVoice's library once and says what comes on standard input.

A process of its own, for two reasons: a fault of the library ends this process and none that serves calls, and the
library is under the GPL, so it is used as a program. Only the standard library is imported: it starts in 50 ms.

    python rhvoice_program.py LIBRARIES DATA CONFIGURATION VOICE RATE

Each request is a length (four bytes, big-endian) and so many bytes of UTF-8; each answer the samples a second, a length
(four bytes each) and so many bytes of 16-bit mono samples. It ends with its input.
"""

import ctypes
import os
import struct
import sys
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_double, c_int, c_short, c_uint, c_void_p
from pathlib import Path

_SampleRate = CFUNCTYPE(c_int, c_int, c_void_p)
_PlaySpeech = CFUNCTYPE(c_int, POINTER(c_short), c_uint, c_void_p)

# The structures of RHVoice.h, 1.2 and newer. A callback that is null is not called.


class _Callbacks(Structure):
    _fields_ = [
        ("set_sample_rate", _SampleRate),
        ("play_speech", _PlaySpeech),
        ("others", c_void_p * 7),
    ]


class _InitParams(Structure):
    _fields_ = [
        ("data_path", c_char_p),
        ("config_path", c_char_p),
        ("resource_paths", c_void_p),
        ("callbacks", _Callbacks),
        ("options", c_uint),
    ]


class _SynthParams(Structure):
    _fields_ = [
        ("voice_profile", c_char_p),
        ("absolute_rate", c_double),
        ("absolute_pitch", c_double),
        ("absolute_volume", c_double),
        ("relative_rate", c_double),
        ("relative_pitch", c_double),
        ("relative_volume", c_double),
        ("punctuation_mode", c_int),
        ("punctuation_list", c_char_p),
        ("capitals_mode", c_int),
        ("flags", c_int),
    ]


class Speaker:
    """The library with one voice."""

    def __init__(self, libraries: Path, data: str, configuration: str, voice: str, rate: float) -> None:
        """Raises OSError when a library cannot be loaded, RuntimeError when the data cannot be used."""
        ctypes.CDLL(str(libraries / "libRHVoice_core.so.7"), mode=ctypes.RTLD_GLOBAL)
        self._library = library = ctypes.CDLL(str(libraries / "libRHVoice.so.5"))
        library.RHVoice_new_tts_engine.restype = c_void_p
        library.RHVoice_new_tts_engine.argtypes = (POINTER(_InitParams),)
        library.RHVoice_new_message.restype = c_void_p
        library.RHVoice_new_message.argtypes = (c_void_p, c_char_p, c_uint, c_int, POINTER(_SynthParams), c_void_p)
        library.RHVoice_speak.argtypes = (c_void_p,)
        library.RHVoice_delete_message.argtypes = (c_void_p,)
        library.RHVoice_delete_message.restype = None
        self._rate, self._samples = 0, bytearray()
        self._callbacks = _Callbacks(_SampleRate(self._set_rate), _PlaySpeech(self._add))
        self._params = _InitParams(data.encode(), configuration.encode(), None, self._callbacks, 0)
        self._synth = _SynthParams(voice.encode(), 0, 0, 0, rate, 1, 1, 0, None, 0, 0)
        self._engine = library.RHVoice_new_tts_engine(ctypes.byref(self._params))
        if not self._engine:
            raise RuntimeError("its data cannot be used")

    def speak(self, text: bytes) -> tuple[int, bytes]:
        """Samples a second, and the samples; none when the library will not say it."""
        self._samples.clear()
        message = self._library.RHVoice_new_message(self._engine, text, len(text), 0, ctypes.byref(self._synth), None)
        if message:
            self._library.RHVoice_speak(message)
            self._library.RHVoice_delete_message(message)
        return self._rate, bytes(self._samples)

    def _set_rate(self, rate: int, _: object) -> int:
        self._rate = rate
        return 1

    def _add(self, samples: object, count: int, _: object) -> int:
        self._samples += ctypes.string_at(samples, 2 * count)  # type: ignore[arg-type]
        return 1


def main() -> None:
    """Answer until the input ends."""
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever the library prints must not come among the answers
    libraries, data, configuration, voice, rate = sys.argv[1:]
    speaker = Speaker(Path(libraries), data, configuration, voice, float(rate))
    while len(head := requests.read(4)) == 4:
        samples_a_second, samples = speaker.speak(requests.read(*struct.unpack(">I", head)))
        answers.write(struct.pack(">II", samples_a_second, len(samples)) + samples)
        answers.flush()


if __name__ == "__main__":
    try:
        main()
    except (OSError, RuntimeError) as error:
        sys.exit(str(error))
