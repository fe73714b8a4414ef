"""All processes of a home find a server for trying out at one port, whoever asks first."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from devtools.site import SECRET_KEY
from runtime.endpoints import Endpoint
from settings import Settings

ENDPOINT = Endpoint("mail-simulator", lambda settings: settings.mail_simulator_port)


def of_home(home: Path, key: str = SECRET_KEY, port: int = 0) -> Settings:
    """Settings of one copy of the product."""
    return Settings(home=home, secret_key=key, mail_simulator_port=port)


def test_whoever_asks_at_the_same_time_gets_the_same_port(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as executor:
        found = list(executor.map(lambda _: ENDPOINT.port(of_home(tmp_path)), range(40)))
    assert len(set(found)) == 1
    assert (tmp_path / "mail-simulator.port").read_text() == f"{found[0]}\n"
    assert [path.name for path in tmp_path.glob("mail-simulator.*")] == ["mail-simulator.port"]


def test_a_configured_port_is_not_kept(tmp_path: Path) -> None:
    assert ENDPOINT.port(of_home(tmp_path, port=2525)) == 2525
    assert not list(tmp_path.glob("*.port"))


def test_a_port_at_which_our_own_server_answers_is_kept(tmp_path: Path) -> None:
    settings = of_home(tmp_path)
    port = ENDPOINT.port(settings)
    ENDPOINT.choose_another_if_taken(settings, lambda _: True)
    assert ENDPOINT.port(settings) == port


def test_each_server_of_each_copy_has_a_password_of_its_own(tmp_path: Path) -> None:
    other = Endpoint("sms-simulator", lambda settings: settings.sms_simulator_port)
    ours, theirs = of_home(tmp_path), of_home(tmp_path, SECRET_KEY + " of another copy")
    assert ENDPOINT.password(ours, 16) == ENDPOINT.password(ours, 16)
    assert len({one.password(home, 16) for one in (ENDPOINT, other) for home in (ours, theirs)}) == 4
