"""`python -m devtools.sbom FILE`: the bill of materials (CycloneDX, JSON) of what the product runs with.

The libraries of this environment that `setup.cfg` demands, and those that they demand, with versions and licences. What
only the tests need is left out, because it is installed on no host. Asterisk and espeak-ng come from the distribution,
whose package manager tells of them.
"""

import json
import subprocess
import sys
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PRODUCT = "infoserv-eschool"


def bill_of_materials() -> dict[str, Any]:
    """The bill as CycloneDX 1.6. Raises RuntimeError when it would not be valid."""
    done = subprocess.run(
        [sys.executable, "-m", "cyclonedx_py", "environment", sys.executable, "--of", "JSON", "--output-reproducible"],
        capture_output=True,
        text=True,
        check=True,
    )
    bill: dict[str, Any] = json.loads(done.stdout)
    components: dict[str, Any] = {str(canonicalize_name(one["name"])): one for one in bill["components"]}
    product = components[PRODUCT]
    product.pop("externalReferences", None)  # where this copy lies on the disk
    demanded = {name for name in _demanded(PRODUCT, frozenset()) if name in components}
    needed = {components[name]["bom-ref"] for name in _needed() if name in components}
    kept = {product["bom-ref"], *needed}
    direct = sorted(components[name]["bom-ref"] for name in demanded)
    bill["metadata"]["component"] = product | {"type": "application"}
    bill["components"] = [one for one in bill["components"] if one["bom-ref"] in needed]
    bill["dependencies"] = [
        {"ref": one["ref"], "dependsOn": direct} if one["ref"] == product["bom-ref"] else one
        for one in bill["dependencies"]
        if one["ref"] in kept
    ]
    for one in bill["dependencies"]:
        one["dependsOn"] = [ref for ref in one.get("dependsOn", []) if ref in kept]
    if problem := JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(bill)):
        raise RuntimeError(f"the bill of materials is not valid: {problem}")
    return bill


def _demanded(name: str, extras: frozenset[str]) -> dict[str, frozenset[str]]:
    """What a library demands on this Python, with the extras it wants of each."""
    found: dict[str, frozenset[str]] = {}
    for one in map(Requirement, requires(name) or ()):
        if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in extras or {""}):
            other = canonicalize_name(one.name)
            found[other] = found.get(other, frozenset()) | one.extras
    return found


def _needed() -> set[str]:
    """What the product demands, and what that demands, however far; what is not for this system is not installed."""
    found: set[tuple[str, frozenset[str]]] = set()
    waiting = list(_demanded(PRODUCT, frozenset()).items())
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            with suppress(PackageNotFoundError):
                waiting += _demanded(*one).items()
    return {name for name, _ in found}


def main() -> None:
    """Write it to the file that is named."""
    path = Path(sys.argv[1])
    path.parent.mkdir(parents=True, exist_ok=True)
    bill = bill_of_materials()
    path.write_text(json.dumps(bill, ensure_ascii=False, indent=1) + "\n", "utf-8")
    print(f"{path}: {len(bill['components'])} libraries, CycloneDX {bill['specVersion']}, valid")


if __name__ == "__main__":
    main()
