"""The words of the audit trail as people read them."""

from typing import Any

from flask import Flask

from admin_web.formats import NAMES
from admin_web.translations import _l
from db.kinds import AbsenceKind, Mark, RemarkKind
from school.audit.history import HistoryRow

AREAS: dict[str, Any] = {
    "grade": _l("оценка"),
    "absence": _l("отсъствие"),
    "remark": _l("забележка или похвала"),
    "health": _l("здравна бележка"),
    "meeting": _l("родителска среща"),
    "event": _l("мероприятие"),
    "excuse": _l("извинителна бележка"),
    "guardian": _l("родител"),
    "subscription": _l("абонамент"),
    "student": _l("ученик"),
    "student_code": _l("ID-код"),
    "roster": _l("списък от файл"),
    "staff": _l("профил"),
    "class": _l("паралелка"),
    "subject": _l("предмет"),
    "teaching": _l("преподаване"),
    "school_year": _l("учебна година"),
    "school": _l("училище"),
    "phrases": _l("готови фрази"),
    "password": _l("парола"),
    "invitation": _l("покана"),
    "reset": _l("връзка за нова парола"),
    "second_factor": _l("вход с код"),
    "pin": _l("ПИН"),
    "campaign": _l("кампания"),
    "recording": _l("запис на гласа"),
    "recording_pass": _l("код за запис по телефона"),
    "api_token": _l("ключ за програмния интерфейс"),
}
DEEDS: dict[str, Any] = {
    "recorded": _l("записано"),
    "corrected": _l("поправено"),
    "deleted": _l("изтрито"),
    "created": _l("създадено"),
    "added": _l("добавено"),
    "changed": _l("променено"),
    "removed": _l("премахнато"),
    "issued": _l("издадено"),
    "revoked": _l("отменено"),
    "assigned": _l("възложено"),
    "ended": _l("прекратено"),
    "imported": _l("внесено"),
    "approved": _l("разрешено"),
    "refused": _l("отказано"),
    "requested": _l("поискано"),
    "started": _l("започнато"),
    "stopped": _l("спряно"),
    "made": _l("издадено"),
    "set": _l("зададено"),
    "on": _l("включено"),
    "off": _l("изключено"),
    "left": _l("напуснал"),
    "signed_in": _l("влизане"),
    "kept": _l("запазено"),
    "dropped": _l("премахнато"),
    "telling_changed": _l("променени настройки за уведомяване"),
    "teacher_changed": _l("сменен класен ръководител"),
}
_VALUES: dict[str, Any] = {str(kind): NAMES[kind] for kinds in (Mark, AbsenceKind, RemarkKind) for kind in kinds}


def register(app: Flask) -> None:
    """Give the templates these filters."""
    app.template_filter("deed")(deed)
    app.template_filter("recorded_value")(recorded_value)


def deed(row: HistoryRow) -> str:
    """„оценка: поправено“; an action without words as the trail has it."""
    area, _dot, what = row.action.partition(".")
    return f"{AREAS.get(area, area)}: {DEEDS.get(what, what)}"


def recorded_value(text: str | None) -> str:
    """A value of the trail in words: „5.00“ as „5“, „late“ as „закъснение“."""
    if text is None:
        return ""
    if text in _VALUES:
        return str(_VALUES[text])
    return text.rstrip("0").rstrip(".") if text.replace(".", "", 1).isdecimal() and "." in text else text
