"""The engines: espeak-ng itself, gTTS against a server that answers as Google's, piper's program, recordings."""

import re
import stat
import sys
import time
from pathlib import Path

import pytest
from pydub import AudioSegment

from errors import InputError, OperationError
from prompts.catalogue import PHRASES
from prompts.voices import SpeechError, open_voice
from prompts.voices.espeak import EspeakVoice
from prompts.voices.google import TRIES, GoogleVoice
from prompts.voices.recorded import recording_name
from prompts.voices.wav import segment_of_wav
from settings import Engine
from tests.prompts.conftest import FakeGoogle, speaking


def tone_file(path: Path, seconds: float = 0.4, rate: int = 44_100, channels: int = 2) -> Path:
    """A recording: a .wav unlike any engine's."""
    from pydub.generators import Sine

    Sine(700).to_audio_segment(seconds * 1000).set_frame_rate(rate).set_channels(channels).export(path, "wav").close()
    return path


class TestEspeak:
    def test_it_speaks_bulgarian(self) -> None:
        sound = EspeakVoice().speak("Добър ден.")
        assert 0.4 < sound.duration_seconds < 3
        assert (sound.channels, sound.sample_width) == (1, 2)

    @pytest.mark.parametrize("text", ["-v en", "--help", "-f /etc/passwd", "<speak>да</speak>", "[[da]] да", 'да"; ls'])
    def test_a_text_is_spoken_and_never_taken_for_an_option(self, text: str) -> None:
        assert EspeakVoice().speak(text).duration_seconds > 0.2

    def test_a_missing_program_is_one_sentence_with_what_to_do(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", "/nowhere")
        with pytest.raises(OperationError, match="apt-get install espeak-ng"):
            EspeakVoice()

    @pytest.mark.parametrize("content", [b"", b"RIFF", b"not a wave at all, but some text", b"RIFF\0\0\0\0WAVEdata"])
    def test_an_engine_that_gives_no_sound_fails_for_that_text(self, content: bytes) -> None:
        with pytest.raises(SpeechError, match="espeak-ng gave no sound"):
            segment_of_wav(content, "espeak-ng")


class TestGoogle:
    def voice(self, google_server: FakeGoogle) -> GoogleVoice:
        return GoogleVoice(google_server.url, first_pause=0.01)

    def test_it_sends_the_text_and_plays_the_mp3_of_the_answer(self, google: FakeGoogle) -> None:
        sound = self.voice(google).speak("Оценка по математика.")
        assert google.heard == ["Оценка по математика."]
        assert sound.duration_seconds > 0.5

    def test_a_long_text_is_sent_in_parts_and_heard_as_one(self, google: FakeGoogle) -> None:
        sentence = "Каним Ви на родителска среща в актовата зала на училището, за да поговорим. "
        sound = self.voice(google).speak(sentence * 4)
        assert len(google.heard) >= 4
        assert re.findall(r"\w+", " ".join(google.heard)) == re.findall(r"\w+", sentence * 4)
        assert sound.duration_seconds > 8

    @pytest.mark.parametrize("faults", [[429], [500, 503], ["drop"], [502, "drop", 429]])
    def test_a_passing_failure_is_tried_again(self, google: FakeGoogle, faults: list[int | str]) -> None:
        google.faults = list(faults)
        assert self.voice(google).speak("Да.").duration_seconds > 0.1
        assert google.heard == ["Да."] * (len(faults) + 1)

    def test_the_pauses_between_tries_grow(self, google: FakeGoogle) -> None:
        google.faults = [429, 429, 429]
        started = time.monotonic()
        GoogleVoice(google.url, first_pause=0.1).speak("Да.")
        assert time.monotonic() - started > 0.8 * (0.1 + 0.2 + 0.4)

    @pytest.mark.parametrize(
        ("fault", "reason"),
        [
            (400, "status 400"),
            ("no-audio", "held no sound"),
            ("garbled", "garbled"),
            ("not-mp3", "was not an MP3"),
        ],
    )
    def test_what_trying_again_cannot_cure_fails_for_that_text_only(
        self, google: FakeGoogle, fault: int | str, reason: str
    ) -> None:
        google.faults = [fault]
        voice = self.voice(google)
        with pytest.raises(SpeechError, match=reason):
            voice.speak("Да.")
        assert len(google.heard) == 1
        assert voice.speak("Не.").duration_seconds > 0.1

    def test_a_text_that_is_refused_again_and_again_fails_alone(self, google: FakeGoogle) -> None:
        google.faults = [500] * TRIES
        with pytest.raises(SpeechError, match="did not speak in 4 tries"):
            self.voice(google).speak("Да.")

    def test_a_refusal_of_us_stops_everything(self, google: FakeGoogle) -> None:
        google.faults = [403]
        with pytest.raises(OperationError, match="refuses to speak"):
            self.voice(google).speak("Да.")

    def test_a_server_that_never_answers_is_given_up(self, google: FakeGoogle, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("prompts.voices.google.SILENCE_SECONDS", 0.2)
        google.faults = ["hang"] * TRIES
        with pytest.raises(OperationError, match=r"no answer in time.*ESCHOOL_ENGINE=espeak"):
            self.voice(google).speak("Да.")

    def test_no_connection_is_one_sentence_with_what_to_do(self, google: FakeGoogle) -> None:
        with pytest.raises(OperationError, match=r"cannot be reached \(no connection\).*127\.0\.0\.1"):
            GoogleVoice("http://127.0.0.1:1", first_pause=0.01).speak("Да.")

    def test_nothing_to_say_fails_for_that_text(self, google: FakeGoogle) -> None:
        with pytest.raises(SpeechError, match="nothing to say"):
            self.voice(google).speak("…")

    @pytest.mark.parametrize("address", ["file:///etc/passwd", "translate", "ftp://host/"])
    def test_an_address_that_is_none_is_refused(self, address: str) -> None:
        with pytest.raises(InputError, match="ESCHOOL_GTTS_URL"):
            GoogleVoice(address)


class TestPiper:
    @pytest.fixture
    def model(self, tmp_path: Path) -> Path:
        model = tmp_path / "bg_BG-dimitar-medium.onnx"
        model.write_bytes(b"weights")
        Path(f"{model}.json").write_text("{}")
        return model

    @pytest.fixture
    def program(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A `piper` with piper's command line that lets espeak-ng speak."""
        monkeypatch.setitem(sys.modules, "piper", None)
        path = tmp_path / "bin" / "piper"
        path.parent.mkdir()
        path.write_text(
            '#!/bin/sh\n[ "$1" = --model ] && [ -f "$2" ] && [ "$3" = --output_file ] || exit 2\n'
            'read -r line; [ "$line" = "лошо" ] && exit 1\n'
            'echo "$line" | espeak-ng -v bg --stdin -w "$4"\n'
        )
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", str(path.parent), prepend=":")

    @pytest.mark.usefixtures("program")
    def test_its_program_speaks_and_fails_for_one_text_alone(self, tmp_path: Path, model: Path) -> None:
        voice = open_voice(speaking(tmp_path, Engine.PIPER, piper_model=model))
        assert voice.speak("Добър\nден.").duration_seconds > 0.4
        with pytest.raises(SpeechError, match="piper ended with status 1"):
            voice.speak("лошо")

    def test_without_package_and_program_it_says_what_to_install(
        self, tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "piper", None)
        monkeypatch.setenv("PATH", "/nowhere")
        with pytest.raises(OperationError, match="pip install"):
            open_voice(speaking(tmp_path, Engine.PIPER, piper_model=model))

    def test_a_voice_file_that_is_missing_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match=r"there is no file .*none\.onnx"):
            open_voice(speaking(tmp_path, Engine.PIPER, piper_model=tmp_path / "none.onnx"))

    def test_a_voice_file_without_its_description_is_named(self, tmp_path: Path, model: Path) -> None:
        Path(f"{model}.json").unlink()
        with pytest.raises(InputError, match=r"medium\.onnx\.json"):
            open_voice(speaking(tmp_path, Engine.PIPER, piper_model=model))


class TestRecordings:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        folder = tmp_path / "recordings"
        folder.mkdir()
        return folder

    def spoken(self, tmp_path: Path, folder: Path, text: str, engine: Engine = Engine.ESPEAK) -> AudioSegment:
        return open_voice(speaking(tmp_path, engine, recordings=folder)).speak(text)

    @pytest.mark.parametrize("engine", [Engine.ESPEAK, Engine.RECORDED])
    def test_a_phrase_recorded_by_its_id_beats_the_engine(self, tmp_path: Path, folder: Path, engine: Engine) -> None:
        tone_file(folder / "goodbye.wav", seconds=0.4)
        sound = self.spoken(tmp_path, folder, PHRASES["goodbye"], engine)
        assert (sound.duration_seconds, sound.channels, sound.sample_width) == (pytest.approx(0.4, abs=0.01), 1, 2)

    def test_any_other_text_is_recorded_by_its_hash(self, tmp_path: Path, folder: Path) -> None:
        tone_file(folder / f"{recording_name('Мария,')}.WAV", seconds=0.3, rate=8000, channels=1)
        assert self.spoken(tmp_path, folder, "Мария,").duration_seconds == pytest.approx(0.3, abs=0.01)

    def test_what_is_not_recorded_is_spoken_by_espeak(self, tmp_path: Path, folder: Path) -> None:
        assert self.spoken(tmp_path, folder, "Добър ден.", Engine.RECORDED).frame_rate == 22_050

    @pytest.mark.parametrize(("content", "reason"), [(b"", "is not a sound file"), (b"hello", "is not a sound file")])
    def test_a_recording_that_is_none_fails_for_that_text_and_is_named(
        self, tmp_path: Path, folder: Path, content: bytes, reason: str
    ) -> None:
        (folder / "goodbye.wav").write_bytes(content)
        with pytest.raises(SpeechError, match=rf"goodbye\.wav {reason}"):
            self.spoken(tmp_path, folder, PHRASES["goodbye"])

    def test_a_folder_that_is_missing_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match=r"ESCHOOL_RECORDINGS=.*none is not a folder"):
            self.spoken(tmp_path, tmp_path / "none", "Да.")
