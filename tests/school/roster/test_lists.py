"""Lists as schools really have them: who makes no mistake loses nobody, and is asked what nobody could know."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest
from sqlalchemy import select

from db.models import Guardian, Staff, Student
from db.session import Database
from school import roster
from school.roster import Answers, Choice, desk, looking, opening, questions
from tests.school.joined import NOW, TODAY, Joined, joined
from tests.school.roster.files import as_csv, egn
from tests.school.roster.lists import LISTS, Listed, e164, mobile, whole


def columns_answered(listed: Listed) -> Answers:
    """The page of the columns as it was proposed, with the person's own choices."""
    found = looking.shapes(opening.open_file(listed.data, "списък").tables, TODAY, Answers())
    choices = {}
    for shape in found:
        for one in shape.unknown:
            assert {one.heading, one.letter} & listed.choose.keys(), f"{one.heading} was not to be asked"
        fields = {
            one.index: listed.choose.get(one.heading, listed.choose.get(one.letter, one.field or ""))
            for one in shape.guess.columns
        }
        choices[shape.key] = Choice(shape.kind, fields, shape.order)
    return Answers(shapes=choices)


def problems_answered(listed: Listed, answers: Answers, shown: tuple[roster.Problem, ...]) -> Answers:
    """What the page asks about cells, answered; the guess must be the answer where there is one."""
    groups = questions.groups(shown)
    for group in groups:
        assert group.first.raw in listed.answers, group.first.text
        assert group.first.guess in ("", listed.answers[group.first.raw])
        assert group.is_one_answer
    written = {group.key: listed.answers[group.first.raw] for group in groups}
    return desk.answer_problems(answers, groups, {}, written)


@pytest.fixture
def school(database: Database) -> Joined:
    """A school without students."""
    with database.session() as session:
        return joined(session)


@pytest.mark.parametrize("make", LISTS, ids=[one.__name__ for one in LISTS])
def test_every_list_arrives_whole(make: Callable[[], Listed], school: Joined, database: Database) -> None:
    listed = make()
    answers = columns_answered(listed)
    with database.session() as session:
        read = roster.read(listed.data, "списък", TODAY, answers)
        shown = roster.prepare(session, school.school, read, TODAY).preview
        answers = problems_answered(listed, answers, shown.problems)
        read = roster.read(listed.data, "списък", TODAY, answers)
        shown = roster.prepare(session, school.school, read, TODAY).preview
        assert [one.text for one in shown.problems] == []
        assert not read.ignored
        roster.carry_out(session, school.school, read, by=school.administrator, now=NOW, shown=shown.fingerprint)
    with database.reading() as session:
        assert len(session.scalars(select(Student.id)).all()) == listed.students
        assert set(session.scalars(select(Guardian.phone).where(Guardian.phone.is_not(None)))) == listed.phones
        invited = select(Staff.id).where(Staff.school_id == school.school, Staff.id != school.administrator)
        assert len(session.scalars(invited).all()) == listed.staff
    with database.session() as session:
        again = roster.prepare(session, school.school, read, TODAY).preview
        assert {one.change for one in again.entries} == {roster.Change.UNCHANGED}


def test_there_are_enough_of_them() -> None:
    assert len(LISTS) >= 20


class TestAnswers:
    def test_they_are_kept_as_they_were_given(self) -> None:
        answers = columns_answered(LISTS[0]())
        answers = replace(answers, values={"class": {"5B": "5б"}}, left_out=frozenset({"Лист|3"}))
        assert Answers.of_json(answers.as_json()) == answers


class TestAnsweringAgain:
    """An answer may be wrong too: the page then asks about what was answered."""

    @staticmethod
    def answered(answers: Answers, found: Iterable[roster.Problem], said: str) -> Answers:
        (group,) = questions.groups(found)
        return desk.answer_problems(answers, (group,), {}, {group.key: said})

    @pytest.mark.parametrize("field", ["relation", "class"])
    def test_a_wrong_answer_is_corrected(self, field: str) -> None:
        cells = {"relation": ["8а", "леля"], "class": ["осмаци", "майка"]}[field]
        said = {"relation": ["леля Ваня", "баба Ваня", "баба"], "class": ["осмашки", "8а"]}[field]
        head = ["Клас", "Ученик", "ЕГН", "Родител", "Връзка", "Телефон"]
        data = as_csv([[cells[0], whole(1), egn(1), "Силвия Иванова", cells[1], mobile(1)]], head=head)
        shapes = looking.shapes(opening.open_file(data, "списък").tables, TODAY, Answers())
        fields = dict(enumerate(
            ["class", "name", "national_id", "guardian1_name", "guardian1_relation", "guardian1_phone"]
        ))  # fmt: skip
        answers = Answers(shapes={one.key: Choice(one.kind, fields, one.order) for one in shapes})
        for one in said:
            problems = roster.read(data, "списък", TODAY, answers).problems
            if not problems:
                break
            answers = self.answered(answers, problems, one)
        read = roster.read(data, "списък", TODAY, answers)
        assert [one.text for one in read.problems] == []
        (found,) = read.students
        assert found.class_name == (8, "а") if field == "class" else found.guardians[0].relation

    def test_the_first_answer_is_no_longer_followed(self) -> None:
        def problem(raw: str) -> roster.Problem:
            return roster.Problem("Лист", 2, "A", "Клас", "“{text}” is no class.", (), "class", raw)

        answers = Answers()
        for raw, said in (("А", "Б"), ("В", "Г"), ("Б", "Г"), ("Г", "8а"), ("8а", "Г")):
            answers = self.answered(answers, [problem(raw)], said)
        assert answers.values == {"class": dict.fromkeys(("А", "Б", "В", "Г", "8а"), "Г")}
        assert answers.corrected("Лист", 2, {"class": "А", "leads_class": "Д"}) == {"class": "Г", "leads_class": "Д"}

    def test_an_answer_about_a_number_is_followed_however_the_file_keeps_it(self) -> None:
        """Old workbooks keep every number with a point."""
        answers = Answers(values={"class": {"5": "5а"}})
        for cell in (5, 5.0, " 5 ", "5"):
            assert answers.corrected("Лист", 2, {"class": cell}) == {"class": "5а"}


def test_a_telephone_without_a_name_gets_it_from_a_later_list(school: Joined, database: Database) -> None:
    nameless = as_csv([["8а", whole(1), egn(1), mobile(1)]], head=["Клас", "Ученик", "ЕГН", "Телефон"])
    named = as_csv(
        [["8а", whole(1), egn(1), "Силвия Иванова", mobile(1)]], head=["Клас", "Ученик", "ЕГН", "Майка", "Тел. майка"]
    )
    for data in (nameless, named, nameless):
        with database.session() as session:
            read = roster.read(data, "списък", TODAY)
            shown = roster.prepare(session, school.school, read, TODAY).preview
            roster.carry_out(session, school.school, read, by=school.administrator, now=NOW, shown=shown.fingerprint)
    with database.reading() as session:
        found = session.execute(select(Guardian.first_name, Guardian.last_name, Guardian.phone)).all()
    assert [tuple(one) for one in found] == [("Силвия", "Иванова", e164(1))]
