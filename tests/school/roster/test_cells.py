"""Single cells as people and Excel write them."""

import contextlib
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.kinds import GuardianRelation, NationalIdKind, Role
from errors import InputError
from school.roster import cells
from school.roster.tables import Value, letter_of
from school.students.national_ids import NationalId
from tests.school.roster.files import egn

TODAY = date(2025, 9, 10)


class TestNationalId:
    @pytest.mark.parametrize("number", [0, 7, 1399, 20_000])
    def test_as_text_as_number_and_without_its_zeros(self, number: int) -> None:
        written = egn(number)
        for cell in (
            written,
            int(written),
            float(written),
            f"'{written}",
            f" {written[:6]} {written[6:]}\xa0",
            written.lstrip("0"),
        ):
            assert cells.national_id(cell, TODAY).number == written

    def test_two_lost_zeros(self) -> None:
        assert cells.national_id(41010018, date(2005, 1, 1)).number == "0041010018"

    def test_a_foreigners_number(self) -> None:
        assert cells.national_id("1001001001", TODAY).kind is NationalIdKind.LNCH

    @pytest.mark.parametrize("cell", ["8,45127E+08", "8.45E+8", "114101750a", "12345", "1141017505", "11410175061", ""])
    def test_a_wrong_one_is_told_without_repeating_it(self, cell: str) -> None:
        with pytest.raises(InputError) as told:
            cells.national_id(cell, TODAY)
        assert not cell or cell not in str(told.value)

    @given(st.one_of(st.text(max_size=30), st.integers(), st.floats(), st.booleans(), st.datetimes()))
    def test_any_cell_is_a_number_or_an_input_error(self, cell: Value) -> None:
        readers: list[tuple[Callable[[Value], object], type]] = [
            (lambda value: cells.national_id(value, TODAY), NationalId), (cells.name, str), (cells.phone, str),
            (lambda value: cells.birth_date(value, TODAY), date), (cells.email, str), (cells.class_name, tuple),
            (cells.classes, tuple), (cells.number, int), (cells.yes_no, bool), (cells.relation, GuardianRelation),
            (cells.roles, frozenset),
        ]  # fmt: skip
        for read, wanted in readers:
            with contextlib.suppress(InputError):
                assert type(read(cell)) is wanted


class TestDates:
    @pytest.mark.parametrize(
        "cell",
        [
            date(2012, 11, 3), datetime(2012, 11, 3, tzinfo=UTC), "3.11.2012", "03.11.2012 г.",
            "03/11/2012", "3-11-2012",
            "2012-11-03", "2012.11.03", "3 ноември 2012 г.", "3 ное. 2012",
            "03.11.2012г", 41216, "41216", " 3. 11. 2012",
        ],
    )  # fmt: skip
    def test_ways_to_write_one(self, cell: Value) -> None:
        assert cells.birth_date(cell, TODAY) == date(2012, 11, 3)

    @pytest.mark.parametrize("cell", ["31.02.2012", "2012", "вчера", "03.11.12", "03.11.2025", "01.01.1812", 5])
    def test_what_is_none(self, cell: Value) -> None:
        with pytest.raises(InputError):
            cells.birth_date(cell, TODAY)


class TestClasses:
    @pytest.mark.parametrize(
        "cell", ["8а", "8 А", "VIII а", "8-а клас", "„8а“", "8a", "8A", "VIIIа", "8-ми а клас", "8 „А“", "8.а"]
    )
    def test_ways_to_write_one(self, cell: str) -> None:
        assert cells.class_name(cell) == (8, "а")

    @pytest.mark.parametrize(
        ("cell", "level"), [("Х б", 10), ("Xб", 10), ("ХІІ б", 12), ("IX б", 9), ("5б", 5), ("V б", 5)]
    )
    def test_roman_levels_in_either_alphabet(self, cell: str, level: int) -> None:
        assert cells.class_name(cell) == (level, "б")

    @pytest.mark.parametrize("cell", ["13а", "0а", "а8", "8абв", "клас", "8b", "IIX а"])
    def test_what_is_none(self, cell: str) -> None:
        with pytest.raises(InputError):
            cells.class_name(cell)

    def test_a_level_without_a_letter(self) -> None:
        assert cells.class_name(8) == (8, "")

    def test_lists(self) -> None:
        assert cells.classes("8а, 8б; IX в и 8А") == (((8, "а"), (8, "б"), (9, "в")), ())


class TestPeople:
    @pytest.mark.parametrize("text", ["Мария", "Мария-Магдалена", "Ана Мария", "О’Конър", "Д. Петров", "Özlem", "Anna"])
    def test_names(self, text: str) -> None:
        assert cells.name(f"  {text} ") == text

    def test_letters_of_a_wrong_keyboard_are_put_right(self) -> None:
        assert cells.name("Мapия") == "Мария"  # a and p are Latin

    @pytest.mark.parametrize("text", ["Мария1", "?", "#N/A", "Маriя", "=1+1", "<b>Мария</b>", "М" * 81])
    def test_what_is_no_name(self, text: str) -> None:
        with pytest.raises(InputError):
            cells.name(text)

    def test_a_national_id_in_a_wrong_column_is_not_repeated(self) -> None:
        with pytest.raises(InputError) as told:
            cells.name(egn(5))
        assert egn(5) not in str(told.value)

    @pytest.mark.parametrize("cell", ["0888123456", 888123456, 888123456.0, "+359 888 123 456", "'0888 12-34-56"])
    def test_phones(self, cell: Value) -> None:
        assert cells.phone(cell) == "+359888123456"

    @pytest.mark.parametrize("cell", ["0888123456, 0887123456", "няма", "123", "0888 12 34"])
    def test_what_is_no_phone(self, cell: Value) -> None:
        with pytest.raises(InputError):
            cells.phone(cell)

    @pytest.mark.parametrize("cell", ["A.B@Mail.example ", "<a.b@mail.example>", "mailto:a.b@mail.example"])
    def test_emails(self, cell: str) -> None:
        assert cells.email(cell) == "a.b@mail.example"

    @pytest.mark.parametrize(
        "cell", ["a@b", "а@mail.example", "a b@mail.example", "a@mail.example;c@mail.example", "a@-x.bg"]
    )
    def test_what_is_no_email(self, cell: str) -> None:
        with pytest.raises(InputError):
            cells.email(cell)

    def test_relations_and_roles(self) -> None:
        assert cells.relation("Майка ") is GuardianRelation.MOTHER
        assert cells.roles("Учител, директор") == {Role.TEACHER, Role.PRINCIPAL}
        with pytest.raises(InputError):
            cells.roles("оператор")


def test_letters_of_columns() -> None:
    assert [letter_of(index) for index in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]
