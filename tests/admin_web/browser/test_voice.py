"""The operator lends the telephone a voice in the browser: uploads, listens, and puts the recordings into use."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator

from devtools.browser import Window
from devtools.site import Site
from prompts.recording.script import script
from school.recordings import editions, lines
from tests.admin_web.browser import axe, html
from tests.admin_web.conftest import OPERATOR
from tests.school.recordings.test_recordings import spoken

PLAYED = """async (audio) => {
  await new Promise((done, failed) => {
    audio.onerror = () => failed(new Error("the sound cannot be played"));
    audio.onended = done;
    audio.muted = true;
    audio.play().catch(failed);
  });
  return audio.duration;
}"""


def played(audio: Locator) -> float:
    """Played and not only fetched: what the browser may not load, or cannot read, ends in an error."""
    return float(audio.evaluate(PLAYED))


def test_a_voice_is_uploaded_heard_and_put_into_use(window: Callable[..., Window], site: Site, tmp_path: Path) -> None:
    (tmp_path / "line.wav").write_bytes(spoken((100, 0), (900, 0.3), (100, 0)))
    (tmp_path / "long.wav").write_bytes(spoken((300, 0), (1500, 0.3), (900, 0), (6000, 0.3), (300, 0)))
    operator = window()
    page = operator.page
    operator.enter_as(OPERATOR)
    page.get_by_role("link", name="Глас", exact=True).first.click()
    page.get_by_role("link", name=script()[0].section).click()
    page.get_by_role("link", name=script()[0].text).click()
    page.get_by_label("Звуков файл").set_input_files(tmp_path / "line.wav")
    page.get_by_role("button", name="Запази записа").click()
    page.get_by_text("Записът е запазен.").wait_for()
    assert 0.9 <= played(page.get_by_label("Записан глас")) <= 1.2
    operator.shoot("voice-line")

    page.goto(f"{site.url}/voice/long")
    page.get_by_label("Първи ред").fill("2")
    page.get_by_label("Последен ред").fill("3")
    page.get_by_label("Звуков файл").set_input_files(tmp_path / "long.wav")
    page.get_by_role("button", name="Раздели записа на редове").click()
    page.get_by_role("heading", name="Намерени редове").wait_for()
    assert 1.4 <= played(page.get_by_label("Намерен ред 2")) <= 1.8
    assert page.get_by_text("съмнителен", exact=True).count() >= 1
    assert not axe.faults(page)
    markup = tmp_path / "markup"
    markup.mkdir()
    (markup / "found.html").write_text(page.content(), "utf-8")
    assert not html.faults(markup)
    operator.shoot("voice-found")
    page.get_by_role("button", name="Запази всички").click()
    page.get_by_text("Всички редове са запазени.").wait_for()

    page.get_by_role("button", name="Пусни записаното като ново издание").click()
    page.get_by_text("Изданието е пуснато.").wait_for()
    operator.shoot("voice")
    with site.database() as database, database.reading() as session:
        used = editions.in_use(session)
        assert used is not None
        assert {one.name for one in editions.contents(session, used)} == {one.name for one in script()[:3]}
        assert set(lines.recorded(session, None)) == {one.name for one in script()[:3]}
    page.get_by_role("button", name="Използвай само синтезирания глас").click()
    page.get_by_text("Гласът е сменен.").wait_for()
    with site.database() as database, database.reading() as session:
        assert editions.in_use(session) is None
