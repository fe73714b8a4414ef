"""Whether pages are valid HTML, by npm's html-validate."""

import json
import subprocess
from pathlib import Path
from typing import Any

from devtools import npm

VERSION = "8.29.0"
"""The newest that runs with Node 18, which Debian 12 has."""
RULES = {
    "extends": ["html-validate:standard"],
    "rules": {
        "no-trailing-whitespace": "off",  # of templates: no browser minds
        "no-inline-style": "error",  # the content security policy forbids them
        "long-title": "off",  # names of schools and subjects are as long as they are
        "require-sri": "off",  # all is served by ourselves
    },
}


def faults(folder: Path) -> list[str]:
    """What is wrong with the `.html` files of a folder: file, rule, message."""
    modules = npm.modules("html-validate", VERSION)
    (folder / ".htmlvalidate.json").write_text(json.dumps({"root": True} | RULES), "utf-8")
    done = subprocess.run(
        ["node", str(modules / "html-validate" / "bin" / "html-validate.js"), "--formatter", "json", str(folder)],
        capture_output=True,
        text=True,
        cwd=folder,
    )
    if not done.stdout.startswith("["):
        raise RuntimeError(f"html-validate failed: {done.stderr[-2000:]}")
    results: list[dict[str, Any]] = json.loads(done.stdout)
    return [
        f"{Path(one['filePath']).stem}:{fault['line']} {fault['ruleId']}: {fault['message']}"
        for one in results
        for fault in one["messages"]
    ]
