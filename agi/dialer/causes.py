"""The hang-up cause of a call that nobody answered -> how the call ended: one table.

Q.850 causes; chan_pjsip makes them of SIP answers (486 -> 17, 480 -> 19, 603 -> 21, 404 -> 1, 503 -> 34).
Reasons of OriginateResponse: 3 no answer, 4 answered, 5 busy, 8 congestion, 0 failed.
"""

from db.kinds import CallResult

ANSWERED = "4"

BY_CAUSE: dict[int, CallResult] = {
    1: CallResult.BAD_NUMBER,  # unallocated
    2: CallResult.TRUNK,  # no route to the network
    3: CallResult.TRUNK,  # no route to the destination
    17: CallResult.BUSY,
    18: CallResult.NO_ANSWER,  # the telephone does not respond: switched off, no coverage
    19: CallResult.NO_ANSWER,
    20: CallResult.NO_ANSWER,  # absent
    21: CallResult.REJECTED,
    22: CallResult.BAD_NUMBER,  # changed
    27: CallResult.NO_ANSWER,  # out of order
    28: CallResult.BAD_NUMBER,  # incomplete or of a wrong form
    34: CallResult.TRUNK,
    38: CallResult.TRUNK,
    41: CallResult.TRUNK,
    42: CallResult.TRUNK,
    44: CallResult.TRUNK,
    47: CallResult.TRUNK,
    58: CallResult.TRUNK,
    102: CallResult.TRUNK,  # the trunk did not answer at all
}

BY_REASON: dict[str, CallResult] = {
    "0": CallResult.TRUNK,
    "1": CallResult.NO_ANSWER,
    "3": CallResult.NO_ANSWER,
    "5": CallResult.BUSY,
    "8": CallResult.TRUNK,
}


def result_of(reason: str | None, cause: int | None) -> CallResult:
    """How an unanswered call ended. The cause says more than the reason where it says anything."""
    if cause is not None and cause in BY_CAUSE:
        return BY_CAUSE[cause]
    return BY_REASON.get(reason or "", CallResult.NO_ANSWER)
