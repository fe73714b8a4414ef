"""Small work by the clock, on both databases."""

from sqlalchemy import text

from db.session import Database
from school import housekeeping


def test_sqlite_knows_how_large_its_tables_are(demonstration: Database) -> None:
    told = housekeeping.refresh_statistics(demonstration)
    with demonstration.reading() as session:
        if session.connection().dialect.name == "sqlite":
            counted = session.scalars(text("SELECT stat FROM sqlite_stat1 WHERE tbl = 'grade'")).all()
            grades = session.scalar(text("SELECT count(*) FROM grade"))
            assert {stat.split()[0] for stat in counted} == {str(grades)}
            assert told == "Counted."
        else:
            assert told == "PostgreSQL counts its tables by itself."
