"""A teacher enters a class: by keyboard, without a connection, beside another teacher."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Route

from db.kinds import AbsenceKind
from devtools.browser import Window
from devtools.site import LEADER, TEACHER, Site, sheet_address
from tests.admin_web.browser.lesson import absences_of_lesson, grades_since, type_a_grade_each, wait_until_saved

Windows = Callable[..., Window]
KEY_SECONDS = 0.15
"""What a hurried teacher needs for one key."""
PATIENT_FOR = 6_000.0
"""Milliseconds after which the page would have tried once more."""


def press_cyrillic(window: Window, letter: str) -> None:
    """A key of a Bulgarian keyboard: Playwright knows the keys of an American one only."""
    keys = window.context.new_cdp_session(window.page)
    for kind in ("keyDown", "keyUp"):
        keys.send("Input.dispatchKeyEvent", {"type": kind, "key": letter})
    keys.detach()


def test_a_class_of_26_takes_less_than_half_a_minute_by_keyboard(window: Windows, site: Site) -> None:
    teacher = window()
    teacher.enter_as(TEACHER)
    teacher.page.get_by_role("link", name="Уроци").first.click()
    teacher.page.get_by_role("heading", name="Уроци").first.wait_for()
    teacher.open(sheet_address(site, 1))
    began = time.monotonic()
    typed = type_a_grade_each(teacher, "5")
    students = teacher.page.locator(".grade").count()
    teacher.page.keyboard.press("Control+Enter")
    said = wait_until_saved(teacher)
    seconds = time.monotonic() - began + 2 * students * KEY_SECONDS
    assert seconds * 26 / students < 30
    assert f"{typed} записа" in said
    assert grades_since(site, site.now, "5") == typed >= 20
    teacher.shoot("lesson-saved")


def test_absent_and_late_are_one_key_each(window: Windows, site: Site) -> None:
    teacher = window()
    teacher.enter_as(TEACHER)
    teacher.open(sheet_address(site, 2))
    names = teacher.page.locator("tbody th[scope=row] a").all_inner_texts()
    press_cyrillic(teacher, "о")
    press_cyrillic(teacher, "з")
    teacher.page.keyboard.press("Control+Enter")
    wait_until_saved(teacher)
    found = absences_of_lesson(site, 2)
    assert {name: found[name] for name in names[:2]} == dict(
        zip(names[:2], (AbsenceKind.UNEXCUSED, AbsenceKind.LATE), strict=True)
    )


def test_a_lost_connection_loses_nothing_and_sends_it_once(window: Windows, site: Site) -> None:
    teacher = window()
    teacher.enter_as(TEACHER)
    teacher.open(sheet_address(site, 3))
    before = grades_since(site, site.now, "4")
    teacher.context.set_offline(True)
    typed = type_a_grade_each(teacher, "4")
    teacher.page.keyboard.press("Control+Enter")
    teacher.page.get_by_text("Няма връзка").wait_for()
    teacher.shoot("lesson-offline")
    assert grades_since(site, site.now, "4") == before
    teacher.context.set_offline(False)
    wait_until_saved(teacher)
    assert grades_since(site, site.now, "4") == before + typed


def test_what_was_typed_is_there_after_the_browser_is_closed(window: Windows, site: Site) -> None:
    teacher = window()
    teacher.enter_as(TEACHER)
    teacher.open(sheet_address(site, 4))
    teacher.page.keyboard.type("6")
    kept = teacher.context.storage_state()
    teacher.page.close()
    again = Window(teacher.context.new_page(), site, "again")
    again.open(sheet_address(site, 4))
    assert again.page.locator(".grade").first.input_value() == "6"
    draft = str(kept["origins"])
    name = again.page.locator("tbody th[scope=row] a").first.inner_text()
    assert name.split()[0] not in draft  # ids and grades only: others use this computer too


def test_an_answer_that_never_arrives_repeats_nothing(window: Windows, site: Site) -> None:
    teacher = window()
    teacher.enter_as(TEACHER)
    teacher.open(sheet_address(site, 5))
    lost: list[int] = []

    def lose_the_first_answer(route: Route) -> None:
        if not lost:
            lost.append(route.fetch().status)  # the server has it
            route.abort("connectionreset")
        else:
            route.continue_()

    teacher.page.route("**/lessons/save", lose_the_first_answer)
    before = grades_since(site, site.now, "3")
    typed = type_a_grade_each(teacher, "3")
    teacher.page.keyboard.press("Control+Enter")
    wait_until_saved(teacher)
    assert lost == [200]
    assert grades_since(site, site.now, "3") == before + typed


def test_two_teachers_do_not_overwrite_each_other_silently(window: Windows, site: Site) -> None:
    first, second = window(), window()
    first.enter_as(TEACHER)
    second.enter_as(LEADER)
    for one in (first, second):
        one.open(sheet_address(site, 6))
    name = first.page.locator("tbody th[scope=row] a").first.inner_text()
    first.page.locator(".absence").first.select_option("late")
    first.page.keyboard.press("Control+Enter")
    wait_until_saved(first)
    second.page.locator(".absence").first.select_option("unexcused")
    second.page.keyboard.press("Control+Enter")
    said = wait_until_saved(second)
    assert "друг го е променил междувременно" in said
    assert name in said
    assert absences_of_lesson(site, 6)[name] is AbsenceKind.LATE
    assert second.page.locator(".absence").first.input_value() == "late"
    second.shoot("lesson-conflict")


def test_a_wrong_grade_is_shown_where_it_stands_and_nothing_is_saved(window: Windows, site: Site) -> None:
    teacher = window()
    teacher.enter_as(TEACHER)
    teacher.open(sheet_address(site, 7))
    teacher.page.keyboard.type("7")
    teacher.page.keyboard.press("Control+Enter")
    wrong = teacher.page.locator('.grade[aria-invalid="true"]')
    wrong.wait_for()
    assert teacher.page.evaluate("document.activeElement.name") == wrong.get_attribute("name")
    assert not teacher.page.locator("#saved").is_visible()


def test_a_refused_term_grade_is_shown_at_its_student_and_is_not_sent_again(window: Windows, site: Site) -> None:
    teacher = window()
    teacher.enter_as(TEACHER)
    teacher.open(sheet_address(site, 9))
    teacher.page.locator("#kind").select_option("term")
    teacher.page.locator("input.grade").nth(2).fill("4")
    teacher.page.keyboard.press("Control+Enter")
    wait_until_saved(teacher)
    sent: list[int] = []
    teacher.page.on("response", lambda answer: sent.append(answer.status) if "/lessons/save" in answer.url else None)
    teacher.page.locator("#kind").select_option("term")
    before = grades_since(site, site.now, "5")
    typed = type_a_grade_each(teacher, "5")
    teacher.page.keyboard.press("Control+Enter")
    wrong = teacher.page.locator("tbody .wrong")
    wrong.wait_for()
    assert "вече има такава срочна" in wrong.inner_text()
    taken = teacher.page.locator("input.grade").nth(2)
    assert teacher.page.evaluate("document.activeElement.name") == taken.get_attribute("name")
    assert teacher.page.locator("input.grade").nth(3).input_value() == "5"
    teacher.shoot("lesson-refused")
    teacher.page.wait_for_timeout(PATIENT_FOR)
    assert sent == [422]
    assert grades_since(site, site.now, "5") == before
    taken.fill("")
    assert wrong.count() == 0
    teacher.page.keyboard.press("Control+Enter")
    wait_until_saved(teacher)
    assert grades_since(site, site.now, "5") == before + typed - 1


@pytest.mark.parametrize("status", [500, 413, 429])
def test_what_no_later_try_can_mend_is_told_and_not_sent_again(window: Windows, site: Site, status: int) -> None:
    teacher = window()
    teacher.enter_as(TEACHER)
    teacher.open(sheet_address(site, 10))
    tries: list[str] = []

    def fail(route: Route) -> None:
        tries.append(route.request.method)
        route.fulfill(status=status, content_type="text/html", body="<h1>Bad</h1>")

    teacher.page.route("**/lessons/save", fail)
    type_a_grade_each(teacher, "6")
    teacher.page.keyboard.press("Control+Enter")
    teacher.page.get_by_text("Презаредете страницата и запишете отново").wait_for()
    teacher.page.wait_for_timeout(PATIENT_FOR)
    assert tries == ["POST"]
    assert teacher.page.locator("input.grade").first.input_value() == "6"


def test_a_server_that_is_away_for_a_moment_is_asked_again(window: Windows, site: Site) -> None:
    teacher = window()
    teacher.enter_as(TEACHER)
    teacher.open(sheet_address(site, 11))
    tries: list[str] = []

    def away_at_first(route: Route) -> None:
        tries.append(route.request.method)
        if len(tries) == 1:
            route.fulfill(status=503, content_type="text/html", body="")
        else:
            route.continue_()

    teacher.page.route("**/lessons/save", away_at_first)
    type_a_grade_each(teacher, "2")
    teacher.page.keyboard.press("Control+Enter")
    teacher.page.get_by_text("Няма връзка").wait_for()
    wait_until_saved(teacher)
    assert len(tries) == 2
