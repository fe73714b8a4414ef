"""A lesson of mathematics in 8а on the day of the tests, and what the class book then holds."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from db.models import Absence, Grade, Student
from devtools.browser import Window
from devtools.site import Site


def type_a_grade_each(window: Window, digit: str) -> int:
    """One key and Enter for every student, as a teacher does; gives how many got the digit."""
    page, typed = window.page, 0
    for _ in range(page.locator(".grade").count()):
        if page.evaluate("document.activeElement.tagName") == "INPUT":
            page.keyboard.type(digit)
            typed += 1
        page.keyboard.press("Enter")
    return typed


def wait_until_saved(window: Window) -> str:
    """The page's word that all is saved."""
    said = window.page.locator("#saved", has_text="Записан")
    said.wait_for()
    return said.inner_text()


def grades_since(site: Site, began: datetime, value: str) -> int:
    """How many grades of a value were recorded since."""
    with site.database() as database, database.reading() as session:
        return len(
            session.scalars(select(Grade.id).where(Grade.recorded_at >= began, Grade.value == Decimal(value))).all()
        )


def absences_of_lesson(site: Site, lesson: int) -> dict[str, Any]:
    """Kinds by the student's first and last name."""
    with site.database() as database, database.reading() as session:
        rows = session.execute(
            select(Student.first_name, Student.last_name, Absence.kind)
            .join(Student, Student.id == Absence.student_id)
            .where(Absence.on_date == site.now.date(), Absence.lesson == lesson)
        )
        return {f"{row.first_name} {row.last_name}": row.kind for row in rows}
