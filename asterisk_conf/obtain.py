"""Finding an Asterisk that fits the product, or obtaining one.

In order of preference: an `asterisk` >= 20 that is installed; one that the distribution packages (Ubuntu 24.04 has
20, Debian 12 and 13 have none); Debian testing's, unpacked into a folder of its own (`asterisk_conf.folder`).
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from asterisk_conf import folder, privilege
from errors import OperationError
from settings import Settings

OLDEST_MAJOR = 20
_SYSTEM_PATH = "/usr/sbin:/usr/local/sbin:/usr/bin"
_MODULE_FOLDERS = (
    "/usr/lib/*-linux-gnu*/asterisk/modules",
    "/usr/lib*/asterisk/modules",
    "/usr/local/lib*/asterisk/modules",
)
_DATA_FOLDERS = (Path("/usr/share/asterisk"), Path("/usr/local/share/asterisk"), Path("/var/lib/asterisk"))
_APT_INSTALL = ("apt-get", "install", "--yes", "--quiet=2", "--no-install-recommends")

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Asterisk:
    """One usable Asterisk.

    command: how its program is started, arguments to be appended (a folder brings its own loader);
    modules, data: its module and documentation folders; version: such as (22, 10, 1).
    """

    command: tuple[str, ...]
    modules: Path
    data: Path
    version: tuple[int, ...]

    @property
    def version_text(self) -> str:
        """Such as `22.10.1`."""
        return ".".join(map(str, self.version))


def find(settings: Settings) -> Asterisk | None:
    """The Asterisk that will be used, or None when there is none >= 20 yet."""
    program = shutil.which("asterisk", path=os.environ.get("PATH", "") + ":" + _SYSTEM_PATH)
    if program and (found := _installed(program)):
        return found
    return unpacked(settings)


def require(settings: Settings) -> Asterisk:
    """As `find`. Raises OperationError when there is none."""
    found = find(settings)
    if found is None:
        raise OperationError("There is no Asterisk 20 or newer on this machine: run `eschool asterisk install`.")
    return found


def install(settings: Settings, progress: Progress, *, mirror: str = folder.MIRROR, renew: bool = False) -> Asterisk:
    """Get an Asterisk unless there is one. `renew` fetches the folder again (its security updates).

    progress is called with one line per step. Raises OperationError when no way works.
    """
    found = find(settings)
    if found is not None and not (renew and found == unpacked(settings)):
        return found
    if found is None and packaged_major() >= OLDEST_MAJOR and privilege.prefix() is not None:
        progress("Asterisk: installing the distribution's package ...")
        _install_package()
        if (found := find(settings)) is not None:
            return found
    folder.unpack(settings.cache_path, mirror, progress, renew=renew)
    return require(settings)


def packaged_major() -> int:
    """Major version of the distribution's package, 0 when it has none (or no apt)."""
    if not shutil.which("apt-cache"):
        return 0
    english = {**os.environ, "LC_ALL": "C"}
    policy = subprocess.run(
        ["apt-cache", "policy", "asterisk"], capture_output=True, text=True, check=False, env=english
    )
    match = re.search(r"Candidate: (?:\d+:)?(\d+)\.", policy.stdout)
    return int(match[1]) if match else 0


def unpacked(settings: Settings) -> Asterisk | None:
    """The Asterisk of the cache folder, if it is there and runs."""
    root = folder.place(settings.cache_path)
    loader = next(root.glob("usr/lib/*-linux-gnu*/ld-linux*.so.*"), None)
    if loader is None:
        return None
    command = (str(loader), "--library-path", str(loader.parent), str(root / "usr/sbin/asterisk"))
    version = _version(command)
    if version is None:
        return None
    return Asterisk(command, loader.parent / "asterisk/modules", root / "usr/share/asterisk", version)


def _installed(program: str) -> Asterisk | None:
    version = _version((program,))
    if version is None or version[0] < OLDEST_MAJOR:
        return None
    candidates = (folder for pattern in _MODULE_FOLDERS for folder in sorted(Path("/").glob(pattern)))
    modules = next((folder for folder in candidates if (folder / "chan_pjsip.so").exists()), None)
    if modules is None:
        return None
    data = next((folder for folder in _DATA_FOLDERS if (folder / "documentation").is_dir()), _DATA_FOLDERS[0])
    return Asterisk((program,), modules, data, version)


def _version(command: tuple[str, ...]) -> tuple[int, ...] | None:
    try:
        said = subprocess.run([*command, "-V"], capture_output=True, text=True, check=False, timeout=20).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.match(r"Asterisk (?:certified[/-])?(\d+(?:\.\d+)*)", said)
    return tuple(int(part) for part in match[1].split(".")) if match else None


def _install_package() -> None:
    """Install with apt without letting the package's own service take the ports."""
    prefix = privilege.prefix() or ()
    systemd = Path("/run/systemd/system").is_dir()
    if systemd:
        subprocess.run([*prefix, "systemctl", "mask", "--quiet", "asterisk.service"], check=False)
    try:
        # RUNLEVEL=1 keeps invoke-rc.d from starting the service where there is no systemd (invoke-rc.d(8)).
        done = subprocess.run(
            [*prefix, "env", "RUNLEVEL=1", "DEBIAN_FRONTEND=noninteractive", *_APT_INSTALL, "asterisk"],
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        if systemd:
            subprocess.run([*prefix, "systemctl", "unmask", "--quiet", "asterisk.service"], check=False)
            subprocess.run([*prefix, "systemctl", "disable", "--quiet", "asterisk.service"], check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason was given"])[-1]
        raise OperationError(f"apt could not install asterisk ({reason}): repair apt or install Asterisk 20 yourself.")
