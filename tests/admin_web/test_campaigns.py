"""A principal prepares, hears, confirms, watches and steers a campaign in the browser."""

import io
import json
import re
import wave
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import func, select

from db.kinds import CallResult, CampaignState, Channel, FamilyState, MeetingAnswer
from db.models import Campaign, CampaignFamily, SchoolClass, SchoolEvent
from db.session import Database
from devtools.pbx import CLIPS
from school.calling.policy import Pauses
from school.campaigns import answers, outcomes
from school.dialling import due_calls
from school.dialling.due_calls import Limits
from school.monitoring import health
from school.monitoring.health import Health, Process
from tests.admin_web.conftest import CLASS_TEACHER_OF_8A, MATHS, PRINCIPAL, Browser
from tests.school.conftest import NOW

SignedIn = Callable[[str], Browser]


def meeting_of_8a(database: Database) -> int:
    with database.reading() as session:
        return session.scalars(
            select(SchoolEvent.id)
            .join(SchoolClass, SchoolClass.id == SchoolEvent.class_id)
            .where(SchoolClass.level == 8, SchoolEvent.starts_at > NOW)
        ).one()


def drafted(browser: Browser, database: Database, **fields: str) -> int:
    """A draft for the meeting of 8а, or what `fields` say; gives its id."""
    browser.get("/campaigns/new")
    given: dict[str, Any] = {
        "event": str(meeting_of_8a(database)),
        "title": "",
        "text": "",
        "attempts": "3",
        "sms_fallback": "y",
    }
    browser.post("/campaigns/new", **(given | fields))
    with database.reading() as session:
        return session.scalars(select(Campaign.id).order_by(Campaign.id.desc()).limit(1)).one()


def started(browser: Browser, database: Database) -> int:
    campaign_id = drafted(browser, database)
    browser.get(f"/campaigns/{campaign_id}")
    browser.post(f"/campaigns/{campaign_id}/start", when="now", at="")
    return campaign_id


def state_of(database: Database, campaign_id: int) -> CampaignState:
    with database.reading() as session:
        return session.scalars(select(Campaign.state).where(Campaign.id == campaign_id)).one()


def told(browser: Browser, campaign_id: int) -> dict[str, object]:
    found: dict[str, object] = json.loads(browser.get(f"/campaigns/{campaign_id}/progress"))
    return found


class TestPreparing:
    def test_before_anything_rings_the_draft_tells_text_families_duration_and_sms(
        self, signed_in: SignedIn, demonstration: Database
    ) -> None:
        principal = signed_in(PRINCIPAL)
        campaign_id = drafted(principal, demonstration, text="Ще изберем родителски съвет.")
        page = principal.get(f"/campaigns/{campaign_id}")
        assert "Каним Ви на родителска среща." in page
        assert "от осми а клас. Каним Ви на родителска среща. " in page
        assert "Място: Кабинет 12. Ще изберем родителски съвет." in page
        assert "<b>24 семейства</b>" in page
        assert re.search(r"Първият кръг ще отнеме около <b>\d+ минут", page)
        assert "Отговорете на този SMS с ДА или НЕ" in page
        assert "системата за обаждания не работи" in page  # nobody dials in this test
        assert state_of(demonstration, campaign_id) is CampaignState.DRAFT

    def test_the_sound_is_the_clips_of_the_text(
        self, app: OpenAPI, signed_in: SignedIn, demonstration: Database
    ) -> None:
        settings = app.config["ESCHOOL"]
        CLIPS.mkdir(parents=True, exist_ok=True)
        settings.home_path.mkdir(parents=True, exist_ok=True)
        (settings.home_path / "sounds").symlink_to(CLIPS)
        principal = signed_in(PRINCIPAL)
        campaign_id = drafted(principal, demonstration)
        answer = principal.answer("GET", f"/campaigns/{campaign_id}/sound.wav")
        assert answer.content_type == "audio/wav"
        with wave.open(io.BytesIO(answer.data)) as sound:
            assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (8000, 1, 2)
            seconds = sound.getnframes() / 8000
        page = principal.get(f"/campaigns/{campaign_id}")
        assert f"{round(seconds)} секунди" in page
        assert 10 < seconds < 60

    def test_an_announcement_needs_a_title(self, signed_in: SignedIn, demonstration: Database) -> None:
        principal = signed_in(PRINCIPAL)
        principal.get("/campaigns/new")
        fields: dict[str, Any] = {"event": "", "audience": "level-8", "text": "", "attempts": "3"}
        assert "notice error" in principal.post("/campaigns/new", status=200, title="", **fields)
        principal.post("/campaigns/new", title="Утре няма вода", **fields)
        with demonstration.reading() as session:
            campaign = session.scalars(select(Campaign)).one()
            assert (campaign.level, campaign.class_id, campaign.title) == (8, None, "Утре няма вода")

    def test_a_class_teacher_calls_the_own_class_alone(self, signed_in: SignedIn, demonstration: Database) -> None:
        teacher = signed_in(CLASS_TEACHER_OF_8A)
        campaign_id = started(teacher, demonstration)
        fields: dict[str, Any] = {"event": "", "title": "Проба", "text": "", "attempts": "3"}
        teacher.get("/campaigns/new")
        teacher.post("/campaigns/new", status=403, audience="school", **fields)
        with demonstration.reading() as session:
            assert session.scalars(select(Campaign.id)).all() == [campaign_id]
        other = signed_in(MATHS)  # class teacher of 11б
        other.get(f"/campaigns/{campaign_id}", status=404)
        other.get(f"/campaigns/{campaign_id}/progress", status=404)
        other.get(f"/campaigns/{campaign_id}/report.csv", status=404)

    def test_a_draft_is_thrown_away(self, signed_in: SignedIn, demonstration: Database) -> None:
        principal = signed_in(PRINCIPAL)
        campaign_id = drafted(principal, demonstration)
        principal.get(f"/campaigns/{campaign_id}")
        principal.post(f"/campaigns/{campaign_id}/steer", do="discard")
        principal.get(f"/campaigns/{campaign_id}", status=404)


