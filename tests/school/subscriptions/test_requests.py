"""Requests that a class teacher decides, what STOP takes back, and texts that come at the same moment."""

import json
import re
import shutil
import threading
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from db.kinds import Channel, GradeKind, MessageState, SubscriptionStatus
from db.models import Audit, Message, Notification, Student, StudentCode, Subscriber, Subscription
from db.session import Database
from errors import InputError
from school import outbox
from school.classbook import recording
from school.hearing import access
from school.hearing.access import Admitted
from school.subscriptions import requests, subscribing
from school.subscriptions.requests import SubscriptionRow
from school.subscriptions.subscribing import FollowOutcome
from tests.cli.test_command_line import eschool, sentence
from tests.school.conftest import NOW
from tests.school.people import describe_school, known, staff_id, subject_id
from tests.smpp.texts.parent import Parent, pin_in

NEW = "+359877000001"
CLASS_TEACHER_OF_8A, BIOLOGY, PRINCIPAL = "m.stoyanova", "v.kirilov", "direktor"


def waiting(database: Database, by: str | None = None) -> list[SubscriptionRow]:
    of = staff_id(database, by) if by else None
    with database.reading() as session:
        return list(requests.listed(session, status=[SubscriptionStatus.WAITING], by=of))


def request_for_8a(database: Database) -> int:
    """A stranger asks by ЕГН about a student of 8а; gives the request's number."""
    student = next(one for one in describe_school(database)["students"] if one["class"] == "8а")
    Parent(database, NEW).text(student["national_id"])
    return next(row.subscription_id for row in waiting(database) if row.class_name == "8а")


def approve(database: Database, number: int, by: str) -> None:
    decider = staff_id(database, by)
    with database.session() as session:
        requests.approve(session, number, by=decider, now=NOW)


def refuse(database: Database, number: int, by: str) -> None:
    decider = staff_id(database, by)
    with database.session() as session:
        requests.refuse(session, number, by=decider, now=NOW)


