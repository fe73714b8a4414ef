"""Values in Bulgarian words, as they are written in reports."""

from decimal import ROUND_HALF_UP, Decimal

from db.kinds import AbsenceKind, AbsenceReason, Channel, EventKind, GradeKind, Mark

GRADES = ("Слаб", "Среден", "Добър", "Мн. добър", "Отличен")
"""By the whole grade 2 to 6."""
MONTHS = (
    "януари", "февруари", "март", "април", "май", "юни",
    "юли", "август", "септември", "октомври", "ноември", "декември",
)  # fmt: skip
ABSENCES = {
    AbsenceKind.UNEXCUSED: "неизвинено",
    AbsenceKind.EXCUSED: "извинено",
    AbsenceKind.LATE: "закъснение",
}
REASONS = {
    AbsenceReason.HEALTH: "здравословни причини",
    AbsenceReason.FAMILY: "семейни причини",
    AbsenceReason.OTHER: "други причини",
}
GRADE_KINDS = {
    GradeKind.CURRENT: "текуща",
    GradeKind.ORAL: "устно изпитване",
    GradeKind.WRITTEN: "писмено изпитване",
    GradeKind.CONTROL_WORK: "контролна работа",
    GradeKind.CLASS_WORK: "класна работа",
    GradeKind.TEST: "тест",
    GradeKind.HOMEWORK: "домашна работа",
    GradeKind.PROJECT: "проект",
    GradeKind.ENTRY_LEVEL: "входно ниво",
    GradeKind.EXIT_LEVEL: "изходно ниво",
    GradeKind.TERM: "срочна",
    GradeKind.ANNUAL: "годишна",
}
MARKS = {
    Mark.EXCELLENT: "отличен",
    Mark.VERY_GOOD: "мн. добър",
    Mark.GOOD: "добър",
    Mark.AVERAGE: "среден",
    Mark.UNSATISFACTORY: "незадоволителен",
    Mark.STRUGGLES: "среща затруднения",
    Mark.COPES: "справя се",
    Mark.ACHIEVES: "постига изискванията",
}
CHANNELS = {Channel.SMS: "SMS", Channel.EMAIL: "е-поща", Channel.CALL: "обаждане"}
EVENTS = {
    EventKind.GRADE: "оценки",
    EventKind.ABSENCE: "отсъствия",
    EventKind.REMARK: "забележки и похвали",
    EventKind.HEALTH: "здравни бележки",
    EventKind.MEETING: "родителски срещи",
    EventKind.EVENT: "мероприятия",
}


def whole_grade(value: Decimal) -> int:
    """The whole grade whose word a value has: 2 below 3.00, from there the nearest (3.50 is 4)."""
    return 2 if value < 3 else int(value.quantize(Decimal(1), ROUND_HALF_UP))


def grade_in_words(value: Decimal | None) -> str:
    """„Отличен (6)“, „Мн. добър (5.25)“; nothing for none."""
    if value is None:
        return ""
    return f"{GRADES[whole_grade(value) - 2]} ({plain(value)})"


def plain(value: Decimal) -> str:
    """`6`, `5.25`, `4.5`."""
    text = f"{value:.2f}"
    return text.rstrip("0").rstrip(".")


def month(year: int, number: int) -> str:
    """„ноември 2026“."""
    return f"{MONTHS[number - 1]} {year}"


def students(count: int) -> str:
    """„1 ученик“, „26 ученици“."""
    return "1 ученик" if count == 1 else f"{count} ученици"
