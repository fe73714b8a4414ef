"""Many rows in one statement: what goes in comes out again, whichever database it is."""

from datetime import UTC, date, datetime

from sqlalchemy import select

from db import bulk
from db.kinds import Language
from db.models import Subscriber
from db.session import Database

NOW = datetime(2026, 3, 29, 1, 30, 0, 123456, tzinfo=UTC)
TABLE = Subscriber.metadata.tables["subscriber"]


def row(number: int, language: Language = Language.BULGARIAN, operator: str | None = None) -> dict[str, object]:
    phone = f"+35988800{number:04}"
    return {"phone": phone, "operator": operator, "language": language, "created_at": NOW}


def test_rows_are_inserted_and_those_that_are_there_stay(database: Database) -> None:
    with database.session() as session:
        bulk.insert_rows(session, TABLE, [row(1, operator='"а1"\\'), row(2, Language.ENGLISH)])
        bulk.insert_rows(session, TABLE, [row(1), row(3)], unless_there=True)
        bulk.insert_rows(session, TABLE, [])
    with database.reading() as session:
        rows = session.scalars(select(Subscriber).order_by(Subscriber.phone)).all()
    assert [(one.operator, one.language, one.created_at) for one in rows] == [
        ('"а1"\\', Language.BULGARIAN, NOW),
        (None, Language.ENGLISH, NOW),
        (None, Language.BULGARIAN, NOW),
    ]


def test_rows_are_changed_and_what_is_kept_is_kept(database: Database) -> None:
    with database.session() as session:
        bulk.insert_rows(session, TABLE, [row(1, operator="a1"), row(2)])
        ids = session.scalars(select(Subscriber.id).order_by(Subscriber.phone)).all()
        changes = [{"id": id_, "operator": "yettel", "language": Language.ENGLISH} for id_ in ids]
        bulk.update_rows(session, TABLE, changes, keep=("operator",))
    with database.reading() as session:
        rows = session.scalars(select(Subscriber).order_by(Subscriber.phone)).all()
    assert [(one.operator, one.language) for one in rows] == [("a1", Language.ENGLISH), ("yettel", Language.ENGLISH)]
    assert rows[0].created_at.date() == date(2026, 3, 29)


def test_ids_ahead_are_those_of_the_rows(database: Database) -> None:
    with database.session() as session:
        ids = bulk.new_ids(session, TABLE, 3)
        if session.get_bind().dialect.name == "sqlite":
            assert ids is None  # it gives them with the rows only
            return
        assert ids is not None
        assert len(set(ids)) == 3
        assert ids == sorted(ids)
