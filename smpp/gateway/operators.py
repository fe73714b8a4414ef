"""operators.toml: the mobile operators, typed. A mistake is reported by line and field.

default = "a1"

[operators.a1]
host = "smsc.example.net"
port = 2775
system_id = "eschool"
password = "secret"
prefixes = ["+35988"]
"""

import re
import ssl
import tomllib
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, ValidationError, model_validator

from errors import InputError
from school.billing.operators import OperatorBilling
from smpp.protocol.addresses import NumberForm, destination
from smpp.protocol.pdus import LONGEST_STRINGS, Address, Submit
from smpp.protocol.receipts import IdFormat
from smpp.protocol.segmentation import DefaultAlphabet, Part
from smpp.protocol.session import BindKind, LinkSettings

Octet = Annotated[int, Field(ge=0, le=255)]
Tag = Annotated[int, Field(ge=0, le=0xFFFF)]


def _ascii(longest: int, shortest: int = 0) -> StringConstraints:
    return StringConstraints(min_length=shortest, max_length=longest, pattern=r"^[\x20-\x7E]*$")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Tlv(_Strict):
    """An optional parameter of the operator's own, the same in every message it goes with."""

    tag: Tag
    hex: Annotated[str, StringConstraints(pattern=r"^([0-9A-Fa-f]{2})+$")] | None = None
    text: Annotated[str, _ascii(254)] | None = None

    @model_validator(mode="after")
    def _one_value(self) -> Self:
        if (self.hex is None) == (self.text is None):
            raise ValueError('give the value either as hex = "0A00" or as text = "1987"')
        return self

    @property
    def octets(self) -> bytes:
        """The value on the wire."""
        return bytes.fromhex(self.hex) if self.hex is not None else (self.text or "").encode()


class Charge(_Strict):
    """How a message that charges the subscriber is marked; every operator has its own way."""

    service_type: Annotated[str, _ascii(LONGEST_STRINGS["service_type"])] = ""
    tlvs: tuple[Tlv, ...] = ()


class Operator(_Strict):
    """One operator. Times in seconds unless the name says otherwise."""

    name: str
    host: Annotated[str, StringConstraints(min_length=1)]
    port: Annotated[int, Field(ge=1, le=65535)] = 2775
    receiver_host: str = Field("", description="Where a receiver binds; empty: host.")
    receiver_port: Annotated[int, Field(ge=1, le=65535)] | None = None
    tls: bool = False
    tls_authority: Path | None = Field(None, description="Certificate file to trust; empty: the system's.")
    system_id: Annotated[str, _ascii(LONGEST_STRINGS["system_id"], 1)]
    password: SecretStr | None = None
    password_file: Path | None = None
    system_type: Annotated[str, _ascii(LONGEST_STRINGS["system_type"])] = ""
    bind: Annotated[str, Field(pattern=r"^(transceiver|transmitter\+receiver)$")] = "transceiver"
    binds: Annotated[int, Field(ge=1, le=32)] = Field(1, description="Binds (or pairs) that share the load.")

    short_code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{1,11}$")] = "1987"
    source_ton: Octet = 3
    source_npi: Octet = 0
    destination_ton: Octet = 1
    destination_npi: Octet = 1
    destination_form: NumberForm = NumberForm.INTERNATIONAL
    prefixes: tuple[Annotated[str, StringConstraints(pattern=r"^\+[1-9]\d{1,13}$")], ...] = Field(
        (), description="Numbers that are this operator's at a first guess."
    )
    carries_others: bool = Field(True, description="Delivers to other operators' subscribers too, for fail-over.")

    window: Annotated[int, Field(ge=1, le=1000)] = 10
    messages_per_second: Annotated[float, Field(gt=0)] | None = None
    enquire_seconds: Annotated[float, Field(ge=1, le=3600)] = 30.0
    response_seconds: Annotated[float, Field(ge=1, le=600)] = 20.0
    longest_retry_seconds: Annotated[float, Field(ge=1, le=3600)] = 60.0

    response_ids: IdFormat = IdFormat.TEXT
    receipt_ids: IdFormat = IdFormat.TEXT
    receipts: Annotated[str, Field(pattern=r"^(every|first|last)$")] = Field(
        "every", description="Which parts of a long message the operator reports."
    )
    default_alphabet: DefaultAlphabet = DefaultAlphabet.GSM
    wide_reference: bool = Field(False, description="16-bit references in long messages instead of 8-bit ones.")
    validity_hours: Annotated[float, Field(ge=0, le=720)] | None = Field(
        48.0, description="How long the SMSC tries; 0: the field stays empty, and the SMSC decides."
    )
    service_type: Annotated[str, _ascii(LONGEST_STRINGS["service_type"])] = ""
    charge: Charge = Charge()
    billing: OperatorBilling = OperatorBilling()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.password is None) == (self.password_file is None):
            raise ValueError("give either password or password_file")
        if self.password and len(self.password.get_secret_value()) > LONGEST_STRINGS["password"]:
            raise ValueError(f"password is too long: SMPP allows {LONGEST_STRINGS['password']} characters")
        if self.response_ids is not self.receipt_ids and IdFormat.TEXT in (self.response_ids, self.receipt_ids):
            raise ValueError("response_ids and receipt_ids must both be text, or each hex or decimal")
        return self

    @cached_property
    def _validity(self) -> timedelta | None:
        return timedelta(hours=self.validity_hours) if self.validity_hours else None

    @cached_property
    def source(self) -> Address:
        """The short code on the wire."""
        return Address(self.short_code, self.source_ton, self.source_npi)

    def submit(self, number: str, part: Part, *, charged: bool = False, note: object = None) -> Submit:
        """One part of a message to an E.164 number, as this operator wants it; `note` as in Submit."""
        return Submit(
            source=self.source,
            destination=destination(number, self.destination_form, self.destination_ton, self.destination_npi),
            payload=part.payload,
            data_coding=part.data_coding,
            has_header=part.has_header,
            service_type=(self.charge.service_type if charged else "") or self.service_type,
            validity=self._validity,
            tlvs=tuple((tlv.tag, tlv.octets) for tlv in self.charge.tlvs) if charged else (),
            note=note,
        )

    def reports(self, number: int, total: int) -> bool:
        """Whether a receipt is to be expected for this part."""
        return self.receipts == "every" or number == (total if self.receipts == "last" else 1)

    def links(self) -> tuple[LinkSettings, ...]:
        """The settings of its links. Raises InputError when the password's or certificate's file cannot be used."""
        kinds = [BindKind(kind) for kind in self.bind.split("+")]
        return tuple(
            self._link(kind, f"{self.name}/{number}" + ("" if len(kinds) == 1 else f"/{kind}"))
            for number in range(1, self.binds + 1)
            for kind in kinds
        )

    def _link(self, kind: BindKind, name: str) -> LinkSettings:
        receives = kind is BindKind.RECEIVER
        return LinkSettings(
            name=name,
            operator=self.name,
            host=(self.receiver_host if receives else "") or self.host,
            port=(self.receiver_port if receives else None) or self.port,
            system_id=self.system_id,
            password=self._password,
            kind=kind,
            system_type=self.system_type,
            tls=self._tls,
            window=self.window,
            messages_per_second=self.messages_per_second / self.binds if self.messages_per_second else None,
            enquire_seconds=self.enquire_seconds,
            response_seconds=self.response_seconds,
            longest_retry_seconds=self.longest_retry_seconds,
        )

    @cached_property
    def _password(self) -> str:
        if self.password_file is None:
            return self.password.get_secret_value() if self.password else ""
        try:
            password = self.password_file.expanduser().read_text("ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(
                f"The password of operator {self.name} cannot be read from {self.password_file}: "
                f"{getattr(error, 'strerror', None) or 'it is not plain ASCII'}."
            ) from None
        if len(password) > LONGEST_STRINGS["password"]:
            raise InputError(f"The password in {self.password_file} is too long: SMPP allows 8 characters.")
        return password

    @cached_property
    def _tls(self) -> ssl.SSLContext | None:
        if not self.tls:
            return None
        try:
            return ssl.create_default_context(cafile=self.tls_authority and str(self.tls_authority.expanduser()))
        except OSError as error:
            raise InputError(
                f"tls_authority of operator {self.name}, {self.tls_authority}, is not usable: "
                f"{error.strerror or 'it holds no certificate'}."
            ) from None


