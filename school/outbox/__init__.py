"""The outbox, the only queue: what parents are to be told, and the messages that tell it on each channel."""

from school.outbox.amend import corrected, deleted, drop_unasked, stop_telling
from school.outbox.attempts import Ending, Result, TakenPart
from school.outbox.claim import (
    LEASE,
    RECLAIM_SECONDS,
    RENEW_SECONDS,
    SENDABLE_SECONDS,
    Outgoing,
    claim,
    next_due,
    reclaim_orphaned,
    release,
    renew,
)
from school.outbox.delivery import Report, fitting_nothing, match_early, record_reports
from school.outbox.enqueue import Letter, Sms, enqueue, enqueue_letters, enqueue_sms
from school.outbox.fan_out import recorded
from school.outbox.listing import Changed, Counts, Listed, cancel, counts, retry, settle_unknown, show
from school.outbox.owners import new_owner
from school.outbox.patience import Patience
from school.outbox.results import record, settle_late
from school.outbox.texting import tell_by_sms
from school.outbox.trace import Part, Trace, trace

__all__ = [
    "LEASE",
    "RECLAIM_SECONDS",
    "RENEW_SECONDS",
    "SENDABLE_SECONDS",
    "Changed",
    "Counts",
    "Ending",
    "Letter",
    "Listed",
    "Outgoing",
    "Part",
    "Patience",
    "Report",
    "Result",
    "Sms",
    "TakenPart",
    "Trace",
    "cancel",
    "claim",
    "corrected",
    "counts",
    "deleted",
    "drop_unasked",
    "enqueue",
    "enqueue_letters",
    "enqueue_sms",
    "fitting_nothing",
    "match_early",
    "new_owner",
    "next_due",
    "reclaim_orphaned",
    "record",
    "record_reports",
    "recorded",
    "release",
    "renew",
    "retry",
    "settle_late",
    "settle_unknown",
    "show",
    "stop_telling",
    "tell_by_sms",
    "trace",
]
