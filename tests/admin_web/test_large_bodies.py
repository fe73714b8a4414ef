"""Large uploads to the web as it runs: who may send how much, and that nobody else's is kept."""

import re
import shutil
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from demonstration.secrets import password_of
from devtools.site import SECRET_KEY, Site, coming_school_day, served
from school.security.crypto import vault_of
from tests.admin_web.conftest import DOMAIN, MATHS, OPERATOR

pytestmark = pytest.mark.slow
MEGABYTE = 2**20


@pytest.fixture(scope="module")
def site(sqlite_demonstration: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("home")
    shutil.copy(sqlite_demonstration, home / "eschool.db")
    with served(home, coming_school_day(), ESCHOOL_WEB_WORKERS="1") as running:
        yield running


class Visitor:
    """A browser, through which somebody may sign in."""

    def __init__(self, site: Site, login: str = "") -> None:
        self._site = site
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self._token = ""
        if login:
            self.get("/sign-in")
            email = login + DOMAIN
            password = password_of(vault_of(SECRET_KEY.encode()), email)
            fields = {"email": email, "password": password, "csrf_token": self._token}
            status, _ = self._ask(
                "/sign-in", urllib.parse.urlencode(fields).encode(), "application/x-www-form-urlencoded"
            )
            assert status == 200

    def get(self, path: str) -> None:
        self._ask(path)

    def upload(self, path: str, size: int) -> tuple[int, str]:
        """A file of so many bytes, with the token of the page that was seen last."""
        parts = [
            b'--edge\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n' + self._token.encode() + b"\r\n",
            b'--edge\r\nContent-Disposition: form-data; name="first"\r\n\r\n1\r\n',
            b'--edge\r\nContent-Disposition: form-data; name="last"\r\n\r\n3\r\n',
            b'--edge\r\nContent-Disposition: form-data; name="sound"; filename="a.wav"\r\n\r\n',
            b"x" * size,
            b"\r\n--edge--\r\n",
        ]
        return self._ask(path, b"".join(parts), "multipart/form-data; boundary=edge")

    def _ask(self, path: str, data: bytes | None = None, kind: str = "") -> tuple[int, str]:
        request = urllib.request.Request(f"{self._site.url}{path}", data, {"Content-Type": kind} if kind else {})
        try:
            with self._opener.open(request, timeout=60) as answer:
                status, text = answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read().decode()
        if found := re.search(r'name="csrf_token"[^>]*value="([^"]+)"', text):
            self._token = found[1]
        return status, text


def test_a_long_recording_arrives(site: Site) -> None:
    operator = Visitor(site, OPERATOR)
    operator.get("/voice/long")
    status, page = operator.upload("/voice/long", 30 * MEGABYTE)
    assert status == 422, page[:2000]  # it was looked at: it is no sound


@pytest.mark.parametrize(("login", "path"), [(MATHS, "/voice/long"), (OPERATOR, "/sign-in"), ("", "/sign-in")])
def test_nobody_elses_large_upload_is_taken(site: Site, login: str, path: str) -> None:
    visitor = Visitor(site, login)
    visitor.get("/sign-in")
    try:
        status, _ = visitor.upload(path, 30 * MEGABYTE)
    except OSError:  # the connection is ended in the midst of it
        return
    assert status in (403, 413)


def test_an_upload_of_an_ordinary_size_is_kept_outside_memory(site: Site) -> None:
    operator = Visitor(site, OPERATOR)
    operator.get("/voice/long")
    assert operator.upload("/voice/long", 2 * MEGABYTE)[0] == 422
