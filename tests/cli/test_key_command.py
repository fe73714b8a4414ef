"""The secret key as an operator handles it: a missing or another one is refused everywhere, and it can be exchanged."""

import json
import re
import shutil
import signal
import sqlite3
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyotp
import pytest
from alembic import command
from sqlalchemy import event, make_url, select, update

from db.migrate import config
from db.models import Staff, Student, Subscriber
from db.session import make_engine, open_database
from devtools.telephone.free_ports import free_port
from school.accounts import second_factor
from school.hearing import access
from school.security.crypto import vault
from school.students import national_ids
from school.subscriptions import email_links
from settings import Settings
from tests.cli.test_command_line import ESCHOOL, environment_of, eschool, sentence

NOW = datetime.now(UTC)
CALLERS = ("+359888123456", None)
MAIL = "maria@example.bg"
SERVERS = (
    ("agi", "serve"),
    ("agi", "dial"),
    ("sms", "serve"),
    ("mail", "serve"),
    ("scheduler", "serve"),
    ("web", "serve"),
)
COMMANDS = (
    ("db", "upgrade"),
    ("db", "check"),
    ("demo", "--json"),
    ("outbox", "show"),
    ("schedule", "list"),
    ("subscriptions", "list"),
    ("key", "fingerprint"),
)


@pytest.fixture(scope="module")
def school_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the demonstration school, to be copied."""
    home = tmp_path_factory.mktemp("school")
    assert eschool("demo", home=home).returncode == 0
    return home


@pytest.fixture
def home(school_home: Path, tmp_path: Path) -> Path:
    """A home of the test's own with the demonstration school."""
    return Path(shutil.copytree(school_home, tmp_path / "home"))


def in_vain(home: Path, *command: str, **variables: str) -> str:
    """The one sentence with which a command refuses its work."""
    port = str(free_port())
    result = eschool(*command, home=home, ESCHOOL_WEB_PORT=port, ESCHOOL_AGI_PORT=str(free_port()), **variables)
    assert (result.returncode, result.stdout if command != ("key", "fingerprint") else "") == (1, "")
    assert "Traceback" not in result.stderr
    return [line for line in result.stderr.splitlines() if line.startswith("eschool: ")][-1]


