"""Rendering with the real espeak-ng and ffmpeg: what lies on disk afterwards, and after all that can go wrong."""

import json
import math
import os
import re
import shlex
import signal
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from errors import OperationError
from prompts import check, manifest
from prompts.catalogue import PHRASES
from prompts.clips import FRAME_BYTES, Clips
from prompts.grammar.numbers import cardinal
from prompts.render import render
from prompts.sound import SILENCE, has_words
from settings import Engine, Settings
from tests.prompts.conftest import FakeGoogle, rms_steps, speaking
from tests.prompts.test_voices import tone_file

TEXTS = ("Добър ден.", "двадесет и една оценки", "петък,", "осми б клас", "Много добър, пет", "…")
ROOT = Path(__file__).parents[2]


def lines(config: Settings) -> dict[str, str]:
    """The manifest as anybody reads it: clip -> text."""
    entries = map(json.loads, (config.sounds_path / "manifest.jsonl").read_text("utf-8").splitlines())
    return {entry["clip"]: entry["text"] for entry in entries}


def clips(config: Settings) -> set[str]:
    """The names of the clips on disk."""
    return {path.name for path in config.sounds_path.glob("*.alaw")}


def program_of(home: Path, texts: int) -> str:
    """A program that renders the first `texts` numbers into `home` and prints how many it made and kept."""
    return f"""
import sys
from pathlib import Path
from errors import EschoolError
from prompts.grammar.numbers import cardinal
from prompts.render import render
from tests.prompts.conftest import speaking
try:
    done = render(speaking(Path({str(home)!r})), [cardinal(n) for n in range({texts})])
except EschoolError as error:
    sys.exit(f"{{type(error).__name__}}: {{error}}")
print(done.made, done.kept)
"""


def start(home: Path, texts: int) -> subprocess.Popen[bytes]:
    """Another process that does."""
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", program_of(home, texts)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def told(process: subprocess.Popen[bytes]) -> tuple[int, str, str]:
    """How a process ended, and what it said."""
    out, err = process.communicate(timeout=120)
    return process.returncode, out.decode().strip(), err.decode().strip()


class TestClips:
    def test_every_text_becomes_a_clip_that_the_manifest_names(self, config: Settings) -> None:
        done = render(config, TEXTS)
        assert (done.made, done.kept, done.failed, done.foreign) == (len(TEXTS), 0, {}, ())
        assert set(lines(config).values()) == set(TEXTS)
        assert set(lines(config)) == clips(config)
        assert all((config.sounds_path / name).stat().st_size % FRAME_BYTES == 0 for name in clips(config))

    def test_a_clip_is_found_by_its_text(self, config: Settings) -> None:
        found = Clips(config)
        assert found.find(TEXTS[0]) is None
        render(config, TEXTS)  # another process might do it, after this one looked in vain
        assert found.find(TEXTS[0]) == found.path_of(TEXTS[0])
        assert lines(config)[found.path_of(TEXTS[0]).name] == TEXTS[0]

    def test_rendering_again_makes_nothing_and_changes_nothing(self, config: Settings) -> None:
        render(config, TEXTS)
        before = {path.name: path.stat().st_mtime_ns for path in config.sounds_path.iterdir()}
        assert render(config, TEXTS).kept == len(TEXTS)
        assert {path.name: path.stat().st_mtime_ns for path in config.sounds_path.iterdir()} == before

    def test_new_texts_join_those_that_are_there(self, config: Settings) -> None:
        render(config, TEXTS)
        done = render(config, ("Мария,", TEXTS[1]))
        assert (done.made, done.kept) == (1, 1)
        assert set(lines(config).values()) == {*TEXTS, "Мария,"}

    def test_two_voices_never_share_a_clip(self, tmp_path: Path) -> None:
        espeak, other = speaking(tmp_path), speaking(tmp_path, voice="slow")
        assert Clips(espeak).name_of("да") != Clips(other).name_of("да")
        assert Clips(espeak).folder != Clips(other).folder

    def test_a_corrected_stress_is_another_clip(self, tmp_path: Path) -> None:
        assert Clips(speaking(tmp_path)).name_of("оценка") != Clips(speaking(tmp_path)).name_of("оценка̀")

    def test_all_sound_alike_and_begin_at_once(self, config: Settings) -> None:
        texts = [text for text in PHRASES.values() if has_words(text)][:60]
        render(config, texts)
        contents = {text: Clips(config).path_of(text).read_bytes() for text in texts}
        loudness = []
        for text, content in contents.items():
            steps = rms_steps(content, 20)
            active = [step for step in steps if step >= max(steps) / 10]
            loudness.append(10 * math.log10(statistics.fmean(step * step for step in active) / 32768**2))
            begins = next(place for place, step in enumerate(rms_steps(content, 5)) if step > 100) * 5
            assert begins <= 25, text
        assert max(loudness) - min(loudness) < 2
        assert statistics.fmean(loudness) == pytest.approx(-18, abs=0.5)

    def test_a_pause_is_silence_and_a_breath_a_shorter_one(self, config: Settings) -> None:
        render(config, ["…", ","])
        pause, breath = (Clips(config).path_of(text).read_bytes() for text in ("…", ","))
        assert set(pause) == set(breath) == set(SILENCE)
        assert len(pause) == 0.3 * 8000
        assert len(breath) == 0.16 * 8000


