"""Lists carried out in a school: what was shown happens, all of it or nothing, and never twice."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from db.kinds import GuardianRelation, Role
from db.models import (
    Audit,
    Base,
    Enrolment,
    Guardian,
    SchoolClass,
    Staff,
    StaffRole,
    Student,
    StudentCode,
    StudentGuardian,
)
from db.models import TeachingAssignment as Teaching
from db.session import Database
from errors import InputError
from school import roster, setup
from school.roster import Change, Options
from school.security.crypto import vault
from school.students import national_ids, student_code
from tests.school.joined import NOW, TODAY, Joined, joined
from tests.school.roster.files import STAFF_HEAD, STUDENT_HEAD, as_csv, as_xlsx, as_zip, egn, one_roster, student

LATER = NOW + timedelta(days=1)


@dataclass
class Desk:
    """A school's administrator with a file in hand."""

    session: Session
    school: Joined

    def preview(self, data: bytes, options: Options | None = None) -> roster.Preview:
        read = roster.read(data, "списък", TODAY)
        return roster.prepare(self.session, self.school.school, read, TODAY, options).preview

    def carry_out(self, data: bytes, options: Options | None = None) -> roster.Done:
        read = roster.read(data, "списък", TODAY)
        shown = roster.prepare(self.session, self.school.school, read, TODAY, options).preview
        assert [one.text for one in shown.problems] == []
        return roster.carry_out(
            self.session, self.school.school, read,
            by=self.school.administrator, now=LATER, shown=shown.fingerprint, options=options,
        )  # fmt: skip

    def count(self, table: type[Base]) -> int:
        return self.session.scalar(select(func.count()).select_from(table)) or 0

    def guardians_of(self, number: int) -> set[tuple[str, str | None, GuardianRelation]]:
        fingerprint = national_ids.parse(egn(number), TODAY).fingerprint(vault(self.session))
        rows = self.session.execute(
            select(Guardian.first_name, Guardian.phone, StudentGuardian.relation)
            .join(StudentGuardian, StudentGuardian.guardian_id == Guardian.id)
            .join(Student, Student.id == StudentGuardian.student_id)
            .where(Student.national_id_hash == fingerprint, Student.school_id == self.school.school)
        )
        return {(first, phone, relation) for first, phone, relation in rows}


@pytest.fixture
def desk(database: Database) -> "Desk":
    with database.session() as session:
        school = joined(session)
        session.commit()
    session = database._writing_session()
    session.begin()
    return Desk(session, school)


@pytest.fixture(autouse=True)
def _closed(desk: Desk) -> object:
    yield
    desk.session.close()


def family(first: str, last: str, phone: str, relation: str = "майка", email: str = "") -> dict[str, Any]:
    return {"c8": relation, "c9": first, "c10": last, "c11": phone, "c12": email}


