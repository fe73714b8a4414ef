"""The words of the lines: for grades, absences, remarks, notes and days, in both languages.

The words of a grade by its value are those of Ordinance 11 of 2016 on assessment (art. 9), „много“ shortened.
"""

from decimal import Decimal

from db.kinds import AbsenceKind, AbsenceReason, EventChange, GradeKind, Language, Mark, RemarkKind

BG, EN = Language.BULGARIAN, Language.ENGLISH

CHANGES = {
    BG: {EventChange.RECORDED: "", EventChange.CORRECTED: "Поправка: ", EventChange.DELETED: "Отменено: "},
    EN: {EventChange.RECORDED: "", EventChange.CORRECTED: "Correction: ", EventChange.DELETED: "Withdrawn: "},
}
"""What a line begins with when it takes back an earlier one."""

REMINDER = {BG: "Напомняне: ", EN: "Reminder: "}
"""What a line begins with the day before."""

BANDS = {
    BG: (
        (Decimal("5.50"), "Отличен"),
        (Decimal("4.50"), "Мн. добър"),
        (Decimal("3.50"), "Добър"),
        (Decimal("3.00"), "Среден"),
        (Decimal(2), "Слаб"),
    ),
    EN: (
        (Decimal("5.50"), "Excellent"),
        (Decimal("4.50"), "Very good"),
        (Decimal("3.50"), "Good"),
        (Decimal("3.00"), "Average"),
        (Decimal(2), "Poor"),
    ),
}
"""Lowest value of each band and its word, best first."""

MARKS = {
    BG: {
        Mark.EXCELLENT: "Отличен",
        Mark.VERY_GOOD: "Мн. добър",
        Mark.GOOD: "Добър",
        Mark.AVERAGE: "Среден",
        Mark.UNSATISFACTORY: "Незадоволителен",
        Mark.STRUGGLES: "Среща затруднения",
        Mark.COPES: "Справя се",
        Mark.ACHIEVES: "Постига изискванията",
    },
    EN: {
        Mark.EXCELLENT: "Excellent",
        Mark.VERY_GOOD: "Very good",
        Mark.GOOD: "Good",
        Mark.AVERAGE: "Average",
        Mark.UNSATISFACTORY: "Unsatisfactory",
        Mark.STRUGGLES: "Has difficulties",
        Mark.COPES: "Copes",
        Mark.ACHIEVES: "Meets requirements",
    },
}

GRADE_KINDS = {
    BG: {
        GradeKind.CURRENT: ("", ""),
        GradeKind.ORAL: ("устно изпитване", "устно"),
        GradeKind.WRITTEN: ("писмено изпитване", "писмено"),
        GradeKind.CONTROL_WORK: ("контролна работа", "контролно"),
        GradeKind.CLASS_WORK: ("класна работа", "класно"),
        GradeKind.TEST: ("тест", "тест"),
        GradeKind.HOMEWORK: ("домашна работа", "домашно"),
        GradeKind.PROJECT: ("проект", "проект"),
        GradeKind.ENTRY_LEVEL: ("входно ниво", "вх. ниво"),
        GradeKind.EXIT_LEVEL: ("изходно ниво", "изх. ниво"),
        GradeKind.TERM: ("срочна оценка", "срочна"),
        GradeKind.ANNUAL: ("годишна оценка", "годишна"),
    },
    EN: {
        GradeKind.CURRENT: ("", ""),
        GradeKind.ORAL: ("oral test", "oral"),
        GradeKind.WRITTEN: ("written test", "written"),
        GradeKind.CONTROL_WORK: ("control work", "control"),
        GradeKind.CLASS_WORK: ("class work", "class"),
        GradeKind.TEST: ("test", "test"),
        GradeKind.HOMEWORK: ("homework", "home"),
        GradeKind.PROJECT: ("project", "project"),
        GradeKind.ENTRY_LEVEL: ("entry level", "entry"),
        GradeKind.EXIT_LEVEL: ("exit level", "exit"),
        GradeKind.TERM: ("term grade", "term"),
        GradeKind.ANNUAL: ("annual grade", "annual"),
    },
}
"""How a grade was earned: in full, and short. A current grade needs no word."""

