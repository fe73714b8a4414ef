"""Answers to texts about what the telephone is told and when: one part of an SMS where it can be."""

from collections.abc import Iterable, Mapping

from db.kinds import Channel, EventKind, Language
from school.subscriptions.wishes import Wishes
from school.wording.service import Numbers
from school.wording.translation import Words, gettext

KINDS: Mapping[EventKind, Words] = {
    EventKind.GRADE: Words("оценки"),
    EventKind.ABSENCE: Words("отсъствия"),
    EventKind.REMARK: Words("забележки"),
    EventKind.HEALTH: Words("здраве"),
    EventKind.MEETING: Words("срещи"),
    EventKind.EVENT: Words("събития"),
}
"""As a parent types them behind БЕЗ and СЪС."""


def how_it_stands(
    language: Language,
    found: Iterable[Wishes],
    hours: tuple[int, int],
    *,
    gets_sms: bool,
    numbers: Numbers,
    text_only: bool = False,
    slow_speech: bool = False,
) -> str:
    """What the telephone is told, and when.

    `found` are the wishes of every channel, `hours` (from, until) those of the school: an hour outside them waits, and
    that is said. Not `gets_sms`: the telephone menu switched SMS off for every child. `text_only`: nobody rings.
    `slow_speech`: calls speak slowly.
    """
    of = {one.channel: one for one in found}
    sms, calls = of[Channel.SMS], of[Channel.CALL]
    told = [
        gettext(language, "SMS: {what}, {when}.", what=_what(language, sms.unwanted), when=_when(language, sms))
        if gets_sms
        else gettext(language, "SMS са спрени: включват се на {voice}, 7.", voice=numbers.voice),
        _no_calls(language, sms, calls)
        if text_only
        else gettext(language, "Обаждания: {when}.", when=_calls(language, sms, calls)),
    ]
    chosen = [one.daily_hour for one in (sms, calls) if one.timed and one.daily_hour is not None]
    if any(not hours[0] <= hour < hours[1] for hour in chosen):
        told.append(gettext(language, "Училището търси само от {start} до {end} ч.", start=hours[0], end=hours[1]))
    if slow_speech:
        told.append(gettext(language, "Бавна реч."))
    return " ".join(told)


def what_can_be_changed(language: Language, *, text_only: bool = False, slow_speech: bool = False) -> str:
    """What to text; every word of it is understood."""
    speech = gettext(language, "НОРМАЛНО") if slow_speech else gettext(language, "БАВНО")
    if text_only:
        return gettext(
            language, "Пратете БЕЗ ОЦЕНКИ, СЪС ОЦЕНКИ, ЧАС 18, ВЕДНАГА, С ОБАЖДАНИЯ, {speech}.", speech=speech
        )
    if slow_speech:  # one word less, so that the usual answer takes two parts
        return gettext(
            language,
            "Пратете БЕЗ ОЦЕНКИ, СЪС ОЦЕНКИ, ЧАС 18, ВЕДНАГА, ОБАЖДАНИЯ 18, САМО ТЕКСТ, {speech}.",
            speech=speech,
        )
    return gettext(
        language,
        "Пратете БЕЗ ОЦЕНКИ, СЪС ОЦЕНКИ, ЧАС 18, ВЕДНАГА, ОБАЖДАНИЯ 18, ОБАЖДАНИЯ НЕ, САМО ТЕКСТ, {speech}.",
        speech=speech,
    )


def wrong_hour(language: Language, channel: Channel) -> str:
    """To „ЧАС 18:30“, „ЧАС 25“, „ЧАС“: nothing was changed."""
    if channel is Channel.CALL:
        return gettext(language, "Може само цял час от 0 до 23: ОБАЖДАНИЯ 18. Нищо не сменихме.")
    return gettext(language, "Може само цял час от 0 до 23: ЧАС 18. Нищо не сменихме.")


def unclear(language: Language) -> str:
    """To something like a wish: nothing was changed."""
    return gettext(language, "Нищо не сменихме. Пратете БЕЗ ОЦЕНКИ, ЧАС 18, НАСТРОЙ. За край: СТОП.")


def _what(language: Language, unwanted: frozenset[EventKind]) -> str:
    if not unwanted:
        return gettext(language, "всичко")
    told = [gettext(language, words) for kind, words in KINDS.items() if kind not in unwanted]
    left_out = [gettext(language, words) for kind, words in KINDS.items() if kind in unwanted]
    if not told:
        return gettext(language, "нищо")
    if len(told) < len(left_out):
        return gettext(language, "само {kinds}", kinds=", ".join(told))
    return gettext(language, "без {kinds}", kinds=", ".join(left_out))


def _when(language: Language, one: Wishes) -> str:
    if one.daily_hour is None:
        return gettext(language, "веднага")
    return gettext(language, "веднъж на ден в {hour}:00", hour=one.daily_hour)


def _calls(language: Language, sms: Wishes, calls: Wishes) -> str:
    if not calls.timed:
        return gettext(language, "не")
    when = _when(language, calls)
    return when if calls.unwanted == sms.unwanted else f"{_what(language, calls.unwanted)}, {when}"


def _no_calls(language: Language, sms: Wishes, calls: Wishes) -> str:
    """Nobody rings; what only calls told goes by SMS at their hour."""
    instead = sms.unwanted - calls.unwanted
    if not calls.timed or not instead:
        return gettext(language, "Само текст, без обаждания.")
    kinds = ", ".join(gettext(language, words) for kind, words in KINDS.items() if kind in instead)
    return gettext(language, "Само текст; вместо обаждане: {what}, {when}.", what=kinds, when=_when(language, calls))