class TestStudents:
    def test_new_students_get_a_code_a_class_and_their_guardians(self, desk: Desk) -> None:
        done = desk.carry_out(as_csv([student(1), student(2, "8б")]))
        assert (done.students_new, done.students_changed) == (2, 0)
        rows = desk.session.execute(
            select(Student.first_name, Student.birth_date, SchoolClass.letter, StudentCode.code)
            .join(SchoolClass, SchoolClass.id == Student.class_id)
            .join(StudentCode, StudentCode.student_id == Student.id)
            .order_by(Student.id)
        ).all()
        assert [(row.first_name, row.letter) for row in rows] == [("Иван", "а"), ("Иван", "б")]
        assert all(student_code.is_valid(row.code) for row in rows)
        assert len({row.code for row in rows}) == 2
        assert desk.guardians_of(1) == {("Силвия", "+359888000001", GuardianRelation.MOTHER)}

    def test_the_national_id_is_found_and_read_again(self, desk: Desk) -> None:
        desk.carry_out(as_csv([student(1)]))
        encrypted = desk.session.scalars(select(Student.national_id_encrypted)).one()
        assert national_ids.decrypt(vault(desk.session), encrypted).number == egn(1)

    def test_the_same_file_again_changes_nothing(self, desk: Desk) -> None:
        rows = [student(one, c11="0888123123", c9="Силвия", c10="Иванова") for one in range(3)]
        rows += [student(5, guardian=False), student(6, c11="", c12=""), student(7, c11="")]
        data = as_csv(rows)
        desk.carry_out(data)
        before = [desk.count(table) for table in (Student, StudentCode, Guardian, StudentGuardian)]
        assert before == [6, 6, 3, 5]
        shown = desk.preview(data)
        assert {one.change for one in shown.entries} == {Change.UNCHANGED}
        desk.carry_out(data)
        assert [desk.count(table) for table in (Student, StudentCode, Guardian, StudentGuardian)] == before

    def test_what_changes_is_shown_and_done(self, desk: Desk) -> None:
        desk.carry_out(as_csv([student(1), student(2)]))
        data = as_csv([student(1, "8б", c1="9", c4="Нова"), student(2)])
        (first, second) = desk.preview(data).entries
        assert [(one.heading, one.old, one.new) for one in first.details] == [
            ("Клас", "8а", "8б"), ("№ в класа", "2", "9"), ("Фамилия", "Ивановб", "Нова"),
        ]  # fmt: skip
        assert second.change is Change.UNCHANGED
        assert desk.carry_out(data).students_changed == 1
        row = desk.session.execute(select(Student.last_name, Student.number_in_class).order_by(Student.id)).first()
        assert row is not None
        assert tuple(row) == ("Нова", 9)

    def test_blank_cells_and_missing_columns_erase_nothing(self, desk: Desk) -> None:
        desk.carry_out(as_csv([student(1, c1="7", c7="да")]))
        data = as_csv([["8а", "Иван", "Ивановб", egn(1)]], head=["Клас", "Име", "Фамилия", "ЕГН"])
        (entry,) = desk.preview(data).entries
        assert entry.change is Change.UNCHANGED
        desk.carry_out(data)
        row = desk.session.execute(
            select(Student.number_in_class, Student.middle_name, Student.has_special_needs)
        ).one()
        assert tuple(row) == (7, "Петров", True)
        assert len(desk.guardians_of(1)) == 1

    def test_who_is_not_in_the_file_is_shown_and_stays(self, desk: Desk) -> None:
        desk.carry_out(as_csv([student(1), student(2), student(3, "8б")]))
        data = as_csv([student(1)])
        assert [(one.change, one.where) for one in desk.preview(data).entries] == [
            (Change.UNCHANGED, "8а"), (Change.MISSING, "8а"),
        ]  # fmt: skip
        desk.carry_out(data)
        assert desk.session.scalar(select(func.count()).where(Student.class_id.is_not(None))) == 3

    def test_who_is_not_in_the_file_leaves_when_so_decided_and_may_return(self, desk: Desk) -> None:
        desk.carry_out(as_csv([student(1), student(2)]))
        leave = Options(missing_leave=True)
        assert desk.carry_out(as_csv([student(1)]), leave).students_left == 1
        gone = desk.session.execute(select(Student.id, Student.left_on).where(Student.left_on.is_not(None))).one()
        assert gone.left_on == LATER.date()
        assert student_code.in_force(desk.session, gone.id) is None
        noted = select(Audit.action).where(Audit.entity == "student", Audit.entity_id == gone.id, Audit.at == LATER)
        assert {"student.left", "student_code.revoked"} <= set(desk.session.scalars(noted))
        left = desk.session.scalars(select(Audit.details).where(Audit.action == "student.left")).one()
        assert left == {"on": str(LATER.date()), "class_id": desk.school.classes["8а"]}
        entry = desk.preview(as_csv([student(1), student(2)])).entries[1]
        assert (entry.change, entry.details[0].heading) == (Change.CHANGED, "Връща се")
        desk.carry_out(as_csv([student(1), student(2)]))
        assert desk.session.scalar(select(Student.left_on).where(Student.id == gone.id)) is None
        assert student_code.in_force(desk.session, gone.id) is not None

    def test_every_change_is_in_the_audit_trail_without_a_national_id(self, desk: Desk) -> None:
        desk.carry_out(as_csv([student(1)]))
        desk.carry_out(as_csv([student(1, "8б")]))
        rows = desk.session.execute(select(Audit.action, Audit.details).where(Audit.at == LATER)).all()
        actions = [row.action for row in rows]
        for action in ("student.created", "student_code.issued", "guardian.created", "guardian.linked",
                       "student.changed", "roster.imported"):  # fmt: skip
            assert action in actions
        assert egn(1) not in str([row.details for row in rows])


