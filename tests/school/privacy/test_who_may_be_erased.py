"""Who may be erased when and by whom; staff who left; and the list that keeps the erased from coming back."""

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import func, insert, select, text, update

from db.kinds import ErasureGround, LinkPurpose
from db.models import (
    Base,
    Erasure,
    Grade,
    Guardian,
    SchoolRequest,
    Staff,
    StaffLink,
    StaffRole,
    StaffSession,
    Student,
    StudentCode,
    Subscriber,
    Subscription,
)
from errors import ForbiddenError, InputError, MissingError
from school import audit
from school.audit import history
from school.privacy import erased, erasure, people
from school.privacy.erasure import erase_students
from school.privacy.replaying import replay
from school.students import students
from tests.school.privacy.test_erasure import fill, guardian
from tests.school.students.small_schools import FATHER, MOTHER, NOW, SmallSchool

UNLAWFUL = ErasureGround.UNLAWFUL
LATER = NOW + timedelta(days=3)


def leave(here: SmallSchool, on: date) -> None:
    here.session.execute(
        update(Student).where(Student.id == here.student).values(class_id=None, number_in_class=None, left_on=on)
    )


def erase(
    here: SmallSchool, *, by: int | None = None, ground: ErasureGround = UNLAWFUL, still_here: bool = False
) -> None:
    person = people.of_student(here.session, here.id, here.student)
    erasure.erase(here.session, person, NOW, by=by, ground=ground, still_here=still_here)


class TestStudents:
    def test_who_has_left_is_erased(self, here: SmallSchool) -> None:
        students.leave(here.session, here.id, here.student, by=here.leader, now=NOW)
        erase(here, by=here.leader)
        assert here.session.scalars(select(Student.id).where(Student.school_id == here.id)).all() == [here.classmate]

    def test_who_is_still_here_only_when_that_is_said(self, here: SmallSchool) -> None:
        with pytest.raises(InputError, match="still at the school"):
            erase(here, by=here.leader)
        erase(here, by=here.leader, still_here=True)
        with pytest.raises(MissingError):
            people.of_student(here.session, here.id, here.student)

    def test_only_by_the_schools_leaders(self, here: SmallSchool, elsewhere: SmallSchool) -> None:
        for other in (here.class_teacher, here.teacher, elsewhere.leader):
            with pytest.raises(ForbiddenError):
                erase(here, by=other, still_here=True)

    def test_the_end_of_the_period_is_no_ground_before_it(self, here: SmallSchool) -> None:
        leave(here, NOW.date() - timedelta(days=4 * 365))
        with pytest.raises(InputError, match="not over"):
            erase(here, ground=ErasureGround.EXPIRED)
        leave(here, NOW.date() - timedelta(days=6 * 365))
        erase(here, ground=ErasureGround.EXPIRED)
        assert here.session.scalars(select(Erasure.ground)).all() == [ErasureGround.EXPIRED]


