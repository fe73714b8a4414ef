"""Cases that once were faults, one file each: `tests/fuzz/seeds/<part>/<digest>.json`."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from devtools.pbx import CHECKOUT
from tests.fuzz.target import Case, Fault

SEEDS = CHECKOUT / "tests" / "fuzz" / "seeds"


def keep(folder: Path, part: str, case: Case, fault: Fault) -> Path:
    """Write a case down; its file."""
    body = json.dumps(case, ensure_ascii=True, sort_keys=True)
    path = folder / part / f"{hashlib.sha256(body.encode()).hexdigest()[:12]}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    written = {"fault": fault.sign, "case": case}
    path.write_text(json.dumps(written, ensure_ascii=True, indent=1, sort_keys=True) + "\n", "utf-8")
    return path


def kept(folder: Path, part: str) -> Iterator[tuple[Path, Case]]:
    """The cases of a part."""
    for path in sorted((folder / part).glob("*.json")):
        yield path, json.loads(path.read_text("utf-8"))["case"]
