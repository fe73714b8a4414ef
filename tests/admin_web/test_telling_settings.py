"""How parents are told is one rule: the page and the command refuse the same, and write the same audit row."""

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, select, update

from cli.school import school as school_group
from db.models import Audit, School
from db.session import Database
from devtools.site import SECRET_KEY
from errors import EschoolError
from school.setup.telling import TellingSettings, telling_settings
from school.students import lookup
from tests.admin_web.conftest import ADMINISTRATOR
from tests.admin_web.test_own_class import SignedIn

BEFORE = TellingSettings(delay_minutes=10, from_hour=8, until_hour=20, pin_always=False, latin_sms=False, greeting="")
DELAY = "A delay is 0 to 1440 minutes: choose another."
HOURS = "Messages are allowed from one hour of the day to a later one, 0 to 24: choose others."
GREETING = "A greeting has up to 200 characters: shorten it."
IN_BULGARIAN = {
    DELAY: "Изчакването е от 0 до 1440 минути: изберете друго.",
    HOURS: "Известията се разрешават от един час на деня до по-късен, от 0 до 24: изберете други часове.",
    GREETING: "Поздравът е до 200 знака: скъсете го.",
}
Door = Callable[..., str]


@pytest.fixture
def school_id(demonstration: Database) -> int:
    """The school as it is BEFORE."""
    with demonstration.session() as session:
        session.execute(
            update(School).values(
                notify_delay_minutes=BEFORE.delay_minutes,
                from_hour=BEFORE.from_hour,
                until_hour=BEFORE.until_hour,
                pin_always=BEFORE.pin_always,
                latin_sms=BEFORE.latin_sms,
                greeting=None,
                voice_message_days=30,
            )
        )
        session.execute(delete(Audit).where(Audit.action == "school.telling_changed"))
        return lookup.school_with(session, None)


@pytest.fixture
def by_command(demonstration: Database, tmp_path: Path) -> Door:
    """`eschool school change`; gives its complaint."""
    with demonstration.reading() as session:
        url = session.connection().engine.url.render_as_string(hide_password=False)
    variables = {"ESCHOOL_HOME": str(tmp_path), "ESCHOOL_DATABASE_URL": url, "ESCHOOL_SECRET_KEY": SECRET_KEY}

    def change(**fields: Any) -> str:
        wanted = {"from_hour": BEFORE.from_hour, "until_hour": BEFORE.until_hour} | fields
        arguments = ["change", "--hours", f"{wanted['from_hour']}-{wanted['until_hour']}"]
        if "delay_minutes" in fields:
            arguments += ["--delay", str(fields["delay_minutes"])]
        if "greeting" in fields:
            arguments += ["--greeting", fields["greeting"]]
        if "voice_message_days" in fields:
            arguments += ["--voice-messages", str(fields["voice_message_days"])]
        if fields.get("latin_sms"):
            arguments.append("--latin")
        if fields.get("pin_always"):
            arguments.append("--pin-always")
        if "new_email_waits" in fields:
            arguments.append("--email-waits" if fields["new_email_waits"] else "--email-follows")
        if fields.get("new_sms_waits"):
            arguments.append("--sms-waits")
        result = CliRunner().invoke(school_group, arguments, env=variables)
        assert result.exception is None or isinstance(result.exception, EschoolError), result.output
        return str(result.exception or "")

    return change


@pytest.fixture
def by_page(signed_in: SignedIn) -> Door:
    """The page's form, in English unless told otherwise; gives its complaint."""
    leader = signed_in(ADMINISTRATOR)

    def change(language: str = "en", **fields: Any) -> str:
        leader.get("/school/telling")
        values = {
            "delay_minutes": BEFORE.delay_minutes,
            "from_hour": BEFORE.from_hour,
            "until_hour": BEFORE.until_hour,
            "new_email_waits": "y",
            "voice_message_days": BEFORE.voice_message_days,
        } | {name: "y" if value is True else value for name, value in fields.items()}
        answer = leader.answer(
            "POST",
            f"/school/telling?lang={language}",
            data={name: value for name, value in values.items() if value is not False} | {"csrf_token": leader._token},
        )
        complaint = re.search(r'class="notice error"[^>]*>(.*?)<', answer.text, re.DOTALL)
        assert answer.status_code == (200 if complaint else 302), answer.text
        return unescape(complaint[1]).strip() if complaint else ""

    return change


