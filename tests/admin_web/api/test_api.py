"""What another system of the school can ask and hand in, and what it cannot."""

from datetime import date
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import delete, func, select

from db.kinds import AbsenceKind
from db.models import Absence, ApiToken, Audit, Grade, Notification, Remark, SchoolEvent, Subscription
from db.session import Database
from tests.admin_web.api.program import DAY, LESSON, Program, another_school, lesson_of_8a, token
from tests.admin_web.conftest import ADMINISTRATOR, PRINCIPAL, Browser
from tests.admin_web.test_own_class import SignedIn
from tests.school.conftest import NOW
from tests.school.people import describe_school


@pytest.fixture
def program(app: OpenAPI, demonstration: Database) -> Program:
    """A program that may read and record."""
    return Program(app, token(demonstration))


def count(database: Database, *conditions: Any) -> int:
    with database.reading() as session:
        return session.scalars(select(func.count()).where(*conditions)).one()


def a_grade(database: Database, key: str = "test-7:1", **more: Any) -> dict[str, Any]:
    return {"key": key, **lesson_of_8a(database), "kind": "test", "value": 5.5, "on": DAY, **more}


class TestTokens:
    @pytest.mark.parametrize("shown", ["", "eschool_unknown"])
    def test_without_a_token_of_a_school_nothing_is_said(self, app: OpenAPI, shown: str) -> None:
        answer = Program(app, shown).get("/students", 401)
        assert "Authorization: Bearer" in answer["error"]

    def test_one_that_only_reads_records_nothing(self, app: OpenAPI, demonstration: Database) -> None:
        reader = Program(app, token(demonstration, may_write=False))
        assert reader.get("/school")["institution_code"]
        assert "may only read" in reader.ingest("grades", a_grade(demonstration), status=403)["error"]
        assert count(demonstration, Grade.recorded_at >= NOW) == 0

    def test_the_administrator_makes_one_sees_it_once_and_revokes_it(
        self, app: OpenAPI, signed_in: SignedIn, demonstration: Database
    ) -> None:
        administrator = signed_in(ADMINISTRATOR)
        administrator.get("/school/tokens/")
        page = administrator.post("/school/tokens/", status=200, title="Портал на училището", may="read")
        shown = page.partition('<p class="key"><code>')[2].partition("<")[0]
        program = Program(app, shown)
        program.get("/school")
        page = administrator.get("/school/tokens/")
        assert shown not in page
        assert "Портал на училището" in page
        assert "още не" not in page
        with demonstration.reading() as session:
            one = session.scalars(select(ApiToken)).one()
            assert shown.encode() not in one.token_hash
        administrator.post(f"/school/tokens/{one.id}/revoke")
        program.get("/school", 401)
        assert "Портал на училището" not in administrator.get("/school/tokens/")

    def test_a_principal_makes_none(self, signed_in: SignedIn) -> None:
        signed_in(PRINCIPAL).get("/school/tokens/", status=403)

    def test_a_name_is_asked_for(self, signed_in: SignedIn) -> None:
        administrator: Browser = signed_in(ADMINISTRATOR)
        administrator.get("/school/tokens/")
        assert "Напишете коя е системата." in administrator.post("/school/tokens/", status=200, title="", may="read")


