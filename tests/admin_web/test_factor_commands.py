"""`eschool web`: demanding a second factor and resetting it from the machine's command line."""

from collections.abc import Callable, Sequence

import pyotp
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from admin_web.commands import web_group
from db.models import Staff
from db.session import Database
from errors import InputError
from school import accounts
from settings import Settings
from tests.school.accounts.signing_in import someone
from tests.school.joined import NOW, joined, person


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Runs a command on the test's own database."""
    monkeypatch.setenv("ESCHOOL_HOME", str(settings.home))
    monkeypatch.setenv("ESCHOOL_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("ESCHOOL_SECRET_KEY", settings.secret_key)

    def command(*words: str) -> str:
        result = CliRunner().invoke(web_group, words, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    return command


def test_a_second_factor_is_demanded_and_reset(run: Callable[..., str], database: Database) -> None:
    with database.session() as session:
        school = joined(session)
        teacher = person(session, school)
        who = someone(session, teacher)
        pending = accounts.begin_second_factor(session, who, NOW)
        accounts.confirm_second_factor(session, who, pyotp.TOTP(pending.secret).at(NOW), NOW)
        email = session.scalars(select(Staff.email).where(Staff.id == teacher)).one()
    assert "demanded of the leaders of school 1690180" in run("demand-second-factor", "--school", "1690180")
    assert "demanded of all leaders" in run("demand-second-factor")
    assert demanded(database, (school.school, None)) == [True, True]
    run("demand-second-factor", "--off")
    assert demanded(database, (school.school, None)) == [True, False]
    run("reset-second-factor", email)
    with database.reading() as session:
        assert not accounts.has_second_factor(session, teacher)
    with pytest.raises(InputError, match="no active account"):
        run("reset-second-factor", "nobody@school.example")


def demanded(database: Database, schools: Sequence[int | None]) -> list[bool]:
    with database.reading() as session:
        return [accounts.is_demanded_by(session, one) for one in schools]
