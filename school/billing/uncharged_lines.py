"""Lines of an operator's file that say that nothing was charged: few, so that they are kept while the rest is read."""

from collections.abc import Iterable

from school.billing.double_charges import Rival
from school.billing.files import FileLine, Named


class Uncharged:
    """Those of a file's lines, each taken once."""

    def __init__(self, lines: Iterable[Named]) -> None:
        self._lines = {name: line for name, line in lines if not line.charged}
        self._by_phone = {line.phone: name for name, line in self._lines.items() if line.phone is not None}

    def take(self, rivals: Iterable[Rival]) -> dict[str, FileLine]:
        """The lines that are of these charges: by the operator's name for the SMS, or by number if it has none."""
        names = (one.smsc_id or self._by_phone.get(one.phone or "") for one in rivals)
        return {name: self._lines.pop(name) for name in names if name is not None and name in self._lines}

    def rest(self) -> list[Named]:
        """Those that nobody took."""
        return list(self._lines.items())
