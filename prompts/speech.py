"""Values as sentences of pre-rendered pieces: everything the telephone can say of numbers, days and grades.

A `Sentence` is a tuple of Bulgarian texts, each one clip on disk; joined by spaces they read as `prompts.grammar`
writes the value. Pieces are as long as a finite set allows, for a natural melody: „двадесет и една оценки“ is one.
`inventory()` holds every piece that any function here can return.
"""

from collections.abc import Iterable, Iterator
from datetime import date, time
from decimal import Decimal
from functools import cache

from prompts.catalogue import PHRASES
from prompts.grammar import calendar, grades, nouns, spelling
from prompts.grammar.nouns import Noun
from prompts.grammar.numbers import Gender, cardinal, ordinal

Sentence = tuple[str, ...]

WHOLE_COUNTS = 60
"""Counts up to this are one piece with their noun."""

COMPOSED_COUNTS = 9_999
"""Counts up to this are composed of hundreds and thousands; above, they are read digit by digit."""

SPOKEN_YEARS = range(2000, 2100)
"""Years that are one piece; others are read digit by digit."""

QUARTERS = (15, 30, 45)
"""Minutes that are one piece with their hour, as meetings start then."""


def phrase(phrase_id: str) -> Sentence:
    """The fixed phrase of the catalogue. Raises KeyError for an unknown id."""
    return (PHRASES[phrase_id],)


def counted(n: int, noun: Noun) -> Sentence:
    """`n` >= 0 of `noun`: („двадесет и една оценки“,), („сто“, „двадесет и пет отсъствия“)."""
    if n <= WHOLE_COUNTS:
        return (nouns.counted(n, noun),)
    if n > COMPOSED_COUNTS:
        return (*digits(str(n)), noun.counted)
    rest = n % 100
    if rest == 0:
        return (*_hundreds(n, last=True), noun.counted)
    before = _hundreds(n - rest, last=False, single=_is_one_word(rest)) if n > rest else ()
    if rest == 1 or rest > WHOLE_COUNTS:  # „сто и една оценки“ is plural, unlike „една оценка“
        return (*before, cardinal(rest, noun.gender), noun.counted)
    return (*before, nouns.counted(rest, noun))


def halves(value: Decimal, noun: Noun) -> Sentence:
    """`value`, a multiple of one half >= 0, of `noun`: („две и половина отсъствия“,).

    Raises ValueError when it is not a multiple of one half.
    """
    whole, half = nouns.split_half(value)
    if not half:
        return counted(whole, noun)
    if whole <= WHOLE_COUNTS and noun in nouns.HALVED:
        return (nouns.halves(value, noun),)
    if whole == 0:
        return ("половин", noun.singular)
    return (*_number(whole, noun.gender), "и половина", noun.counted)


def day(on: date, today: date) -> Sentence:
    """(„днес“,), („вчера“,), („утре“,), („петък,“, „двадесети ноември“).

    A date of neither this calendar year nor this school year is („трети май“, „две хиляди двадесет и пета година“):
    its year says more than its day of the week.
    """
    if relative := calendar.relative_day(on, today):
        return (relative,)
    on_day = calendar.day_of_month(on.month, on.day)
    if not calendar.needs_year(on, today):
        return (f"{calendar.weekday(on)},", on_day)
    return (on_day, *_year(on.year))


def on_day(on: date, today: date) -> Sentence:
    """When something happened or will: („днес“,), („в петък,“, „двадесети ноември“), („на“, „трети май“, year)."""
    if calendar.relative_day(on, today):
        return day(on, today)
    on_date = calendar.day_of_month(on.month, on.day)
    if not calendar.needs_year(on, today):
        return (f"{calendar.on_weekday(on)},", on_date)
    return ("на", on_date, *_year(on.year))


def full_date(on: date) -> Sentence:
    """(„двадесет и трети ноември“, „две хиляди двадесет и шеста година“)."""
    return (calendar.day_of_month(on.month, on.day), *_year(on.year))


def clock(at: time) -> Sentence:
    """(„осемнадесет часа и тридесет минути“,), („осемнадесет часа“, „и седем минути“). Seconds are left out."""
    if at.minute in (0, *QUARTERS):
        return (calendar.clock(at),)
    return (calendar.hours(at.hour), calendar.minutes(at.minute))


def grade(value: Decimal) -> Sentence:
    """(„Отличен, шест“,), („Много добър,“, „пет цяло и двадесет и пет стотни“).

    Raises ValueError unless `value` is 2.00..6.00 in hundredths.
    """
    if value == int(grades.check(value)):
        return (grades.grade(value),)
    return (f"{grades.word(value)},", *average(value))


def mark(code: str) -> Sentence:
    """A mark in words alone, by its code in `grammar.grades.MARKS`. Raises ValueError for another code."""
    return (grades.mark(code),)


def average(value: Decimal) -> Sentence:
    """(„пет цяло и петдесет стотни“,), („шест“,). Raises ValueError unless 2.00..6.00 in hundredths."""
    return (grades.average(value),)


def month(of: date) -> Sentence:
    """(„февруари“,)."""
    return (calendar.MONTHS[of.month - 1],)


def money(cents: int, currency: str) -> Sentence:
    """Hundredths >= 0 of EUR or BGN: („шестдесет и един“, „цента“), („едно“, „евро и“, „двадесет“, „цента“).

    Raises KeyError for another currency.
    """
    whole, part = nouns.CURRENCIES[currency]
    units, hundredths = divmod(cents, 100)
    small = (*_number(hundredths, part.gender), _unit(hundredths, part))
    if not units:
        return small
    unit = _unit(units, whole)
    return (*_number(units, whole.gender), *((f"{unit} и", *small) if hundredths else (unit,)))


