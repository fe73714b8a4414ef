"""What each mobile operator's contract says of charging: the tables `[operators.<name>.billing]` of operators.toml.

Without such a file there is one operator, the SMSC for trying the product, and it charges.
"""

import tomllib
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

import settings
from db.kinds import ChargeOutcome
from errors import InputError

SIMULATOR = "simulator"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ChargedOn(StrEnum):
    """What proves a charge: that the operator took the SMS, or its delivery receipt."""

    ACCEPTED = "accepted"
    REPORT = "report"


class Identified(StrEnum):
    """By what a line of the operator's file is found among our charges."""

    MESSAGE = "message"  # the operator's name for the SMS
    NUMBER = "number"  # the telephone number and the day


Column = Annotated[str, Field(min_length=1)]


class FileFormat(_Strict):
    """An operator's billing file. A column is its heading, or its place from 1 where the file has no headings."""

    encoding: str = "utf-8-sig"
    separator: Annotated[str, Field(min_length=1, max_length=1)] = ";"
    headings: bool = True
    decimal: Annotated[str, Field(pattern=r"^[.,]$")] = ","
    identified: Identified = Identified.MESSAGE
    reference: Column = "message_id"
    number: Column = "msisdn"
    day: Column = "date"
    day_format: str = "%d.%m.%Y"
    amount: Column = "amount"
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "EUR"
    status: str = Field("", description="Column that says whether it was charged; empty: every line was.")
    charged_status: tuple[str, ...] = ()
    skip_lines: Annotated[int, Field(ge=0)] = 0
    net: bool = Field(False, description="Amounts in the file are without VAT.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.status and not self.charged_status:
            raise ValueError("give charged_status, the values of the column status that mean: charged")
        columns = (self.reference, self.number, self.day, self.amount, *filter(None, [self.status]))
        if not self.headings and not all(column.isdecimal() and int(column) > 0 for column in columns):
            raise ValueError("a file without headings has its columns by their place, from 1")
        try:
            "".encode(self.encoding)
        except LookupError:
            raise ValueError(f"{self.encoding} is no encoding: give one such as utf-8 or cp1251") from None
        return self


class OperatorBilling(_Strict):
    """How an operator charges for us. `outcomes`: what its statuses and receipts mean, beyond the standard ones."""

    charges: bool = Field(False, description="Whether numbers of this operator are charged.")
    two_steps: bool = Field(True, description="Whether the payer agrees by ДА, or by the ID-code itself.")
    per_second: Annotated[float, Field(gt=0)] = 5.0
    charged_on: ChargedOn = ChargedOn.REPORT
    outcomes: dict[str, ChargeOutcome] = {}
    file: FileFormat = FileFormat()

    def of_status(self, status: str) -> ChargeOutcome | None:
        """What a status of a submit_sm_resp means (`ESME_RINVDSTADR`, `0x00000400`); None: nothing is known of it."""
        return self._known.get(status.lower()) or USUAL.get(status)

    def of_report(self, error: str | None) -> ChargeOutcome:
        """What a receipt that a message was not delivered means (`rejected 1034`): by the whole, or by one word."""
        words = (error or "").lower().split()
        for name in (" ".join(words), *reversed(words)):
            if name in self._known:
                return self._known[name]
        return ChargeOutcome.TEMPORARY if words and words[0] in KNOWN_ENDS else ChargeOutcome.NO_REPORT

    @property
    def _known(self) -> dict[str, ChargeOutcome]:
        return {_normal(name): outcome for name, outcome in self.outcomes.items()}


USUAL = {"ESME_RINVDSTADR": ChargeOutcome.UNKNOWN_NUMBER}
KNOWN_ENDS = frozenset({"expired", "deleted", "undeliverable", "rejected"})
"""States of a receipt in which the SMS certainly did not arrive, so that nothing was charged."""


def _normal(name: str) -> str:
    name = name.strip().lower()
    if name.startswith("0x"):
        try:
            return f"0x{int(name, 16):08x}"
        except ValueError:
            return name
    return name


def of_platform() -> dict[str, OperatorBilling]:
    """Every operator by name. Raises InputError, one sentence, for tables of operators.toml that are wrong."""
    file = settings.current().operators_file
    if file is None:
        return {SIMULATOR: OperatorBilling(charges=True)}
    path = file.expanduser()
    try:
        changed = path.stat().st_mtime_ns
    except OSError as error:
        raise InputError("The operators file cannot be read: {why}.", why=error.strerror) from None
    return _read(path, changed)


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int) -> dict[str, OperatorBilling]:
    try:
        tables = tomllib.loads(path.read_text("utf-8")).get("operators", {})
        return {name: OperatorBilling.model_validate(table.get("billing", {})) for name, table in tables.items()}
    except (OSError, ValueError, AttributeError) as error:
        why = "; ".join(
            f"{'.'.join(map(str, one['loc']))}: {one['msg'].removeprefix('Value error, ')}" for one in error.errors()
        ) if isinstance(error, ValidationError) else str(error)  # fmt: skip
        raise InputError("The operators file is wrong in a table [operators.<name>.billing]: {why}.", why=why) from None


def of(name: str | None) -> OperatorBilling:
    """One operator's; of an operator that is none of ours: it does not charge."""
    return of_platform().get(name or "", OperatorBilling())


def charging() -> dict[str, OperatorBilling]:
    """Those whose numbers are charged."""
    return {name: one for name, one in of_platform().items() if one.charges}
