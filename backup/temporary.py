"""A database of the platform's own server for a while, in which a backup is restored to see that it is good."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from sqlalchemy import URL

import logs
from backup.server_programs import USE
from db.connecting import LONGEST_NAME, connect
from db.failures import failure, reason
from errors import OperationError

log = logs.get(__name__)

ENDING = "_verify_"
"""Of its name, before random digits: no database of anybody else's has it."""
LOCK = 0x7665_7269_6679  # "verify"
"""An advisory lock in the platform's database: one verification at a time, whichever host makes it."""


@contextmanager
def database_beside(own: URL) -> Iterator[URL | None]:
    """An empty database on the server of the platform's own; None: the account may not create one.

    What an interrupted verification of this platform left there is dropped first: its comment tells it from all others.
    Raises OperationError when the server does not answer, or another host verifies at the moment.
    """
    name = _new_name(str(own.database))
    try:
        with connect(own, USE) as connection:
            _take_lock(connection)
            _sweep(connection, str(own.database))
            is_made = _make(connection, name, str(own.database))
            try:
                yield own.set(database=name) if is_made else None
            finally:
                if is_made:
                    _drop_afterwards(own, name)
    except psycopg.Error as error:
        raise failure(error, own) from error


def _new_name(own: str) -> str:
    """Names are cut by the server at so many bytes; the random end has to stay."""
    ending = ENDING + secrets.token_hex(4)
    return own.encode()[: LONGEST_NAME - len(ending)].decode("utf-8", "ignore") + ending


def _mark(own: str) -> str:
    return f"InfoServ e-School verifies a backup of {own} here, and drops it afterwards."


def _take_lock(connection: psycopg.Connection) -> None:
    """It is held until the connection ends."""
    if connection.execute("SELECT pg_try_advisory_lock(%s)", [LOCK]).fetchone() != (True,):
        raise OperationError("Another process or host verifies a backup at the moment: wait for its end.")


def _make(connection: psycopg.Connection, name: str, own: str) -> bool:
    try:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    except psycopg.errors.InsufficientPrivilege:
        log.info("backup.verified_apart", reason="the account may not create databases")
        return False
    connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(_mark(own))))
    return True


def _sweep(connection: psycopg.Connection, own: str) -> None:
    left = connection.execute(
        "SELECT datname FROM pg_database WHERE shobj_description(oid, 'pg_database') = %s "
        "AND pg_has_role(datdba, 'MEMBER')",
        [_mark(own)],
    ).fetchall()
    for (name,) in left:
        log.warning("backup.leftover_dropped", database=name)
        _drop(connection, name)


def _drop_afterwards(own: URL, name: str) -> None:
    """On a connection of its own, for the other one may be broken; what cannot be dropped now is next time."""
    try:
        with connect(own, USE) as connection:
            _drop(connection, name)
    except psycopg.Error as error:
        log.warning("backup.leftover", database=name, reason=reason(error))


def _drop(connection: psycopg.Connection, name: str) -> None:
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