def _unit(number: int, noun: Noun) -> str:
    return noun.singular if number == 1 else noun.counted


def digits(text: str) -> Sentence:
    """Sign by sign, with a breath after each but the last: „41“ -> („четири,“, „едно“). Other signs are passed over."""
    words = spelling.digits(text)
    return (*(f"{word}," for word in words[:-1]), *words[-1:])


def of_class(name: str) -> Sentence:
    """„8а“ -> („от осми а клас“,), „8м“ -> („от осми“, „м клас“); empty when `name` is not a class's name."""
    spoken = spelling.school_class(name)
    if not spoken:
        return ()
    level, *letter, word = spoken.split()
    if letter and letter[0] in spelling.FURTHER_CLASS_LETTERS:
        return (f"от {level}", f"{letter[0]} {word}")
    return (f"от {spoken}",)


def listed(sentences: Iterable[Sentence]) -> Sentence:
    """Several things one after another, a breath between them."""
    said: Sentence = ()
    for sentence in sentences:
        said += (*phrase("breath"), *sentence) if said else sentence
    return said


@cache
def inventory() -> frozenset[str]:
    """Every piece that the functions of this module can return."""
    return frozenset(_pieces())


def _number(n: int, gender: Gender) -> Sentence:
    """A number alone, agreeing with `gender`: („сто“, „двадесет и пет“)."""
    if n > COMPOSED_COUNTS:
        return digits(str(n))
    rest = n % 100
    if n == rest:
        return (cardinal(n, gender),)
    if rest == 0:
        return _hundreds(n, last=True)
    return (*_hundreds(n - rest, last=False, single=_is_one_word(rest)), cardinal(rest, gender))


def _hundreds(n: int, *, last: bool, single: bool = False) -> Sentence:
    """The thousands and hundreds of `n`, a multiple of 100 up to 9,900, each a piece.

    last: the number ends here; single: one word follows, so „и“ goes before it. The „и“ closes the piece
    before, since a piece of one vowel would sound cut off.
    """
    thousands, hundreds = n // 1000 * 1000, n % 1000
    if not hundreds:
        return (cardinal(thousands) + (" и" if single else ""),)
    before = (cardinal(thousands) + (" и" if last else ""),) if thousands else ()
    return (*before, cardinal(hundreds) + (" и" if single else ""))


def _is_one_word(rest: int) -> bool:
    """Whether 1..99 is one word („двадесет“), or has its own „и“ („двадесет и пет“)."""
    return rest < 20 or rest % 10 == 0


def _year(number: int) -> Sentence:
    return (calendar.year(number),) if number in SPOKEN_YEARS else (*digits(str(number)), "година")


def fragments() -> Iterator[tuple[str, Iterator[str]]]:
    """The pieces that are no phrases, by kind: the kind's Bulgarian name and its pieces, some of them twice.

    In the order in which a person who records them reads them.
    """
    yield "Цифри", (piece for word in spelling.DIGITS.values() for piece in (f"{word},", word))
    yield "Оценки с думи", iter(grades.MARKS.values())
    yield "Оценки и среден успех", _grade_pieces()
    yield "Дни и години", _calendar_pieces()
    yield "Часове", _clock_pieces()
    yield "Класове", _class_pieces()
    yield "Числа", _number_pieces()
    yield "Пари", _money_pieces()
    for noun in nouns.NOUNS:
        yield f"Брой: {noun.counted}", _count_pieces(noun)


def _pieces() -> Iterator[str]:
    yield from PHRASES.values()
    for _kind, pieces in fragments():
        yield from pieces


def _grade_pieces() -> Iterator[str]:
    for hundredths in range(200, 601):
        yield from grade(Decimal(hundredths) / 100)
        yield from average(Decimal(hundredths) / 100)


def _class_pieces() -> Iterator[str]:
    for level in spelling.LEVELS:
        yield from (f"от {spelling.class_of(level, letter)}" for letter in ("", *spelling.CLASS_LETTERS))
        yield f"от {ordinal(level)}"
    yield from (f"{letter} клас" for letter in spelling.FURTHER_CLASS_LETTERS)


def _number_pieces() -> Iterator[str]:
    yield from ("половин", "и половина")
    for gender in Gender:
        yield from (cardinal(n, gender) for n in range(100))
    for number in (*range(100, 1000, 100), *range(1000, 10_000, 1000)):
        yield from (cardinal(number), f"{cardinal(number)} и")


def _count_pieces(noun: Noun) -> Iterator[str]:
    yield from (nouns.counted(n, noun) for n in range(WHOLE_COUNTS + 1))
    yield from (noun.singular, noun.counted)
    if noun in nouns.HALVED:
        yield from (nouns.halves(n + nouns.HALF, noun) for n in range(WHOLE_COUNTS + 1))


def _money_pieces() -> Iterator[str]:
    for whole, part in nouns.CURRENCIES.values():
        yield from (whole.singular, f"{whole.singular} и", whole.counted, f"{whole.counted} и")
        yield from (part.singular, part.counted)


def _calendar_pieces() -> Iterator[str]:
    yield from ("днес", "вчера", "утре", "година", "на")
    yield from calendar.MONTHS
    for weekday in range(7):
        on = date(2024, 1, 1 + weekday)
        yield from (f"{calendar.weekday(on)},", f"{calendar.on_weekday(on)},")
    for month, length in enumerate((31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), start=1):
        yield from (calendar.day_of_month(month, day) for day in range(1, length + 1))
    yield from (calendar.year(number) for number in SPOKEN_YEARS)


def _clock_pieces() -> Iterator[str]:
    for hour in range(24):
        yield from (calendar.clock(time(hour, minute)) for minute in (0, *QUARTERS))
    yield from (calendar.minutes(minute) for minute in range(1, 60))
