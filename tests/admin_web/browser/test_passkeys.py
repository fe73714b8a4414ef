"""Passkeys in a real Chromium with a virtual authenticator: registering, signing in, replays and other origins."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import CDPSession

from demonstration.plan import words
from demonstration.secrets import password_of
from devtools.browser import Window
from devtools.site import SECRET_KEY, TEACHER, Site, coming_school_day, served
from devtools.telephone.free_ports import free_port
from school.security.crypto import vault_of

EMAIL = f"{TEACHER}@{words.EMAIL_DOMAIN}"
PASSWORD = password_of(vault_of(SECRET_KEY.encode()), EMAIL)
REFUSED = "Ключът за достъп не беше приет"
Windows = Callable[..., Window]


class NamedSite(Site):
    """The site at a host name: browsers have no passkeys at a number."""

    @property
    def url(self) -> str:
        """Its address."""
        return self.variables["ESCHOOL_PUBLIC_URL"]


@pytest.fixture(scope="module")
def site(school_day_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The application at http://localhost."""
    home = tmp_path_factory.mktemp("passkeys")
    (home / "eschool.db").write_bytes((school_day_home / "eschool.db").read_bytes())
    port = str(free_port())
    with served(
        home, coming_school_day(), ESCHOOL_WEB_PORT=port, ESCHOOL_PUBLIC_URL=f"http://localhost:{port}"
    ) as found:
        yield NamedSite(found.variables, found.now)


def authenticator(window: Window) -> tuple[CDPSession, str]:
    """A device with a fingerprint reader that recognises the person."""
    devtools = window.context.new_cdp_session(window.page)
    devtools.send("WebAuthn.enable")
    made = devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
                "isUserVerified": True, "automaticPresenceSimulation": True,
            }
        },
    )  # fmt: skip
    return devtools, made["authenticatorId"]


def with_passkey(window: Window) -> tuple[CDPSession, str]:
    """The teacher signs in, adds a passkey, sees the recovery codes, and signs out."""
    window.open("/sign-in")
    device = authenticator(window)
    window.sign_in(EMAIL, PASSWORD)
    window.open("/profile/passkeys/new")
    window.page.get_by_label("Име на ключа").fill("служебен лаптоп")
    window.page.get_by_label("Парола").fill(PASSWORD)
    window.page.get_by_role("button", name="Добави").click()
    window.page.get_by_role("heading", name="Кодове за възстановяване").wait_for()
    assert window.page.locator("code.key").count() == 10
    window.open("/profile")
    assert "служебен лаптоп, още не е използван" in window.page.content()
    window.page.get_by_role("button", name="Изход").click()
    return device


def enter_with_passkey(window: Window) -> None:
    window.open("/sign-in")
    window.page.get_by_role("button", name="Влез с ключ за достъп").click()
    window.page.get_by_role("button", name="Изход").wait_for()


def remove_passkey(window: Window) -> None:
    """With the password and the passkey itself in place of a code."""
    window.open("/profile")
    window.page.get_by_role("link", name=re.compile("Премахни")).click()
    window.page.get_by_label("Парола").fill(PASSWORD)
    window.page.get_by_role("button", name="Премахни").click()
    assert "Паролата или кодът не са верни" in window.page.content()
    window.page.get_by_label("Парола").fill(PASSWORD)
    window.page.get_by_role("button", name="С ключ за достъп вместо код").click()
    window.page.get_by_text("Ключът за достъп е премахнат.").wait_for()


def test_a_passkey_stands_for_password_and_code_until_it_is_removed(window: Windows) -> None:
    one = window()
    with_passkey(one)
    one.open("/sign-in")
    one.page.get_by_label("Имейл").fill(EMAIL)
    one.page.get_by_label("Парола").fill(PASSWORD)
    one.page.keyboard.press("Enter")
    one.page.get_by_label("Код от телефона").wait_for()  # the password alone is not enough any more
    enter_with_passkey(one)
    one.open("/profile")
    assert "последно използван" in one.page.content()
    remove_passkey(one)
    one.page.get_by_role("button", name="Изход").click()
    one.sign_in(EMAIL, PASSWORD)


def test_what_was_answered_once_is_refused(window: Windows) -> None:
    one = window()
    with_passkey(one)
    with one.page.expect_request("**/sign-in/passkey") as answered:
        enter_with_passkey(one)
    answer, cookie = answered.value.post_data, answered.value.all_headers()["cookie"]
    one.page.get_by_role("button", name="Изход").click()
    one.context.clear_cookies()
    replayed = one.context.request.post(  # the attacker has also the cookie of the challenge
        f"{one.site.url}/sign-in/passkey",
        data=answer,
        headers={"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie},
    )
    assert REFUSED in replayed.text()
    enter_with_passkey(one)
    remove_passkey(one)


def test_a_passkey_that_counts_backwards_is_refused(window: Windows) -> None:
    one = window()
    devtools, device = with_passkey(one)
    enter_with_passkey(one)
    one.page.get_by_role("button", name="Изход").click()
    (kept,) = devtools.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]
    devtools.send("WebAuthn.removeCredential", {"authenticatorId": device, "credentialId": kept["credentialId"]})
    devtools.send("WebAuthn.addCredential", {"authenticatorId": device, "credential": kept | {"signCount": 0}})
    one.open("/sign-in")
    one.page.get_by_role("button", name="Влез с ключ за достъп").click()
    one.page.get_by_text(REFUSED).wait_for()