class TestLists:
    def test_students_come_page_by_page_each_once(self, program: Program, demonstration: Database) -> None:
        found: list[dict[str, Any]] = []
        after = 0
        while after is not None:
            page = program.get("/students", after=after, limit=10)
            found += page["students"]
            after = page["next"]
        there = {(one["name"], one["class"]) for one in describe_school(demonstration)["students"]}
        names = {(f"{one['first_name']} {one['middle_name']} {one['last_name']}", one["class_name"]) for one in found}
        assert names == there
        assert len(found) == len(there)

    def test_students_of_one_class(self, program: Program) -> None:
        of_8a = next(one for one in program.get("/classes")["classes"] if one["name"] == "8а")
        page = program.get("/students", class_id=of_8a["id"])
        assert {one["class_name"] for one in page["students"]} == {"8а"}
        assert page["next"] is None

    def test_no_code_and_no_national_id_leaves_by_any_list(self, program: Program, demonstration: Database) -> None:
        said = "".join(
            str(program.get(one)) for one in ("/students", "/classes", "/teachers", "/teaching", "/subjects", "/school")
        )
        for one in describe_school(demonstration)["students"]:
            assert one["national_id"] not in said
            assert one["student_code"] not in said

    def test_students_are_found_by_their_national_ids(self, program: Program, demonstration: Database) -> None:
        one, other = describe_school(demonstration)["students"][:2]
        asked = {"national_ids": [other["national_id"], "0000000000", one["national_id"], "x"]}
        found = program.ask("POST", "/students/find", json=asked)["student_ids"]
        names = {row["id"]: row["first_name"] for row in program.get("/students", limit=500)["students"]}
        assert [one and names[one] for one in found] == [other["given_name"], None, one["given_name"], None]

    @pytest.mark.parametrize("wrong", [{"limit": 0}, {"limit": 501}, {"after": -1}, {"class_id": "8а"}])
    def test_a_wrong_page_is_told_by_its_field(self, program: Program, wrong: dict[str, Any]) -> None:
        answer = program.get("/students", 422, **wrong)
        assert [one["field"] for one in answer["faults"]] == list(wrong)


