"""Real calls with the headers that telephone networks send: whom the product takes for the caller."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import count

import pytest

from logs import masked_phone
from tests.calls.product import Product

pytestmark = pytest.mark.calls

_numbers = count(1)
SDP = (
    "v=0\r\no=parent 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio {port} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"
)


def call(product: Product, caller: str, headers: str, seconds: float = 6.0) -> None:
    """A call from `caller` (the user of From) with more header lines, hung up after some seconds."""
    exchange = (product.settings.sip_address, product.settings.sip_port)
    udp = socket.AF_INET, socket.SOCK_DGRAM
    with socket.socket(*udp) as line, socket.socket(*udp) as ear:
        line.bind(("127.0.0.1", 0))
        ear.bind(("127.0.0.1", 0))
        line.settimeout(10)
        port, one = line.getsockname()[1], next(_numbers)
        sdp = SDP.format(port=ear.getsockname()[1])

        def send(method: str, sequence: int, tag: str = "", more: str = "", body: str = "") -> None:
            request = (
                f"{method} sip:{product.settings.inbound_number}@{exchange[0]} SIP/2.0\r\n"
                f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK-{one}-{method}-{sequence};rport\r\n"
                f"Max-Forwards: 70\r\nFrom: <sip:{caller}@127.0.0.1>;tag=1\r\n"
                f"To: <sip:{product.settings.inbound_number}@{exchange[0]}>{tag}\r\nCall-ID: {one}-{port}@parents\r\n"
                f"CSeq: {sequence} {method}\r\nContact: <sip:{caller}@127.0.0.1:{port}>\r\n{more}"
                + ("Content-Type: application/sdp\r\n" if body else "")
                + f"Content-Length: {len(body)}\r\n\r\n{body}"
            )
            line.sendto(request.encode(), exchange)

        send("INVITE", 1, more=headers, body=sdp)
        while not (answer := line.recv(8000).decode()).startswith("SIP/2.0 200"):
            assert answer.startswith("SIP/2.0 1"), answer
        tag = ";tag=" + answer.partition("To:")[2].partition("tag=")[2].split("\r\n")[0]
        send("ACK", 1, tag)
        time.sleep(seconds)
        send("BYE", 2, tag)
        line.recv(8000)


def test_the_number_that_the_network_asserts_is_recognised_unless_it_is_to_be_hidden(
    product_without_server: Product,
) -> None:
    product = product_without_server
    phones = [parent.phone for parent in product.parents_of_one[-5:]]
    stranger = "0888777001"
    asserted = {
        phones[0]: "P-Asserted-Identity: <sip:maria@ims.example>, <tel:{0}>\r\n",
        phones[1]: "P-Asserted-Identity: <tel:{0}>,\r\n  <sip:{0}@ims.example;user=phone>\r\n",
        phones[2]: "P-Asserted-Identity: <sip:maria@ims.example>\r\nP-Asserted-Identity: tel:{0}\r\nPrivacy: none\r\n",
    }
    hidden = {
        phones[3]: "P-Asserted-Identity: <tel:{0}>\r\nPrivacy: user;id\r\n",
        phones[4]: "Privacy: id\r\n",
    }
    began = datetime.now(UTC)
    with product.voice_server(), ThreadPoolExecutor(5) as lines:
        made = [
            lines.submit(call, product, stranger if phone in phones[:4] else phone, headers.format(phone))
            for phone, headers in {**asserted, **hidden}.items()
        ]
        for one in made:
            one.result(timeout=60)
        deadline = time.monotonic() + 20
        while len(found := product.steps_by_caller(began)) < len(made):
            assert time.monotonic() < deadline
            time.sleep(0.2)
    recognised = sorted(caller or "" for caller, states in found if "news-count" in states)
    assert recognised == sorted(masked_phone(phone) for phone in asserted)
    assert [caller for caller, states in found if "enter-code" in states] == [None] * len(hidden)
