"""How a PostgreSQL server is reached: every connection of the product is made with what is stated here.

Connections are named, few and bounded, and none waits for ever. A host whose link is cut gets no packet that ends its
connections. So the kernels of both ends ask (keepalives) and give up on what is not acknowledged (`tcp_user_timeout`),
and the server frees what such a host held: its row locks and its place among the connections.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import URL
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from errors import InputError
from runtime.host import this_host

if TYPE_CHECKING:
    import psycopg

Made = TypeVar("Made")

CONNECT_SECONDS = 3
"""Seconds in which a server has to let us in."""
CLIENT: dict[str, Any] = {
    "connect_timeout": CONNECT_SECONDS,
    "keepalives": 1,
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": 4000,  # milliseconds
}
"""What libpq is told: a server that is cut off is noticed after about 4 seconds, also while its answer is awaited."""
SERVER = {
    "timezone": "UTC",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "10000",
    "idle_in_transaction_session_timeout": "60000",
}
"""What the server is told for its end: a host that is cut off, or frozen in a transaction, holds nothing for long."""
FULL = ("too many clients", "connection slots are reserved", "too many connections", "no more connections allowed")
"""What a server or PgBouncer says when all its connections are in use."""
FULL_SECONDS = 3.0
"""How long one waits for another to give a connection back."""
LONGEST_NAME = 63


@dataclass(frozen=True, slots=True)
class Use:
    """Who uses a database: the process by its name in the Procfile, and how many connections it has at the most."""

    process: str
    most: int


COMMAND = Use("command", 4)
"""Commands, and what serves one call apart."""


def database_url(text: str, setting: str = "ESCHOOL_DATABASE_URL") -> URL:
    """The URL with the driver we use. Raises InputError for one that is not usable."""
    try:
        url = make_url(text)
    except ArgumentError:
        raise InputError(
            f"{setting} is not a database address: it should look like "
            "postgresql://user:password@host/database or sqlite:////folder/eschool.db."
        ) from None
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in ("sqlite", "postgresql+psycopg"):
        raise InputError(f"{setting} names {url.drivername}: give a postgresql:// or sqlite:/// address.")
    if url.drivername == "sqlite" and url.database in (None, "", ":memory:"):
        raise InputError(f"{setting} names no SQLite file: give sqlite:/// followed by the file's path.")
    return url


def name_of(use: Use) -> str:
    """As the server lists a connection: `eschool web@host`."""
    return f"eschool {use.process}@{this_host()}"[:LONGEST_NAME]


def arguments(use: Use, *, pooled: bool = False) -> dict[str, Any]:
    """What psycopg connects with. `pooled`: by way of a PgBouncer that lends a server connection for a transaction.

    It knows no option of a server connection, and a statement that one of them has prepared another one has not.
    """
    name = name_of(use)
    if pooled:
        return {**CLIENT, "application_name": name, "prepare_threshold": None}
    return {
        **CLIENT,
        "application_name": name,
        "options": " ".join(f"-c {key}={value}" for key, value in SERVER.items()),
    }


def libpq_address(url: URL) -> str:
    """The same address as libpq and psycopg read it."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def connect(url: URL, use: Use, **more: Any) -> "psycopg.Connection[tuple[Any, ...]]":
    """A connection of one's own, outside every pool, which commits each statement. Raises psycopg.Error."""
    import psycopg  # late: every process imports this module, and on SQLite none needs it

    return patiently(lambda: psycopg.connect(libpq_address(url), autocommit=True, **{**arguments(use), **more}))


def patiently(make: Callable[[], Made]) -> Made:
    """What `make` gives; while the server has no connection free it is tried again for a moment. Raises its error."""
    deadline = monotonic() + FULL_SECONDS
    while True:
        try:
            return make()
        except Exception as error:
            if not is_full(error) or monotonic() > deadline:
                raise
        sleep(0.2)


def is_full(error: Exception) -> bool:
    """Whether all connections of the server are in use."""
    words = str(error)
    return any(one in words for one in FULL)
