"""Words of reports. What people wrote (names, subjects) is plain text and not `Words`: it is not translated."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from db.kinds import AbsenceKind, AbsenceReason, Channel, EventKind, GradeKind, Mark
from school.wording.translation import Words

TOTAL = Words("Общо")
OVERALL = Words("Общ годишен резултат")
"""What level 1 has in place of a grade in a subject."""
GRADES = tuple(map(Words, ("Слаб", "Среден", "Добър", "Мн. добър", "Отличен")))
"""By the whole grade 2 to 6."""
MONTHS = tuple(
    map(
        Words,
        (
            *("януари", "февруари", "март", "април", "май", "юни"),
            *("юли", "август", "септември", "октомври", "ноември", "декември"),
        ),
    )
)
ABSENCES = {
    AbsenceKind.UNEXCUSED: Words("неизвинено"),
    AbsenceKind.EXCUSED: Words("извинено"),
    AbsenceKind.LATE: Words("закъснение"),
}
REASONS = {
    AbsenceReason.HEALTH: Words("здравословни причини"),
    AbsenceReason.FAMILY: Words("семейни причини"),
    AbsenceReason.OTHER: Words("други причини"),
}
GRADE_KINDS = {
    GradeKind.CURRENT: Words("текуща"),
    GradeKind.ORAL: Words("устно изпитване"),
    GradeKind.WRITTEN: Words("писмено изпитване"),
    GradeKind.CONTROL_WORK: Words("контролна работа"),
    GradeKind.CLASS_WORK: Words("класна работа"),
    GradeKind.TEST: Words("тест"),
    GradeKind.HOMEWORK: Words("домашна работа"),
    GradeKind.PROJECT: Words("проект"),
    GradeKind.ENTRY_LEVEL: Words("входно ниво"),
    GradeKind.EXIT_LEVEL: Words("изходно ниво"),
    GradeKind.TERM: Words("срочна"),
    GradeKind.ANNUAL: Words("годишна"),
}
MARKS = {
    Mark.EXCELLENT: Words("отличен"),
    Mark.VERY_GOOD: Words("мн. добър"),
    Mark.GOOD: Words("добър"),
    Mark.AVERAGE: Words("среден"),
    Mark.UNSATISFACTORY: Words("незадоволителен"),
    Mark.STRUGGLES: Words("среща затруднения"),
    Mark.COPES: Words("справя се"),
    Mark.ACHIEVES: Words("постига изискванията"),
}
CHANNELS = {Channel.SMS: Words("SMS"), Channel.EMAIL: Words("е-поща"), Channel.CALL: Words("обаждане")}
EVENTS = {
    EventKind.GRADE: Words("оценки"),
    EventKind.ABSENCE: Words("отсъствия"),
    EventKind.REMARK: Words("забележки и похвали"),
    EventKind.HEALTH: Words("здравни бележки"),
    EventKind.MEETING: Words("родителски срещи"),
    EventKind.EVENT: Words("мероприятия"),
}


def whole_grade(value: Decimal) -> int:
    """The whole grade whose word a value has: 2 below 3.00, from there the nearest (3.50 is 4)."""
    return 2 if value < 3 else int(value.quantize(Decimal(1), ROUND_HALF_UP))


def grade_in_words(value: Decimal | None) -> str:
    """„Отличен (6)“, „Мн. добър (5.25)“; nothing for none."""
    if value is None:
        return ""
    return Words("{word} ({grade})", word=GRADES[whole_grade(value) - 2], grade=plain(value))


def plain(value: Decimal) -> str:
    """`6`, `5.25`, `4.5`."""
    text = f"{value:.2f}"
    return text.rstrip("0").rstrip(".")


def month(year: int, number: int) -> str:
    """„ноември 2026“."""
    return Words("{month} {year}", month=MONTHS[number - 1], year=year)


def level(number: int) -> str:
    """„8. клас“."""
    return Words("{level}. клас", level=number)


def students(count: int) -> str:
    """„1 ученик“, „26 ученици“."""
    return Words("1 ученик") if count == 1 else Words("{count} ученици", count=count)


def listed(texts: Sequence[str]) -> str:
    """One after the other, a comma between."""
    places = {f"text_{number}": text for number, text in enumerate(texts)}
    return Words(", ".join(f"{{{name}}}" for name in places), **places) if places else ""