def stored(database: Database, school_id: int) -> tuple[TellingSettings, list[dict[str, Any]]]:
    """The settings, and what the audit trail says of their changes."""
    with database.reading() as session:
        rows = session.scalars(select(Audit.details).where(Audit.action == "school.telling_changed").order_by(Audit.id))
        return telling_settings(session, school_id), [dict(row) for row in rows]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"delay_minutes": 1441}, DELAY),
        ({"delay_minutes": -1}, DELAY),
        ({"delay_minutes": 10**9}, DELAY),
        ({"from_hour": 20, "until_hour": 8}, HOURS),
        ({"from_hour": 8, "until_hour": 8}, HOURS),
        ({"from_hour": 0, "until_hour": 25}, HOURS),
        ({"from_hour": 24, "until_hour": 24}, HOURS),
        ({"from_hour": 10**9, "until_hour": 10**9 + 1}, HOURS),
        ({"delay_minutes": 15, "until_hour": 0}, HOURS),
        ({"greeting": "а" * 201}, GREETING),
    ],
    ids=str,
)
def test_both_doors_refuse_the_same_in_the_same_words(
    demonstration: Database, school_id: int, by_page: Door, by_command: Door, fields: dict[str, Any], sentence: str
) -> None:
    assert by_command(**fields) == sentence
    assert by_page(**fields) == sentence
    assert by_page("bg", **fields) == IN_BULGARIAN[sentence]
    assert stored(demonstration, school_id) == (BEFORE, [])


@pytest.mark.parametrize(
    ("fields", "audited"),
    [
        ({"delay_minutes": 0}, {"delay_minutes": [10, 0]}),
        ({"delay_minutes": 1440}, {"delay_minutes": [10, 1440]}),
        ({"from_hour": 0, "until_hour": 24}, {"from_hour": [8, 0], "until_hour": [20, 24]}),
        ({"from_hour": 19}, {"from_hour": [8, 19]}),
        ({"latin_sms": True}, {"latin_sms": [False, True]}),
        ({"pin_always": True}, {"pin_always": [False, True]}),
        ({"new_email_waits": False}, {"new_email_waits": [True, False]}),
        ({"new_sms_waits": True}, {"new_sms_waits": [False, True]}),
        (
            {"delay_minutes": 15, "until_hour": 21, "latin_sms": True},
            {"delay_minutes": [10, 15], "until_hour": [20, 21], "latin_sms": [False, True]},
        ),
        ({"greeting": "Добре дошли!"}, {"greeting": ["", "Добре дошли!"]}),
        ({"greeting": "а" * 200}, {"greeting": ["", "а" * 200]}),
        ({"greeting": ""}, None),
        ({"voice_message_days": 7}, {"voice_message_days": [30, 7]}),
        ({}, None),
        ({"delay_minutes": 10}, None),
    ],
    ids=str,
)
@pytest.mark.parametrize("door", ["by_page", "by_command"])
def test_both_doors_change_the_same_and_write_the_same_audit_row(
    request: pytest.FixtureRequest,
    demonstration: Database,
    school_id: int,
    door: str,
    fields: dict[str, Any],
    audited: dict[str, Any] | None,
) -> None:
    change: Door = request.getfixturevalue(door)
    assert change(**fields) == ""
    settings, rows = stored(demonstration, school_id)
    assert rows == ([audited] if audited else [])
    assert {name: getattr(settings, name) for name in fields} == fields