REASONS = {
    BG: {
        AbsenceReason.HEALTH: "здравословни причини",
        AbsenceReason.FAMILY: "семейни причини",
        AbsenceReason.OTHER: "други причини",
    },
    EN: {
        AbsenceReason.HEALTH: "health reasons",
        AbsenceReason.FAMILY: "family reasons",
        AbsenceReason.OTHER: "other reasons",
    },
}

REMARKS = {
    BG: {RemarkKind.CENSURE: "Забележка", RemarkKind.PRAISE: "Похвала"},
    EN: {RemarkKind.CENSURE: "Remark", RemarkKind.PRAISE: "Praise"},
}

HEALTH_NOTE = {
    BG: ("Здравна бележка", "за {}", "от {} до {}"),
    EN: ("Health note", "for {}", "from {} to {}"),
}
"""The note, its one day, its first and last day."""

MEETING = {BG: ("среща", "Родителска среща"), EN: ("meeting", "Parents' meeting")}
"""A word by which a title says itself that it is a meeting, and what to say before one that does not."""

WEEKDAYS = {
    BG: ("понеделник", "вторник", "сряда", "четвъртък", "петък", "събота", "неделя"),
    EN: ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}

_ABSENCES = {
    BG: {
        AbsenceKind.UNEXCUSED: ("Неизвинено отсъствие", "Неизв. отсъствие"),
        AbsenceKind.EXCUSED: ("Извинено отсъствие", "Изв. отсъствие"),
        AbsenceKind.LATE: ("Закъснение (1/2 отсъствие)", "Закъснение (1/2)"),
    },
    EN: {
        AbsenceKind.UNEXCUSED: ("Unexcused absence", "Unexc. absence"),
        AbsenceKind.EXCUSED: ("Excused absence", "Exc. absence"),
        AbsenceKind.LATE: ("Late (1/2 absence)", "Late (1/2)"),
    },
}

ABSENCE_KINDS = {
    BG: {
        AbsenceKind.UNEXCUSED: "неизвинени",
        AbsenceKind.EXCUSED: "извинени",
        AbsenceKind.LATE: "закъснения",
    },
    EN: {AbsenceKind.UNEXCUSED: "unexcused", AbsenceKind.EXCUSED: "excused", AbsenceKind.LATE: "late"},
}
"""Absences of a kind, before their number or the lessons missed."""


def absence_words(language: Language, kind: AbsenceKind, lesson: int) -> tuple[str, str, str]:
    """(what it is, the same short, the lesson): being late counts one half."""
    which = f"{lesson}. час" if language is BG else f"lesson {lesson}"
    return (*_ABSENCES[language][kind], which)


def overall(language: Language) -> str:
    """What the one result of level 1 is a result of."""
    return "Общ успех" if language is BG else "Overall"


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


def usual_name(subject: str) -> str:
    """„Български език и литература“ -> „БЕЛ“; others as they are."""
    return _SUBJECTS.get(subject.lower(), subject)


def short_subject(subject: str) -> str:
    """„Български език и литература“ -> „БЕЛ“; of others the long words are cut: „Предприем. и бизнес“."""
    known = _SUBJECTS.get(subject.lower())
    return known or " ".join(_short_word(word) for word in subject.split())


def _short_word(word: str) -> str:
    """A word of more than eight letters ends in a dot after five or the consonants that follow, as Bulgarian does."""
    if len(word) <= 8 or not word.isalpha():
        return word
    end = _WHOLE_WORD
    while end < len(word) - 1 and word[end - 1].lower() in "аеиоуъюя":
        end += 1
    return f"{word[:end]}."
