"""How old the Asterisk is that answers the calls of strangers, and until when its branch gets security fixes."""

from datetime import UTC, date, datetime
from pathlib import Path

from asterisk_conf.obtain import Asterisk

OLD_DAYS = 270
"""Asterisk publishes security fixes several times a year: one that is older lacks some."""

SECURITY_FIXES_UNTIL = {
    20: date(2027, 10, 19),
    21: date(2025, 10, 18),
    22: date(2029, 10, 16),
    23: date(2027, 10, 15),
}
"""By branch: https://docs.asterisk.org/About-the-Project/Asterisk-Versions/ ("End of Life")."""


def built_on(asterisk: Asterisk) -> date:
    """When its package was built: packages date their files so, and who compiles it does it then."""
    return datetime.fromtimestamp(Path(asterisk.command[-1]).stat().st_mtime, UTC).date()


def described(asterisk: Asterisk, today: date | None = None) -> str:
    """`Asterisk 22.10.1, built on 2026-07-20 (130 days ago); its branch gets security fixes until 2029-10-16.`"""
    today = today or datetime.now(UTC).date()
    built = built_on(asterisk)
    until = SECURITY_FIXES_UNTIL.get(asterisk.version[0])
    branch = (
        f"its branch gets security fixes until {until}."
        if until
        else "until when its branch gets security fixes is not known here: see docs.asterisk.org."
    )
    return f"Asterisk {asterisk.version_text}, built on {built} ({(today - built).days} days ago); {branch}"


def warning(asterisk: Asterisk, today: date | None = None) -> str:
    """What is wrong with its age and what to do; empty when nothing is."""
    today = today or datetime.now(UTC).date()
    renew = (
        "renew it with `eschool asterisk install --renew`"
        if len(asterisk.command) > 1
        else "upgrade it with the system's package manager, or remove it and run `eschool asterisk install`"
    )
    until = SECURITY_FIXES_UNTIL.get(asterisk.version[0])
    if until is not None and until < today:
        return f"Asterisk {asterisk.version[0]} has had no security fixes since {until}: {renew}."
    days = (today - built_on(asterisk)).days
    if days > OLD_DAYS:
        return f"Asterisk {asterisk.version_text} is {days} days old, and security fixes came since: {renew}."
    return ""
