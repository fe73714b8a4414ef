"""Whoever reads a file while others write it meets it whole, and nothing is left beside it."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from runtime import whole_file


def test_threads_that_write_at_once_leave_one_of_theirs(tmp_path: Path) -> None:
    path = tmp_path / "list"
    whole_file.write(path, b"0" * 200_000)

    def write(number: int) -> bytes:
        whole_file.write(path, str(number % 10).encode() * 200_000)
        return path.read_bytes()

    with ThreadPoolExecutor(8) as threads:
        for found in threads.map(write, range(100)):
            assert len(found) == 200_000
            assert len(set(found)) == 1
    assert [one.name for one in tmp_path.iterdir()] == ["list"]


def test_what_fails_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError):
        whole_file.write(tmp_path / "folder", b"new")
    with pytest.raises(FileNotFoundError):
        whole_file.write(tmp_path / "nowhere" / "list", b"new")
    assert [one.name for one in tmp_path.iterdir()] == ["folder"]


def test_a_private_file_is_never_readable_by_others(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.touch(mode=0o644)
    whole_file.write(path, b"new", mode=0o600)
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_a_crash_left_goes_and_what_is_being_written_stays(tmp_path: Path) -> None:
    _left, writing = parts(tmp_path)
    whole = tmp_path / "list"
    whole.write_bytes(b"new")
    hours_ago(whole, 2)
    whole_file.forget_parts(tmp_path)
    whole_file.forget_parts(tmp_path / "nowhere")
    assert sorted(tmp_path.iterdir()) == [writing, whole]


def parts(folder: Path) -> tuple[Path, Path]:
    """Files half written: what a crash left, and what somebody is writing."""
    left, writing = folder / ".a.json.0a1b2c3d.part", folder / ".b.json.99999999.part"
    for path in (left, writing):
        path.write_text("{")
    hours_ago(left, 2)
    return left, writing


def hours_ago(path: Path, hours: float) -> None:
    """As if the file had been written then."""
    os.utime(path, times=(time.time() - hours * 3600,) * 2)
