"""The API's document is true: whatever it allows is answered as it says, whatever it forbids is refused."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode

from admin_web.api import api
from devtools.site import Site, served
from runtime.version import VERSION
from tests.admin_web.api.program import token
from tests.school.conftest import NOW

TRIES = 10
METHODS = ("get", "post", "put", "patch", "delete")
OPERATIONS = [
    (method, path) for path, item in api.paths.items() for method in METHODS if getattr(item, method, None) is not None
]


@pytest.fixture(scope="module")
def site(sqlite_demonstration: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The application over the demonstration school."""
    home = tmp_path_factory.mktemp("openapi")
    shutil.copy(sqlite_demonstration, home / "eschool.db")
    with served(home, NOW, ESCHOOL_API_REQUESTS_A_MINUTE="100000") as found:
        yield found


@pytest.fixture(scope="module")
def document(site: Site) -> Any:
    """The document as the running application serves it."""
    return schemathesis.openapi.from_url(f"{site.url}/api/v1/openapi.json")


@pytest.fixture(scope="module")
def key(site: Site) -> str:
    """A token that may read and record."""
    with site.database() as database:
        return token(database)


def test_the_document_tells_the_version_of_the_product(document: Any) -> None:
    assert document.raw_schema["info"]["version"] == VERSION


def test_all_of_the_api_is_described(document: Any) -> None:
    described = {(one.ok().method, one.ok().path) for one in document.get_all_operations()}
    assert described == {(method, path.replace("<", "{").replace(">", "}")) for method, path in OPERATIONS}
    assert len(described) > 10


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=lambda part: str(part))
def test_every_answer_is_as_the_document_says(
    document: Any, key: str, method: str, path: str, mode: GenerationMode
) -> None:
    operation = document[path][method.upper()]

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=TRIES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def check(case: Case[Any]) -> None:
        case.call_and_validate(headers={"Authorization": f"Bearer {key}"})

    check()
