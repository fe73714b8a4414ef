"""Whether a text means СТОП, might mean it, or does not. Pure.

СТОП ends what a family is told, so the whole text must say it: a word for it, and beside it what belongs to it.
Whoever refuses in other words, or says СТОП inside a sentence, is told how to leave, and is unsubscribed from nothing.
"""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from enum import Enum, auto

from smpp.texts.spelling import DIGITS_BEHIND, either
from smpp.texts.vocabulary import Vocabulary, phrase


class Leaving(Enum):
    """What a text says of leaving."""

    STOPS = auto()
    PERHAPS = auto()
    """A word for it is in the text: to be asked back."""
    LIKELY_NOT = auto()
    """It refuses something in other words: to be asked back, unless it is understood better."""


MOST_NAMES = 2
"""Words that may name a child behind СТОП."""
SENTENCE_WORDS = 60
"""So far into a text its words are looked at."""
LONGEST_TOGETHER = 40

_STOP_WORDS = (
    "стоп спри спрете спра спирам спираме спирайте отпиши отпишете отписвам отписваме отписване прекрати прекратете "
    "прекратявам прекратяваме"
)
_STOP = either(*_STOP_WORDS.split(), english="s+t+o+p+|unsub(?:scribe)?")
_STOP_TOGETHER = re.compile(f"(?:{_STOP.pattern})(?:sms|смс|all|всички|vsichki)?")
_ALONE = Vocabulary("край отказ откажи отказвам спиране", "cancel end quit")
"""Words that say STOP only when nothing else is said: „край на срока“ does not."""

_BESIDE = Vocabulary(
    "пращай пращайте пращате изпращай изпращайте изпращате пиши пишете нищо "
    "ите моля молим ви вие те ме мене ми ни нас се си да бъда бъдем искам искаме бих желая желаем съобщенията "
    "съобщения съобщение смс смси смсите есемес есемеси есемесите известия известията известие нотификации "
    "нотификациите абонамента абонамент абонаментът услугата услуга всички всичко за от до на към с това този "
    "тези повече вече веднага сега благодаря благодарим мерси номер номера код ид ученик ученика дете детето "
    "децата егн лнч училището училище махни махнете новини новините пращането пращане изпращането изпращане "
    "получаването получаване имейл имейла край тук",
    "texting messaging "
    "please pls all the my me messages message texts text sms notifications notification subscription service "
    "sending now to from i want you thanks it this number email mail id no code",
)
"""What may stand beside the word: whom or what is to be stopped, and manners."""

_NOT = Vocabulary("не недей недейте никога", "not never dont don")
_WANT = Vocabulary("искам искаме желая желаем ща щем", "want need wish")
_BETWEEN_NOT = Vocabulary("да се си ме ми ни ги го искам искаме желая желаем ща мога трябва", "to want")
"""What may stand between „не“ and the word that it denies: „не искам да се отпиша“."""
_MESSAGES = Vocabulary(
    "съобщения съобщенията съобщение смс смси смсите есемес есемеси есемесите известия известията известие "
    "нотификации новини абонамент абонамента услуга услугата",
    "sms message messages text texts notifications subscription",
)
_REFUSING = Vocabulary(
    "отказва отказвате откаже откажем отписан отписана отписани "
    "откажа откажете откажи отказвам отказваме отказвайте отказът стига достатъчно престани престанете престанете "
    "престаните прекъсни прекъснете прекъсвам отпиша отпишем отпишат отписва отписвате отписвайте отписването "
    "спиране спирането спирате спирайте спрем спрат прекратя прекратим прекратяване прекратяването прекратите "
    "деактивирай деактивирайте деактивирам деактивиране анулирай анулирайте анулирам деабонирам деабонирайте "
    "отабонирам омръзна омръзнахте омръзнаха писна досаждате досаждайте досадни спам разкарай разкарайте оттеглям "
    "отмени отменете отменям",
    "spam enough unsubscribed unsubscribing optout cancel quit stopp stopping stopit "
    "хватит остановите отпишите отписаться отмена отменить прекратить надоели "
    "iptal durdur durdurun istemiyorum istemiyoruz yeter abmelden abbestellen arreter arretez basta parar",
)
"""Words that refuse, each by itself; the last lines are Russian, Turkish, German, French and Spanish."""
_SENDING = Vocabulary(
    "пращай пращайте пращате пращат изпращай изпращайте изпращате пиши пишете пишеш звъни звънете звъните търси "
    "търсете търсите занимавай занимавайте занимавате безпокой безпокойте безпокоите тормози тормозете обаждай "
    "обаждайте",
    "send text message contact call disturb bother",
)
_TAKING = Vocabulary(
    "махни махнете махай махайте изключи изключете изтрий изтрийте изтривайте премахни премахнете изкарай изкарайте "
    "свали свалете остави оставете забрави забравете изпиши изпишете",
    "remove delete take leave exclude",
)
_ME = Vocabulary("ме мене нас ни моя моят номера номерът телефона", "me us my")
_RECEIVING = Vocabulary("получавам получаваме плащам плащаме ви", "receive get pay be")
_TO = Vocabulary("да", "to any")
_MORE = Vocabulary("повече", "more longer")
_NO = Vocabulary("", "no")
_WITHOUT = Vocabulary("без", "without")
_OPT, _OUT = Vocabulary("", "opt sign"), Vocabulary("", "out")
_INTERESTED = Vocabulary("интересува интересувам интересуваме", "interested")
_SUBSCRIBED = Vocabulary(
    "абонирал абонирала абонирали заявявал заявявала заявявали записвал записвала поръчвал", "subscribed"
)
_I_AM = Vocabulary("съм сме", "")
_WRONG = Vocabulary("грешен грешния грешния сбъркан сбъркали сгрешили сгрешен объркали", "wrong")
_NUMBER = Vocabulary("номер номера номерът човек телефон", "number person")
_HAVE_NONE, _CHILDREN = Vocabulary("нямам нямаме"), Vocabulary("дете деца внуци ученик ученици", "")
_PARENT = Vocabulary("родител", "parent")

