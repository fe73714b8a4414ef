"""Sound goes on all the time: trunks and their firewalls take a call without packets for dead, and end it."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.calls.bare_telephone import BareTelephone
from tests.calls.product import Product

pytestmark = pytest.mark.calls

LARGEST_GAP = 0.1
"""Seconds."""


def gap_of_call(product: Product, caller: str, key: str, seconds: float) -> float:
    """The largest gap of a call in which nobody presses a key, but for this one at its beginning."""
    with BareTelephone(product.settings, caller) as telephone:
        telephone.call()
        time.sleep(1.0)
        if key:
            telephone.press_by_info(key)
        time.sleep(seconds)
        return telephone.largest_gap()


def test_packets_come_while_a_key_is_awaited_and_from_the_first_moment(product_without_server: Product) -> None:
    product = product_without_server
    recognised = product.parents_of_one[-1].phone
    with product.voice_server(), ThreadPoolExecutor(2) as lines:
        # The settings take ten seconds, and nobody presses a key for five, again and again; the code for seven.
        calls = [
            lines.submit(gap_of_call, product, caller, key, 25.0)
            for caller, key in ((recognised, "7"), ("0888777002", ""))
        ]
        gaps = [call.result() for call in calls]
    assert max(gaps) < LARGEST_GAP


def test_packets_come_while_the_voice_server_works_before_its_first_word(product_without_server: Product) -> None:
    product = product_without_server
    with product.voice_server() as server, BareTelephone(product.settings, "0888777003") as telephone:
        server.send_signal(signal.SIGSTOP)
        try:
            telephone.call()
            time.sleep(2.5)
            assert not any(set(packet.sound) - {0xD5} for packet in telephone.packets())
        finally:
            server.send_signal(signal.SIGCONT)
        time.sleep(2.0)
        assert any(set(packet.sound) - {0xD5} for packet in telephone.packets())
        assert telephone.largest_gap() < LARGEST_GAP
