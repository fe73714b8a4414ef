"""`make ring`: telephones of demonstration parents, for trying outbound calls; prints who is called and what they do.

With a number, one telephone with ears: it answers, prints the sentences it hears, and presses keys.
"""

import sys
import time

import click

import settings as settings_module
from asterisk_conf import check
from devtools.telephone import parents
from devtools.telephone.__main__ import Listener
from devtools.telephone.baresip import BaresipError
from devtools.telephone.heard import ClipBook
from devtools.telephone.telephone import Telephone
from errors import EschoolError, InputError, OperationError
from settings import Settings, Trunk

BEHAVIOUR = {
    "4": "is busy", "5": "rings and rings", "6": "rejects the call", "7": "does not exist",
    "8": "fails as a broken trunk does",
    "9": "answers and hangs up at once",
}  # fmt: skip
"""By the last digit; all others answer, press 1 and then 1 again."""


@click.command()
@click.option("--only", metavar="NUMBER", help="One telephone with ears, such as 0888123456.")
@click.option("--keys", default="1", show_default=True, help="What it presses; after a comma, at the next pause.")
def main(only: str | None, keys: str) -> None:
    """Ring until Ctrl-C."""
    config = settings_module.load()
    if config.trunk is not Trunk.LOOPBACK:
        raise InputError(f"ESCHOOL_TRUNK={config.trunk} rings real telephones: demonstration ones need loopback.")
    if not check.is_running(config):
        raise OperationError("Nothing runs that could ring: start the product with `make run` in another window.")
    if only:
        _listen(config, only, keys)
    else:
        _play_all(config)


def _play_all(config: Settings) -> None:
    click.echo(
        f"The demonstration parents' telephones are on. Start a campaign: {config.web_root} → Обаждания. Ctrl-C ends."
    )
    click.echo("  A number's last digit tells what its owner does: 0-3 answer, press 1 and then 1 again,")
    click.echo("  " + ", ".join(f"{digit} {what}" for digit, what in BEHAVIOUR.items()) + ".")
    told = 0
    with parents.answering(config.telephones_port, presses_after=4000) as telephones:
        while True:
            rings = telephones.rings()
            for number, at in rings[told:]:
                what = BEHAVIOUR.get(number[-1], "answers, presses 1 and then 1 again")
                click.echo(f"{time.strftime('%H:%M:%S', time.localtime(at))}  {number} rings and {what}")
            told = len(rings)
            time.sleep(0.3)


def _listen(config: Settings, number: str, keys: str) -> None:
    click.echo(f"{number} waits to be rung. Ctrl-C ends.")
    pbx = f"{config.sip_address}:{config.sip_port}"
    with Telephone(number, pbx, ClipBook(config.sounds_path), port=config.telephones_port) as telephone:
        while not telephone.wait_for_ring(1.0):
            pass
        telephone.answer()
        click.echo("It rings and is answered.")
        Listener(telephone).converse(keys, 30.0)


if __name__ == "__main__":
    try:
        main(standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (EschoolError, BaresipError, RuntimeError, FileNotFoundError) as error:
        click.echo(f"ring: {error}", err=True)
        sys.exit(error.exit_status if isinstance(error, EschoolError) else 1)
