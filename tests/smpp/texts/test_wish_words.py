"""What parents type to be told less, more, or at another hour: every spelling, and never by a sentence."""

import itertools
import re
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.kinds import Channel, EventKind, Language
from school.subscriptions import wish_wording, wording
from school.wording.service import Numbers
from school.wording.translation import gettext
from smpp.protocol.transliteration import to_latin
from smpp.texts import wish_words
from smpp.texts.commands import Absences, CallBack, Coming, Command, Grades, Letters, Meetings, Stop, Unknown
from smpp.texts.parsing import parse
from smpp.texts.slow_words import SlowSpeech
from smpp.texts.wish_words import (
    TELEPHONE,
    Hour,
    HowItStands,
    Kinds,
    NoCalls,
    TextOnly,
    UnclearWish,
    WrongHour,
)
from tests.smpp.texts.test_parsing import around

TYPED = {
    EventKind.GRADE: "ОЦЕНКИ оценка оценките бележки ocenki otsenki Ocenka belejki GRADES grade marks",
    EventKind.ABSENCE: "ОТСЪСТВИЯ отсъствие отсаствия otsastviya otsustviq otsystvie otsastvie absences ABSENCE",
    EventKind.REMARK: "ЗАБЕЛЕЖКИ забележка zabelejki zabelezhka zabelezhki REMARKS remark",
    EventKind.HEALTH: "ЗДРАВЕ здраве zdrave 3draве здравни zdravni HEALTH",
    EventKind.MEETING: "СРЕЩИ среща sreshti sre6ti srе6ta sreshta MEETINGS meeting",
    EventKind.EVENT: "СЪБИТИЯ събитие sabitia sybitiq sabitiya sabitie мероприятия EVENTS event",
}
kinds = st.sampled_from(list(EventKind))
hours = st.integers(0, 23)


def without(*kinds: EventKind) -> Kinds:
    return Kinds(frozenset(kinds), False)


class TestKinds:
    @pytest.mark.parametrize("kind", EventKind)
    def test_every_spelling_of_every_kind(self, kind: EventKind) -> None:
        for word in TYPED[kind].split():
            for way in ("БЕЗ", "без", "bez", "Bez", "6ез", "be3", "без:", "without", "NO"):
                assert parse(f"{way} {word}") == without(kind), (way, word)
            for way in ("СЪС", "със", "С", "с", "sas", "SUS", "sys", "s", "WITH"):
                assert parse(f"{way} {word}") == Kinds(frozenset({kind}), True), (way, word)

    @given(st.lists(kinds, min_size=1, max_size=6, unique=True), st.booleans(), st.data())
    def test_several_at_once_in_any_case_and_any_letters(
        self, chosen: list[EventKind], wanted: bool, data: st.DataObject
    ) -> None:
        way = "със" if wanted else "без"
        joined = data.draw(st.sampled_from([" ", ", ", " и ", f" и {way} ", f", {way} "]))
        text = f"{way} " + joined.join(TYPED[kind].split()[0] for kind in chosen)
        shapes: list[Callable[[str], str]] = [str, str.lower, str.upper, str.swapcase, to_latin]
        shape = data.draw(st.sampled_from(shapes))
        written = data.draw(around) + shape(text) + data.draw(around)
        assert parse(written) == Kinds(frozenset(chosen), wanted)

    @pytest.mark.parametrize(
        ("written", "wish"),
        [
            ("Моля, без оценки.", without(EventKind.GRADE)),
            ("без оценки, благодаря!", without(EventKind.GRADE)),
            ("„БЕЗ ОЦЕНКИ“", without(EventKind.GRADE)),
            ("без здравни бележки", without(EventKind.HEALTH)),
            ("no health notes", without(EventKind.HEALTH)),
            ("без родителски срещи", without(EventKind.MEETING)),
            ("СЪС ВСИЧКО", Kinds(frozenset(EventKind), True)),
            ("with everything", Kinds(frozenset(EventKind), True)),
            ("SMS без оценки", Kinds(frozenset({EventKind.GRADE}), False, (Channel.SMS,))),
            ("обаждания без оценки", Kinds(frozenset({EventKind.GRADE}), False, (Channel.CALL,))),
        ],
    )
    def test_other_ways_to_say_it(self, written: str, wish: Command) -> None:
        assert parse(written) == wish