class TestGuardians:
    def test_brothers_share_their_mother(self, desk: Desk) -> None:
        mother = family("Силвия", "Иванова", "0888000111")
        desk.carry_out(as_csv([student(1, **mother), student(2, **family("СИЛВИЯ", "Иванова", "+359 888 000 111"))]))
        assert desk.count(Guardian) == 1
        assert len(desk.guardians_of(2)) == 1

    def test_a_new_telephone_is_the_same_mothers(self, desk: Desk) -> None:
        desk.carry_out(as_csv([student(1, **family("Силвия", "Иванова", "0888000111"))]))
        data = as_csv([student(1, **family("Силвия", "Иванова", "0888000222"))])
        (entry,) = desk.preview(data).entries
        assert [(one.old, one.new) for one in entry.details] == [("+359888000111", "+359888000222")]
        desk.carry_out(data)
        assert desk.guardians_of(1) == {("Силвия", "+359888000222", GuardianRelation.MOTHER)}
        assert desk.count(Guardian) == 1

    def test_two_children_with_two_telephones_of_one_name_stay_what_they_are(self, desk: Desk) -> None:
        rows = [
            student(1, **family("Иван", "Иванов", "0888000111", "баща")),
            student(2, **family("Иван", "Иванов", "0888000222", "баща")),
        ]
        desk.carry_out(as_csv(rows))
        assert desk.count(Guardian) == 2
        assert {one.change for one in desk.preview(as_csv(rows)).entries} == {Change.UNCHANGED}

    def test_a_shared_mother_with_another_telephone_on_one_row_becomes_two_but_only_once(self, desk: Desk) -> None:
        mother = family("Силвия", "Иванова", "0888000111")
        desk.carry_out(as_csv([student(1, **mother), student(2, **mother)]))
        other = as_csv([student(1, **mother), student(2, **family("Силвия", "Иванова", "0888000333"))])
        desk.carry_out(other)
        assert desk.count(Guardian) == 2
        assert {one.change for one in desk.preview(other).entries} == {Change.UNCHANGED}

    def test_another_relation_and_a_later_email_are_changes(self, desk: Desk) -> None:
        desk.carry_out(as_csv([student(1, **family("Силвия", "Иванова", "0888000111"))]))
        data = as_csv([student(1, **family("Силвия", "Иванова", "0888000111", "настойник", "s@mail.example"))])
        desk.carry_out(data)
        assert desk.guardians_of(1) == {("Силвия", "+359888000111", GuardianRelation.GUARDIAN)}
        assert desk.session.scalars(select(Guardian.email)).one() == "s@mail.example"
        assert {one.change for one in desk.preview(data).entries} == {Change.UNCHANGED}

    def test_a_second_row_completes_what_the_first_leaves_out(self, desk: Desk) -> None:
        rows = [
            student(1, **family("Силвия", "Иванова", "0888000111")),
            student(2, **family("Силвия", "Иванова", "0888000111", "майка", "s@mail.example")),
        ]
        desk.carry_out(as_csv(rows))
        assert desk.session.scalars(select(Guardian.email)).one() == "s@mail.example"
        assert {one.change for one in desk.preview(as_csv(rows)).entries} == {Change.UNCHANGED}


class TestProblems:
    def test_five_errors_are_found_at_once_and_nothing_is_written(self, desk: Desk) -> None:
        rows = [student(one, ("7а", "8а", "8б")[one % 3], c1="") for one in range(300)]
        rows[10][5] = "1234567890"
        rows[50][0] = "8г"
        rows[120][11] = "08881"
        rows[200][5] = egn(3)
        rows[299][4] = ""
        data = as_csv(rows, encoding="cp1251", head=[one.replace("№", "N") for one in STUDENT_HEAD])
        shown = desk.preview(data)
        assert [(one.row, one.letter) for one in shown.problems] == [
            (12, "F"), (52, "A"), (122, "L"), (202, "F"), (301, "E"),
        ]  # fmt: skip
        assert "8а, 8б" in shown.problems[1].text
        assert "row 5" in shown.problems[3].text
        assert shown.entries == ()
        read = roster.read(data, "списък", TODAY)
        with pytest.raises(InputError, match="has errors"):
            roster.carry_out(
                desk.session, desk.school.school, read, by=desk.school.administrator, now=NOW, shown=shown.fingerprint
            )
        assert desk.count(Student) == 0
        rows[10][5], rows[50][0], rows[120][11] = egn(400), "8б", "0888123123"
        rows[200][5], rows[299][4] = egn(401), "Колев"
        assert desk.carry_out(as_csv(rows)).students_new == 300

    def test_a_number_twice_in_a_class(self, desk: Desk) -> None:
        shown = desk.preview(as_csv([student(1, c1="5"), student(2, c1="5"), student(3, "8б", c1="5")]))
        assert [(one.row, one.letter) for one in shown.problems] == [(3, "B")]

    def test_a_school_that_changed_since_the_preview_is_looked_at_again(self, desk: Desk) -> None:
        data = as_csv([student(1, "8б")])
        read = roster.read(data, "списък", TODAY)
        shown = desk.preview(data)
        desk.carry_out(as_csv([student(1, "8а")]))
        with pytest.raises(InputError, match="has changed"):
            roster.carry_out(
                desk.session, desk.school.school, read, by=desk.school.administrator, now=NOW, shown=shown.fingerprint
            )

    def test_a_school_without_a_year_is_told(self, database: Database) -> None:
        with database.session() as session:
            read = roster.read(as_csv([student(1)]), "списък", TODAY)
            with pytest.raises(InputError, match="has no school year"):
                roster.prepare(session, 987, read, TODAY)


