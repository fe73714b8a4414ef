"""Numbers that no column of a database holds, in every field of every form and query, of everybody."""

import pytest

from tests.admin_web.structure.conftest import Visitor, Walk
from tests.admin_web.structure.routes import addresses, routes
from tests.admin_web.structure.test_every_route import bag, listed, may

MORE = ("first", "last", "page", "before", "lead", "teach", "leaves", "finishing", "passkey", "start", "month", "when")


@pytest.mark.slow
@pytest.mark.parametrize("who", ["principal", "school administrator", "platform operator"])
def test_they_are_refused_and_no_defect(walk: Walk, who: str) -> None:
    number = str(2**63)
    own = bag(walk.schools.own)
    numbers = {name: number for name, value in own.items() if isinstance(value, int)} | dict.fromkeys(MORE, number)
    visitor = Visitor(walk, who)
    wrong = []
    for route in routes(walk.app):
        if not may(walk, who, route) or route.endpoint == "static":
            continue
        for address in addresses(walk.app, route, walk.schools.own):
            query = own | numbers if route.method == "GET" else None
            form = own | numbers if route.method == "POST" else None
            answer = visitor.open(address, route.method, query_string=query, data=form)
            if answer.status_code >= 500:
                wrong.append((route.method, address, answer.status_code))
            if route.method == "POST":
                visitor.come_anew()
    assert not wrong, listed(wrong)
