"""The voice that is unpacked from Debian dies and hangs without harm, and espeak-ng speaks where it is not."""

import gc
import hashlib
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import settings as settings_module
from devtools.telephone.free_ports import free_port
from errors import OperationError
from prompts.clips import Clips
from prompts.render import render
from prompts.voices import SpeechError, open_voice, rhvoice, rhvoice_setup
from prompts.voices.espeak import EspeakVoice
from prompts.voices.respelling import respelled
from prompts.voices.rhvoice import RhvoiceVoice
from settings import Engine, Settings
from tests.prompts.conftest import speaking

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder() -> Path:
    """RHVoice in the cache that this user's copies of the product share."""
    shared = Settings()
    rhvoice_setup.install(shared, print)
    return shared.rhvoice_path


@pytest.fixture
def voice(folder: Path) -> RhvoiceVoice:
    return RhvoiceVoice(folder)


def programs() -> set[int]:
    """The processes that this one has started to speak, zombies too."""
    command = ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(os.getpid())]
    lines = subprocess.run(command, capture_output=True, text=True).stdout.splitlines()
    return {int(line.split()[0]) for line in lines if "rhvoice_program" in line or "<defunct>" in line}


def test_it_speaks_a_text_in_the_telephone_band_and_in_its_length(voice: RhvoiceVoice) -> None:
    short, long = voice.speak("да"), voice.speak("Добре дошли в електронното училище.")
    assert 0.2 < short.duration_seconds < 1.5
    assert 1.5 < long.duration_seconds < 5
    assert long.frame_rate == 24_000
    assert long.dBFS > -40


def test_the_same_text_sounds_the_same_each_time_and_in_each_program(voice: RhvoiceVoice) -> None:
    texts = ["двадесет и една оценки", "За Мария", "да"] * 4
    with ThreadPoolExecutor(4) as pool:
        sounds = list(pool.map(voice.speak, texts))
    assert len({hashlib.sha256(sound.raw_data).digest() for sound in sounds}) == 3


@pytest.mark.parametrize("text", ["", "…", "\0", "日本語", "A" * 300, "<speak>да</speak>", "да\n\nне"])
def test_an_odd_text_is_spoken_or_refused_and_the_next_one_is_spoken(voice: RhvoiceVoice, text: str) -> None:
    with suppress(SpeechError):
        voice.speak(text)
    assert voice.speak("да").duration_seconds > 0.2


def test_a_program_that_dies_loses_one_text_at_the_most(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RhvoiceVoice, "workers", 1)
    voice = RhvoiceVoice(folder)
    before = programs()
    voice.speak("да")
    (pid,) = programs() - before
    os.kill(pid, signal.SIGSEGV)
    with pytest.raises(SpeechError, match="RHVoice ended with status -11"):
        voice.speak("не")
    assert voice.speak("не").duration_seconds > 0.2


def test_a_program_that_hangs_is_ended(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RhvoiceVoice, "workers", 1)
    voice = RhvoiceVoice(folder)
    before = programs()
    voice.speak("да")
    (pid,) = programs() - before
    monkeypatch.setattr(rhvoice, "TIMEOUT_SECONDS", 0.5)
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(SpeechError, match=r"RHVoice did not finish within 0.5 s"):
        voice.speak("не")
    assert pid not in programs()


def test_no_program_outlives_its_voice(folder: Path) -> None:
    before = programs()
    voice = RhvoiceVoice(folder)
    voice.speak("да")
    assert programs() - before
    del voice
    gc.collect()
    assert programs() <= before


def test_a_library_that_does_not_load_is_told_in_a_sentence(folder: Path, tmp_path: Path) -> None:
    library = tmp_path / "usr/lib/here/libRHVoice.so.5"
    library.parent.mkdir(parents=True)
    library.write_bytes(b"no library")
    with pytest.raises(OperationError, match=r"RHVoice cannot be used \(.*libRHVoice_core.*\): run `eschool prompts"):
        RhvoiceVoice(tmp_path).speak("да")


def test_what_is_rendered_lies_in_a_folder_of_its_own(folder: Path, tmp_path: Path) -> None:
    config = speaking(tmp_path / "home", Engine.AUTO, cache=folder.parent)
    assert render(config, ["да", "За Мария"]).made == 2
    clip = Clips(config).find("За Мария")
    assert clip is not None
    assert clip.parent.name == "rhvoice"
    assert Clips(config).name_of("да") != Clips(speaking(tmp_path / "home")).name_of("да")


