"""`eschool scheduler` runs the scheduled jobs; `eschool schedule` shows them, and runs one by hand."""

import sys

import click


@click.group(name="scheduler")
def scheduler_group() -> None:
    """Scheduled jobs: summaries, reminders, retention and others."""


@scheduler_group.command()
def serve() -> None:
    """Run the scheduler in the foreground until SIGTERM.

    Any number of hosts may run one: one keeps the clock, the others stand by.
    """
    import logs
    import settings
    from runtime import home
    from scheduler import process

    config = settings.load()
    logs.configure("scheduler", config.log_level)
    home.secure(config)
    process.serve(config)


@click.group(name="schedule")
def schedule_group() -> None:
    """Show the scheduled jobs, and run one by hand."""


@schedule_group.command(name="list")
def list_jobs() -> None:
    """Print every job: when it runs next, when it ran last, and what it did."""
    from db.command_session import reading
    from runtime.localtime import SOFIA
    from scheduler.jobs import JOBS
    from school.monitoring import job_runs

    with reading() as (session, _):
        runs = job_runs.runs(session)
    for job in JOBS:
        run = runs.get(job.name, job_runs.Run(job.name))
        ahead = f"next {run.next_at.astimezone(SOFIA):%d.%m.%Y %H:%M}" if run.next_at else "not planned"
        click.echo(f"{job.name:18} {job.trigger}, {ahead}\n    {job.about}")
        if run.started_at is not None:
            ended = f"{run.outcome}: {run.result}" if run.outcome else "has no end yet"
            click.echo(f"    last {run.started_at.astimezone(SOFIA):%d.%m.%Y %H:%M}, {ended}")


@schedule_group.command()
@click.argument("job")
def run(job: str) -> None:
    """Run JOB now, in this process, with or without a scheduler; nothing that is done already is repeated."""
    import settings
    from db.kinds import JobOutcome
    from db.session import open_database
    from errors import InputError
    from scheduler.jobs import BY_NAME
    from scheduler.runner import Runner

    if job not in BY_NAME:
        raise InputError(f"There is no job {job}: give one of {', '.join(BY_NAME)}.")
    config = settings.load()
    database = open_database(config)
    try:
        outcome, result = Runner(config, database).run(job)
    finally:
        database.dispose()
    click.echo(result, err=outcome is JobOutcome.FAILED)
    if outcome is JobOutcome.FAILED:
        sys.exit(1)
