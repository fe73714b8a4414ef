"""Some 300 texts as parents, telephones and machines write them, and what each is answered."""

import re
import time
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from db.kinds import MessagePurpose
from db.models import Message, StudentCode
from db.session import Database
from school.hearing import access
from school.lines import parts_of
from smpp.texts.commands import Stop
from smpp.texts.parsing import parse
from tests.school.people import known
from tests.smpp.texts.parent import Parent
from tests.smpp.texts.test_handling import family, national_id

ASK = "За край: СТОП на 1987."
MEANT = {
    "stop": r"Готово, вече не следите \S+ от \d+\w и \S+ от \d+\w\. Отново: ID-кода на 1987\."
    r"|Done, you no longer follow \S+ \(\d+\w\) and \S+ \(\d+\w\)\. Again: ID-code to 1987\.",
    "stop one": r"Готово, вече не следите {first} от \d+\w\. Отново: ID-кода на 1987\.",
    "stop nobody": r"Не следите ученик с този номер\. За край на всички: СТОП на 1987\.",
    "ask": rf"{ASK} Засега всичко остава, както е\.|To end: STOP to 1987\. For now nothing has changed\.",
    "unclear": r"Нищо не сменихме\. Пратете БЕЗ ОЦЕНКИ, ЧАС 18, НАСТРОЙ\. За край: СТОП\.",
    "grades": r"({first}|{second}): .+ – .+\n({first}|{second}): .+ – .+",
    "grades one": r"{first}: .+ – .+",
    "mathematics": r"({first}|{second}): Математика – [^;\n]+(; Математика – [^;\n]+)*(\n.+: Математика – .+)?",
    "literature": r"({first}|{second}): (БЕЛ – [^;\n]+|Balgarski.+)(; БЕЛ – [^;\n]+)*(\n.+: БЕЛ – .+)?",
    "absences": r"({first}|{second}): (неизвинени|няма|unexcused|no).+\n({first}|{second}): .+",
    "absences one": r"{first}: (неизвинени|няма отсъствия).*",
    "meetings": r"({first}|{second}): (Родителска среща|.+\d\d:\d\d|няма|no).*\n({first}|{second}): .+",
    "pin": r"Нов ПИН за 0882818905: \d+ \(.+\)\.",
    "price": rf"Абонаментът е .+ на месец\. {ASK}|It costs .+ a month\. To end: STOP to 1987\.",
    "help": r"Пратете на 1987: ID-код.+",
    "code": r"ID-кодът е от 8 цифри: .+",
    "follows already": r"Вече следите .+",
    "wrong code": r"Няма ученик с този номер\..+",
    "locked or asked": r"Получихме молбата Ви.+|Твърде много.+",
    "thanks": r"И ние благодарим! .+|Thank you too! .+",
    "complaint": r"За поправка: класният ръководител\..+",
    "unknown": r"Пратете на 1987: ID-код.+|Не разбрахме\. Помощ: ПОМОЩ на 1987\..+|Text to 1987: .+|We did .+",
    "wish": r"SMS: .+",
    "texts alone": r"SMS: .+ (Само текст, без обаждания\.|Texts only, no calls\.)",
    "slow speech": r"SMS: .+ (Бавна реч\.|Slow speech\.)",
    "call back": r"Пратете на 1987: ID-код.+|Text to 1987: .+",  # as calls back are off
    "email": r"Пратете ИМЕЙЛ .+|Пратихме Ви писмо.+|Днес поискахте.+",
    "remove": r"Само първият.+|Няма кого.+|Пратете МАХНИ.+",
    "excuse how": r"Пратете ИЗВ, датата и причината: .+",
    "which child": r"Кое дете\? Пратете ИЗВ, .+",
    "excused one": r"{first}: извинено за .+\. Остават \d+ от 15 дни за годината\.",
    "no such day": r"Няма такива дати\. .+",
    "waits for reason": r"{first}, .+: чака класния ръководител, ще Ви пишем\. .*Липсва причина: .+",
    "not mine": r"Не следите ученик с този номер\. .+",
    "today": r"({first}|{second})(: | днес| today).+\n({first}|{second})(: | днес| today).+",
    "today one": r"{first}(: | днес).+",
    "silence": "",
}
IN_ONE_PART = ("ask", "stop nobody", "price", "thanks", "complaint", "unclear", "code")


