"""What a crash left half written beside the backups goes with the next list; other files there stay."""

from pathlib import Path

from db.session import Database
from school.privacy import erased_list
from tests.runtime.test_whole_file import hours_ago


def test_what_a_crash_left_of_the_list_goes(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "backups"  # the database of SQLite lies in tmp_path
    folder.mkdir()
    left, backup = folder / f".{erased_list.NAME}.0a1b2c3d.part", folder / ".eschool-1.part"
    for path in (left, backup):
        path.touch()
        hours_ago(path, 2)
    assert erased_list.write(database, folder) == 0
    assert sorted(path.name for path in folder.iterdir()) == [backup.name, erased_list.NAME]
