"""What parents type and what it is taken for: every spelling, and never an exception."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from smpp.protocol.transliteration import to_latin
from smpp.texts.commands import (
    Absences,
    Command,
    Grades,
    Help,
    Letters,
    Meetings,
    NewPin,
    Stop,
    Subscribe,
    Unknown,
)
from smpp.texts.parsing import parse
from smpp.texts.spelling import as_number, plain
from smpp.texts.subjects import Subject, SubjectKind

CODE = "12345674"
EGN = "7501020018"
LNCH = "1000000015"

seven_digits = st.integers(1_000_000, 9_999_999).map(str)
codes = seven_digits.map(lambda digits: digits + luhn.calc_check_digit(digits))
national_ids = st.integers(10**9, 10**10 - 1).map(str)
around = st.sampled_from(
    ["", " ", "  ", "\n", ". ", "!", "...", " - ", ", ", "\t", "\u200b", "\u00a0", "\N{SOFT HYPHEN}"]
)
"""What stands before and behind a word on a telephone."""


def code_of(digits: str) -> Subject:
    return Subject(SubjectKind.STUDENT_CODE, digits)


def id_of(digits: str) -> Subject:
    return Subject(SubjectKind.NATIONAL_ID, digits)


class TestStop:
    @pytest.mark.parametrize(
        "written",
        [
            "СТОП", "стоп", "Стоп!", "STOP", "Stop.", "stop", "СТОП СТОП", "с т о п", "С.Т.О.П.", "s-t-o-p", "СТ0П",
            "sтоp", "CTOП", "ΣΤΟΠ", "сtоп", "СТООП", "стооооп!!!", "stopp", "spri", "Спри", "спрете", "СПРЕТЕ МОЛЯ",
            "спирам", "искам да спра", "Моля спрете съобщенията", "отпиши ме", "otpishi me", "отпишете", "otpi6i",
            "прекратете абонамента", "prekratete", "unsubscribe", "UNSUB", "stop all", "СТОП ВСИЧКИ", "stop sms",
            "край", "отказ", "cancel", "quit", "stop please", "стоп до 1987", "СТОП1987", "stop 1987", "stop,1987",
            "ＳＴＯＰ", "ѕтоп", "\ufeffстоп", "ст\u00adоп", "стóп", "„СТОП“", "(стоп)", "стоп\x00", "стоп 😀",
        ],
    )  # fmt: skip
    def test_every_way_to_say_it(self, written: str) -> None:
        found = parse(written)
        assert isinstance(found, Stop)
        assert found.subject is None

    @given(
        st.tuples(*(st.sampled_from(letters) for letters in ("сСcCsSΣ", "тТtTΤ", "оОoO0Ο", "пПpPΠ"))),
        around,
        around,
    )
    def test_any_mixture_of_look_alike_letters(self, letters: tuple[str, ...], before: str, behind: str) -> None:
        assert isinstance(parse(before + "".join(letters) + behind), Stop)

    @given(
        codes | national_ids, st.sampled_from(["СТОП {}", "{} стоп", "stop-{}", "спри за {}", "СТОП: {}.", "stop{}"])
    )
    def test_with_a_number_it_is_of_one_child(self, digits: str, form: str) -> None:
        subject = code_of(digits) if len(digits) == 8 else id_of(digits)
        assert parse(form.format(digits)) == Stop(subject)

    def test_a_number_that_is_no_code_is_told_apart(self) -> None:
        assert parse("СТОП 1234567") == Stop(None, unclear=True)

    @pytest.mark.parametrize(
        "written",
        ["не спирайте", "Край на срока ли е", "стопанство", "спорт", "стол", "top", "шоп"],
    )
    def test_what_only_sounds_like_it(self, written: str) -> None:
        assert not isinstance(parse(written), Stop)


class TestLetters:
    @given(
        st.from_regex(r"[a-z][a-z0-9._-]{0,12}[a-z0-9]@[a-z]{1,8}\.(bg|com|example)", fullmatch=True),
        st.sampled_from(
            ["ИМЕЙЛ {}", "имейл: {}", "EMAIL {}", "E-MAIL {}", "e-mail:{}", "Imejl {}", "и-мейл {}.", "моля имейл {}",
             "{}", " {} ", "мейл {}", "{} имейл", "ИМЕЙЛ <{}>"]
        ),
    )  # fmt: skip
    def test_an_address_is_taken_as_it_was_typed_whatever_words_or_codes_are_in_it(
        self, address: str, form: str
    ) -> None:
        assert parse(form.format(address)) == Letters(address)

    @pytest.mark.parametrize("address", ["stop@example.org", "spri.stop@abv.bg", f"ivan{CODE}@abv.bg", "pin@abv.bg"])
    def test_no_other_command_is_found_in_an_address(self, address: str) -> None:
        assert parse(f"имейл {address}") == Letters(address)

    @pytest.mark.parametrize("written", ["имейл", "EMAIL", "e-mail?", "мейл ivan abv bg"])
    def test_without_an_address(self, written: str) -> None:
        assert parse(written) == Letters(None)

    @pytest.mark.parametrize(
        ("written", "found"),
        [
            ("СТОП ivan@abv.bg", Stop()),
            ("стоп имейл ivan@abv.bg", Stop()),
            ("stop@1987", Stop()),
            (f"ID {CODE}, ivan@abv.bg", Subscribe((code_of(CODE),))),
        ],
    )
    def test_beside_another_command(self, written: str, found: Command) -> None:
        assert type(parse(written)) is type(found)
        assert not isinstance(found, Subscribe) or parse(written) == found


class TestSubscribing:
    @given(
        codes,
        st.sampled_from(
            [
                "{}", " {} ", "{}.", "ID {}", "ID:{}", "id{}", "ИД код: {}", "Ид-код {}", "ИД № {}", "код {}",
                "kod {}", "КОД НА УЧЕНИК: {}", "абонамент {}", "запиши {}", "start {}", "sub {}", "моля, {}", "„{}“",
                "({})", "ID код\n{}", "номер: {}", "айди {}",
            ]
        ),
    )  # fmt: skip
    def test_a_code_with_whatever_label(self, digits: str, form: str) -> None:
        assert parse(form.format(digits)) == Subscribe((code_of(digits),))

    @given(codes | national_ids, st.data())
    def test_digits_in_groups(self, digits: str, data: st.DataObject) -> None:
        cuts = sorted(data.draw(st.sets(st.integers(1, len(digits) - 1), max_size=4)))
        groups = [digits[start:end] for start, end in itertools.pairwise([0, *cuts, len(digits)])]
        written = data.draw(st.sampled_from([" ", "-", ".", " . ", "/", "\u00a0"])).join(groups)
        if not any(len(group) == 8 for group in groups):
            assert parse(f"ID {written}") == Subscribe((code_of(digits) if len(digits) == 8 else id_of(digits),))

    @given(national_ids, st.sampled_from(["{}", "ЕГН {}", "ЕГН: {}", "egn{}", "е.г.н. {}", "ЛНЧ {}", "lnch: {}"]))
    def test_a_national_id_with_whatever_label(self, digits: str, form: str) -> None:
        assert parse(form.format(digits)) == Subscribe((id_of(digits),))

    @pytest.mark.parametrize("written", ["ID 1234567О", "l2345674", "1Z345674"])
    def test_letters_typed_for_digits(self, written: str) -> None:
        found = parse(written)
        if "Z" in written:
            assert found == Unknown()
        else:
            assert isinstance(found, Subscribe)

    def test_digits_of_other_scripts(self) -> None:
        assert parse("１２３４５６７４") == parse("١٢٣٤٥٦٧٤") == Subscribe((code_of(CODE),))

    @given(st.lists(codes, min_size=1, max_size=4, unique=True))
    def test_several_children_in_one_text(self, digits: list[str]) -> None:
        assert parse(", ".join(digits)) == Subscribe(tuple(map(code_of, digits)))

    @given(st.integers(0, 99_999_999).map("{:08}".format))
    def test_a_wrong_code_is_a_try_too(self, digits: str) -> None:
        assert parse(digits) == Subscribe((code_of(digits),))

    def test_in_a_letter_only_a_right_number_counts(self) -> None:
        letter = "Добър ден, желая да получавам съобщения за детето си {}, благодаря"
        assert parse(letter.format(CODE)) == Subscribe((code_of(CODE),))
        assert parse(letter.format(EGN)) == Subscribe((id_of(EGN),))
        assert parse(letter.format("12345678")) == Unknown()

    @pytest.mark.parametrize("written", ["1987", "1234567", "123456789", "12345678901", "ID 1234"])
    def test_a_number_of_the_wrong_length_is_known_as_one(self, written: str) -> None:
        assert parse(written) == Unknown(almost_a_code=True)

    def test_what_was_typed_is_not_shown_where_it_is_printed(self) -> None:
        assert EGN not in repr(parse(EGN))
        assert CODE not in repr(parse(f"стоп {CODE}"))


class TestRequests:
    @pytest.mark.parametrize(
        ("command", "spellings"),
        [
            (NewPin(), "ПИН пин PIN pin Пин? пин-код pinkod piin"),
            (Grades(), "ОЦЕНКИ оценки Оценка ocenki OTSENKI oценки бележки belejki grades оценките ocenka"),
            (Absences(), "ОТСЪСТВИЯ отсъствия otsastviya otsustvia otsystvia отсаствия absences отсъствие"),
            (Meetings(), "СРЕЩИ срещи sreshti sre6ti srešti среща събития meetings срещите sreshta"),
            (Help(), "ПОМОЩ помощ pomosht pomo6t help HELP? инфо info"),
        ],
    )
    def test_every_spelling(self, command: Command, spellings: str) -> None:
        for written in spellings.split():
            assert parse(written) == command, written

    @given(
        st.sampled_from(
            [("ПИН", NewPin), ("ОЦЕНКИ", Grades), ("ОТСЪСТВИЯ", Absences), ("СРЕЩИ", Meetings), ("ПОМОЩ", Help)]
        ),
        st.sampled_from([str, str.lower, str.capitalize, to_latin, str.swapcase]),
        around,
        around,
    )
    def test_any_case_the_official_latin_and_any_sign_around(
        self, request: tuple[str, type[Command]], shape: object, before: str, behind: str
    ) -> None:
        word, command = request
        assert callable(shape)
        assert isinstance(parse(before + shape(word) + behind), command)

    @given(codes, st.sampled_from(["оценки {}", "OCENKI {}", "{} оценки", "оценки: ID {}", "моля оценки {}"]))
    def test_of_one_child(self, digits: str, form: str) -> None:
        assert parse(form.format(digits)) == Grades(code_of(digits))

    @pytest.mark.parametrize(
        "written",
        ["", " ", "Кой сте вие", "Кога ще има екскурзия за децата", "id:1 stat:DELIVRD"],
    )
    def test_anything_else_is_unknown(self, written: str) -> None:
        assert parse(written) == Unknown()

    def test_a_question_mark_alone_asks_for_help(self) -> None:
        assert parse(" ?") == Help()


class TestWhateverComes:
    @given(st.text() | st.text(alphabet="стопСТОП0123456789 .-\ud83d\x00IDЕГН", max_size=60))
    def test_nothing_raises(self, written: str) -> None:
        parse(written)

    @given(st.text())
    def test_plain_is_plain_already(self, written: str) -> None:
        assert plain(plain(written)) == plain(written)

    @given(st.text())
    def test_a_number_is_ascii_digits(self, written: str) -> None:
        number = as_number(plain(written))
        assert number is None or (number.isascii() and number.isdigit())
