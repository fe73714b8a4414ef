"""A student as a parent names them by digits."""

from dataclasses import dataclass, field
from enum import StrEnum

from stdnum import luhn
from stdnum.bg import egn, pnf


class SubjectKind(StrEnum):
    """What a number that a parent typed can be, by its length."""

    STUDENT_CODE = "student code"
    NATIONAL_ID = "national id"


LENGTHS = {8: SubjectKind.STUDENT_CODE, 10: SubjectKind.NATIONAL_ID}


@dataclass(frozen=True, slots=True)
class Subject:
    """A student as typed: an ID-код, or an ЕГН or ЛНЧ. Check digits are not checked here: a guess must count as one."""

    kind: SubjectKind
    digits: str = field(repr=False)

    @property
    def checks(self) -> bool:
        """Whether the check digit is right."""
        if self.kind is SubjectKind.STUDENT_CODE:
            return bool(luhn.is_valid(self.digits))
        return bool(egn.is_valid(self.digits) or pnf.is_valid(self.digits))
