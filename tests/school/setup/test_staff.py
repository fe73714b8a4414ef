"""Accounts of a school's staff, and who teaches what to whom."""

from collections.abc import Callable, Iterable

import pytest
from sqlalchemy.orm import Session

from db.kinds import Role
from errors import InputError, MissingError
from school import accounts, setup
from school.accounts.sessions import begin_session
from tests.school.joined import NOW, Joined, audited, person, switch_off

TEACHER, PRINCIPAL, ADMINISTRATOR = setup.ROLES


def add(session: Session, school: Joined, email: str, roles: Iterable[Role] = (TEACHER,), name: str = "Ана") -> int:
    return setup.add_staff(
        session, school.school, first_name=name, last_name="Илиева", email=email, roles=roles,
        by=school.administrator, now=NOW,
    )  # fmt: skip


def change(session: Session, school: Joined, staff_id: int, *roles: Role, is_active: bool = True) -> None:
    setup.change_staff(
        session, school.school, staff_id, first_name="Мария", last_name="Стоянова", roles=roles, is_active=is_active,
        by=school.administrator, now=NOW,
    )  # fmt: skip


def assign(
    session: Session, school: Joined, staff_id: int, *names: str, subject: str = "Математика", profiled: bool = False
) -> tuple[int, ...]:
    return setup.assign(
        session, school.school, school.year, staff_id=staff_id, subject_id=school.subjects[subject],
        classes=[school.classes[name] for name in names], is_profiled=profiled, by=school.administrator, now=NOW,
    )  # fmt: skip


class TestAccounts:
    def test_a_new_account_waits_for_its_invitation(self, session: Session, school: Joined) -> None:
        made = add(session, school, " Ana@School.example ", [PRINCIPAL, TEACHER, TEACHER])
        one = next(one for one in setup.staff(session, school.school) if one.id == made)
        assert (one.first_name, one.last_name, one.email) == ("Ана", "Илиева", "ana@school.example")
        assert (one.is_active, one.has_password, one.roles) == (True, False, (PRINCIPAL, TEACHER))
        assert audited(session, "staff.created")[-1][:3] == (school.school, school.administrator, made)

    @pytest.mark.parametrize(
        ("email", "roles", "name", "sentence"),
        [
            ("ana@school.example", [], "Ана", r"^Choose at least one role\.$"),
            ("ana@school.example", [Role.PLATFORM_OPERATOR], "Ана", r"^The school cannot give this role\.$"),
            ("ana@school.example", [Role.TEACHER], "R2D2", "not a name"),
            ("ana@school", [Role.TEACHER], "Ана", "not an e-mail"),
        ],
    )
    def test_what_makes_no_account(
        self, session: Session, school: Joined, email: str, roles: list[Role], name: str, sentence: str
    ) -> None:
        with pytest.raises(InputError, match=sentence):
            add(session, school, email, roles, name)
        assert [one.id for one in setup.staff(session, school.school)] == [school.administrator]

    def test_an_address_is_one_persons_at_a_school(self, session: Session, school: Joined) -> None:
        add(session, school, "ana@school.example")
        with pytest.raises(
            InputError, match=r"^Somebody of the school signs in with the address ana@school\.example already\.$"
        ):
            add(session, school, "ANA@school.example")

    def test_that_somebody_works_elsewhere_is_not_told(
        self, session: Session, school: Joined, stranger: Joined
    ) -> None:
        add(session, stranger, "ana@school.example")
        invited, unknown = add(session, school, "ana@school.example"), add(session, school, "new@school.example")
        both = [one for one in setup.staff(session, school.school) if one.id in (invited, unknown)]
        assert [(one.is_active, one.has_password, one.has_second_factor) for one in both] == [(True, False, False)] * 2

    def test_who_is_switched_off_is_out_at_once_and_others_are_not(self, session: Session, school: Joined) -> None:
        teacher = person(session, school)
        theirs, ours = (begin_session(session, one, "Firefox", NOW) for one in (teacher, school.administrator))
        switch_off(session, school, teacher)
        change(session, school, teacher, TEACHER)
        assert accounts.signed_in(session, theirs, NOW) is None
        assert accounts.signed_in(session, ours, NOW) is not None

    def test_a_change_keeps_what_stood_there_before(self, session: Session, school: Joined) -> None:
        teacher = person(session, school)
        setup.change_staff(
            session, school.school, teacher, first_name="Мария", last_name=" Георгиева ", roles=[PRINCIPAL],
            is_active=False, by=school.administrator, now=NOW,
        )  # fmt: skip
        one = next(one for one in setup.staff(session, school.school) if one.id == teacher)
        assert (one.last_name, one.is_active, one.roles) == ("Георгиева", False, (PRINCIPAL,))
        assert audited(session, "staff.changed") == [
            (school.school, school.administrator, teacher, {
                "name": ["Мария Стоянова", "Мария Георгиева"],
                "roles": [["teacher"], ["principal"]],
                "is_active": [True, False],
            })
        ]  # fmt: skip

    @pytest.mark.parametrize(("roles", "is_active"), [([TEACHER], True), ([ADMINISTRATOR], False)])
    def test_leaders_cannot_take_their_own_rights_away(
        self, session: Session, school: Joined, roles: list[Role], is_active: bool
    ) -> None:
        with pytest.raises(InputError, match=r"^You cannot take your own rights away: ask another leader\.$"):
            change(session, school, school.administrator, *roles, is_active=is_active)
        change(session, school, school.administrator, PRINCIPAL)

    def test_another_schools_people_are_not_there(self, session: Session, school: Joined, stranger: Joined) -> None:
        for who in (stranger.administrator, 10**6):
            with pytest.raises(MissingError, match=r"^There is no such person in this school\.$"):
                change(session, school, who, TEACHER)
        assert audited(session, "staff.changed") == []


