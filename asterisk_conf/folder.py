"""Asterisk of Debian testing, unpacked with all its libraries into one folder: no root, no chroot, nothing installed.

It runs with the folder's own loader, so that the machine's libraries may be older. Several copies of the product
share the folder through the cache.
"""

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from errors import OperationError

SUITE = "forky"
MIRROR = "http://deb.debian.org/debian"
_KEYRINGS = Path("/usr/share/keyrings")
# Nothing of these is read by a running Asterisk; without them the folder is half as large.
_SUPERFLUOUS = (
    "dev",
    "usr/share/doc",
    "usr/share/man",
    "usr/share/locale",
    "usr/share/info",
    "var/cache",
    "var/lib/apt",
)


def place(cache: Path) -> Path:
    """Where the folder lies in the cache."""
    return cache / f"asterisk-{SUITE}"


def unpack(cache: Path, mirror: str, progress: Callable[[str], None], *, renew: bool = False) -> None:
    """Download and unpack the folder, whole or not at all; a second process waits for the first and uses its folder.

    renew: replace a folder that is there. Raises OperationError when it cannot be done.
    """
    target = place(cache)
    try:
        with _for_all_users(), _locked(cache, progress):
            if target.is_dir() and not renew:
                return
            for left_over in cache.glob(".unpacking-*"):  # of a download that was killed
                shutil.rmtree(left_over, ignore_errors=True)
            work = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=cache))
            try:
                _download(work / "new", mirror, progress)
                if target.is_dir():
                    target.rename(work / "old")  # a running Asterisk keeps what it has open
                (work / "new").rename(target)
            finally:
                shutil.rmtree(work, ignore_errors=True)
    except OSError as error:
        raise OperationError(
            f"Asterisk cannot be unpacked into {target} ({error.strerror}): free space there or set ESCHOOL_CACHE."
        ) from error


@contextmanager
def _for_all_users() -> Iterator[None]:
    """Root may fetch what another user runs: there is nothing private in Debian's packages."""
    before = os.umask(0o022)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def _locked(cache: Path, progress: Callable[[str], None]) -> Iterator[None]:
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "asterisk.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("Asterisk: another process is fetching it, waiting ...")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _download(target: Path, mirror: str, progress: Callable[[str], None]) -> None:
    if not shutil.which("mmdebstrap"):
        raise OperationError(
            "mmdebstrap is missing, which unpacks Asterisk: run `sh asterisk_conf/system_packages.sh run` as root, "
            "or install Asterisk 20 or newer yourself."
        )
    progress(f"Asterisk: downloading from {mirror} (about 100 MB, once) ...")
    command = ["mmdebstrap", "--variant=extract", "--include=asterisk"]
    command += ["--aptopt=APT::Install-Recommends false"]
    command += ["--aptopt=Acquire::Check-Valid-Until false"]  # a mirror may lag; signatures are still checked
    command += ["--aptopt=Acquire::Retries 3"]
    command += [f"--keyring={keyring}" for keyring in _keyrings()]
    told: list[str] = []
    with subprocess.Popen(
        [*command, SUITE, str(target), mirror],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "LC_ALL": "C"},
    ) as run:
        assert run.stderr is not None
        for line in run.stderr:
            told.append(line.strip())
            if step := re.match(r"I: (downloading|extracting|running apt-get update)[^.]*", line):
                progress(f"Asterisk: {step[0].removeprefix('I: ')} ...")
    if run.returncode or not (target / "usr/sbin/asterisk").exists():
        raise OperationError(_reason(told, mirror))
    for name in _SUPERFLUOUS:
        shutil.rmtree(target / name, ignore_errors=True)


def _keyrings() -> list[Path]:
    """Debian's archive keys; on Ubuntu they come with the package debian-archive-keyring."""
    return [path for path in [_KEYRINGS / "debian-archive-keyring.gpg"] if path.exists()]


_REASONS = (
    (
        r"NO_PUBKEY|not signed|EXPKEYSIG|public key is not available",
        f"The keys of Debian {SUITE} are not known here: upgrade the package debian-archive-keyring and try again.",
    ),
    (
        r"Could not (resolve|connect)|Unable to connect|Temporary failure|timed out|Network is unreachable",
        "The mirror {mirror} cannot be reached: check the network, or name another one with "
        "`eschool asterisk install --mirror`.",
    ),
    (
        r"No space left",
        "There is no space left to unpack Asterisk (400 MB): free some, or set ESCHOOL_CACHE to another folder.",
    ),
    (
        r"newuidmap|subuid|unshare|chroot.*not permitted",
        "This user may not unpack Asterisk (mmdebstrap needs root or the package uidmap): install uidmap, "
        "or run `eschool asterisk install` as root with the same ESCHOOL_CACHE.",
    ),
)


def _reason(told: list[str], mirror: str) -> str:
    text = "\n".join(told)
    for pattern, sentence in _REASONS:
        if re.search(pattern, text):
            return sentence.format(mirror=mirror)
    errors = [line for line in told if line.startswith(("E:", "Err"))] or told or ["it said nothing"]
    return (
        f"mmdebstrap could not unpack Asterisk ({errors[-1].removeprefix('E: ')}): repair that, "
        "or install Asterisk 20 or newer yourself."
    )