def rows() -> list[tuple[str, str]]:
    """(what the answer is about, the text)."""
    lines = (Path(__file__).with_name("texts.tsv")).read_text("utf-8").splitlines()
    return [(kind, text.replace("\\n", "\n")) for kind, _, text in (line.partition("\t") for line in lines) if text]


def test_each_text_gets_the_answer_that_is_meant(demonstration: Database) -> None:
    phone, children = family(demonstration)
    (first, one), (second, two) = children
    with demonstration.reading() as session:
        students = dict(session.execute(select(StudentCode.code, StudentCode.student_id)).all())
    egn = national_id(demonstration, students[one])
    places = {
        "{one}": one,
        "{two}": two,
        "{other}": known(demonstration).code,
        "{egn}": egn,
        "{egn spaced}": f"{egn[:6]} {egn[6:]}",
        "{first}": first,
        "{spaced}": f"{one[:4]} {one[4:6]} {one[6:]}",
        "{dashed}": f"{one[:4]}-{one[4:]}",
        "{dotted}": ".".join((one[:2], one[2:5], one[5:])),
        "{six}": one.replace("6", "б"),
        "{alike}": one.replace("0", "О").replace("1", "l").replace("3", "З"),
    }
    parent, wrong = Parent(demonstration, phone), []
    for kind, text in rows():
        for place, value in places.items():
            text = text.replace(place, value)
        parent.now += timedelta(hours=25)
        answer = last_answer(demonstration, phone) if parent.send(text).answered else ""
        pattern = MEANT[kind].replace("{first}", first).replace("{second}", second)
        if not re.fullmatch(pattern, answer, re.DOTALL):
            wrong.append(f"{kind}: {text!r} -> {answer!r}")
        if kind in IN_ONE_PART and parts_of(answer, latin=answer.isascii()) > 1:
            wrong.append(f"{len(answer)} characters: {answer!r}")
        follows = followed(demonstration, phone)
        left = {"stop": set(), "stop one": {second}}.get(kind, {first, second})
        if follows != left:
            wrong.append(f"{kind}: {text!r} leaves {follows}")
        if follows != {first, second}:
            parent.now += timedelta(hours=25)
            parent.send(f"{one} {two}")
    assert not wrong, "\n".join(wrong)
    assert len(rows()) > 251


def last_answer(database: Database, phone: str) -> str:
    with database.reading() as session:
        last = select(Message.text).where(Message.address == phone, Message.purpose == MessagePurpose.ANSWER)
        text = session.scalars(last.order_by(Message.id.desc()).limit(1)).one()
    return text.replace("{pin}", "1234")


def followed(database: Database, phone: str) -> set[str]:
    with database.reading() as session:
        return {child.given_name for child in access.recognise(session, phone)}


@given(
    st.sampled_from([row for row in rows() if "{" not in row[1]]),
    st.sampled_from(["{}", " {} ", "{}.", "{}!!", "\u200b{}\n", "„{}“"]),
)
def test_no_text_unsubscribes_for_the_signs_around_it(row: tuple[str, str], form: str) -> None:
    kind, text = row
    assert isinstance(parse(form.format(text)), Stop) == kind.startswith("stop")


@pytest.mark.parametrize(
    "piece",
    [
        "1", "1a", "a1", "* ", "*", "a@", "@", "a@a.", "0о", "ъ", "стоп ", "с", "т о ", "не ", "не искам ", "8545 ",
        "id", "\u0301", "\u0316\u0301", "й", "шшш6", "махни ", "оценки ", "1987 ", "ﷺ", "?", "\0",
        "без оценки и ", "час18", "😀",
    ],
)  # fmt: skip
def test_a_long_text_costs_no_more_than_its_length(piece: str) -> None:
    """What comes in a message_payload has 64 K: reading it is of the cost of its first thousand characters."""
    short, long = seconds(piece * (2_000 // len(piece))), seconds(piece * (64_000 // len(piece)))
    assert long < 4 * short + 0.01


@pytest.mark.parametrize("piece", ["1", "* ", "a@", "ъ", "не искам ", "8545 ", "\u0316\u0301", "стоп ", "оценки "])
def test_within_what_is_read_the_time_is_as_the_length(piece: str) -> None:
    short, long = seconds(piece * (125 // len(piece))), seconds(piece * (1_000 // len(piece)))
    assert long < 3 * 8 * short + 0.005


def seconds(text: str) -> float:
    """Of the processor, to read the text: other programs do not count."""

    def once() -> float:
        began = time.process_time()
        parse(text)
        return time.process_time() - began

    return min(once() for _ in range(5))
