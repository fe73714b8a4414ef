"""What parents write in sentences of their own: questions, thanks, complaints, and what no person wrote. Pure."""

from collections.abc import Sequence

from smpp.texts.vocabulary import Vocabulary, phrase

_COST = Vocabulary(
    "цена цената струва струват такса таксата таксува таксувате тарифа тарифата плаща плащам плащаме безплатно "
    "безплатна безплатни платено платена платени",
    "price cost costs fee charge charged free",
)
_HOW, _MUCH = Vocabulary("колко", "how"), Vocabulary("пари лева лв евро абонамента абонаментът абонамент", "much")
_MOST_OF_PRICE = 12
"""A longer text is about something else."""

_THANKS = Vocabulary("благодаря благодарим благодарности мерси мерсии", "thanks thank thx ty")
_PLEASED = Vocabulary(
    "благодаря благодарим благодарности мерси много ви ти за на вас също супер браво чудесно страхотно ок окей "
    "добре разбрах разбрано получих хубав хубава хубаво ден вечер седмица приятен приятна приятно поздрави весели "
    "празници и честита нова година съобщението съобщенията информацията информация отговора отговор бързия бързо "
    "екстра",
    "thanks thank thx ty you so very much a lot ok okay fine great good nice got it super for the info and well cool",
)
_NODS = Vocabulary(
    "ок окей добре разбрах разбрано получих супер браво чудесно екстра", "ok okay fine great good super cool got"
)
_MOST_THANKS = 14
_CHEERS = frozenset("👍👏🙏❤♥😊🙂😀😁😃😄😍🥰😘💪👌🎉🌹🌷💐💕💖🤗😇🤝✅")

_WRONG = Vocabulary(
    "грешна грешно грешни грешка грешката сгрешена сгрешено сгрешени невярна невярно неверни лъжа лъжете лъжи "
    "лъжци лъжливо жалба жалбата оплакване оплача оплаквам оплакваме несправедливо несправедлива поправете "
    "поправи коригирайте сбъркана сбъркано сбъркали нечестно обжалвам",
    "wrong mistake incorrect complaint complain lie lying unfair",
)
_NOT, _IS, _TRUE = (
    Vocabulary("не", "not"),
    Vocabulary("е са", "is"),
    Vocabulary("вярно вярна верни така", "true right correct"),
)

_AUTOMATIC = Vocabulary("автоматичен автоматично автоматичния", "automatic automated auto")
_REPLY = Vocabulary("отговор съобщение отговори", "reply message response answer")
_VOICE, _MAIL = (
    Vocabulary("гласова гласовата гласово гласови", "voice"),
    Vocabulary("поща съобщение съобщения", "mail message"),
)
_MISSED, _CALL = (
    Vocabulary("пропуснато пропуснати пропуснат"),
    Vocabulary("повикване повиквания обаждане обаждания разговор"),
)
_MISSED_ENGLISH, _CALL_ENGLISH = Vocabulary("", "missed"), Vocabulary("", "call calls")
_OUT, _OFFICE = Vocabulary("", "out"), Vocabulary("", "office")
_MACHINE = Vocabulary("", "voicemail autoreply autoresponse mailer daemon")
_SUBSCRIBER, _REACHABLE = Vocabulary("абонатът абонат номерът потребителят"), Vocabulary("достъпен свободен обхват")
_DELIVERED = Vocabulary("доставено доставен", "delivered undelivered")
_AWAY = Vocabulary("шофирам карам говоря зает заета срещата заседание", "driving busy meeting talk")
_WILL, _RING = Vocabulary("ще", "ll will"), Vocabulary("обадя звънна пиша върна", "call ring text get")


def asks_price(spoken: Sequence[str]) -> bool:
    """„колко струва?“, „цена“, „how much is it“."""
    if not 0 < len(spoken) <= _MOST_OF_PRICE:
        return False
    return _COST.any(spoken) or phrase(spoken, _HOW, _MUCH, apart=2)


def is_thanks(spoken: Sequence[str], text: str) -> bool:
    """Thanks, „добре“ and „👍“: nothing is asked."""
    if spoken:
        said = _THANKS.any(spoken) or _NODS.any(spoken[:2])
        return said and len(spoken) <= _MOST_THANKS and _PLEASED.all(spoken)
    return any(character in _CHEERS for character in text)


def complains(spoken: Sequence[str]) -> bool:
    """„тази оценка е грешна“: whatever it names, nothing is asked for."""
    return _WRONG.any(spoken) or phrase(spoken, _NOT, _IS, _TRUE)


def is_automatic(spoken: Sequence[str]) -> bool:
    """What a network or a telephone wrote, of which nobody waits for an answer: it would be answered by itself."""
    return (
        phrase(spoken, _AUTOMATIC, _REPLY)
        or phrase(spoken, _VOICE, _MAIL)
        or phrase(spoken, _MISSED, _CALL)
        or phrase(spoken, _MISSED_ENGLISH, _CALL_ENGLISH)
        or phrase(spoken, _OUT, _OFFICE, apart=2)
        or _MACHINE.any(spoken)
        or phrase(spoken, _SUBSCRIBER, _REACHABLE, apart=6)
        or (phrase(spoken, _NOT, _DELIVERED, apart=3) and len(spoken) <= 12)
    )


def is_away(spoken: Sequence[str]) -> bool:
    """„В момента съм на среща, ще Ви се обадя“: a telephone's or a person's ready answer to a caller."""
    return phrase(spoken, _WILL, _RING, apart=3) and _AWAY.any(spoken)


_ENGLISH_ONLY = Vocabulary(
    "",
    "the what what's how much when where why which please want my your you are is this that grades absences meetings "
    "messages child son daughter school does have would like thank thanks hello don't don cannot can't english "
    "unsubscribe wrong number stopping sending receive i'm it's not and with for latest send any more text texts",
)
"""Words that no Bulgarian types in Latin letters."""
_ENGLISH_COMMANDS = Vocabulary("", "grades absences meetings unsubscribe")


def is_english(spoken: Sequence[str]) -> bool:
    """Whether the text is English, so that its answer is to be."""
    if not spoken or not all(word.isascii() for word in spoken):
        return False
    if len(spoken) == 1:
        return spoken[0] in _ENGLISH_COMMANDS
    return 2 * sum(word in _ENGLISH_ONLY for word in spoken) >= len(spoken)
