"""The types of the API's fields: exactly what the document says, nothing more is accepted."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator, Field, WithJsonSchema

from admin_web.numbers import LARGEST_ID

Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
"""In an address, where everything is text."""
Key = Annotated[
    str,
    Field(
        strict=True,
        pattern=r"^[A-Za-z0-9._:-]{1,64}$",
        description="Your own name of the event. Sent again with the same token, it is recorded no second time.",
    ),
]


def _day(value: Any) -> Any:
    if not (isinstance(value, date) or (isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII))):
        raise ValueError("give a date as 2026-11-24")
    return value


def _moment(value: Any) -> Any:
    if not isinstance(value, str | datetime) or (isinstance(value, str) and "T" not in value):
        raise ValueError("give a moment with its time zone as 2026-11-24T18:30:00+02:00")
    return value


def _whole(value: Any) -> Any:
    """In a body a number is a number and no text; 7.0 is one too, as JSON Schema has it."""
    if isinstance(value, bool) or not (isinstance(value, int) or (isinstance(value, float) and value.is_integer())):
        raise ValueError("give a whole number")
    return int(value)


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError("give a number")
    return value


WholeId = Annotated[int, Field(ge=1, le=LARGEST_ID), BeforeValidator(_whole)]
TermNumber = Annotated[int, Field(ge=1, le=2), BeforeValidator(_whole)]
LessonNumber = Annotated[int, Field(ge=1, le=8), BeforeValidator(_whole)]
Day = Annotated[date, BeforeValidator(_day)]
Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]
Number = Annotated[
    Decimal,
    BeforeValidator(_number),
    Field(ge=2, le=6),
    WithJsonSchema({"type": "number", "minimum": 2, "maximum": 6}),
]
