"""What is answered to a parent's text, and written about a subscription: short sentences in Bulgarian and English.

A national id is never repeated, a student code neither, and no child is named to whom does not follow it.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from db.kinds import AbsenceKind, Language, Mark
from runtime.localtime import SOFIA
from school.outbox.enqueue import PIN_PLACE
from school.record_rows import AbsenceRow, AbsenceTotals, GradeRow, MeetingRow
from school.service import Numbers
from school.wording import lines
from school.wording.words import ABSENCE_KINDS, usual_name

BULGARIAN = Language.BULGARIAN
LISTED_GRADE = 42
"""UTF-16 units of a grade among others: five of them and a name are four parts at most."""


def child(language: Language, given_name: str, class_name: str | None) -> str:
    """„Мария от 8а“; no class after the student left."""
    name = lines.called(given_name)
    if class_name is None:
        return name
    return f"{name} от {class_name}" if language is BULGARIAN else f"{name} ({class_name})"


def follows(language: Language, children: Sequence[str], numbers: Numbers, price: str) -> str:
    """The answer to a wish that came true, with the PIN's place, the price and how to stop."""
    if language is BULGARIAN:
        return (
            f"Следите {_and(language, children)}. ПИН за {numbers.voice}: {PIN_PLACE}. {price} на месец. "
            f"Спиране: СТОП на {numbers.short_code}."
        )
    return (
        f"You follow {_and(language, children)}. PIN for {numbers.voice}: {PIN_PLACE}. {price} a month. "
        f"To end: STOP to {numbers.short_code}."
    )


def follows_already(language: Language, children: Sequence[str]) -> str:
    """Nothing has changed: also the PIN has not."""
    if language is BULGARIAN:
        return f"Вече следите {_and(language, children)}. За нов ПИН пратете ПИН, за край – СТОП."
    return f"You follow {_and(language, children)} already. Text PIN for a new PIN, STOP to end."


def asked(language: Language) -> str:
    """To a national id, the same whether there is such a student or not."""
    if language is BULGARIAN:
        return (
            "Получихме молбата Ви. Ако е за наш ученик, класният ръководител ще я разгледа и ще получите ПИН. "
            "С ID-кода от училище става веднага."
        )
    return (
        "We have your request. If it is for a student of ours, the class teacher decides and you get a PIN. "
        "With the ID-code from school it works at once."
    )


def wrong(language: Language) -> str:
    """No student has this number."""
    if language is BULGARIAN:
        return "Няма ученик с този номер. Проверете 8-те цифри на ID-кода."
    return "No student has this number. Check the ID-code from school (8 digits) and text it again."


