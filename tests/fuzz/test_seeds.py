"""What fuzzing once found stays mended: each kept case is tried again on the product as it runs."""

from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.fuzz import agi_lines, mo_texts, pdus, sip, web
from tests.fuzz.search import Search
from tests.fuzz.seeds import SEEDS, kept
from tests.fuzz.target import Target


def replayed(part: str, opening: AbstractContextManager[Target]) -> list[str]:
    """What is wrong with the kept cases of a part."""
    with opening as target:
        search = Search(part, target, SEEDS, print)
        search.replay(kept(SEEDS, part))
        for fault in target.final():
            search.found[fault.sign] = fault, Path()
    assert search.cases, f"no case of {part} is kept"
    return [fault.told for fault, _ in search.found.values()]


def _needs_cases(part: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not list(kept(SEEDS, part)), reason="nothing was found yet")


@pytest.mark.slow
@_needs_cases("pdus")
def test_the_gateway(tmp_path: Path) -> None:
    assert replayed("pdus", pdus.opened(tmp_path)) == []


@pytest.mark.slow
@pytest.mark.postgresql
@_needs_cases("texts")
def test_parents_texts(tmp_path: Path) -> None:
    assert replayed("texts", mo_texts.opened(tmp_path)) == []


@pytest.mark.slow
@_needs_cases("agi")
def test_the_voice_server(tmp_path: Path) -> None:
    assert replayed("agi", agi_lines.opened(tmp_path)) == []


@pytest.mark.calls
@_needs_cases("sip")
def test_the_exchange(tmp_path: Path) -> None:
    assert replayed("sip", sip.opened(tmp_path)) == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@_needs_cases("http")
def test_the_pages(tmp_path: Path, kind: str) -> None:
    assert replayed("http", web.opened(tmp_path, kind, searching=False)) == []
