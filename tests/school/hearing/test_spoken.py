"""Which entered texts a dialogue may say, so that their clips are there before anybody calls."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from db.kinds import ErasedKind, ErasureGround, SchoolEventKind
from db.models import Audit, Campaign, Erasure, School, Student
from school import audit
from school.campaigns import lifecycle
from school.campaigns.lifecycle import Draft
from school.classbook import recording
from school.hearing import spoken
from school.hearing.spoken import ALL_EVERY, SLOWEST_CHANGE, SPOKEN_FOR, NewTexts
from school.setup.subjects import add_subjects
from school.setup.telling import change_telling
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


class Asked:
    """`NewTexts` by a clock of the test's own."""

    def __init__(self, here: SmallSchool) -> None:
        self._session = here.session
        self._at = 1000.0
        self._new = NewTexts(lambda: self._at)

    def __call__(self) -> set[str]:
        return self._new(self._session).texts

    def later(self, seconds: float) -> None:
        """So much time passes."""
        self._at += seconds


class TestWhatIsNew:
    """Only rows that the audit trail names since are read again, whoever changed them and however."""

    @pytest.fixture
    def asked(self, here: SmallSchool) -> Asked:
        return Asked(here)

    def test_all_at_first_then_nothing_while_nothing_changes(self, here: SmallSchool, asked: Asked) -> None:
        assert asked() == spoken.texts(here.session)
        assert asked() == set()

    def test_a_subject_a_remark_and_a_meeting_that_are_entered(self, here: SmallSchool, asked: Asked) -> None:
        asked()
        add_subjects(here.session, here.id, ["Музика"], by=here.leader, now=NOW)
        assert asked() == {"Музика,"}
        here.remark(text="Пее прекрасно.", now=datetime.now(UTC))
        assert "Пее прекрасно." in asked()
        recording.record_school_event(
            here.session,
            by=here.leader,
            kind=SchoolEventKind.EVENT,
            class_id=here.own,
            title="Концерт",
            place="Залата",
            starts_at=datetime.now(UTC) + HOUR,
            text="Елате.",
            now=datetime.now(UTC),
        )
        assert {"Концерт,", "Залата,", "Елате."} <= asked()

    def test_a_schools_name_and_its_greeting(self, here: SmallSchool, asked: Asked) -> None:
        name = here.session.get_one(School, here.id).name
        assert f"{name}," in asked()
        change_telling(here.session, here.id, NOW, greeting="Добре дошли в ПМГ!", by=here.leader)
        assert asked() == {f"{name},", "Добре дошли в ПМГ!"}

    def test_a_student_whose_name_is_put_right(self, here: SmallSchool, asked: Asked) -> None:
        asked()
        here.session.execute(update(Student).where(Student.id == here.student).values(first_name="Марѝя"))
        audit.write(here.session, "student.changed", "student", here.student, NOW, school_id=here.id, by=here.leader)
        assert asked() == {"За Марѝя"}

    def test_a_campaign_that_starts(self, here: SmallSchool, asked: Asked) -> None:
        here.follower(MOTHER)
        given = Draft(title="Утре няма вода", text="Учим до обяд.", class_id=here.own)
        campaign = lifecycle.draft(here.session, by=here.leader, given=given, now=NOW)
        asked()
        lifecycle.start(here.session, by=here.leader, campaign_id=campaign, now=NOW, at=NOW + HOUR)
        assert {"Утре няма вода,", "Учим до обяд."} <= asked()

    def test_a_change_that_is_committed_late_is_found(self, here: SmallSchool, asked: Asked) -> None:
        """A later change, with a higher number in the trail, was seen before this one was committed."""
        asked()
        late = here.session.scalar(select(func.max(Audit.id))) or 0
        audit.write(here.session, "subject.created", "subject", here.history, NOW, school_id=here.id)
        audit.write(here.session, "subject.created", "subject", here.maths, NOW, school_id=here.id)
        first, _second = here.session.scalars(select(Audit).where(Audit.id > late).order_by(Audit.id)).all()
        first.entity = "not committed yet"
        here.session.flush()
        asked.later(20)
        assert asked() == {"Математика,"}
        first.entity = "subject"
        here.session.flush()
        asked.later(SLOWEST_CHANGE - 60)
        assert "История и цивилизации," in asked()

    def test_what_no_trail_names_is_found_within_the_hour(self, here: SmallSchool, asked: Asked) -> None:
        asked()
        here.session.execute(update(Student).where(Student.id == here.student).values(first_name="Рада"))
        asked.later(ALL_EVERY / 2)
        assert asked() == set()
        asked.later(ALL_EVERY / 2)
        assert "За Рада" in asked()

    def test_many_grades_between_cost_no_text(self, here: SmallSchool, asked: Asked) -> None:
        asked()
        for _ in range(5):
            here.grade()
        assert asked() == set()

    def test_after_an_erasure_all_is_read_so_that_what_is_gone_is_known(self, here: SmallSchool) -> None:
        new = NewTexts()
        assert new(here.session).complete
        assert not new(here.session).complete
        here.session.add(
            Erasure(
                school_id=here.id,
                kind=ErasedKind.STUDENT,
                row_id=here.student,
                row_created_at=NOW,
                ground=ErasureGround.OBJECTION,
                at=NOW,
            )
        )
        here.session.flush()
        found = new(here.session)
        assert found.complete
        assert found.texts == spoken.texts(here.session)
