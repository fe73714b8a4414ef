"""National identity numbers: ЕГН of citizens, ЛНЧ of resident foreigners.

The data-protection commission ruled in 2018 that an ЕГН must not by itself open personal data: it is stored encrypted,
found by a keyed hash, shown masked, never spoken and never sent back.
"""

import re
from dataclasses import dataclass, field
from datetime import date

from stdnum.bg import egn, pnf
from stdnum.exceptions import ValidationError

from db.kinds import NationalIdKind
from errors import InputError
from school.security.crypto import Vault

PURPOSE = "national id"
_DIGITS = re.compile(r"(?<!\d)(?:\d{6}\s?\d{4}|[1-9]\d{7,8})(?!\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class NationalId:
    """A valid ЕГН or ЛНЧ; printing it shows it masked."""

    kind: NationalIdKind
    number: str = field(repr=False)

    def __str__(self) -> str:
        return self.masked

    @property
    def masked(self) -> str:
        """`09******34`: the year of birth and the last two digits at most."""
        return f"{self.number[:2]}******{self.number[-2:]}"

    @property
    def birth_date(self) -> date | None:
        """The date of birth that an ЕГН holds; a ЛНЧ holds none."""
        return _birth_date(self.number) if self.kind is NationalIdKind.EGN else None

    def encrypted(self, vault: Vault) -> bytes:
        """What is stored."""
        return vault.encrypt(PURPOSE, f"{self.kind}:{self.number}")

    def fingerprint(self, vault: Vault) -> bytes:
        """What it is found by: 32 bytes."""
        return vault.fingerprint(PURPOSE, f"{self.kind}:{self.number}")


def parse(text: str, today: date) -> NationalId:
    """A typed ЕГН or ЛНЧ, spaces allowed. Raises InputError, which does not repeat what was typed.

    The two have different check digits; a number that is valid as both is taken for an ЕГН.
    """
    number = "".join(text.split())
    if not (number.isascii() and number.isdigit() and len(number) == 10):
        raise InputError("An EGN or LNCh is 10 digits: check the number.")
    if _is_egn(number):
        if _birth_date(number) > today:  # stdnum does not look
            raise InputError("This EGN says a birth in the future: check the number.")
        return NationalId(NationalIdKind.EGN, number)
    if pnf.is_valid(number):
        return NationalId(NationalIdKind.LNCH, number)
    raise InputError("This is neither a valid EGN nor a valid LNCh: check the number.")


def hidden(text: str) -> str:
    """A text with each ЕГН and ЛНЧ in it masked, also an ЕГН whose zeros a spreadsheet has swallowed.

    A number of ten digits that begins with a zero and is no ЕГН is taken for a telephone.
    """
    return _DIGITS.sub(_hidden, text)


def _hidden(found: re.Match[str]) -> str:
    number = "".join(found[0].split()).zfill(10)
    if _is_egn(number):
        return NationalId(NationalIdKind.EGN, number).masked
    if pnf.is_valid(number) and not number.startswith("0"):
        return NationalId(NationalIdKind.LNCH, number).masked
    return found[0]


def decrypt(vault: Vault, encrypted: bytes) -> NationalId:
    """The number that was stored."""
    kind, _, number = vault.decrypt(PURPOSE, encrypted).partition(":")
    return NationalId(NationalIdKind(kind), number)


def _is_egn(number: str) -> bool:
    try:
        egn.validate(number)
    except ValidationError:
        return False
    return True


def _birth_date(number: str) -> date:
    birth: date = egn.get_birth_date(number)
    return birth