class TestRequests:
    def test_each_class_teacher_sees_their_own_and_leaders_all(self, demonstration: Database) -> None:
        request_for_8a(demonstration)
        assert {row.class_name for row in waiting(demonstration)} == {"8а", "11б"}
        assert {row.class_name for row in waiting(demonstration, PRINCIPAL)} == {"8а", "11б"}
        (own,) = waiting(demonstration, CLASS_TEACHER_OF_8A)
        assert (own.class_name, own.follower) == ("8а", "+359 87* *** *01")
        assert waiting(demonstration, BIOLOGY) == []

    @pytest.mark.parametrize("by", [CLASS_TEACHER_OF_8A, PRINCIPAL])
    def test_the_approved_number_gets_a_pin_that_opens(self, demonstration: Database, by: str) -> None:
        number = request_for_8a(demonstration)
        approve(demonstration, number, by)
        parent = Parent(demonstration, NEW)
        sms = parent.received()[-1]
        assert sms.text.startswith("Следите ")
        assert "0,61 € (1,20 лв.) на месец" in sms.text
        with demonstration.session() as session:
            (child,) = access.recognise(session, NEW)
            code = session.scalars(select(StudentCode.code).where(StudentCode.student_id == child.student_id)).one()
            assert isinstance(access.admit(session, "+359888999999", code, pin_in(sms.text), NOW), Admitted)
            decided = session.scalars(select(Audit).where(Audit.action == "subscription.started")).one()
        assert decided.staff_id == staff_id(demonstration, by)
        assert decided.details == {"student_id": child.student_id, "via": "approval"}
        assert waiting(demonstration, CLASS_TEACHER_OF_8A) == []

    def test_the_approved_number_is_told_no_price_when_another_pays(
        self, demonstration: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ESCHOOL_BILLING", "true")
        child = next(one for one in describe_school(demonstration)["students"] if one["class"] == "8а")
        Parent(demonstration, "+359877000009").text(child["student_code"])
        approve(demonstration, request_for_8a(demonstration), CLASS_TEACHER_OF_8A)
        text = Parent(demonstration, NEW).received()[-1].text
        assert "За Вас е безплатно: за детето плаща друг." in text
        assert "€" not in text

    def test_the_earlier_followers_are_told(self, demonstration: Database) -> None:
        approve(demonstration, request_for_8a(demonstration), CLASS_TEACHER_OF_8A)
        with demonstration.reading() as session:
            told = session.scalars(select(Message.text).where(Message.address != NEW)).all()
        assert told
        assert all("Нов номер +359 87* *** *01" in text for text in told)

    def test_a_refused_number_is_told_nothing_and_may_use_the_code(self, demonstration: Database) -> None:
        number, parent = request_for_8a(demonstration), Parent(demonstration, NEW)
        before = parent.received()
        refuse(demonstration, number, CLASS_TEACHER_OF_8A)
        assert parent.received() == before
        with demonstration.reading() as session:
            assert access.recognise(session, NEW) == ()
        assert "ПИН" in (parent.text(known(demonstration).code) or "")

    def test_others_may_not_decide(self, demonstration: Database) -> None:
        number = request_for_8a(demonstration)
        for decide in (approve, refuse):
            with pytest.raises(InputError, match="Only the class teacher"):
                decide(demonstration, number, BIOLOGY)
        assert len(waiting(demonstration, CLASS_TEACHER_OF_8A)) == 1

    def test_what_does_not_wait_cannot_be_decided(self, demonstration: Database) -> None:
        number = request_for_8a(demonstration)
        approve(demonstration, number, PRINCIPAL)
        for decide in (approve, refuse):
            for gone in (number, 10**6):
                with pytest.raises(InputError, match="No request with this number waits"):
                    decide(demonstration, gone, PRINCIPAL)

    def test_a_student_who_left_can_only_be_refused(self, demonstration: Database) -> None:
        number = request_for_8a(demonstration)
        with demonstration.session() as session:
            of = session.scalars(select(Subscription.student_id).where(Subscription.id == number)).one()
            session.execute(update(Student).where(Student.id == of).values(class_id=None, left_on=NOW.date()))
        with pytest.raises(InputError, match="has left the school"):
            approve(demonstration, number, PRINCIPAL)
        refuse(demonstration, number, PRINCIPAL)

    def test_a_list_shows_no_number(self, demonstration: Database) -> None:
        with demonstration.reading() as session:
            rows = list(requests.listed(session))
            phones = set(session.scalars(select(Subscriber.phone)))
        assert len(rows) > 40
        assert not phones & {row.follower for row in rows}


class TestStopTakesBack:
    def test_what_was_not_sent_yet_is_not_sent_and_siblings_news_are(self, demonstration: Database) -> None:
        students = describe_school(demonstration)["students"]
        phones = [one["phone"] for student in students for one in student["subscriptions"] if one["status"] == "active"]
        shared = next(phone for phone in phones if phones.count(phone) == 2)
        children = [one for one in students if shared in [of["phone"] for of in one["subscriptions"]]]
        for student in children:
            record(demonstration, student["student_code"])
        later = NOW + timedelta(minutes=1)
        with demonstration.session() as session:  # bundled into one message, then given back unsent
            claimed = outbox.claim(session, Channel.SMS, owner="test", limit=10, now=later)
            (both,) = [one for one in claimed if one.address == shared]
            assert all(f"{student['given_name']}: " in both.text for student in children)
            outbox.release(session, "test", [one.message_id for one in claimed], later)
        Parent(demonstration, shared, now=later).text(f"стоп {children[0]['student_code']}")
        with demonstration.session() as session:
            claimed = outbox.claim(session, Channel.SMS, owner="test", limit=10, now=later + timedelta(minutes=1))
            news = [one.text for one in claimed if one.address == shared and "Готово" not in one.text]
            assert session.scalars(select(Message.state).where(Message.id == both.message_id)).one() is (
                MessageState.CANCELLED
            )
        assert len(news) == 1
        assert children[0]["given_name"] not in news[0]
        assert f"{children[1]['given_name']}: " in news[0]

    def test_pending_ones_are_cancelled_and_later_events_are_not_told(self, demonstration: Database) -> None:
        parent = Parent(demonstration, NEW)
        code = known(demonstration).code
        parent.text(code)
        record(demonstration, code)
        parent.text("стоп")
        record(demonstration, code, Decimal(5))
        with demonstration.session() as session:
            claimed = outbox.claim(session, Channel.SMS, owner="test", limit=50, now=NOW + timedelta(minutes=2))
            mine = [one.text for one in claimed if one.address == NEW]
            told = select(func.count()).select_from(Notification).join(Subscriber, Subscriber.phone == NEW)
            assert session.scalar(told.where(Notification.subscriber_id == Subscriber.id)) == 1
        assert sorted(text[:6] for text in mine) == ["Готово", "Следит"]


def record(database: Database, code: str, grade: Decimal = Decimal(6)) -> None:
    """A grade in mathematics, by the principal."""
    by, subject = staff_id(database, PRINCIPAL), subject_id(database, "Математика")
    with database.session() as session:
        student = session.scalars(select(StudentCode.student_id).where(StudentCode.code == code)).one()
        recording.record_grade(
            session,
            by=by,
            student_id=student,
            subject_id=subject,
            kind=GradeKind.CURRENT,
            grade=grade,
            on=NOW.date(),
            now=NOW,
        )


class TestAtTheSameMoment:
    def test_one_number_and_code_make_one_subscription(self, demonstration: Database) -> None:
        code, together = known(demonstration).code, threading.Barrier(6)
        outcomes: list[FollowOutcome] = []

        def one() -> None:
            together.wait()
            with demonstration.session() as session:
                done = subscribing.by_code(session, phone=NEW, operator="a1", student_code=code, pin="1234", now=NOW)
            outcomes.append(done.outcome)

        threads = [threading.Thread(target=one) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes).count(FollowOutcome.FOLLOWS) == 1
        assert set(outcomes) <= {FollowOutcome.FOLLOWS, FollowOutcome.FOLLOWED, FollowOutcome.LOCKED}
        with demonstration.reading() as session:
            assert len(access.recognise(session, NEW)) == 1


@pytest.fixture(scope="module")
def school_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the demonstration school, to be copied."""
    home = tmp_path_factory.mktemp("school")
    loaded = eschool("demo", home=home)
    assert loaded.returncode == 0, loaded.stderr
    return home


@pytest.fixture
def home(school_home: Path, tmp_path: Path) -> Path:
    """A home of the test's own with the demonstration school."""
    return Path(shutil.copytree(school_home, tmp_path / "home"))


class TestCommands:
    def listed(self, home: Path, *options: str) -> str:
        result = eschool("subscriptions", "list", *options, home=home)
        assert result.returncode == 0, result.stderr
        return result.stdout

    @pytest.mark.slow
    def test_a_request_is_listed_approved_and_gone(self, home: Path) -> None:
        demo: dict[str, Any] = json.loads(eschool("demo", "--json", home=home).stdout)
        asked = [
            (student["name"].split()[0], one["phone"])
            for student in demo["students"]
            for one in student["subscriptions"]
            if one["status"] == "waiting"
        ]
        (line,) = self.listed(home, "--waiting").splitlines()
        (name, phone) = asked[0]
        found = re.match(r"\s*(\d+)  waiting +11б  (\S+) \S+  \+359 (\d\d)\* \*\*\* \*(\d\d)  since ", line)
        assert found, line
        assert (found[2], found[3], found[4]) == (name, phone[4:6], phone[-2:])
        assert eschool("subscriptions", "approve", found[1], home=home).returncode == 0
        assert self.listed(home, "--waiting") == ""
        assert re.search(rf"^ *{found[1]}  active ", self.listed(home), re.M)
        again = sentence(eschool("subscriptions", "refuse", found[1], home=home), 2)
        assert "No request with this number waits" in again

    @pytest.mark.slow
    def test_who_may_not_decide_is_told_so(self, home: Path) -> None:
        number = self.listed(home, "--waiting").split()[0]
        told = sentence(
            eschool("subscriptions", "refuse", number, "--by", f"{BIOLOGY}@demo-school.example", home=home), 2
        )
        assert "Only the class teacher" in told
        assert eschool("subscriptions", "refuse", number, home=home).returncode == 0
        assert re.search(rf"^ *{number}  stopped ", self.listed(home), re.M)

    def test_mistakes_are_told_in_one_sentence(self, home: Path) -> None:
        assert "No request" in sentence(eschool("subscriptions", "approve", "99999", home=home), 2)
        nobody = eschool("subscriptions", "list", "--by", "nobody@example.org", home=home)
        assert "no active staff account" in sentence(nobody, 2)
