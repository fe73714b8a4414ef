"""What is kept of the clock's jobs: the last run of each, and when it runs next."""

from datetime import timedelta

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from db.kinds import JobOutcome
from db.models import ScheduledJob
from school.monitoring import job_runs
from school.monitoring.job_runs import Run
from tests.school.students.small_schools import NOW

MINUTE = timedelta(minutes=1)


def planned(session: Session, job: str, at: float | None) -> None:
    session.execute(insert(ScheduledJob).values(id=job, next_run_time=at, job_state=b""))


def test_a_job_under_way_has_no_end_and_one_that_is_over_has_its_result(session: Session) -> None:
    job_runs.began(session, "reminders", NOW)
    assert job_runs.runs(session) == {"reminders": Run("reminders", NOW)}
    assert job_runs.unfinished(session) == {"reminders"}
    job_runs.ended(session, "reminders", JobOutcome.DONE, "3 meetings.", NOW + MINUTE)
    assert job_runs.runs(session)["reminders"] == Run("reminders", NOW, NOW + MINUTE, JobOutcome.DONE, "3 meetings.")
    assert job_runs.unfinished(session) == frozenset()


def test_a_new_run_wipes_out_what_the_last_one_said(session: Session) -> None:
    job_runs.began(session, "backup", NOW)
    job_runs.ended(session, "backup", JobOutcome.FAILED, "The disk is full.", NOW)
    job_runs.began(session, "backup", NOW + MINUTE)
    assert job_runs.runs(session) == {"backup": Run("backup", NOW + MINUTE)}


def test_a_run_whose_time_has_passed_is_over_at_once(session: Session) -> None:
    job_runs.skipped(session, "summaries", "No scheduler ran at 17:00.", NOW)
    assert job_runs.runs(session)["summaries"] == Run(
        "summaries", NOW, NOW, JobOutcome.SKIPPED, "No scheduler ran at 17:00."
    )
    assert job_runs.unfinished(session) == frozenset()


@pytest.mark.parametrize(("length", "kept"), [(200, 200), (201, 200)])
def test_a_long_result_is_cut(session: Session, length: int, kept: int) -> None:
    job_runs.began(session, "backup", NOW)
    job_runs.ended(session, "backup", JobOutcome.DONE, "х" * length, NOW)
    assert job_runs.runs(session)["backup"].result == "х" * kept


def test_the_next_run_is_known_of_what_is_planned_whether_or_not_it_ever_ran(session: Session) -> None:
    job_runs.began(session, "ran", NOW)
    for job in ("ran", "new"):
        planned(session, job, NOW.timestamp())
    planned(session, "paused", None)
    assert job_runs.runs(session) == {
        "ran": Run("ran", NOW, next_at=NOW),
        "new": Run("new", next_at=NOW),
        "paused": Run("paused"),
    }
    assert job_runs.unfinished(session) == {"ran"}  # what never ran is not cut short
