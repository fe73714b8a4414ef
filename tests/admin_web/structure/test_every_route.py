"""All routes x all roles x another school's ids."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from admin_web.audience import CHECKED_ELSEWHERE, Audience, audiences_of
from db.kinds import Role
from tests.admin_web.structure.conftest import PEOPLE, Visitor, Walk
from tests.admin_web.structure.matrix import PAGE, matrix, written_matrix
from tests.admin_web.structure.routes import Route, addresses, routes, unknown_arguments
from tests.admin_web.structure.two_schools import MARK, Ids, everything_of

OWN_AUDIENCES: dict[str, set[Role | Audience]] = {
    "teacher": {Audience.SIGNED_IN, Role.TEACHER},
    "class teacher": {Audience.SIGNED_IN, Role.TEACHER, Audience.CLASS_TEACHER},
    "principal": {Audience.SIGNED_IN, Role.TEACHER, Role.PRINCIPAL},
    "school administrator": {Audience.SIGNED_IN, Role.SCHOOL_ADMINISTRATOR},
    "platform operator": {Audience.SIGNED_IN, Role.PLATFORM_OPERATOR},
}
MARKED = MARK.encode()
OF_THE_SCHOOL = [who for who in PEOPLE if who != "platform operator"]


def listed(wrong: list[tuple[Any, ...]]) -> str:
    """One line each, of as many as one can read."""
    return "\n".join(str(one) for one in wrong[:60])


def may(walk: Walk, who: str | None, route: Route) -> bool:
    """Whether a person may open a route."""
    declared = audiences_of(walk.app, route.endpoint)
    return bool(declared & (CHECKED_ELSEWHERE | (OWN_AUDIENCES[who] if who else set())))


def bag(ids: Ids) -> dict[str, Any]:
    """All ids of a school under every name that a query or form of ours has for them, in fields that are else right."""
    class_id, subject, student, staff = (ids[name] for name in ("class_id", "subject_id", "student_id", "staff_id"))
    return {
        **{name: value for name, value in ids.items() if name != "event_id"},
        "of": f"{class_id}-{subject}", "invited": f"class-{class_id}", "teacher": staff, "subject": subject,
        "class": class_id, f"class_{class_id}": staff, "class_teacher_id": staff, "year": ids["year_id"],
        "event_id": ids["event_id"]["grade"], f"g{student}": "6", f"a{student}": "late", f"s{student}": "",
        f"r{student}": "забележка", "key": str(uuid4()), "kind": "current", "on": "2026-11-24", "lesson": "3",
        "at": "18:30", "title": "Среща", "place": "стая 3", "text": "Текст", "reason": "other", "why": "грешка",
        "starts_on": "2026-11-24", "ends_on": "2026-11-24", "first_name": "Ана", "last_name": "Анова",
        "relation": "mother", "phone": "0888123456", "email": "ana@example.org", "grade": "6", "decision": "approve",
        "copy_of": ids["timetable_id"], "source": class_id, "student": student,
        f"bells_{class_id}": ids["bell_schedule_id"],
        f"kind-{class_id}-3": "specialist", f"who-{class_id}-3": staff, "from": "1", "to": "2", "c1-1": "Математика",
        "before": "999999", "span": "year", "event": ids["event_id"]["school_event"], "audience": f"class-{class_id}",
    }  # fmt: skip


class TestRoles:
    def test_every_argument_of_every_route_is_known_to_these_tests(self, walk: Walk) -> None:
        assert not unknown_arguments(walk.app), (
            "tell tests/admin_web/structure/routes.py what they are: rows of one school, or which values to try"
        )

    @pytest.mark.parametrize("who", [None, *PEOPLE])
    def test_who_is_not_admitted_sees_nothing(self, walk: Walk, who: str | None) -> None:
        browser = walk.browser(who)
        wrong = []
        for route in routes(walk.app):
            if may(walk, who, route):
                continue
            for address in addresses(walk.app, route, walk.schools.own):
                answer = browser.open(address, method=route.method, data=bag(walk.schools.own), buffered=True)
                if who is None and route.method == "GET":
                    is_right = answer.status_code == 302 and answer.location.startswith("/sign-in")
                else:
                    is_right = answer.status_code == (401 if who is None else 403)
                if not is_right:
                    wrong.append((str(route), answer.status_code))
        assert not wrong, listed(wrong)

    @pytest.mark.slow
    @pytest.mark.parametrize("who", PEOPLE)
    def test_who_is_admitted_reads_their_own_schools_pages(self, walk: Walk, who: str) -> None:
        browser = walk.browser(who)
        wrong = []
        for route, address in reading(walk, who):
            answer = browser.get(address, query_string=needed(route, walk.schools.own), buffered=True)
            if answer.status_code not in (200, 302) and not may_refuse(route, who, answer.status_code):
                wrong.append((address, answer.status_code))
        assert not wrong, listed(wrong)

    def test_the_matrix_in_the_documentation_is_true(self, walk: Walk) -> None:
        assert written_matrix() == matrix(walk.app), f"write it anew into {PAGE}: python -m tests.admin_web.structure"


class TestAnotherSchool:
    @pytest.mark.parametrize("who", OF_THE_SCHOOL)
    def test_its_ids_in_an_address_are_not_found_or_not_allowed(self, walk: Walk, who: str) -> None:
        before = everything_of(walk.database, walk.schools.other_school)
        visitor = Visitor(walk, who)
        wrong = []
        for route in routes(walk.app):
            if not route.of_a_school:
                continue
            for one in mixtures(route, walk.schools.own, walk.schools.others):
                for address in addresses(walk.app, route, one):
                    answer = visitor.open(address, route.method, data=bag(walk.schools.others))
                    if answer.status_code not in (403, 404) or MARKED in answer.data:
                        wrong.append((route.method, address, answer.status_code, MARKED in answer.data))
        assert not wrong, listed(wrong)
        assert everything_of(walk.database, walk.schools.other_school) == before

    @pytest.mark.slow
    @pytest.mark.parametrize("who", OF_THE_SCHOOL)
    def test_its_ids_in_queries_and_forms_show_and_change_nothing(self, walk: Walk, who: str) -> None:
        before = everything_of(walk.database, walk.schools.other_school)
        sent = bag(walk.schools.others)
        visitor = Visitor(walk, who)
        wrong = []
        for route in routes(walk.app):
            if not may(walk, who, route) or route.endpoint == "static":
                continue
            for address in addresses(walk.app, route, walk.schools.own):
                # One by one too: what is wrong with one id must not hide another.
                for fields in ({}, *({name: sent[name]} for name in alone(route, who))):
                    data = sent | bag(walk.schools.own) | fields if fields else sent
                    answer = visitor.open(
                        address, route.method, query_string=data, data=data if route.method == "POST" else None
                    )
                    if answer.status_code >= 500 or MARKED in answer.data:
                        wrong.append((route.method, address, answer.status_code, sorted(fields)))
                if route.method == "POST":
                    visitor.come_anew()
        assert not wrong, listed(wrong)
        assert everything_of(walk.database, walk.schools.other_school) == before


def reading(walk: Walk, who: str) -> Iterator[tuple[Route, str]]:
    """The addresses of all pages that a person may read."""
    for route in routes(walk.app):
        is_ours = not route.endpoint.startswith(("api.", "static", "metrics.", "home.choose_language"))
        if route.method == "GET" and may(walk, who, route) and is_ours:
            for address in addresses(walk.app, route, walk.schools.own):
                yield route, address


def needed(route: Route, ids: Ids) -> dict[str, Any]:
    """What a page's address must say besides."""
    if route.endpoint in ("reports.shown", "reports.chart", "reports.exported"):
        return {"student_id": ids["student_id"]}
    if route.endpoint == "lessons.open_sheet":
        return {"of": f"{ids['class_id']}-{ids['subject_id']}", "on": "2026-11-24", "lesson": 3}
    return {"month": "2026-10"} if route.endpoint == "reports.state_file" else {}


