"""What a listener expects to hear, worded by tables of the tests' own: the product's grammar is not asked."""

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

COUNTS_NEUTER = ("", "едно", "две", "три", "четири", "пет", "шест", "седем", "осем", "девет", "десет")
NUMBERS = ("", "един", "два", "три", "четири", "пет", "шест")
WORDS = {2: "Слаб", 3: "Среден", 4: "Добър", 5: "Много добър", 6: "Отличен"}
HUNDREDTHS = {25: "двадесет и пет", 50: "петдесет", 75: "седемдесет и пет"}
MARKS = {"struggles": "Среща затруднения", "copes": "Справя се", "achieves": "Постига изискванията"}
OCCASIONS = {
    "oral": "на устно изпитване,",
    "written": "на писмено изпитване,",
    "control_work": "на контролна работа,",
    "class_work": "на класна работа,",
    "test": "на тест,",
    "homework": "за домашна работа,",
    "project": "за проект,",
    "entry_level": "на входното ниво,",
    "exit_level": "на изходното ниво,",
}
CLOSING = {"term": "срочна оценка,", "annual": "годишна оценка,"}
WEEKDAYS = (
    "в понеделник", "във вторник", "в сряда", "в четвъртък", "в петък", "в събота", "в неделя",
)  # fmt: skip
DAYS = (
    "първи", "втори", "трети", "четвърти", "пети", "шести", "седми", "осми", "девети", "десети", "единадесети",
    "дванадесети", "тринадесети", "четиринадесети", "петнадесети", "шестнадесети", "седемнадесети", "осемнадесети",
    "деветнадесети", "двадесети", "двадесет и първи", "двадесет и втори", "двадесет и трети", "двадесет и четвърти",
    "двадесет и пети", "двадесет и шести", "двадесет и седми", "двадесет и осми", "двадесет и девети", "тридесети",
    "тридесет и първи",
)  # fmt: skip
MONTHS = (
    "януари", "февруари", "март", "април", "май", "юни", "юли", "август", "септември", "октомври", "ноември",
    "декември",
)  # fmt: skip


def read(pieces: list[str]) -> str:
    """Pieces as one sentence; a breath is a comma."""
    return " ".join(pieces).replace(" ,", ",")


def grade(row: dict[str, Any], today: date) -> str:
    """A grade of the demonstration school as one sentence: subject, word and number, occasion, day."""
    kind, on = row["kind"], day(date.fromisoformat(row["date"]), today)
    if kind in CLOSING:
        return f"{row['subject']}, {CLOSING[kind]} {_value(row)}, {on}"
    occasion = f" {OCCASIONS[kind]}" if kind in OCCASIONS else ","
    return f"{row['subject']}, {_value(row)}{occasion} {on}"


def day(on: date, today: date) -> str:
    """„днес“, „вчера“, else „в петък, двадесети ноември“."""
    if (today - on).days in (0, 1):
        return ("днес", "вчера")[(today - on).days]
    return f"{WEEKDAYS[on.weekday()]}, {DAYS[on.day - 1]} {MONTHS[on.month - 1]}"


def unexcused(count: int) -> str:
    """„едно неизвинено отсъствие“, „две неизвинени отсъствия“."""
    return "едно неизвинено отсъствие" if count == 1 else f"{COUNTS_NEUTER[count]} неизвинени отсъствия"


def late(count: int) -> str:
    """„едно закъснение“, „две закъснения“."""
    return "едно закъснение" if count == 1 else f"{COUNTS_NEUTER[count]} закъснения"


def and_a_half(whole: int) -> str:
    """„половин отсъствие“, „едно и половина отсъствия“, „две и половина отсъствия“."""
    return f"{COUNTS_NEUTER[whole]} и половина отсъствия" if whole else "половин отсъствие"


def absence_counts(student: dict[str, Any]) -> Counter[str]:
    """How many absences of each kind a student of the demonstration school has."""
    return Counter(absence["kind"] for absence in student["absences"])


def _value(row: dict[str, Any]) -> str:
    if row["mark"] is not None:
        return MARKS[row["mark"]]
    value = Decimal(str(row["value"]))
    whole, hundredths = divmod(int(value * 100), 100)
    word = WORDS[int(value + Decimal("0.5")) if value >= 3 else 2]
    number = NUMBERS[whole]
    if hundredths:
        number = f"{number.replace('два', 'две')} цяло и {HUNDREDTHS[hundredths]} стотни"
    return f"{word}, {number}"