class TestStaff:
    @pytest.fixture
    def left(self, here: SmallSchool) -> int:
        """The teacher of mathematics has left: there are a session, a link, a request and a grade of hers."""
        session, id_ = here.session, here.teacher
        here.grade()
        session.execute(
            insert(StaffSession).values(
                staff_id=id_, token_hash=b"1", device="Firefox на Орлин", created_at=NOW, last_seen_at=NOW,
                expires_at=LATER,
            )
        )  # fmt: skip
        session.execute(
            insert(StaffLink).values(
                token_hash=b"2", staff_id=id_, purpose=LinkPurpose.RESET, created_at=NOW, expires_at=LATER
            )
        )
        values = {"is_active": False, "password_hash": "hash", "email": "orlin@school.example", "first_name": "Орлин"}
        session.execute(update(Staff).where(Staff.id == id_).values(**values, last_name="Кестенов"))
        audit.write(
            session, "staff.changed", "staff", id_, NOW, school_id=here.id, by=here.leader,
            name=["Орлин Кестенов", "Орлин К."],
        )  # fmt: skip
        session.execute(
            insert(SchoolRequest).values(
                institution_code="1", school_name="ОУ", town="Видин", first_name="Орлин", last_name="Кестенов",
                email="orlin@school.example", phone="+359888777666", text="Моля, Кестенов", status="waiting",
                created_at=NOW,
            )
        )  # fmt: skip
        return id_

    def test_the_name_goes_everywhere_and_the_class_book_stays(self, here: SmallSchool, left: int) -> None:
        person = people.of_staff(here.session, here.id, left)
        erasure.erase(here.session, person, NOW, by=here.leader, ground=UNLAWFUL)
        here.session.flush()
        for name in Base.metadata.tables:
            rows = json.dumps([list(map(str, row)) for row in here.session.execute(text(f'SELECT * FROM "{name}"'))])
            for one in ("Орлин", "Кестенов", "orlin@school.example", "+359888777666"):
                assert one not in rows, name
                assert json.dumps(one)[1:-1] not in rows, name
        assert here.session.scalars(select(Grade.staff_id)).all() == [left]
        row = here.session.get_one(Staff, left)
        assert (row.first_name, row.last_name, row.password_hash) == ("Изтрит", "служител", None)
        for table in (StaffSession, StaffLink):
            assert here.session.scalar(select(func.count()).select_from(table)) == 0
        assert here.session.scalar(select(func.count()).select_from(StaffRole).where(StaffRole.staff_id == left)) == 0
        recorded = next(one for one in history.of_school(here.session, here.id) if one.action == "grade.recorded")
        assert recorded.by == "Изтрит служител"

    def test_who_can_still_sign_in_is_not(self, here: SmallSchool) -> None:
        person = people.of_staff(here.session, here.id, here.class_teacher)
        with pytest.raises(InputError, match="switch the account off"):
            erasure.erase(here.session, person, NOW, by=here.leader, ground=UNLAWFUL)

    def test_twice_is_once(self, here: SmallSchool, left: int) -> None:
        person = people.of_staff(here.session, here.id, left)
        erasure.erase(here.session, person, NOW, by=here.leader, ground=UNLAWFUL)
        with pytest.raises(MissingError):
            people.of_staff(here.session, here.id, left)


class TestParents:
    def test_two_guardians_with_one_number_are_told_apart(self, here: SmallSchool) -> None:
        first, second = guardian(here, here.student), guardian(here, here.student)
        here.follower(MOTHER)
        person = people.of_guardian(here.session, here.id, first)
        assert person.shares_number
        erasure.erase(here.session, person, NOW, by=here.leader, ground=UNLAWFUL)
        assert here.session.scalars(select(Guardian.id)).all() == [second]
        assert here.session.scalars(select(Subscriber.phone)).all() == [MOTHER]

    def test_of_two_with_one_address_the_number_of_the_erased_goes(self, here: SmallSchool) -> None:
        first, second = guardian(here, here.student), guardian(here, here.student)
        session = here.session
        session.execute(update(Guardian).values(email="home@family.example"))
        session.execute(update(Guardian).where(Guardian.id == second).values(phone=FATHER))
        here.follower(MOTHER)
        here.follower(FATHER)
        person = people.of_guardian(session, here.id, first)
        erasure.erase(session, person, NOW, by=here.leader, ground=UNLAWFUL)
        assert session.scalars(select(Guardian.id)).all() == [second]
        assert session.scalars(select(Subscriber.phone)).all() == [FATHER]

    def test_another_schools_guardian_with_the_number_stays(self, here: SmallSchool, elsewhere: SmallSchool) -> None:
        own, other = guardian(here, here.student), guardian(elsewhere, elsewhere.student)
        here.follower(MOTHER)
        elsewhere.follower(MOTHER)
        person = people.of_guardian(here.session, here.id, own)
        erasure.erase(here.session, person, NOW, by=here.leader, ground=UNLAWFUL)
        assert here.session.scalars(select(Guardian.id)).all() == [other]
        assert here.session.scalars(select(Subscription.school_id)).all() == [elsewhere.id]

    def test_a_sibling_keeps_the_parents_audit(self, here: SmallSchool) -> None:
        mother = guardian(here, here.student, here.classmate)
        audit.write(
            here.session, "guardian.changed", "guardian", mother, NOW, school_id=here.id, phone=[FATHER, MOTHER]
        )
        erase(here, still_here=True)
        assert here.audited("guardian.changed")[0].details == {"phone": [FATHER, MOTHER]}


