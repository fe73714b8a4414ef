"""Each setting is explained to the person who has to choose its value, beside those it belongs with."""

import re
from itertools import groupby
from pathlib import Path

import pytest

from devtools.site import SECRET_KEY
from settings import GROUPS, Settings, described

DOCS = sorted(Path(__file__).parents[1].glob("docs/**/*.md"))
TOLD = described(Settings(secret_key=SECRET_KEY))


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_explained_by_a_sentence(name: str) -> None:
    (one,) = (told for told in TOLD if told.variable == f"ESCHOOL_{name.upper()}")
    assert re.fullmatch(r"\S.{10,}\.", one.meaning)


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_belongs_to_one_group(name: str) -> None:
    assert sum(name in group.model_fields for group in GROUPS.values()) == 1


def test_groups_are_told_one_after_the_other() -> None:
    assert [heading for heading, _ in groupby(told.group for told in TOLD)] == list(GROUPS)


def test_a_secret_is_told_as_set() -> None:
    assert {told.variable: told.value for told in TOLD}["ESCHOOL_SECRET_KEY"] == "(set)"
    assert SECRET_KEY not in str(TOLD)


def test_zero_is_told_as_a_value() -> None:
    told = {one.variable: one.value for one in described(Settings(max_plain_calls=0))}
    assert told["ESCHOOL_MAX_PLAIN_CALLS"] == "0"
    assert told["ESCHOOL_RETRY_SCALE"] == ""


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_the_documentation_names_settings_that_exist(page: Path) -> None:
    named = set(re.findall(r"\bESCHOOL_[A-Z_]*[A-Z]\b", page.read_text("utf-8")))
    assert named <= {told.variable for told in TOLD}


def test_the_number_for_recording_is_not_the_one_that_parents_call() -> None:
    with pytest.raises(ValueError, match="the number that parents call"):
        Settings(inbound_number="0882818905", recording_number="0882818905")
    assert not Settings(inbound_number="0882818905").recording_number
