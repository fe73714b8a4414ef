"""RHVoice from Debian, unpacked into a folder of the cache: no root, nothing installed, the same on every machine.

Debian 12's packages, which run on everything newer too, each checked against the SHA-256 written here. Of other
packages they need libsonic, which espeak-ng brings. Debian lists them in its component `non-free` because the voices'
training cannot be repeated, not for their licences (docs/developing/dependencies.md). Of the voices only those under
the LGPL stay.
"""

import fcntl
import hashlib
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

from errors import OperationError
from prompts.voices.rhvoice import RhvoiceVoice
from prompts.voices.voice import SpeechError
from settings import Engine, Settings

MIRROR = "http://deb.debian.org/debian"
ARCHIVE = "http://archive.debian.org/debian"
"""Where a release goes when Debian no longer keeps it on its mirrors."""

KEPT_VOICES = ("anatol", "natalia")
"""LGPL-2.1; the package's others may not be changed (CC BY-ND)."""

_CONFIGURATION = "quality=max\n"
"""The voice of 24 kHz, worked out over a whole sentence and not while it is spoken. That takes no longer, for nobody
listens; the voice of 16 kHz (`min`) takes two thirds of the time, but is understood less well."""

_SILENCE_SECONDS = 30
_POOL = "pool/non-free/r/rhvoice"
_VERSION = "1.8.0+dfsg-3"


class _Package(NamedTuple):
    name: str
    architecture: str
    sha256: str

    @property
    def path(self) -> str:
        return f"{_POOL}/{self.name}_{_VERSION}_{self.architecture}.deb"


_VOICES = _Package("rhvoice-ukrainian", "all", "cb31f74546cc26d0460815b4d8a21a0e0161a594e916ca9ca59a91509d848a0f")
_PACKAGES = {
    "x86_64": (
        _Package("librhvoice5", "amd64", "7a12f124a48941ec0e94aeaa60da44a27c164a31d5a6bb884875e533a6d15128"),
        _Package("librhvoice-core7", "amd64", "7b321d21caf899c78e579593f105fd49995f4d0c948c0523b2b4baa3291375f5"),
        _VOICES,
    ),
    "aarch64": (
        _Package("librhvoice5", "arm64", "a7260d863dd8816bb113f2333daa65ac8a37a34abc91a7cf415a06e78a979a90"),
        _Package("librhvoice-core7", "arm64", "724a3486164bcf7db7020b56f4571c76fc374fe20e65dae6eeb6f0d8d30edf67"),
        _VOICES,
    ),
}


def install_if_wanted(settings: Settings, progress: Callable[[str], None], *, mirror: str = MIRROR) -> None:
    """Get RHVoice if the settings' engine speaks best with it; without it espeak-ng speaks, which one line says.

    To be called before the process has asked who the speaker is. Raises OperationError when RHVoice itself is demanded.
    """
    if settings.engine is Engine.RHVOICE:
        install(settings, progress, mirror=mirror)
    elif settings.engine in (Engine.AUTO, Engine.RECORDED):
        try:
            install(settings, progress, mirror=mirror)
        except OperationError as error:
            progress(f"espeak-ng speaks, which is understood less well, for want of RHVoice: {error}")


def install(settings: Settings, progress: Callable[[str], None], *, mirror: str = MIRROR) -> None:
    """Unpack RHVoice unless it is there; whole and having spoken, or not at all. Two processes take turns.

    progress is called with one line per step. Raises OperationError when it cannot be had on this machine.
    """
    target, cache = settings.rhvoice_path, settings.cache_path
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with (cache / "rhvoice.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if target.is_dir():
                _configure(target)
                return
            packages = _PACKAGES.get(platform.machine())
            if packages is None or shutil.which("dpkg-deb") is None:
                raise OperationError("RHVoice is to be had for Debian and Ubuntu on amd64 and arm64 only.")
            for left_over in cache.glob(".rhvoice-*"):  # of a download that was killed
                shutil.rmtree(left_over, ignore_errors=True)
            work = Path(tempfile.mkdtemp(prefix=".rhvoice-", dir=cache))
            try:
                progress(f"downloading RHVoice from {mirror} (40 MB, once) ...")
                for package in packages:
                    _unpack(_download(package, mirror, work), work / "new")
                _prepare(work / "new")
                _try(work / "new")
                (work / "new").rename(target)
            finally:
                shutil.rmtree(work, ignore_errors=True)
    except OSError as error:
        raise OperationError(
            f"RHVoice cannot be unpacked into {target} ({error.strerror}): free space there or set ESCHOOL_CACHE."
        ) from error


def _download(package: _Package, mirror: str, folder: Path) -> Path:
    """The package's file, whole and the one we know. Raises OperationError."""
    reason = "no address"
    for base in (MIRROR, ARCHIVE) if mirror == MIRROR else (mirror,):
        try:
            with urlopen(f"{base.rstrip('/')}/{package.path}", timeout=_SILENCE_SECONDS) as answer:  # noqa: S310
                content = answer.read()
        except (OSError, HTTPException, ValueError) as error:
            reason = str(getattr(error, "reason", error)) or type(error).__name__
            continue
        if hashlib.sha256(content).hexdigest() == package.sha256:
            file = folder / f"{package.name}.deb"
            file.write_bytes(content)
            return file
        reason = "its contents are not those of Debian's package"
    raise OperationError(f"{package.name} cannot be downloaded from {mirror} ({reason}).")


def _unpack(file: Path, folder: Path) -> None:
    done = subprocess.run(("dpkg-deb", "-x", str(file), str(folder)), capture_output=True, text=True)
    if done.returncode != 0:
        raise OperationError(f"dpkg-deb could not unpack {file.name} ({' '.join(done.stderr.split())}).")


def _prepare(folder: Path) -> None:
    """Keep only what is ours to use, and set it up."""
    for voice in (folder / "usr/share/RHVoice/voices").iterdir():
        if voice.name not in KEPT_VOICES:
            shutil.rmtree(voice)
    _configure(folder)


def _configure(folder: Path) -> None:
    """Also of what an older release of ours unpacked."""
    file = folder / "etc/RHVoice/RHVoice.conf"
    if file.read_text("utf-8") != _CONFIGURATION:
        file.write_text(_CONFIGURATION, "utf-8")


def _try(folder: Path) -> None:
    """Raises OperationError when it does not speak here, for example for want of a library."""
    reason = "it said too little"
    try:
        if RhvoiceVoice(folder).speak("Добър ден.").duration_seconds > 0.3:
            return
    except SpeechError as error:
        reason = str(error)
    raise OperationError(f"RHVoice does not speak on this machine ({reason}).")