class TestAnotherKey:
    @pytest.mark.parametrize("command", SERVERS + COMMANDS, ids=" ".join)
    def test_is_refused_by_every_server_and_command(self, home: Path, command: tuple[str, ...]) -> None:
        (home / "secret.key").write_text("quite another key of more than 32 characters")
        assert "The secret key is not this database's" in in_vain(home, *command)

    @pytest.mark.parametrize("command", SERVERS + COMMANDS, ids=" ".join)
    def test_a_missing_one_is_not_replaced_by_a_new_one(self, home: Path, command: tuple[str, ...]) -> None:
        (home / "secret.key").unlink()
        assert "There is no secret key" in in_vain(home, *command)
        assert not (home / "secret.key").exists()

    @pytest.mark.parametrize("key", ["", "quite another key of more than 32 characters"])
    def test_is_refused_by_the_call_of_a_process_of_its_own(self, home: Path, key: str) -> None:
        (home / "secret.key").unlink()
        if key:
            (home / "secret.key").write_text(key)
        call = subprocess.run(
            [ESCHOOL.with_name("python"), "-m", "agi.agi_script", "inbound"],
            env=environment_of(home),
            input="agi_callerid: 0888123456\n\n" + "200 result=0\n" * 20,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert "secret key" in call.stderr
        assert "Traceback" not in call.stderr


class TestOfADatabaseOfBefore:
    """Filled, and without a fingerprint of its key."""

    @pytest.fixture
    def old(self, home: Path) -> Path:
        """As the version before left it."""
        engine = make_engine(make_url(f"sqlite:///{home / 'eschool.db'}"))
        event.listen(engine, "connect", lambda raw, _entry: raw.execute("PRAGMA foreign_keys = OFF"))
        with engine.begin() as connection:
            command.downgrade(config(connection), "0012")
        engine.dispose()
        return home

    def test_the_upgrade_notes_the_key_that_opens_what_is_there(self, old: Path) -> None:
        assert eschool("db", "upgrade", home=old).returncode == 0
        assert "key of the database" in eschool("key", "fingerprint", home=old).stdout

    def test_the_upgrade_masks_the_callers(self, old: Path) -> None:
        moment = "2026-11-02 08:00:00.000000"
        connection = sqlite3.connect(old / "eschool.db")
        connection.executemany(
            "INSERT INTO call (call_id, direction, caller, started_at, ended_at, outcome) "
            "VALUES (?, 'inbound', ?, ?, ?, ?)",
            [(f"{number:032}", caller, moment, moment, "finished") for number, caller in enumerate(CALLERS)],
        )
        connection.commit()
        assert eschool("db", "upgrade", home=old).returncode == 0
        assert connection.execute("SELECT caller FROM call ORDER BY id").fetchall() == [("+359…56",), (None,)]
        connection.close()

    def test_the_upgrade_refuses_another_one_and_changes_nothing(self, old: Path) -> None:
        own = (old / "secret.key").read_text()
        (old / "secret.key").write_text("quite another key of more than 32 characters")
        assert "opens nothing of what this database holds" in in_vain(old, "db", "upgrade")
        (old / "secret.key").write_text(own)
        assert eschool("db", "upgrade", home=old).returncode == 0


class Parent:
    """One follower of the demonstration, whose doors must open before and after."""

    def __init__(self, home: Path) -> None:
        self._home = home
        told = json.loads(eschool("demo", "--json", home=home).stdout)
        self._student, self._follower = next(
            (one, follower)
            for one in told["students"]
            for follower in one["subscriptions"]
            if follower["status"] == "active" and follower["phone"]
        )
        self.told: dict[str, Any] = {key: told[key] for key in ("staff", "students")}
        self._secret = pyotp.random_base32()
        with self._database() as session:
            subscriber = session.scalars(select(Subscriber).where(Subscriber.phone == self._follower["phone"])).one()
            subscriber.email = MAIL
            self._link = email_links.token(vault(session), subscriber.id, MAIL)
            self._subscriber_id = subscriber.id
            sealed = vault(session).encrypt(second_factor.PURPOSE, self._secret)
            staff = session.scalars(select(Staff.id).limit(1)).one()
            session.execute(update(Staff).where(Staff.id == staff).values(totp_encrypted=sealed))
            self._staff_id = staff

    def _database(self) -> Any:
        from contextlib import contextmanager

        @contextmanager
        def opened() -> Any:
            database = open_database(Settings(home=self._home))
            try:
                with database.session() as session:
                    yield session
            finally:
                database.dispose()

        return opened()

    def is_known_as_before(self) -> None:
        """The PIN by telephone, the ЕГН, the second factor, the link of a letter, and what the demonstration lists."""
        code, pin = self._student["student_code"], self._follower["pin"]
        with self._database() as session:
            assert isinstance(access.admit(session, "+359888000999", code, pin, NOW), access.Admitted)
            wrong = f"{(int(pin) + 1) % 10_000:04}"
            assert isinstance(access.admit(session, None, code, wrong, NOW), access.Refused)
            number = national_ids.parse(self._student["national_id"], NOW.date())
            stored = session.execute(
                select(Student.national_id_encrypted).where(
                    Student.national_id_hash == number.fingerprint(vault(session))
                )
            ).scalar_one()
            assert national_ids.decrypt(vault(session), stored) == number
            assert email_links.holder(session, self._link) == self._subscriber_id
            sealed = session.scalars(select(Staff.totp_encrypted).where(Staff.id == self._staff_id)).one()
            assert vault(session).decrypt(second_factor.PURPOSE, sealed) == self._secret
        told = json.loads(eschool("demo", "--json", home=self._home).stdout)
        assert {key: told[key] for key in ("staff", "students")} == self.told

    def stored(self) -> dict[str, bytes]:
        """Ciphertexts and hashes as they lie in the database."""
        connection = sqlite3.connect(self._home / "eschool.db")
        try:
            return dict(connection.execute("SELECT 's' || id, national_id_encrypted FROM student")) | dict(
                connection.execute("SELECT 'p' || id, pin_hash FROM subscription WHERE pin_hash IS NOT NULL")
            )
        finally:
            connection.close()


def rotate(home: Path, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """`eschool key rotate`, which must find no server of this machine's running."""
    ports = {"ESCHOOL_WEB_PORT": str(free_port()), "ESCHOOL_AGI_PORT": str(free_port())}
    return eschool("key", "rotate", *options, home=home, **ports, **variables)


class TestRotate:
    def test_another_secret_key_protects_the_same_data(self, home: Path) -> None:
        parent, former = Parent(home), (home / "secret.key").read_text()
        before = parent.stored()
        result = rotate(home)
        assert result.returncode == 0, result.stderr
        assert "run `eschool key rotate --data-keys`" in result.stdout
        assert (home / "secret.key").read_text() != former
        assert not (home / "secret.key.new").exists()
        assert parent.stored() == before
        parent.is_known_as_before()
        (home / "secret.key").write_text(former)
        assert "not this database's" in in_vain(home, "db", "check")

    def test_with_the_data_key_everything_is_written_anew(self, home: Path) -> None:
        parent, former = Parent(home), (home / "secret.key").read_text()
        before = parent.stored()
        for _ in range(2):  # a second layer over the PINs too
            result = rotate(home, "--data-keys")
            assert result.returncode == 0, result.stderr
            after = parent.stored()
            assert after.keys() == before.keys()
            assert not {key for key in before if before[key] == after[key]}
            parent.is_known_as_before()
            before = after
        (home / "secret.key").write_text(former)
        assert "not this database's" in in_vain(home, "demo", "--json")

    def test_killed_in_the_middle_it_is_finished_by_the_next(self, home: Path) -> None:
        parent = Parent(home)
        rows = sqlite3.connect(home / "eschool.db", isolation_level=None)
        # A database that is slow enough to be killed in the midst of it.
        script = (
            "import time; from school.security import exchange; exchange.AT_ONCE = 20; batches = exchange._batches\n"
            "def slow(*given):\n"
            "    for one in batches(*given):\n"
            "        time.sleep(0.1); yield one\n"
            "exchange._batches = slow; import eschool; eschool.main()"
        )
        ports = {"ESCHOOL_WEB_PORT": str(free_port()), "ESCHOOL_AGI_PORT": str(free_port())}
        process = subprocess.Popen(
            [ESCHOOL.with_name("python"), "-c", script, "key", "rotate", "--data-keys"],
            env=environment_of(home, **ports),
        )
        deadline = time.monotonic() + 60
        before = parent.stored()
        while True:
            changed = [key for key, value in parent.stored().items() if before[key] != value]
            if changed:
                break
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
        after = parent.stored()
        left = [key for key in before if before[key] == after[key]]
        assert left
        assert "being exchanged" in in_vain(home, "web", "serve")
        assert "--data-keys" in sentence(rotate(home), 2)
        result = rotate(home, "--data-keys")
        assert result.returncode == 0, result.stderr
        assert "it goes on" in result.stdout
        assert not [key for key in before if before[key] == parent.stored()[key]]
        assert rows.execute("SELECT max(version) FROM data_key").fetchone() == (2,)
        rows.close()
        parent.is_known_as_before()

    def test_interrupted_between_the_database_and_the_file_it_is_finished_by_the_next(self, home: Path) -> None:
        parent, former = Parent(home), (home / "secret.key").read_text()
        assert rotate(home).returncode == 0
        (home / "secret.key").rename(home / "secret.key.new")
        (home / "secret.key").write_text(former)
        assert "run `eschool key rotate` again" in in_vain(home, "db", "check")
        assert "is finished" in rotate(home).stdout
        parent.is_known_as_before()

    def test_a_key_of_the_environment_is_left_to_who_keeps_it(self, home: Path) -> None:
        own = (home / "secret.key").read_text()
        (home / "secret.key").unlink()
        result = rotate(home, ESCHOOL_SECRET_KEY=own)
        assert result.returncode == 0, result.stderr
        assert "set ESCHOOL_SECRET_KEY to it on every host" in result.stdout
        fresh = (home / "secret.key.new").read_text()
        assert fresh not in result.stdout
        assert (home / "secret.key.new").stat().st_mode & 0o777 == 0o600
        assert eschool("db", "check", home=home, ESCHOOL_SECRET_KEY=fresh).returncode == 0
        assert "not this database's" in in_vain(home, "db", "check", ESCHOOL_SECRET_KEY=own)

    def test_a_given_key_is_taken_and_a_short_one_refused(self, home: Path, tmp_path: Path) -> None:
        given = tmp_path / "given"
        given.write_text("too short\n")
        assert "no secret key" in sentence(rotate(home, "--new-key-file", str(given)), 2)
        given.write_text("a key that the operator has thought of himself\n")
        assert rotate(home, "--new-key-file", str(given)).returncode == 0
        assert (home / "secret.key").read_text() == given.read_text().strip()

    def test_the_data_key_is_not_exchanged_beside_a_running_process(self, home: Path) -> None:
        import socket

        with socket.create_server(("127.0.0.1", 0)) as web:
            port = str(web.getsockname()[1])
            result = eschool("key", "rotate", "--data-keys", home=home, ESCHOOL_WEB_PORT=port)
        assert re.search("stop every process", sentence(result, 1))