class TestStaff:
    ROWS = (
        ["Огнян", "Петков", "O.Petkov@school.example", "", "8а", "математика", "8а, 8б", ""],
        ["Огнян", "Петков", "o.petkov@school.example", "", "", "Английски език", "11а", "да"],
        ["Надежда", "Йовчева", "direktor@school.example", "директор", "", "", "", ""],
    )

    def test_accounts_roles_assignments_and_class_teachers(self, desk: Desk) -> None:
        done = desk.carry_out(as_csv(self.ROWS, head=STAFF_HEAD))
        assert len(done.staff_new) == 2
        people = {one.email: one for one in setup.staff(desk.session, desk.school.school)}
        assert people["o.petkov@school.example"].roles == (Role.TEACHER,)
        assert people["direktor@school.example"].roles == (Role.PRINCIPAL,)
        taught = setup.assignments(desk.session, desk.school.school, desk.school.year)
        assert [(one.class_name, one.subject, one.is_profiled) for one in taught] == [
            ("8а", "Математика", False), ("8б", "Математика", False), ("11а", "Английски език", True),
        ]  # fmt: skip
        leads = desk.session.scalar(
            select(SchoolClass.class_teacher_id).where(SchoolClass.id == desk.school.classes["8а"])
        )
        assert leads == people["o.petkov@school.example"].id

    def test_the_same_list_again_changes_nothing(self, desk: Desk) -> None:
        data = as_csv(self.ROWS, head=STAFF_HEAD)
        desk.carry_out(data)
        tables = (Staff, StaffRole, Teaching)
        before = [desk.count(table) for table in tables]
        assert {one.change for one in desk.preview(data).entries} == {Change.UNCHANGED}
        desk.carry_out(data)
        assert [desk.count(table) for table in tables] == before

    def test_what_the_file_does_not_name_ends_only_when_so_decided(self, desk: Desk) -> None:
        desk.carry_out(as_csv(self.ROWS, head=STAFF_HEAD))
        less = as_csv([self.ROWS[0]], head=STAFF_HEAD)
        desk.carry_out(less)
        assert desk.count(Teaching) == 3
        (entry,) = desk.preview(less, Options(missing_end=True)).entries
        assert [(one.old, one.new) for one in entry.details] == [("Английски език на 11а", "")]
        desk.carry_out(less, Options(missing_end=True))
        assert desk.count(Teaching) == 2

    def test_what_cannot_be_is_told_by_row_and_column(self, desk: Desk) -> None:
        with_others = joined(desk.session, "1690181")
        rows = [
            ["Огнян", "Петков", "o@school.example", "", "8а", "Матиматика", "8а", ""],
            ["Друг", "Човек", "o@school.example", "", "", "", "", ""],
            ["Ана", "Динева", "a@school.example", "чистач", "", "", "", ""],
            ["Ива", "Динева", "i@school.example", "", "8а", "", "", ""],
            ["Петя", "Динева", "admin.1690181@school.example", "", "", "Математика", "8а", "да"],
            ["Галя", "Динева", "g@school.example", "", "", "Математика", "", ""],
        ]
        assert with_others.school != desk.school.school
        found = desk.preview(as_csv(rows, head=STAFF_HEAD)).problems
        assert [(one.row, one.letter) for one in found] == [
            (2, "F"), (3, "C"), (4, "D"), (5, "E"), (6, "H"), (7, "G"),
        ]  # fmt: skip
        assert "is it “Математика”" in found[0].text

    def test_an_account_that_is_switched_off_is_not_used(self, desk: Desk) -> None:
        done = desk.carry_out(as_csv(self.ROWS, head=STAFF_HEAD))
        held = setup.duties_of(desk.session, desk.school.school, done.staff_new[0], TODAY)
        setup.leave(
            desk.session, desk.school.school, done.staff_new[0], leads={one.id: None for one in held.leads},
            teaches={one.id: None for one in held.teaches}, revoke_tokens=True, by=desk.school.administrator, now=NOW,
        )  # fmt: skip
        found = desk.preview(as_csv(self.ROWS, head=STAFF_HEAD)).problems
        assert [(one.row, one.letter) for one in found] == [(2, "C"), (3, "C")]