class TestConfirming:
    def test_it_starts_now_or_at_an_hour(self, signed_in: SignedIn, demonstration: Database) -> None:
        principal = signed_in(PRINCIPAL)
        assert state_of(demonstration, started(principal, demonstration)) is CampaignState.RUNNING
        later = drafted(principal, demonstration)
        principal.get(f"/campaigns/{later}")
        principal.post(f"/campaigns/{later}/start", when="later", at="2026-11-25T17:30")
        assert state_of(demonstration, later) is CampaignState.SCHEDULED
        assert "25.11.2026, 17:30" in principal.get(f"/campaigns/{later}")

    def test_an_hour_that_is_past_is_told(self, signed_in: SignedIn, demonstration: Database) -> None:
        principal = signed_in(PRINCIPAL)
        campaign_id = drafted(principal, demonstration)
        principal.get(f"/campaigns/{campaign_id}")
        page = principal.post(f"/campaigns/{campaign_id}/start", status=200, when="later", at="2026-11-24T10:00")
        assert "проверете часа" in page
        assert state_of(demonstration, campaign_id) is CampaignState.DRAFT

    def test_confirming_twice_calls_once(self, signed_in: SignedIn, demonstration: Database) -> None:
        principal = signed_in(PRINCIPAL)
        campaign_id = started(principal, demonstration)
        principal.get(f"/campaigns/{campaign_id}")
        principal.post(f"/campaigns/{campaign_id}/start", status=200, when="now", at="")
        with demonstration.reading() as session:
            families = session.scalar(
                select(func.count()).select_from(CampaignFamily).where(CampaignFamily.campaign_id == campaign_id)
            )
        assert families == 24


class TestWatching:
    def test_progress_moves_and_answers_stand_on_the_meetings_page(
        self, signed_in: SignedIn, demonstration: Database
    ) -> None:
        principal = signed_in(PRINCIPAL)
        campaign_id = started(principal, demonstration)
        before = told(principal, campaign_id)
        assert (before["percent"], before["families"], before["over"]) == (0, 24, False)
        with demonstration.session() as session:
            dials = due_calls.choose(session, "host:1", Limits(2, 0), datetime.now(UTC))
            family_id = session.scalars(
                select(CampaignFamily.id).where(CampaignFamily.state == FamilyState.CALLING).limit(1)
            ).one()
            answers.note(session, family_id, MeetingAnswer.COMES, Channel.CALL, datetime.now(UTC))
            outcomes.settle(session, family_id, 1, CallResult.REACHED, datetime.now(UTC), Pauses())
        assert len(dials) == 2
        after = told(principal, campaign_id)
        assert (after["done"], after["percent"]) == (1, 4)
        counts = {one["key"]: one["number"] for one in after["counts"]}  # type: ignore[attr-defined]
        assert counts["reached"] == counts["comes"] == 1
        assert counts["calling"] == 1
        row = next(one for one in after["rows"] if one["id"] == family_id)  # type: ignore[attr-defined]
        assert row["answer"] == "ще дойде (по телефона)"
        assert row["result"] == "чули са"
        assert {one["text"] for one in after["counts"] if one["key"] == "reached"} == {"чули са"}  # type: ignore[attr-defined]
        page = principal.get(f"/campaigns/meeting/{meeting_of_8a(demonstration)}")
        assert "ще дойде: <b>1</b>" in page
        assert row["children"] in page

    def test_pause_resume_and_stop(self, signed_in: SignedIn, demonstration: Database) -> None:
        principal = signed_in(PRINCIPAL)
        campaign_id = started(principal, demonstration)
        address = f"/campaigns/{campaign_id}"
        for act, state in (
            ("pause", CampaignState.PAUSED),
            ("resume", CampaignState.RUNNING),
            ("stop", CampaignState.STOPPED),
        ):
            principal.get(address)
            principal.post(f"{address}/steer", do=act)
            assert state_of(demonstration, campaign_id) is state
        assert 'data-over="true"' in principal.get(address)
        assert told(principal, campaign_id)["over"] is True

    @pytest.mark.parametrize("form", ["csv", "xlsx", "pdf"])
    def test_the_report_is_a_file(self, signed_in: SignedIn, demonstration: Database, form: str) -> None:
        principal = signed_in(PRINCIPAL)
        campaign_id = started(principal, demonstration)
        answer = principal.answer("GET", f"/campaigns/{campaign_id}/report.{form}")
        assert answer.status_code == 200
        if form == "csv":
            lines = answer.data.decode("utf-8-sig").splitlines()
            assert any("Деца" in line and "Отговор" in line for line in lines)
            assert sum("чакат обаждане" in line for line in lines) >= 24

    def test_a_dialer_that_runs_is_no_trouble_and_one_whose_trunk_fails_is(
        self, signed_in: SignedIn, demonstration: Database
    ) -> None:
        principal = signed_in(PRINCIPAL)
        campaign_id = started(principal, demonstration)
        for state, trouble in (("ready", ""), ("trunk failing", "Телефонната линия")):
            with demonstration.session() as session:
                health.say(session, Health(Process.DIALER, "host:1", state, True, datetime.now(UTC)))
            page = principal.get(f"/campaigns/{campaign_id}")
            assert (trouble in page) if trouble else ('<p class="notice error" role="alert">' not in page)
