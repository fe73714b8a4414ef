"""The same sender against a mail server that is not ours and not Python: Exim, which offers PIPELINING and CHUNKING."""

import getpass
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from devtools.mailbox import waits_until
from devtools.telephone.free_ports import free_port
from tests.mail.conftest import SchoolByMail, Start

USER_OF_ROOT = "Debian-exim"
"""Exim delivers nothing as root."""
CONFIGURATION = """
exim_user = {user}
exim_group = {group}
keep_environment =
primary_hostname = mail.example
spool_directory = {folder}/spool
log_file_path = {folder}/%slog
pid_file_path = {folder}/pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
tls_advertise_hosts =
acl_smtp_rcpt = acl_rcpt
acl_smtp_data = accept
begin acl
acl_rcpt:
  deny local_parts = nobody
  defer local_parts = later
  accept
begin routers
all:
  driver = accept
  transport = box
begin transports
box:
  driver = appendfile
  maildir_format
  directory = {folder}/box
  create_directory
  user = {user}
  group = {group}
"""


@pytest.fixture
def exim(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """A running Exim: its port, and the folder of the letters it delivered."""
    folder, port = tmp_path / "exim", free_port()
    (folder / "spool").mkdir(parents=True)
    (folder / "box").mkdir()
    user = USER_OF_ROOT if os.geteuid() == 0 else getpass.getuser()
    configuration = folder / "exim.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder, port=port, user=user, group=user), "utf-8")
    configuration.chmod(0o644)  # who delivers reads it anew, as Exim's user
    if os.geteuid() == 0:
        for path in (folder, folder / "spool", folder / "box"):
            shutil.chown(path, user, user)
        for parent in folder.parents:
            if parent.owner() == "root" and parent != Path("/") and not parent.stat().st_mode & 0o001:
                parent.chmod(parent.stat().st_mode | 0o011)
    program = shutil.which("exim4", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program, "exim4-daemon-light is not installed"
    process = subprocess.Popen(
        [program, "-C", str(configuration), "-bdf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    waits_until(lambda: _listens(port))  # a sender that finds nobody comes again only much later
    yield port, folder / "box" / "new"
    process.terminate()
    process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("demonstration", ["sqlite"], indirect=True)
def test_exim_takes_them_and_refuses_for_good_and_for_now(
    school: SchoolByMail, start_sender: Start, exim: tuple[int, Path]
) -> None:
    port, box = exim
    ids = school.write("maika@example.org", "nobody@example.org", "later@example.org", "bashta@example.org")
    start_sender(f"smtp://127.0.0.1:{port}")
    waits_until(lambda: school.states(*ids) == ["sent", "failed", "ready", "sent"], 40)
    waits_until(lambda: box.exists() and len(list(box.iterdir())) == 2)
    letters = [message_from_bytes(path.read_bytes(), policy=default) for path in box.iterdir()]
    assert {letter["To"] for letter in letters} == {"maika@example.org", "bashta@example.org"}
    assert {letter["Subject"] for letter in letters} == {"Тема"}
