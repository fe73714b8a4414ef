"""The clock over a real database: midnight, the change of clocks, outages, new releases, two hosts."""

import signal
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest
from sqlalchemy import text

from db.kinds import JobOutcome
from db.session import Database
from devtools.pbx import eschool_process
from devtools.site import SECRET_KEY
from errors import OperationError
from runtime.localtime import SOFIA
from scheduler.election import LostError, election
from scheduler.triggers import Daily
from school.monitoring import health, job_runs
from settings import Settings
from tests.cli.test_command_line import eschool, sentence
from tests.scheduler.conftest import Ran, Watch

Begin = Callable[[datetime], Watch]


def sofia(*when: int) -> datetime:
    return datetime(*when, tzinfo=SOFIA).astimezone(UTC)  # type: ignore[arg-type,misc]


def days(moments: list[datetime]) -> list[str]:
    return [f"{at.astimezone(SOFIA):%d.%m %H:%M}" for at in moments]


class TestDays:
    def test_the_night_without_three_oclock_runs_once(self, watch: Begin, ran: Ran) -> None:
        watch(sofia(2026, 3, 27, 12)).keep(sofia(2026, 3, 30, 12))
        assert days(ran.at["daily"]) == ["28.03 03:30", "29.03 04:30", "30.03 03:30"]

    def test_the_night_with_two_three_oclocks_runs_once(self, watch: Begin, ran: Ran) -> None:
        watch(sofia(2026, 10, 24, 12)).keep(sofia(2026, 10, 26, 12))
        assert days(ran.at["daily"]) == ["25.10 03:30", "26.10 03:30"]
        assert ran.at["daily"][0] == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)

    def test_fridays_come_once_a_week_across_the_change(self, watch: Begin, ran: Ran) -> None:
        watch(sofia(2026, 10, 19, 0)).keep(sofia(2026, 11, 8, 0))
        assert days(ran.at["friday"]) == ["23.10 17:00", "30.10 17:00", "06.11 17:00"]

    def test_a_scheduler_that_starts_anew_every_hour_misses_and_repeats_nothing(self, watch: Begin, ran: Ran) -> None:
        begun = watch(sofia(2026, 10, 24, 0))
        for hour in range(1, 50):
            begun.keep(sofia(2026, 10, 24, 0) + timedelta(hours=hour))
        assert days(ran.at["daily"]) == ["24.10 03:30", "25.10 03:30"]


class TestOutages:
    def test_what_was_missed_is_made_up_once(self, watch: Begin, ran: Ran) -> None:
        begun = watch(sofia(2026, 11, 20, 12))
        begun.keep(sofia(2026, 11, 20, 13))
        begun.sleep(sofia(2026, 11, 24, 9))
        begun.keep(sofia(2026, 11, 24, 10))
        assert days(ran.at["daily"]) == ["24.11 09:00"]

    def test_what_is_of_no_use_later_is_skipped_and_told(self, watch: Begin, ran: Ran) -> None:
        begun = watch(sofia(2026, 11, 23, 12))
        begun.keep(sofia(2026, 11, 23, 13))
        begun.sleep(sofia(2026, 11, 24, 9))
        begun.keep(sofia(2026, 11, 24, 18))
        assert days(ran.at["briefly"]) == ["24.11 17:00"]

    def test_a_skipped_run_is_written_down(self, watch: Begin, ran: Ran) -> None:
        begun = watch(sofia(2026, 11, 23, 12))
        begun.keep(sofia(2026, 11, 23, 13))
        begun.sleep(sofia(2026, 11, 24, 9))
        begun.keep(sofia(2026, 11, 24, 10))
        assert "briefly" not in ran.at
        last = begun.runs()["briefly"]
        assert last.outcome is JobOutcome.SKIPPED
        assert "16:00:00 ago" in last.result

    def test_a_run_that_its_process_died_in_is_begun_again(self, watch: Begin, ran: Ran, database: Database) -> None:
        begun = watch(sofia(2026, 11, 23, 12))
        begun.keep(sofia(2026, 11, 23, 13))
        with database.session() as session:
            job_runs.began(session, "daily", datetime.now(UTC))
        begun.keep(sofia(2026, 11, 23, 14))
        assert days(ran.at["daily"]) == ["23.11 13:00"]


class TestReleases:
    def test_another_hour_holds_from_the_next_start_and_a_job_that_is_gone_is_forgotten(
        self, watch: Begin, ran: Ran
    ) -> None:
        begun = watch(sofia(2026, 11, 23, 12))
        begun.keep(sofia(2026, 11, 23, 13))
        daily, _, _ = ran.jobs
        ran.jobs = (ran.job("daily", Daily(time(18)), daily.late_by),)
        begun.keep(sofia(2026, 11, 23, 14))
        runs = begun.runs()
        assert (runs["daily"].next_at, set(runs)) == (sofia(2026, 11, 23, 18), {"daily"})


class TestElection:
    def test_one_of_two_wins_until_it_lets_go(self, settings: Settings, database: Database) -> None:
        first, second = (election(settings.database, database, name) for name in ("first", "second"))
        assert (first.is_won(), second.is_won(), first.is_won()) == (True, False, True)
        first.close()
        assert second.is_won()
        assert not first.is_won()
        second.close()
        first.close()