def locked(language: Language, wait: timedelta) -> str:
    """Too many wrong ones; said once for each delay."""
    minutes = max(1, -(-int(wait.total_seconds()) // 60))
    hours = -(-minutes // 60)
    if language is BULGARIAN:
        spoken = _counted(minutes, "минута", "минути") if minutes <= 90 else _counted(hours, "час", "часа")
        return f"Твърде много опити с грешен номер. Опитайте отново след {spoken}."
    spoken = _counted(minutes, "minute", "minutes") if minutes <= 90 else _counted(hours, "hour", "hours")
    return f"Too many tries with a wrong number. Try again in {spoken}."


def stopped(language: Language, children: Sequence[str], numbers: Numbers) -> str:
    """The one confirmation of a STOP; no children: only a request was withdrawn."""
    if not children:
        return "Готово, молбата Ви е оттеглена." if language is BULGARIAN else "Done, your request is withdrawn."
    if language is BULGARIAN:
        return f"Готово, вече не следите {_and(language, children)}. Отново: ID-кода на {numbers.short_code}."
    return f"Done, you no longer follow {_and(language, children)}. Again: ID-code to {numbers.short_code}."


def follows_nobody(language: Language, numbers: Numbers) -> str:
    """The number has no subscription."""
    if language is BULGARIAN:
        return f"От този номер не следите ученик. Абонамент: ID-кода на {numbers.short_code}."
    return f"This number follows no student. To follow one, text the ID-code (8 digits) to {numbers.short_code}."


def follows_another(language: Language) -> str:
    """The number that came with a command belongs to no student whom the subscriber follows."""
    if language is BULGARIAN:
        return "Не следите ученик с този номер. Пратете само думата (СТОП, ПИН, ОЦЕНКИ), за да важи за всички."
    return "You follow no student with this number. Text the word alone (STOP, PIN, GRADES), it is for all then."


def new_pin(language: Language, given_names: Sequence[str], numbers: Numbers) -> str:
    """With the PIN's place, and for whom it is."""
    children = [lines.called(name) for name in given_names]
    if language is BULGARIAN:
        return f"Нов ПИН за {numbers.voice}: {PIN_PLACE} ({', '.join(children)})."
    return f"New PIN for {numbers.voice}: {PIN_PLACE} ({', '.join(children)})."


def letter_sent(language: Language) -> str:
    """To who wants e-mail too: nothing is told there before the link was opened. The address is not repeated."""
    if language is BULGARIAN:
        return "Пратихме Ви писмо с връзка: отворете я и ще Ви пишем и там."
    return "We sent you a letter with a link: open it and we will write to you there too."


def which_address(language: Language) -> str:
    """The address is missing, or is none."""
    if language is BULGARIAN:
        return "Пратете ИМЕЙЛ и адреса си: ИМЕЙЛ ivanova@example.com"
    return "Text EMAIL and your address: EMAIL ivanova@example.com"


def too_many_letters(language: Language) -> str:
    """Links were asked for again and again."""
    if language is BULGARIAN:
        return "Днес поискахте много такива писма. Опитайте отново утре."
    return "You asked for many such letters today. Try again tomorrow."


def help_text(language: Language, numbers: Numbers, price: str) -> str:
    """All that can be texted."""
    if language is BULGARIAN:
        return (
            f"Пратете на {numbers.short_code}: ID-код за абонамент – {price} на месец, ОЦЕНКИ, ОТСЪСТВИЯ, СРЕЩИ, "
            f"ПИН, СТОП за край. Тел. {numbers.voice}."
        )
    return (
        f"Text to {numbers.short_code}: a student's ID-code to follow, {price} a month; GRADES, ABSENCES, MEETINGS; "
        f"PIN for a new one; STOP to end. Or call {numbers.voice}."
    )


def not_a_code(language: Language) -> str:
    """Nothing came but a number of the wrong length."""
    if language is BULGARIAN:
        return "ID-кодът е от 8 цифри: вижте етикета от училище и пратете пак."
    return "An ID-code has 8 digits: see the label from school and text it again."


def new_follower(
    language: Language, given_name: str, class_name: str | None, masked_number: str, *, by_email: bool = False
) -> str:
    """To the earlier followers of a student; `masked_number` may be an e-mail address."""
    followed = child(language, given_name, class_name)
    if language is BULGARIAN:
        new = f"Нов {'имейл' if by_email else 'номер'} {masked_number}"
        return f"{new} вече следи {followed}. Ако не е Ваш близък, кажете на класния ръководител."
    new = f"A new {'address' if by_email else 'number'} {masked_number}"
    return f"{new} now follows {followed}. If you do not know it, tell the class teacher."


def grades(language: Language, name: str, rows: Iterable[GradeRow]) -> str:
    """The newest grades of one child, as notifications word them, in few words."""
    told = [
        lines.line(
            lines.Grade(row.subject, row.kind, row.value, Mark(row.mark) if row.mark else None, row.on),
            language=language,
            longest=LISTED_GRADE,
        )
        for row in rows
    ]
    return _of(name, told, "още няма оценки" if language is BULGARIAN else "no grades yet")


def absences(language: Language, name: str, totals: AbsenceTotals, rows: Iterable[AbsenceRow]) -> str:
    """The sums of the year, lateness as halves, and the newest absences, those of a day and kind together."""
    alike: dict[tuple[date, AbsenceKind], list[str]] = {}
    for row in rows:
        subject = usual_name(row.subject) if language is BULGARIAN else row.subject
        alike.setdefault((row.on, row.kind), []).append(subject)
    if not alike:
        return _of(name, (), "няма отсъствия" if language is BULGARIAN else "no absences")
    unexcused, excused = absences_in_halves(language, totals.total_unexcused), str(totals.excused)
    words = ABSENCE_KINDS[language]
    sums = f"{words[AbsenceKind.UNEXCUSED]} {unexcused}, {words[AbsenceKind.EXCUSED]} {excused}"
    told = "; ".join(
        f"{on:%d.%m} {words[kind]}: {', '.join(dict.fromkeys(subjects))}" for (on, kind), subjects in alike.items()
    )
    return f"{lines.called(name)}: {sums}. {told}"


def meetings(language: Language, name: str, rows: Iterable[MeetingRow]) -> str:
    """What is ahead, the soonest first."""
    told = [
        lines.line(lines.Gathering(row.kind, row.title, row.place, row.starts_at), language=language, child=name)
        for row in rows
    ]
    return _of(name, told, "няма предстоящи срещи" if language is BULGARIAN else "no meetings ahead")


def no_more_invitations(language: Language) -> str:
    """To a number that follows nobody, but was called or written to for a campaign."""
    if language is BULGARIAN:
        return "Училището повече няма да Ви търси с покани и съобщения на този номер."
    return "The school will not call or write to this number with invitations any more."


def coming(language: Language, title: str, starts_at: datetime, *, comes: bool) -> str:
    """That an answer to an invitation was noted; `starts_at` aware."""
    at = f"{lines.cut(title, 60)}, {starts_at.astimezone(SOFIA):%d.%m, %H:%M}"
    if language is BULGARIAN:
        return f"Записахме, че {'ще дойдете' if comes else 'няма да дойдете'}: {at} ч."
    return f"Noted that you {'come' if comes else 'do not come'}: {at}."


def _of(name: str, told: Sequence[str], none: str) -> str:
    return f"{lines.called(name)}: {'; '.join(told) or none}"


def _and(language: Language, names: Sequence[str]) -> str:
    """„Мария, Иван и Ани“."""
    last = " и " if language is BULGARIAN else " and "
    return last.join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def absences_in_halves(language: Language, number: Decimal) -> str:
    """„2 и 1/2“, as a teacher writes two and a half."""
    whole, half = divmod(number, 1)
    joint = " и " if language is BULGARIAN else " "
    return f"{whole:.0f}" if not half else f"{whole:.0f}{joint}1/2" if whole else "1/2"
