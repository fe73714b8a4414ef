"""What a parent reads: letters as they go over the line, parsed by the standard library and by icalendar."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from icalendar import Calendar

from db.events import EventRef
from db.kinds import EventChange, EventKind, Language, MessagePurpose
from devtools.mailbox import body
from mail.composing import Composer
from runtime.localtime import SOFIA
from school.outbox import Outgoing
from school.outbox.contents import CalendarEvent, Contents, Piece
from school.wording.letters import NewsLine
from school.wording.plain_letters import Action, Listing, Paragraph, read, written
from settings import Settings

NOW = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
GRADE = "Математика – Отличен (6), тест, 24.11"
MEETING = CalendarEvent(
    EventRef(EventKind.MEETING, 7),
    "Родителска среща, 8а",
    "стая 12",
    "Носете бележник.",
    datetime(2026, 12, 3, 18, 30, tzinfo=SOFIA).astimezone(UTC),
    NOW,
)


def composer(home: Path, **more: str) -> Composer:
    return Composer(
        Settings(
            home=home,
            secret_key="a key for tests that is long enough to be one",
            public_url="https://e-school.example",
            **more,  # type: ignore[arg-type]
        )
    )


def piece(
    line: str,
    *,
    child: str = "Мария",
    student_id: int = 1,
    kind: EventKind = EventKind.GRADE,
    event_id: int = 1,
    change: EventChange = EventChange.RECORDED,
) -> Piece:
    return Piece(
        NewsLine(event_id, student_id, child, "8а", EventRef(kind, event_id), line), change, "СУ „Христо Ботев“"
    )


def compose(
    home: Path,
    *pieces: Piece,
    text: str = "",
    language: Language = Language.BULGARIAN,
    subscriber_id: int | None = 5,
    school_events: tuple[CalendarEvent, ...] = (),
    address: str = "maika@example.org",
    **settings: str,
) -> EmailMessage:
    message = Outgoing(41, address, None, text, False, False, False, 1, NOW + timedelta(days=1), frozenset())
    contents = Contents(41, MessagePurpose.NOTIFICATION, subscriber_id, language, NOW, pieces)
    data = composer(home, **settings).compose(message, contents, {one.ref.id: one for one in school_events})
    assert all(len(line) <= 998 for line in data.split(b"\r\n"))
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert data.isascii()
    parsed = message_from_bytes(data, policy=default)
    assert isinstance(parsed, EmailMessage)
    return parsed


class TestNews:
    def test_one_grade(self, tmp_path: Path) -> None:
        letter = compose(tmp_path, piece(GRADE))
        assert letter["Subject"] == "Мария: нова оценка"
        assert str(letter["From"]) == "СУ „Христо Ботев“ – InfoServ e-School <no-reply@e-school.example>"
        assert letter["To"] == "maika@example.org"
        assert body(letter, "plain").startswith(f"Мария:\n– {GRADE}\n")
        assert f'<li style="margin:4px 0">{GRADE}</li>' in body(letter, "html")
        assert '<html lang="bg">' in body(letter, "html")

    def test_several_children_each_have_their_list_and_what_concerns_both_is_said_once(self, tmp_path: Path) -> None:
        both = "Коледен концерт, петък 18.12, 17:00 ч."
        letter = compose(
            tmp_path,
            piece(GRADE),
            piece("Закъснение (1/2 отсъствие): БЕЛ, 1. час, 24.11", kind=EventKind.ABSENCE, event_id=2),
            piece(GRADE.replace("6", "5"), child="Иван", student_id=2, event_id=3),
            piece(both, kind=EventKind.EVENT, event_id=9),
            piece(both, child="Иван", student_id=2, kind=EventKind.EVENT, event_id=9),
        )
        text = body(letter, "plain")
        assert letter["Subject"] == "Иван, Мария: 4 новини от училище"
        assert text.count(both) == 1
        assert "Иван, Мария:\n– Коледен" in text

    @pytest.mark.parametrize(
        ("change", "subject"),
        [(EventChange.CORRECTED, "Мария: поправена оценка"), (EventChange.DELETED, "Мария: отменена оценка")],
    )
    def test_corrections_say_so(self, tmp_path: Path, change: EventChange, subject: str) -> None:
        assert compose(tmp_path, piece(GRADE, change=change))["Subject"] == subject

    def test_in_english(self, tmp_path: Path) -> None:
        letter = compose(tmp_path, piece("Maths – Excellent (6)"), language=Language.ENGLISH)
        assert letter["Subject"] == "Мария: a new grade"
        assert "Stop these letters: https://" in body(letter, "plain")

    def test_markup_in_a_remark_is_shown_and_not_obeyed(self, tmp_path: Path) -> None:
        letter = compose(tmp_path, piece('Забележка: <script>alert(1)</script> & "<b>"', kind=EventKind.REMARK))
        assert "<script>" not in body(letter, "html")
        assert "&lt;script&gt;" in body(letter, "html")

    def test_a_name_with_a_line_break_forges_no_header(self, tmp_path: Path) -> None:
        letter = compose(tmp_path, piece(GRADE, child="Мария\r\nBcc: x@example.org"))
        assert letter["Bcc"] is None


class TestHeaders:
    def test_one_click_to_stop(self, tmp_path: Path) -> None:
        letter = compose(tmp_path, piece(GRADE))
        link = str(letter["List-Unsubscribe"])
        assert link.startswith("<https://e-school.example/email/5-")
        assert link.endswith("/stop>")
        assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert link.strip("<>") in body(letter, "plain")
        assert letter["Auto-Submitted"] == "auto-generated"

    def test_a_letter_to_no_subscriber_has_nothing_to_stop(self, tmp_path: Path) -> None:
        letter = compose(tmp_path, text="Покана\n\nЗдравейте!", subscriber_id=None)
        assert letter["List-Unsubscribe"] is None
        assert "/email/" not in body(letter, "html")

    def test_the_message_id_is_the_same_on_every_attempt_and_of_every_letter_another(self, tmp_path: Path) -> None:
        first, again = compose(tmp_path, piece(GRADE)), compose(tmp_path, piece(GRADE))
        other = compose(tmp_path, piece(GRADE), address="bashta@example.org")
        assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]
        assert str(first["Message-ID"]).endswith("@e-school.example>")

    def test_the_senders_settings_hold(self, tmp_path: Path) -> None:
        letter = compose(tmp_path, piece(GRADE), mail_from="news@school.example", mail_reply_to="help@school.example")
        assert (letter["From"].addresses[0].addr_spec, letter["Reply-To"]) == (
            "news@school.example",
            "help@school.example",
        )


class TestCalendars:
    def calendars(self, letter: EmailMessage) -> list[Any]:
        parts = [part for part in letter.iter_attachments() if part.get_content_type() == "text/calendar"]
        return [Calendar.from_ical(str(part.get_content())) for part in parts]

    def test_a_meeting_is_in_the_calendar_at_its_hour_in_sofia(self, tmp_path: Path) -> None:
        told = piece("Родителска среща, 8а, четвъртък 03.12, 18:30 ч., стая 12", kind=EventKind.MEETING, event_id=7)
        letter = compose(tmp_path, told, school_events=(MEETING,))
        (calendar,) = self.calendars(letter)
        (event,) = calendar.walk("VEVENT")
        assert calendar["METHOD"] == "PUBLISH"
        assert event.decoded("dtstart") == MEETING.starts_at
        assert event["dtstart"].params["TZID"] == "Europe/Sofia"
        assert calendar.walk("VTIMEZONE")
        assert (event["summary"], event["location"]) == ("Родителска среща, 8а", "стая 12")
        assert event["uid"] == "school-event-7@e-school.example"
        assert "Носете бележник." in body(letter, "plain")

    def test_a_correction_has_the_same_uid_and_a_higher_sequence(self, tmp_path: Path) -> None:
        told = piece("Родителска среща", kind=EventKind.MEETING, event_id=7, change=EventChange.CORRECTED)
        later = CalendarEvent(*(MEETING.ref, MEETING.title, "стая 14", "", MEETING.starts_at, NOW + timedelta(hours=1)))
        events = [
            self.calendars(compose(tmp_path, told, school_events=(one,)))[0].walk("VEVENT")[0]
            for one in (MEETING, later)
        ]
        assert events[0]["uid"] == events[1]["uid"]
        assert events[0]["sequence"] < events[1]["sequence"] < 2**31

    def test_a_withdrawn_one_is_cancelled(self, tmp_path: Path) -> None:
        told = piece("Отменено: Родителска среща", kind=EventKind.MEETING, event_id=7, change=EventChange.DELETED)
        (calendar,) = self.calendars(compose(tmp_path, told))
        assert calendar["METHOD"] == "CANCEL"
        assert calendar.walk("VEVENT")[0]["status"] == "CANCELLED"

    def test_other_news_have_none(self, tmp_path: Path) -> None:
        assert self.calendars(compose(tmp_path, piece(GRADE))) == []


class TestPlainLetters:
    def test_they_are_shown_with_lists_and_buttons(self, tmp_path: Path) -> None:
        text = written(
            "Обзор",
            Paragraph("Здравейте!"),
            Listing("Мария", ("шест", "пет")),
            Action("Отворете", "https://e-school.example/x"),
        )
        letter = compose(tmp_path, text=text)
        assert letter["Subject"] == "Обзор"
        assert body(letter, "plain").startswith("Здравейте!\n\nМария:\n– шест\n– пет\n\nОтворете:\nhttps://")
        assert '<a href="https://e-school.example/x"' in body(letter, "html")

    def test_a_text_without_a_subject_gets_one(self, tmp_path: Path) -> None:
        letter = compose(tmp_path, text="Нов номер +359 88* *** *56 вече следи Мария.")
        assert letter["Subject"] == "Съобщение от InfoServ e-School"
        assert "вече следи Мария." in body(letter, "plain")

    @hypothesis_settings(deadline=None)
    @given(
        st.text("абв ", min_size=1).filter(str.strip),
        st.lists(
            st.lists(st.text("абвг 1", min_size=1).filter(lambda one: one == one.strip()), min_size=1), min_size=1
        ),
    )
    def test_what_is_written_is_read_again(self, subject: str, lists: list[list[str]]) -> None:
        blocks = tuple(Listing("Мария", tuple(lines)) for lines in lists)
        assert read(written(subject, *blocks)) == (" ".join(subject.split()), blocks)