_TYPED_WRONG = 0.74
"""Likeness from which a lone word is „стоп“ mistyped: „стпо“, „сотп“, „стп“."""
_STOPS_SPELT = ("стоп", "stop", "спри", "spri", "спрете", "sprete")


def read(typed: Sequence[str], spoken: Sequence[str], *, asks: bool = False) -> Leaving | None:
    """What the words of a text say of leaving; None: nothing. `spoken`: those of them that are no numbers.

    `asks`: there is a question mark.
    """
    spoken = spoken[:SENTENCE_WORDS]
    if not spoken:
        return None
    if _is_stop(typed, spoken, asks=asks):
        return Leaving.STOPS
    if any(map(_is_key, spoken)) or _REFUSING.any(spoken):
        return Leaving.PERHAPS
    return Leaving.LIKELY_NOT if _refuses(spoken) else None


def whom(spoken: Sequence[str]) -> tuple[str, ...]:
    """The words of „СТОП БОРИС“ that are left once STOP and what belongs to it are taken away; of a sentence none."""
    if not spoken or not _is_key(spoken[0]):
        return ()
    others = tuple(word for word in spoken[:SENTENCE_WORDS] if not (_is_key(word) or word in _BESIDE))
    return others if len(others) <= MOST_NAMES and not _NOT.any(others) else ()


def _is_stop(typed: Sequence[str], spoken: Sequence[str], *, asks: bool) -> bool:
    together = "".join(word for word in typed[:SENTENCE_WORDS] if not (word.isdigit() and len(word) > 1))
    if len(together) <= LONGEST_TOGETHER and _STOP_TOGETHER.fullmatch(together):
        return True  # also „с т о п“ and „СТ0П“
    if asks and len(spoken) > 1:
        return False
    keys = [at for at, word in enumerate(spoken) if _is_key(word)]
    if not keys:
        return any(word in _ALONE for word in spoken) and all(word in _ALONE or word in _POLITE for word in spoken)
    beside = [word for at, word in enumerate(spoken) if at not in keys]
    denied = any(_is_denied(spoken, at) for at in keys)
    # „не искам повече съобщения, СТОП“: what is refused is what the word stops.
    return not denied and all(word in _BESIDE or word in _NOT for word in beside)


_POLITE = Vocabulary("моля благодаря мерси", "please thanks")


def _is_key(word: str) -> bool:
    bare = DIGITS_BEHIND.sub("", word)
    return len(bare) <= LONGEST_TOGETHER and _STOP_TOGETHER.fullmatch(bare) is not None


def _is_denied(spoken: Sequence[str], at: int) -> bool:
    """„не спирайте“, „не искам да спирам“."""
    before = at - 1
    while before >= 0 and spoken[before] in _BETWEEN_NOT and spoken[before] not in _NOT:
        before -= 1
    return before >= 0 and spoken[before] in _NOT


def _refuses(spoken: Sequence[str]) -> bool:
    return (
        (len(spoken) == 2 and phrase(spoken, _NOT, _WANT))
        or phrase(spoken, _NOT, _WANT, _MORE, apart=2)
        or phrase(spoken, _NOT, _WANT, _MESSAGES, apart=3)
        or phrase(spoken, _NOT, _WANT, _TO, _RECEIVING, apart=1)
        or phrase(spoken, _NOT, _SENDING, apart=2)
        or phrase(spoken, _TAKING, _ME, apart=1)
        or phrase(spoken, _TAKING, _MESSAGES, apart=2)
        or phrase(spoken, _WITHOUT, _MESSAGES)
        or phrase(spoken, _ALONE, _MESSAGES, apart=2)
        or phrase(spoken, _NO, _MORE)
        or phrase(spoken, _OPT, _OUT)
        or phrase(spoken, _NOT, _INTERESTED, apart=1)
        or phrase(spoken, _NOT, _I_AM, _SUBSCRIBED, apart=2)
        or phrase(spoken, _WRONG, _NUMBER, apart=2)
        or phrase(spoken, _HAVE_NONE, _CHILDREN, apart=2)
        or phrase(spoken, _NOT, _I_AM, _PARENT, apart=1)
    )


def is_mistyped(word: str) -> bool:
    """Whether a word that stands alone is likely STOP with an error."""
    if not 3 <= len(word) <= 8:
        return False
    return any(
        word[0] == right[0] and SequenceMatcher(None, word, right).ratio() >= _TYPED_WRONG for right in _STOPS_SPELT
    )