class TestOneRoster:
    def test_all_of_it_at_once_and_again(self, desk: Desk) -> None:
        data = as_zip(one_roster())
        done = desk.carry_out(data)
        assert (done.students_new, len(done.staff_new)) == (3, 2)
        assert desk.count(Guardian) == 2
        assert {one.change for one in desk.preview(data).entries} == {Change.UNCHANGED}

    def test_who_changes_classes_is_in_the_new_one_since_the_day_that_the_file_says(self, desk: Desk) -> None:
        files = one_roster()
        desk.carry_out(as_zip(files))
        files["enrollments.csv"] += "e90,,,h2,o1,s1,student,,2025-11-03,\n"
        now = NOW + timedelta(days=82)
        read = roster.read(as_zip(files), "списък", now.date())
        shown = roster.prepare(desk.session, desk.school.school, read, now.date()).preview
        by = desk.school.administrator
        roster.carry_out(desk.session, desk.school.school, read, by=by, now=now, shown=shown.fingerprint)
        moved = select(Enrolment.student_id).where(Enrolment.ends_on.is_not(None))
        stays = desk.session.execute(
            select(Enrolment.starts_on, Enrolment.ends_on)
            .where(Enrolment.student_id.in_(moved))
            .order_by(Enrolment.starts_on)
        )
        assert [tuple(row) for row in stays] == [
            (date(2025, 9, 15), date(2025, 11, 2)), (date(2025, 11, 3), None),
        ]  # fmt: skip


class TestAnotherSchool:
    def test_the_same_child_at_two_schools_is_two_rows(self, desk: Desk) -> None:
        data = as_csv([student(1)])
        desk.carry_out(data)
        other = Desk(desk.session, joined(desk.session, "1690181"))
        (entry,) = other.preview(data).entries
        assert entry.change is Change.NEW
        other.carry_out(data)
        assert desk.count(Student) == 2
        assert desk.count(Guardian) == 2

    def test_another_schools_year_is_refused(self, desk: Desk) -> None:
        other = joined(desk.session, "1690181")
        read = roster.read(as_csv([student(1)]), "списък", TODAY)
        with pytest.raises(InputError, match="no such school year"):
            roster.prepare(desk.session, desk.school.school, read, TODAY, school_year_id=other.year)


class TestSpeed:
    @pytest.mark.parametrize("rows", [300, 2000])
    def test_statements_do_not_grow_with_rows(self, desk: Desk, rows: int) -> None:
        listed = [student(one, ("7а", "8а", "8б", "11а")[one % 4], c1="") for one in range(rows)]
        data = as_xlsx({"Ученици": [STUDENT_HEAD, *listed]})
        statements: list[str] = []
        event.listen(desk.session.get_bind(), "before_cursor_execute", lambda *told: statements.append(told[2]))
        began = time.perf_counter()
        assert desk.carry_out(data).students_new == rows
        desk.session.flush()
        took = time.perf_counter() - began
        assert len(statements) < 70
        print(f"{rows} rows: {took:.2f} s, {len(statements)} statements")


def test_two_who_import_the_same_list_at_once_write_it_once(database: Database) -> None:
    with database.session() as session:
        school = joined(session, "1690185")
    read = roster.read(as_csv([student(one) for one in range(20)]), "списък", TODAY)
    with database.reading() as session:
        shown = roster.prepare(session, school.school, read, TODAY).preview.fingerprint

    def attempt(_: int) -> str:
        try:
            with database.session() as session:
                roster.carry_out(session, school.school, read, by=school.administrator, now=NOW, shown=shown)
        except InputError as error:
            return str(error)
        return "done"

    with ThreadPoolExecutor(3) as threads:
        answers = sorted(threads.map(attempt, range(3)))
    assert answers[-1] == "done"
    assert all("has changed" in one for one in answers[:-1])
    with database.reading() as session:
        assert session.scalar(select(func.count(Student.id)).where(Student.school_id == school.school)) == 20
