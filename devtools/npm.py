"""npm's packages for the tests: each version is installed once, into the checkout's cache."""

import shutil
import subprocess
from pathlib import Path

CACHE = Path(__file__).parents[1] / ".cache"


def modules(package: str, version: str) -> Path:
    """The folder `node_modules` that holds a package. Raises RuntimeError when npm cannot get it."""
    folder = CACHE / f"npm-{package}-{version}"
    found = folder / "node_modules"
    if not (found / package / "package.json").exists():
        if not shutil.which("npm"):
            raise RuntimeError("npm is missing: install it (Debian and Ubuntu: `apt install nodejs npm`).")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true}', "utf-8")
        command = ["npm", "install", "--no-audit", "--no-fund", "--no-save", "--ignore-scripts", f"{package}@{version}"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"npm install {package} failed: {done.stderr.strip()}")
    return found
