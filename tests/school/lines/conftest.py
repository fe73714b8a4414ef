"""A campaign at the demonstration school, and limits that a test sets."""

from tests.school.campaigns.conftest import campaigning
from tests.school.lines.costs import limits

__all__ = ["campaigning", "limits"]
