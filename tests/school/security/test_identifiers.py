"""Phones, student codes, national ids, PINs and passwords: what is accepted, what is kept, what is shown."""

from datetime import date
from itertools import pairwise

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.bg import egn, pnf

from db.kinds import NationalIdKind
from errors import InputError
from school.security import passwords, pins
from school.security.crypto import Vault
from school.security.phones import e164
from school.students import national_ids, student_code

TODAY = date(2026, 11, 24)
VAULT = Vault(b"one key of thirty-two characters")
OTHER = Vault(b"another key of thirty-two charac")


class TestPhones:
    @pytest.mark.parametrize(
        "written",
        [
            "0888123456",
            "359888123456",
            "+359888123456",
            "00359888123456",
            "+359 888 12-34-56",
            " 0888 123 456 ",
            "888123456",
        ],
    )
    def test_every_way_to_write_a_number_is_one_number(self, written: str) -> None:
        assert e164(written) == "+359888123456"

    def test_a_foreign_number_stays_foreign(self) -> None:
        assert e164("+49 1512 3456789") == e164("004915123456789") == "+4915123456789"

    def test_the_number_of_a_city_is_a_number(self) -> None:
        assert e164("02 981 1234") == "+35929811234"

    @pytest.mark.parametrize("written", [None, "", " ", "anonymous", "Anonymous", "unknown", "restricted", "asterisk"])
    def test_a_hidden_number_is_unknown(self, written: str | None) -> None:
        assert e164(written) is None

    @pytest.mark.parametrize(
        "written",
        ["101", "0", "+", "0888", "0888123456x", "088812345678901234567890", "sip:0888123456@host", "٠٨٨٨١٢٣٤٥٦"],
    )
    def test_what_is_no_number_is_unknown(self, written: str) -> None:
        assert e164(written) is None

    @given(st.text(max_size=40))
    def test_any_text_is_a_number_or_unknown(self, text: str) -> None:
        found = e164(text)
        assert found is None or (found.startswith("+") and found[1:].isdigit() and e164(found) == found)


class TestStudentCodes:
    def test_codes_are_eight_digits_with_a_check_digit_and_never_in_sequence(self) -> None:
        codes = [student_code.generate() for _ in range(500)]
        assert all(student_code.is_valid(code) and luhn.is_valid(code) and code[0] != "0" for code in codes)
        assert len({int(after) - int(before) for before, after in pairwise(codes)}) > 490

    @given(st.integers(0, 7), st.integers(0, 9))
    def test_one_wrong_digit_is_noticed(self, position: int, digit: int) -> None:
        code = student_code.generate()
        typed = code[:position] + str(digit) + code[position + 1 :]
        assert student_code.is_valid(typed) == (typed == code)

    @pytest.mark.parametrize("typed", ["", "1234567", "123456789", "1234567a", "１８４６２６１４", "-8462614"])
    def test_what_is_not_eight_digits_is_no_code(self, typed: str) -> None:
        assert not student_code.is_valid(typed)


class TestNationalIds:
    def test_an_egn_tells_the_birth_date(self) -> None:
        found = national_ids.parse(" 124502 9324 ", TODAY)
        assert (found.kind, found.birth_date) == (NationalIdKind.EGN, date(2012, 5, 2))

    def test_a_lnch_tells_none(self) -> None:
        number = "100000000" + str(pnf.calc_check_digit("100000000"))
        found = national_ids.parse(number, TODAY)
        assert (found.kind, found.birth_date) == (NationalIdKind.LNCH, None)

    def test_a_birth_in_the_future_is_refused(self) -> None:
        digits = "265125000"  # 25 November 2026
        number = digits + str(egn.calc_check_digit(digits))
        with pytest.raises(InputError, match="future"):
            national_ids.parse(number, TODAY)
        assert national_ids.parse(number, date(2026, 11, 25)).birth_date == date(2026, 11, 25)

    @pytest.mark.parametrize("typed", ["", "124502932", "12450293245", "1245029325", "12450293a4", "1313131313"])
    def test_what_is_no_number_is_refused_without_repeating_it(self, typed: str) -> None:
        with pytest.raises(InputError) as caught:
            national_ids.parse(typed, TODAY)
        assert not typed or typed not in str(caught.value)

    def test_it_is_shown_masked_wherever_it_is_printed(self) -> None:
        found = national_ids.parse("1245029324", TODAY)
        for printed in (str(found), repr(found), f"{found}", found.masked):
            assert "45029" not in printed
        assert str(found) == "12******24"

    def test_it_is_stored_encrypted_and_found_by_a_keyed_hash(self) -> None:
        found = national_ids.parse("1245029324", TODAY)
        stored = found.encrypted(VAULT)
        assert b"1245029324" not in stored
        assert stored != found.encrypted(VAULT)
        assert national_ids.decrypt(VAULT, stored) == found
        assert found.fingerprint(VAULT) == found.fingerprint(VAULT) != found.fingerprint(OTHER)
        assert len(found.fingerprint(VAULT)) == 32

    def test_another_key_or_an_altered_byte_opens_nothing(self) -> None:
        stored = national_ids.parse("1245029324", TODAY).encrypted(VAULT)
        with pytest.raises(InvalidTag):
            national_ids.decrypt(OTHER, stored)
        with pytest.raises(InvalidTag):
            national_ids.decrypt(VAULT, stored[:-1] + bytes([stored[-1] ^ 1]))
        with pytest.raises(InvalidTag):
            VAULT.decrypt("health note", stored)


