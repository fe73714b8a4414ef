"""The accounts as a table and sentences."""

from collections import Counter
from collections.abc import Sequence

from bench.page import table
from bench.soak.accounts import Balance, Fault

HEADINGS = (
    "what", "owed", "came", "lost", "twice, within the window of a fault", "twice, unexplained",
    "acceptance never known",
)  # fmt: skip


def rows(balances: Sequence[Balance]) -> list[str]:
    """The table."""
    return table(
        HEADINGS,
        (
            (
                one.kind,
                str(one.owed),
                str(one.once),
                str(len(one.lost)),
                str(len(one.doubled)),
                str(len(one.unexplained)),
                str(one.uncertain),
            )
            for one in balances
        ),
    )


def faults_told(faults: Sequence[Fault]) -> str:
    """How often what was broken."""
    counted = Counter(one.name for one in faults)
    seconds: Counter[str] = Counter()
    for one in faults:
        seconds[one.name] += round(one.ended - one.began)
    named = [
        f"{name} {number}" + (f" ({seconds[name]} s)" if seconds[name] else "")
        for name, number in sorted(counted.items())
    ]
    return f"{len(faults)} faults: {', '.join(named)}." if named else "No faults."


def wrong(balances: Sequence[Balance], faults: Sequence[Fault]) -> list[str]:
    """Each thing that was lost or doubled without cause, and what was broken around that time."""
    told = []
    for account in balances:
        for name, ones in (("lost", account.lost), ("twice", account.unexplained)):
            for one in ones[:40]:
                near = [f"{f.name} {f.host} {f.began - one.at:+.0f}..{f.ended - one.at:+.0f}" for f in faults
                        if f.began - 60 < one.at + 120 and f.ended > one.at - 60]  # fmt: skip
                told.append(f"{name}: {account.kind} {one.address} {one.words} at {one.at:.1f}; faults {near}")
    return told
