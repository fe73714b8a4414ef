"""The permitted transitions between states of a message, and conditions on states as the partial indexes need them."""

from sqlalchemy import ColumnElement, bindparam

from db.kinds import MessageState, NotificationState
from db.models import Message, Notification

NEXT: dict[MessageState, frozenset[MessageState]] = {
    MessageState.READY: frozenset(
        {
            MessageState.CLAIMED,
            MessageState.SENT,  # its answer came after the lease had run out
            MessageState.FAILED,  # its PIN cannot be read any more
            MessageState.UNKNOWN,  # the database was restored from a backup
            MessageState.EXPIRED,
            MessageState.CANCELLED,
        }
    ),
    MessageState.CLAIMED: frozenset(
        {
            MessageState.READY,
            MessageState.SENT,
            MessageState.DELIVERED,  # its receipt came before its result was recorded
            MessageState.FAILED,
            MessageState.UNKNOWN,
            MessageState.EXPIRED,
        }
    ),
    MessageState.SENT: frozenset({MessageState.DELIVERED, MessageState.FAILED}),
    MessageState.UNKNOWN: frozenset(
        {
            MessageState.SENT,  # its answer came late, or the operator's bill has it: then a person's decision
            MessageState.FAILED,  # the operator's bill does not have it: a person's decision
            MessageState.READY,  # a person's decision, never for what is charged
        }
    ),
    MessageState.FAILED: frozenset({MessageState.READY}),  # a person's decision
    MessageState.EXPIRED: frozenset({MessageState.READY}),  # a person's decision
    MessageState.DELIVERED: frozenset(),
    MessageState.CANCELLED: frozenset(),
}
"""The one table of transitions."""


def before(state: MessageState) -> frozenset[MessageState]:
    """The states that lead to this one."""
    return frozenset(earlier for earlier, later in NEXT.items() if state in later)


def is_in(*states: MessageState) -> ColumnElement[bool]:
    """The message is in one of these states.

    Written into the statement, not passed to it: only so can SQLite see that a partial index answers the question.
    """
    if len(states) == 1:
        return Message.state == bindparam(None, states[0], type_=Message.state.type, literal_execute=True)
    return Message.state.in_(
        bindparam(None, list(states), type_=Message.state.type, expanding=True, literal_execute=True)
    )


def is_pending() -> ColumnElement[bool]:
    """The notification is in no message yet; written into the statement as `is_in` is."""
    state = Notification.metadata.tables["notification"].c.state
    return state == bindparam(None, NotificationState.PENDING, type_=state.type, literal_execute=True)
