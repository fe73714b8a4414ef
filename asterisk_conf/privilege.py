"""How to run a command as root."""

import os
import shutil
import subprocess


def prefix() -> tuple[str, ...] | None:
    """What to put before a command that needs root: nothing for root, sudo when it asks nothing; None: no way."""
    if os.geteuid() == 0:
        return ()
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        return ("sudo", "-n")
    return None
