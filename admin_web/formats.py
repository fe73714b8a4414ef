"""How values are shown on pages: dates, moments, grades, names of kinds."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask import Flask

from admin_web.translations import _, _l, reader, translated
from db.kinds import (
    AbsenceKind,
    AbsenceReason,
    Channel,
    GradeKind,
    GuardianRelation,
    Mark,
    MessageState,
    RemarkKind,
    Role,
    SchoolEventKind,
)
from runtime.localtime import SOFIA
from school.wording.words import in_halves, with_comma

NAMES: dict[Any, Any] = {
    GradeKind.CURRENT: _l("текуща"),
    GradeKind.ORAL: _l("устно изпитване"),
    GradeKind.WRITTEN: _l("писмено изпитване"),
    GradeKind.CONTROL_WORK: _l("контролна работа"),
    GradeKind.CLASS_WORK: _l("класна работа"),
    GradeKind.TEST: _l("тест"),
    GradeKind.HOMEWORK: _l("домашна работа"),
    GradeKind.PROJECT: _l("проект"),
    GradeKind.ENTRY_LEVEL: _l("входно ниво"),
    GradeKind.EXIT_LEVEL: _l("изходно ниво"),
    GradeKind.TERM: _l("срочна"),
    GradeKind.ANNUAL: _l("годишна"),
    Mark.EXCELLENT: _l("отличен"),
    Mark.VERY_GOOD: _l("много добър"),
    Mark.GOOD: _l("добър"),
    Mark.AVERAGE: _l("среден"),
    Mark.UNSATISFACTORY: _l("незадоволителен"),
    Mark.STRUGGLES: _l("среща затруднения"),
    Mark.COPES: _l("справя се"),
    Mark.ACHIEVES: _l("постига изискванията"),
    AbsenceKind.UNEXCUSED: _l("неизвинено"),
    AbsenceKind.EXCUSED: _l("извинено"),
    AbsenceKind.LATE: _l("закъснение"),
    AbsenceReason.HEALTH: _l("здравословни причини"),
    AbsenceReason.FAMILY: _l("семейни причини"),
    AbsenceReason.OTHER: _l("други причини"),
    RemarkKind.CENSURE: _l("забележка"),
    RemarkKind.PRAISE: _l("похвала"),
    SchoolEventKind.MEETING: _l("родителска среща"),
    SchoolEventKind.EVENT: _l("мероприятие"),
    GuardianRelation.MOTHER: _l("майка"),
    GuardianRelation.FATHER: _l("баща"),
    GuardianRelation.PARENT: _l("родител"),
    GuardianRelation.GRANDPARENT: _l("баба или дядо"),
    GuardianRelation.GUARDIAN: _l("настойник"),
    GuardianRelation.FOSTER_PARENT: _l("приемен родител"),
    Channel.SMS: _l("SMS"),
    Channel.EMAIL: _l("имейл"),
    Channel.CALL: _l("обаждане"),
    MessageState.READY: _l("за изпращане"),
    MessageState.CLAIMED: _l("изпраща се"),
    MessageState.SENT: _l("изпратено"),
    MessageState.DELIVERED: _l("получено"),
    MessageState.FAILED: _l("неуспешно"),
    MessageState.UNKNOWN: _l("без отговор от оператора"),
    MessageState.EXPIRED: _l("с изтекъл срок"),
    MessageState.CANCELLED: _l("отменено"),
    Role.TEACHER: _l("учител"),
    Role.PRINCIPAL: _l("директор"),
    Role.SCHOOL_ADMINISTRATOR: _l("администратор на училището"),
    Role.PLATFORM_OPERATOR: _l("оператор на платформата"),
}
WEEKDAYS = (
    _l("понеделник"), _l("вторник"), _l("сряда"), _l("четвъртък"), _l("петък"), _l("събота"), _l("неделя"),
)  # fmt: skip


def register(app: Flask) -> None:
    """Give the templates these filters."""
    app.template_filter("day")(day)
    app.template_filter("moment")(moment)
    app.template_filter("name")(name)
    app.template_filter("number")(number)
    app.template_filter("halves")(halves)
    app.template_filter("browser")(browser)
    app.template_filter("translated")(translated)


def day(on: date) -> str:
    """`24.11.2026`, as it is written in Bulgaria."""
    return f"{on:%d.%m.%Y}"


def moment(at: datetime) -> str:
    """`24.11.2026, 16:30`, Sofia time."""
    return f"{at.astimezone(SOFIA):%d.%m.%Y, %H:%M}"


def name(kind: Any) -> str:
    """A kind, mark or role in words; a weekday's number (1: Monday) too."""
    if isinstance(kind, int):
        return str(WEEKDAYS[kind - 1])
    return str(NAMES[kind])


def number(value: Decimal | float | None) -> str:
    """`6`, `5,25`, `4,5`; a dash for none."""
    if value is None:
        return _("–")
    return with_comma(reader(), f"{Decimal(str(value)):.2f}".rstrip("0").rstrip("."))


def halves(count: Decimal) -> str:
    """Hours of absence as a teacher writes them."""
    return in_halves(reader(), count)


BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"),
           ("Linux", "Linux"))  # fmt: skip
"""What stands in a browser's own description, the telling ones first."""


def browser(device: str) -> str:
    """„Firefox, Windows“ from what a browser calls itself; what is not known stays as it is."""
    name = next((title for sign, title in BROWSERS if sign in device), "")
    system = next((title for sign, title in SYSTEMS if sign in device), "")
    return ", ".join(one for one in (name, system) if one) or device
