"""Answers to parents' texts, and messages about a subscription, in short sentences.

A national id is never repeated, a student code neither, and no child is named to whom does not follow it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from db.kinds import AbsenceKind, Language, Mark
from runtime.localtime import SOFIA
from school.hearing.rows import AbsenceRow, AbsenceTotals, GradeRow, MeetingRow
from school.lines import parts_of
from school.outbox.enqueue import PIN_PLACE
from school.wording import lines
from school.wording.service import Numbers
from school.wording.translation import gettext, in_latin, ngettext
from school.wording.words import ABSENCE_KINDS, in_halves, short_date, short_for, usual_name

LISTED_GRADE = 42
"""UTF-16 units of a grade among others: five of them and a name are four parts at most."""
LISTED_OF_SUBJECT = 50
"""The same where a subject was asked for: its name is written in full."""


def child(language: Language, given_name: str, class_name: str | None) -> str:
    """„Мария от 8а“; no class after the student left."""
    name = lines.called(given_name)
    if class_name is None:
        return name
    return gettext(language, "{name} от {class_name}", name=name, class_name=class_name)


def follows(language: Language, children: Sequence[str], numbers: Numbers, price: str) -> str:
    """The answer to a wish that came true, with the PIN's place, the price and how to stop.

    No price: what it costs and how to agree to that follow (`school.billing.wording.terms`).
    """
    if not price:
        return gettext(
            language,
            "Следите {children}. ПИН за {voice}: {pin}.",
            children=_and(language, children),
            voice=numbers.voice,
            pin=PIN_PLACE,
        )
    return gettext(
        language,
        "Следите {children}. ПИН за {voice}: {pin}. {price} на месец. Спиране: СТОП на {short_code}.",
        children=_and(language, children),
        voice=numbers.voice,
        pin=PIN_PLACE,
        price=price,
        short_code=numbers.short_code,
    )


def follows_already(language: Language, children: Sequence[str]) -> str:
    """Nothing has changed: also the PIN has not."""
    return gettext(
        language,
        "Вече следите {children}. За нов ПИН пратете ПИН, за край – СТОП.",
        children=_and(language, children),
    )


def asked(language: Language) -> str:
    """To a national id, the same whether there is such a student or not."""
    return gettext(
        language,
        "Получихме молбата Ви. Ако е за наш ученик, класният ръководител ще я разгледа и ще получите ПИН. "
        "С ID-кода от училище става веднага.",
    )


def wrong(language: Language) -> str:
    """No student has this number."""
    return gettext(language, "Няма ученик с този номер. Проверете 8-те цифри на ID-кода.")


def locked(language: Language, wait: timedelta) -> str:
    """Too many wrong ones; said once for each delay."""
    minutes = max(1, -(-int(wait.total_seconds()) // 60))
    hours = -(-minutes // 60)
    if minutes <= 90:
        spoken = ngettext(language, "{count} минута", "{count} минути", minutes)
    else:
        spoken = ngettext(language, "{count} час", "{count} часа", hours)
    return gettext(language, "Твърде много опити с грешен номер. Опитайте отново след {wait}.", wait=spoken)


def stopped(language: Language, children: Sequence[str], numbers: Numbers) -> str:
    """The one confirmation of a STOP; no children: only a request was withdrawn."""
    if not children:
        return gettext(language, "Готово, молбата Ви е оттеглена.")
    return gettext(
        language,
        "Готово, вече не следите {children}. Отново: ID-кода на {short_code}.",
        children=_and(language, children),
        short_code=numbers.short_code,
    )


def follows_nobody(language: Language, numbers: Numbers) -> str:
    """The number has no subscription."""
    return gettext(
        language,
        "От този номер не следите ученик. Абонамент: ID-кода на {short_code}.",
        short_code=numbers.short_code,
    )


def follows_another(language: Language) -> str:
    """The number that came with a command belongs to no student whom the subscriber follows."""
    return gettext(
        language,
        "Не следите ученик с този номер. Пратете само думата (СТОП, ПИН, ОЦЕНКИ), за да важи за всички.",
    )


def new_pin(language: Language, given_names: Sequence[str], numbers: Numbers) -> str:
    """With the PIN's place, and for whom it is."""
    children = ", ".join(lines.called(name) for name in given_names)
    return gettext(
        language, "Нов ПИН за {voice}: {pin} ({children}).", voice=numbers.voice, pin=PIN_PLACE, children=children
    )


def letter_sent(language: Language) -> str:
    """To who wants e-mail too: nothing is told there before the link was opened. The address is not repeated."""
    return gettext(language, "Пратихме Ви писмо с връзка: отворете я и ще Ви пишем и там.")


def which_address(language: Language) -> str:
    """The address is missing, or is none."""
    return gettext(language, "Пратете ИМЕЙЛ и адреса си: ИМЕЙЛ ivanova@example.com")


def too_many_letters(language: Language) -> str:
    """Links were asked for again and again."""
    return gettext(language, "Днес поискахте много такива писма. Опитайте отново утре.")