class TestEvents:
    def test_a_grade_is_recorded_once_and_its_followers_are_told(
        self, program: Program, demonstration: Database
    ) -> None:
        grade = a_grade(demonstration)
        (first,) = program.ingest("grades", grade)
        (again,) = program.ingest("grades", grade)
        assert (first["outcome"], again["outcome"]) == ("recorded", "repeated")
        assert first["event_id"] == again["event_id"]
        of_grade = (Notification.kind == "grade", Notification.event_id == first["event_id"])
        followers = count(
            demonstration, Subscription.student_id == grade["student_id"], Subscription.status == "active"
        )
        assert count(demonstration, *of_grade, Notification.channel == "sms") == followers > 0
        with demonstration.reading() as session:
            row = session.scalars(select(Grade).where(Grade.id == first["event_id"])).one()
            assert (str(row.value), row.kind, row.staff_id) == ("5.50", "test", grade["teacher_id"])
            trail = session.scalars(select(Audit).where(Audit.action == "api.recorded")).one()
            assert trail.details == {"events": [["grade", first["event_id"]]]}

    def test_every_kind_of_event(self, program: Program, demonstration: Database) -> None:
        lesson = lesson_of_8a(demonstration)
        student = {"student_id": lesson["student_id"]}
        leader = next(one["id"] for one in program.get("/teachers")["teachers"] if one["email"].startswith(PRINCIPAL))
        for what, event in (
            ("absences", {**lesson, "kind": "late", "on": DAY, "lesson": LESSON}),
            ("remarks", {**lesson, "kind": "praise", "text": "Помага на другите.", "on": DAY}),
            (
                "health-notes",
                {**student, "teacher_id": leader, "starts_on": DAY, "ends_on": DAY, "note": "Настинка"},
            ),
            (
                "meetings",
                {
                    "teacher_id": leader,
                    "kind": "meeting",
                    "title": "Среща",
                    "place": "стая 12",
                    "starts_at": "2026-12-01T18:30:00+02:00",
                },
            ),
        ):
            (result,) = program.ingest(what, {"key": f"{what}:1", **event})
            assert result["outcome"] == "recorded", result
        assert count(demonstration, Absence.recorded_at >= NOW, Absence.kind == "late") == 1
        assert count(demonstration, Remark.recorded_at >= NOW) == 1
        assert count(demonstration, SchoolEvent.recorded_at >= NOW, SchoolEvent.title == "Среща") == 1

    def test_what_a_rule_refuses_is_told_and_the_rest_of_the_batch_is_recorded(
        self, program: Program, demonstration: Database
    ) -> None:
        results = program.ingest(
            "grades",
            a_grade(demonstration, "a", on="2027-03-01"),
            a_grade(demonstration, "b"),
            a_grade(demonstration, "c", value=2.5),
            a_grade(demonstration, "d", mark="good"),
            a_grade(demonstration, "e", teacher_id=10**6),
            a_grade(demonstration, "f", value=5.555),
        )
        assert [one["outcome"] for one in results] == ["refused", "recorded", *["refused"] * 4]
        assert "in the future" in results[0]["error"]
        assert "either a value or a mark" in results[3]["error"]
        assert results[4]["error"] == "The school has no such teacher."
        (corrected,) = program.ingest("grades", a_grade(demonstration, "c", value=3))
        assert corrected["outcome"] == "recorded"

    def test_a_key_names_one_event_only(self, program: Program, demonstration: Database) -> None:
        first, twice, other = program.ingest(
            "grades", a_grade(demonstration), a_grade(demonstration), a_grade(demonstration, value=2)
        )
        assert [first["outcome"], twice["outcome"], other["outcome"]] == ["recorded", "repeated", "refused"]
        assert "another event" in other["error"]

    def test_two_systems_may_use_the_same_key(self, app: OpenAPI, program: Program, demonstration: Database) -> None:
        second = Program(app, token(demonstration, title="Втора система"))
        outcomes = [one.ingest("grades", a_grade(demonstration))[0]["outcome"] for one in (program, second)]
        assert outcomes == ["recorded", "recorded"]

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"value": "5"}, "events.0.value"),
            ({"on": "24.11.2026"}, "events.0.on"),
            ({"on": 0}, "events.0.on"),
            ({"student_id": 2**40}, "events.0.student_id"),
            ({"student_id": True}, "events.0.student_id"),
            ({"key": "a b"}, "events.0.key"),
            ({"colour": "red"}, "events.0.colour"),
        ],
    )
    def test_what_has_another_shape_is_told_by_its_field_and_not_repeated(
        self, program: Program, demonstration: Database, wrong: dict[str, Any], field: str
    ) -> None:
        answer = program.ingest("grades", a_grade(demonstration, **wrong), status=422)
        assert [one["field"] for one in answer["faults"]] == [field]
        assert "24.11.2026" not in str(answer)

    def test_what_no_database_can_write_is_left_out(self, program: Program, demonstration: Database) -> None:
        remark = {"key": "r", **lesson_of_8a(demonstration), "kind": "praise", "text": "Бра\u0000во!", "on": DAY}
        (result,) = program.ingest("remarks", remark)
        with demonstration.reading() as session:
            assert session.scalars(select(Remark.text).where(Remark.id == result["event_id"])).one() == "Бра во!"


class TestAnotherSchool:
    def test_nothing_of_it_is_told_or_touched(self, app: OpenAPI, program: Program, demonstration: Database) -> None:
        stranger, key = another_school(demonstration)
        assert stranger not in [one["id"] for one in program.get("/teachers")["teachers"]]
        (result,) = program.ingest("grades", a_grade(demonstration, teacher_id=stranger))
        assert result["error"] == "The school has no such teacher."
        theirs = Program(app, key)
        assert theirs.get("/students")["students"] == []
        (result,) = theirs.ingest("grades", a_grade(demonstration, teacher_id=stranger))
        assert result["error"] == "There is no such student in a class of this school."
        our_student = lesson_of_8a(demonstration)["student_id"]
        assert "no such student" in theirs.get("/reports/absences_of_student", 404, student_id=our_student)["error"]
        found = theirs.ask(
            "POST",
            "/students/find",
            json={"national_ids": [describe_school(demonstration)["students"][0]["national_id"]]},
        )
        assert found["student_ids"] == [None]


