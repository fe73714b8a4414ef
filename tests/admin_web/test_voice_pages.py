"""The voice's pages: who records what by them, a long recording from its upload to its keeping, and editions."""

import io
import re
from collections.abc import Iterator

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import delete, select, update
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from db.models import Audit, FoundPiece, Recording, School, VoiceEdition, VoiceInUse
from db.session import Database
from prompts.clips import Clips
from prompts.edition import Edition
from prompts.recording.script import script
from school.recordings import editions, lines, long_recordings, passes
from settings import Settings
from tests.admin_web.conftest import ADMINISTRATOR, MATHS, OPERATOR, PRINCIPAL, Browser
from tests.admin_web.test_own_class import SignedIn
from tests.school.conftest import NOW
from tests.school.recordings.test_recordings import spoken

A_LINE = spoken((100, 0), (900, 0.3), (100, 0))
GREETING = next(one for one in script() if one.name == "greeting")
NUMBER = "0882818906"


@pytest.fixture(autouse=True)
def nothing_recorded(demonstration: Database) -> Iterator[None]:
    """The demonstration is one for all tests."""
    yield
    with demonstration.session() as session:
        session.execute(delete(VoiceInUse))
        for table in (VoiceEdition, FoundPiece, Recording):
            session.execute(delete(table))
        session.execute(update(School).values(greeting=None))


def send(browser: Browser, address: str, content: bytes, *, status: int = 302, **fields: str) -> str:
    """Hand in a form with a file. Encoded here: the test client leaves the file of a large form open."""
    values = {"csrf_token": browser._token, **fields, "file": FileStorage(io.BytesIO(content), "line.wav")}
    boundary, body = encode_multipart(values)
    kind = f"multipart/form-data; boundary={boundary}"
    answer = browser.answer("POST", address, data=body, content_type=kind)
    assert answer.status_code == status, answer.text
    return answer.text


def upload(browser: Browser, number: int, content: bytes = A_LINE, *, status: int = 302) -> str:
    page = browser.get(f"/voice/lines/{number}")
    name = re.search(r'name="name" value="([^"]+)"', page)
    assert name
    return send(browser, f"/voice/lines/{number}", content, name=name[1], status=status)


def recorded(demonstration: Database, school_id: int | None = None) -> set[str]:
    with demonstration.reading() as session:
        return set(lines.recorded(session, school_id))


@pytest.fixture
def school_id(demonstration: Database) -> int:
    with demonstration.reading() as session:
        return session.scalars(select(School.id)).one()


def test_the_operator_records_a_line_hears_it_and_drops_it(demonstration: Database, signed_in: SignedIn) -> None:
    operator = signed_in(OPERATOR)
    assert f"Записани: 0 от {len(script())}" in operator.get("/voice/")
    upload(operator, GREETING.number)
    assert recorded(demonstration) == {"greeting"}
    page = operator.get(f"/voice/lines/{GREETING.number}")
    address = re.search(r'<audio [^>]*src="(/voice/recordings/\d+\.wav)"', page)
    assert address
    answer = operator.answer("GET", address[1])
    assert (answer.status_code, answer.mimetype) == (200, "audio/wav")
    with demonstration.reading() as session:
        assert answer.data == session.scalars(select(Recording.sound)).one()
        action, by = session.execute(
            select(Audit.action, Audit.staff_id).where(Audit.action.startswith("recording.")).order_by(Audit.id)
        ).all()[-1]
    assert (action, by is not None) == ("recording.kept", True)
    assert f"Записани: 1 от {len(script())}" in operator.get("/voice/")
    operator.get(f"/voice/lines/{GREETING.number}")
    operator.post(f"/voice/lines/{GREETING.number}/drop", name="greeting")
    assert recorded(demonstration) == set()
    assert operator.answer("GET", address[1]).status_code == 404


def test_a_section_is_paged_and_can_show_what_is_missing_only(signed_in: SignedIn) -> None:
    operator = signed_in(OPERATOR)
    sections = re.findall(r'href="(/voice/sections/\d+)"', operator.get("/voice/"))
    seen: list[int] = []
    for address in sections:
        page = operator.get(address)
        while True:
            assert len(page.encode()) < 60_000
            seen += map(int, re.findall(r'href="/voice/lines/(\d+)"', page))
            following = re.search(r'href="([^"]+)">Следващи<', page)
            if not following:
                break
            page = operator.get(following[1].replace("&amp;", "&"))
    assert seen == [one.number for one in script()]
    upload(operator, GREETING.number)
    first = sections[[one.section for one in script()].index(GREETING.section) and 0]
    assert f'href="/voice/lines/{GREETING.number}"' in operator.get(first)
    assert f'href="/voice/lines/{GREETING.number}"' not in operator.get(f"{first}?missing=1")
    operator.get("/voice/sections/0", status=404)
    operator.get(f"/voice/sections/{len(sections) + 1}", status=404)


