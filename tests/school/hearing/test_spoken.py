"""Which entered texts a dialogue may say, so that their clips are there before anybody calls."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from db.kinds import SchoolEventKind
from db.models import Campaign, School, Student
from school.campaigns import lifecycle
from school.campaigns.lifecycle import Draft
from school.classbook import recording
from school.hearing import spoken
from school.hearing.spoken import SPOKEN_FOR
from tests.school.students.small_schools import MOTHER, NOW, TODAY, SmallSchool

HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)


def said(here: SmallSchool) -> set[str]:
    return spoken.texts(here.session, NOW)


def test_given_names_are_said_as_whom_it_is_about_and_of_those_at_school_only(here: SmallSchool) -> None:
    here.add_student("Напуснала", None, left_on=TODAY)
    here.add_student("Анна  Мария", here.other)
    pieces = said(here)
    assert {"За Мария", "За Иван", "За Анна Мария"} <= pieces
    assert not any("Напуснала" in piece for piece in pieces)


def test_last_and_middle_names_are_never_said(here: SmallSchool) -> None:
    assert not any("Колева" in piece or "Петрова" in piece for piece in said(here))


def test_subjects_are_said_with_a_breath_after_them(here: SmallSchool) -> None:
    assert {"Математика,", "История и цивилизации,"} <= said(here)


@pytest.mark.parametrize(("age", "is_said"), [(SPOKEN_FOR - TICK, True), (SPOKEN_FOR, False)])
def test_a_remark_is_said_for_as_long_as_it_may_be_of_this_year(
    here: SmallSchool, age: timedelta, is_said: bool
) -> None:
    here.remark()
    assert ("Помага на другите." in spoken.texts(here.session, NOW + age)) is is_said


def test_health_notes_are_never_said(here: SmallSchool) -> None:
    here.health_note(note="Ангина.")
    assert "Ангина." not in said(here)


def test_all_words_of_a_meeting_that_is_ahead_are_said_and_none_once_it_has_begun(here: SmallSchool) -> None:
    recording.record_school_event(
        here.session,
        by=here.leader,
        kind=SchoolEventKind.MEETING,
        class_id=here.own,
        title="Родителска  среща",
        place="Стая 12",
        starts_at=NOW + HOUR,
        text="Успехът на класа.",
        now=NOW,
    )
    words = {"Родителска среща,", "Стая 12,", "Успехът на класа."}
    assert words <= said(here)
    assert words <= spoken.texts(here.session, NOW + HOUR - TICK)
    assert words.isdisjoint(spoken.texts(here.session, NOW + HOUR))


def test_a_campaigns_words_are_said_from_its_start_to_its_end(here: SmallSchool) -> None:
    here.follower(MOTHER)
    given = Draft(title="Утре няма вода", text="Учим до обяд.", class_id=here.own)
    campaign = lifecycle.draft(here.session, by=here.leader, given=given, now=NOW)
    words = {"Утре няма вода,", "Учим до обяд."}
    assert words.isdisjoint(said(here))  # a draft may still change
    lifecycle.start(here.session, by=here.leader, campaign_id=campaign, now=NOW, at=NOW + HOUR)
    name = here.session.get_one(School, here.id).name
    assert words | {f"{name},"} <= said(here)
    lifecycle.stop(here.session, by=here.leader, campaign_id=campaign, now=NOW)
    assert words.isdisjoint(said(here))
    assert here.session.get_one(Campaign, campaign).title == "Утре няма вода"


def test_texts_of_all_schools_are_said(here: SmallSchool, elsewhere: SmallSchool) -> None:
    here.session.execute(update(Student).where(Student.id == elsewhere.student).values(first_name="Радостина"))
    assert {"За Мария", "За Радостина"} <= said(here)
