"""Texts are kept once, and each is acted on by one only."""

from datetime import UTC, datetime, timedelta

from db.session import Database
from school.security.crypto import vault_of
from school.subscriptions import inbox

NOW = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
PHONE = "+359888123456"


def store(
    database: Database,
    seconds: float = 0,
    *,
    words: str = "ОЦЕНКИ",
    connection: str = "1",
    operator: str = "a1",
    living: tuple[str, ...] = (),
) -> int | None:
    with database.session() as session:
        moment = NOW + timedelta(seconds=seconds)
        return inbox.store(session, operator, connection, PHONE, words, moment, living=living)


def test_the_same_words_at_once_are_a_repetition_and_later_on_the_same_connection_a_new_text(
    database: Database,
) -> None:
    assert store(database) is not None
    assert store(database, 4) is None
    assert store(database, 6) is not None


def test_on_another_connection_they_are_a_repetition_for_ten_minutes(database: Database) -> None:
    assert store(database) is not None
    assert store(database, 500, connection="2") is None
    assert store(database, 601, connection="2") is not None


def test_what_a_living_connection_brought_was_answered_there(database: Database) -> None:
    assert store(database) is not None
    assert store(database, 4, connection="2", living=("1", "2")) is None
    assert store(database, 6, connection="2", living=("1", "2")) is not None


def test_other_words_and_other_operators_are_other_texts(database: Database) -> None:
    assert store(database) is not None
    assert store(database, 1, words="СТОП") is not None
    assert store(database, 1, operator="vivacom") is not None


def test_a_text_is_taken_in_hand_by_one_and_waits_again_when_that_fails(database: Database) -> None:
    text_id = store(database)
    assert text_id is not None
    with database.session() as session:
        received = inbox.take(session, text_id, NOW)
        assert received is not None
        assert (received.text, received.phone, received.operator) == ("ОЦЕНКИ", PHONE, "a1")
        assert inbox.take(session, text_id, NOW) is None
        session.rollback()
    with database.reading() as session:
        assert inbox.waiting(session, NOW + timedelta(seconds=1), 10) == [text_id]
    with database.session() as session:
        assert inbox.take(session, text_id, NOW)
        inbox.understood_as(session, text_id, "grades", answered=True)
    with database.reading() as session:
        assert inbox.waiting(session, NOW + timedelta(days=1), 10) == []


def test_a_text_of_another_key_is_marked_and_stops_nobody(database: Database) -> None:
    text_id = store(database)
    assert text_id is not None
    with database.session() as session:
        session.info["vault"] = vault_of(b"another key than the one it was written under")
        assert inbox.take(session, text_id, NOW) is None
    with database.reading() as session:
        assert inbox.waiting(session, NOW + timedelta(days=1), 10) == []


def test_what_is_kept_does_not_show_the_words(database: Database) -> None:
    with database.session() as session:
        inbox.store(session, "a1", "1", PHONE, "ЕГН 1234567890", NOW)
        row = session.connection().exec_driver_sql("SELECT text_encrypted, fingerprint FROM inbound_text").one()
    assert all(b"1234567890" not in bytes(value) for value in row)
