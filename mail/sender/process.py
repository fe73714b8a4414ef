"""The sender's process: the mail server on one side, the database on the other.

One thread sends, one writes what became of it, one keeps leases and tells how it is.
"""

import socket
import threading
from time import monotonic

import logs
from db.connecting import Use
from db.session import Database, database_of_service
from mail.composing import Composer
from mail.connection import Connection
from mail.pace import Pace
from mail.sender.claimer import Claimer
from mail.sender.maintenance import Maintenance
from mail.sender.recorder import Recorder
from mail.sender.sender import Sender
from mail.server import domain, server
from runtime.signals import stop_requested
from school.outbox.owners import new_owner
from settings import Settings

log = logs.get(__name__)

CONNECTIONS = 4
"""Its three threads, and one to spare."""
DRAIN_SECONDS = 10.0
"""How long the letter under way is waited for at the end."""
RECORD_SECONDS = 8.0
"""How long the database is waited for at the end."""


def serve(settings: Settings) -> None:
    """Send until SIGTERM or SIGINT. Raises InputError for settings that are not usable.

    It starts whether or not mail server and database can be reached, and keeps trying.
    """
    found = server(settings)
    database = database_of_service(settings, Use("mail", CONNECTIONS))
    try:
        composer = Composer(settings, database.vault)
        _serve(settings, database, Connection(found, _hello(settings)), composer)
    finally:
        database.dispose()


def _serve(settings: Settings, database: Database, connection: Connection, composer: Composer) -> None:
    owner = new_owner()
    claimer = Claimer(database, settings.database_direct, owner)
    recorder = Recorder(database, owner)
    sender = Sender(connection, composer, claimer, recorder, Pace(settings.mail_per_minute, monotonic()))
    maintenance = Maintenance(database, owner, sender)
    stop = stop_requested()
    failed: list[BaseException] = []

    def send() -> None:
        try:
            sender.run()
        except BaseException as error:
            failed.append(error)
        finally:
            stop.set()

    sending = threading.Thread(target=send, name="sender", daemon=True)
    for one in (recorder, maintenance, sending):
        one.start()
    log.info("sender.started", sender=owner)
    stop.wait()
    sender.stop()
    sending.join(DRAIN_SECONDS)
    recorder.stop(RECORD_SECONDS)
    maintenance.stop()
    if not sending.is_alive():
        claimer.close()
    log.info("sender.stopped", **sender.figures)
    if failed:
        raise failed[0]


def _hello(settings: Settings) -> str:
    name = socket.gethostname()
    return name if "." in name and name.isascii() else domain(settings)
