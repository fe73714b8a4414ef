"""What the tests of the school's rules share."""

from tests.demonstration_school import NOW

__all__ = ["NOW"]
