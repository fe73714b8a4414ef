"""What a staff member may record about whom."""

from dataclasses import dataclass

import pytest
from sqlalchemy.orm import Session

from db.kinds import Role
from errors import ForbiddenError, InputError, MissingError
from school import setup
from school.staff import authority
from school.staff.authority import Assignment, Author, ClassOf
from tests.school.joined import NOW, Joined, operator, person, student, switch_off

NO_STUDENT = r"^There is no such student in a class of this school\.$"
NO_CLASS = r"^There is no such class in this school\.$"
NOT_TAUGHT = r"^This subject is not taught to the student's class: check the subject\.$"
OTHERS_TEACH = r"^Only who teaches this subject to the class may record this, or the school's leaders\.$"
OTHERS_KNOW = r"^Only who teaches the class may record this, or the school's leaders\.$"
NOT_THEIR_CLASS = r"^Only the class teacher may record this, or the school's leaders\.$"


@dataclass(frozen=True)
class People:
    """Who has to do with 8а: each an Author."""

    maths: Author
    """Teaches it mathematics."""
    class_teacher: Author
    """Leads the class and teaches it nothing."""
    colleague: Author
    """Teaches mathematics to 8б."""
    principal: Author
    of: ClassOf
    """8а."""


@pytest.fixture
def people(session: Session, school: Joined) -> People:
    ids = {login: person(session, school, login) for login in ("maths", "class.teacher", "colleague")}
    principal = person(session, school, "principal", Role.PRINCIPAL)
    teach(session, school, ids["maths"], "8а")
    teach(session, school, ids["colleague"], "8б")
    setup.set_class_teacher(
        session, school.school, school.classes["8а"], ids["class.teacher"], by=school.administrator, now=NOW
    )
    maths, class_teacher, colleague = (authority.author(session, id_) for id_ in ids.values())
    leader = authority.author(session, principal)
    of = authority.class_of_school(session, leader, school.classes["8а"])
    return People(maths, class_teacher, colleague, leader, of)


def teach(session: Session, school: Joined, staff_id: int, name: str, *, profiled: bool = False) -> None:
    setup.assign(
        session, school.school, school.year, staff_id=staff_id, subject_id=school.subjects["Математика"],
        classes=[school.classes[name]], is_profiled=profiled, by=school.administrator, now=NOW,
    )  # fmt: skip


class TestAuthor:
    @pytest.mark.parametrize(
        ("role", "leads"), [(Role.TEACHER, False), (Role.PRINCIPAL, True), (Role.SCHOOL_ADMINISTRATOR, True)]
    )
    def test_it_is_an_account_of_a_school_and_leads_by_its_role(
        self, session: Session, school: Joined, role: Role, leads: bool
    ) -> None:
        one = person(session, school, role=role)
        assert authority.author(session, one) == Author(one, school.school, leads)

    def test_who_is_known_already_is_not_asked_about_again(self, session: Session) -> None:
        known = Author(10**6, 10**6, leads=False)
        assert authority.author(session, known) is known

    def test_unknown_and_switched_off_accounts_record_nothing(self, session: Session, school: Joined) -> None:
        gone = person(session, school)
        switch_off(session, school, gone)
        for by in (gone, 10**6):
            with pytest.raises(InputError, match=r"^There is no active staff account with this number\.$"):
                authority.author(session, by)

    def test_operators_record_nothing(self, session: Session) -> None:
        with pytest.raises(InputError, match=r"^A platform operator records nothing at a school: use an account"):
            authority.author(session, operator(session))


class TestStudents:
    def test_a_student_is_found_with_class_and_name(self, session: Session, school: Joined, people: People) -> None:
        one = student(session, school, special_needs=True)
        of = ClassOf(school.classes["8а"], 8, people.class_teacher.staff_id, one, has_special_needs=True)
        assert authority.class_of_student(session, people.maths, one) == of
        known = authority.known_student(session, people.maths.staff_id, one)
        assert (known.by, known.of, known.student_id) == (people.maths, of, one)
        assert (known.name, known.class_name, known.school_year_id) == ("Иван Петров Колев", "8а", school.year)

    def test_who_left_and_who_is_of_another_school_is_not_there(
        self, session: Session, school: Joined, stranger: Joined
    ) -> None:
        by = authority.author(session, school.administrator)
        for one in (student(session, school, None), student(session, stranger), 10**6):
            with pytest.raises(MissingError, match=NO_STUDENT):
                authority.class_of_student(session, by, one)
            with pytest.raises(MissingError, match=NO_STUDENT):
                authority.known_student(session, by, one)


