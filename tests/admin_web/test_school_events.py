"""Meetings and events on pages: who may announce what, and what parents get to know of it."""

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import delete, func, select

from db.kinds import EventChange, EventKind, NotificationState
from db.models import Notification, SchoolEvent, Staff, Student, Subscription, TeachingAssignment
from db.session import Database
from tests.admin_web.conftest import ADMINISTRATOR, CLASS_TEACHER_OF_8A, MATHS, PRINCIPAL, Browser
from tests.admin_web.test_own_class import of_8a

SignedIn = Callable[[str], Browser]
MEETING: dict[str, Any] = {
    "kind": "meeting", "title": "Родителска среща за екскурзията", "place": "Кабинет 5", "on": "2026-12-10",
    "at": "18:30", "text": "Носете съгласие.",
}  # fmt: skip


def announce(browser: Browser, **changed: object) -> str:
    """Announce a meeting; gives the page that follows."""
    page = browser.get("/events/new")
    if "invited" not in changed:
        own = re.search(r'value="(class-\d+)"[^>]*>8а клас', page)
        assert own
        changed["invited"] = own[1]
    browser.post("/events/new", MEETING | changed)
    return browser.get("/events/")


def announced(database: Database) -> SchoolEvent:
    """The one that was announced last."""
    with database.reading() as session:
        return session.scalars(select(SchoolEvent).order_by(SchoolEvent.id.desc()).limit(1)).one()


def pending(database: Database, event: SchoolEvent, change: EventChange) -> int:
    """How many notifications of it are to go out."""
    with database.reading() as session:
        return session.scalars(
            select(func.count()).where(
                Notification.kind == EventKind.MEETING,
                Notification.event_id == event.id,
                Notification.change == change,
                Notification.state == NotificationState.PENDING,
            )
        ).one()


def test_the_class_teacher_invites_the_parents_of_the_class(signed_in: SignedIn, demonstration: Database) -> None:
    page = announce(signed_in(CLASS_TEACHER_OF_8A))
    assert "Родителска среща за екскурзията" in page
    assert "10.12.2026, 18:30" in page
    event = announced(demonstration)
    with demonstration.reading() as session:
        followed = session.scalars(
            select(func.count(Subscription.id.distinct()))
            .join(Student, Student.id == Subscription.student_id)
            .where(Student.id.in_(of_8a(demonstration)), Subscription.status == "active")
        ).one()
    assert pending(demonstration, event, EventChange.RECORDED) >= followed > 0


def test_a_level_is_invited_by_leaders_only(signed_in: SignedIn, demonstration: Database) -> None:
    assert "всички 8. класове" in announce(signed_in(PRINCIPAL), invited="level-8")
    event = announced(demonstration)
    assert (event.level, event.class_id) == (8, None)
    teacher = signed_in(MATHS)
    teacher.get("/events/new")
    teacher.post("/events/new", MEETING | {"invited": "level-8"}, status=200)
    teacher.post("/events/new", MEETING | {"invited": "school"}, status=200)
    assert announced(demonstration).id == event.id


def test_a_past_date_is_refused_and_what_was_typed_stays(signed_in: SignedIn) -> None:
    teacher = signed_in(CLASS_TEACHER_OF_8A)
    own = re.search(r'value="(class-\d+)"[^>]*>8а клас', teacher.get("/events/new"))
    assert own
    page = teacher.post("/events/new", MEETING | {"on": "2026-11-01", "invited": own[1]}, status=200)
    assert "вече е минал" in page or "в миналото" in page
    assert "Родителска среща за екскурзията" in page


def test_a_correction_keeps_its_history_and_two_do_not_overwrite_each_other(
    signed_in: SignedIn, demonstration: Database
) -> None:
    teacher, principal = signed_in(CLASS_TEACHER_OF_8A), signed_in(PRINCIPAL)
    announce(teacher)
    event = announced(demonstration)
    address = f"/events/{event.id}"
    teacher.get(address)
    principal.get(address)
    fields = {name: value for name, value in MEETING.items() if name != "kind"}
    seen = {"seen": event.recorded_at.isoformat()}
    teacher.post(address, fields | seen | {"place": "Кабинет 7", "why": "Кабинетът е зает"})
    page = principal.post(address, fields | seen | {"place": "Физкултурният салон"}, status=200)
    assert "междувременно" in page
    page = principal.get(address)
    assert "Кабинет 7" in page
    assert "Кабинетът е зает" in page
    assert announced(demonstration).place == "Кабинет 7"


def test_calling_it_off_cancels_what_was_not_sent_yet(signed_in: SignedIn, demonstration: Database) -> None:
    teacher = signed_in(CLASS_TEACHER_OF_8A)
    announce(teacher)
    event = announced(demonstration)
    assert pending(demonstration, event, EventChange.RECORDED) > 0
    teacher.get(f"/events/{event.id}")
    teacher.post(f"/events/{event.id}/cancel", why="Болен учител", seen=event.recorded_at.isoformat())
    assert "за екскурзията" not in teacher.get("/events/")
    assert pending(demonstration, event, EventChange.RECORDED) == 0
    assert "Болен учител" in signed_in(ADMINISTRATOR).get("/school/history?area=meeting")


def test_a_class_is_nothing_to_a_teacher_who_does_not_know_it(signed_in: SignedIn, demonstration: Database) -> None:
    announce(signed_in(CLASS_TEACHER_OF_8A))
    event = announced(demonstration)
    with demonstration.session() as session:
        stranger_id = session.scalars(select(Staff.id).where(Staff.email.like("b.tonev@%"))).one()
        session.execute(
            delete(TeachingAssignment).where(
                TeachingAssignment.staff_id == stranger_id, TeachingAssignment.class_id == event.class_id
            )
        )
    stranger = signed_in("b.tonev")
    assert "за екскурзията" not in stranger.get("/events/")
    stranger.get(f"/events/{event.id}", status=404)
    assert "8а клас" not in stranger.get("/events/new")
    stranger.post(f"/events/{event.id}/cancel", status=404, why="x", seen=event.recorded_at.isoformat())
    stranger.get("/events/new")
    stranger.post("/events/new", MEETING | {"invited": f"class-{event.class_id}"}, status=200)
    assert announced(demonstration).id == event.id
