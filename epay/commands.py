"""`eschool epay ...`: a stand-in for ePay.bg, and what the merchant's settings are."""

import click


@click.group(name="epay")
def epay_group() -> None:
    """Payments: a stand-in for ePay.bg and EasyPay, and checking the merchant's settings."""


@epay_group.command()
def simulate() -> None:
    """Run a stand-in for ePay.bg and EasyPay's cash desk, in the foreground until SIGTERM.

    Parents' payments go there while no merchant is configured. Nobody is paid anything.
    """
    import logs
    import settings
    from epay.simulator import process
    from runtime import home

    config = settings.load()
    logs.configure("epay", config.log_level)
    home.secure(config)
    process.serve(config)


@epay_group.command()
def check() -> None:
    """Print which merchant takes payments, and the addresses that ePay.bg is to be told."""
    import settings
    from epay.merchant import merchant
    from epay.simulator.process import NOTIFICATION_PATH

    config = settings.load()
    found = merchant(config)
    who = "the stand-in (no merchant is configured)" if found.is_simulated else f"merchant {found.number}"
    click.echo(f"Payments are taken by {who} at {found.site.page}")
    click.echo(f"Notifications are expected at {config.web_root}{NOTIFICATION_PATH}")
    if found.billing is not None:
        click.echo(
            f"ePay Billing asks {config.web_root}/pay/init and /pay/confirm (MERCHANTID {found.billing.merchant})"
        )
    if found.application is not None:
        click.echo(f"One Touch sends browsers back to {config.web_root}/pay/card/back")
