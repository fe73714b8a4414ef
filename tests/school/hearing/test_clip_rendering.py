"""The clock's job that renders what was entered: only what is missing, and it says so when the engine fails."""

from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from db.models import Subject, TeachingAssignment
from db.session import Database
from devtools.site import SECRET_KEY
from errors import OperationError
from prompts.clips import Clips
from school.hearing import clip_rendering
from settings import Engine, Settings
from tests.prompts.conftest import FakeGoogle
from tests.school.students.small_schools import NOW, small_school


@pytest.fixture
def school(empty_sqlite: Database) -> Database:
    """A school with two students and one subject."""
    with empty_sqlite.session() as session:
        here = small_school(session, "1690180")
        _only_maths(session, here.id)
    return empty_sqlite


def _only_maths(session: Session, school_id: int) -> None:
    session.execute(delete(TeachingAssignment))
    session.execute(delete(Subject))
    session.execute(insert(Subject).values(school_id=school_id, name="Математика"))


def speaking(home: Path, **values: object) -> Settings:
    given = {"engine": Engine.ESPEAK, "voice": "", "secret_key": SECRET_KEY} | values
    return Settings(home=home, **given)  # type: ignore[arg-type]


def test_what_has_no_clip_is_rendered_and_the_next_time_only_what_is_new(school: Database, tmp_path: Path) -> None:
    settings = speaking(tmp_path / "home")
    assert clip_rendering.render_missing(settings, school, NOW) == "4 clips rendered."
    clips = Clips(settings)
    assert all(clips.find(text) for text in ("За Мария", "За Иван", "Математика,"))
    assert clip_rendering.render_missing(settings, school, NOW) == "All 4 entered texts have their clips."
    with school.session() as session:
        school_id = session.scalars(select(Subject.school_id)).one()
        session.execute(insert(Subject).values(school_id=school_id, name="Музика"))
    assert clip_rendering.render_missing(settings, school, NOW) == "1 clips rendered."
    assert clips.find("Музика,")


def test_a_clip_that_is_gone_from_this_host_is_made_again(school: Database, tmp_path: Path) -> None:
    settings = speaking(tmp_path / "home")
    clip_rendering.render_missing(settings, school, NOW)
    Clips(settings).path_of("За Мария").unlink()
    assert clip_rendering.render_missing(settings, school, NOW) == "1 clips rendered."


def test_what_the_engine_cannot_say_is_told_in_a_sentence_and_the_rest_is_rendered(
    school: Database, tmp_path: Path, google: FakeGoogle
) -> None:
    google.silent_for = {"За Мария"}
    settings = speaking(tmp_path / "home", engine=Engine.GTTS, gtts_url=google.url)
    with pytest.raises(OperationError, match="3 clips rendered, 1 could not be"):
        clip_rendering.render_missing(settings, school, NOW)
    assert Clips(settings).find("За Иван")
    google.silent_for = set()
    assert clip_rendering.render_missing(settings, school, NOW) == "1 clips rendered."