def help_text(language: Language, numbers: Numbers, price: str) -> str:
    """All that can be texted."""
    return gettext(
        language,
        "Пратете на {short_code}: ID-код за {price} месечно, ДНЕС, ОЦЕНКИ, ОТСЪСТВИЯ, ИЗВ, СРЕЩИ, "
        "ПИН, НАСТРОЙ, МАХНИ, СТОП. Тел. {voice}.",
        short_code=numbers.short_code,
        price=price,
        voice=numbers.voice,
    )


def how_to_stop(language: Language, numbers: Numbers) -> str:
    """To a refusal in words that are not clearly STOP: nothing was stopped."""
    return gettext(
        language, "За край: СТОП на {short_code}. Засега всичко остава, както е.", short_code=numbers.short_code
    )


def stops_nobody(language: Language, numbers: Numbers) -> str:
    """To STOP with a number that is none of the children's: it stops nobody else."""
    return gettext(
        language,
        "Не следите ученик с този номер. За край на всички: СТОП на {short_code}.",
        short_code=numbers.short_code,
    )


def price(language: Language, numbers: Numbers, told: str) -> str:
    """What a month costs."""
    return gettext(
        language,
        "Абонаментът е {price} на месец. За край: СТОП на {short_code}.",
        price=told,
        short_code=numbers.short_code,
    )


def not_at_all(language: Language, numbers: Numbers) -> str:
    """To thanks."""
    return gettext(
        language, "И ние благодарим! Какво можете да пратите: ПОМОЩ на {short_code}.", short_code=numbers.short_code
    )


def ask_the_teacher(language: Language, numbers: Numbers) -> str:
    """To a complaint about what was told."""
    return gettext(
        language,
        "За поправка: класният ръководител. ПОМОЩ или СТОП на {short_code}.",
        short_code=numbers.short_code,
    )


def not_understood(language: Language, numbers: Numbers) -> str:
    """To another text that is not understood, soon after the explanation."""
    return gettext(
        language, "Не разбрахме. Помощ: ПОМОЩ на {short_code}. За край: СТОП.", short_code=numbers.short_code
    )


def not_a_code(language: Language) -> str:
    """Nothing came but a number of the wrong length."""
    return gettext(language, "ID-кодът е от 8 цифри: вижте етикета от училище и пратете пак.")


def new_follower(
    language: Language,
    given_name: str,
    class_name: str | None,
    masked_number: str,
    *,
    by_email: bool = False,
    removal: str | None = None,
) -> str:
    """To the earlier followers of a student; `masked_number` may be an e-mail address.

    `removal`: what the family's first subscriber texts behind МАХНИ to end it; None: the class teacher can.
    """
    followed = child(language, given_name, class_name)
    told = (
        gettext(language, "Нов имейл {address} вече следи {child}.", address=masked_number, child=followed)
        if by_email
        else gettext(language, "Нов номер {number} вече следи {child}.", number=masked_number, child=followed)
    )
    what = (
        gettext(language, "Ако не е Ваш близък, кажете на класния ръководител.")
        if removal is None
        else gettext(language, "Ако не е Ваш близък, пратете МАХНИ {number}.", number=removal)
    )
    return f"{told} {what}"


def follower_waits(language: Language, given_name: str, class_name: str | None, masked_number: str) -> str:
    """To the followers of a student whom somebody else with the ID-code wants to follow."""
    return gettext(
        language,
        "{follower} иска да следи {child}. Ако е Ваш близък, кажете на класния ръководител: той решава.",
        follower=masked_number,
        child=child(language, given_name, class_name),
    )


def waits(language: Language) -> str:
    """To who has the ID-code, where the class teacher decides."""
    return gettext(language, "Получихме молбата Ви. Класният ръководител ще я разгледа и ще получите ПИН.")


def removed(language: Language, shown: str, children: Sequence[str]) -> str:
    """To the family's first subscriber: the follower is ended."""
    return gettext(
        language, "Готово: {follower} вече не следи {children}.", follower=shown, children=_and(language, children)
    )


def whom_to_remove(language: Language, followers: Sequence[tuple[str, str]]) -> str:
    """Who else follows, each as masked and with what is texted behind МАХНИ; none: nobody can be ended so."""
    if not followers:
        return gettext(language, "Няма кого да махнете с SMS. При въпроси: класният ръководител.")
    listed = ", ".join(f"{shown} – {number}" for shown, number in followers)
    return gettext(language, "Пратете МАХНИ и числото след номера: {followers}", followers=listed)


def not_first(language: Language) -> str:
    """To who may not end others."""
    return gettext(language, "Само първият абонат на ученика може да маха други. Обърнете се към класния ръководител.")


def is_guardian(language: Language) -> str:
    """Who was to be ended is a guardian by the school's records."""
    return gettext(
        language, "Този номер е на родител, когото училището е записало. Обърнете се към класния ръководител."
    )


def address_removed(language: Language) -> str:
    """To МАХНИ ИМЕЙЛ."""
    return gettext(language, "Готово, вече няма да Ви пишем по имейл.")


