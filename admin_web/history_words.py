"""The words of the audit trail as people read them."""

from typing import Any

from flask import Flask

from admin_web.formats import NAMES
from admin_web.translations import _l
from db.kinds import AbsenceKind, EndReason, Mark, RemarkKind
from school.audit.history import HistoryRow

AREAS: dict[str, Any] = {
    "grade": _l("оценка"),
    "absence": _l("отсъствие"),
    "remark": _l("забележка или похвала"),
    "health": _l("здравна бележка"),
    "meeting": _l("родителска среща"),
    "event": _l("мероприятие"),
    "excuse": _l("извинителна бележка"),
    "notice": _l("известие за отсъствие"),
    "guardian": _l("родител"),
    "subscription": _l("абонамент"),
    "student": _l("ученик"),
    "student_code": _l("ID-код"),
    "roster": _l("списък от файл"),
    "grades": _l("оценки"),
    "staff": _l("профил"),
    "class": _l("паралелка"),
    "subject": _l("предмет"),
    "teaching": _l("преподаване"),
    "school_year": _l("учебна година"),
    "year": _l("учебна година"),
    "transfer": _l("преместване в друго училище"),
    "timetable": _l("разписание"),
    "substitution": _l("заместване"),
    "group": _l("група"),
    "bells": _l("звънци"),
    "school": _l("училище"),
    "phrases": _l("готови фрази"),
    "password": _l("парола"),
    "invitation": _l("покана"),
    "reset": _l("връзка за нова парола"),
    "new_email": _l("връзка за нов имейл"),
    "second_factor": _l("вход с код"),
    "passkey": _l("ключ за достъп"),
    "recovery_code": _l("код за възстановяване"),
    "pin": _l("ПИН"),
    "campaign": _l("кампания"),
    "personal_data": _l("лични данни"),
    "parent": _l("родител или абонат"),
    "recording": _l("запис на гласа"),
    "recording_pass": _l("код за запис по телефона"),
    "api_token": _l("ключ за програмния интерфейс"),
}
DEEDS: dict[str, Any] = {
    "recorded": _l("записано"),
    "corrected": _l("поправено"),
    "given": _l("дадено"),
    "decided": _l("решено"),
    "replaced": _l("заменено"),
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
    "lessons_changed": _l("променена седмица на паралелка"),
    "overlap_known": _l("известно застъпване"),
    "published": _l("въведено в сила"),
    "continued": _l("продължено без човек, който напуска"),
    "bells_chosen": _l("избрани звънци"),
    "day_changed": _l("ден по друго разписание"),
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
    "erased": _l("изтрит"),
    "exported": _l("дадено копие"),
    "used": _l("използвано"),
    "reset": _l("нулирано"),
    "demanded": _l("изисква се"),
    "not_demanded": _l("не се изисква"),
    "signed_in": _l("влизане"),
    "kept": _l("запазено"),
    "dropped": _l("премахнато"),
    "telling_changed": _l("променени настройки за уведомяване"),
    "who_may_be_told": _l("кой може да научава"),
    "teacher_changed": _l("сменен класен ръководител"),
    "joined": _l("потвърдил, че работи тук"),
    "email_changed": _l("друг имейл за вход"),
    "email_corrected": _l("поправен имейл"),
    "rolled_over": _l("преминаване към нова година"),
    "rollover_undone": _l("върнато преминаване към нова година"),
    "teacher_confirmed": _l("потвърден класен ръководител"),
    "confirmed": _l("потвърдено"),
    "withdrawn": _l("оттеглено"),
    "handed_over": _l("предадено на друг"),
    "renamed": _l("друго име"),
    "national_id_corrected": _l("поправен ЕГН или ЛНЧ"),
}
END_REASONS: dict[EndReason, Any] = {
    EndReason.STRANGER: _l("непознат на семейството"),
    EndReason.FAMILY_ASKED: _l("по молба на семейството"),
    EndReason.COURT_ORDER: _l("по решение на съда"),
    EndReason.MISTAKE: _l("грешка"),
    EndReason.OTHER: _l("друго"),
    EndReason.FAMILY: _l("от семейството с SMS"),
    EndReason.NEW_CODE: _l("при нов ID-код"),
    EndReason.GUARDIAN_REMOVED: _l("родителят е премахнат"),
    EndReason.GUARDIAN_CHANGED: _l("родителят има друг номер или имейл"),
    EndReason.NOT_TOLD: _l("не може да научава за ученика"),
    EndReason.ONLY_NAMED: _l("само хората, които училището посочи"),
    EndReason.REFUSED: _l("отказана заявка"),
    EndReason.LEFT: _l("ученикът напусна"),
}
_VALUES: dict[str, Any] = {str(kind): NAMES[kind] for kinds in (Mark, AbsenceKind, RemarkKind) for kind in kinds}


def register(app: Flask) -> None:
    """Give the templates these filters."""
    app.template_filter("deed")(deed)
    app.template_filter("recorded_value")(recorded_value)
    app.jinja_env.globals["end_reasons"] = END_REASONS


def deed(row: HistoryRow) -> str:
    """„оценка: поправено“; an action without words as the trail has it."""
    area, _dot, what = row.action.partition(".")
    why = row.details.get("why")
    because = f", {END_REASONS[EndReason(why)]}" if row.action == "subscription.ended" and why in set(EndReason) else ""
    return f"{AREAS.get(area, area)}: {DEEDS.get(what, what)}{because}"


def recorded_value(text: str | None) -> str:
    """A value of the trail in words: „5.00“ as „5“, „late“ as „закъснение“."""
    if text is None:
        return ""
    if text in _VALUES:
        return str(_VALUES[text])
    return text.rstrip("0").rstrip(".") if text.replace(".", "", 1).isdecimal() and "." in text else text
