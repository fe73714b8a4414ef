"""What stands between us and the server: a PgBouncer that lends a server connection for a transaction has to be known.

In such a pool what a connection prepares, listens to or locks stays behind on a server connection that another one
gets. With ESCHOOL_DATABASE_DIRECT_URL we need none of that (`db.connecting`); without it we refuse to start.
"""

from sqlalchemy import Connection, Engine, text

from errors import OperationError

TRIES = 3
"""Others use the pool meanwhile, and may take the server connection that we look for."""
REFUSED_BY_POOLER = "unsupported startup parameter"
"""What PgBouncer says to options of a server connection."""
_PID = text("SELECT pg_backend_pid()")
TOLD = (
    "ESCHOOL_DATABASE_URL leads to a pooler that lends connections for a transaction or a statement only: also set "
    "ESCHOOL_DATABASE_DIRECT_URL to the server's own address, or let it pool by session."
)


class PoolerRefusedError(OperationError):
    """The settings have to be changed before anything can work."""

    def __init__(self) -> None:
        super().__init__(TOLD)


def refuse_shared(engine: Engine) -> None:
    """Raises PoolerRefusedError when two connections of ours share one of the server's."""
    with engine.connect() as first:
        own = first.execute(_PID).scalar()
        first.rollback()
        if own == _told_at_connecting(first):
            return  # nothing stands between
        for _ in range(TRIES):
            with engine.connect() as second:
                shared = second.execute(_PID).scalar()
                second.rollback()
            if shared == own:
                raise PoolerRefusedError
            own = first.execute(_PID).scalar()
            first.rollback()


def _told_at_connecting(connection: Connection) -> int:
    """The process of the server as it named itself when we connected; a pooler names something of its own."""
    driver = connection.connection.driver_connection
    assert driver is not None
    found: int = driver.info.backend_pid
    return found
