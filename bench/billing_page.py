"""How long a parent waits for the page of payment while a month is charged: the whole application, in a process beside.

    python -m bench.billing_page HOME DATABASE_URL

It opens the page of one payer after the other until its input ends, and writes the milliseconds of each as JSON.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import flask
from sqlalchemy import select

from admin_web.application import create_app
from admin_web.payment_pages import who
from admin_web.server import leave_to_the_requests
from bench.measures import percentile
from bench.school_data import KEY
from db.models import Payer
from db.session import open_database
from settings import Settings

EVERY_SECONDS = 0.25
PAYERS = 500


@contextmanager
def asked_meanwhile(home: Path, url: str) -> Iterator[list[float]]:
    """The page is asked for while the block runs; then the list holds the milliseconds of each answer, sorted."""
    taken: list[float] = []
    command = [sys.executable, "-m", "bench.billing_page", str(home), url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as beside:
        assert beside.stdout is not None
        beside.stdout.readline()  # it is ready
        try:
            yield taken
        finally:
            said, _ = beside.communicate()
    taken += sorted(json.loads(said.splitlines()[-1]))


def told(taken: list[float]) -> str:
    """In one line."""
    p50, p95 = percentile(taken, 50), percentile(taken, 95)
    return f"a payer's page meanwhile         p50 {p50:.0f} ms, p95 {p95:.0f} ms, {len(taken):,} times"


def main() -> None:
    """Ask until nobody waits for the figures any more."""
    settings = Settings(home=Path(sys.argv[1]), database_url=sys.argv[2], secret_key=KEY)
    database = open_database(settings)
    app = create_app(settings, database)
    leave_to_the_requests()  # as a worker does
    with database.reading() as session:
        payers = session.scalars(select(Payer.id).limit(PAYERS)).all()
    over, taken = threading.Event(), list[float]()
    print("ready", flush=True)
    threading.Thread(target=_wait_for_the_end, args=[over], daemon=True).start()
    while not over.wait(EVERY_SECONDS):
        payer = payers[len(taken) % len(payers)]
        browser = app.test_client()
        with app.test_request_context():
            who.remember(payer, is_proven=True)
            kept = dict(flask.session)
        with browser.session_transaction() as session_of_browser:
            session_of_browser.update(kept)
        began = perf_counter()
        answer = browser.get("/pay/choose")
        taken.append(1000 * (perf_counter() - began))
        if answer.status_code != 200:
            raise SystemExit(f"The page of payment answered {answer.status}.")
    print(json.dumps(taken))
    database.dispose()


def _wait_for_the_end(over: threading.Event) -> None:
    sys.stdin.read()
    over.set()


if __name__ == "__main__":
    main()
