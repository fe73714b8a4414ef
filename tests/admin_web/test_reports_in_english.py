"""Reports in English: all of our own words, and nothing of what people wrote."""

import csv
import io
import re

from db.session import Database
from school.reports import REPORTS
from tests.admin_web.conftest import PRINCIPAL
from tests.admin_web.test_own_class import SignedIn, of_8a

OURS = re.compile(r"<(?:h1|th|option|label|b)\b[^>]*>([^<]*)|<p class=\"hint\">([^<]*)")
BULGARIAN = re.compile("[а-я]{2}", re.IGNORECASE)
OF_PEOPLE = re.compile(
    r'<header.*?</header>|<select id="(?:subject|class|staff|student)_id".*?</select>|<footer.*?</footer>', re.DOTALL
)


def test_a_reports_own_words_are_english(signed_in: SignedIn, demonstration: Database) -> None:
    principal, student = signed_in(PRINCIPAL), of_8a(demonstration)[0]
    for report, spec in REPORTS.items():
        about = f"&student_id={student}" if spec.needs else ""
        page = OF_PEOPLE.sub("", principal.get(f"/reports/{report}?lang=en{about}"))
        words = [first or second for first, second in OURS.findall(page)]
        assert len(words) > 8, report
        assert [text for text in words if BULGARIAN.search(text.replace("НЕИСПУО", ""))] == [], report


def test_its_files_and_chart_are_english_too(signed_in: SignedIn) -> None:
    principal = signed_in(PRINCIPAL)
    answer = principal.answer("GET", "/reports/at_risk/report.csv?lang=en")
    headings, *rows = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";")
    assert headings == ["Month", "Student", "Class", "Unexcused", "Late", "Unexcused in all"]
    assert {row[0].split()[0] for row in rows} <= {"September", "October", "November"}
    assert all(BULGARIAN.search(row[1]) for row in rows), "a name is nobody's to translate"
    drawn = principal.answer("GET", "/reports/absences_by_class/chart.svg?lang=en").text
    assert "Absences by class" in drawn
    assert 'lang="en"' in drawn


def test_the_list_of_reports_is_english(signed_in: SignedIn) -> None:
    page = signed_in(PRINCIPAL).get("/reports/?lang=en")
    listed = re.findall(r'<li><a href="/reports/\w+">([^<]*)</a><span class="hint">([^<]*)', page)
    assert len(listed) == len(REPORTS)
    assert [one for one in listed if BULGARIAN.search("".join(one).replace("НЕИСПУО", ""))] == []
