"""Which link a message goes out on: the subscriber's operator, and another one when its links are down."""

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Protocol, TypeVar

from smpp.gateway.operators import Operators


class _Link(Protocol):
    """What routing asks of a link."""

    @property
    def can_send(self) -> bool:
        """Whether it is up and may submit."""

    @property
    def room(self) -> int:
        """How many messages it would take now."""

    @property
    def under_way(self) -> int:
        """How many it has in hand."""


LinkT = TypeVar("LinkT", bound=_Link)


class Router:
    """Decides by operators.toml alone; which links are up it is told each time."""

    def __init__(self, operators: Operators) -> None:
        self._operators = operators
        self._by_prefix = sorted(
            ((prefix, name) for name, operator in operators.operators.items() for prefix in operator.prefixes),
            key=lambda pair: -len(pair[0]),
        )
        self._ways_from = {name: self._from(name) for name in operators.operators}

    def home_of(self, number: str, written_from: str | None) -> str:
        """The operator of an E.164 number: on whose bind it last wrote, else by its prefix, else the default.

        Ported numbers keep their prefix, so what a subscriber wrote from is worth more; an operator that is no longer
        in the file is worth nothing.
        """
        if written_from in self._operators.operators:
            return str(written_from)
        by_prefix = (name for prefix, name in self._by_prefix if number.startswith(prefix))
        return next(by_prefix, self._operators.default_name)

    def ways(self, number: str, written_from: str | None, *, charged: bool = False) -> tuple[str, ...]:
        """Operators to try in turn. A message that charges goes by the subscriber's own operator or not at all."""
        home = self.home_of(number, written_from)
        return (home,) if charged else self._ways_from[home]

    def _from(self, home: str) -> tuple[str, ...]:
        default = self._operators.default_name
        others = (name for name, operator in self._operators.operators.items() if operator.carries_others)
        return (home, *sorted((name for name in others if name != home), key=lambda name: name != default))


def choose(ways: Sequence[str], links_of: Mapping[str, Sequence[LinkT]]) -> LinkT | None:
    """The link to use now: the least busy one of the first operator with a link up. None: wait.

    An operator whose links are up but full is waited for: being busy is no reason to leave it.
    """
    for operator in ways:
        up = [link for link in links_of.get(operator, ()) if link.can_send]
        if up:
            return min((link for link in up if link.room), key=attrgetter("under_way"), default=None)
    return None
