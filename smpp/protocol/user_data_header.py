"""The user data header of a short message (3GPP TS 23.040, 9.2.3.24), which announces concatenation."""

from dataclasses import dataclass

from smpplib import consts

CONCATENATED_8: int = consts.SMPP_UDHIEIE_CONCATENATED
CONCATENATED_16: int = consts.SMPP_UDHIEIE_CONCATENATED16


@dataclass(frozen=True, slots=True)
class Concatenation:
    """Which part of which long message this is: `number` of `total`, both from 1.

    `kind` says where the reference stood (`udh8`, `udh16`, `sar`): the same number in another place is another message.
    """

    kind: str
    reference: int
    total: int
    number: int


@dataclass(frozen=True, slots=True)
class Split:
    """A payload without its header. `well` is False when the header was ill-formed."""

    body: bytes
    concatenation: Concatenation | None
    well: bool


def concatenation_header(reference: int, total: int, number: int, wide: bool = False) -> bytes:
    """The header of one part: 6 octets with an 8-bit reference, 7 with a 16-bit one (`wide`)."""
    if wide:
        return bytes([6, CONCATENATED_16, 4, reference >> 8, reference & 0xFF, total, number])
    return bytes([5, CONCATENATED_8, 3, reference, total, number])


def split(payload: bytes) -> Split:
    """Take the header off a payload whose esm_class says that there is one.

    Other elements (ports, language tables) are passed over. A header longer than the payload is taken for text, so that
    nothing is lost; one whose elements do not add up is cut off by its own length.
    """
    if not payload or payload[0] + 1 > len(payload):
        return Split(payload, None, False)
    end = payload[0] + 1
    found: Concatenation | None = None
    position = 1
    while position + 2 <= end:
        tag, length = payload[position], payload[position + 1]
        value = payload[position + 2 : position + 2 + length]
        position += 2 + length
        if position > end:
            return Split(payload[end:], found, False)
        if tag == CONCATENATED_8 and length == 3:
            found = checked(Concatenation("udh8", value[0], value[1], value[2]))
        elif tag == CONCATENATED_16 and length == 4:
            found = checked(Concatenation("udh16", value[0] << 8 | value[1], value[2], value[3]))
    return Split(payload[end:], found, position == end)


def checked(told: Concatenation) -> Concatenation | None:
    """What was told, unless it cannot be: part 0, or part 3 of 2 (to be ignored: 23.040, 9.2.3.24.1)."""
    return told if 1 <= told.number <= told.total else None
