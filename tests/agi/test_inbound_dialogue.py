"""What a parent hears, key by key; the words are asserted, not the clips."""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from agi.dialogue import message_queries as mq
from agi.dialogue import queries as q
from agi.dialogue.inbound import inbound
from db.kinds import FIRST_LESSON, LAST_LESSON, CallOutcome, GradeKind, Mark, SchoolEventKind
from school.classbook.benefit import standing
from school.hearing.access import Admitted, Child
from school.hearing.records import AbsenceTotals
from school.voicemail.keeping import Desk, Last, Refusal
from tests.agi import rows
from tests.agi.walkthrough import AWAY, Walkthrough

CODE = "10000008"
"""Eight digits with the right Luhn check digit."""
DAY = "За да чуете дали детето е на училище днес, натиснете диез."
"""The menu's first item, unless there is news."""


def call(children: tuple[Child, ...] = (rows.MARIA,), **answers: object) -> Walkthrough:
    """A call by a number that follows `children`; the greeting is over."""
    known: dict[type, object] = {
        q.WhoIsCalling: q.Caller(children, None),
        q.HowMuchIsNew: rows.NEWS.counts,
        q.WhatIsNew: rows.NEWS,
        q.LatestGrades: rows.GRADES,
        q.GradesBySubject: rows.AVERAGES,
        q.LatestAbsences: (rows.TOTALS, rows.ABSENCES),
        q.DayAtSchool: rows.DAY,
        q.GiveNotice: rows.EXCUSED,
        q.LatestRemarks: rows.REMARKS,
        q.HealthNotes: rows.HEALTH,
        q.MeetingsAhead: rows.MEETINGS,
        q.AdmitByCode: Admitted(rows.MARIA),
        q.AdmitToChild: Admitted(rows.GUARDED),
        q.SwitchSms: None,
        q.WantTextOnly: True,
        q.WantSlowSpeech: None,
        q.ChangePin: True,
        mq.OpenMessageDesk: Desk(None, Last(rows.NOW, is_heard=True, is_answered=False)),
        mq.KeepMessage: None,
    }
    known.update({getattr(q, name, None) or getattr(mq, name): answer for name, answer in answers.items()})
    walk = Walkthrough(inbound(rows.NOW), known)
    assert walk.said == "Здравейте. Тук е електронното училище."
    walk.wait()
    return walk


