"""A batch is stored, kept while the database is away, or taken apart when the database refuses it: nothing is lost."""

from collections.abc import Iterable
from dataclasses import dataclass

from structlog.testing import capture_logs

from errors import OperationError
from runtime.batches import BatchWriter, Written


@dataclass
class Numbers:
    """A batch."""

    numbers: list[int]

    @property
    def size(self) -> int:
        """Entries."""
        return len(self.numbers)

    def one_by_one(self) -> Iterable["Numbers"]:
        """Each alone."""
        return [Numbers([number]) for number in self.numbers]


class Table:
    """What numbers are stored in, all of a batch or none; it takes none below zero."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.is_away = False
        self.goes_away_after = 100
        self.tries = 0

    def store(self, batch: Numbers) -> int:
        """Gives how many rows there are."""
        self.tries += 1
        if self.is_away or len(self.rows) >= self.goes_away_after:
            raise OperationError("The database does not answer.")
        if any(number < 0 for number in batch.numbers):
            raise ValueError("a number below zero")
        self.rows += batch.numbers
        return len(self.rows)


def numbers(written: Written[Numbers, int]) -> tuple[list[int], list[int], list[int]]:
    """Which were stored, left and given up, in order."""
    return (
        [number for batch, _ in written.stored for number in batch.numbers],
        [number for batch in written.left for number in batch.numbers],
        [number for batch in written.given_up for number in batch.numbers],
    )


def test_a_batch_is_stored_at_once_and_what_that_gave_comes_with_it() -> None:
    table = Table()
    written = BatchWriter().write(table.store, Numbers([1, 2, 3]))
    assert (table.rows, table.tries) == ([1, 2, 3], 1)
    assert written.stored == [(Numbers([1, 2, 3]), 3)]
    assert numbers(written) == ([1, 2, 3], [], [])


def test_while_the_database_is_away_everything_is_left_and_that_is_logged_once() -> None:
    table, writer = Table(), BatchWriter()
    with capture_logs() as lines:
        for _ in range(2):
            table.is_away = True
            for _ in range(3):
                assert numbers(writer.write(table.store, Numbers([1, 2]))) == ([], [1, 2], [])
                assert writer.is_away
            table.is_away = False
            assert numbers(writer.write(table.store, Numbers([1, 2]))) == ([1, 2], [], [])
            assert not writer.is_away
    assert [(line["event"], line["entries"]) for line in lines] == [("recorder.database_away", 2)] * 2


def test_an_entry_that_is_refused_keeps_no_other_out() -> None:
    table = Table()
    with capture_logs() as lines:
        written = BatchWriter().write(table.store, Numbers([1, -2, 3]))
    assert table.rows == [1, 3]
    assert numbers(written) == ([1, 3], [], [-2])
    assert [line["event"] for line in lines] == ["recorder.failed", "recorder.given_up"]


def test_when_the_database_goes_away_meanwhile_the_rest_is_left_in_order_and_not_tried() -> None:
    table, writer = Table(), BatchWriter()
    table.goes_away_after = 2
    written = writer.write(table.store, Numbers([1, -2, 3, 4, 5, 6]))
    assert numbers(written) == ([1, 3], [4, 5, 6], [-2])
    assert table.tries == 1 + 4
    assert writer.is_away
