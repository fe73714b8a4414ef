"""After an exchange of the data key everything is found and read as before, on each kind of database."""

import pytest
from sqlalchemy import LargeBinary, func, select

from db import keys
from db.base import Base
from db.migrate import transaction
from db.models import DataKey, InboundText, Lockout, Student, Subscription
from db.session import Database
from devtools.site import SECRET_KEY
from school.hearing import access
from school.security import doors, lockouts, pins
from school.security.crypto import Vault, vault
from school.security.exchange import exchange
from school.students import national_ids
from school.subscriptions import inbox
from settings import Settings
from tests.school.conftest import NOW
from tests.school.people import known as known_of

SECRET = SECRET_KEY.encode()


def exchanged(database: Database) -> Database:
    """The same database after an exchange, opened anew."""
    url = database_url_of(database)
    work = Database(url, SECRET, unfinished=True)
    told: list[str] = []
    found = exchange(work, SECRET, lambda table, done, total: told.append(table))
    work.dispose()
    assert found.written > 0
    assert found.unreadable == 0
    assert {"student", "subscription"} <= set(told)
    return Database(url, SECRET)


def database_url_of(database: Database) -> str:
    with database.reading() as session:
        return session.connection().engine.url.render_as_string(hide_password=False)


def test_pins_numbers_texts_and_what_failed(demonstration: Database) -> None:
    known = known_of(demonstration)
    with demonstration.session() as session:
        stored = session.scalars(select(Student.national_id_encrypted).where(Student.id == known.student_id)).one()
        number = national_ids.decrypt(vault(session), stored)
        text_id = inbox.store(session, "a1", "one", "+359888777666", "ЕГН 1234567890", NOW)
        assert text_id is not None
        lockouts.charge(session, doors.caller(vault(session), "+359888000111"), NOW)
    for version in (2, 3):
        after = exchanged(demonstration)
        with after.session() as session:
            assert session.scalar(select(func.max(DataKey.version))) == version
            assert session.scalar(select(func.count()).select_from(Lockout)) == 0
            assert isinstance(access.admit(session, None, known.code, known.pin, NOW), access.Admitted)
            hashes = set(session.scalars(select(Subscription.pin_hash).where(Subscription.pin_hash.is_not(None))))
            assert {one.partition("$")[0] for one in hashes if one} == {str(version)}
            found = session.scalars(
                select(Student.id).where(Student.national_id_hash == number.fingerprint(vault(session)))
            ).all()
            assert known.student_id in found
            encrypted = session.scalars(select(Student.national_id_encrypted)).all()
            assert all(vault(session).reads(national_ids.PURPOSE, one) for one in encrypted)
            # The same text, delivered once more by another connection, is recognised.
            assert inbox.store(session, "a1", "two", "+359888777666", "ЕГН 1234567890", NOW) is None
            row = session.get_one(InboundText, text_id)
            assert vault(session).decrypt(inbox.PURPOSE, row.text_encrypted) == "ЕГН 1234567890"
        after.dispose()


def test_a_pin_hash_needs_every_data_key() -> None:
    """Whoever has a former key, and the database as it is now, cannot try PINs."""
    first = Vault(SECRET)
    both = Vault(b"", data_keys={1: first.data_keys[1], 2: b"2" * 32})
    other = Vault(b"", data_keys={1: first.data_keys[1], 2: b"3" * 32})
    stored = pins.layered(both, pins.hash_pin(first, 7, "1234"))
    assert pins.same(pins.hash_pin(both, 7, "1234"), stored)
    assert not pins.same(pins.hash_pin(first, 7, "1234"), stored)
    assert not pins.same(pins.hash_pin(other, 7, "1234"), stored)
    assert pins.layered(both, stored) == stored


def test_every_column_that_is_encrypted_says_for_what() -> None:
    """A new one that did not would be left behind under the former key."""
    known = {(model.__tablename__, attribute) for model, attribute, _ in keys.encrypted_columns()}
    hashes = {
        "token_hash",
        "owner_hash",
        "subject_hash",
        "national_id_hash",
        "fingerprint",
        "job_state",
        "wrapped",
        "code_hash",
        "pin_hash",
        "digest",
        "number_hash",
    }
    public = {"credential_id", "credential", "challenge", "sound"}
    octets = {
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary) and column.name not in hashes | public
    }
    assert not octets - known


def test_another_secret_key_opens_the_same_and_the_former_is_refused(demonstration: Database) -> None:
    known, url, new = known_of(demonstration), database_url_of(demonstration), b"another secret key of 32 characters"
    settings = Settings(database_url=url)
    with transaction(settings) as connection:
        keys.rewrap(connection, SECRET, new)
    opened = Database(url, new)
    with opened.session() as session:
        assert isinstance(access.admit(session, None, known.code, known.pin, NOW), access.Admitted)
    opened.dispose()
    refused = Database(url, SECRET)
    with pytest.raises(keys.KeyRefusedError, match="is not this database's"), refused.reading():
        pass
    refused.dispose()
