"""What had to go out against what did, seen from outside: nothing lost, nothing twice but where a fault allows it.

Pure: intentions, arrivals and faults in; a balance of each kind out.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

UNDER_WAY = 25.0
"""Seconds before a fault within which a first copy may still have been under way: an operator's `response_seconds`, 20,
and some to record the result in."""


@dataclass(frozen=True, slots=True)
class Owed:
    """Something that had to arrive once. `certain`: it was accepted; otherwise nobody knows, and it may arrive."""

    kind: str
    address: str
    words: str
    at: float
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Came:
    """Something that arrived, at a moment of the clock."""

    address: str
    text: str
    at: float


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that was broken, from one moment to another. `host`: whose; empty: everybody's."""

    name: str
    began: float
    ended: float
    host: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """What the documentation permits of one kind: how many may come twice after one fault, and after which faults."""

    most: int = 0
    after: tuple[str, ...] = ()
    """How the faults' names begin."""


@dataclass
class Balance:
    """The account of one kind."""

    kind: str
    owed: int = 0
    once: int = 0
    lost: list[Owed] = field(default_factory=list)
    doubled: list[Owed] = field(default_factory=list)
    """Twice or more, with a fault within whose window the first copy was under way."""
    unexplained: list[Owed] = field(default_factory=list)
    """Twice or more, and no fault permits it."""
    uncertain: int = 0
    """Nobody knows whether it was accepted; it came once or not at all."""

    @property
    def is_right(self) -> bool:
        """Nothing lost, and no double that is not within the window."""
        return not self.lost and not self.unexplained


def balance(
    owed: Iterable[Owed], came: Sequence[Came], faults: Sequence[Fault], windows: Mapping[str, Window]
) -> list[Balance]:
    """The accounts by kind, in the order in which kinds appear.

    `windows`: by kind; of a kind without one nothing may come twice.
    """
    by_address: dict[str, list[Came]] = defaultdict(list)
    for one in sorted(came, key=lambda one: one.at):
        by_address[one.address].append(one)
    found: dict[str, Balance] = {}
    used: Counter[tuple[str, int]] = Counter()
    bundles: set[tuple[str, float]] = set()
    for intention in owed:
        account = found.setdefault(intention.kind, Balance(intention.kind))
        copies = [one for one in by_address[intention.address] if intention.words in one.text]
        account.owed += intention.certain
        if not intention.certain:
            account.uncertain += 1
        if not copies:
            if intention.certain:
                account.lost.append(intention)
            continue
        account.once += 1
        if len(copies) == 1:
            continue
        again = (intention.address, copies[1].at)
        if again in bundles or _explained(intention.kind, copies, faults, windows.get(intention.kind, Window()), used):
            bundles.add(again)  # the message that came twice told several things
            account.doubled.append(intention)
        else:
            account.unexplained.append(intention)
    return list(found.values())


def _explained(
    kind: str, copies: Sequence[Came], faults: Sequence[Fault], window: Window, used: Counter[tuple[str, int]]
) -> bool:
    """Whether each copy but the last was under way at a fault that permits one more; the fault's room is taken."""
    taken: list[tuple[str, int]] = []
    for before, after in pairwise(copies):
        for place, fault in enumerate(faults):
            within = fault.began - UNDER_WAY <= before.at <= fault.ended and after.at >= fault.began
            if fault.name.startswith(window.after) and within and used[kind, place] < window.most:
                taken.append((kind, place))
                used[kind, place] += 1
                break
        else:
            for one in taken:
                used[one] -= 1
            return False
    return True


@dataclass(frozen=True, slots=True)
class Piece:
    """One submit_sm: its text, and which part of how many it is under which reference."""

    address: str
    text: str
    at: float
    reference: str = ""
    number: int = 1
    total: int = 1


def joined(pieces: Iterable[Piece]) -> tuple[list[Came], int]:
    """Whole messages as a telephone shows them, and how many parts belong to none (repeated or alone)."""
    came: list[Came] = []
    open_: dict[tuple[str, str, int], list[dict[int, str]]] = defaultdict(list)
    for piece in pieces:
        if piece.total == 1:
            came.append(Came(piece.address, piece.text, piece.at))
            continue
        waiting = open_[piece.address, piece.reference, piece.total]
        parts = next((one for one in waiting if piece.number not in one), None)
        if parts is None:
            parts = {}
            waiting.append(parts)
        parts[piece.number] = piece.text
        if len(parts) == piece.total:
            waiting.remove(parts)
            came.append(Came(piece.address, "".join(parts[number] for number in sorted(parts)), piece.at))
    return came, sum(len(parts) for waiting in open_.values() for parts in waiting)