class TestArriving:
    def test_a_number_with_one_child_goes_straight_to_its_news_and_the_menu(self) -> None:
        said = call().said
        assert said.startswith(
            "За Мария от осми а клас … "
            "Ново от последното Ви обаждане: една оценка, едно отсъствие, една похвала, една родителска среща …"
        )
        assert f"една родителска среща … За да чуете новото, натиснете шест. {DAY} За оценки натиснете едно." in said
        assert "За всичко ново" not in said
        assert "друго дете" not in said

    @pytest.mark.parametrize("pin", [False, True])
    def test_the_greeting_of_the_one_school_of_all_children_comes_first(self, pin: bool) -> None:
        greeting = "Добре дошли в нашето училище"
        maria, ivan = (replace(one, greeting=greeting, needs_pin=pin) for one in (rows.MARIA, rows.IVAN))
        for children in ((maria,), (maria, ivan)):
            walk = call(children)
            assert walk.said == f"{greeting},"
            assert len(walk.asked) == 1
            assert walk.wait().startswith(
                "Изберете за кое дете" if len(children) > 1 else "Въведете Вашия ПИН" if pin else "За Мария"
            )
        assert call((maria,)).press("1").startswith("За Мария" if not pin else "Въведете")

    @pytest.mark.parametrize("other", [None, "Друго училище"])
    def test_children_of_two_schools_are_greeted_by_none(self, other: str | None) -> None:
        maria = replace(rows.MARIA, greeting="Добре дошли")
        assert call((maria, replace(rows.IVAN, school_id=2, greeting=other))).said.startswith("Изберете за кое дете")

    def test_nothing_new_is_said_in_words(self) -> None:
        said = call(HowMuchIsNew=rows.NO_NEWS.counts).said
        assert f"Няма нищо ново от последното Ви обаждане. {DAY} За оценки натиснете едно." in said
        assert "За всичко ново - шест." in said

    def test_two_children_are_picked_by_key_and_key_8_picks_the_other(self) -> None:
        walk = call((rows.MARIA, rows.IVAN))
        assert walk.said == (
            "Изберете за кое дете искате да чуете. "
            "За Мария от осми а клас натиснете едно. За Иван от единадесети б клас натиснете две."
        )
        assert walk.press("2").startswith("За Иван от единадесети б клас")
        assert "За друго дете - осем." in walk.said
        assert walk.press("8", "1").startswith("За Мария от осми а клас")

    def test_a_school_that_always_demands_the_pin_gets_it_from_a_known_number(self) -> None:
        walk = call((rows.GUARDED,))
        assert "ПИН" in walk.said
        assert "Петър" not in walk.said
        assert walk.press("1234#").startswith("За Петър от пети в клас")

    def test_of_two_children_the_one_of_such_a_school_is_offered_without_its_name(self) -> None:
        walk = call((rows.MARIA, rows.GUARDED))
        assert walk.said.endswith(
            "За Мария от осми а клас натиснете едно. За дете, за което се иска ПИН код, натиснете две."
        )
        assert walk.press("2", "1234#").startswith("За Петър от пети в клас")

    def test_an_unknown_number_gives_code_and_pin(self) -> None:
        walk = call(())
        assert walk.said == "Въведете осемцифрения код на ученика."
        assert walk.press(CODE) == "Въведете Вашия ПИН код и завършете с диез."
        assert walk.press("123456").startswith("За Мария от осми а клас")
        assert walk.asked[1] == q.AdmitByCode(CODE, "123456")

    def test_wrong_code_and_wrong_pin_sound_alike_and_the_third_failure_ends_the_call(self) -> None:
        walk = call((), AdmitByCode=q.NotAdmitted(None))
        for _ in range(2):
            assert walk.press(CODE, "1234#").startswith("Кодът на ученика или ПИН кодът не е верен.")
        assert walk.press(CODE, "1234#").startswith(
            "Кодът на ученика или ПИН кодът не е верен. Кодът на ученика е на етикета"
        )
        assert walk.outcome is CallOutcome.REFUSED

    def test_a_mistyped_code_is_told_before_the_pin_is_asked(self) -> None:
        walk = call(())
        assert walk.press("10000009").startswith("Кодът е набран с грешка.")
        assert not any(isinstance(question, q.AdmitByCode) for question in walk.asked)

    @pytest.mark.parametrize(
        ("locked_for", "told"),
        [
            (timedelta(seconds=1), "след една минута"),
            (timedelta(minutes=5), "след пет минути"),
            (timedelta(hours=24), "след двадесет и четири часа"),
        ],
    )
    def test_a_locked_caller_is_told_for_how_long(self, locked_for: timedelta, told: str) -> None:
        walk = call((), WhoIsCalling=q.Caller((), locked_for))
        assert told in walk.said
        assert walk.outcome is CallOutcome.REFUSED


