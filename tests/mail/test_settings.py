"""Which server, how protected, and as whom: from the settings."""

from pathlib import Path
from typing import Any

import pytest

from errors import InputError
from mail.server import Security, domain, sender_address, server
from mail.simulator import endpoint
from settings import Settings


def settings(home: Path, **values: Any) -> Settings:
    return Settings(home=home, secret_key="a key for tests that is long enough to be one", **values)


@pytest.mark.parametrize(
    ("url", "security", "port"),
    [
        ("smtps://mail.example", Security.TLS, 465),
        ("smtp://mail.example", Security.STARTTLS, 587),
        ("smtp://mail.example:2525/", Security.STARTTLS, 2525),
        ("smtp://127.0.0.1", Security.IF_OFFERED, 25),
        ("smtp://[::1]:2525", Security.IF_OFFERED, 2525),
        ("smtp://localhost", Security.IF_OFFERED, 25),
        ("smtp://localhost.evil.example", Security.STARTTLS, 587),
    ],
)
def test_only_this_machine_may_be_written_to_unprotected(
    tmp_path: Path, url: str, security: Security, port: int
) -> None:
    found = server(settings(tmp_path, smtp_url=url))
    assert (found.security, found.port) == (security, port)


def test_user_and_password_are_unquoted_and_not_shown(tmp_path: Path) -> None:
    found = server(settings(tmp_path, smtp_url="smtps://school%40x.example:p%40ss%3A%2F@mail.example"))
    assert (found.user, found.password) == ("school@x.example", "p@ss:/")
    assert "p@ss" not in repr(found)


@pytest.mark.parametrize(
    "url",
    [
        "http://user:geheim@mail.example",
        "smtp://user:geheim@mail.example:port",
        "smtp://user:geheim@mail.example/inbox",
        "smtp://user:geheim@",
        "smtp://user:гехайм@mail.example",
        "mail.example",
    ],
)
def test_an_unusable_address_is_told_without_its_password(tmp_path: Path, url: str) -> None:
    with pytest.raises(InputError, match="ESCHOOL_SMTP_URL") as caught:
        server(settings(tmp_path, smtp_url=url))
    assert "geheim" not in str(caught.value)


def test_authorities_that_are_no_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"ESCHOOL_SMTP_CA=/nowhere\.pem is no file"):
        server(settings(tmp_path, smtp_url="smtps://mail.example", smtp_ca=Path("/nowhere.pem")))


@pytest.mark.parametrize("address", ["училище@example.org", "a b@example.org", "<a@example.org>", "a@", "a"])
def test_a_sender_that_is_no_address_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(InputError, match="ESCHOOL_MAIL_FROM"):
        sender_address(settings(tmp_path, mail_from=address))


def test_the_sender_and_message_ids_are_of_our_pages_domain(tmp_path: Path) -> None:
    config = settings(tmp_path, public_url="https://www.e-school.example:8443/x")
    assert (domain(config), sender_address(config)) == ("www.e-school.example", "no-reply@www.e-school.example")
    assert sender_address(settings(tmp_path)) == "no-reply@localhost.localdomain"


def test_without_a_server_letters_go_to_the_simulator_of_this_home(tmp_path: Path) -> None:
    first, second = settings(tmp_path / "one"), settings(tmp_path / "two", mail_simulator_port=2525)
    assert server(first) == server(first)
    assert server(first).password == endpoint.password(first)
    assert server(second).port == 2525