class TestHours:
    @given(
        hours,
        st.sampled_from(
            ["ЧАС {}", "час {}", "4as {}", "CHAS {}", "ЧАС: {}", "час{}", "ЧАС {}:00", "час в {} ч.", "HOUR {}",
             "час {}ч", "SMS час {}", "веднъж на ден в {}:00", "once a day at {}", "vednaj na den {}",
             "моля час {} часа"]
        ),
        around,
    )  # fmt: skip
    def test_once_a_day(self, hour: int, form: str, behind: str) -> None:
        assert parse(form.format(hour) + behind) == Hour(Channel.SMS, hour)

    @given(
        hours,
        st.sampled_from(
            ["ОБАЖДАНИЯ {}", "обаждане {}", "obajdaniq {}", "OBAZHDANIYA {}", "CALLS {}", "обаждания в {} часа",
             "обаждания час {}", "обаждания {}:00", "обаждания{}"]
        ),
    )  # fmt: skip
    def test_calls(self, hour: int, form: str) -> None:
        assert parse(form.format(hour)) == Hour(Channel.CALL, hour)

    @pytest.mark.parametrize("written", ["ОБАЖДАНЕ", "обаждания", "call", "calls"])
    def test_the_lone_word_asks_how_calls_are_set(self, written: str) -> None:
        assert parse(written) == HowItStands()

    @pytest.mark.parametrize("written", ["обади се", "обратно обаждане", "call me", "обаждане моля", "callback"])
    def test_a_call_back_is_none_of_them(self, written: str) -> None:
        assert parse(written) == CallBack()

    @pytest.mark.parametrize(
        "written", ["ВЕДНАГА", "veднага", "vednaga", "WEDNAGA", "at once", "immediately", "sms веднага"]
    )
    def test_at_once(self, written: str) -> None:
        assert parse(written) == Hour(Channel.SMS, None)

    @pytest.mark.parametrize(
        "written",
        ["ОБАЖДАНИЯ НЕ", "obajdaniq ne", "без обаждания", "BEZ OBAZHDANIYA", "calls no", "NO CALLS", "обаждания: не!"],
    )
    def test_no_calls(self, written: str) -> None:
        assert parse(written) == NoCalls()

    @pytest.mark.parametrize(
        "written",
        ["САМО ТЕКСТ", "само текст!", "SAMO TEKST", "samo text", "Моля, само текст", "само съобщения", "само SMS",
         "samo sms", "само със SMS", "SMS само", "TEXT ONLY", "texts only", "only text", "text only please"],
    )  # fmt: skip
    def test_texts_and_no_calls(self, written: str) -> None:
        assert parse(written) == TextOnly(True)

    @pytest.mark.parametrize(
        "written", ["С ОБАЖДАНИЯ", "S OBAZHDANIYA", "s obajdaniq", "със обаждания", "с обаждания, моля", "WITH CALLS"]
    )
    def test_calls_again(self, written: str) -> None:
        assert parse(written) == TextOnly(False)

    @pytest.mark.parametrize(
        "written", ["само текст?", "само текст днес", "samo sms za ocenki", "с обаждания от класната", "с обаждания?"]
    )
    def test_what_is_nearly_so_is_asked_back(self, written: str) -> None:
        assert parse(written) == UnclearWish()

    @pytest.mark.parametrize(
        "written",
        ["БАВНО", "бавно!", "по-бавно", "По-бавно, моля", "побавно", "po bavno", "PO-BAVNO", "6avno",
         "Говорете по-бавно", "govorete po-bavno", "Моля, говорете ми бавно!", "говорете бавно",
         "искам да говорите по-бавно", "искам да ми говорите по-бавно", "искам по-бавна реч", "бавна реч",
         "SLOW", "slower please", "speak slowly", "Please speak more slowly", "slow speech"],
    )  # fmt: skip
    def test_slow_speech(self, written: str) -> None:
        assert parse(written) == SlowSpeech(True)

    @pytest.mark.parametrize(
        "written",
        ["говорете по-бавно, че не чувам", "Говорете по-бавно, че не Ви чувам добре.",
         "govorete po-bavno che ne chuvam", "govorete po bavno 4e ne 4uvam",
         "Моля, говорете по-бавно, защото не чувам добре. Благодаря!",
         "говорете по-бавно, че не мога да ви чуя", "по-бавно, че не разбирам", "бавно, че недочувам",
         "искам да говорите по-бавно, понеже трудно чувам", "говорете по-бавно не чувам",
         "Не чувам добре, говорете по-бавно, моля", "не ви чувам. говорете бавно",
         "speak slowly because I cannot hear you well", "speak slower, I can't hear"],
    )  # fmt: skip
    def test_slow_speech_with_the_reason(self, written: str) -> None:
        assert parse(written) == SlowSpeech(True)

    @pytest.mark.parametrize(
        "written",
        ["НОРМАЛНО", "normalno", "нормална реч", "нормална скорост", "говорете нормално", "по-бързо",
         "Говорете по-бързо", "обичайна скорост", "NORMAL", "normal speed", "faster"],
    )  # fmt: skip
    def test_speech_as_usual(self, written: str) -> None:
        assert parse(written) == SlowSpeech(False)

    @pytest.mark.parametrize(
        "written",
        [
            "бавно?",
            "говорете по-бавно, че не чувам?",
            "говорете бавно и ясно",
            "говорете по-бавно, че не чувам стоп",
            "говорете по-бавно, че не чувам, или ме махнете",
            "говорете по-бавно, че не чувам нищо за Иван",
            "говорете по-бавно, че чувам",
            "не говорете бавно, че не чувам",
            "говорете по-бързо, че не чувам",
            "не чувам бавно",
            "не чувам да говорите бавно",
            "бавно не разбирам",
            "не чувам",
            "че не чувам",
            "не чувам, не говорете бавно",
            "учителката говори бавно, че не чува",
            "говорете по-бавно, че не чувам оценки 12345674",
            "не ми говорете по-бавно, че не чувам",
            "speak slowly or stop calling",
        ],
    )
    def test_what_is_nearly_so_changes_nothing(self, written: str) -> None:
        assert not isinstance(parse(written), wish_words.Changes)

    @pytest.mark.parametrize(
        "written",
        ["бързо", "не бавно", "учителката говори бавно", "бавно учи", "Иван чете бавно", "да, нормално",
         "нормално ли е", "добре, нормално", "нормално е", "no slower", "slow internet", "говорете", "по", "скорост",
         "не говорете бавно", "часът върви бавно", "славно", "равно", "реч", "искам", "normal day"],
    )  # fmt: skip
    def test_what_has_only_a_word_of_it_is_as_unknown_as_before(self, written: str) -> None:
        assert parse(written) == Unknown()

    @given(
        st.one_of(
            st.integers(24, 9999).map("ЧАС {}".format),
            st.tuples(hours, st.integers(1, 59)).map(lambda at: f"ЧАС {at[0]}:{at[1]:02}"),
            st.tuples(hours, st.integers(1, 59)).map(lambda at: f"час {at[0]}.{at[1]:02} ч"),
            st.sampled_from(
                [
                    "ЧАС",
                    "час?",
                    "ЧАС 6 PM",
                    "hour 6pm",
                    "веднъж на ден",
                    "chas 18h30",
                    "час 18 20",
                    "ЧАС 18-20",
                    "час 18 и 30",
                ]
            ),
        )
    )
    def test_what_is_no_hour_is_known_as_one(self, written: str) -> None:
        assert parse(written) == WrongHour(Channel.SMS)

    @pytest.mark.parametrize("written", ["ОБАЖДАНИЯ 18:30", "calls 24", "обаждания да", "обаждания 0888123456"])
    def test_also_of_calls(self, written: str) -> None:
        assert parse(written) == WrongHour(Channel.CALL)

    @pytest.mark.parametrize("written", ["НАСТРОЙ", "nastroy", "настройки?", "nastrojki", "SETTINGS", "Обаждания"])
    def test_how_it_stands(self, written: str) -> None:
        assert parse(written) == HowItStands()


