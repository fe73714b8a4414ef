"""What callers hear while the voice server or the database is away."""

import signal
import time
from collections.abc import Iterator

import psycopg
import pytest

from devtools.postgres import PostgresServer
from prompts.catalogue import PHRASES
from tests.calls.product import Product, running_asterisk_with_school
from tests.calls.scenarios import Caller, wait_for_sentences

pytestmark = pytest.mark.calls


def test_without_the_voice_server_the_plain_script_serves_the_call(product_without_server: Product) -> None:
    product = product_without_server
    follower = product.parents_of_one[-1]
    recorded = len(product.call_outcomes())
    with product.telephone(follower.phone) as telephone:
        caller = Caller(telephone)
        telephone.dial(product.settings.inbound_number)
        caller.press("1")
        caller.hears("grades-latest")
        wait_for_sentences(telephone, PHRASES["grades-latest"], 1)
        telephone.hang_up()
        telephone.wait_for_end(5)
        subjects = {f"{grade['subject']}," for grade in follower.student["grades"]}
        assert caller.transcript().after(PHRASES["grades-latest"])[0] in subjects
    assert product.wait_for_outcomes(recorded + 1)[-1] == "hung_up"


def test_a_voice_server_killed_in_the_middle_of_a_call_is_replaced_by_the_plain_script(
    product_without_server: Product,
) -> None:
    product = product_without_server
    with product.voice_server() as server, product.telephone(product.parents_of_one[-2].phone) as telephone:
        caller = Caller(telephone)
        telephone.dial(product.settings.inbound_number)
        caller.press("1")
        caller.hears("grades-latest", whole=False)
        server.kill()
        # Asterisk plays to its end what it was told to play, and finds the server gone when it reports that.
        telephone.wait_for_count(PHRASES["greeting"], 2, seconds=15)
        assert not telephone.ended
        telephone.hang_up()


def test_a_voice_server_told_to_stop_lets_the_call_go_on(product_without_server: Product) -> None:
    product = product_without_server
    with product.voice_server() as server, product.telephone(product.parents_of_one[-3].phone) as telephone:
        caller = Caller(telephone)
        telephone.dial(product.settings.inbound_number)
        caller.press("1")
        caller.hears("grades-latest", whole=False)
        server.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        caller.press("05")
        caller.hears("place")
        telephone.hang_up()
        assert server.wait(timeout=10) == 0


@pytest.fixture(scope="module")
def product_on_postgresql(
    postgresql: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Product, PostgresServer]]:
    postgresql.create("calls")
    home = tmp_path_factory.mktemp("product-on-postgresql") / "home"
    with running_asterisk_with_school(home, ESCHOOL_DATABASE_URL=postgresql.url("calls")) as product:
        yield product, postgresql


def test_a_database_that_goes_away_in_the_middle_ends_in_an_apology_and_the_call_is_recorded_later(
    product_on_postgresql: tuple[Product, PostgresServer],
) -> None:
    product, server = product_on_postgresql
    with product.voice_server(), product.telephone(product.parents_of_one[0].phone) as telephone:
        caller = Caller(telephone)
        telephone.dial(product.settings.inbound_number)
        caller.press("1")
        caller.hears("grades-latest", whole=False)
        _allow_connections(server, "calls", allowed=False)
        caller.press("02")
        assert telephone.wait_for_end(30)
        assert telephone.texts()[-1] == PHRASES["apology"]
        assert telephone.heard()[-1].whole
        _allow_connections(server, "calls", allowed=True)
        assert product.wait_for_outcomes(1) == ["failed"]


def _allow_connections(server: PostgresServer, database: str, *, allowed: bool) -> None:
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {database} ALLOW_CONNECTIONS {str(allowed).lower()}".encode())
    if not allowed:
        server.end_connections(database)
