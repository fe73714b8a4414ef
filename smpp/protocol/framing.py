"""The octets of a connection -> PDUs. An incomplete PDU waits for its rest."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

HEADER = struct.Struct(">LLLL")
"""command_length, command_id, command_status, sequence_number (SMPP 3.4, 3.2)."""

_LENGTH = struct.Struct(">L")
SHORTEST = HEADER.size
LONGEST = 64 * 1024
"""Octets of the longest PDU accepted: a message_payload may have 64 K, ours never have."""


class Frame(NamedTuple):
    """One PDU as it came: its header and the octets of its body."""

    command_id: int
    status: int
    sequence: int
    body: bytes


class FramingError(Exception):
    """A command_length that cannot be: where the next PDU begins is not known any more, the connection must end.

    `sequence` is that of the PDU's header when it can be trusted, else 0 (what generic_nack is to carry).
    """

    def __init__(self, length: int, sequence: int) -> None:
        super().__init__(f"command_length {length}")
        self.length = length
        self.sequence = sequence


class FrameBuffer:
    """Collects octets and hands out whole PDUs."""

    def __init__(self) -> None:
        self._octets = bytearray()

    def feed(self, octets: bytes) -> Iterator[Frame]:
        """Add what came; yields the PDUs that are whole now, to be consumed before the next `feed`.

        Raises FramingError, after the PDUs before it, at a command_length outside SHORTEST..LONGEST.
        """
        buffer = self._octets
        buffer += octets
        start, end = 0, len(buffer)
        try:
            while end - start >= 4:
                (length,) = _LENGTH.unpack_from(buffer, start)
                if not SHORTEST <= length <= LONGEST:
                    raise FramingError(length, self._sequence(start) if length > LONGEST else 0)
                if end - start < length:
                    return
                _, command_id, status, sequence = HEADER.unpack_from(buffer, start)
                body = bytes(buffer[start + SHORTEST : start + length])
                start += length
                yield Frame(command_id, status, sequence, body)
        finally:
            del buffer[:start]

    def _sequence(self, start: int) -> int:
        header = self._octets[start : start + SHORTEST]
        return int(HEADER.unpack(header)[3]) if len(header) == SHORTEST else 0