class TestListening:
    def test_grades_come_newest_first_with_kind_and_day(self) -> None:
        walk = call()
        assert walk.press("1") == "Последни оценки."
        assert walk.wait() == "Математика, Отличен, шест на контролна работа, днес …"
        assert walk.wait() == (
            "История, Добър, три цяло и петдесет стотни на устно изпитване, в петък, двадесети ноември …"
        )
        assert walk.wait() == "Математика, Слаб, два, в понеделник, пети октомври …"
        assert walk.wait().startswith("Това беше всичко. За оценките по предмети натиснете едно.")
        assert walk.heard == [row.ref for row in rows.GRADES]

    def test_by_subject_says_grades_average_and_calls_the_forecast_a_forecast(self) -> None:
        walk = call()
        walk.press("1", "1")
        assert walk.wait() == (
            "Математика, два, шест … Среден успех: четири … Прогноза за срочна оценка: Добър, четири …"
        )

    def test_a_grade_that_closes_a_term_or_the_year_says_so_before_it(self) -> None:
        term = rows.GRADES[0]._replace(kind=GradeKind.TERM)
        overall = rows.GRADES[0]._replace(kind=GradeKind.ANNUAL, subject=None, value=None, mark=Mark.EXCELLENT)
        walk = call(LatestGrades=(term, overall))
        walk.press("1")
        assert walk.wait() == "Математика, срочна оценка, Отличен, шест, днес …"
        assert walk.wait() == "Обща годишна оценка, Отличен, днес …"

    def test_absences_begin_with_the_totals_in_halves(self) -> None:
        walk = call()
        assert walk.press("2") == (
            "две неизвинени отсъствия, двадесет и едно извинени отсъствия, едно закъснение … "
            "Общо неизвинени заедно със закъсненията: две и половина отсъствия … "
            "За да извините отсъствие, натиснете едно. Последни отсъствия."
        )
        assert walk.wait() == "Неизвинено отсъствие, История, трети час, в петък, двадесети ноември …"
        assert walk.wait() == (
            "Извинено отсъствие по здравословни причини, Физика, първи час, в понеделник, втори ноември …"
        )

    def test_kinds_of_absence_that_there_are_none_of_are_not_counted_up(self) -> None:
        totals = AbsenceTotals(unexcused=1, excused=0, late=0, total_unexcused=Decimal(1))
        said = call(LatestAbsences=(totals, rows.ABSENCES)).press("2")
        assert said == "едно неизвинено отсъствие … За да извините отсъствие, натиснете едно. Последни отсъствия."
        nothing = AbsenceTotals(unexcused=0, excused=0, late=0, total_unexcused=Decimal(0))
        assert call(LatestAbsences=(nothing, ())).press("2").startswith("Няма отсъствия.")

    @pytest.mark.parametrize("lesson", range(FIRST_LESSON, LAST_LESSON + 1))
    def test_every_lesson_of_two_shifts_can_be_said(self, lesson: int) -> None:
        missed = replace(rows.ABSENCES[0], lesson=lesson)
        walk = call(LatestAbsences=(rows.TOTALS, (missed,)))
        walk.press("2")
        assert re.fullmatch(r"Неизвинено отсъствие, История, \w+[ие] час, .* …", walk.wait())

    def test_health_tells_the_dates_alone(self) -> None:
        assert call().press("4") == (
            "Здравна бележка от понеделник, шестнадесети ноември до сряда, осемнадесети ноември …"
        )

    def test_a_meeting_has_title_day_hour_and_place(self) -> None:
        assert call().press("5") == (
            "Среща на 8а клас, в четвъртък, двадесет и шести ноември от "
            "осемнадесет часа и тридесет минути … Място: стая 12, …"
        )

    def test_a_meeting_is_called_one_when_its_title_does_not(self) -> None:
        meeting = replace(rows.MEETINGS[0], title="Избор на профил")
        event = replace(meeting, kind=SchoolEventKind.EVENT)
        walk = call(MeetingsAhead=(meeting, event))
        assert walk.press("5").startswith("Родителска среща. Избор на профил, в четвъртък,")
        assert walk.wait().startswith("Избор на профил, в четвъртък,")

    def test_key_6_says_everything_new_and_marks_it_heard(self) -> None:
        walk = call()
        walk.press("6")
        walk.wait(4)
        assert walk.heard == [rows.ABSENCES[0].ref, rows.GRADES[0].ref, rows.REMARKS[0].ref, rows.MEETINGS[0].ref]

    def test_key_6_warns_of_the_child_benefit_with_the_absence_that_led_to_it(self) -> None:
        walk = call(WhatIsNew=replace(rows.NEWS, benefit=standing(2 * 3)))
        said = walk.press("6")
        assert "Неизвинени през този месец: три часа … До спирането на детските надбавки: два часа" in said
        assert "детските надбавки" not in walk.wait()
        walk.wait(4)
        assert len(walk.heard) == 4

    def test_hash_skips_nine_repeats_star_goes_back_and_zero_home(self) -> None:
        walk = call()
        walk.press("1", "#")
        first = walk.said
        assert first.startswith("Математика, Отличен")
        assert walk.press("9") == first
        assert walk.press("#").startswith("История")
        assert walk.press("*").startswith(DAY)
        assert walk.press("1", "#", "0").startswith(DAY)
        assert walk.heard == []

    def test_a_long_list_is_told_in_pages(self) -> None:
        many = tuple(rows.GRADES[0] for _ in range(12))
        walk = call(LatestGrades=many)
        walk.press("1")
        walk.wait(10)
        assert walk.wait().startswith("За по-старите натиснете диез.")
        walk.press("#")
        assert walk.wait().startswith("Математика")
        assert walk.wait().startswith("Това беше всичко.")

    def test_an_empty_list_is_told_and_the_menu_follows(self) -> None:
        said = call(LatestRemarks=()).press("3")
        assert said.startswith(f"Няма забележки и похвали. {DAY} За оценки натиснете едно.")


