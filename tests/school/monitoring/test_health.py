"""When a process counts as up, as silent, and as forgotten."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import ProcessStatus
from school.monitoring import health
from school.monitoring.health import FORGOTTEN_AFTER, SILENT_AFTER, Health, Process
from tests.school.students.small_schools import NOW

TICK = timedelta(microseconds=1)
GATEWAY = Health(Process.GATEWAY, "host:1", "bound", works=True, updated_at=NOW, part="a1/1987")


@pytest.mark.parametrize(
    ("age", "is_silent"),
    [(timedelta(), False), (SILENT_AFTER - TICK, False), (SILENT_AFTER, True), (FORGOTTEN_AFTER, True)],
)
def test_who_has_said_nothing_for_a_quarter_of_a_minute_is_silent(
    session: Session, age: timedelta, is_silent: bool
) -> None:
    health.say(session, GATEWAY)
    (found,) = health.found(session, NOW + age)
    assert (found.is_silent, found.is_up) == (is_silent, not is_silent)
    assert health.speaking(session, NOW + age, Process.GATEWAY) == (() if is_silent else (found,))


def test_an_hour_after_its_last_word_it_is_not_listed_any_more(session: Session) -> None:
    health.say(session, GATEWAY)
    assert health.found(session, NOW + FORGOTTEN_AFTER + TICK) == ()


def test_the_next_word_of_anybody_removes_what_is_forgotten(session: Session) -> None:
    health.say(session, GATEWAY)
    later = NOW + FORGOTTEN_AFTER
    health.say(session, Health(Process.DIALER, "host:2", "connected", works=True, updated_at=later))
    assert session.scalar(select(func.count()).select_from(ProcessStatus)) == 2
    health.say(session, Health(Process.DIALER, "host:2", "connected", works=True, updated_at=later + TICK))
    assert session.scalars(select(ProcessStatus.process)).all() == ["dialer"]


def test_who_speaks_and_cannot_work_is_not_up(session: Session) -> None:
    health.say(session, replace(GATEWAY, state="refused", works=False, last_error="The password is wrong."))
    (found,) = health.found(session, NOW)
    assert (found.is_silent, found.is_up) == (False, False)
    assert found.last_error == "The password is wrong."


def test_the_last_word_of_a_part_replaces_the_one_before_and_leaves_other_parts_alone(session: Session) -> None:
    other = replace(GATEWAY, part="vivacom/1987")
    health.say(session, GATEWAY, other)
    health.say(session, replace(GATEWAY, state="unbound", works=False, figures={"sent": 3, "refused": 1}))
    first, second = health.found(session, NOW)
    assert (first.part, first.state, first.figures_in_words) == ("a1/1987", "unbound", "sent 3, refused 1")
    assert (second.part, second.state, second.figures_in_words) == ("vivacom/1987", "bound", "")


def test_a_process_that_stops_takes_its_parts_along_and_nobody_elses(session: Session) -> None:
    twin = replace(GATEWAY, instance="host:2")
    dialer = Health(Process.DIALER, "host:1", "connected", works=True, updated_at=NOW)
    health.say(session, GATEWAY, replace(GATEWAY, part="vivacom/1987"), twin, dialer)
    health.forget(session, Process.GATEWAY, "host:1")
    assert health.found(session, NOW) == (dialer, twin)


def test_only_those_of_the_kind_asked_for_are_found(session: Session) -> None:
    health.say(session, GATEWAY, Health(Process.SENDER, "host:3", "idle", works=True, updated_at=NOW))
    assert [one.process for one in health.found(session, NOW, Process.SENDER)] == [Process.SENDER]


def test_a_long_error_is_cut_to_what_the_table_holds(session: Session) -> None:
    health.say(session, replace(GATEWAY, last_error="е" * 201))
    (found,) = health.found(session, NOW)
    assert found.last_error == "е" * 200


def test_to_say_nothing_changes_nothing(session: Session) -> None:
    health.say(session, GATEWAY)
    health.say(session)
    assert health.found(session, NOW) == (GATEWAY,)
