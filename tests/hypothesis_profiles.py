"""How hypothesis looks for counterexamples: the same examples every time, or other ones on purpose.

`ci` is what a test run uses: whether a change may land does not depend on luck or on how busy the machine is.
`fuzz` is for `make fuzz` (`tests.fuzz`), which searches on for as long as it is told.
"""

from hypothesis import HealthCheck, core, settings
from hypothesis.vendor import pretty


def register() -> None:
    """Make both known to pytest's `--hypothesis-profile`, and `ci` the one in force without it."""
    for name, derandomize in (("ci", True), ("fuzz", False)):
        settings.register_profile(
            name,
            derandomize=derandomize,
            database=None,  # nothing that an earlier run left behind
            deadline=None,
            print_blob=True,
            suppress_health_check=[HealthCheck.too_slow],
        )
    settings.load_profile("ci")


def print_examples() -> None:
    """Undo what the plugin of schemathesis does on loading: its printer leaves out every value of an example."""
    core.RepresentationPrinter = pretty.RepresentationPrinter  # type: ignore[attr-defined]