class TestReports:
    def test_a_report_has_the_figures_of_the_page(
        self, program: Program, signed_in: SignedIn, demonstration: Database
    ) -> None:
        answer = program.get("/reports/grades_by_class", span="1")
        keys = [one["key"] for one in answer["columns"]]
        page = signed_in(PRINCIPAL).get("/reports/grades_by_class?span=1")
        assert len(answer["rows"]) == 2
        for row in answer["rows"]:
            average = row["cells"][keys.index("average")]
            assert f"{average:.2f}" in page
            detail = program.get("/reports/grades_by_student", **{row["about"]["filter"]: row["about"]["id"]})
            assert len(detail["rows"]) == 24

    def test_every_report_of_the_list_answers(self, program: Program, demonstration: Database) -> None:
        student = lesson_of_8a(demonstration)["student_id"]
        for one in program.get("/reports")["reports"]:
            needed = dict.fromkeys(one["needs"], student)
            answer = program.get(f"/reports/{one['id']}", **needed)
            assert all(len(row["cells"]) == len(answer["columns"]) for row in answer["rows"])

    @pytest.mark.parametrize("counts", [True, False])
    def test_page_file_and_api_count_lateness_as_the_platforms_setting_says(
        self, app: OpenAPI, program: Program, signed_in: SignedIn, demonstration: Database, counts: bool
    ) -> None:
        app.config["ESCHOOL"] = app.config["ESCHOOL"].model_copy(update={"state_counts_lateness": counts})
        late = lesson_of_8a(demonstration)["student_id"]
        with demonstration.session() as session:
            session.execute(delete(Absence).where(Absence.student_id == late))
            like = session.scalars(select(Absence).limit(1)).one()
            kinds = [AbsenceKind.UNEXCUSED] * 4 + [AbsenceKind.LATE] * 2
            for lesson, kind in enumerate(kinds, 1):
                session.add(Absence(
                    school_id=like.school_id, student_id=late, subject_id=like.subject_id, staff_id=like.staff_id,
                    school_year_id=like.school_year_id, kind=kind, on_date=date(2026, 10, 30), lesson=lesson,
                    recorded_at=NOW,
                ))  # fmt: skip
        found = {row["about"]["id"]: row["cells"][-1] for row in program.get("/reports/at_risk")["rows"]}
        principal = signed_in(PRINCIPAL)
        page = principal.get("/reports/at_risk")
        file = principal.answer("GET", "/reports/state-file?month=2026-10").data.decode("cp1251")
        assert found.get(late) == (5 if counts else None)
        assert f"student_id={late}" in page if counts else f"student_id={late}" not in page
        assert (("0.00", "5.00") if counts else ("0.00", "4.00")) in {
            tuple(line.split("|")[14:]) for line in file.splitlines()
        }

    def test_what_is_not_there_is_told(self, program: Program) -> None:
        assert "no such report" in program.get("/reports/gossip", 404)["error"]
        assert "no such student" in program.get("/reports/absences_of_student", 404, student_id=10**6)["error"]
        assert "about one student" in program.get("/reports/absences_of_student", 422)["error"]


class TestAddresses:
    def test_errors_are_json_whatever_is_asked(self, program: Program) -> None:
        assert program.get("/nothing", 404)["error"]
        assert program.ask("DELETE", "/students", 405)["error"]
        assert program.ask("POST", "/grades", 422, data="{", content_type="application/json")["faults"]

    def test_too_many_requests_are_told_when_to_come_again(self, app: OpenAPI, demonstration: Database) -> None:
        program = Program(app, token(demonstration))
        app.config["ESCHOOL"] = app.config["ESCHOOL"].model_copy(update={"api_requests_a_minute": 3})
        for _ in range(3):
            program.get("/school")
        answer = program.get("/school", 429)
        assert "3 per 1 minute" in answer["error"]