def may_refuse(route: Route, who: str, status: int) -> bool:
    """A role opens the page, what it asks for need not be theirs: not this teacher's class, report or entry."""
    of_a_link = (
        "accounts.set_password",
        "schools.confirm",
        "schools.confirm_email",
        "email.confirm",
        "email.choices",
        "email.stopping",
    )
    if route.endpoint in of_a_link or route.endpoint == "reports.chart":
        return status in (403, 404)  # nobody has this link; some reports have no chart
    if route.endpoint in ("voice.found_sound", "voice.synthetic_sound"):
        return status == 404  # nothing waits to be listened to, and no clip is on this machine
    if route.endpoint == "voice.recording_sound":
        return status == 404 and who == "platform operator"  # this one is a school's own
    if who == "teacher":
        return status in (403, 404) and (bool(route.of_a_school) or route.endpoint.startswith("reports."))
    return (
        who == "class teacher"
        and status in (400, 403, 404)
        and route.endpoint.startswith(("reports.", "lessons.", "entries."))
    )


def mixtures(route: Route, own: Ids, others: Ids) -> Iterator[Ids]:
    """All ids another's; and where a route has several, each alone."""
    yield others
    if len(route.of_a_school) > 1:
        for name in route.of_a_school:
            yield own | {name: others[name]}


def alone(route: Route, who: str) -> tuple[str, ...]:
    """Fields to be sent as the only foreign one, by who may do most with the others."""
    if who != "principal":
        return ()
    if route.method == "GET":
        return ("class_id", "student_id", "staff_id", "subject_id") if route.endpoint.startswith("reports.") else ()
    return (
        *("class_id", "subject_id", "teacher", "subject", "class", "invited", "event", "audience"),
        *("copy_of", "source", "student"),
    )
