"""Guessing against the pages as they are served, from sixty addresses and from one network of IPv6.

What the attackers do must get them nowhere, and must not keep anybody out.
"""

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest
from sqlalchemy import delete, func, select, update
from stdnum import luhn

from admin_web.even_time import SECONDS
from db.kinds import Door, LinkPurpose, SubscriptionStatus
from db.models import Lockout, Message, School, Staff, Subscriber, Subscription, WrongCodes
from db.session import Database
from demonstration.secrets import password_of
from devtools.site import SECRET_KEY, Site, served
from school import accounts
from school.monitoring import wrong_codes
from school.outbox.enqueue import PIN_PURPOSE
from school.security import passwords
from school.security.crypto import vault, vault_of
from tests.admin_web.conftest import DOMAIN, PRINCIPAL
from tests.school.people import known

LEADER = PRINCIPAL + DOMAIN
PASSWORD = password_of(vault_of(SECRET_KEY.encode()), LEADER)
NEW = "нова дълга парола"
IN, WRONG, LOCKED, FLOOD = "Изход", "са грешни", "Твърде много", "429"
SIXTY = [f"203.{number}.113.7" for number in range(60)]
ONE_64 = [f"2001:db8:1:1::{number:x}" for number in range(1, 101)]
HOME, FAR = "192.0.2.1", "198.51.100.1"


class Visitor:
    """Somebody with a browser at a network address, behind the proxy that the settings trust."""

    def __init__(self, site: Site, address: str) -> None:
        self._url, self.address = site.url, address
        self._opener = build_opener(HTTPCookieProcessor(CookieJar()))
        self._token = ""

    def get(self, path: str) -> str:
        return self._open(Request(self._url + path))

    def post(self, path: str, **fields: str) -> str:
        """Open the page and hand in its form; a page, or the status when it is refused."""
        self.get(path)
        return self._open(Request(self._url + path, urlencode({"csrf_token": self._token, **fields}).encode()))

    def seconds_to_post(self, path: str, **fields: str) -> float:
        """How long the answer to the form takes that was opened before."""
        began = time.perf_counter()
        answer = self._open(Request(self._url + path, urlencode({"csrf_token": self._token, **fields}).encode()))
        took = time.perf_counter() - began
        assert not answer.startswith(FLOOD)
        return took

    def sign_in(self, password: str = PASSWORD, email: str = LEADER) -> str:
        page = self.post("/sign-in", email=email, password=password)
        return next((told for told in (IN, WRONG, LOCKED, FLOOD) if told in page), page)

    def _open(self, request: Request) -> str:
        request.add_header("X-Forwarded-For", self.address)
        try:
            with self._opener.open(request, timeout=60) as answer:
                page = str(answer.read().decode())
        except HTTPError as error:
            return f"{error.code} {error.read().decode()}"
        if found := re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page):
            self._token = found[1]
        return page


def together(site: Site, addresses: list[str], act: Callable[[int, Visitor], str]) -> list[str]:
    """What everyone of these does, eight at a time."""
    visitors = [Visitor(site, address) for address in addresses]
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(act, range(len(visitors)), visitors))


def url_of(database: Database) -> str:
    with database.reading() as session:
        return session.connection().engine.url.render_as_string(hide_password=False)


@pytest.fixture
def site(demonstration: Database, tmp_path: Path) -> Iterator[Site]:
    """The pages of the demonstration school, at the machine's own time: cookies are kept by it."""
    with demonstration.session() as session:
        session.execute(update(School).values(new_email_waits=False))
    url = url_of(demonstration)
    with served(tmp_path, datetime.now(UTC), ESCHOOL_DATABASE_URL=url, ESCHOOL_WEB_PROXIES="1") as found:
        yield found


def links(database: Database, email: str) -> list[str]:
    """The links of the letters to an address, as paths."""
    with database.reading() as session:
        rows = session.scalars(select(Message.pin_encrypted).where(Message.address == email).order_by(Message.id))
        found = [vault(session).decrypt(PIN_PURPOSE, one) for one in rows if one]
    return [re.sub(r"^https?://[^/]+", "", one) for one in found if "/" in one]


def code_of(number: int) -> str:
    """A code whose check digit is right; as good as certainly nobody's."""
    digits = f"{number:07}"
    return digits + str(luhn.calc_check_digit(digits))


class TestCodesOnTheWeb:
    @staticmethod
    def guess(number: int, visitor: Visitor) -> str:
        return visitor.post("/email/", email=f"m{number}@attacker.example", code=code_of(number))

    def test_sixty_addresses_learn_nothing_and_a_family_still_subscribes(
        self, site: Site, demonstration: Database
    ) -> None:
        with demonstration.reading() as session:
            before = session.scalar(select(func.count()).select_from(Message))
        answers = together(site, SIXTY * 2, self.guess)
        assert all("Ако кодът е верен" in one for one in answers)
        with demonstration.reading() as session:
            looked_up = session.scalar(select(func.sum(WrongCodes.count)).where(WrongCodes.door == Door.WEB)) or 0
            written = (session.scalar(select(func.count()).select_from(Message)) or 0) - (before or 0)
        # Eight may be under way when the brake falls. After that each guess needs a mailbox that is read.
        assert wrong_codes.MANY <= looked_up <= wrong_codes.MANY + 8
        assert looked_up + written == len(answers)
        family, email = Visitor(site, HOME), "family@example.org"
        assert "Ако кодът е верен" in family.post("/email/", email=email, code=known(demonstration).code)
        (link,) = links(demonstration, email)
        assert "Готово" in family.post(link)
        with demonstration.reading() as session:
            statement = select(Subscription.status).join(Subscriber).where(Subscriber.email == email)
            assert session.scalars(statement).one() is SubscriptionStatus.ACTIVE

    def test_one_network_of_ipv6_counts_as_one_asker(self, site: Site, demonstration: Database) -> None:
        answers = together(site, ONE_64, self.guess)
        assert sum(one.startswith(FLOOD) for one in answers) >= len(ONE_64) - 2 * 30  # 30 a minute of each process
        email = "family@example.org"
        Visitor(site, "2001:db8:2:1::1").post("/email/", email=email, code=known(demonstration).code)
        assert len(links(demonstration, email)) == 1


