"""„ИЗВ [код] [от-до] причина“ and „ДНЕС“: which days of whom, however they are written; and what is answered."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from stdnum import luhn

from db.kinds import AbsenceKind, AbsenceReason, NoticeState
from db.models import Absence, AbsenceNotice
from db.session import Database
from school.attendance.dates import nearest
from school.lines import parts_of
from smpp.protocol.transliteration import to_latin
from smpp.texts.commands import Complaint, Grades, StopAsked, Unknown
from smpp.texts.excusing import Excuse
from smpp.texts.grounds import ground_of
from smpp.texts.parsing import parse
from smpp.texts.today_words import Today
from tests.school.conftest import NOW
from tests.school.outbox.school_days import SchoolDay
from tests.school.people import known
from tests.smpp.texts.parent import Parent

TODAY = date(2026, 11, 24)
"""A Tuesday."""
CODE = "10000008"


def read(text: str) -> Excuse:
    found = parse(text)
    assert isinstance(found, Excuse), (text, found)
    return found


def days(text: str) -> tuple[str, str] | None:
    found = read(text)
    if found.first is None:
        return None
    named = found.days(TODAY)
    assert named, text
    return f"{named[0]:%d.%m.%y}", f"{named[1]:%d.%m.%y}"


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("ИЗВ 30.11 грип", "30.11.26", "30.11.26"),
        ("изв. 30.11. грип", "30.11.26", "30.11.26"),
        ("изв30.11 грип", "30.11.26", "30.11.26"),
        ("IZV 30/11 grip", "30.11.26", "30.11.26"),
        ("ИЗВ 30.11-02.12 грип", "30.11.26", "02.12.26"),
        ("ИЗВ 30.11 – 2.12 грип", "30.11.26", "02.12.26"),
        ("izv ot 30.11 do 2.12 grip", "30.11.26", "02.12.26"),
        ("ИЗВ от 30.11.2026 г. до 02.12.2026 г. грип", "30.11.26", "02.12.26"),
        ("ИЗВ 1-3.12 грип", "01.12.26", "03.12.26"),
        ("ИЗВ от 1 до 3 декември грип", "01.12.26", "03.12.26"),
        ("ИЗВ 30 ноември грип", "30.11.26", "30.11.26"),
        ("ИЗВ 2-ри декември грип", "02.12.26", "02.12.26"),
        ("ИЗВ 2026-11-30 грип", "30.11.26", "30.11.26"),
        ("ИЗВ днес грип", "24.11.26", "24.11.26"),
        ("izv utre grip", "25.11.26", "25.11.26"),
        ("ИЗВ вчера грип", "23.11.26", "23.11.26"),
        ("ИЗВ днес и утре грип", "24.11.26", "25.11.26"),
        ("ИЗВ 30.11 и 1.12 грип", "30.11.26", "01.12.26"),
        ("ИЗВ 30.11, 1.12 грип", "30.11.26", "01.12.26"),
        ("ИЗВ днес-утре грип", "24.11.26", "25.11.26"),
        ("ИЗВ днес до утре грип", "24.11.26", "25.11.26"),
        ("ИЗВ понеделник - сряда грип", "30.11.26", "02.12.26"),
        ("ИЗВ днес, утре ще дойде", "24.11.26", "24.11.26"),
        ("izv dnes, utre shte doide", "24.11.26", "24.11.26"),
        ("ИЗВ днес - утре ще дойде", "24.11.26", "24.11.26"),
        ("ИЗВ 24.11 – утре е на училище", "24.11.26", "24.11.26"),
        ("ИЗВ 24.11, в петък ще дойде", "24.11.26", "24.11.26"),
        ("ИЗВ 24.11 - в петък ще дойде", "24.11.26", "24.11.26"),
        ("ИЗВ днес, 26.11 ще дойде", "24.11.26", "24.11.26"),
        ("ИЗВ петък лекар", "27.11.26", "27.11.26"),
        ("ИЗВ от понеделник до сряда пътуване", "30.11.26", "02.12.26"),
        ("ИЗВ 21.12-8.01 пътуване", "21.12.26", "08.01.27"),
        ("ИЗВ 12.01 лекар", "12.01.27", "12.01.27"),
        ("ИЗВ болна е от 30.11 до 2.12, с температура", "30.11.26", "02.12.26"),
        ("Моля извинявам Мария за утре, болна е", "25.11.26", "25.11.26"),
        ("please excuse Maria for 30.11 she is ill", "30.11.26", "30.11.26"),
    ],
)
def test_days_are_read_as_people_write_them(text: str, first: str, last: str) -> None:
    assert days(text) == (first, last)
    assert ground_of(read(text).reason) is not None


@pytest.mark.parametrize("text", ["ИЗВ грип", "izv bolen", "ИЗВ зъболекар в 9.10 ч.", "ИЗВ температура 38.5"])
def test_without_a_day_it_is_today(text: str) -> None:
    assert days(text) is None
    assert not read(text).unclear


@pytest.mark.parametrize("text", ["ИЗВ 3 дни грип", "ИЗВ тази седмица болна", "ИЗВ 30-11 грип", "izv 2 dni grip"])
def test_days_that_may_be_others_are_asked_back(text: str) -> None:
    assert read(text).unclear


@pytest.mark.parametrize("text", ["ИЗВ 31.02 грип", "ИЗВ 2.12-30.11 грип", "ИЗВ 30.11, 2.12 грип"])
def test_days_that_there_are_not_are_none(text: str) -> None:
    assert read(text).days(TODAY) is None


@pytest.mark.parametrize("text", [f"ИЗВ {CODE} 30.11 грип", "изв 1000 00 08 30.11 грип", f"{CODE} izv 30.11 grip"])
def test_a_code_names_the_child_and_is_no_reason(text: str) -> None:
    found = read(text)
    assert found.subject
    assert found.subject.digits == CODE
    assert CODE not in found.reason


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Извинете, кой сте?", Unknown),
        ("извинявам се за грешката", Complaint),
        ("извинете ме", Unknown),
        ("ИЗВ стоп", StopAsked),
        ("оценки днес", Grades),
        ("извинени отсъствия", object),
    ],
)
def test_ordinary_sentences_excuse_nothing(text: str, kind: type) -> None:
    found = parse(text)
    assert isinstance(found, kind)
    assert not isinstance(found, Excuse)


@pytest.mark.parametrize(
    "text", ["ДНЕС", "dnes", "днес?", "Днес Мария", "На училище ли е?", "today", f"днес {CODE}", "как е днес"]
)
def test_the_day_is_asked_for(text: str) -> None:
    assert isinstance(parse(text), Today)


@pytest.mark.parametrize(
    ("reason", "ground"),
    [
        ("грип", AbsenceReason.HEALTH),
        ("pri zabolekar", AbsenceReason.HEALTH),
        ("сватба на леля", AbsenceReason.FAMILY),
        ("изпит за шофьор", AbsenceReason.OTHER),
        ("причина:", None),
        ("", None),
        ("...", None),
        ("🤒", None),
    ],
)
def test_the_ground_is_read_from_the_words(reason: str, ground: AbsenceReason | None) -> None:
    assert ground_of(reason) is ground


ahead = st.dates(TODAY - timedelta(days=60), TODAY + timedelta(days=120))
commands = st.sampled_from(["ИЗВ", "изв", "Изв.", "IZV", "izv:", "ИЗB", "изв,"])
ways = st.sampled_from(
    ["{0.day}.{0.month}", "{0:%d.%m}", "{0:%d/%m/%Y}", "{0:%d.%m.%y}", "{0:%d.%m.%Y} г.", "{0:%Y-%m-%d}"]
)
joints = st.sampled_from(["-", " - ", "–", " до ", " do "])
reasons = st.sampled_from(["грип", "семейни причини", "bolen e", "лекар, в 9 ч.", "ще пътуваме"])
codes = st.sampled_from(["", CODE, "1000 0008"])


@given(commands, codes, ahead, st.integers(0, 20), ways, joints, reasons)
def test_whatever_way_days_are_written_they_are_these(
    command: str, code: str, first: date, length: int, way: str, joint: str, reason: str
) -> None:
    last = first + timedelta(days=length)
    span = way.format(first) + (joint + way.format(last) if length else "")
    found = read(" ".join(filter(None, (command, code, span, reason))))
    assert found.days(TODAY) == (first, last)
    assert found.reason == reason.strip(".")
    assert (found.subject.digits if found.subject else "") == (CODE if code else "")


@given(commands, ahead, ways, reasons)
def test_latin_letters_name_the_same_days(command: str, on: date, way: str, reason: str) -> None:
    written = f"{command} {way.format(on)} {reason}"
    assert read(to_latin(written)).days(TODAY) == read(written).days(TODAY) == (on, on)


@given(st.text(max_size=200))
def test_nothing_that_is_typed_fails(text: str) -> None:
    found = parse(f"ИЗВ {text}")
    if isinstance(found, Excuse) and found.first is not None:
        found.days(TODAY)


@given(st.sampled_from(["ИЗВ ", "ИЗВ утре ", "ИЗВ 30.11 грип "]), st.text(max_size=200))
def test_whoever_stops_excuses_nothing(excuse: str, text: str) -> None:
    assert not isinstance(parse(f"СТОП {excuse}{text}"), Excuse)


@given(ahead)
def test_a_day_without_its_year_is_the_nearest(on: date) -> None:
    assert nearest(on.day, on.month, TODAY) == on


@pytest.mark.parametrize("digits", [10, 8])
def test_a_persons_number_is_not_kept_with_the_reason(digits: int) -> None:
    number = "7501020018"[:digits] if digits == 10 else "8" * 7 + luhn.calc_check_digit("8" * 7)
    assert number not in read(f"ИЗВ 30.11 грип {number}").reason


class TestAnswers:
    """At the demonstration school, on a Tuesday at 18:00."""

    def test_a_day_ahead_counts_and_is_answered_in_one_part(self, demonstration: Database) -> None:
        parent = Parent(demonstration, known(demonstration).phone)
        answer = parent.text("ИЗВ 30.11 зъболекар") or ""
        assert answer.endswith("извинено за 30.11. Остават 14 от 15 дни за годината.")
        assert parts_of(answer, latin=False) == 1
        assert (parent.text("izv 30.11 zabolekar") or "").endswith("30.11 вече е извинено.")

    def test_a_reply_to_todays_absence_excuses_it(self, demonstration: Database) -> None:
        day = SchoolDay(demonstration)
        ref = day.absence()
        parent = Parent(demonstration, known(demonstration).phone, now=NOW)
        assert "извинено за 24.11" in (parent.text("ИЗВ разболя се") or "")
        with demonstration.reading() as session:
            row = session.get_one(Absence, ref.id)
            assert (row.kind, row.reason) == (AbsenceKind.EXCUSED, AbsenceReason.HEALTH)

    @pytest.mark.parametrize(
        ("text", "answer"),
        [
            ("ИЗВ", "Пратете ИЗВ, датата и причината: ИЗВ 30.11 болест."),
            ("ИЗВ 31.02 грип", "Няма такива дати."),
            ("ИЗВ 3 дни грип", "Няма такива дати."),
            ("ИЗВ 28.11 грип", "28.11: няма училище"),
            ("ИЗВ 30.11", "чака класния ръководител, ще Ви пишем. Липсва причина: пратете ИЗВ, датата и причината."),
            ("ИЗВ 23.11 грип", "Известието е след първия ден на отсъствието."),
            ("ИЗВ 30.11-7.12 грип", "Наведнъж са най-много 5 учебни дни."),
            ("ИЗВ 10000008 30.11 грип", "Не следите ученик с този номер."),
        ],
    )
    def test_what_does_not_count_says_why(self, demonstration: Database, text: str, answer: str) -> None:
        parent = Parent(demonstration, known(demonstration).phone)
        assert answer in (parent.text(text) or "")
        with demonstration.reading() as session:
            assert NoticeState.COUNTED not in session.scalars(select(AbsenceNotice.state)).all()

    def test_who_follows_nobody_excuses_nobody(self, demonstration: Database) -> None:
        stranger = Parent(demonstration, "+359878999111")
        assert "не следите ученик" in (stranger.text(f"ИЗВ {known(demonstration).code} 30.11 грип") or "")

    def test_the_day_is_told(self, demonstration: Database) -> None:
        parent = Parent(demonstration, known(demonstration).phone)
        name = known(demonstration).given_name
        assert (parent.text("ДНЕС") or "").startswith(name)
        assert (parent.text(f"днес {name}") or "").startswith(name)
