"""What the columns of a school's files are is remembered, and forgotten when it was long not needed."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from db.models import RosterShape
from db.session import Database
from school.roster import Answers, Choice, looking, opening, remembering
from school.roster.columns import Kind
from tests.school.joined import NOW, TODAY, joined
from tests.school.roster.files import as_csv, student


def test_only_the_forms_that_were_used_last(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembering, "MOST", 3)
    (shape,) = looking.shapes(opening.open_file(as_csv([student(1)]), "списък").tables, TODAY, Answers())
    with database.session() as session:
        ours, other = joined(session), joined(session, "1690181")
        remembering.remember(session, other.school, [shape], NOW)
        for number in (0, 1, 2, 0, 3):
            one = looking.Shape(f"form {number}", shape.sheets, shape.guess, Choice(Kind.STUDENTS, shape.fields))
            remembering.remember(session, ours.school, [one], NOW + timedelta(minutes=number + 5 * (number == 0)))
        assert set(remembering.remembered(session, ours.school)) == {"form 0", "form 2", "form 3"}
        assert session.scalar(select(func.count()).select_from(RosterShape)) == 3
