"""The operators in use: those of the configured file, or only the simulator if there is none."""

from pydantic import SecretStr

from settings import Settings
from smpp.gateway.operators import Charge, Operator, Operators, Tlv, load
from smpp.simulator import endpoint

SIMULATOR = "simulator"
"""The operator's name when no file is configured."""
CHARGE = Charge(tlvs=(Tlv(tag=0x1401, text="MONTH"),))
"""How a message to it is marked that charges: a parameter of the kind that operators have of their own."""


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
        charge=CHARGE,
    )
    return Operators(default=SIMULATOR, operators={SIMULATOR: simulator})