class TestClasses:
    def test_a_class_is_found_with_its_own_students(self, session: Session, school: Joined, people: People) -> None:
        first, second = student(session, school), student(session, school, special_needs=True)
        student(session, school, "8б")
        of, students = authority.class_with_students(session, people.maths, school.classes["8а"])
        assert of == people.of == ClassOf(school.classes["8а"], 8, people.class_teacher.staff_id)
        assert students.keys() == {first, second}
        assert {one.has_special_needs for one, _ in students.values()} == {False, True}
        assert students[second] == (
            authority.class_of_student(session, people.maths, second),
            "Иван Колев",
        )

    def test_an_empty_class_is_a_class(self, session: Session, school: Joined) -> None:
        by = authority.author(session, school.administrator)
        of, students = authority.class_with_students(session, by, school.classes["7а"])
        assert (of, students) == (ClassOf(school.classes["7а"], 7, None), {})

    def test_another_schools_class_is_not_there(self, session: Session, school: Joined, stranger: Joined) -> None:
        by = authority.author(session, school.administrator)
        student(session, stranger)
        for class_id in (stranger.classes["8а"], 10**6):
            with pytest.raises(MissingError, match=NO_CLASS):
                authority.class_of_school(session, by, class_id)
            with pytest.raises(MissingError, match=NO_CLASS):
                authority.class_with_students(session, by, class_id)


class TestWhoMay:
    def test_who_teaches_the_subject_and_leaders_record_in_it(
        self, session: Session, school: Joined, people: People
    ) -> None:
        maths = school.subjects["Математика"]
        for by in (people.maths, people.principal):
            assert authority.check_teaches(session, by, people.of, maths) == Assignment(is_profiled=False)
        for by in (people.class_teacher, people.colleague):
            with pytest.raises(ForbiddenError, match=OTHERS_TEACH):
                authority.check_teaches(session, by, people.of, maths)

    def test_what_nobody_teaches_the_class_not_even_a_leader_records(
        self, session: Session, school: Joined, people: People
    ) -> None:
        for by in (people.maths, people.principal):
            with pytest.raises(MissingError, match=NOT_TAUGHT):
                authority.check_teaches(session, by, people.of, school.subjects["Английски език"])

    def test_a_subject_is_profiled_where_it_is_taught_so(
        self, session: Session, school: Joined, people: People
    ) -> None:
        teach(session, school, people.maths.staff_id, "11а", profiled=True)
        of = authority.class_of_school(session, people.maths, school.classes["11а"])
        assert authority.check_teaches(session, people.maths, of, school.subjects["Математика"]).is_profiled

    def test_the_overall_result_is_the_class_teachers(self, session: Session, people: People) -> None:
        for by in (people.class_teacher, people.principal):
            assert authority.check_teaches(session, by, people.of, None) == Assignment(is_profiled=False)
        with pytest.raises(ForbiddenError, match=NOT_THEIR_CLASS):
            authority.check_teaches(session, people.maths, people.of, None)

    def test_who_knows_a_class(self, session: Session, people: People) -> None:
        for by in (people.maths, people.class_teacher, people.principal):
            authority.check_knows_class(session, by, people.of)
        with pytest.raises(ForbiddenError, match=OTHERS_KNOW):
            authority.check_knows_class(session, people.colleague, people.of)

    def test_who_leads_a_class(self, people: People) -> None:
        for by in (people.class_teacher, people.principal):
            authority.check_class_teacher(by, people.of)
        for by in (people.maths, people.colleague):
            with pytest.raises(ForbiddenError, match=NOT_THEIR_CLASS):
                authority.check_class_teacher(by, people.of)
