"""The configuration of nginx that the documentation gives, in a real nginx before the real web."""

import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPMessage, HTTPSConnection
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from devtools.pbx import CHECKOUT, environment
from devtools.site import SECRET_KEY
from devtools.telephone.free_ports import free_port
from tests.admin_web.slow_clients import SLOW_BODY, seconds_of_pages, slow_clients

pytestmark = pytest.mark.slow
STRANGER = "127.0.0.2"
"""Another address of this machine, from which the slow clients come."""


@dataclass
class Front:
    """nginx at work: its port with TLS, and one without, for clients that are slow before there is any TLS."""

    tls: int
    plain: int
    folder: Path

    def answer(self, path: str, **headers: str) -> tuple[int, HTTPMessage]:
        """Status and headers."""
        connection = HTTPSConnection("127.0.0.1", self.tls, timeout=30, context=ssl._create_unverified_context())
        with closing(connection):
            connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            answer.read()
            return answer.status, answer.headers


def documented() -> str:
    """The block of docs/proxy.md."""
    text = (CHECKOUT / "docs" / "proxy.md").read_text("utf-8")
    (block,) = (part for part in re.findall(r"(?m)(?:^    .*\n|^\n)+", text) if "limit_conn_zone" in part)
    return "\n".join(line.removeprefix("    ") for line in block.splitlines())


def certify(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "school.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


@pytest.fixture(scope="module")
def front(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    assert nginx, "run `make test`, which installs nginx"
    home, folder = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("nginx")
    shutil.copy(sqlite_template, home / "eschool.db")
    certify(folder)
    web, tls, plain, redirecting = (free_port() for _ in range(4))
    block = documented()
    for ours, real in (
        ("127.0.0.1:8000", f"127.0.0.1:{web}"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{tls} ssl; listen 127.0.0.1:{plain};"),
        ("listen 80;", f"listen 127.0.0.1:{redirecting};"),
        ("/etc/ssl/eschool", str(folder)),
    ):
        assert ours in block
        block = block.replace(ours, real)
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy"))
    others = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1; user root;\n"
        f"events {{ worker_connections 2000; }}\nhttp {{ access_log off; {temporary} {others}\n{block}\n}}\n"
    )
    variables = {
        "ESCHOOL_HOME": str(home),
        "ESCHOOL_SECRET_KEY": SECRET_KEY,
        "ESCHOOL_WEB_PORT": str(web),
        "ESCHOOL_WEB_PROXIES": "1",
        "ESCHOOL_WEB_HTTPS": "true",
        "ESCHOOL_PUBLIC_URL": "https://school.example",
    }
    with ExitStack() as stack:
        for command, values in (
            ([str(Path(sys.executable).with_name("eschool")), "web", "serve"], environment(variables)),
            ([nginx, "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")], dict(os.environ)),
        ):
            process = subprocess.Popen(command, env=values, cwd=CHECKOUT, stderr=subprocess.DEVNULL)
            stack.callback(process.wait, 30)
            stack.callback(process.terminate)
        made = Front(tls, plain, folder)
        deadline = time.monotonic() + 30
        while not _answers(made):
            assert time.monotonic() < deadline, (folder / "error.log").read_text()
            time.sleep(0.2)
        yield made


def _answers(front: Front) -> bool:
    try:
        return front.answer("/healthz")[0] == 200
    except OSError:
        return False


def test_pages_come_through_it_and_figures_do_not(front: Front) -> None:
    status, headers = front.answer("/sign-in")
    assert status == 200
    assert headers["Strict-Transport-Security"]
    assert front.answer("/metrics")[0] == 404
    assert front.answer("/metrics", X_Forwarded_For="127.0.0.1")[0] == 404


def test_what_is_too_large_is_refused_by_it(front: Front) -> None:
    with socket.create_connection(("127.0.0.1", front.plain), timeout=30) as client:
        client.sendall(b"POST /sign-in HTTP/1.1\r\nHost: school.example\r\nContent-Length: 14000000\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 413 ")


def test_one_address_has_so_many_connections_and_no_more(front: Front) -> None:
    """Before the next test, whose clients use up what a second allows them."""
    with slow_clients(front.plain, 150, source=STRANGER, kinds=(SLOW_BODY,)):
        with closing(HTTPConnection("127.0.0.1", front.plain, timeout=30, source_address=(STRANGER, 0))) as connection:
            connection.request("GET", "/sign-in")
            assert connection.getresponse().status == 429
        assert seconds_of_pages(front.plain, 5)[-1] < 5.0


def test_two_hundred_slow_clients_behind_it_cost_the_others_little(front: Front) -> None:
    with slow_clients(front.plain, 200, source=STRANGER):
        waited = seconds_of_pages(front.plain, 40)
    assert waited[20] < 0.5
    assert waited[-1] < 5.0
