"""The limit: smpplib alone, one thread, nothing kept. `python -m bench.bare_smpplib PORT MESSAGES WINDOW`.

Sends MESSAGES texts with at most WINDOW unanswered, acknowledges the receipt of each, and prints the seconds of CPU it
took and its memory at most, in MB.
"""

import resource
import socket
import sys
from typing import Any

from smpplib import consts
from smpplib.client import Client


def main(port: int, messages: int, window: int) -> None:
    """Send and count."""
    answered = receipts = 0

    def sent(pdu: Any) -> None:
        nonlocal answered
        answered += 1

    def received(pdu: Any) -> int:
        nonlocal receipts
        receipts += 1
        return int(consts.SMPP_ESME_ROK)

    client = Client("127.0.0.1", port, timeout=30, allow_unknown_opt_params=True)
    client.set_message_sent_handler(sent)
    client.set_message_received_handler(received)
    client.connect()
    client._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.bind_transceiver(system_id="bare", password="secret")
    submitted = 0
    text = "Мария: Математика – Отличен (6), контролна работа".encode("utf-16-be")
    while receipts < messages:
        while submitted < messages and submitted - answered < window:
            client.send_message(
                source_addr_ton=3,
                source_addr_npi=0,
                source_addr="1987",
                dest_addr_ton=1,
                dest_addr_npi=1,
                destination_addr=f"35988{submitted:07d}",
                short_message=text,
                data_coding=8,
                registered_delivery=1,
            )
            submitted += 1
        client.read_once()
    client.unbind()
    client.disconnect()
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
