"""What a page costs: what it sends, and how often it asks the database."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from tests.admin_web.structure.conftest import PEOPLE, Walk
from tests.admin_web.structure.test_every_route import needed, reading

MOST_BYTES = 100_000
MOST_STATEMENTS = 10
"""The session of who asks among them."""


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE")):
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@pytest.mark.slow
@pytest.mark.parametrize("who", PEOPLE)
def test_no_page_sends_much_or_asks_often(walk: Walk, who: str) -> None:
    browser = walk.browser(who)
    browser.get("/", buffered=True)  # notes that the session is in use, once in five minutes
    too_much = []
    for route, address in reading(walk, who):
        with statements() as asked:
            answer = browser.get(address, query_string=needed(route, walk.schools.own), buffered=True)
        if answer.mimetype == "text/html":
            size = len(answer.data) + sum(
                len(browser.get(file, buffered=True).data)
                for file in set(re.findall(r'"(/static/[^"]+)"', answer.text))
            )
            if size > MOST_BYTES or len(asked) > MOST_STATEMENTS:
                too_much.append((address, size, len(asked)))
    assert not too_much, "\n".join(map(str, too_much))