class TestSettings:
    def test_sms_is_switched_and_told(self) -> None:
        walk = call()
        assert walk.press("7").startswith("Съобщенията на мобилния телефон са включени.")
        assert walk.press("1").startswith("Съобщенията са спрени. Съобщенията на мобилния телефон са спрени.")
        assert walk.asked[-1] == q.SwitchSms(rows.MARIA, enabled=False)
        walk.press("1")
        assert walk.asked[-1] == q.SwitchSms(replace(rows.MARIA, sms_enabled=False), enabled=True)

    def test_texts_and_no_calls_are_chosen_and_taken_back(self) -> None:
        walk = call()
        assert "За да Ви пишем само съобщения и никога да не Ви звъним - три." in walk.press("7")
        said = walk.press("3")
        assert said.startswith("Вече ще Ви пишем само съобщения. Съобщенията на мобилния телефон са включени.")
        assert "Пишем Ви само съобщения и не Ви звъним." in said
        assert walk.asked[-1] == q.WantTextOnly(rows.MARIA, wanted=True)
        assert walk.press("3").startswith("Отново може да Ви звъним.")
        assert walk.asked[-1] == q.WantTextOnly(replace(rows.MARIA, text_only=True), wanted=False)

    def test_who_chose_texts_while_they_were_off_hears_that_they_are_on(self) -> None:
        walk = call()
        walk.press("7", "1")
        assert "са включени. За да ги спрете" in walk.press("3")

    def test_a_fixed_line_cannot_choose_texts(self) -> None:
        walk = call(WantTextOnly=False)
        walk.press("7")
        said = walk.press("3")
        assert said.startswith("На този номер не можем да пращаме съобщения.")
        assert "Пишем Ви само съобщения и не Ви звъним." not in said

    def test_slow_speech_is_chosen_and_taken_back_in_the_same_call(self) -> None:
        walk = call()
        assert "никога да не Ви звъним - три. За да говорим по-бавно - пет. За главното меню - нула." in walk.press("7")
        said = walk.press("5")
        assert said.startswith("Вече ще Ви говорим по-бавно. Съобщенията")
        assert "Говорим Ви по-бавно. За обичайната скорост натиснете пет." in said
        assert walk.asked[-1] == q.WantSlowSpeech(rows.MARIA, wanted=True)
        walk.press("0")
        assert "Говорим Ви по-бавно." in walk.press("7")
        assert walk.press("5").startswith("Отново говорим с обичайната скорост.")
        assert walk.asked[-1] == q.WantSlowSpeech(rows.SLOW_MARIA, wanted=False)

    def test_who_comes_back_to_the_settings_hears_how_they_were_left(self) -> None:
        walk = call((rows.SLOW_MARIA,))
        assert "Говорим Ви по-бавно." in walk.press("7")
        walk.press("1", "3", "5", "*", "1", "0")
        said = walk.press("7")
        assert "са включени. За да ги спрете" in said
        assert "Пишем Ви само съобщения и не Ви звъним." in said
        assert "За да говорим по-бавно - пет." in said
        walk.press("1", "0")
        assert "са спрени. За да ги включите" in walk.press("7")

    def test_what_a_caller_changed_holds_for_the_other_child_too(self) -> None:
        walk = call((rows.MARIA, replace(rows.IVAN, sms_enabled=False)))
        walk.press("1", "7", "5", "3", "0", "8", "2")
        assert walk.said.startswith("За Иван")
        said = walk.press("7")
        assert "Говорим Ви по-бавно." in said
        assert "Пишем Ви само съобщения и не Ви звъним." in said
        assert "са включени. За да ги спрете" in said
        assert walk.press("5").startswith("Отново говорим с обичайната скорост.")
        walk.press("1", "0", "8", "1")
        said = walk.press("7")
        assert "За да говорим по-бавно - пет." in said
        assert "са включени. За да ги спрете" in said  # SMS are switched for each child

    @pytest.mark.parametrize("keys", ["33", "30" + "73"])
    def test_sms_stay_on_for_the_other_child_when_texts_alone_are_taken_back(self, keys: str) -> None:
        walk = call((rows.MARIA, replace(rows.IVAN, sms_enabled=False)))
        walk.press("1", "7", *keys, "0", "8", "2")
        said = walk.press("7")
        assert "За да Ви пишем само съобщения" in said
        assert "са включени. За да ги спрете" in said

    def test_what_a_caller_changed_is_not_what_another_number_wishes(self) -> None:
        """A child of somebody else's following, as a call by code and PIN may open."""
        walk = call((rows.MARIA, replace(rows.IVAN, subscriber_id=2)))
        walk.press("1", "7", "5", "0", "8", "2")
        assert "За да говорим по-бавно - пет." in walk.press("7")

    def test_a_caller_known_by_number_alone_proves_the_old_pin_before_a_new_one(self) -> None:
        walk = call()
        assert walk.press("7", "2") == "Въведете Вашия ПИН код и завършете с диез."
        assert walk.press("1234#").startswith("Въведете нов ПИН код")
        assert walk.press("2580#") == "Въведете го още веднъж."
        assert walk.press("2580#").startswith("Новият ПИН код е записан.")
        assert walk.asked[-1] == q.ChangePin(rows.MARIA, "2580")

    def test_two_different_new_pins_change_nothing(self) -> None:
        walk = call()
        walk.press("7", "2", "1234#", "2580#")
        assert walk.press("2581#").startswith("Двата кода не съвпадат.")
        assert not any(isinstance(question, q.ChangePin) for question in walk.asked)


