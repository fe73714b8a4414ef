"""Alembic migrations, one file for each step in versions/, named by number: `0001_first_tables.py` is revision 0001."""

from pathlib import Path

VERSIONS = Path(__file__).parent / "versions"

HEAD = max(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*.py"))
"""The newest revision: read from the file names, because importing Alembic would slow every start."""