def test_the_synthetic_clip_is_played_if_it_is_on_this_machine(app: OpenAPI, signed_in: SignedIn) -> None:
    operator = signed_in(OPERATOR)
    address = f"/voice/lines/{GREETING.number}/synthetic.wav"
    assert address not in operator.get(f"/voice/lines/{GREETING.number}")
    operator.get(address, status=404)
    settings: Settings = app.config["ESCHOOL"]
    clip = Clips(settings, Edition()).path_of(GREETING.text)
    clip.parent.mkdir(parents=True, exist_ok=True)
    clip.write_bytes(b"\xd5" * 1600)
    assert address in operator.get(f"/voice/lines/{GREETING.number}")
    answer = operator.answer("GET", address)
    assert answer.data[:4] == b"RIFF"
    assert len(answer.data) == 44 + 2 * 1600


def test_a_schools_leaders_record_its_name_and_greeting_only(
    demonstration: Database, school_id: int, signed_in: SignedIn
) -> None:
    with demonstration.session() as session:
        session.execute(update(School).values(greeting="Добре дошли!"))
    for login in (PRINCIPAL, ADMINISTRATOR):
        leader = signed_in(login)
        page = leader.get("/voice/")
        assert "Добре дошли!" in page
        assert len(set(re.findall(r"/voice/lines/(\d+)", page))) == 2
        assert "/voice/publish" not in page
        upload(leader, 2)
        leader.get("/voice/lines/3", status=404)
        leader.get("/voice/lines/2")
        send(leader, "/voice/lines/2", A_LINE, name="greeting", status=404)
        for address in ("/voice/publish", "/voice/use"):
            leader.post(address, status=403)
    assert len(recorded(demonstration, school_id)) == 1
    assert recorded(demonstration) == set()
    with demonstration.reading() as session:
        own = session.scalars(select(Recording.id)).one()
    signed_in(OPERATOR).get(f"/voice/recordings/{own}.wav", status=404)
    signed_in(MATHS).get(f"/voice/recordings/{own}.wav", status=403)
    signed_in(MATHS).get("/voice/", status=403)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Не е избран файл"),
        (b"not a sound", "не е звуков файл"),
        (spoken((900, 0)), "нищо не се чува"),
        (spoken((61_500, 0.3)), "по-дълъг от 60 секунди"),
    ],
    ids=["none", "text", "silence", "long"],
)
def test_a_file_that_is_no_recording_is_refused_in_a_sentence(
    demonstration: Database, signed_in: SignedIn, content: bytes, words: str
) -> None:
    assert words in upload(signed_in(OPERATOR), 1, content, status=422)
    assert recorded(demonstration) == set()


def test_a_long_recording_is_listened_to_and_kept_as_a_whole(demonstration: Database, signed_in: SignedIn) -> None:
    operator = signed_in(OPERATOR)
    content = spoken((300, 0), (1500, 0.3), (900, 0), (1500, 0.3), (900, 0), (6000, 0.3), (300, 0))
    operator.get("/voice/long")
    send(operator, "/voice/long", content, first="1", last="3")
    page = operator.get("/voice/found")
    assert page.count("<audio") == 3
    assert "съмнителен" in page
    assert recorded(demonstration) == set()
    assert operator.answer("GET", "/voice/found/2.wav").data[:4] == b"RIFF"
    operator.get("/voice/found/4.wav", status=404)
    assert "чака да го прослушате" in operator.get("/voice/")
    operator.post("/voice/found/discard")
    assert operator.answer("GET", "/voice/found").location == "/voice/long"
    assert recorded(demonstration) == set()
    operator.get("/voice/long")
    send(operator, "/voice/long", content, first="1", last="3")
    operator.get("/voice/found")
    operator.post("/voice/found/keep")
    assert recorded(demonstration) == {one.name for one in script()[:3]}
    operator.post("/voice/found/keep")
    assert "Записът вече не се пази" in operator.get("/voice/long")


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [("1", "9", "звука за 9 реда"), ("0", "0", "Няма такива редове"), ("x", "", "Няма такива"), ("1", "900", "повече")],
)
def test_a_long_recording_that_does_not_fit_its_lines_is_refused(
    demonstration: Database, signed_in: SignedIn, first: str, last: str, words: str
) -> None:
    operator = signed_in(OPERATOR)
    operator.get("/voice/long")
    page = send(operator, "/voice/long", A_LINE, first=first, last=last, status=422)
    assert words in page
    with demonstration.reading() as session:
        assert not session.scalars(select(FoundPiece.number)).all()


