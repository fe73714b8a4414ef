"""A teacher's browser: signs in, and hands in a lesson's sheet until it is accepted or refused, as the page does."""

import http.client
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from threading import local

SECONDS = 20.0
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
TRY_AGAIN = frozenset({0, 502, 503, 504})
"""What a later try can mend (admin_web/static/lesson.js); 0: no answer at all."""


class Browser:
    """One person's browser; each thread that uses it has cookies of its own for each host."""

    def __init__(self, email: str, password: str) -> None:
        self._email, self._password = email, password
        self._here = local()

    def save(self, root: str, fields: dict[str, str]) -> tuple[int, str]:
        """Hand a sheet in; gives the status, 0 when there was no answer, and what was said."""
        try:
            opener, token = self._signed_in(root)
            status, told = self._post(opener, f"{root}/lessons/save", fields | {"csrf_token": token})
            if status in (400, 401, 302):  # the session is over, or the form is stale
                self._forget(root)
                opener, token = self._signed_in(root)
                status, told = self._post(opener, f"{root}/lessons/save", fields | {"csrf_token": token})
        except (OSError, http.client.HTTPException) as error:
            return 0, str(error)
        return status, told

    def _signed_in(self, root: str) -> tuple[urllib.request.OpenerDirector, str]:
        known: dict[str, tuple[urllib.request.OpenerDirector, str]] = self._here.__dict__.setdefault("known", {})
        if root not in known:
            opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
            page = opener.open(f"{root}/sign-in", timeout=SECONDS).read().decode()
            form = {"email": self._email, "password": self._password, "csrf_token": _token(page)}
            opener.open(f"{root}/sign-in", urllib.parse.urlencode(form).encode(), timeout=SECONDS).read()
            with opener.open(f"{root}/lessons/token", timeout=SECONDS) as answer:
                token = json.loads(answer.read())["token"]
            known[root] = (opener, token)
        return known[root]

    def _forget(self, root: str) -> None:
        self._here.__dict__.get("known", {}).pop(root, None)

    @staticmethod
    def _post(opener: urllib.request.OpenerDirector, url: str, fields: dict[str, str]) -> tuple[int, str]:
        request = urllib.request.Request(
            url, urllib.parse.urlencode(fields).encode(), headers={"Accept": "application/json"}
        )
        try:
            with opener.open(request, timeout=SECONDS) as answer:
                body = answer.read().decode("utf-8", "replace")
                is_json = answer.headers.get_content_type() == "application/json"
                return (answer.status if is_json else 401), body
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode("utf-8", "replace")


def _token(page: str) -> str:
    found = TOKEN.search(page)
    if not found:
        raise OSError("the sign-in page has no form")
    return found[1]
