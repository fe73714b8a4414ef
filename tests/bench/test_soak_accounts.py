"""The soak's accounts find what is lost, what came twice, and whether a fault permits it."""

from collections.abc import Sequence

from bench.soak.accounts import Balance, Came, Fault, Owed, Piece, Window, balance, joined

PHONE, OTHER = "+359898000000", "+359898000001"
KILLED = Fault("kill sms", 100.0, 100.0, "tel-1")
WINDOWS = {"grades": Window(2, ("kill sms", "link"))}


def of(
    owed: Sequence[Owed], came: Sequence[Came], faults: Sequence[Fault] = (), windows: dict[str, Window] | None = None
) -> Balance:
    """The only account."""
    (found,) = balance(owed, came, faults, windows or WINDOWS)
    return found


def grade(words: str = "(5,97)", *, certain: bool = True, address: str = PHONE) -> Owed:
    return Owed("grades", address, words, 90.0, certain)


def told(at: float, text: str = "Мария: Мат – Отличен (5,97)", address: str = PHONE) -> Came:
    return Came(address, text, at)


class TestWhatIsLost:
    def test_nothing_when_it_came_once(self) -> None:
        found = of([grade()], [told(95)])
        assert (found.owed, found.once, found.is_right) == (1, 1, True)

    def test_a_message_that_never_came(self) -> None:
        found = of([grade(), grade("(5,98)")], [told(95)])
        assert [one.words for one in found.lost] == ["(5,98)"]
        assert not found.is_right

    def test_what_came_to_somebody_else_is_lost(self) -> None:
        assert of([grade()], [told(95, address=OTHER)]).lost

    def test_what_nobody_knows_to_be_accepted_may_be_missing(self) -> None:
        found = of([grade(certain=False)], [])
        assert (found.owed, found.uncertain, found.is_right) == (0, 1, True)


class TestWhatCameTwice:
    def test_without_a_fault_it_is_wrong(self) -> None:
        found = of([grade()], [told(95), told(99)])
        assert found.unexplained
        assert not found.is_right

    def test_under_way_when_a_sender_was_killed_it_is_within_the_window(self) -> None:
        found = of([grade()], [told(95), told(103)], [KILLED])
        assert (len(found.doubled), found.unexplained, found.is_right) == (1, [], True)

    def test_long_done_when_a_sender_was_killed_it_is_wrong(self) -> None:
        assert of([grade()], [told(60), told(103)], [KILLED]).unexplained

    def test_a_fault_that_crashes_nobody_permits_none(self) -> None:
        assert of([grade()], [told(95), told(103)], [Fault("database", 100.0, 130.0)]).unexplained

    def test_more_than_a_window_is_wrong(self) -> None:
        phones = [f"+35989800000{digit}" for digit in range(3)]
        came = [told(at, address=phone) for phone in phones for at in (95, 103)]
        found = of([grade(address=phone) for phone in phones], came, [KILLED])
        assert (len(found.doubled), len(found.unexplained)) == (2, 1)

    def test_one_message_that_tells_several_things_is_one_double(self) -> None:
        words = [f"(5,9{digit})" for digit in range(4)]
        text = "Мария: " + "; ".join(words)
        found = of([grade(one) for one in words], [told(95, text), told(103, text)], [KILLED])
        assert (len(found.doubled), found.unexplained) == (4, [])

    def test_what_is_charged_never_may(self) -> None:
        found = of([Owed("charged", PHONE, "Такса", 90.0)], [told(95, "Такса"), told(103, "Такса")], [KILLED])
        assert found.unexplained


class TestParts:
    def test_are_joined_in_any_order(self) -> None:
        parts = [Piece(PHONE, "край", 2.0, "07", 2, 2), Piece(PHONE, "нач", 3.0, "07", 1, 2)]
        assert joined(parts) == ([Came(PHONE, "начкрай", 3.0)], 0)

    def test_a_repeated_part_belongs_to_no_message(self) -> None:
        parts = [Piece(PHONE, "нач", 1.0, "07", 1, 2)] * 2 + [Piece(PHONE, "край", 2.0, "07", 2, 2)]
        assert joined(parts) == ([Came(PHONE, "начкрай", 2.0)], 1)

    def test_two_telephones_are_not_mixed(self) -> None:
        came, left = joined([Piece(PHONE, "а", 1.0, "07", 1, 2), Piece(OTHER, "б", 1.0, "07", 2, 2)])
        assert (came, left) == ([], 2)