class TestWhatGoesWrong:
    def test_a_broken_clip_is_made_anew(self, config: Settings) -> None:
        render(config, TEXTS)
        for text, content in ((TEXTS[0], b""), (TEXTS[1], b"\xd5" * 161)):
            Clips(config).path_of(text).write_bytes(content)
        assert check.faults(config, TEXTS)[0].startswith("2 clip(s) are empty or cut off")
        assert render(config, TEXTS).made == 2
        assert check.faults(config, TEXTS) == []

    def test_a_truncated_manifest_is_repaired_without_making_a_clip(self, config: Settings) -> None:
        render(config, TEXTS)
        path = config.sounds_path / manifest.NAME
        path.write_bytes(path.read_bytes()[:-7])
        assert any("damaged" in fault for fault in check.faults(config, TEXTS))
        done = render(config, TEXTS)
        assert (done.made, done.repaired) == (0, 1)
        assert set(lines(config)) == clips(config)

    @pytest.mark.parametrize("garbage", [b"\xff\xfe\n", b"[]\n", b'{"clip": "../x.alaw", "text": "x"}\n', b"{}\n"])
    def test_garbage_in_the_manifest_is_thrown_out(self, config: Settings, garbage: bytes) -> None:
        render(config, TEXTS)
        with (config.sounds_path / manifest.NAME).open("ab") as file:
            file.write(garbage)
        assert render(config, TEXTS).repaired == 1
        assert set(lines(config)) == clips(config)

    def test_a_manifest_that_is_gone_is_written_again(self, config: Settings) -> None:
        render(config, TEXTS)
        (config.sounds_path / manifest.NAME).unlink()
        assert render(config, TEXTS).made == 0
        assert set(lines(config).values()) == set(TEXTS)

    def test_the_manifest_forgets_a_clip_that_is_gone(self, config: Settings) -> None:
        render(config, TEXTS)
        Clips(config).path_of(TEXTS[0]).unlink()
        assert check.faults(config, TEXTS)[0].startswith("1 of 6 texts have no clip")
        render(config, TEXTS[1:])
        assert set(lines(config).values()) == set(TEXTS[1:])

    def test_foreign_files_are_named_and_kept(self, config: Settings) -> None:
        render(config, TEXTS)
        foreign = (
            config.sounds_path / "notes.txt",
            config.sounds_path / "greeting.alaw",
            config.sounds_path / ("0" * 24),
        )
        for path in foreign:
            path.write_bytes(b"mine")
        unknown = config.sounds_path / f"{'0' * 24}.alaw"
        unknown.write_bytes(SILENCE * FRAME_BYTES)
        done = render(config, TEXTS, again=True)
        assert set(done.foreign) == {path.name for path in (*foreign, unknown)}
        assert all(path.read_bytes() == b"mine" for path in foreign)
        assert unknown.name not in lines(config)

    def test_a_folder_in_a_clips_place_fails_that_text_alone(self, config: Settings) -> None:
        Clips(config).path_of(TEXTS[0]).mkdir(parents=True)
        done = render(config, TEXTS)
        assert done.made == len(TEXTS) - 1
        assert "a folder stands in the place" in done.failed[TEXTS[0]]

    def test_a_text_that_fails_does_not_stop_the_others(self, tmp_path: Path, google: FakeGoogle) -> None:
        google.silent_for = {"петък,"}
        config = speaking(tmp_path, Engine.GTTS, gtts_url=google.url)
        done = render(config, TEXTS)
        assert set(done.failed) == {"петък,"}
        assert set(lines(config).values()) == set(TEXTS) - {"петък,"}

    def test_an_engine_that_speaks_nothing_is_given_up_soon(self, tmp_path: Path, google: FakeGoogle) -> None:
        texts = [f"текст {cardinal(n)}" for n in range(100)]
        google.silent_for = set(texts)
        with pytest.raises(OperationError, match="speaks none of the texts"):
            render(speaking(tmp_path, Engine.GTTS, gtts_url=google.url), texts)
        assert len(google.heard) < 30

    @pytest.mark.parametrize(("program", "others"), [("ffmpeg", "espeak-ng"), ("espeak-ng", "ffmpeg")])
    def test_a_missing_program_is_named_with_how_to_install_it(
        self, config: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, others: str
    ) -> None:
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / others).symlink_to(f"/usr/bin/{others}")
        monkeypatch.setenv("PATH", str(tmp_path / "bin"))
        with pytest.raises(OperationError, match=f"{program} is not installed.*apt-get install {program}"):
            render(config, TEXTS)

    def test_with_nothing_to_make_no_program_is_needed(self, config: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        render(config, TEXTS)
        monkeypatch.setenv("PATH", "/nowhere")
        assert render(config, TEXTS).kept == len(TEXTS)

    def test_a_full_disk_is_one_sentence_and_keeps_what_was_made(self, tmp_path: Path) -> None:
        # A small disk of the test's own, in a mount namespace that ends with it, and then a larger one.
        disk, program = shlex.quote(str(tmp_path)), f"{shlex.quote(sys.executable)} -W ignore -c"
        rendering = shlex.quote(program_of(tmp_path, 60))
        script = f"""
mount -t tmpfs -o size=160k,mode=700 tmpfs {disk} || exit 77
{program} {rendering}; echo "ended with $?"
mount -o remount,size=10m tmpfs {disk}
{program} {rendering}; echo "ended with $?"
find {disk} -name '*.part'; wc -l < {shlex.quote(str(speaking(tmp_path).sounds_path / manifest.NAME))}
"""
        done = subprocess.run(
            ["unshare", "--map-root-user", "--mount", "sh", "-c", script], cwd=ROOT, capture_output=True, text=True
        )
        if "unshare" in done.stderr or done.returncode == 77:
            pytest.skip(f"this machine allows no mount namespace: {done.stderr.strip()}")
        (error,) = done.stderr.splitlines()
        assert re.fullmatch(r"OperationError: The folder of clips .* cannot be used \(No space left .*", error)
        failed, again, ended, in_manifest = done.stdout.splitlines()
        made, kept = map(int, again.split())
        assert (failed, ended, made + kept, in_manifest) == ("ended with 1", "ended with 0", 60, "60")
        assert kept > 0


class TestInterruptions:
    @pytest.mark.slow
    def test_killed_in_the_middle_it_leaves_whole_clips_and_the_next_run_goes_on(self, tmp_path: Path) -> None:
        config = speaking(tmp_path)
        process = start(tmp_path, 300)
        while len(clips(config)) < 40 and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        made = clips(config)
        assert 40 <= len(made) < 300
        assert all((config.sounds_path / name).stat().st_size % FRAME_BYTES == 0 for name in made)
        assert set(lines(config)) <= made
        left = {name: (config.sounds_path / name).stat().st_mtime_ns for name in made}
        status, out, _ = told(start(tmp_path, 300))
        assert (status, out) == (0, f"{300 - len(made)} {len(made)}")
        assert len(lines(config)) == len(clips(config)) == 300
        assert all((config.sounds_path / name).stat().st_mtime_ns == left[name] for name in made)

    def test_what_a_killed_rendering_left_half_written_is_cleared(self, config: Settings) -> None:
        render(config, TEXTS)
        half = config.sounds_path / f".{Clips(config).name_of('да')}.{os.getpid()}.part"
        half.write_bytes(b"half")
        assert render(config, TEXTS).foreign == ()
        assert not half.exists()

    def test_two_renderings_at_once_share_the_work_in_turns(self, tmp_path: Path) -> None:
        both = start(tmp_path, 100), start(tmp_path, 130)
        ended = [told(process) for process in both]
        assert [status for status, _, _ in ended] == [0, 0], ended
        assert sum(int(out.split()[0]) for _, out, _ in ended) == 130
        config = speaking(tmp_path)
        assert len(lines(config)) == len(clips(config)) == 130
        assert len((config.sounds_path / manifest.NAME).read_text("utf-8").splitlines()) == 130

    def test_two_threads_of_one_process_take_turns_too(self, config: Settings) -> None:
        done: list[int] = []
        threads = [threading.Thread(target=lambda: done.append(render(config, TEXTS).made)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(done) == [0, 0, len(TEXTS)]


class TestRecordings:
    def test_a_recording_replaces_the_clip_that_an_engine_had_made(self, tmp_path: Path) -> None:
        render(speaking(tmp_path), PHRASES.values())
        folder = tmp_path / "recordings"
        folder.mkdir()
        tone_file(folder / "goodbye.wav", seconds=5)
        config = speaking(tmp_path, recordings=folder)
        assert render(config, PHRASES.values()).made == 1
        assert Clips(config).path_of(PHRASES["goodbye"]).stat().st_size > 5 * 8000
        assert render(config, PHRASES.values()).made == 0