class TestPins:
    @pytest.mark.parametrize("pin", ["", "123", "1234567", "12a4", "１２３４", " 1234"])
    def test_only_four_to_six_digits_are_a_pin(self, pin: str) -> None:
        with pytest.raises(InputError, match="4 to 6 digits"):
            pins.check_format(pin)

    def test_a_hash_depends_on_pin_student_and_key(self) -> None:
        hashes = {
            pins.hash_pin(VAULT, 1, "1234"),
            pins.hash_pin(VAULT, 1, "1235"),
            pins.hash_pin(VAULT, 2, "1234"),
            pins.hash_pin(OTHER, 1, "1234"),
        }
        assert len(hashes) == 4
        assert pins.same(pins.hash_pin(VAULT, 1, "1234"), pins.hash_pin(VAULT, 1, "1234"))
        assert not pins.same(pins.hash_pin(VAULT, 1, "1234"), None)

    def test_generated_ones_are_four_digits_that_are_not_tried_first(self) -> None:
        made = [pins.generate() for _ in range(500)]
        assert not any(pins.is_weak(pin) for pin in made)
        assert {len(pin) for pin in made} == {4}

    @pytest.mark.parametrize(
        "pin",
        [
            "0000",
            "777777",
            "1234",
            "4321",
            "0987",
            "123456",
            "1212",
            "2580",
            "1987",
            "2011",
            "2408",
            "0824",
            "150311",
            "110315",
        ],
    )
    def test_what_is_tried_first_may_not_be_chosen(self, pin: str) -> None:
        with pytest.raises(InputError, match="too easy to guess"):
            pins.check_choice(pin)

    @pytest.mark.parametrize("pin", ["4863", "9072", "86420", "908172", "13794"])
    def test_others_may(self, pin: str) -> None:
        assert not pins.is_weak(pin)
        pins.check_choice(pin, ["10000008", "+359888123456"])

    def test_digits_that_others_know_of_the_subscriber_may_not_be_chosen(self) -> None:
        with pytest.raises(InputError, match="too easy to guess"):
            pins.check_choice("4863", ["40486301"])


class TestPasswords:
    def test_a_password_is_known_by_its_hash_only(self) -> None:
        hashed = passwords.hash_password("кон-батерия-телбод")
        assert passwords.is_password("кон-батерия-телбод", hashed)
        assert not passwords.is_password("кон-батерия-телбот", hashed)
        assert hashed != passwords.hash_password("кон-батерия-телбод")
        assert len(hashed) <= 200

    def test_the_cost_is_written_in_the_hash(self) -> None:
        assert passwords.is_password("x", passwords.hash_password("x", is_random=True))

    def test_an_account_without_a_password_has_none(self) -> None:
        assert not passwords.is_password("no account has this password", None)

    @pytest.mark.parametrize("weak", ["къса", "аааааааааааа", "я" * 201])
    def test_weak_ones_are_refused(self, weak: str) -> None:
        with pytest.raises(InputError):
            passwords.check_strength(weak)
