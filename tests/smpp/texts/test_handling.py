"""What a parent gets back for a text, from the words to the outbox, on both databases."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from db.kinds import Language, SubscriptionStatus
from db.models import Audit, Message, School, Student, StudentCode, Subscriber, Subscription
from db.session import Database
from demonstration.plan.people import FIRST_PHONE
from school.hearing import access
from school.hearing.access import Admitted
from school.security.crypto import vault
from school.students import national_ids, student_code
from tests.school.conftest import NOW
from tests.school.people import describe_school, known
from tests.smpp.texts.parent import Parent, pin_in

NEW = "+359877000001"
OTHER = "+359897000002"
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def status(database: Database, phone: str, student_id: int) -> SubscriptionStatus | None:
    with database.reading() as session:
        return session.scalar(
            select(Subscription.status)
            .join(Subscriber)
            .where(Subscriber.phone == phone, Subscription.student_id == student_id)
        )


def national_id(database: Database, student_id: int) -> str:
    with database.reading() as session:
        stored = session.scalars(select(Student.national_id_encrypted).where(Student.id == student_id)).one()
        return national_ids.decrypt(vault(session), stored).number


def family(database: Database) -> tuple[str, list[tuple[str, str]]]:
    """A number that follows two children, and their names and codes."""
    students = describe_school(database)["students"]
    phones = [one["phone"] for student in students for one in student["subscriptions"] if one["status"] == "active"]
    shared = next(phone for phone in phones if phones.count(phone) == 2)
    return shared, [
        (student["given_name"], student["student_code"])
        for student in students
        if shared in [one["phone"] for one in student["subscriptions"]]
    ]


class TestSubscribingByCode:
    @pytest.mark.parametrize("written", ["{code}", "ID код: {half} {rest}", "Моля, ид-код {code}.", "id{code}"])
    def test_the_code_lets_follow_at_once(self, demonstration: Database, written: str) -> None:
        student, parent = known(demonstration), Parent(demonstration, NEW, operator="vivacom")
        code = student.code
        answer = parent.text(written.format(code=code, half=code[:4], rest=code[4:]))
        assert answer == (
            f"Следите {student.given_name} от 8а. ПИН за 0882818905: {pin_in(answer)}. "
            "0,61 € (1,20 лв.) на месец. Спиране: СТОП на 1987."
        )
        (sms,) = parent.received()
        assert (sms.operator, sms.urgent, sms.due_at) == ("vivacom", True, parent.now)
        with demonstration.session() as session:
            caller = "+359888999999"
            assert isinstance(access.admit(session, caller, code, pin_in(answer), parent.now), Admitted)
            assert [one.given_name for one in access.recognise(session, NEW)] == [student.given_name]

    def test_the_pin_is_kept_encrypted_and_hashed_only(self, demonstration: Database) -> None:
        parent = Parent(demonstration, NEW)
        pin = pin_in(parent.text(known(demonstration).code))
        with demonstration.reading() as session:
            row = session.scalars(select(Message).where(Message.address == NEW)).one()
            assert "{pin}" in row.text
            assert pin not in row.text
            assert row.pin_encrypted is not None
            assert pin.encode() not in row.pin_encrypted
            assert all(pin not in str(details) for details in session.scalars(select(Audit.details)))

    def test_who_follows_already_is_told_so_and_keeps_the_pin(self, demonstration: Database) -> None:
        student = known(demonstration)
        parent = Parent(demonstration, student.phone)
        answer = parent.text(student.code)
        assert answer == f"Вече следите {student.given_name} от 8а. За нов ПИН пратете ПИН, за край – СТОП."
        with demonstration.session() as session:
            assert isinstance(access.admit(session, NEW, student.code, student.pin, parent.now), Admitted)

    def test_two_codes_in_one_text_get_one_pin(self, demonstration: Database) -> None:
        _, children = family(demonstration)
        parent = Parent(demonstration, NEW)
        answer = parent.text(" ".join(code for _, code in children)) or ""
        assert answer.startswith("Следите ")
        assert all(name in answer for name, _ in children)
        pin = pin_in(answer)
        with demonstration.session() as session:
            for _, code in children:
                assert isinstance(access.admit(session, OTHER, code, pin, parent.now), Admitted)

    def test_a_revoked_code_and_one_of_a_student_who_left_open_nothing(self, demonstration: Database) -> None:
        student = known(demonstration)
        with demonstration.session() as session:
            student_code.issue(session, student.student_id, NOW)
            fresh = student_code.in_force(session, student.student_id)
        assert (Parent(demonstration, NEW).text(student.code) or "").startswith("Няма ученик с този номер")
        with demonstration.session() as session:
            session.execute(
                update(Student).where(Student.id == student.student_id).values(class_id=None, left_on=NOW.date())
            )
        assert (Parent(demonstration, OTHER).text(fresh or "") or "").startswith("Няма ученик с този номер")
        assert status(demonstration, NEW, student.student_id) is None

    def test_english_is_answered_in_english(self, demonstration: Database) -> None:
        student = known(demonstration)
        with demonstration.session() as session:
            session.execute(
                update(Subscriber).where(Subscriber.phone == student.phone).values(language=Language.ENGLISH)
            )
        assert "already" in (Parent(demonstration, student.phone).text(student.code) or "")

    def test_a_school_with_latin_letters_answers_in_them(self, demonstration: Database) -> None:
        with demonstration.session() as session:
            session.execute(update(School).values(latin_sms=True))
        Parent(demonstration, NEW).text(known(demonstration).code)
        with demonstration.reading() as session:
            assert set(session.scalars(select(Message.latin))) == {True}

    def test_the_operator_of_the_number_is_remembered(self, demonstration: Database) -> None:
        student = known(demonstration)
        for operator in ("yettel", "vivacom"):
            Parent(demonstration, student.phone, operator).text("пин")
            with demonstration.reading() as session:
                found = session.scalars(select(Subscriber.operator).where(Subscriber.phone == student.phone)).one()
            assert found == operator


class TestEarlierFollowers:
    def test_they_are_told_the_masked_number_within_the_hours(self, demonstration: Database) -> None:
        student = known(demonstration)
        night = Parent(demonstration, NEW, now=NOW + timedelta(hours=5))
        assert night.text(student.code)
        (told,) = Parent(demonstration, student.phone).received()
        assert told.text == (
            f"Нов номер +359 87* *** *01 вече следи {student.given_name} от 8а. Ако не е Ваш близък, пратете МАХНИ 01."
        )
        with demonstration.reading() as session:
            from_hour = session.scalars(select(School.from_hour)).first() or 0
        if from_hour == 8:
            assert told.due_at == NOW + timedelta(hours=14)  # eight o'clock in Sofia
        assert len(night.received()) == 1

    def test_stopping_and_beginning_anew_the_same_day_is_no_news(self, demonstration: Database) -> None:
        student, parent = known(demonstration), Parent(demonstration, NEW)
        for written in (student.code, "стоп", student.code):
            parent.text(written)
        follower = Parent(demonstration, student.phone)
        assert len(follower.received()) == 1
        parent.text("стоп")
        parent.text(student.code, after=timedelta(days=2))
        assert len(follower.received()) == 2


class TestSubscribingByNationalId:
    def test_a_guardian_follows_at_once(self, demonstration: Database) -> None:
        students = describe_school(demonstration)["students"]
        followed = {one["phone"] for student in students for one in student["subscriptions"]}
        student, phone = next(
            (student, guardian["phone"])
            for student in students
            for guardian in student["guardians"]
            if guardian["phone"] and guardian["phone"] not in followed
        )
        answer = Parent(demonstration, phone).text(f"ЕГН: {student['national_id']}") or ""
        assert answer.startswith(f"Следите {student['given_name']} от {student['class']}. ПИН")
        assert student["national_id"] not in answer

    def test_a_stranger_waits_and_learns_nothing(self, demonstration: Database) -> None:
        student = known(demonstration)
        egn = national_id(demonstration, student.student_id)
        real = Parent(demonstration, NEW).text(egn)
        unknown = Parent(demonstration, OTHER).text("7501020018")
        assert real == unknown
        assert real is not None
        assert real.startswith("Получихме молбата Ви.")
        assert student.given_name not in real
        assert status(demonstration, NEW, student.student_id) is SubscriptionStatus.WAITING
        assert (Parent(demonstration, NEW, now=NOW + HOUR).text("оценки") or "").startswith("От този номер не следите")
        with demonstration.reading() as session:
            assert access.recognise(session, NEW) == ()
            rows = session.scalars(select(Audit).where(Audit.action == "subscription.requested")).all()
            assert [row.details for row in rows] == [{"student_id": student.student_id}]

    def test_asking_twice_leaves_one_request_and_the_code_still_opens(self, demonstration: Database) -> None:
        student, parent = known(demonstration), Parent(demonstration, NEW)
        egn = national_id(demonstration, student.student_id)
        assert parent.text(egn) == parent.text(egn)
        with demonstration.reading() as session:
            asked = select(func.count()).where(Audit.action == "subscription.requested")
            assert session.scalar(asked) == 1
        assert "ПИН" in (parent.text(student.code) or "")
        assert status(demonstration, NEW, student.student_id) is SubscriptionStatus.ACTIVE

    def test_an_impossible_number_is_said_to_be_wrong(self, demonstration: Database) -> None:
        assert (Parent(demonstration, NEW).text("1234567890") or "").startswith("Няма ученик с този номер")

    def test_asking_about_many_locks(self, demonstration: Database) -> None:
        parent = Parent(demonstration, NEW)
        students = [one["national_id"] for one in describe_school(demonstration)["students"]][:6]
        answers = [parent.text(one) for one in students]
        assert [bool(one and one.startswith("Получихме")) for one in answers] == [True] * 4 + [False] * 2
        with demonstration.reading() as session:
            asked = select(func.count()).where(Audit.action == "subscription.requested")
            assert session.scalar(asked) == 4


class TestGuessing:
    def test_four_wrong_codes_lock_with_one_polite_answer_and_then_silence(self, demonstration: Database) -> None:
        parent, right = Parent(demonstration, NEW), known(demonstration).code
        answers = [parent.text(student_code.generate()) for _ in range(4)]
        assert [one and one[:16] for one in answers] == ["Няма ученик с то"] * 3 + ["Твърде много опи"]
        assert answers[3] == "Твърде много опити с грешен номер. Опитайте отново след 1 минута."
        assert parent.text(right) is None
        assert parent.text(student_code.generate()) is None
        assert status(demonstration, NEW, known(demonstration).student_id) is None
        assert "Следите" in (parent.text(right, after=MINUTE) or "")

    def test_each_lock_is_told_once(self, demonstration: Database) -> None:
        parent = Parent(demonstration, NEW)
        for _ in range(4):
            parent.text(student_code.generate())
        again = parent.text(student_code.generate(), after=MINUTE)
        assert again == "Твърде много опити с грешен номер. Опитайте отново след 5 минути."
        assert parent.text(student_code.generate()) is None

    def test_whom_another_locked_out_is_told_why(self, demonstration: Database) -> None:
        code = "99999997"
        for number in range(11):
            Parent(demonstration, f"+3598770000{number:02}").text(code)
        parent = Parent(demonstration, OTHER, now=NOW + timedelta(seconds=20))
        assert (parent.text(code) or "").startswith("Твърде много")
        assert parent.text(code) is None

    def test_wrong_pins_of_strangers_on_the_telephone_do_not_refuse_the_right_code_by_sms(
        self, demonstration: Database
    ) -> None:
        student = known(demonstration)
        for number in range(30):
            with demonstration.session() as session:
                access.admit(session, f"+3598770000{number:02}", student.code, "0", NOW)
        assert "Следите" in (Parent(demonstration, NEW).text(student.code) or "")

    def test_strangers_who_ask_by_an_egn_do_not_hold_up_a_guardian(self, demonstration: Database) -> None:
        digits, guardian = next(
            (student["national_id"], guardian["phone"])
            for student in describe_school(demonstration)["students"]
            for guardian in student["guardians"]
            if guardian["phone"] and not student["subscriptions"]
        )
        for number in range(20):
            Parent(demonstration, f"+3598770000{number:02}").text(digits)
        assert (Parent(demonstration, "+359877000099").text(digits) or "").startswith("Твърде много")
        assert "Следите" in (Parent(demonstration, guardian).text(digits) or "")

    def test_one_right_code_does_not_clear_the_wrong_ones(self, demonstration: Database) -> None:
        parent, right = Parent(demonstration, NEW), known(demonstration).code
        for _ in range(3):
            parent.text(student_code.generate())
            assert parent.text(right)
        assert (parent.text(student_code.generate()) or "").startswith("Твърде много")

    def test_many_codes_in_one_text_count_each(self, demonstration: Database) -> None:
        codes = [student_code.generate() for _ in range(20)]
        assert (Parent(demonstration, NEW).text(" ".join(codes)) or "").startswith("Твърде много")

    def test_a_lock_on_codes_still_lets_leave_and_read(self, demonstration: Database) -> None:
        student = known(demonstration)
        parent = Parent(demonstration, student.phone)
        for _ in range(5):
            parent.text(student_code.generate())
        assert (parent.text("оценки") or "").startswith(f"{student.given_name}: ")
        assert (parent.text("СТОП") or "").startswith("Готово")


class TestStop:
    @pytest.mark.parametrize("written", ["СТОП", "Stop!", "спри", "CTOП до 1987", "стоп1987", "искам да спра"])
    def test_it_ends_all_at_once_and_is_confirmed_once(self, demonstration: Database, written: str) -> None:
        phone, children = family(demonstration)
        parent = Parent(demonstration, phone)
        answer = parent.text(written) or ""
        assert answer.startswith("Готово, вече не следите ")
        assert answer.endswith("Отново: ID-кода на 1987.")
        assert all(name in answer for name, _ in children)
        assert parent.text(written) is None
        with demonstration.reading() as session:
            assert access.recognise(session, phone) == ()

    def test_one_child_alone(self, demonstration: Database) -> None:
        phone, children = family(demonstration)
        (gone, code), (kept, _) = children
        parent = Parent(demonstration, phone)
        assert parent.text(f"стоп {code}") == f"Готово, вече не следите {parent_words(demonstration, code)}. " + (
            "Отново: ID-кода на 1987."
        )
        assert gone not in (parent.text("оценки") or "")
        assert kept in (parent.text("оценки") or "")

    def test_an_old_label_stops_too(self, demonstration: Database) -> None:
        phone, children = family(demonstration)
        with demonstration.session() as session:
            owner = session.scalars(select(StudentCode.student_id).where(StudentCode.code == children[0][1])).one()
            student_code.issue(session, owner, NOW)
        Parent(demonstration, phone).text(f"СТОП {children[0][1]}")
        assert status(demonstration, phone, owner) is SubscriptionStatus.STOPPED

    def test_a_code_that_is_none_of_theirs_stops_nobody_else(self, demonstration: Database) -> None:
        phone, _ = family(demonstration)
        student, asked = known(demonstration), "Не следите ученик с този номер. За край на всички: СТОП на 1987."
        for parent in (Parent(demonstration, phone), Parent(demonstration, student.phone)):
            for written in ("стоп 99999997", "СТОП 1234567", "стоп 0899999999", "СТОП ЕГН 7501020018"):
                assert parent.text(written) == asked
            assert parent.text("оценки")
        assert str(Parent(demonstration, student.phone).text(f"стоп 0{student.phone[4:]}")).startswith("Готово")

    def test_by_national_id(self, demonstration: Database) -> None:
        phone, children = family(demonstration)
        with demonstration.reading() as session:
            owner = session.scalars(select(StudentCode.student_id).where(StudentCode.code == children[0][1])).one()
        answer = Parent(demonstration, phone).text(f"СТОП ЕГН {national_id(demonstration, owner)}") or ""
        assert children[0][0] in answer
        assert children[1][0] not in answer

    def test_a_request_is_withdrawn(self, demonstration: Database) -> None:
        student, parent = known(demonstration), Parent(demonstration, NEW)
        parent.text(national_id(demonstration, student.student_id))
        assert parent.text("стоп") == "Готово, молбата Ви е оттеглена."
        assert status(demonstration, NEW, student.student_id) is SubscriptionStatus.STOPPED

    def test_the_code_begins_anew_with_another_pin(self, demonstration: Database) -> None:
        student, parent = known(demonstration), Parent(demonstration, known(demonstration).phone)
        parent.text("стоп")
        with demonstration.session() as session:
            assert not isinstance(access.admit(session, NEW, student.code, student.pin, parent.now), Admitted)
        pin = pin_in(parent.text(student.code))
        with demonstration.session() as session:
            assert isinstance(access.admit(session, OTHER, student.code, pin, parent.now), Admitted)

    def test_a_number_that_follows_nobody_is_told_once(self, demonstration: Database) -> None:
        parent = Parent(demonstration, NEW)
        assert (parent.text("стоп") or "").startswith("От този номер не следите")
        assert parent.text("стоп") is None


def parent_words(database: Database, code: str) -> str:
    student = next(one for one in describe_school(database)["students"] if one["student_code"] == code)
    return f"{student['given_name']} от {student['class']}"


class TestNewPin:
    def test_the_new_one_opens_and_the_old_does_not(self, demonstration: Database) -> None:
        student, parent = known(demonstration), Parent(demonstration, known(demonstration).phone)
        answer = parent.text("ПИН")
        pin = pin_in(answer)
        assert answer == f"Нов ПИН за 0882818905: {pin} ({student.given_name})."
        with demonstration.session() as session:
            assert isinstance(access.admit(session, OTHER, student.code, pin, parent.now), Admitted)
            if pin != student.pin:
                assert not isinstance(access.admit(session, OTHER, student.code, student.pin, parent.now), Admitted)

    def test_one_pin_opens_all_children(self, demonstration: Database) -> None:
        phone, children = family(demonstration)
        pin = pin_in(Parent(demonstration, phone).text("нов пин код"))
        with demonstration.session() as session:
            for _, code in children:
                assert isinstance(access.admit(session, OTHER, code, pin, NOW), Admitted)

    def test_of_a_child_that_is_not_followed_nothing_is_told(self, demonstration: Database) -> None:
        phone, _ = family(demonstration)
        parent, other = Parent(demonstration, phone), known(demonstration)
        answer = parent.text(f"ПИН {other.code}") or ""
        assert answer == parent.text("ПИН 99999997")
        assert other.given_name not in answer


class TestRecords:
    def test_grades_are_the_newest_of_the_child(self, demonstration: Database) -> None:
        student = next(
            one
            for one in describe_school(demonstration)["students"]
            if one["student_code"] == known(demonstration).code
        )
        answer = Parent(demonstration, FIRST_PHONE).text("оценки") or ""
        assert answer.startswith(f"{student['given_name']}: ")
        pieces = answer.partition(": ")[2].split("; ")
        assert len(pieces) == 5
        newest = student["grades"][-1]
        assert pieces[0].startswith(newest["subject"][:4])
        day = newest["date"]
        assert pieces[0].endswith(f"{day[8:10]}.{day[5:7]}")

    @pytest.mark.parametrize("written", ["ОЦЕНКИ", "otsastvia", "Срещи?", "meetings", "бележки"])
    def test_a_family_hears_of_every_child_on_a_line(self, demonstration: Database, written: str) -> None:
        phone, children = family(demonstration)
        answer = Parent(demonstration, phone).text(written) or ""
        assert sorted(line.partition(":")[0] for line in answer.splitlines()) == sorted(name for name, _ in children)

    def test_or_of_the_one_that_is_named(self, demonstration: Database) -> None:
        phone, children = family(demonstration)
        name, code = children[1]
        answer = Parent(demonstration, phone).text(f"отсъствия {code}") or ""
        assert [line.partition(":")[0] for line in answer.splitlines()] == [name]

    def test_absences_are_summed_with_halves(self, demonstration: Database) -> None:
        for student in describe_school(demonstration)["students"]:
            phones = [one["phone"] for one in student["subscriptions"] if one["status"] == "active"]
            kinds = [one["kind"] for one in student["absences"]]
            if phones and kinds.count("late") % 2 and kinds.count("unexcused"):
                break
        else:
            pytest.fail("nobody was late once")
        total = kinds.count("unexcused") + kinds.count("late") // 2
        answer = Parent(demonstration, phones[0]).text(f"отсъствия {student['student_code']}") or ""
        assert f": неизвинени {total} и 1/2, извинени {kinds.count('excused')}. " in answer

    def test_strangers_and_their_guesses_hear_nothing(self, demonstration: Database) -> None:
        student = known(demonstration)
        answer = Parent(demonstration, NEW).text(f"оценки {student.code}")
        assert answer == "От този номер не следите ученик. Абонамент: ID-кода на 1987."


class TestHelpAndLimits:
    def test_what_is_not_understood_gets_help_once_an_hour(self, demonstration: Database) -> None:
        parent = Parent(demonstration, NEW)
        assert (parent.text("Здравейте, как сте?") or "").startswith("Пратете на 1987: ID-код")
        assert parent.text("Кой сте вие") == "Не разбрахме. Помощ: ПОМОЩ на 1987. За край: СТОП."
        assert parent.text("12345") == parent.text("12345") is not None
        assert (parent.text("не", after=HOUR + MINUTE) or "").startswith("Пратете на 1987")

    def test_a_number_of_the_wrong_length_gets_a_hint(self, demonstration: Database) -> None:
        assert (Parent(demonstration, NEW).text("1234567") or "").startswith("ID-кодът е от 8 цифри")

    def test_help_that_is_asked_for_comes_every_time(self, demonstration: Database) -> None:
        parent = Parent(demonstration, NEW)
        assert parent.text("помощ") == parent.text("HELP") is not None

    def test_after_twenty_texts_within_an_hour_only_stop_is_heard(self, demonstration: Database) -> None:
        student = known(demonstration)
        parent = Parent(demonstration, student.phone)
        for _ in range(20):
            assert parent.text("помощ")
        assert parent.text("помощ") is None
        assert parent.text("пин") is None
        assert (parent.text("стоп") or "").startswith("Готово")
        assert parent.text("стоп") is None
        assert parent.text("помощ", after=HOUR)

    def test_the_limit_is_of_one_number(self, demonstration: Database) -> None:
        noisy = Parent(demonstration, NEW)
        for _ in range(22):
            noisy.text("помощ")
        assert Parent(demonstration, OTHER, now=noisy.now).text("помощ")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    st.one_of(
        st.text(max_size=300),
        st.lists(
            st.sampled_from(["стоп", "пин", "оценки", "12345674", "7501020018", "ID", "\0", "\ud83d", "{pin}", "{}"]),
            max_size=12,
        ).map(" ".join),
    )
)
def test_nothing_that_can_be_written_fails(demonstration: Database, written: str) -> None:
    parent = Parent(demonstration, FIRST_PHONE)
    parent.send(written)
