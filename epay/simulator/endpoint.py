"""Where the stand-in is found, and the merchant that it knows."""

import socket

from runtime import endpoints
from settings import Settings

ADDRESS = endpoints.ADDRESS
MERCHANT = "1000000001"
BILLING_MERCHANT = "1000001"
APP_ID = "1" * 64
STATUSES = "unknown=901,nothing=902,duplicate=903,amount=904,checksum=905,error=906"
"""Numbers of the stand-in's own, told apart from any contract's."""
GREETING = b"eschool-epay-simulator"

_ENDPOINT = endpoints.Endpoint("epay-simulator", lambda settings: settings.epay_simulator_port)

port = _ENDPOINT.port


def choose_another_if_taken(settings: Settings) -> None:
    """See `Endpoint.choose_another_if_taken`."""
    _ENDPOINT.choose_another_if_taken(settings, is_running)


def root(settings: Settings) -> str:
    """Its address, without a slash at the end."""
    return f"http://{ADDRESS}:{port(settings)}"


def secret(settings: Settings) -> str:
    """The merchant's secret word there: 64 characters, as ePay.bg's are."""
    return _ENDPOINT.password(settings, 64)


def is_running(settings: Settings) -> bool:
    """Whether a stand-in answers there."""
    try:
        with socket.create_connection((ADDRESS, port(settings)), timeout=2) as peer:
            peer.sendall(b"GET /alive HTTP/1.0\r\n\r\n")
            answer = b""
            while chunk := peer.recv(1024):
                answer += chunk
            return GREETING in answer
    except OSError:
        return False
