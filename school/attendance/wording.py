"""What parents read about absences they excuse, the hours that cost child benefit, and the day at school.

Short sentences for SMS; a reason is never repeated: somebody else may hold the telephone.
"""

from collections.abc import Sequence
from datetime import date

from db.kinds import AbsenceKind, Language, Obstacle
from school.attendance.given import Given, Outcome
from school.attendance.today import Today
from school.classbook.benefit import LOST_AT, Standing
from school.classbook.excuse_limits import ParentsLimits
from school.wording.lines import called
from school.wording.service import Numbers
from school.wording.translation import Words, gettext
from school.wording.words import in_halves, short_date


def days(language: Language, first: date, last: date) -> str:
    """„30.11“, „30.11–02.12“."""
    return short_date(first) if first == last else f"{short_date(first)}–{short_date(last)}"


def given(language: Language, name: str, notice: Given) -> str:
    """The answer to a notice."""
    of = days(language, notice.starts_on, notice.ends_on)
    match notice.outcome:
        case Outcome.COUNTED:
            assert notice.limits is not None
            return gettext(
                language,
                "{name}: извинено за {days}. Остават {left} от {year} дни за годината.",
                name=called(name),
                days=of,
                left=notice.days_left,
                year=notice.limits.days_a_year,
            )
        case Outcome.EXCUSED_ALREADY:
            return gettext(language, "{name}: {days} вече е извинено.", name=called(name), days=of)
        case Outcome.NO_SCHOOL:
            return gettext(language, "{days}: няма училище, не е нужно извинение.", days=of)
        case Outcome.OUTSIDE:
            return gettext(language, "{days} не е в учебната година. Проверете датата.", days=of)
        case Outcome.WAITS:
            return gettext(
                language,
                "{name}, {days}: чака класния ръководител, ще Ви пишем. {why}.",
                name=called(name),
                days=of,
                why="; ".join(_obstacle(language, one, notice) for one in notice.obstacles),
            )


def _obstacle(language: Language, obstacle: Obstacle, notice: Given) -> str:
    limits = notice.limits
    assert limits is not None
    if obstacle is Obstacle.NO_REASON:
        return gettext(language, "Липсва причина: пратете ИЗВ, датата и причината")
    return why(language, obstacle, limits, notice.days_left)


def why(language: Language, obstacle: Obstacle, limits: ParentsLimits, left: int) -> str:
    """Why a notice does not count by itself, or was refused."""
    match obstacle:
        case Obstacle.AT_ONCE:
            return gettext(language, "Наведнъж са най-много {days} учебни дни", days=limits.days_at_once)
        case Obstacle.A_YEAR:
            return gettext(
                language, "За годината остават {left} от {year} учебни дни", left=left, year=limits.days_a_year
            )
        case Obstacle.LATE:
            return gettext(language, "Известието е след първия ден на отсъствието")
        case Obstacle.NO_REASON:
            return gettext(language, "Липсва причина")


def accepted(language: Language, name: str, first: date, last: date, counted: Sequence[date], left: int) -> str:
    """That the class teacher let a notice count, for all of its days or for the first ones."""
    to = last if counted[-1] >= last else counted[-1]
    values = {"name": called(name), "days": days(language, first, to), "left": left}
    if to == last:
        return gettext(
            language,
            "{name}: класният ръководител прие извинението за {days}. Остават {left} дни за годината.",
            **values,
        )
    return gettext(language, "{name}: извинението е прието само за {days}. Остават {left} дни за годината.", **values)


def refused(
    language: Language, name: str, first: date, last: date, obstacle: Obstacle, limits: ParentsLimits, left: int
) -> str:
    """That the class teacher refused it, and why."""
    return gettext(
        language,
        "{name}: извинението за {days} не е прието. {why}.",
        name=called(name),
        days=days(language, first, last),
        why=why(language, obstacle, limits, left),
    )


def by_another(language: Language, name: str, first: date, last: date, masked: str) -> str:
    """To the other followers of a student: somebody has excused days."""
    return gettext(
        language,
        "{name}: {follower} извини отсъствие за {days}. Ако не е Ваш близък, кажете на класния ръководител.",
        name=called(name),
        follower=masked,
        days=days(language, first, last),
    )


def how_to_excuse(language: Language) -> str:
    """To ИЗВ alone."""
    return gettext(language, "Пратете ИЗВ, датата и причината: ИЗВ 30.11 болест. Без дата важи за днес.")


def no_such_day(language: Language) -> str:
    """A date that there is not, or a last day before the first."""
    return gettext(language, "Няма такива дати. Пратете ИЗВ, датата и причината: ИЗВ 30.11 болест.")


def which_child(language: Language) -> str:
    """To who follows several children and named none of them."""
    return gettext(language, "Кое дете? Пратете ИЗВ, името или ID-кода, датата и причината.")


def benefit(language: Language, of: Standing, numbers: Numbers) -> str:
    """The warning, as a line of the child's news."""
    hours = in_halves(language, of.hours)
    if of.is_lost:
        return gettext(
            language,
            "Неизвинени часове този месец: {hours}. При {most} спират детските надбавки. Извиняване: класният "
            "ръководител; за днес и напред: ИЗВ на {short_code}",
            hours=hours,
            most=LOST_AT,
            short_code=numbers.short_code,
        )
    return gettext(
        language,
        "Неизвинени часове този месец: {hours}, остават {left}: при {most} спират детските надбавки. Извиняване: "
        "бележка от лекар; за днес и напред: ИЗВ на {short_code}",
        hours=hours,
        left=in_halves(language, of.left),
        most=LOST_AT,
        short_code=numbers.short_code,
    )


def closing(language: Language, of: Standing, numbers: Numbers) -> str:
    """The same before the month closes."""
    return gettext(language, "Месецът приключва. {warning}", warning=benefit(language, of, numbers))


_LESSONS: dict[AbsenceKind | None, Words] = {
    None: Words("в час"),
    AbsenceKind.UNEXCUSED: Words("отсъства"),
    AbsenceKind.EXCUSED: Words("отсъства (извинено)"),
    AbsenceKind.LATE: Words("закъснение"),
}


def today(language: Language, name: str, of: Today) -> str:
    """„Мария днес: 1.-3. час в час; 4. час закъснение; 5.-6. час още няма въведено“."""
    if of.from_hour is not None:
        return gettext(
            language, "{name}: за деня казваме след {hour} ч. Опитайте тогава.", name=called(name), hour=of.from_hour
        )
    if not of.knows_anything:
        return gettext(language, "{name}: за днес още няма нищо въведено.", name=called(name))
    told = "; ".join(
        gettext(
            language,
            "{lessons} час – {what}" if one.was_entered else "{lessons} час – още няма въведено",
            lessons=f"{one.first}." if one.first == one.last else f"{one.first}.–{one.last}.",
            what=gettext(language, _LESSONS[one.absence].sentence),
        )
        for one in of.stretches
    )
    return gettext(language, "{name} днес: {told}", name=called(name), told=told)
