"""After the messages that RFC 4475 tortures SIP with, calls are taken, and no caller's number stands in the log."""

import socket
import time

import pytest

from agi import asserted
from devtools.pbx import exchange_of
from devtools.telephone.heard import ClipBook
from devtools.telephone.telephone import Telephone
from settings import Settings
from tests.asterisk_conf.fastagi_peer import Visit, serving
from tests.fuzz.torture import MESSAGES

pytestmark = pytest.mark.calls


def test_what_no_telephone_sends_leaves_the_exchange_well_and_its_log_without_a_number(
    asterisk: Settings, clip_book: ClipBook
) -> None:
    log = asterisk.home_path / "asterisk.log"
    before = log.stat().st_size
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line,
        serving(asterisk.agi_port, Visit.finish) as visits,
        Telephone("0888654321", exchange_of(asterisk), clip_book) as telephone,
    ):
        line.bind(("127.0.0.1", 0))
        values = {
            b"{exchange}": exchange_of(asterisk).encode(),
            b"{local}": f"127.0.0.1:{line.getsockname()[1]}".encode(),
            b"{number}": asterisk.inbound_number.encode(),
        }
        for number, message in enumerate(MESSAGES.values()):
            for token, value in {**values, b"{branch}": b"%d" % number}.items():
                message = message.replace(token, value)
            line.sendto(message, (asterisk.sip_address, asterisk.sip_port))
            time.sleep(0.01)
        time.sleep(1)
        telephone.dial(asterisk.inbound_number)
        assert telephone.wait_for_end(20)
        assert any(asserted.caller(visit.environment["agi_arg_1"]) == "0888654321" for visit in visits)
    logged = log.read_bytes()[before:]
    assert b"0888123456" not in logged
    assert b"0888654321" not in logged
