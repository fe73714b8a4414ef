"""Passwords that are easily guessed, in the letters and on the keyboards of Bulgaria."""

import pytest

from errors import InputError
from school.security.passwords import check_strength

OWN = ("Мария", "Стоянова", "m.stoyanova", "Основно училище „Васил Левски“", "Видин")


@pytest.mark.parametrize(
    "password",
    [
        "парола12345", "Parola123456", "parola2024!", "йцукенгшщз", "явертъуиоп", "уеишщксдзц", "gfhjkm12345",
        "qwertyuiop", "1q2w3e4r5t", "1234567890", "password123", "uchitel1234", "direktor2026", "софия12345",
        "obi4amte123", "6estica2024",
    ],
)  # fmt: skip
def test_what_attackers_try_first_is_refused(password: str) -> None:
    with pytest.raises(InputError, match=r"^The password is one of those that attackers try first: choose several"):
        check_strength(password)


@pytest.mark.parametrize(
    "password",
    [
        "МарияСтоянова1", "m.stoyanova2024", "Stoqnova1985", "stoianova!!99", "VasilLevski18", "Uchilishte2024",
        "Vidin12345", "InfoServ2026", "eschool1234",
    ],
)  # fmt: skip
def test_what_everybody_knows_of_the_person_is_refused(password: str) -> None:
    with pytest.raises(InputError, match=r"^The password is made of your name, your e-mail address, or the school's"):
        check_strength(password, OWN)


@pytest.mark.parametrize(
    "password",
    ["три зелени хълма", "кон-батерия-телбод", "tri zeleni halma", "k9#mPq2!xZ7w", "Мария обича кисели краставици",
     "x7" * 3 + "обикновена чешма" * 10],
)  # fmt: skip
def test_several_words_are_accepted(password: str) -> None:
    check_strength(password, OWN)
