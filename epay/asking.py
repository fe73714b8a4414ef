"""Asking ePay.bg over HTTP: GET and POST that follow no redirect, wait a few seconds and read a little."""

import ssl
from collections.abc import Mapping
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, HTTPSHandler, ProxyHandler, Request, build_opener

from errors import OperationError

TIMEOUT = 15.0
"""Seconds for one answer."""
MOST_OCTETS = 256 * 1024


class NoAnswerError(OperationError):
    """The other side cannot be reached, or says nothing in time: whoever has more to ask is not answered either."""


class _NoRedirects(HTTPRedirectHandler):
    """A signed request is for the address that it was made for."""

    def redirect_request(self, *_: object, **__: object) -> None:
        """Follow none."""


def get(address: str) -> str:
    """The text of an answer. Raises NoAnswerError when there is none, OperationError for an error of the server."""
    return _answer(Request(address))  # noqa: S310 - the addresses are those of the settings


def post(address: str, fields: Mapping[str, str]) -> str:
    """The same for a form that is posted."""
    return _answer(Request(address, data=urlencode(fields).encode()))  # noqa: S310 - as above


def _answer(request: Request) -> str:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    local = ProxyHandler({}) if request.host.startswith("127.") else ProxyHandler()
    opener = build_opener(local, HTTPSHandler(context=context), _NoRedirects)
    try:
        with opener.open(request, timeout=TIMEOUT) as answer:
            body: bytes = answer.read(MOST_OCTETS)
    except HTTPError as error:
        error.close()
        raise OperationError(f"ePay.bg answers with the error {error.code}.") from None
    except (URLError, HTTPException, OSError, ValueError) as error:
        raise NoAnswerError(f"ePay.bg does not answer ({type(error).__name__}).") from None
    return body.decode("utf-8", "replace")