class TestSigningIn:
    def test_sixty_addresses_keep_nobody_out(self, site: Site, demonstration: Database) -> None:
        own, other = Visitor(site, HOME), Visitor(site, FAR)
        assert own.sign_in() == IN
        own.post("/sign-out")
        answers = together(site, SIXTY * 5, lambda _, visitor: visitor.sign_in("a wrong password"))
        assert answers.count(WRONG) == 50
        assert own.sign_in() == IN  # the device is known
        own.address = FAR
        own.post("/sign-out")
        assert own.sign_in() == IN  # wherever it is
        assert other.sign_in() == LOCKED  # a new one has to wait, or to prove that the mailbox is one's own
        other.post("/forgotten", email=LEADER)
        other.post(links(demonstration, LEADER)[-1], password=NEW, again=NEW)
        together(site, SIXTY * 2, lambda _, visitor: visitor.sign_in("a wrong password"))
        assert other.sign_in(NEW) == IN

    def test_one_network_of_ipv6_gets_three_tries_and_others_sign_in(self, site: Site) -> None:
        answers = together(site, ONE_64[:30], lambda _, visitor: visitor.sign_in("a wrong password"))
        assert (answers.count(WRONG), answers.count(LOCKED)) == (3, 27)
        assert Visitor(site, HOME).sign_in() == IN

    def test_an_address_with_and_without_an_account_cost_equally_much(self, demonstration: Database) -> None:
        """Processor time of this thread, which other programs do not add to."""
        with demonstration.session() as session:
            session.execute(update(Staff).where(Staff.email == f"m.stoyanova{DOMAIN}").values(is_active=False))
            hashed = passwords.hash_password(PASSWORD)
            session.execute(update(Staff).where(Staff.email == f"o.petkov{DOMAIN}").values(password_hash=hashed))
        emails = [f"{name}{DOMAIN}" for name in (PRINCIPAL, "m.stoyanova", "o.petkov", "nobody")]
        spent: dict[str, list[float]] = {email: [] for email in emails}
        for _ in range(8):
            for email in emails:
                with demonstration.session() as session:
                    session.execute(delete(Lockout))
                    began = time.thread_time()
                    refused = accounts.sign_in(
                        session, email, "no", code=None, address=HOME, device="", devices="", now=datetime.now(UTC)
                    )
                    spent[email].append(time.thread_time() - began)
                assert isinstance(refused, accounts.Refusal)
        least = [min(times) for times in spent.values()]
        assert max(least) < 2 * min(least)


class TestForgotten:
    def test_strangers_leave_an_invitation_and_a_mailbox_alone(self, site: Site, demonstration: Database) -> None:
        with demonstration.session() as session:
            staff_id = session.scalars(select(Staff.id).where(Staff.email == LEADER)).one()
            invitation = accounts.make_link(session, staff_id, LinkPurpose.INVITATION, datetime.now(UTC))
        together(site, SIXTY[:30], lambda _, visitor: visitor.post("/forgotten", email=LEADER))
        sent = links(demonstration, LEADER)
        assert 5 <= len(sent) <= 7
        assert LEADER in Visitor(site, HOME).get(sent[-1])  # the newest link works
        Visitor(site, HOME).post(f"/password/{invitation}", password=NEW, again=NEW)
        assert Visitor(site, HOME).sign_in(NEW) == IN

    def test_an_address_without_an_account_is_not_answered_sooner(self, site: Site, demonstration: Database) -> None:
        def seconds(number: int, email: str) -> float:
            visitor = Visitor(site, SIXTY[number])
            visitor.get("/forgotten")
            return visitor.seconds_to_post("/forgotten", email=email)

        with demonstration.reading() as session:
            emails = session.scalars(select(Staff.email).where(Staff.is_active).limit(10)).all()
        # Both wait until the same moment, which the work of neither reaches on a machine with nothing else to do.
        times = [(seconds(one, email), seconds(one, f"nobody{one}{DOMAIN}")) for one, email in enumerate(emails[:3])]
        assert len(times) == 3
        assert min(map(min, times)) >= SECONDS


def test_what_is_counted_does_not_end_with_a_restart(demonstration: Database, tmp_path: Path) -> None:
    url = url_of(demonstration)
    now = datetime.now(UTC)
    for expected in ([WRONG] * 3 + [LOCKED], [LOCKED] * 4):
        with served(tmp_path, now, ESCHOOL_DATABASE_URL=url, ESCHOOL_WEB_PROXIES="1") as site:
            stranger = Visitor(site, FAR)
            assert [stranger.sign_in("a wrong password") for _ in range(4)] == expected
        now += timedelta(seconds=1)