class TestNoWish:
    @pytest.mark.parametrize(
        "written",
        [
            "без", "БЕЗ", "без оценки днес детето няма да дойде", "детето е без оценки", "Иван е без оценка",
            "без нови оценки", "без имейл", "без всичко", "без sms", "без оценки?", "no grades yet", "not grades",
            "без оценки със срещи", "със/без оценки", "оценки не", "не искам оценки", "не оценки", "не обаждания",
            "с оценките на Иван какво става", "със срещи днес", "обажданията ви не работят", "обаждания 18?",
            "обаждания веднага или в 18", "ОБАЖДАНИЯ не искам", "без оценки 85459816", "без оценки a@abv.bg",
            "без оценки, час 18", "без неизвинени отсъствия",
        ],
    )  # fmt: skip
    def test_what_is_like_one_is_asked_back(self, written: str) -> None:
        assert parse(written) == UnclearWish()

    @pytest.mark.parametrize(
        ("written", "command"),
        [
            ("час по математика", Unknown()),
            ("обадете се веднага", Unknown()),
            ("с учителя ли да говоря", Unknown()),
            ("среща с учителя", Meetings()),
            ("с", Unknown()),
            ("не", Coming(False)),
            ("no", Coming(False)),
            ("да", Coming(True)),
            ("ОЦЕНКИ", Grades()),
            ("отсъствия", Absences()),
            ("имейл a@abv.bg", Letters("a@abv.bg")),
            ("без оценки стоп", UnclearWish()),
            ("СТОП без оценки", UnclearWish()),
            ("с т о п", Stop()),
        ],
    )
    def test_what_is_none_stays_what_it_was(self, written: str, command: Command) -> None:
        assert parse(written) == command

    @given(
        st.sampled_from(["без оценки", "със оценки", "час 18", "веднага", "обаждания 18", "обаждания не", "бавно"]),
        st.sampled_from(["учителят", "каза", "утре", "защо", "Мария", "ли", "математика", "беше", "ако", "може"]),
        st.booleans(),
    )
    def test_one_word_more_and_nothing_changes(self, wish: str, word: str, before: bool) -> None:
        written = f"{word} {wish}" if before else f"{wish} {word}"
        assert not isinstance(parse(written), wish_words.Changes)

    @given(
        st.lists(st.sampled_from(["без", "със", "с", "оценки", "час", "веднага", "обаждания", "не", "и", "18", "00"]))
    )
    def test_whatever_they_make_together_is_a_command(self, words: list[str]) -> None:
        assert isinstance(parse(" ".join(words)), Command)

    def test_a_long_text_is_none_whatever_it_begins_with(self) -> None:
        assert parse("без оценки " + "и срещи " * 20) == UnclearWish()
        assert not isinstance(parse("без оценки " + "моля " * 30 + "не изпращайте"), wish_words.Changes)

    @pytest.mark.parametrize(
        "piece",
        ["без оценки ", "без", "и", "в", "час18", "18:", "с", "обаждания ", "не чувам ", "говорете ", "a", "1", "@"],
    )
    def test_the_time_is_as_the_length(self, piece: str) -> None:
        def seconds(length: int) -> float:
            written = piece * (length // len(piece))
            return min(timed(written) for _ in range(3))

        def timed(written: str) -> float:
            start = time.process_time()
            parse(written)
            return time.process_time() - start

        assert seconds(16_000) < 16 * seconds(2_000) + 0.05


def phrases(text: str) -> list[str]:
    """What stands in capitals: a word, or words up to the comma."""
    return re.findall(r"\b[А-ЯA-Z]{2,}(?: (?:[А-ЯA-Z]{2,}|\d+))*\b", text)


PRICES = {Language.BULGARIAN: ("1,20 лв.", "0,61 € (1,20 лв.)"), Language.ENGLISH: ("BGN 1.20", "€0.61 (BGN 1.20)")}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        pair
        for language in Language
        for pair in itertools.product(
            [language],
            [
                wording.help_text(language, Numbers(), PRICES[language][0]),
                wording.help_text(language, Numbers(), PRICES[language][-1]),
                wish_wording.what_can_be_changed(language),
                wish_wording.what_can_be_changed(language, slow_speech=True),
                wish_wording.what_can_be_changed(language, text_only=True),
                wish_wording.unclear(language),
                wish_wording.wrong_hour(language, Channel.SMS),
                wish_wording.wrong_hour(language, Channel.CALL),
            ],
        )
    ],
)
def test_every_phrase_that_we_name_is_understood(language: Language, text: str) -> None:
    named = [phrase for phrase in phrases(text) if phrase.split()[0] not in ("SMS", "ID", "BGN")]
    assert named
    for phrase in named:
        for written in (phrase, phrase.lower(), to_latin(phrase)):
            assert not isinstance(parse(written), Unknown | UnclearWish | WrongHour), written


def test_the_kinds_are_named_as_they_are_typed() -> None:
    for language in Language:
        for kind, words in wish_wording.KINDS.items():
            name = gettext(language, words)
            assert parse(f"{'no' if language is Language.ENGLISH else 'без'} {name}") == Kinds(
                frozenset({kind}), False, TELEPHONE
            )
