"""The product runs once for all calls; the calls that need a healthy product are made at the same time."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.calls import scenarios
from tests.calls.product import Product, running_asterisk_with_school
from tests.calls.scenarios import Transcript

Told = Callable[[Callable[[Product], Transcript]], Transcript]


@pytest.fixture(scope="package")
def product_without_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Asterisk, database and clips; the voice server is away."""
    home = tmp_path_factory.mktemp("product") / "home"
    with running_asterisk_with_school(home, ESCHOOL_RECORDING_NUMBER="0882818906") as product:
        yield product


@pytest.fixture(scope="module")
def calls_before(product_without_server: Product) -> int:
    """How many calls other tests had made before the scenarios began."""
    return len(product_without_server.call_outcomes())


@pytest.fixture(scope="module")
def told(product_without_server: Product, calls_before: int) -> Iterator[Told]:
    """Gives the transcript of a scenario; raises what went wrong in its call."""
    product = product_without_server
    with product.voice_server(), ThreadPoolExecutor(len(scenarios.ALL)) as telephones:
        calls = {scenario: telephones.submit(scenario, product) for scenario in scenarios.ALL}
        yield lambda scenario: calls[scenario].result(timeout=150)
