"""`eschool prompts voice`: publishing, going back, and the speech engine alone."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.voice import voice
from db.kinds import RecordingSource
from db.session import Database
from devtools.site import SECRET_KEY
from errors import InputError, MissingError
from prompts.recording import takes
from school.recordings import editions, keeping
from tests.school.joined import NOW, operator
from tests.school.recordings.test_recordings import spoken


def test_an_edition_is_published_listed_put_back_and_switched_off(database: Database, tmp_path: Path) -> None:
    with database.reading() as session:
        url = session.connection().engine.url.render_as_string(hide_password=False)
    variables = {"ESCHOOL_HOME": str(tmp_path), "ESCHOOL_DATABASE_URL": url, "ESCHOOL_SECRET_KEY": SECRET_KEY}

    def told(*arguments: str) -> str:
        return CliRunner().invoke(voice, arguments, env=variables, catch_exceptions=False).output

    def used() -> int | None:
        with database.reading() as session:
            return editions.in_use(session)

    assert told("list") == "No edition is in use: the speech engine says everything.\n"
    with pytest.raises(InputError, match="Nothing is recorded"):
        told("publish")
    with database.session() as session:
        by = operator(session)
        take = takes.take(takes.read(spoken((900, 0.3))))
        keeping.keep(session, None, "greeting", take, RecordingSource.UPLOAD, by=by, now=NOW)
    told("publish")
    first = used()
    told("publish")
    second = used()
    assert first is not None
    assert second not in (None, first)
    newer, older = told("list").splitlines()
    assert newer.startswith(f"{second}  ")
    assert newer.endswith("1 recordings  in use")
    assert older.endswith("1 recordings")
    assert f"Edition {first} is in use" in told("use", str(first))
    assert used() == first
    with pytest.raises(MissingError):
        told("use", "4711")
    told("off")
    assert used() is None
