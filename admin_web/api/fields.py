"""The types of the API's fields: they accept exactly what the description says."""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from admin_web.numbers import LARGEST_ID
from db.kinds import FIRST_LESSON, LAST_LESSON
from errors import InputError
from school.classbook import grade_scales, rules

Value = TypeVar("Value")

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


def _ruled(rule: Callable[[Value], object]) -> Callable[[Value], Value]:
    """A rule of the school as a validator: the fault that is answered is the rule's own sentence."""

    def check(value: Value) -> Value:
        try:
            rule(value)
        except InputError as error:
            raise PydanticCustomError("rule", "{sentence}", {"sentence": str(error)}) from None
        return value

    return check


def _text(rule: Callable[[str], object], longest: int, least: int = 1) -> Any:
    """A text of the length that the document says, in which white space counts; what else it may be the rule knows."""
    return Annotated[
        str,
        Field(strict=True),
        AfterValidator(_ruled(lambda text: rule("x" * len(text)))),
        WithJsonSchema({"type": "string", "minLength": least, "maxLength": longest}),
    ]


def _check_range(value: Decimal) -> None:
    """Only what is no grade whatever the student's level is a fault of the document's."""
    if not 2 <= value <= 6:
        grade_scales.check_number(value)


RemarkText = _text(rules.remark_text, rules.LONGEST_TEXT)
HealthText = _text(rules.health_text, rules.LONGEST_TEXT)
TitleText = _text(rules.title_text, rules.LONGEST_TITLE)
PlaceText = _text(rules.place_text, rules.LONGEST_TITLE)
InvitationText = _text(rules.invitation_text, rules.LONGEST_TEXT, 0)
WholeId = Annotated[int, Field(ge=1, le=LARGEST_ID), BeforeValidator(_whole)]
TermNumber = Annotated[int, Field(ge=1, le=2), BeforeValidator(_whole)]
LessonNumber = Annotated[
    int,
    BeforeValidator(_whole),
    AfterValidator(_ruled(rules.check_lesson)),
    WithJsonSchema({"type": "integer", "minimum": FIRST_LESSON, "maximum": LAST_LESSON}),
]
Day = Annotated[date, BeforeValidator(_day)]
Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]
Number = Annotated[
    Decimal,
    BeforeValidator(_number),
    AfterValidator(_ruled(_check_range)),
    WithJsonSchema({"type": "number", "minimum": 2, "maximum": 6}),
]
