"""Scheduled jobs, for the platform's operator: each job's next and last run, and which host runs them."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from admin_web.audience import open_to
from admin_web.database import reading
from admin_web.people import moment
from admin_web.translations import _l
from db.kinds import JobOutcome, Role
from school.monitoring import health, job_runs

clock_pages = Blueprint("clock", __name__, url_prefix="/platform")

JOBS = {
    "friday-summary": _l("Обзор на седмицата по имейл"),
    "meeting-reminders": _l("Напомняния за утрешни срещи"),
    "campaigns": _l("Начало и край на кампаниите"),
    "leases": _l("Връщане на съобщения от спрели изпращачи"),
    "clips": _l("Записи на нови имена и текстове"),
    "tidy": _l("Изтичане на сесии и връзки"),
    "backup": _l("Резервно копие и проверката му"),
    "retention": _l("Изтриване по сроковете на училищата"),
}
OUTCOMES = {
    JobOutcome.DONE: _l("изпълнена"),
    JobOutcome.FAILED: _l("неуспешна"),
    JobOutcome.SKIPPED: _l("пропусната"),
}


@clock_pages.get("/clock")
@open_to(Role.PLATFORM_OPERATOR)
def clock() -> ResponseReturnValue:
    """The jobs and the processes."""
    with reading() as session:
        runs = job_runs.runs(session)
        processes = health.found(session, moment(), health.Process.SCHEDULER)
    rows = [(name, title, runs.get(name, job_runs.Run(name))) for name, title in JOBS.items()]
    return render_template("operator/clock.html", rows=rows, outcomes=OUTCOMES, processes=processes)
