"""What people are told of subscriptions that ended and settings that changed, in short and neutral sentences."""

from collections.abc import Sequence

from db.kinds import Channel, Language
from school.wording import lines
from school.wording.plain_letters import Paragraph, written
from school.wording.translation import gettext

LONGEST_ADDRESS = 60


def child(language: Language, given_name: str, class_name: str | None) -> str:
    """„Мария от 8а“; no class after the student left."""
    name = lines.called(given_name)
    if class_name is None:
        return name
    return gettext(language, "{name} от {class_name}", name=name, class_name=class_name)


def ended(language: Language, followed: str) -> str:
    """To whose subscription was ended, whatever the reason; `followed` is „Мария от 8а“."""
    return gettext(
        language,
        "Абонаментът Ви за {child} е прекратен. При въпроси се обърнете към училището.",
        child=followed,
    )


def left(language: Language, followed: str) -> str:
    """To who followed a student that left the school."""
    return gettext(language, "{child} вече не е ученик в училището и абонаментът Ви приключи.", child=followed)


def ended_of_others(language: Language, followed: str, shown: Sequence[str]) -> str:
    """To the other followers of the student; `shown` are masked numbers and addresses."""
    return gettext(
        language,
        "Вече не следи {child}: {followers}. При въпроси се обърнете към класния ръководител.",
        child=followed,
        followers=", ".join(shown),
    )


def address_added(language: Language, address: str, short_code: str) -> str:
    """To the telephone: whoever holds it for a moment can add an address."""
    return gettext(
        language,
        "Вече пишем новините от училище и на {address}. Ако не го искате: МАХНИ ИМЕЙЛ на {short_code}.",
        address=lines.cut(address, LONGEST_ADDRESS),
        short_code=short_code,
    )


def address_removed(language: Language, address: str) -> str:
    """To the telephone."""
    return gettext(language, "Вече не пишем на {address}.", address=lines.cut(address, LONGEST_ADDRESS))


def no_more_letters(language: Language) -> str:
    """To an address that the subscriber's telephone gave up, or exchanged for another."""
    return gettext(language, "Вече няма да пишем на този адрес: абонатът го смени или премахна.")


def sms_off(language: Language, followed: str) -> str:
    """To the telephone whose SMS were switched off in the telephone menu."""
    return gettext(
        language,
        "SMS за {child} са спрени от телефонното меню. Ако не сте Вие, включете ги оттам.",
        child=followed,
    )


def text_only(language: Language, short_code: str, *, wanted: bool) -> str:
    """To the telephone for which texts and no calls were chosen in the telephone menu, or calls again."""
    if wanted:
        return gettext(language, "Вече само Ви пишем и не Ви звъним. Обратно: С ОБАЖДАНИЯ на {short_code}.",
                       short_code=short_code)  # fmt: skip
    return gettext(language, "Отново може да Ви звъним. Без обаждания: САМО ТЕКСТ на {short_code}.",
                   short_code=short_code)  # fmt: skip


def pin_changed(language: Language, followed: str) -> str:
    """To the telephone whose PIN was changed in the telephone menu."""
    return gettext(
        language,
        "ПИН кодът за {child} е сменен от телефонното меню. Ако не сте Вие, пратете ПИН за нов.",
        child=followed,
    )


def letters_changed(language: Language, address: str) -> str:
    """To the telephone of who gets letters too: somebody who holds one chose what they tell."""
    return gettext(
        language,
        "Настройките на писмата до {address} са променени от връзка в писмо.",
        address=lines.cut(address, LONGEST_ADDRESS),
    )


def letters_stopped(language: Language, address: str) -> str:
    """The same: letters are written no more."""
    return gettext(
        language,
        "Писмата до {address} са спрени от връзка в писмо.",
        address=lines.cut(address, LONGEST_ADDRESS),
    )


def stopped_by_sms(language: Language, children: Sequence[str]) -> str:
    """To the address of who stopped by SMS."""
    return gettext(language, "Абонаментът Ви за {children} е спрян с SMS.", children=", ".join(children))


def pin_changed_by_sms(language: Language, children: Sequence[str]) -> str:
    """To the address of who asked for a new PIN by SMS; the PIN itself is in the SMS alone."""
    return gettext(language, "ПИН кодът за {children} е сменен с SMS.", children=", ".join(children))


def wishes_changed_by_sms(language: Language, how_it_stands: str) -> str:
    """To the address of who chose by SMS what the telephone is told and when; `how_it_stands` is the SMS's answer."""
    return gettext(
        language,
        "Известията на телефона Ви са променени с SMS. Сега: {how_it_stands}",
        how_it_stands=how_it_stands,
    )


def changed_by_operator(language: Language, channel: Channel) -> str:
    """To who is told otherwise from now on, because the platform's operator changed it."""
    what = {
        Channel.SMS: gettext(language, "по SMS"),
        Channel.EMAIL: gettext(language, "по имейл"),
        Channel.CALL: gettext(language, "по телефона"),
    }[channel]
    return gettext(language, "Настройките на известията Ви {channel} са променени от оператора.", channel=what)


def no_campaigns(language: Language) -> str:
    """To the telephone on which 0 was pressed in a campaign's call."""
    return gettext(language, "Училището повече няма да звъни на този номер с покани: натиснат беше клавиш 0.")


def letter(language: Language, text: str) -> str:
    """A short message as an e-mail."""
    return written(gettext(language, "Промяна в абонамента Ви за InfoServ e-School"), Paragraph(text))
