"""What must go from the files of the home after an erasure: clips, calls that wait, letters kept for trying out, and
what the database's own files still hold of deleted rows.

Each host has clips and waiting calls of its own; the voice process of a host forgets its clips by itself.
"""

import json
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.utils import getaddresses
from pathlib import Path

from sqlalchemy import select

from db.models import Erasure
from db.session import Database
from errors import OperationError
from prompts.forgetting import forget_unsaid
from runtime import whole_file
from school.hearing import spoken
from school.privacy import erased_list
from school.privacy.erasure import Gone
from settings import Settings

RECENT = timedelta(hours=26)
"""A little more than the time between two nights' clean-ups."""


def clean(settings: Settings, database: Database, gone: Collection[Gone]) -> None:
    """Delete from the home what is left of the erased, once their transaction is committed.

    The list of who was erased is brought up to date beside the backups. Raises OperationError when a file or the
    database cannot be used now; the nightly clean-up tries again.
    """
    erased_list.write_beside_backups(settings, database)
    try:
        _forget_calls(settings.home_path / "calls-waiting", gone)
        _forget_messages(settings.home_path / "messages-waiting", gone)
        _forget_letters(settings.home_path / "mail", gone)
    except OSError as error:
        raise OperationError(
            "What is left of the person in files could not be deleted ({reason}); it is tried again at night.",
            reason=error.strerror,
        ) from error
    forget_unsaid(settings, _spoken(database))
    database.scrub()


def clean_after_recent(settings: Settings, database: Database, now: datetime) -> str:
    """The same for what was erased lately, by the clock too, where the numbers are not known any more."""
    with database.reading() as session:
        found = session.scalar(select(Erasure.id).where(Erasure.at > now - RECENT).limit(1))
    if found is None:
        return ""
    erased_list.write_beside_backups(settings, database)
    forgotten = forget_unsaid(settings, _spoken(database))
    database.scrub()
    return f" {forgotten} clips deleted, the database's files cleaned."


def _spoken(database: Database) -> Callable[[], set[str]]:
    def texts() -> set[str]:
        with database.reading() as session:
            return spoken.texts(session)

    return texts


def _forget_calls(folder: Path, gone: Collection[Gone]) -> None:
    """Calls that wait for the database lose who called and about whom."""
    phones = {phone for one in gone for phone in one.phones}
    students = {id_ for one in gone for id_ in one.students}
    subscriptions = {id_ for one in gone for id_ in one.subscriptions}
    for path in folder.glob("*.json"):
        try:
            call = json.loads(path.read_text("utf-8"))
        except (ValueError, FileNotFoundError):
            continue
        if (
            call.get("caller") in phones
            or call.get("student_id") in students
            or (call.get("subscription_id") in subscriptions)
        ):
            forgotten = call | {"caller": None, "student_id": None, "subscription_id": None, "heard": []}
            whole_file.write(path, json.dumps(forgotten).encode(), mode=0o600)
    _forget_unknown(folder)


def _forget_messages(folder: Path, gone: Collection[Gone]) -> None:
    """Spoken messages to class teachers that wait for the database."""
    students = {id_ for one in gone for id_ in one.students}
    subscriptions = {id_ for one in gone for id_ in one.subscriptions}
    for path in (*folder.glob("*.json"), *folder.glob("*.refused")):
        try:
            message = json.loads(path.read_text("utf-8"))
        except (ValueError, FileNotFoundError):
            continue
        if message.get("student_id") in students or message.get("subscription_id") in subscriptions:
            path.unlink(missing_ok=True)
    _forget_unknown(folder)


def _forget_unknown(folder: Path) -> None:
    """Nobody can read them, so nobody can say whose they are; what is being written is left to its writer."""
    for path in folder.glob("*.unreadable"):
        path.unlink(missing_ok=True)
    whole_file.forget_parts(folder)


def _forget_letters(folder: Path, gone: Collection[Gone]) -> None:
    """Letters of the mail server for trying out to any of their addresses."""
    emails = {address for one in gone for address in one.emails}
    for path in folder.glob("*.eml") if emails else ():
        letter = message_from_bytes(path.read_bytes(), policy=policy.default)
        sent_to = {address.lower() for _name, address in getaddresses(letter.get_all("To", []))}
        if sent_to & emails:
            path.unlink(missing_ok=True)
