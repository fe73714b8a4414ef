"""A lesson's sheet at the end of a term: it stays light however many grades were given."""

import re
from datetime import timedelta

from sqlalchemy import insert, select

from admin_web.lessons.views import SHOWN_GRADES
from db.kinds import GradeKind, GradeScale
from db.models import Grade, SchoolClass, SchoolYear, Student, Subject
from db.session import Database
from demonstration.plan import words
from tests.admin_web.conftest import MATHS
from tests.admin_web.test_own_class import SignedIn
from tests.school.conftest import NOW
from tests.school.people import staff_id

MOST_BYTES = 100_000
EACH = 40


def test_a_sheet_shows_the_latest_grades_and_leads_to_the_others(signed_in: SignedIn, demonstration: Database) -> None:
    with demonstration.session() as session:
        maths = session.scalars(select(Subject.id).where(Subject.name == words.MATHS)).first()
        year = session.scalars(select(SchoolYear.id).where(SchoolYear.starts_on <= NOW.date())).first()
        students = session.execute(
            select(Student.id, Student.class_id)
            .join(SchoolClass, SchoolClass.id == Student.class_id)
            .where(SchoolClass.level == 8, SchoolClass.letter == "а", ~Student.has_special_needs)
        ).all()
        grades = [
            {
                "school_id": 1, "student_id": student, "subject_id": maths, "school_year_id": year, "term": 1,
                "staff_id": staff_id(demonstration, MATHS), "kind": GradeKind.ORAL, "scale": GradeScale.NUMERIC,
                "value": 6, "mark": None, "on_date": NOW.date() - timedelta(days=at % 5), "recorded_at": NOW,
            }
            for student, _class in students
            for at in range(EACH)
        ]  # fmt: skip
        session.execute(insert(Grade), grades)
    browser = signed_in(MATHS)
    page = browser.get(f"/lessons/{students[0].class_id}/{maths}/{NOW.date()}/3")
    row = next(one for one in page.split("<tr>") if f'name="g{students[0].id}"' in one)
    assert row.count('class="chip"') == SHOWN_GRADES
    earlier = re.search(r'<a href="/lessons/student/(\d+)" title="по-ранни оценки: (\d+)">', row)
    assert earlier
    assert int(earlier[1]) == students[0].id
    assert int(earlier[2]) >= EACH - SHOWN_GRADES
    a_class = 26 * len(row.encode()) + len(page.encode()) - sum(len(one.encode()) for one in page.split("<tr>")[2:])
    files = sum(
        len(browser.answer("GET", file, buffered=True).data) for file in set(re.findall(r'"(/static/[^"]+)"', page))
    )
    assert a_class + files < MOST_BYTES
