"""Grades of an earlier diary: taken over by the class book's rules, told to nobody, and taken back."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event, func, insert, select

from db.kinds import GradeKind, Mark
from db.models import Grade, GradeImport, Notification, Student, TeachingAssignment
from db.session import Database
from errors import InputError
from school.classbook import correcting
from school.roster import Answers, Choice, desk, grade_headings, grade_taking, looking, marks, opening, questions
from school.roster.answers import GradeColumn
from school.roster.columns import Kind
from school.roster.facts import Facts, subject_key
from school.roster.grade_plan import GradePlan, plan_grades
from school.roster.looking import Shape
from school.setup import standard_subjects
from school.staff import authority
from tests.school.enrolling import enrol, left
from tests.school.joined import NOW, joined
from tests.school.roster.files import Cells, as_xlsx, egn
from tests.school.roster.lists import person, whole
from tests.school.roster.test_importing import Desk

LATER = NOW + timedelta(days=120)
TODAY = LATER.date()
HEAD = ("Клас", "№ в класа", "Име", "Презиме", "Фамилия", "ЕГН")


class Teacher(Desk):
    """A leader with a sheet of grades."""

    def shapes(self, data: bytes, answers: Answers) -> tuple[Shape, ...]:
        return looking.shapes(opening.open_file(data, "оценки").tables, TODAY, answers)

    def said(self, data: bytes, class_name: str = "", **columns: GradeColumn) -> Answers:
        """The page of columns as proposed; `whole` is said of the whole sheet, `c2` of one column."""
        choices = {}
        for shape in self.shapes(data, Answers()):
            assert shape.kind is Kind.GRADES
            assert not shape.unknown
            said = {-1 if name == "whole" else int(name[1:]): one for name, one in columns.items()}
            choices[shape.key] = Choice(Kind.GRADES, shape.fields, shape.order, class_name, said)
        return Answers(shapes=choices)

    def plan(self, data: bytes, answers: Answers) -> GradePlan:
        by = authority.author(self.session, self.school.administrator)
        return plan_grades(self.session, by, self.shapes(data, answers), answers, LATER)

    def take_over(self, data: bytes, answers: Answers) -> int:
        plan = self.plan(data, answers)
        assert [one.text for one in plan.problems] == []
        by = authority.author(self.session, self.school.administrator)
        return grade_taking.take_over(
            self.session, by, self.shapes(data, answers), answers, file_name="оценки.xlsx", shown=plan.fingerprint,
            now=LATER,
        )  # fmt: skip

    def grades(self) -> list[tuple[GradeKind, Decimal | Mark | None, date]]:
        rows = self.session.execute(
            select(Grade.kind, Grade.value, Grade.mark, Grade.on_date).order_by(Grade.student_id, Grade.id)
        )
        return [(row.kind, row.value if row.value is not None else row.mark, row.on_date) for row in rows]


@pytest.fixture
def teacher(database: Database) -> Teacher:
    """8а with four students."""
    with database.session() as session:
        school = joined(session)
    session = database._writing_session()
    session.begin()
    found = Teacher(session, school)
    rows: list[Cells] = [["8а", str(n + 1), *person(n), egn(n)] for n in range(4)]
    found.carry_out(as_xlsx({"Ученици": [HEAD, *rows]}))
    for subject in ("Математика", "Български език и литература", "Английски език"):
        session.execute(
            insert(TeachingAssignment).values(
                school_id=school.school, class_id=school.classes["8а"], subject_id=school.subjects[subject],
                staff_id=school.administrator, is_profiled=False,
            )
        )  # fmt: skip
    return found


@pytest.fixture(autouse=True)
def _closed(teacher: Teacher) -> object:
    yield
    teacher.session.close()


SHEET: tuple[Cells, ...] = (
    ["8а клас, Математика"],
    ["№", "Име", "Контролно 14.10.2025", "Текущи 20.11.2025", "I срок"],
    [1, whole(0), 5, "5; 6", "5"],
    [2, f"{person(1)[0]} {person(1)[2]}", "4,50", "", "4"],
    [3, whole(2), "Отличен 6", "6 5 4", 6],
    [4, whole(3), None, "-", ""],
)
TERM = GradeColumn(on="2025-12-20")


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("8а клас", ""), ("Оценки 8 а", ""), ("I срок", ""), ("Учебна 2025/2026 г.", ""), ("Лист1", ""), ("Име", ""),
        ("№", ""), ("Успех", ""), ("Бележки", ""), ("Общо", ""), ("Среден успех", ""), ("Ученик", ""),
        ("К.р. 14.10", ""), ("Час на класа, 8а клас", "Час на класа"), ("ЧК", "Час на класа"),
        ("Мат. I срок", "Математика"), ("8а БЕЛ", "Български език и литература"),
        ("лит.", "Български език и литература"),
        ("Англ. език - годишна", "Английски език"), ("Химия II срок", "Химия и опазване на околната среда"),
    ],
)  # fmt: skip
def test_the_subject_that_a_heading_or_a_title_says(text: str, subject: str) -> None:
    named = {subject_key(one.name): (id_, one.name) for id_, one in enumerate(standard_subjects(range(5, 13)))}
    facts = Facts(1, 1, {}, {}, {}, {}, {}, {}, named, {}, {}, {})
    assert grade_headings.of_heading(text, facts, TODAY).subject == subject


class TestTakingOver:
    def test_each_grade_is_of_the_class_of_its_day(self, teacher: Teacher) -> None:
        """Nobody teaches mathematics to 8б, where the student was in October."""
        student = teacher.session.scalars(select(Student.id).order_by(Student.id)).first()
        assert student is not None
        enrol(teacher.session, student, teacher.school.classes["8б"])
        enrol(teacher.session, student, teacher.school.classes["8а"], date(2025, 11, 1))
        data = as_xlsx({"Лист1": SHEET})
        (problem,) = teacher.plan(data, teacher.said(data, c4=TERM)).problems
        assert problem.text == "This subject is not taught to the student's class: check the subject."
        statements: list[str] = []
        event.listen(teacher.session.get_bind(), "before_cursor_execute", lambda *told: statements.append(told[2]))
        teacher.plan(data, teacher.said(data, c4=TERM))
        assert len([one for one in statements if "FROM enrolment" in one]) == 0

    def test_who_moved_to_another_class_is_on_the_sheet_of_the_first(self, teacher: Teacher) -> None:
        student = teacher.session.scalars(select(Student.id).order_by(Student.id)).first()
        assert student is not None
        other = teacher.school.classes["8б"]
        enrol(teacher.session, student, other, date(2025, 12, 1), 9)
        data = as_xlsx(
            {"8а Математика": [["№", "Име", "Контролно 14.10.2025"], [1, person(0)[0], 5], [2, whole(1), 4]]}
        )
        plan = teacher.plan(data, teacher.said(data))
        assert [one.text for one in plan.problems] == []
        assert [(one.class_name, one.count) for one in plan.lines] == [("8а", 2)]
        left(teacher.session, student, date(2025, 12, 10))
        (problem,) = teacher.plan(data, teacher.said(data)).problems
        assert problem.field == "student"

    def test_headings_and_titles_say_what_the_grades_are(self, teacher: Teacher) -> None:
        data = as_xlsx({"Лист1": SHEET})
        assert teacher.take_over(data, teacher.said(data, c4=TERM)) == 11
        first = teacher.grades()[:4]
        assert first == [
            (GradeKind.CONTROL_WORK, Decimal(5), date(2025, 10, 14)),
            (GradeKind.CURRENT, Decimal(5), date(2025, 11, 20)),
            (GradeKind.CURRENT, Decimal(6), date(2025, 11, 20)),
            (GradeKind.TERM, Decimal(5), date(2025, 12, 20)),
        ]

    def test_nobody_is_told_and_each_is_marked(self, teacher: Teacher) -> None:
        data = as_xlsx({"Лист1": SHEET})
        teacher.take_over(data, teacher.said(data, c4=TERM))
        assert teacher.count(Notification) == 0
        assert teacher.session.scalar(select(func.count()).where(Grade.import_id.is_(None))) == 0

    def test_the_same_sheet_again_brings_nothing(self, teacher: Teacher) -> None:
        data = as_xlsx({"Лист1": SHEET})
        answers = teacher.said(data, c4=TERM)
        teacher.take_over(data, answers)
        plan = teacher.plan(data, answers)
        assert (plan.count, plan.already, plan.problems) == (0, 11, [])

    def test_subjects_as_columns(self, teacher: Teacher) -> None:
        rows: list[Cells] = [
            ["Име", "Математика", "БЕЛ", "Англ. език"],
            [whole(0), 5, 6, 4],
            [whole(1), 3, 4, 5],
        ]
        data = as_xlsx({"8а": rows})
        answers = teacher.said(data, whole=GradeColumn(kind="term", term="1"))
        plan = teacher.plan(data, answers)
        assert {(one.class_name, one.subject, one.kind, one.count) for one in plan.lines} == {
            ("8а", "Математика", GradeKind.TERM, 2),
            ("8а", "Български език и литература", GradeKind.TERM, 2),
            ("8а", "Английски език", GradeKind.TERM, 2),
        }

    def test_what_the_sheet_does_not_say_is_asked(self, teacher: Teacher) -> None:
        data = as_xlsx({"Лист1": [["Име", "Оценка"], [whole(0), 5], [whole(1), 6]]})
        (problem,) = teacher.plan(data, teacher.said(data)).problems
        assert "of which class" in problem.text
        texts = []
        for more in (
            GradeColumn(), GradeColumn("Математика"), GradeColumn("Математика", "current"),
            GradeColumn("Математика", "current", "2025-11-03"),
        ):  # fmt: skip
            texts.append([one.text for one in teacher.plan(data, teacher.said(data, "8а", whole=more)).problems])
        assert ["subject" in texts[0][0], "kind" in texts[1][0], "date" in texts[2][0], texts[3]] == [
            True, True, True, [],
        ]  # fmt: skip

    def test_what_the_rules_refuse_is_told_by_row(self, teacher: Teacher) -> None:
        rows: list[Cells] = [["Име", "I срок"], [whole(0), 5.5], [whole(1), 7], ["Никой Никакъв Никога", 5]]
        data = as_xlsx({"8а Математика": rows})
        answers = teacher.said(data, whole=GradeColumn("Математика"))
        found = teacher.plan(data, answers).problems
        assert sorted((one.row, one.field) for one in found) == [(2, "grade1"), (3, "grade1"), (4, "student")]
        assert teacher.count(Grade) == 0

    def test_a_student_called_otherwise_is_answered(self, teacher: Teacher) -> None:
        data = as_xlsx({"8а Математика": [["Име", "I срок"], ["Мими Иванова", 5]]})
        answers = teacher.said(data, whole=GradeColumn("Математика"))
        for said in ("Мария Иванка", whole(0)):  # the first is nobody either
            (group,) = questions.groups(teacher.plan(data, answers).problems)
            answers = desk.answer_problems(answers, (group,), {}, {group.key: said})
        assert teacher.plan(data, answers).problems == []

    def test_another_term_grade_in_its_place_is_told(self, teacher: Teacher) -> None:
        data = as_xlsx({"8а": [["Име", "I срок"], [whole(0), 5]]})
        other = as_xlsx({"8а": [["Име", "I срок"], [whole(0), 6]]})
        answers = teacher.said(data, whole=GradeColumn("Математика"))
        teacher.take_over(data, answers)
        (problem,) = teacher.plan(other, answers).problems
        assert "already" in problem.text

    def test_another_school_is_not_reached(self, teacher: Teacher) -> None:
        data = as_xlsx({"Лист1": SHEET})
        answers = teacher.said(data, c4=TERM)
        other = joined(teacher.session, "1690181")
        by = authority.author(teacher.session, other.administrator)
        plan = plan_grades(teacher.session, by, teacher.shapes(data, answers), answers, LATER)
        assert {one.field for one in plan.problems} == {"student"}
        assert plan.count == 0


class TestTakingBack:
    def test_what_came_goes_and_what_was_corrected_stays(self, teacher: Teacher) -> None:
        data = as_xlsx({"Лист1": SHEET})
        teacher.take_over(data, teacher.said(data, c4=TERM))
        one = teacher.session.scalars(select(Grade.id).order_by(Grade.id)).first()
        assert one is not None
        correcting.correct_grade(
            teacher.session,
            by=teacher.school.administrator,
            grade_id=one,
            grade=Decimal(3),
            now=LATER + timedelta(hours=1),
        )
        by = authority.author(teacher.session, teacher.school.administrator)
        import_id = teacher.session.scalars(select(GradeImport.id)).one()
        assert grade_taking.take_back(teacher.session, by, import_id, now=LATER + timedelta(hours=2)) == (10, 1)
        assert teacher.grades() == [(GradeKind.CONTROL_WORK, Decimal(3), date(2025, 10, 14))]
        with pytest.raises(InputError, match="already"):
            grade_taking.take_back(teacher.session, by, import_id, now=LATER + timedelta(hours=3))

    def test_another_school_cannot(self, teacher: Teacher) -> None:
        data = as_xlsx({"Лист1": SHEET})
        teacher.take_over(data, teacher.said(data, c4=TERM))
        other = joined(teacher.session, "1690181")
        by = authority.author(teacher.session, other.administrator)
        import_id = teacher.session.scalars(select(GradeImport.id)).one()
        with pytest.raises(InputError, match="no such import"):
            grade_taking.take_back(teacher.session, by, import_id, now=LATER)


class TestMarks:
    @pytest.mark.parametrize(
        ("cell", "numbers"),
        [
            (5, ["5"]), (5.5, ["5.5"]), ("5,50", ["5.50"]), ("5; 6, 4", ["5", "6", "4"]), ("6 5", ["6", "5"]),
            ("Отличен 6", ["6"]), ("мн. добър (5.25)", ["5.25"]), ("Мн.добър 5", ["5"]), ("отличен", ["6"]),
            ("Слаб 2", ["2"]), ("Добър (4), Среден (3)", ["4", "3"]), ("", []), ("-", []),
        ],
    )  # fmt: skip
    def test_ways_to_write_them(self, cell: object, numbers: list[str]) -> None:
        found = marks.marks(cell)  # type: ignore[arg-type]
        assert [one.number for one in found] == [Decimal(one) for one in numbers]

    @pytest.mark.parametrize("cell", ["7", "1", "2.5", "5,5", "осв.", "н", "12.10.2025", True, "Отличник"])
    def test_what_is_none(self, cell: object) -> None:
        with pytest.raises(InputError):
            marks.marks(cell)  # type: ignore[arg-type]

    def test_words_where_grades_are_words(self) -> None:
        (one,) = marks.marks("Отличен")
        assert one.at(in_words=True) is Mark.EXCELLENT
        assert one.at(in_words=False) == 6
        (two,) = marks.marks("Незадоволителен")
        assert two.at(in_words=False) is Mark.UNSATISFACTORY
