"""Where Asterisk's files are under the home folder, and which paths Asterisk can use."""

import hashlib
import os
import re
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from errors import InputError, OperationError
from settings import PRIVATE, Settings

# sockaddr_un.sun_path holds 108 bytes with the closing zero (unix(7)); Asterisk cuts a longer path silently.
LONGEST_SOCKET_PATH = 107

# The dialplan and AGI separate arguments by these or give them a meaning: such a path could not be written there.
_USABLE_PATH = re.compile(r"[\w/.+@~-]+")


@dataclass(frozen=True)
class Layout:
    """Asterisk's folders, all absolute, all under `<home>/asterisk` except `run` when that path is too long."""

    root: Path
    run: Path

    @property
    def etc(self) -> Path:
        """Configuration, written by `configure` only."""
        return self.root / "etc"

    @property
    def main_file(self) -> Path:
        """What Asterisk is started with (`-C`)."""
        return self.etc / "asterisk.conf"

    @property
    def agi_bin(self) -> Path:
        """Plain AGI scripts, named as the FastAGI server's scripts are."""
        return self.root / "agi-bin"

    @property
    def log(self) -> Path:
        """Asterisk's log folder; events go to stderr, so it stays empty."""
        return self.root / "log"

    @property
    def spool(self) -> Path:
        """Asterisk's spool; unused, but it must exist."""
        return self.root / "spool"

    @property
    def state(self) -> Path:
        """Asterisk's own small database (astdb.sqlite3) and keys."""
        return self.root / "state"

    @property
    def control_socket(self) -> Path:
        """Where `asterisk -rx` reaches the running Asterisk."""
        return self.run / "asterisk.ctl"

    def make(self) -> None:
        """Make all folders, private to their owner.

        Raises OperationError when somebody else has made the one of the control socket, which may lie in /tmp.
        """
        for folder in (self.etc, self.run, self.agi_bin, self.log, self.spool, self.state):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = self.run.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & PRIVATE:
            raise OperationError(
                f"{self.run} is not private to this user, and who writes there commands Asterisk: "
                "remove it, or set ESCHOOL_HOME to a shorter path."
            )


def layout(settings: Settings) -> Layout:
    """The folders of this home. Raises InputError when Asterisk could not be told the home's path."""
    home = settings.home_path
    if not _USABLE_PATH.fullmatch(str(home)):
        raise InputError(
            f"ESCHOOL_HOME={home} is not usable by Asterisk: choose a folder whose path has only "
            "letters, digits and the characters / . _ - + @ ~"
        )
    root = home / "asterisk"
    run = root / "run"
    if len(os.fsencode(run / "asterisk.ctl")) > LONGEST_SOCKET_PATH:
        digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
        run = Path(tempfile.gettempdir()) / f"eschool-{os.getuid()}-{digest}"
    return Layout(root=root, run=run)
