"""`python -m tests.admin_web.structure` writes the table of roles in docs/web.md anew."""

import tempfile
from pathlib import Path

from admin_web.application import create_app
from db.migrate import upgrade
from tests.admin_web.structure.matrix import PAGE, write_matrix
from tests.conftest import settings_for


def main() -> None:
    """Make an application over an empty database and ask it."""
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_for(Path(folder), f"sqlite:///{folder}/eschool.db")
        upgrade(settings)
        write_matrix(create_app(settings))
    print(f"written: {PAGE}")


if __name__ == "__main__":
    main()
