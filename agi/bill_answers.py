"""Answers how the caller's bill stands: of the caller's own number, whoever the call is about."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import settings
from agi.dialogue import queries as q
from db.session import Database
from school.billing import standing


class BillAnswers:
    """Of one call; `caller` in E.164, None when hidden."""

    def __init__(self, database: Database, caller: str | None) -> None:
        self._database = database
        self._caller = caller

    @property
    def kinds(self) -> Mapping[type, Callable[[Any], object]]:
        """Which questions are answered here."""
        return {q.HearBill: self._bill}

    def _bill(self, _question: q.HearBill) -> q.BillTold:
        with self._database.reading() as session:
            found = standing.of_phone(session, self._caller, datetime.now(UTC))
        return q.BillTold(found, settings.current().short_code)