def test_only_a_long_recording_may_be_large_and_only_of_who_may_record(
    app: OpenAPI, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = bytes(13 * 2**20)
    operator = signed_in(OPERATOR)
    operator.get("/voice/long")
    page = send(operator, "/voice/long", large, first="1", last="1", status=422)
    assert "не е звуков файл" in page
    assert "до 12 мегабайта" in upload(operator, 1, large, status=413)
    for browser, status in ((signed_in(MATHS), 413), (Browser(app.test_client()), 413)):
        send(browser, "/voice/long", large, status=status)
    monkeypatch.setattr(app.view_functions["voice.long"], "largest_upload", 12 * 2**20 + 1)
    assert "до 12 мегабайта" in send(operator, "/voice/long", large, status=413)


def test_the_operator_publishes_goes_back_and_returns_to_the_engine(
    demonstration: Database, signed_in: SignedIn
) -> None:
    def used() -> int | None:
        with demonstration.reading() as session:
            return editions.in_use(session)

    operator = signed_in(OPERATOR)
    operator.get("/voice/")
    operator.post("/voice/publish")
    assert "Още нищо не е записано" in operator.get("/voice/")
    upload(operator, 1)
    operator.get("/voice/")
    operator.post("/voice/publish")
    first = used()
    assert first is not None
    operator.post("/voice/publish")
    second = used()
    assert second not in (first, None)
    page = operator.get("/voice/")
    assert page.count("<b>използва се</b>") == 1
    operator.post("/voice/use", edition=str(first))
    assert used() == first
    for wrong in ("x", "-1", "9" * 30):
        operator.post("/voice/use", edition=wrong)
        assert "Няма такова издание." in operator.get("/voice/")
    operator.post("/voice/use", edition=str(second + 4711), status=404)
    assert used() == first
    operator.get("/voice/")
    operator.post("/voice/use", edition="")
    assert used() is None


def test_the_number_and_a_code_are_shown_once_where_there_is_a_number(
    app: OpenAPI, demonstration: Database, signed_in: SignedIn, school_id: int
) -> None:
    leader = signed_in(PRINCIPAL)
    assert "код за запис по телефона" not in leader.get("/voice/")
    leader.post("/voice/pass", status=404)
    app.config["ESCHOOL"] = app.config["ESCHOOL"].model_copy(update={"recording_number": NUMBER})
    assert NUMBER in leader.get("/voice/")
    code = re.search(r'<b id="code">(\d{6})</b>', leader.post("/voice/pass", status=200))
    assert code
    assert code[1] not in leader.get("/voice/")
    with demonstration.session() as session:
        desk = passes.open_desk(session, None, code[1], NOW)
    assert isinstance(desk, passes.Desk)
    assert desk.school_id == school_id


def test_the_text_to_read_is_a_pdf(signed_in: SignedIn) -> None:
    for login in (OPERATOR, PRINCIPAL):
        answer = signed_in(login).answer("GET", "/voice/script.pdf?phrases=1")
        assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
        assert answer.data.startswith(b"%PDF-")


def test_another_person_of_the_school_does_not_hear_what_waits(demonstration: Database, signed_in: SignedIn) -> None:
    leader = signed_in(PRINCIPAL)
    leader.get("/voice/long")
    send(leader, "/voice/long", A_LINE, first="1", last="1")
    assert leader.answer("GET", "/voice/found/1.wav").status_code == 200
    assert signed_in(ADMINISTRATOR).answer("GET", "/voice/found/1.wav").status_code == 404
    with demonstration.session() as session:
        session.execute(update(FoundPiece).values(uploaded_at=NOW - long_recordings.KEPT * 2))
    assert leader.answer("GET", "/voice/found/1.wav").status_code == 404
