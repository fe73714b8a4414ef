"""What the fields of lists are called on the pages."""

from collections.abc import Mapping
from typing import Any

from admin_web.translations import _l
from school.roster.columns import Kind
from school.roster.headings import FIELDS, GUARDIANS, OF_GUARDIAN
from school.roster.names import Order

WHATS: Mapping[str, Any] = {
    "class": _l("паралелка (8а)"),
    "level": _l("клас без буква (8)"),
    "letter": _l("буква на паралелката (а)"),
    "number": _l("номер в класа"),
    "name": _l("цялото име"),
    "first": _l("собствено име"),
    "middle": _l("презиме"),
    "last": _l("фамилия"),
    "national_id": _l("ЕГН или ЛНЧ"),
    "birth": _l("дата на раждане"),
    "special": _l("СОП (да или не)"),
    "phone": _l("телефон"),
    "phone2": _l("втори телефон"),
    "email": _l("имейл"),
    "relation": _l("кой е (майка, баща)"),
    "role": _l("длъжност"),
    "leads_class": _l("класен ръководител на"),
    "subject": _l("предмет"),
    "classes": _l("паралелки, на които преподава"),
    "profiled": _l("профилиращ (да или не)"),
    "grade": _l("оценки"),
}
WHOSE: Mapping[str, Any] = {
    "": _l("на ученика"),
    "mother": _l("на майката"),
    "father": _l("на бащата"),
    "guardian1": _l("на родител 1"),
    "guardian2": _l("на родител 2"),
    "guardian3": _l("на родител 3"),
    "guardian4": _l("на родител 4"),
}
KINDS: Mapping[Kind, Any] = {
    Kind.STUDENTS: _l("ученици и родители"),
    Kind.STAFF: _l("персонал"),
    Kind.GRADES: _l("оценки"),
}
ORDERS: Mapping[Order, Any] = {
    Order.GIVEN_FIRST: _l("Мария Петрова Иванова (името е първо)"),
    Order.FAMILY_FIRST: _l("Иванова Мария Петрова (фамилията е първа)"),
}


def whats(kind: Kind) -> tuple[str, ...]:
    """What a column of such a list may hold."""
    if kind is Kind.STUDENTS:
        return tuple(dict.fromkeys((*FIELDS[kind], *OF_GUARDIAN)))
    return FIELDS[kind]


def field_of(kind: Kind, what: str, whose: str) -> str:
    """The field of two choices; one that no list has when they do not go together."""
    if kind is Kind.STUDENTS and whose in GUARDIANS and what:
        return f"{whose}_{what}"
    return what
