"""The class teacher ends a follower, limits who may be told, and decides what a new code ends: on the pages."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from cli.students import students as students_group
from cli.subscriptions import subscriptions as subscriptions_group
from db.kinds import SubscriptionStatus
from db.models import Message, Student, StudentGuardian, Subscriber, Subscription
from db.session import Database
from devtools.site import SECRET_KEY
from tests.admin_web.conftest import CLASS_TEACHER_OF_8A, MATHS, Browser
from tests.school.conftest import NOW
from tests.school.people import known
from tests.smpp.texts.parent import Parent

SignedIn = Callable[[str], Browser]
STRANGER = "+359877000032"
ON_SQLITE = pytest.mark.parametrize("demonstration", ["sqlite"], indirect=True)


@pytest.fixture
def stranger(demonstration: Database) -> int:
    """Somebody who read the label follows: the subscription."""
    Parent(demonstration, STRANGER, now=NOW).text(known(demonstration).code)
    with demonstration.reading() as session:
        return session.scalars(select(Subscription.id).join(Subscriber).where(Subscriber.phone == STRANGER)).one()


def status(database: Database, subscription_id: int) -> SubscriptionStatus:
    with database.reading() as session:
        return session.get_one(Subscription, subscription_id).status


class TestEnding:
    def test_it_takes_a_reason_and_a_second_page(
        self, signed_in: SignedIn, demonstration: Database, stranger: int
    ) -> None:
        student = known(demonstration)
        teacher = signed_in(CLASS_TEACHER_OF_8A)
        address = f"/class/student/{student.student_id}/followers/{stranger}/end"
        assert address in teacher.get(f"/class/student/{student.student_id}")
        page = teacher.get(address)
        assert "+359 87* *** *32 няма да получава нищо" in page
        assert STRANGER not in page
        assert status(demonstration, stranger) is SubscriptionStatus.ACTIVE
        assert "Изберете причина." in teacher.post(address, status=200, note="без причина")
        assert status(demonstration, stranger) is SubscriptionStatus.ACTIVE
        teacher.post(address, why="stranger", note="не е на семейството")
        assert status(demonstration, stranger) is SubscriptionStatus.STOPPED
        assert "*32" not in teacher.get(f"/class/student/{student.student_id}")
        teacher.get(address, status=404)

    @ON_SQLITE
    def test_another_class_teacher_may_not(self, signed_in: SignedIn, demonstration: Database, stranger: int) -> None:
        address = f"/class/student/{known(demonstration).student_id}/followers/{stranger}/end"
        teacher = signed_in(MATHS)
        teacher.get(address, status=403)
        teacher.post(address, status=403, why="stranger")
        assert status(demonstration, stranger) is SubscriptionStatus.ACTIVE

    @ON_SQLITE
    def test_who_asks_again_waits_on_the_class_page_with_what_was_before(
        self, signed_in: SignedIn, demonstration: Database, stranger: int
    ) -> None:
        student = known(demonstration)
        teacher = signed_in(CLASS_TEACHER_OF_8A)
        address = f"/class/student/{student.student_id}/followers/{stranger}/end"
        teacher.get(address)
        teacher.post(address, why="court_order")
        Parent(demonstration, STRANGER, now=NOW).text(student.code)
        page = teacher.get("/class/")
        assert f"/class/requests/{stranger}" in page
        assert "прекратен: по решение на съда" in page


@ON_SQLITE
class TestNewCode:
    @pytest.mark.parametrize(
        ("fields", "left"),
        [
            ({}, SubscriptionStatus.STOPPED),
            ({"followers": "guardians-stay"}, SubscriptionStatus.STOPPED),
            ({"followers": "all-stay"}, SubscriptionStatus.ACTIVE),
            ({"followers": "nonsense"}, SubscriptionStatus.STOPPED),
        ],
    )
    def test_the_stranger_goes_unless_all_stay(
        self,
        signed_in: SignedIn,
        demonstration: Database,
        stranger: int,
        fields: dict[str, str],
        left: SubscriptionStatus,
    ) -> None:
        student = known(demonstration)
        teacher = signed_in(CLASS_TEACHER_OF_8A)
        teacher.get(f"/class/student/{student.student_id}")
        teacher.post(f"/class/student/{student.student_id}/code", fields)
        assert status(demonstration, stranger) is left


@ON_SQLITE
class TestWhoMayBeTold:
    def test_a_guardian_and_strangers_are_ended_at_once(
        self, signed_in: SignedIn, demonstration: Database, stranger: int
    ) -> None:
        student = known(demonstration)
        teacher = signed_in(CLASS_TEACHER_OF_8A)
        address = f"/class/student/{student.student_id}/told"
        assert address in teacher.get(f"/class/student/{student.student_id}")
        page = teacher.get(address)
        with demonstration.reading() as session:
            ids = session.scalars(
                select(StudentGuardian.guardian_id).where(StudentGuardian.student_id == student.student_id)
            ).all()
        assert all(f"shown-{id_}" in page for id_ in ids)
        teacher.post(address, {f"shown-{id_}": "1" for id_ in ids} | {"only_named": "on", "note": "решение 12"})
        with demonstration.reading() as session:
            assert session.get_one(Student, student.student_id).only_named_followers
            told = session.scalars(
                select(StudentGuardian.may_be_told).where(StudentGuardian.student_id == student.student_id)
            ).all()
            assert set(told) == {False}
            active = session.scalars(
                select(Subscription.id).where(
                    Subscription.student_id == student.student_id, Subscription.status == SubscriptionStatus.ACTIVE
                )
            ).all()
            assert active == []
            assert session.scalars(select(Message.text).where(Message.address == STRANGER)).all()
        page = teacher.get(f"/class/student/{student.student_id}")
        assert "не научава" in page
        assert "Само хората, които училището посочи." in page


@ON_SQLITE
class TestCommands:
    def run(self, database: Database, group: object, *arguments: str) -> str:
        with database.reading() as session:
            url = session.connection().engine.url.render_as_string(hide_password=False)
        variables = {"ESCHOOL_DATABASE_URL": url, "ESCHOOL_SECRET_KEY": SECRET_KEY}
        result = CliRunner().invoke(group, list(arguments), env=variables)  # type: ignore[arg-type]
        assert result.exception is None, result.output
        return result.output

    def test_the_operator_ends_a_follower(self, demonstration: Database, stranger: int) -> None:
        self.run(demonstration, subscriptions_group, "end", str(stranger), "--why", "stranger")
        assert status(demonstration, stranger) is SubscriptionStatus.STOPPED

    def test_a_new_code_is_printed_and_the_stranger_ended(self, demonstration: Database, stranger: int) -> None:
        code = known(demonstration).code
        printed = self.run(demonstration, students_group, "new-code", code).strip()
        assert printed.isdecimal()
        assert printed != code
        assert status(demonstration, stranger) is SubscriptionStatus.STOPPED

    def test_a_guardian_is_barred(self, demonstration: Database) -> None:
        code = known(demonstration).code
        before = self.run(demonstration, students_group, "told", code)
        assert before.startswith("Whoever has the ID-code may follow.")
        first = before.splitlines()[1].split()[0]
        after = self.run(demonstration, students_group, "told", code, "--only-named", "--bar", first)
        assert "Only those whom the school names." in after
        assert "may not be told" in after
