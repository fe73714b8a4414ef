"""`eschool sms ...`: the gateway, its operators, and a telephone to try it with."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from smpp.simulator.client import Received, Telephone

QUIET_SECONDS = 0.5
"""After a first answer others may follow: so long nothing may have come before they are taken for all."""


@click.group(name="sms")
def sms_group() -> None:
    """SMS: the gateway to the mobile operators, and a simulator for trying it without one."""


@sms_group.command()
def serve() -> None:
    """Run the SMS gateway in the foreground until SIGTERM.

    Without ESCHOOL_OPERATORS_FILE it is bound to the simulator.
    """
    import logs
    import settings
    from runtime import home
    from smpp.gateway import serve as serve_links

    config = settings.load()
    logs.configure("smpp", config.log_level)
    home.secure(config)
    serve_links(config)


@sms_group.command()
def operators() -> None:
    """Read and check the operators' file, and print the links it defines."""
    import settings
    from smpp.gateway import configured

    config = settings.load()
    found = configured.operators(config)
    links = [link for operator in found.operators.values() for link in operator.links()]
    click.echo(f"{config.operators_file}: no mistakes" if config.operators_file else "no file: the simulator")
    for link in links:
        operator = found.operators[link.operator]
        facts = [
            link.kind,
            f"{link.host}:{link.port}" + (" with TLS" if link.tls else ""),
            f"as {link.system_id}",
            f"short code {operator.short_code}",
            f"window {link.window}",
            f"{link.messages_per_second:g} a second" if link.messages_per_second else "no limit of rate",
        ]
        click.echo(f"  {link.name:16} {', '.join(facts)}")
    for name, operator in found.operators.items():
        rules = list(operator.prefixes) + (["whatever no other rule decides"] if name == found.default_name else [])
        click.echo(f"  {name} gets " + (", ".join(rules) or "only numbers that wrote by it"))


@sms_group.command()
def simulate() -> None:
    """Run an SMSC for trying the product, in the foreground until SIGTERM. Nothing leaves this machine."""
    import logs
    import settings
    from runtime import home
    from smpp.simulator import process

    config = settings.load()
    logs.configure("simulator", config.log_level)
    home.secure(config)
    process.serve(config)


@sms_group.command()
@click.option("--from", "number", metavar="NUMBER", required=True, help="The parent's telephone, such as 0888123456.")
@click.option("--wait", default=5.0, show_default=True, metavar="SECONDS", help="How long to wait for an answer.")
@click.option("--listen", is_flag=True, help="Keep waiting and print what arrives later, until Ctrl-C.")
@click.argument("text")
def send(number: str, wait: float, listen: bool, text: str) -> None:
    """Act as a parent's telephone: text TEXT to the short code and print the answers.

    Only with the simulator. TEXT is for instance an ID-code, СТОП, ПИН, ОЦЕНКИ or ПОМОЩ.
    """
    import settings
    from errors import InputError
    from smpp.simulator.client import Telephone

    config = settings.load()
    if not text.isprintable():  # also what is no UTF-8
        raise InputError("The text has characters that no telephone can send: give plain text.")
    with Telephone(config, _e164(number)) as telephone:
        click.echo(f"{number} → {config.short_code}: {text}")
        telephone.send(text)
        _print_answers(telephone, number, wait)
        if listen:
            for received in telephone.all_received():
                click.echo(_shown(received, number))


@sms_group.command()
@click.option("--listen", is_flag=True, help="Keep waiting and print what arrives later, until Ctrl-C.")
@click.argument("number")
def inbox(number: str, listen: bool) -> None:
    """Print the last messages that the parent's telephone NUMBER received from the simulator."""
    import settings
    from smpp.simulator.client import Telephone

    with Telephone(settings.load(), _e164(number)) as telephone:
        remembered = telephone.texts()
        for received in remembered:
            click.echo(_shown(received, number))
        if listen:
            last = remembered[-1].number if remembered else 0
            for received in telephone.all_received():
                if received.number > last:  # one may have come while the telephone was read
                    click.echo(_shown(received, number))
        elif not remembered:
            click.echo(f"{number} has received nothing since the simulator was started.", err=True)


def _print_answers(telephone: "Telephone", number: str, seconds: float) -> None:
    """Print what comes until it is quiet. Raises OperationError when nothing did."""
    from errors import OperationError

    received = telephone.received(seconds)
    if received is None and not telephone.taken:
        raise OperationError(
            "The gateway has not taken the text yet: see that `eschool sms serve` runs. The simulator keeps the text."
        )
    if received is None:
        raise OperationError(f"Nothing came back within {seconds:g} seconds: a repeated text gets no answer, for one.")
    while received is not None:
        click.echo(_shown(received, number))
        received = telephone.received(QUIET_SECONDS)


def _shown(received: "Received", number: str) -> str:
    from runtime.localtime import SOFIA

    parts = "" if received.parts == 1 else f", {received.parts} parts"
    parts += "".join(f", TLV {one}" for one in received.parameters)
    at = received.at.astimezone(SOFIA)
    return f"{received.sender} → {number} ({at:%H:%M:%S}.{at.microsecond // 1000:03}{parts}): {received.text}"


def _e164(number: str) -> str:
    from errors import InputError
    from school.security import destinations

    if phone := destinations.accepted(number):
        return phone
    raise InputError(f"{number} is no telephone number: give one such as 0888123456.")