def no_address(language: Language) -> str:
    """To МАХНИ ИМЕЙЛ of who has none with us."""
    return gettext(language, "Не Ви пишем по имейл.")


def grades(language: Language, name: str, rows: Iterable[GradeRow], subjects: Sequence[str] = ()) -> str:
    """The newest grades of one child, as notifications word them, in few words; `subjects`: those of these alone."""
    happenings = [
        lines.Grade(row.subject, row.kind, row.value, Mark(row.mark) if row.mark else None, row.on) for row in rows
    ]
    longest = LISTED_OF_SUBJECT if subjects else LISTED_GRADE
    told = [lines.line(one, language=language, longest=longest) for one in happenings]
    # A subject that has to be shortened once is called the same in the whole answer.
    shortened = {one.subject for one, line in zip(happenings, told, strict=True) if not _is_whole(language, one, line)}
    for number, one in enumerate(happenings):
        if one.subject in shortened and one.subject:
            short = replace(one, subject=short_for(language, one.subject))
            told[number] = lines.line(short, language=language, longest=longest)
    return _of(name, told, _none(language, subjects, gettext(language, "още няма оценки")))


def _is_whole(language: Language, grade: lines.Grade, line: str) -> bool:
    return grade.subject is None or line.startswith(usual_name(language, grade.subject))


def absences(
    language: Language, name: str, totals: AbsenceTotals, rows: Iterable[AbsenceRow], subjects: Sequence[str] = ()
) -> str:
    """The sums of the year, lateness as halves, and the newest absences, those of a day and kind together.

    `subjects`: the sums and absences are those of these alone.
    """
    alike: dict[tuple[date, AbsenceKind], list[str]] = {}
    for row in rows:
        alike.setdefault((row.on, row.kind), []).append(usual_name(language, row.subject))
    if not alike:
        return _of(name, (), _none(language, subjects, gettext(language, "няма отсъствия")))
    unexcused, excused = in_halves(language, totals.total_unexcused), str(totals.excused)
    words = {kind: gettext(language, word) for kind, word in ABSENCE_KINDS.items()}
    sums = f"{words[AbsenceKind.UNEXCUSED]} {unexcused}, {words[AbsenceKind.EXCUSED]} {excused}"
    told = "; ".join(
        f"{short_date(on)} {words[kind]}: {', '.join(dict.fromkeys(subjects))}"
        for (on, kind), subjects in alike.items()
    )
    return f"{lines.called(name)}: {sums}. {told}"


def _none(language: Language, subjects: Sequence[str], none: str) -> str:
    """„Математика – още няма оценки“."""
    return f"{', '.join(usual_name(language, subject) for subject in subjects)} – {none}" if subjects else none


MOST_PARTS = 3
"""Parts of an answer that lists meetings; the telephone tells all of them."""


def meetings(language: Language, name: str, rows: Sequence[MeetingRow], numbers: Numbers) -> str:
    """What is ahead, the soonest first, in the fullest words that take as few parts as the shortest do."""
    none = gettext(language, "няма предстоящи срещи")
    happenings = [lines.SchoolEventDetails(row.kind, row.title, row.place, row.starts_at) for row in rows]
    ways = [
        [lines.line(one, language=language, child=name) for one in happenings],
        [lines.short_event(one, language) for one in happenings],
    ]
    texts = [_of(name, told, none) for told in ways]
    latin = in_latin(language)
    fewest = min(texts, key=lambda text: parts_of(text, latin=latin))  # of two alike the first, which is fuller
    if parts_of(fewest, latin=latin) <= MOST_PARTS:
        return fewest
    short = ways[-1]
    for kept in range(len(short) - 1, 0, -1):
        left = gettext(language, "Още {count}: тел. {voice}.", count=len(short) - kept, voice=numbers.voice)
        fewest = f"{_of(name, short[:kept], none)}. {left}"
        if parts_of(fewest, latin=latin) <= MOST_PARTS:
            break
    return fewest


def no_more_invitations(language: Language) -> str:
    """To a number that follows nobody, but was called or written to for a campaign."""
    return gettext(language, "Училището повече няма да Ви търси с покани и съобщения на този номер.")


def coming(language: Language, title: str, starts_at: datetime, *, comes: bool) -> str:
    """That an answer to an invitation was noted; `starts_at` aware."""
    at = f"{lines.cut(title, 60)}, {starts_at.astimezone(SOFIA):%d.%m, %H:%M}"
    if comes:
        return gettext(language, "Записахме, че ще дойдете: {meeting} ч.", meeting=at)
    return gettext(language, "Записахме, че няма да дойдете: {meeting} ч.", meeting=at)


def _of(name: str, told: Sequence[str], none: str) -> str:
    return f"{lines.called(name)}: {'; '.join(told) or none}"


def _and(language: Language, names: Sequence[str]) -> str:
    """„Мария, Иван и Ани“."""
    *others, last = names
    return gettext(language, "{names} и {last}", names=", ".join(others), last=last) if others else last