def test_only_voices_that_may_be_used_freely_are_kept(folder: Path) -> None:
    kept = {path.name for path in (folder / "usr/share/RHVoice/voices").iterdir()}
    assert kept == {"anatol", "natalia"}
    assert list((folder / "usr/share/doc").glob("rhvoice*/copyright"))


@pytest.mark.parametrize("name", ["Anatol", "Natalia"])
def test_each_voice_that_is_kept_speaks(folder: Path, name: str) -> None:
    said = [RhvoiceVoice(folder, one).speak("Добър ден.").raw_data for one in (name, "Anatol")]
    assert (said[0] == said[1]) is (name == "Anatol")


def test_what_an_older_release_unpacked_is_told_the_best_quality(tmp_path: Path) -> None:
    config = speaking(tmp_path / "home", Engine.AUTO, cache=tmp_path / "cache")
    configuration = config.rhvoice_path / "etc/RHVoice/RHVoice.conf"
    configuration.parent.mkdir(parents=True)
    configuration.write_text("quality=standard\n")
    rhvoice_setup.install_if_wanted(config, print, mirror="http://127.0.0.1:1")
    assert configuration.read_text() == "quality=max\n"


class Mirror(BaseHTTPRequestHandler):
    """A mirror whose packages are not Debian's."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"!<arch>\nanother package")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def forged() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/debian"
    server.shutdown()
    thread.join()
    server.server_close()


def test_without_rhvoice_espeak_speaks_and_one_line_says_so(tmp_path: Path) -> None:
    config = speaking(tmp_path / "home", Engine.AUTO, cache=tmp_path / "cache")
    told: list[str] = []
    rhvoice_setup.install_if_wanted(config, told.append, mirror=f"http://127.0.0.1:{free_port()}")
    assert told[-1].startswith("espeak-ng speaks, which is understood less well, for want of RHVoice: ")
    assert "cannot be downloaded from http://127.0.0.1" in told[-1]
    assert "\n" not in told[-1]
    assert config.speaker is Engine.ESPEAK
    assert isinstance(open_voice(config), EspeakVoice)
    assert config.sounds_path.name == "espeak"


def test_a_package_that_is_not_debians_is_refused_and_leaves_nothing(tmp_path: Path, forged: str) -> None:
    config = speaking(tmp_path / "home", Engine.RHVOICE, cache=tmp_path / "cache")
    with pytest.raises(OperationError, match="its contents are not those of Debian's package"):
        rhvoice_setup.install_if_wanted(config, print, mirror=forged)
    assert {path.name for path in config.cache_path.iterdir()} == {"rhvoice.lock"}
    with pytest.raises(OperationError, match=r"RHVoice is not set up in .*: run `eschool prompts install-rhvoice`"):
        open_voice(config)


def test_a_person_who_chose_an_engine_is_given_no_other(tmp_path: Path) -> None:
    config = speaking(tmp_path / "home", Engine.ESPEAK, cache=tmp_path / "cache")
    told: list[str] = []
    rhvoice_setup.install_if_wanted(config, told.append, mirror="http://127.0.0.1:1")
    assert not told
    assert not config.cache_path.exists()


def test_without_any_setting_the_best_voice_speaks(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ESCHOOL_ENGINE")
    assert settings_module.load().speaker is Engine.RHVOICE


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Училище", "учіліште"),
        ("ъгъл", "аґал"),
        ("и\u0306", "й"),
        ("матема\u0300тика", "матема\u0301тіка"),
        ("ези\u0300к Ѝ ѐ", "езі\u0301к і\u0301 е\u0301"),
    ],
)
def test_bulgarian_is_respelled(text: str, read: str) -> None:
    assert respelled(text) == read


def test_a_stress_that_is_marked_is_heard(voice: RhvoiceVoice) -> None:
    """Each place of the stress sounds otherwise, and no mark makes a word fall apart: it stays about as long."""
    sounds = [voice.speak(word) for word in ("ма\u0300тема", "мате\u0300ма", "матема\u0300")]
    assert len({hashlib.sha256(sound.raw_data).digest() for sound in sounds}) == 3
    lengths = [sound.duration_seconds for sound in sounds]
    assert max(lengths) < 1.3 * min(lengths)
