"""The state of the web application, in words for `eschool status`."""

from http.client import HTTPConnection, HTTPException

from errors import OperationError
from settings import Settings

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # asked by way of this machine
SECONDS = 3.0


def status(settings: Settings) -> str:
    """What its health page says. Raises OperationError when it does not answer or has no database."""
    port = settings.web_port
    connection = HTTPConnection(EVERYWHERE.get(settings.web_address, settings.web_address), port, timeout=SECONDS)
    try:
        connection.request("GET", "/healthz", headers={"Connection": "close"})
        answer = connection.getresponse()
        words = answer.read(200)
    except (OSError, HTTPException) as error:
        raise OperationError(f"nothing answers on port {port} ({error}): start `eschool web serve`") from None
    finally:
        connection.close()
    if answer.status == 503:
        raise OperationError("the web runs, but its database does not answer")
    if answer.status != 200 or b'"ok"' not in words:
        raise OperationError(f"what listens on port {port} is not the web application: choose another ESCHOOL_WEB_PORT")
    return f"running, {settings.web_workers} processes, {settings.web_root}"