class TestAssignments:
    def test_who_teaches_what_is_listed_by_class(self, session: Session, school: Joined) -> None:
        teacher = person(session, school)
        made = assign(session, school, teacher, "11а", "8а", "8а", profiled=False)
        assign(session, school, teacher, "8а", subject="Английски език")
        listed = setup.assignments(session, school.school, school.year)
        assert [(one.class_name, one.subject) for one in listed] == [
            ("8а", "Английски език"), ("8а", "Математика"), ("11а", "Математика")
        ]  # fmt: skip
        assert {one.teacher for one in listed} == {"Мария Стоянова"}
        of = {"subject": school.subjects["Математика"], "staff": teacher}
        assert [(row, details) for _, _, row, details in audited(session, "teaching.assigned")][:2] == [
            (made[0], {"class": school.classes["11а"]} | of), (made[1], {"class": school.classes["8а"]} | of)
        ]  # fmt: skip

    def test_two_may_teach_the_same_to_a_class_and_nobody_twice(self, session: Session, school: Joined) -> None:
        first, second = person(session, school, "first"), person(session, school, "second")
        assert len(assign(session, school, first, "8а")) == len(assign(session, school, second, "8а")) == 1
        assert len(assign(session, school, first, "8а", "8б")) == 1

    def test_profiled_subjects_are_those_of_the_last_two_levels(self, session: Session, school: Joined) -> None:
        teacher = person(session, school)
        with pytest.raises(
            InputError, match=r"^Profiled subjects are taught at levels 11 and 12 only: check the classes\.$"
        ):
            assign(session, school, teacher, "11а", "8а", profiled=True)
        assign(session, school, teacher, "11а", profiled=True)
        (one,) = setup.assignments(session, school.school, school.year)
        assert (one.class_name, one.is_profiled) == ("11а", True)

    def test_who_was_switched_off_is_given_no_class(self, session: Session, school: Joined) -> None:
        gone = person(session, school)
        switch_off(session, school, gone)
        with pytest.raises(MissingError, match=r"^There is no such teacher in this school\.$"):
            assign(session, school, gone, "8а")

    def test_an_assignment_is_ended_once_and_by_its_own_school(
        self, session: Session, school: Joined, stranger: Joined
    ) -> None:
        teacher = person(session, school)
        (made,) = assign(session, school, teacher, "8а")

        def end(by: Joined) -> Callable[[], None]:
            return lambda: setup.end_assignment(session, by.school, made, by=by.administrator, now=NOW)

        with pytest.raises(MissingError, match=r"^This assignment is gone already\.$"):
            end(stranger)()
        end(school)()
        with pytest.raises(MissingError, match=r"^This assignment is gone already\.$"):
            end(school)()
        of = {"class": school.classes["8а"], "subject": school.subjects["Математика"], "staff": teacher}
        assert audited(session, "teaching.ended") == [(school.school, school.administrator, made, of)]
