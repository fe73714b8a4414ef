"""The operator watches the lines and decides on stopped campaigns; a leader apologises; others may do neither."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from db.kinds import CallResult, CampaignState
from db.models import Campaign, CampaignStop, Guardian, LineBudget, SchoolClass, Student, StudentGuardian, Subscriber
from db.session import Database
from school.calling.policy import Pauses
from school.dialling import attempts, due_calls
from school.dialling.due_calls import Limits
from tests.admin_web.conftest import CLASS_TEACHER_OF_8A, OPERATOR, PRINCIPAL, Browser
from tests.admin_web.test_campaigns import drafted, started, state_of

SignedIn = Callable[[str], Browser]


def ring(database: Database, number: int) -> None:
    for dial in _choose(database, number):
        with database.session() as session:
            attempts.answered(session, [dial.channel_id], datetime.now(UTC))
            attempts.told(session, dial.channel_id, CallResult.REACHED, datetime.now(UTC), Pauses())


def _choose(database: Database, number: int) -> list[due_calls.Dial]:
    with database.session() as session:
        return due_calls.choose(session, "host:1:a", Limits(number, 0), datetime.now(UTC))


@pytest.fixture
def stopped(signed_in: SignedIn, demonstration: Database, monkeypatch: pytest.MonkeyPatch) -> int:
    """A campaign that the brake stopped after five calls."""
    monkeypatch.setenv("ESCHOOL_BRAKE_FLOOR", "5")
    campaign_id = started(signed_in(PRINCIPAL), demonstration)
    ring(demonstration, 5)
    assert _choose(demonstration, 5) == []
    return campaign_id


def stop_id(database: Database) -> int:
    with database.reading() as session:
        return session.scalars(select(CampaignStop.id)).one()


def test_school_and_operator_see_that_it_stands_still(signed_in: SignedIn, stopped: int) -> None:
    assert "спрени, защото са далеч над обичайното" in signed_in(PRINCIPAL).get(f"/campaigns/{stopped}")
    operator = signed_in(OPERATOR)
    assert "спрени, защото са далеч над обичайното" in operator.get("/platform/")
    assert "Използвани са 5, а обичайното е до 5" in operator.get("/platform/lines/")


def test_the_operator_releases_it(signed_in: SignedIn, demonstration: Database, stopped: int) -> None:
    operator = signed_in(OPERATOR)
    operator.get("/platform/lines/")
    operator.post(f"/platform/lines/stops/{stop_id(demonstration)}", do="release")
    assert "Няма спрени кампании" in operator.get("/platform/lines/")
    assert state_of(demonstration, stopped) is CampaignState.RUNNING
    assert len(_choose(demonstration, 3)) == 3


def test_confirmed_it_is_over_and_the_principal_apologises_once(
    signed_in: SignedIn, demonstration: Database, stopped: int
) -> None:
    operator = signed_in(OPERATOR)
    operator.get("/platform/lines/")
    operator.post(f"/platform/lines/stops/{stop_id(demonstration)}", do="confirm")
    assert state_of(demonstration, stopped) is CampaignState.STOPPED
    teacher = signed_in(CLASS_TEACHER_OF_8A)
    assert "Изпрати извинението" not in teacher.get(f"/campaigns/{stopped}")
    teacher.post(f"/campaigns/{stopped}/apologise", status=403, text="Извинете")
    principal = signed_in(PRINCIPAL)
    assert "Тази кампания стигна до 5 семейства" in principal.get(f"/campaigns/{stopped}")
    principal.post(f"/campaigns/{stopped}/apologise", text="Обаждането беше грешка.")
    page = principal.get(f"/campaigns/{stopped}")
    assert "Извинението за тази кампания" in page
    assert "Изпрати извинението" not in page
    with demonstration.reading() as session:
        (made,) = session.scalars(select(Campaign.id).where(Campaign.apology_for_id == stopped))
    assert "изпратен SMS" in principal.get(f"/campaigns/{made}")


def test_a_schools_budget_is_set_on_the_operators_page(signed_in: SignedIn, demonstration: Database) -> None:
    operator = signed_in(OPERATOR)
    operator.get("/platform/lines/")
    operator.post("/platform/lines/budgets/1", calls="1", minutes="", sms_parts="700")
    with demonstration.reading() as session:
        (own,) = session.scalars(select(LineBudget))
    assert (own.calls, own.minutes, own.sms_parts) == (1, None, 700)
    for wrong in ("0", "-1", "x", "9999999999"):
        assert "цяло число от 1" in operator.post("/platform/lines/budgets/1", status=302, calls=wrong) + operator.get(
            "/platform/lines/"
        )
    campaign_id = started(signed_in(PRINCIPAL), demonstration)
    ring(demonstration, 1)
    assert "Дневният бюджет на училището за кампании е изчерпан" in signed_in(PRINCIPAL).get(
        f"/campaigns/{campaign_id}"
    )


def test_a_draft_names_whose_numbers_are_not_called(signed_in: SignedIn, demonstration: Database) -> None:
    with demonstration.session() as session:
        for guardian in session.scalars(select(Guardian)):
            guardian.phone = "+35990123456"
        for place, follower in enumerate(session.scalars(select(Subscriber).where(Subscriber.phone.is_not(None)))):
            follower.phone = f"+8707731{place:05}"
    principal = signed_in(PRINCIPAL)
    page = principal.get(f"/campaigns/{drafted(principal, demonstration)}")
    assert "С номер, на който оттук не се звъни" in page
    with demonstration.reading() as session:
        student_id = session.scalars(
            select(StudentGuardian.student_id)
            .join(Student, Student.id == StudentGuardian.student_id)
            .join(SchoolClass, SchoolClass.id == Student.class_id)
            .where(SchoolClass.level == 8)
        ).first()
    assert "номерът не е разрешен" in signed_in(CLASS_TEACHER_OF_8A).get(f"/class/student/{student_id}")
