"""The guesser and the splitter of names under any list: nothing is lost, and contents win over headings."""

from collections.abc import Callable
from datetime import date

from hypothesis import example, given, settings
from hypothesis import strategies as st

from db.kinds import GuardianRelation
from errors import InputError
from school.roster import class_names, contacts, guessing, names, sheets
from school.roster.columns import Kind
from school.roster.names import Order
from school.roster.tables import Row, Table
from tests.school.roster.files import egn
from tests.school.roster.lists import FAMILY, FATHERS, GIVEN, e164, mobile, whole

TODAY = date(2025, 9, 10)
PEOPLE = st.tuples(st.sampled_from(GIVEN), st.sampled_from(FATHERS), st.sampled_from(FAMILY))
WORDS = st.lists(st.from_regex(r"[А-Я][а-я]{1,12}(-[А-Я][а-я]{1,12})?", fullmatch=True), min_size=2, max_size=5)
FIELDS: dict[str, Callable[[int], str]] = {
    "class": lambda n: ("8а", "8б")[n % 2],
    "name": whole,
    "national_id": egn,
    "guardian1_phone": mobile,
    "guardian1_email": lambda n: f"p{n}@mail.example",
}


class TestNames:
    @given(PEOPLE)
    def test_three_names_come_apart_in_either_order(self, person: tuple[str, str, str]) -> None:
        first, middle, last = person
        given_first = names.split(f"{first} {middle} {last}", Order.GIVEN_FIRST)
        family_first = names.split(f"{last} {first} {middle}", Order.FAMILY_FIRST)
        assert given_first == family_first == names.Parts(first, middle, last)

    @given(st.lists(PEOPLE, min_size=3, max_size=30), st.sampled_from(Order))
    def test_a_list_tells_its_order(self, people: list[tuple[str, str, str]], order: Order) -> None:
        listed = [" ".join(one if order is Order.GIVEN_FIRST else (one[2], one[0], one[1])) for one in people]
        assert names.order_of(listed) == names.OrderGuess(order, True)

    @given(WORDS, st.sampled_from(Order))
    def test_no_word_of_any_name_is_lost(self, words: list[str], order: Order) -> None:
        found = names.split(" ".join(words), order)
        assert found is not None
        assert sorted(f"{found.first} {found.middle} {found.last}".split()) == sorted(words)
        assert found.first
        assert found.last

    @given(st.text(max_size=60), st.sampled_from(Order))
    def test_any_text_is_taken_apart_or_not(self, text: str, order: Order) -> None:
        found = names.split(text, order)
        assert found is None or (found.first and found.last)

    def test_double_family_names_and_capitals(self) -> None:
        assert names.split("Мария Петрова Иванова Колева") == names.Parts("Мария", "Петрова", "Иванова Колева")
        assert names.split("МАРИЯ ПЕТРОВА ИВАНОВА – КОЛЕВА") == names.Parts("Мария", "Петрова", "Иванова-Колева")
        assert names.split("Иванова Колева Мария Петрова", Order.FAMILY_FIRST) == names.Parts(
            "Мария", "Петрова", "Иванова Колева"
        )
        assert names.split("Анна Мария Петрова Иванова") == names.Parts("Анна Мария", "Петрова", "Иванова")
        assert names.split("Иванова, Мария Петрова") == names.Parts("Мария", "Петрова", "Иванова")
        assert names.split("Мария") is None
        assert names.order_of(["Ева Нева Бева"]).is_sure is False


class TestColumns:
    @settings(max_examples=40, deadline=None)
    @given(
        order=st.permutations(sorted(FIELDS)),
        headings=st.lists(st.from_regex(r"[А-Я]{1,3}\d?", fullmatch=True), min_size=5, max_size=5),
        first=st.integers(0, 900),
    )
    def test_contents_tell_whatever_the_columns_are_called(
        self, order: list[str], headings: list[str], first: int
    ) -> None:
        rows = [Row(1, tuple(headings))]
        rows += [Row(n + 2, tuple(FIELDS[field](first + n) for field in order)) for n in range(12)]
        sheet = sheets.understand(Table("Лист", tuple(rows)))
        assert sheet is not None
        found = guessing.guess([sheet], TODAY)
        assert found.kind is Kind.STUDENTS
        assert len(sheet.body) == 12
        told = [one.field for one in found.columns]
        assert all(field in (None, wanted) for field, wanted in zip(told, order, strict=True))
        assert "guardian1_phone" in told

    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(
            st.lists(st.one_of(st.none(), st.text(max_size=12), st.integers(), st.floats(), st.dates()), max_size=8),
            min_size=1, max_size=12,
        )
    )  # fmt: skip
    @example([[None, None, 100000.0], [None]])
    @example([[100000.0], [None]])
    def test_any_cells_are_a_list_or_none(self, cells: list[list[object]]) -> None:
        rows = tuple(Row(n, tuple(row)) for n, row in enumerate(cells, 1) if row)  # type: ignore[arg-type]
        sheet = sheets.understand(Table("Лист", rows))
        if sheet is not None and sheet.width:
            found = guessing.guess([sheet], TODAY)
            told = [] if found.kind is None else list(range(len(sheet.headings)))
            assert [one.index for one in found.columns] == told


class TestTelephones:
    @given(
        st.lists(st.integers(0, 999_999), min_size=1, max_size=4, unique=True),
        st.sampled_from([", ", "; ", " / ", "\n", " и ", ",", ";", "/", "  ", " | "]),
        st.sampled_from(["", " (майка)", " - баща"]),
    )
    def test_no_number_of_a_cell_is_lost(self, numbers: list[int], between: str, words: str) -> None:
        cell = between.join(f"{mobile(one)}{words}" for one in numbers)
        found = contacts.contacts(cell)
        assert [one.phone for one in found] == [e164(one) for one in numbers]
        relation = {"": None, " (майка)": GuardianRelation.MOTHER, " - баща": GuardianRelation.FATHER}[words]
        assert {one.relation for one in found} == {relation}

    @settings(max_examples=300)
    @given(st.text("0123456789+ ,;/()-абвмайка.\n", max_size=40))
    def test_what_is_not_read_is_told(self, cell: str) -> None:
        """A cell with digits gives a number, or is refused; it is never empty in silence."""
        try:
            found = contacts.contacts(cell)
        except InputError:
            return
        assert bool(found) == any(sign.isdigit() for sign in cell)


class TestClasses:
    @given(st.integers(1, 12), st.sampled_from("абвгдежз"))
    def test_ranges_and_lists(self, level: int, letter: str) -> None:
        assert class_names.class_names(f"{level} а, {letter}")[0] == tuple(
            dict.fromkeys([(level, "а"), (level, letter)])
        )
        (span,) = class_names.class_names(f"{level}а-{level}{letter}")[1]
        assert span.holds((level, letter))
        assert span.holds((level, "а"))

    def test_a_latin_letter_by_its_neighbours(self) -> None:
        school = {(5, one) for one in "абвг"}
        for seen, meant in (("ABV", "5б"), ("ABC", "5б"), ("АБB", "5в"), ("AB", "5б")):
            neighbours = [(5, one.lower()) for one in seen]
            assert class_names.guess(5, "b", neighbours, school) == meant
