"""The outcome of a submit_sm. An uncertain one is `unknown`: sending again could charge a parent twice."""

from enum import StrEnum
from typing import NamedTuple

from smpplib import consts


class Sent(StrEnum):
    """What is known of a message handed to a link."""

    ACCEPTED = "accepted"
    """The SMSC has it, under `message_id`."""
    REFUSED = "refused"
    """The SMSC answered with an error: it does not have it."""
    NOT_SENT = "not sent"
    """No octet of it left us: anyone may send it."""
    UNKNOWN = "unknown"
    """It went out and no answer came."""
    OVERDUE = "overdue"
    """The same, and the link lived on without the answer or ended in order: the SMSC is slow and likely has it."""


PERMANENT = frozenset(
    {
        consts.SMPP_ESME_RINVMSGLEN,
        consts.SMPP_ESME_RINVCMDLEN,
        consts.SMPP_ESME_RINVPRTFLG,
        consts.SMPP_ESME_RINVREGDLVFLG,
        consts.SMPP_ESME_RINVSRCADR,
        consts.SMPP_ESME_RINVDSTADR,
        consts.SMPP_ESME_RINVSERTYP,
        consts.SMPP_ESME_RINVESMCLASS,
        consts.SMPP_ESME_RINVSRCTON,
        consts.SMPP_ESME_RINVSRCNPI,
        consts.SMPP_ESME_RINVDSTTON,
        consts.SMPP_ESME_RINVDSTNPI,
        consts.SMPP_ESME_RINVSYSTYP,
        consts.SMPP_ESME_RINVREPFLAG,
        consts.SMPP_ESME_RINVSCHED,
        consts.SMPP_ESME_RINVEXPIRY,
        consts.SMPP_ESME_RINVDFTMSGID,
        consts.SMPP_ESME_RX_P_APPN,
        consts.SMPP_ESME_RX_R_APPN,
        consts.SMPP_ESME_RINVOPTPARSTREAM,
        consts.SMPP_ESME_ROPTPARNOTALLWD,
        consts.SMPP_ESME_RINVPARLEN,
        consts.SMPP_ESME_RMISSINGOPTPARAM,
        consts.SMPP_ESME_RINVOPTPARAMVAL,
    }
)
"""Statuses that the same message will get again. All others, an operator's own among them, may pass."""


class SubmitOutcome(NamedTuple):
    """The end of one submit_sm. `reason` is for logs and operators, without personal data."""

    sent: Sent
    message_id: str = ""
    status: int = consts.SMPP_ESME_ROK
    reason: str = ""

    @property
    def permanent(self) -> bool:
        """Whether sending the same again is pointless."""
        return self.sent is Sent.REFUSED and self.status in PERMANENT


def status_name(status: int) -> str:
    """`ESME_RTHROTTLED` for 0x58; `0x00000400` for an operator's own."""
    return _NAMES.get(status, f"0x{status:08x}")


_NAMES: dict[int, str] = {
    value: name.removeprefix("SMPP_")
    for name, value in vars(consts).items()
    if name.startswith("SMPP_ESME_") and isinstance(value, int)
}