class Operators(_Strict):
    """The whole file."""

    default: str = Field("", description="Operator of numbers that no other rule decides; empty: the first one.")
    operators: dict[Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,32}$")], Operator]

    @model_validator(mode="after")
    def _default_exists(self) -> Self:
        if not self.operators:
            raise ValueError("there is no [operators.<name>] table")
        if self.default and self.default not in self.operators:
            raise ValueError(f'default = "{self.default}" is not among the operators {", ".join(self.operators)}')
        return self

    @property
    def default_name(self) -> str:
        """The default operator's name."""
        return self.default or next(iter(self.operators))


def load(path: Path) -> Operators:
    """Read operators.toml. Raises InputError with one sentence per mistake, naming its line and field."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise InputError(f"The operators file {path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise InputError(f"The operators file {path} is not UTF-8 text.") from None
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"The operators file {path} is not TOML: {error}.") from None
    tables = values.get("operators")
    if isinstance(tables, dict):
        values["operators"] = {k: {**v, "name": k} if isinstance(v, dict) else v for k, v in tables.items()}
    try:
        return Operators.model_validate(values)
    except ValidationError as error:
        sentences = (_sentence(text, e["loc"], e["msg"], e["type"]) for e in error.errors(include_input=False))
        raise InputError(f"The operators file {path} is wrong: " + " ".join(sentences)) from None


def _sentence(text: str, location: tuple[int | str, ...], message: str, kind: str) -> str:
    names = [str(part) for part in location if part != "[key]"]
    line = _line(text, names)
    message = message.removeprefix("Value error, ").replace("Input should be", "it should be")
    if kind == "missing":
        message = "it is missing"
    elif kind == "extra_forbidden":
        message = "there is no such setting"
    field = ".".join(names)
    return ": ".join(part for part in (f"line {line}" if line else "", field, f"{message}.") if part)


def _line(text: str, names: list[str]) -> int | None:
    """Where a field is written, or else its table; TOML's reader does not tell. Good for files written plainly."""
    best, table = None, ""
    path = ".".join(name for name in names if not name.isdigit())
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line):
            table = header[1].replace('"', "")
            here = table
        elif assignment := re.match(r'\s*"?([\w.-]+)"?\s*=', line):
            here = f"{table}.{assignment[1]}".lstrip(".")
        else:
            continue
        if here == path:
            return number
        if path.startswith(here + "."):
            best = number
    return best
