"""Events that another system hands in: recorded once by their key, refused with a sentence, and never half of one."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.events import EventRef
from db.kinds import EventKind
from db.models import Absence, Grade, Notification, Staff, Submission
from errors import InputError
from school import integrations
from school.integrations import Holder, Incoming, IngestStatus, Result, ingest
from tests.school.students.small_schools import NOW, SmallSchool

RECORDED, REPEATED, REFUSED = IngestStatus.RECORDED, IngestStatus.REPEATED, IngestStatus.REFUSED
USED = "This key was used for another event: give each its own."


@pytest.fixture
def of(here: SmallSchool) -> Holder:
    """A system of the school that may write."""
    return token_of(here)


def token_of(school: SmallSchool) -> Holder:
    token = integrations.make_token(school.session, by=school.leader, title="Система", may_write=True, now=NOW)
    found = integrations.holder(school.session, token)
    assert found is not None
    return found


def grade(here: SmallSchool, key: str, value: str = "6", *, by: int | None = None) -> Incoming:
    author = here.teacher if by is None else by
    return Incoming(key, author, f"grade {value}", lambda _session: here.grade(value, by=author))


def absence(here: SmallSchool, key: str, lesson: int = 1) -> Incoming:
    return Incoming(key, here.teacher, f"absence {lesson}", lambda _session: here.absence(lesson=lesson))


def count(session: Session, table: type[Grade | Absence | Submission | Notification]) -> int:
    return session.scalars(select(func.count()).select_from(table)).one()


def statuses(results: tuple[Result, ...]) -> list[IngestStatus]:
    return [one.outcome for one in results]


def test_each_event_is_answered_in_the_order_given(here: SmallSchool, of: Holder) -> None:
    results = ingest(here.session, of, [grade(here, "g"), absence(here, "a"), grade(here, "h", "3")], NOW)
    assert [one.key for one in results] == ["g", "a", "h"]
    assert statuses(results) == [RECORDED] * 3
    rows = {row.id: row.value for row in here.session.execute(select(Grade.id, Grade.value))}
    assert rows == {results[0].event_id: Decimal(6), results[2].event_id: Decimal(3)}


def test_a_repeated_key_is_recorded_once_and_answered_with_the_first_event(here: SmallSchool, of: Holder) -> None:
    (first,) = ingest(here.session, of, [grade(here, "g")], NOW)
    again = ingest(here.session, of, [grade(here, "g"), grade(here, "g")], NOW)
    assert again == (Result("g", REPEATED, first.event_id),) * 2
    assert count(here.session, Grade) == 1


def test_a_key_twice_in_one_batch_is_one_event(here: SmallSchool, of: Holder) -> None:
    first, second, other = ingest(here.session, of, [grade(here, "g"), grade(here, "g"), grade(here, "g", "2")], NOW)
    assert (first.outcome, second) == (RECORDED, Result("g", REPEATED, first.event_id))
    assert other == Result("g", REFUSED, error=USED)
    assert count(here.session, Grade) == 1


def test_the_same_key_with_other_content_is_refused_later_too(here: SmallSchool, of: Holder) -> None:
    ingest(here.session, of, [grade(here, "g")], NOW)
    assert ingest(here.session, of, [grade(here, "g", "2")], NOW) == (Result("g", REFUSED, error=USED),)
    assert count(here.session, Grade) == 1


def test_what_is_refused_leaves_no_trace_and_is_sent_again_corrected_by_the_same_key(
    here: SmallSchool, of: Holder
) -> None:
    (refused,) = ingest(here.session, of, [grade(here, "g", "2.5")], NOW)
    assert refused.outcome is REFUSED
    assert refused.error
    assert (count(here.session, Grade), count(here.session, Submission)) == (0, 0)
    assert here.audited("api.recorded") == here.audited("grade.recorded") == []
    (corrected,) = ingest(here.session, of, [grade(here, "g", "5")], NOW)
    assert corrected.outcome is RECORDED


def test_one_refused_event_takes_none_of_its_batch_along(here: SmallSchool, of: Holder) -> None:
    here.follower()
    batch = [grade(here, "a"), grade(here, "b", "7"), absence(here, "c"), absence(here, "d", 0)]
    assert statuses(ingest(here.session, of, batch, NOW)) == [RECORDED, REFUSED, RECORDED, REFUSED]
    assert (count(here.session, Grade), count(here.session, Absence)) == (1, 1)
    told = here.session.scalars(select(Notification.kind)).all()
    assert set(told) == {EventKind.GRADE, EventKind.ABSENCE}


def test_what_an_event_wrote_before_it_was_refused_is_undone(here: SmallSchool, of: Holder) -> None:
    def half(_session: Session) -> EventRef:
        here.grade()
        raise InputError("The second half is wrong.")

    results = ingest(here.session, of, [Incoming("h", here.teacher, "half", half)], NOW)
    assert results == (Result("h", REFUSED, error="The second half is wrong."),)
    assert count(here.session, Grade) == 0


@pytest.mark.parametrize(
    "whose",
    [
        pytest.param(lambda _here, elsewhere: elsewhere.teacher, id="of another school"),
        pytest.param(lambda _here, _elsewhere: 999_999, id="of nobody"),
        pytest.param(lambda here, _elsewhere: switched_off(here), id="of an account that is switched off"),
    ],
)
def test_an_event_in_a_name_that_is_not_the_schools_is_refused(
    here: SmallSchool, elsewhere: SmallSchool, of: Holder, whose: Callable[[SmallSchool, SmallSchool], int]
) -> None:
    by = whose(here, elsewhere)
    results = ingest(here.session, of, [grade(here, "x", by=by), grade(here, "y")], NOW)
    assert results[0] == Result("x", REFUSED, error="The school has no such teacher.")
    assert results[1].outcome is RECORDED


def switched_off(here: SmallSchool) -> int:
    here.session.get_one(Staff, here.idle).is_active = False
    here.session.flush()
    return here.idle


def test_a_token_gives_no_rights_that_the_teacher_does_not_have(here: SmallSchool, of: Holder) -> None:
    (result,) = ingest(here.session, of, [grade(here, "x", by=here.idle)], NOW)
    assert result.error == "Only who teaches this subject to the class may record this, or the school's leaders."


def test_two_systems_may_use_the_same_key(here: SmallSchool, of: Holder) -> None:
    other = token_of(here)
    first, second = (ingest(here.session, one, [grade(here, "1")], NOW)[0] for one in (of, other))
    assert (first.outcome, second.outcome) == (RECORDED, RECORDED)
    assert first.event_id != second.event_id


def test_the_audit_says_which_system_recorded_what(here: SmallSchool, of: Holder) -> None:
    results = ingest(here.session, of, [grade(here, "a"), absence(here, "b"), grade(here, "a")], NOW)
    (audited,) = here.audited("api.recorded")
    assert (audited.entity, audited.entity_id) == ("api_token", of.token_id)
    assert audited.details == {"events": [["grade", results[0].event_id], ["absence", results[1].event_id]]}
    assert [one.staff_id for one in here.audited("grade.recorded")] == [here.teacher]
    ingest(here.session, of, [grade(here, "a")], NOW)
    assert len(here.audited("api.recorded")) == 1  # repeating changes nothing, so nothing is written down


def test_an_empty_batch_is_answered_with_nothing(here: SmallSchool, of: Holder) -> None:
    assert ingest(here.session, of, [], NOW) == ()
    assert count(here.session, Submission) == 0
