"""Hearing a text before it is saved: who may, what is read, how long it takes, and that nothing is kept."""

import base64
import io
import re
import threading
import time
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import pytest
from flask_openapi3.openapi import OpenAPI
from pydub import AudioSegment
from sqlalchemy import func, select

from db.models import SchoolEvent
from db.session import Database
from prompts import preview
from prompts.preview import BusyError
from settings import Settings
from tests.admin_web.conftest import ADMINISTRATOR, CLASS_TEACHER_OF_8A, MATHS, OPERATOR, PRINCIPAL, Browser

SignedIn = Callable[[str], Browser]
EVENT = {"hear": "event", "title": "Среща за II срок", "place": "каб. 12", "on": "2026-12-10", "at": "18:30"}


def sound_of(page: str) -> AudioSegment:
    """What the page's player plays."""
    found = re.search(r'<audio controls src="data:audio/mpeg;base64,([^"]+)"', page)
    assert found
    return AudioSegment.from_file(io.BytesIO(base64.b64decode(found[1])), format="mp3")


def seconds_told(page: str) -> int:
    found = re.search(r"Трае (\d+) секунд", page)
    assert found
    return int(found[1])


def test_a_meeting_is_heard_as_the_telephone_will_say_it_and_is_not_announced(
    signed_in: SignedIn, demonstration: Database
) -> None:
    def events() -> int | None:
        with demonstration.reading() as session:
            return session.scalar(select(func.count(SchoolEvent.id)))

    browser, before = signed_in(CLASS_TEACHER_OF_8A), events()
    browser.get("/events/new")
    page = unescape(browser.post("/listen/", EVENT | {"text": "Носете 10 €, тел. 0888 123 456."}, status=200))
    assert "Среща за втори срок" in page
    assert "осемнадесет часа и тридесет минути" in page
    assert "кабинет дванадесет" in page
    assert "Носете десет евро, телефон нула осем осем осем, едно две три, четири пет шест." in page
    sound = sound_of(page)
    assert abs(sound.duration_seconds - seconds_told(page)) < 1
    assert sound.dBFS > -40
    assert events() == before


@pytest.mark.parametrize(
    ("hear", "fields", "words"),
    [
        ("texts", {"text": "Закъсня с 15 мин."}, "Закъсня с петнадесет минути."),
        ("texts", {"title": "Утре няма вода", "text": "До 18 ч."}, "Утре няма вода. До осемнадесет часа."),
        ("remarks", {"r12": "Чете на 100%", "p13": "Браво 👏", "g12": "6"}, "Чете на сто процента. Браво."),
        ("phrases", {"censure": "Без тетрадка\nЗакъснява", "praise": "Помага"}, "Без тетрадка. Закъснява. Помага."),
        ("nonsense", {"text": "Да"}, "Да."),
    ],
)
def test_each_form_is_heard(signed_in: SignedIn, hear: str, fields: dict[str, str], words: str) -> None:
    browser = signed_in(MATHS)
    browser.get("/events/new")
    assert words in unescape(browser.post("/listen/", fields | {"hear": hear}, status=200))


@pytest.mark.parametrize(
    ("text", "told"), [("", "първо напишете"), ("  …  ", "първо напишете"), ("дълго " * 400, "твърде дълъг")]
)
def test_nothing_or_too_much_is_told_in_a_sentence(signed_in: SignedIn, text: str, told: str) -> None:
    browser = signed_in(PRINCIPAL)
    browser.get("/events/new")
    assert told in browser.post("/listen/", {"hear": "texts", "text": text}, status=400)


def test_strangers_and_forged_forms_are_refused(signed_in: SignedIn, browser: Browser) -> None:
    browser.get("/sign-in")
    browser.post("/listen/", {"text": "Да"}, status=401)
    operator = signed_in(OPERATOR)
    operator.get("/profile")
    operator.post("/listen/", {"text": "Да"}, status=403)
    teacher = signed_in(MATHS)
    teacher.get("/events/new")
    assert teacher.answer("POST", "/listen/", data={"text": "Да"}).status_code == 400


def test_one_person_cannot_keep_the_voice_busy(app: OpenAPI, signed_in: SignedIn) -> None:
    browser, other = signed_in(ADMINISTRATOR), signed_in(PRINCIPAL)
    app.config.update(RATELIMIT_ENABLED=True, WTF_CSRF_ENABLED=False)
    answers = [browser.answer("POST", "/listen/", data={"text": ""}).status_code for _ in range(14)]
    assert answers == [400] * 12 + [429] * 2
    assert other.answer("POST", "/listen/", data={"text": ""}).status_code == 400


class Slow:
    """A voice that takes its time."""

    workers = 1

    def __init__(self, release: threading.Event) -> None:
        self._release = release

    def speak(self, text: str) -> AudioSegment:
        self._release.wait(20)
        return AudioSegment.silent(500, 8000)


@pytest.fixture
def slow_voice(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    release = threading.Event()
    monkeypatch.setattr(preview, "prepared_voice", lambda _settings: Slow(release))
    yield release
    release.set()


@pytest.mark.usefixtures("slow_voice")
def test_a_slow_engine_holds_nobody_up(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    started = time.monotonic()
    for _ in range(preview.AT_ONCE + 1):  # the last one finds no free slot
        with pytest.raises(BusyError):
            preview.preview(settings, [("Нещо ново.",)], within=0.2)
    assert time.monotonic() - started < 3
