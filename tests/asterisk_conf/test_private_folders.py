"""Whoever writes to Asterisk's control socket commands it: its folder is this user's alone, wherever it lies."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from asterisk_conf import folder
from asterisk_conf.layout import Layout, layout
from devtools.site import SECRET_KEY
from errors import OperationError
from settings import Settings


@pytest.fixture
def far_away(tmp_path: Path) -> Iterator[Layout]:
    """The folders of a home whose path is too long for a socket, so that it lies among the temporary files."""
    found = layout(Settings(home=tmp_path / ("long-" * 20), secret_key=SECRET_KEY))
    assert not found.run.is_relative_to(tmp_path)
    yield found
    if found.run.is_symlink():
        found.run.unlink()
    shutil.rmtree(found.run, ignore_errors=True)


def test_it_is_made_private(far_away: Layout) -> None:
    far_away.make()
    far_away.make()
    assert far_away.run.stat().st_mode & 0o777 == 0o700


def test_one_that_is_open_to_others_is_refused(far_away: Layout) -> None:
    far_away.run.mkdir()
    far_away.run.chmod(0o777)
    with pytest.raises(OperationError, match="not private"):
        far_away.make()


def test_a_link_that_somebody_laid_there_is_refused(far_away: Layout, tmp_path: Path) -> None:
    far_away.run.symlink_to(tmp_path)
    with pytest.raises(OperationError, match="not private"):
        far_away.make()


def test_what_root_fetches_into_the_cache_another_user_can_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fetched(target: Path, *_: object) -> None:
        target.mkdir()
        (target / "asterisk").write_text("a program")

    monkeypatch.setattr(folder, "_download", fetched)
    before = os.umask(0o077)
    try:
        folder.unpack(tmp_path / "cache", "http://mirror.example", print)
        assert os.umask(0o077) == 0o077
    finally:
        os.umask(before)
    for path in (tmp_path / "cache", folder.place(tmp_path / "cache")):
        assert path.stat().st_mode & 0o005 == 0o005
    assert (folder.place(tmp_path / "cache") / "asterisk").stat().st_mode & 0o004