class TestTrouble:
    def test_silence_is_told_and_the_third_ends_politely(self) -> None:
        walk = call()
        assert walk.wait().startswith("Не получихме отговор. За да чуете новото")
        walk.wait()
        assert walk.wait().endswith("Дочуване.")
        assert walk.outcome is CallOutcome.SILENT

    def test_a_wrong_key_is_told_apart_from_silence(self) -> None:
        walk = call()
        assert walk.press("8").startswith("Няма такъв избор. За да чуете новото")
        walk.wait()
        walk.press("8")
        assert walk.press("8").endswith("Дочуване.")

    def test_nine_tells_again_how_much_is_new_and_a_return_to_the_menu_does_not(self) -> None:
        walk = call()
        first = walk.said
        assert walk.press("9") == first
        assert "Мария" not in walk.press("1", "0")

    @pytest.mark.parametrize("away", ["WhoIsCalling", "HowMuchIsNew", "LatestGrades"])
    def test_a_database_that_is_away_ends_in_the_apology(self, away: str) -> None:
        walk = call((rows.MARIA,), **{away: AWAY})
        if walk.outcome is None:
            walk.press("1")
        assert walk.said.startswith("Извинете, в момента не можем")
        assert walk.outcome is CallOutcome.FAILED


class TestMessageToTheClassTeacher:
    def test_after_the_tone_it_is_kept_and_the_menu_follows(self) -> None:
        walk = call()
        assert walk.press("*").startswith("Съобщението е записано. Класният ръководител ще го чуе. За ")
        assert walk.asked[-1] == mq.KeepMessage(rows.MARIA, "recorded")

    @pytest.mark.parametrize(
        ("answer", "said"),
        [
            (Desk(Refusal.OFF, None), "Училището не приема такива съобщения."),
            (Desk(Refusal.TOO_MANY, None), "За днес оставихте достатъчно съобщения."),
            (mq.NoRoom(), "В момента не можем да запишем съобщение и нищо не е запазено."),
        ],
    )
    def test_where_none_is_taken_nothing_is_recorded(self, answer: object, said: str) -> None:
        walk = call(OpenMessageDesk=answer)
        assert said in walk.press("*")
        assert not any(isinstance(one, mq.KeepMessage) for one in walk.asked)

    def test_a_disk_that_fills_up_meanwhile_is_told_of(self) -> None:
        assert "нищо не е запазено" in call(KeepMessage=mq.NoRoom()).press("*")

    def test_who_was_not_heard_speaks_again(self) -> None:
        walk = call(KeepMessage=[mq.NothingHeard(), None])
        assert walk.press("*").startswith("Не се чу нищо.")
        assert walk.press("1").startswith("Съобщението е записано.")
