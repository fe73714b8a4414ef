"""What a part of the fuzzing is: cases are drawn, tried on something that runs, and judged."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from hypothesis.strategies import SearchStrategy

Case = dict[str, Any]
"""What is done to the target, as JSON has it: octets are hexadecimal digits."""


@dataclass(frozen=True)
class Fault:
    """Something that must not happen. Many cases of one fault have the same `sign`; `told` is for people."""

    sign: str
    told: str


class Target(ABC):
    """Something of the product that runs and takes cases."""

    @abstractmethod
    def strategy(self) -> SearchStrategy[Case]:
        """Cases."""

    @abstractmethod
    def attempt(self, case: Case) -> list[Fault]:
        """Do it; what was wrong. Afterwards the target is ready for the next case, whatever became of this one."""

    def final(self) -> list[Fault]:
        """What is wrong after all cases: rows, memory, calls that never end."""
        return []