@pytest.mark.parametrize("database_address", ["postgresql"], indirect=True)
class TestLease:
    """Of two hosts, one of which is cut off: its lease runs out by the server's time."""

    @staticmethod
    def _let_pass(database: Database) -> None:
        with database.session() as session:
            session.execute(text("UPDATE lease SET until = clock_timestamp() - interval '1 second'"))

    def test_who_lost_it_may_not_write_and_notices(self, settings: Settings, database: Database) -> None:
        first, second = (election(settings.database, database, name) for name in ("first", "second"))
        assert first.is_won()
        guarded = database.guarded(first.check)
        with guarded.session() as session:
            job_runs.began(session, "tidy", datetime.now(UTC))
        self._let_pass(database)
        assert second.is_won()
        with pytest.raises(LostError), guarded.session() as session:
            job_runs.began(session, "retention", datetime.now(UTC))
        with database.reading() as session:
            assert set(job_runs.runs(session)) == {"tidy"}
        first._renew_at = 0.0  # type: ignore[attr-defined]  # its time to renew has come
        assert not first.is_won()

    def test_what_was_begun_in_time_is_not_committed_after_it(self, settings: Settings, database: Database) -> None:
        first, second = (election(settings.database, database, name) for name in ("first", "second"))
        assert first.is_won()

        def work_for_too_long() -> None:
            with database.guarded(first.check).session() as session:
                job_runs.began(session, "tidy", datetime.now(UTC))
                self._let_pass(database)
                assert second.is_won()

        with pytest.raises(LostError):
            work_for_too_long()
        with database.reading() as session:
            assert not job_runs.runs(session)

    def test_who_had_it_before_and_has_it_again_begins_anew(self, settings: Settings, database: Database) -> None:
        """Jobs of its first time may still run: it does not take what they write for its own."""
        first, second = (election(settings.database, database, name) for name in ("first", "second"))
        assert first.is_won()
        self._let_pass(database)
        assert second.is_won()
        second.close()
        first._renew_at = 0.0  # type: ignore[attr-defined]
        assert [first.is_won(), first.is_won()] == [False, True]

    def test_the_database_away_for_a_moment_ends_nothing(
        self, settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = election(settings.database, database, "first")
        assert first.is_won()
        first._renew_at = 0.0  # type: ignore[attr-defined]
        monkeypatch.setattr(database, "_writing_session", _away)
        assert first.is_won()
        first._good_until = 0.0  # type: ignore[attr-defined]  # it is away for longer than the lease
        assert not first.is_won()


def _away() -> None:
    raise OperationError("away")


class TestProcess:
    @pytest.mark.slow
    def test_two_hosts_one_keeps_the_clock_and_the_other_takes_over(
        self, settings: Settings, database: Database, tmp_path: Path
    ) -> None:
        variables = {
            "ESCHOOL_HOME": str(tmp_path),
            "ESCHOOL_DATABASE_URL": settings.database,
            "ESCHOOL_SECRET_KEY": SECRET_KEY,
        }

        def states() -> list[str]:
            with database.reading() as session:
                return sorted(one.state for one in health.found(session, datetime.now(UTC), health.Process.SCHEDULER))

        with eschool_process(variables, "scheduler", "serve", log=tmp_path / "first.log") as first:
            waits_for(lambda: states() == ["keeping"])
            with eschool_process(variables, "scheduler", "serve", log=tmp_path / "second.log"):
                waits_for(lambda: states() == ["keeping", "standing by"])
                status = eschool("status", home=tmp_path, **variables).stdout
                assert "1 standing by" in next(line for line in status.splitlines() if line.startswith("scheduler"))
                first.send_signal(signal.SIGKILL)
                first.wait()
                waits_for(lambda: "clock.started" in (tmp_path / "second.log").read_text("utf-8"))
        assert "Traceback" not in (tmp_path / "second.log").read_text("utf-8")
        listed = eschool("schedule", "list", home=tmp_path, **variables).stdout
        assert "friday-summary     every Fri at 17:00, next " in listed
        assert "leases             every 30 s, next " in listed


@pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
class TestCommands:
    @pytest.mark.slow
    def test_a_job_is_run_by_hand_and_what_it_did_is_listed(self, settings: Settings, tmp_path: Path) -> None:
        variables = {"ESCHOOL_DATABASE_URL": settings.database, "ESCHOOL_SECRET_KEY": SECRET_KEY}
        result: subprocess.CompletedProcess[str] = eschool("schedule", "run", "tidy", home=tmp_path, **variables)
        assert result.stdout.startswith("Forgotten: 0 sessions")
        listed = eschool("schedule", "list", home=tmp_path, **variables).stdout
        assert "done: Forgotten: 0 sessions" in listed
        assert "not planned" in listed

    def test_an_unknown_job_is_told_with_those_there_are(self, settings: Settings, tmp_path: Path) -> None:
        line = sentence(eschool("schedule", "run", "coffee", home=tmp_path, ESCHOOL_DATABASE_URL=settings.database), 2)
        assert "There is no job coffee: give one of friday-summary" in line


def waits_for(happened: Callable[[], bool], seconds: float = 40.0) -> None:
    deadline = monotonic() + seconds
    while not happened():
        assert monotonic() < deadline, "it did not happen in time"
        sleep(0.1)
