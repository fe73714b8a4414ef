"""The words of the lines: for grades, absences, remarks and days.

The words of a grade by its value are those of Ordinance 11 of 2016 on assessment (art. 9), „много“ shortened.
"""

from datetime import date
from decimal import Decimal

from db.kinds import AbsenceKind, AbsenceReason, EventChange, GradeKind, Language, Mark, RemarkKind
from school.wording.translation import SOURCE, Words, gettext, within

CHANGES = {
    EventChange.RECORDED: Words(""),
    EventChange.CORRECTED: Words("Поправка: "),
    EventChange.DELETED: Words("Отменено: "),
}
"""What a line begins with when it takes back an earlier one."""

REMINDER = Words("Напомняне: ")
"""What a line begins with the day before."""

BANDS = (
    (Decimal("5.50"), Words("Отличен")),
    (Decimal("4.50"), Words("Мн. добър")),
    (Decimal("3.50"), Words("Добър")),
    (Decimal("3.00"), Words("Среден")),
    (Decimal(2), Words("Слаб")),
)
"""Lowest value of each band and its word, best first."""

MARKS = {
    Mark.EXCELLENT: Words("Отличен"),
    Mark.VERY_GOOD: Words("Мн. добър"),
    Mark.GOOD: Words("Добър"),
    Mark.AVERAGE: Words("Среден"),
    Mark.UNSATISFACTORY: Words("Незадоволителен"),
    Mark.STRUGGLES: Words("Среща затруднения"),
    Mark.COPES: Words("Справя се"),
    Mark.ACHIEVES: Words("Постига изискванията"),
}

GRADE_KINDS = {
    GradeKind.CURRENT: (Words(""), Words("")),
    GradeKind.ORAL: (within("message", "устно изпитване"), Words("устно")),
    GradeKind.WRITTEN: (within("message", "писмено изпитване"), Words("писмено")),
    GradeKind.CONTROL_WORK: (within("message", "контролна работа"), Words("контролно")),
    GradeKind.CLASS_WORK: (within("message", "класна работа"), Words("класно")),
    GradeKind.TEST: (within("message", "тест"), within("message", "тест")),
    GradeKind.HOMEWORK: (Words("домашна работа"), Words("домашно")),
    GradeKind.PROJECT: (Words("проект"), Words("проект")),
    GradeKind.ENTRY_LEVEL: (Words("входно ниво"), Words("вх. ниво")),
    GradeKind.EXIT_LEVEL: (Words("изходно ниво"), Words("изх. ниво")),
    GradeKind.TERM: (Words("срочна оценка"), Words("срочна")),
    GradeKind.ANNUAL: (Words("годишна оценка"), Words("годишна")),
}
"""How a grade was earned: in full, and short. A current grade needs no word."""

REASONS = {
    AbsenceReason.HEALTH: Words("здравословни причини"),
    AbsenceReason.FAMILY: Words("семейни причини"),
    AbsenceReason.OTHER: Words("други причини"),
}

REMARKS = {RemarkKind.CENSURE: Words("Забележка"), RemarkKind.PRAISE: Words("Похвала")}

WEEKDAYS = tuple(map(Words, ("понеделник", "вторник", "сряда", "четвъртък", "петък", "събота", "неделя")))

SHORT_WEEKDAYS = tuple(map(Words, ("пон.", "вт.", "ср.", "четв.", "пет.", "съб.", "нед.")))

_ABSENCES = {
    AbsenceKind.UNEXCUSED: (Words("Неизвинено отсъствие"), Words("Неизв. отсъствие")),
    AbsenceKind.EXCUSED: (Words("Извинено отсъствие"), Words("Изв. отсъствие")),
    AbsenceKind.LATE: (Words("Закъснение (1/2 отсъствие)"), Words("Закъснение (1/2)")),
}

ABSENCE_KINDS = {
    AbsenceKind.UNEXCUSED: Words("неизвинени"),
    AbsenceKind.EXCUSED: Words("извинени"),
    AbsenceKind.LATE: Words("закъснения"),
}
"""Absences of a kind, before their number or the lessons missed."""


def absence_words(language: Language, kind: AbsenceKind, lesson: int) -> tuple[str, str, str]:
    """(what it is, the same short, the lesson): being late counts one half."""
    full, short = _ABSENCES[kind]
    return gettext(language, full), gettext(language, short), gettext(language, "{lesson}. час", lesson=lesson)


def overall(language: Language) -> str:
    """What the one result of level 1 is a result of."""
    return gettext(language, "Общ успех")


_SUBJECTS = {
    "български език и литература": "БЕЛ",
    "физическо възпитание и спорт": "ФВС",
    "компютърно моделиране и информационни технологии": "КМИТ",
    "компютърно моделиране": "Комп. моделиране",
    "информационни технологии": "ИТ",
    "история и цивилизации": "История",
    "география и икономика": "География",
    "биология и здравно образование": "Биология",
    "химия и опазване на околната среда": "Химия",
    "физика и астрономия": "Физика",
    "изобразително изкуство": "Изобр. изкуство",
    "технологии и предприемачество": "Технологии",
    "гражданско образование": "Гражд. образование",
    "човекът и природата": "Човек и природа",
    "човекът и обществото": "Човек и общество",
}
"""What everybody at a Bulgarian school calls these subjects."""
_WHOLE_WORD = 5
_VOWELS = "аеиоуъюя"


def usual_name(language: Language, subject: str) -> str:
    """„Български език и литература“ -> „БЕЛ“ to whom reads Bulgarian; others as they are."""
    return usual_subject(subject) if language is SOURCE else subject


def short_date(on: date) -> str:
    """„30.11“: a day of which everybody knows the year."""
    return f"{on:%d.%m}"


def usual_subject(subject: str) -> str:
    """What everybody calls it, whoever reads: „БЕЛ“; others as they are."""
    return _SUBJECTS.get(subject.lower(), subject)


def short_for(language: Language, subject: str) -> str:
    """A subject as `short_subject` shortens it to whom reads Bulgarian; others read its full name."""
    return short_subject(subject) if language is SOURCE else subject


def short_subject(subject: str) -> str:
    """„Български език и литература“ -> „БЕЛ“; of others the long words are cut: „Предприем. и бизнес“."""
    known = _SUBJECTS.get(subject.lower())
    return known or " ".join(_short_word(word) for word in subject.split())


def _short_word(word: str) -> str:
    """A word of more than eight letters ends in a dot after five or the consonants that follow, as Bulgarian does."""
    if len(word) <= 8 or not word.isalpha():
        return word
    end = _WHOLE_WORD
    while end < len(word) - 1 and word[end - 1].lower() in _VOWELS:
        end += 1
    return f"{word[:end]}."


def with_comma(language: Language, number: str) -> str:
    """A decimal number as the reader's language writes it: „5,75“, "5.75"."""
    return number.replace(".", ",") if language is SOURCE else number


def in_halves(language: Language, number: Decimal) -> str:
    """Hours of absence as a teacher writes them: „2“, „1/2“, „2 и 1/2“. A rounded mean stays a number."""
    whole, rest = divmod(number, 1)
    if not rest:
        return f"{whole:.0f}"
    if rest != Decimal("0.5") or number.as_tuple().exponent != -1:
        return with_comma(language, f"{number:.2f}")
    return gettext(language, "{whole} и 1/2", whole=f"{whole:.0f}") if whole else "1/2"
