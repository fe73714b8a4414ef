"""Sessions as the rooms above use them."""

from sqlalchemy import text

from db.session import Database


def test_x(database: Database) -> None:
    with database.session() as session:
        session.execute(text("SELECT 1"))
