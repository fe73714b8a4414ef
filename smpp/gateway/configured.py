"""The operators in use: those of the configured file, or only the simulator if there is none."""

from pydantic import SecretStr

from settings import Settings
from smpp.gateway.operators import Operator, Operators, load
from smpp.simulator import endpoint

SIMULATOR = "simulator"
"""The operator's name when no file is configured."""


def operators(settings: Settings) -> Operators:
    """What the gateway is to bind to. Raises InputError with one sentence per mistake in the file."""
    if settings.operators_file is not None:
        return load(settings.operators_file.expanduser())
    simulator = Operator(
        name=SIMULATOR,
        host=endpoint.ADDRESS,
        port=endpoint.port(settings),
        system_id=endpoint.SYSTEM_ID,
        password=SecretStr(endpoint.password(settings)),
        short_code=settings.short_code,
        longest_retry_seconds=1.0,
    )
    return Operators(default=SIMULATOR, operators={SIMULATOR: simulator})