class TestBackup:
    """A savepoint is the backup: rolled back, all who were erased are there again."""

    def test_who_was_erased_does_not_come_back(self, here: SmallSchool) -> None:
        fill(here, here.student, MOTHER)
        fill(here, here.classmate, FATHER)
        aunt, subscription = here.follower("+359888999000", here.classmate)
        backup = here.session.begin_nested()
        erase_students(here.session, here.id, [here.student], NOW)
        person = people.of_follower(here.session, here.id, subscription)
        erasure.erase(here.session, person, NOW, by=here.leader, ground=UNLAWFUL)
        listed = "\n".join(erased.lines(here.session))
        backup.rollback()
        here.session.expire_all()
        assert here.session.scalar(select(Student.id).where(Student.id == here.student))

        assert replay(here.session, listed, LATER)
        here.session.expire_all()
        assert here.session.scalars(select(Student.id)).all() == [here.classmate]
        assert set(here.session.scalars(select(Subscriber.phone))) == {FATHER}
        assert here.session.scalar(select(Subscriber.id).where(Subscriber.id == aunt)) is None
        assert replay(here.session, listed, LATER) == ()

    def test_it_holds_no_personal_data(self, here: SmallSchool) -> None:
        fill(here, here.student, MOTHER)
        erase_students(here.session, here.id, [here.student], NOW)
        for line in erased.lines(here.session):
            assert json.loads(line).keys() == {"school", "kind", "id", "made_at", "ground", "at"}

    def test_whoever_has_the_id_now_stays(self, here: SmallSchool) -> None:
        erase_students(here.session, here.id, [here.student], NOW)
        listed = "\n".join(erased.lines(here.session))
        newcomer = here.add_student("Нова", here.own, id=here.student, created_at=LATER)
        assert replay(here.session, listed, LATER) == ()
        assert here.session.scalar(select(Student.id).where(Student.id == newcomer)) == here.student

    def test_who_followed_anew_since_is_not_stopped(self, here: SmallSchool, elsewhere: SmallSchool) -> None:
        person, subscription = here.follower(MOTHER)
        elsewhere.follower(MOTHER)
        erasure.erase(
            here.session, people.of_follower(here.session, here.id, subscription), NOW, by=None, ground=UNLAWFUL
        )
        listed = "\n".join(erased.lines(here.session))
        here.session.execute(text("DELETE FROM erasure"))  # the backup is older than the list
        _, anew = here.follower(MOTHER, created_at=LATER)
        replay(here.session, listed, LATER)
        assert here.session.scalar(select(Subscription.id).where(Subscription.id == anew)) == anew
        assert here.session.scalar(select(Subscriber.phone).where(Subscriber.id == person)) == MOTHER

    @pytest.mark.parametrize("wrong", ["no list", "{}", '{"school": "1"}', '["a"]'])
    def test_what_is_no_list_is_refused_by_its_line(self, here: SmallSchool, wrong: str) -> None:
        with pytest.raises(InputError, match="Line 2"):
            replay(here.session, f"\n{wrong}", NOW)


def test_the_codes_of_who_is_erased_go_with_them(here: SmallSchool) -> None:
    own_class_codes = select(StudentCode.code).where(StudentCode.student_id == here.student)
    assert here.session.scalars(own_class_codes).all()
    erase(here, still_here=True)
    assert here.session.scalars(own_class_codes).all() == []
