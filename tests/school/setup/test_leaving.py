"""Somebody leaves the school: nothing they had to do is left without somebody having said who does it."""

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from db.models import ApiToken, Passkey, SchoolClass, Staff, TeachingAssignment, Timetable, TimetableLesson
from errors import ForbiddenError, InputError, MissingError
from school import accounts, setup
from school.accounts.sessions import begin_session
from school.integrations.tokens import holder, make_token
from tests.school.accounts.signing_in import with_password
from tests.school.joined import NOW, TODAY, Joined, audited, person, switch_off


@pytest.fixture
def teacher(session: Session, school: Joined) -> int:
    """She leads 8а, teaches mathematics to 7а and 8а, and has two lessons a week in 8а."""
    one = with_password(session, school)
    by, maths = school.administrator, school.subjects["Математика"]
    setup.set_class_teacher(session, school.school, school.classes["8а"], one, by=by, now=NOW)
    setup.assign(
        session, school.school, school.year, staff_id=one, subject_id=maths,
        classes=[school.classes["7а"], school.classes["8а"]], by=by, now=NOW,
    )  # fmt: skip
    version = {"school_id": school.school, "school_year_id": school.year, "title": "Есен", "created_at": NOW}
    of = session.scalars(insert(Timetable).values(version | {"starts_on": TODAY}).returning(Timetable.id)).one()
    session.execute(
        insert(TimetableLesson),
        [
            {"school_id": school.school, "class_id": school.classes["8а"], "subject_id": maths, "staff_id": one,
             "timetable_id": of, "weekday": weekday, "lesson": 1}
            for weekday in (1, 2)
        ],
    )  # fmt: skip
    return one


def successor(session: Session, school: Joined) -> int:
    return person(session, school, "successor")


def leave(session: Session, school: Joined, who: int, to: int | None, **changed: object) -> None:
    held = setup.duties_of(session, school.school, who, TODAY)
    wanted: dict[str, object] = {
        "leads": dict.fromkeys((one.id for one in held.leads), to),
        "teaches": dict.fromkeys((one.id for one in held.teaches), to),
        "revoke_tokens": True,
        "by": school.administrator,
    }
    setup.leave(session, school.school, who, now=NOW, **(wanted | changed))  # type: ignore[arg-type]


def test_class_subjects_and_lessons_go_to_the_successor(session: Session, school: Joined, teacher: int) -> None:
    to = successor(session, school)
    leave(session, school, teacher, to)
    assert session.get_one(SchoolClass, school.classes["8а"]).class_teacher_id == to
    assert set(session.scalars(select(TeachingAssignment.staff_id))) == {to}
    assert list(session.scalars(select(TimetableLesson.staff_id))) == [to, to]
    assert not setup.has_duties(session, school.school, teacher, TODAY)
    assert len(audited(session, "teaching.handed_over")) == 2
    assert audited(session, "staff.left") == [(school.school, school.administrator, teacher, {})]


def test_nobody_is_an_answer_but_silence_is_none(session: Session, school: Joined, teacher: int) -> None:
    with pytest.raises(InputError, match="has changed meanwhile"):
        leave(session, school, teacher, None, teaches={})
    with pytest.raises(InputError, match="has a class or teaches"):
        setup.change_staff(
            session, school.school, teacher, first_name="Мария", last_name="Стоянова", roles=[setup.ROLES[0]],
            is_active=False, by=school.administrator, now=NOW,
        )  # fmt: skip
    leave(session, school, teacher, None)
    assert session.get_one(SchoolClass, school.classes["8а"]).class_teacher_id is None
    assert session.scalars(select(TimetableLesson.id)).all() == []


def test_who_is_in_the_timetable_alone_is_not_switched_off_but_leaves(
    session: Session, school: Joined, teacher: int
) -> None:
    """A timetable may be in use whose lessons nobody was assigned."""
    other = successor(session, school)
    session.execute(update(TimetableLesson).values(staff_id=other))
    assert setup.has_duties(session, school.school, other, TODAY)
    assert setup.duties_of(session, school.school, other, TODAY).has_other_lessons
    assert not setup.duties_of(session, school.school, teacher, TODAY).has_other_lessons
    with pytest.raises(InputError, match="has a class or teaches"):
        switch_off(session, school, other)
    leave(session, school, other, None)
    assert session.scalars(select(TimetableLesson.id)).all() == []


def test_who_teaches_the_same_already_keeps_one_assignment(session: Session, school: Joined, teacher: int) -> None:
    to = successor(session, school)
    setup.assign(
        session, school.school, school.year, staff_id=to, subject_id=school.subjects["Математика"],
        classes=[school.classes["8а"]], by=school.administrator, now=NOW,
    )  # fmt: skip
    leave(session, school, teacher, to)
    assert len(session.scalars(select(TeachingAssignment.id)).all()) == 2


def test_it_goes_to_nobody_of_another_school_nor_to_who_is_gone(
    session: Session, school: Joined, stranger: Joined, teacher: int
) -> None:
    for to in (stranger.administrator, teacher, 10**6):
        with pytest.raises(MissingError):
            leave(session, school, teacher, to)
    with pytest.raises(ForbiddenError):
        leave(session, school, teacher, None, by=stranger.administrator)
    with pytest.raises(InputError, match="your own rights"):
        leave(session, school, school.administrator, None)


def test_sessions_keys_and_tokens_end(session: Session, school: Joined, teacher: int) -> None:
    setup.change_staff(
        session, school.school, teacher, first_name="Мария", last_name="Стоянова", roles=list(setup.ROLES),
        is_active=True, by=school.administrator, now=NOW,
    )  # fmt: skip
    key = make_token(session, by=teacher, title="Дневник", may_write=False, now=NOW)
    session.execute(
        insert(Passkey).values(
            staff_id=teacher, credential_id=b"1", credential=b"1", sign_count=0, name="лаптоп", created_at=NOW
        )
    )
    token = begin_session(session, teacher, "Firefox", NOW)
    assert setup.duties_of(session, school.school, teacher, TODAY).tokens == ("Дневник",)
    leave(session, school, teacher, None)
    session.expire_all()
    assert accounts.signed_in(session, token, NOW) is None
    assert holder(session, key) is None
    assert session.scalars(select(Passkey.id)).all() == []
    one = session.get_one(Staff, teacher)
    assert (one.is_active, one.password_hash) == (False, None)
    assert session.scalars(select(ApiToken.revoked_at)).all() == [NOW]
