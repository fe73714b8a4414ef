"""The program that serves a call while the voice server is away, with whatever stands in a call's first lines."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from devtools.pbx import CHECKOUT
from devtools.site import SECRET_KEY


def answered(home: Path, octets: bytes) -> subprocess.CompletedProcess[bytes]:
    """Run it as Asterisk does, in a locale in which Python takes no other octets than UTF-8's."""
    strict = {"ESCHOOL_HOME": str(home), "ESCHOOL_SECRET_KEY": SECRET_KEY, "PYTHONIOENCODING": "utf-8:strict"}
    return subprocess.run(
        [sys.executable, "-m", "agi.agi_script", "inbound"],
        input=octets,
        capture_output=True,
        env={**os.environ, **strict},
        cwd=CHECKOUT,
        check=False,
    )


@pytest.mark.parametrize("name", [b"\xcc\xe0\xf0\xe8\xff", b"\xff\xfe\0", "Мария".encode()])
def test_a_caller_whose_name_is_in_another_coding_is_served(tmp_path: Path, name: bytes) -> None:
    done = answered(tmp_path, b"agi_network: yes\nagi_calleridname: " + name + b"\nagi_callerid: 0888123456\n\n")
    assert done.stdout.startswith(b'SET VARIABLE "TIMEOUT(absolute)"')
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("rubbish", [b"", b"agi_network: ye", b"GET / HTTP/1.0\r\n\r\n", b"\xff" * 5000])
def test_what_is_no_call_ends_in_a_line_and_not_in_a_traceback(tmp_path: Path, rubbish: bytes) -> None:
    done = answered(tmp_path, rubbish)
    assert done.stdout == b""
    assert b"Traceback" not in done.stderr
