"""What leaders and class teachers read and take away: reports in every form, labels to cut."""

import csv
import io
from collections.abc import Callable

from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import func, select

from db.kinds import GradeKind
from db.models import Grade, SchoolClass, Student, StudentCode
from devtools.browser import Window
from devtools.site import Site
from tests.admin_web.conftest import CLASS_TEACHER_OF_8A, PRINCIPAL

Windows = Callable[..., Window]


def average_of_8a(site: Site) -> str:
    """The average of 8а's current grades, counted apart from the product's reports; „5.02“."""
    with site.database() as database, database.reading() as session:
        total, count = session.execute(
            select(func.sum(Grade.value), func.count(Grade.value))
            .join(Student, Student.id == Grade.student_id)
            .join(SchoolClass, SchoolClass.id == Student.class_id)
            .where(SchoolClass.level == 8, Grade.kind.not_in([GradeKind.TERM, GradeKind.ANNUAL]))
        ).one()
    assert total
    return f"{float(total) / count:.2f}"


def downloaded(window: Window, link: str) -> bytes:
    """A file that a link of the page gives."""
    with window.page.expect_download() as waiting:
        window.page.get_by_role("link", name=link, exact=True).click()
    return waiting.value.path().read_bytes()


def test_a_principal_reads_a_report_and_takes_it_along_in_every_form(window: Windows, site: Site) -> None:
    principal = window()
    principal.enter_as(PRINCIPAL)
    principal.page.get_by_role("link", name="Справки").first.click()
    principal.page.get_by_role("link", name="Оценки по класове").click()
    average = average_of_8a(site)
    row = principal.page.get_by_role("row").filter(has_text="8а")
    assert average in row.inner_text()
    chart = principal.page.locator("img.chart")
    assert chart.evaluate("image => image.decode().then(() => image.naturalWidth > 100)")
    principal.shoot("report")

    sheet = load_workbook(io.BytesIO(downloaded(principal, "Excel"))).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    of_8a = next(one for one in rows if one[0] == "8а")
    assert any(isinstance(cell, int | float) and f"{cell:.2f}" == average for cell in of_8a)
    lines = list(csv.reader(io.StringIO(downloaded(principal, "CSV").decode("utf-8-sig")), delimiter=";"))
    assert average.replace(".", ",") in next(one for one in lines if one and one[0] == "8а")
    pages = PdfReader(io.BytesIO(downloaded(principal, "PDF"))).pages
    text = " ".join(page.extract_text() for page in pages)
    assert "8а" in text
    assert average in text or average.replace(".", ",") in text

    row.get_by_role("link").first.click()
    principal.page.get_by_role("heading", name="Оценки по ученици").wait_for()
    assert principal.page.locator("tbody tr").count() >= 24


def test_a_class_teacher_prints_labels(window: Windows, site: Site) -> None:
    teacher = window()
    teacher.enter_as(CLASS_TEACHER_OF_8A)
    teacher.page.get_by_role("link", name="Моят клас").first.click()
    address = teacher.page.locator('a[href$="labels.pdf"]').first.get_attribute("href")
    answer = teacher.context.request.get(site.url + str(address))
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.body())).pages).split())
    with site.database() as database, database.reading() as session:
        rows = session.execute(
            select(StudentCode.code)
            .join(Student, Student.id == StudentCode.student_id)
            .join(SchoolClass, SchoolClass.id == Student.class_id)
            .where(SchoolClass.level == 8, StudentCode.revoked_at.is_(None))
        ).all()
    assert len(rows) == 24
    for row in rows:
        assert f"{row.code[:4]} {row.code[4:]}" in text
    teacher.shoot("class")
