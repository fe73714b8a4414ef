"""The calls under way, put together from three layers: the answer to Originate, its event, and the hang-up."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from agi.dialer import causes
from agi.dialer.ami import Message
from db.kinds import CallResult
from school.dialling.attempts import Ended

CHANNEL_SECONDS = 3.0
"""A refused call that shows no channel for so long had none."""
TALKS_ON_SECONDS = 3.0
"""Speech without a pause for so long right after the answer is no „Ало, да, моля“. A hint, no more."""
UP = "6"
"""ChannelState of an answered channel."""


@dataclass
class Call:
    """A call of ours, by its channel."""

    channel_id: str
    message_id: int | None
    has_channel: bool = False
    is_answered: bool = False
    reason: str | None = None
    refused_at: float | None = None
    """When Asterisk said that it did not come about, while no channel of it was known."""
    talks_since: float | None = None


class Calls:
    """All channels of the PBX, and of them our calls. Told of events; tells what became of our calls."""

    def __init__(
        self,
        answered: Callable[[str], None],
        ended: Callable[[Ended], None],
        talks_on: Callable[[str], None],
    ) -> None:
        self._answered = answered
        self._ended = ended
        self._talks_on = talks_on
        self._ours: dict[str, Call] = {}
        self._others: set[str] = set()
        self._gone: set[str] = set()

    @property
    def outbound(self) -> int:
        """Our calls under way."""
        return len(self._ours)

    @property
    def inbound(self) -> int:
        """All other channels."""
        return len(self._others)

    @property
    def message_ids(self) -> list[int]:
        """The messages told in our calls: their leases are to be renewed."""
        return [call.message_id for call in self._ours.values() if call.message_id is not None]

    @property
    def unanswered(self) -> list[str]:
        """Channels that still ring, or are not there yet."""
        return [call.channel_id for call in self._ours.values() if not call.is_answered]

    def begins(self, channel_id: str, message_id: int | None) -> None:
        """We are about to dial."""
        self._ours[channel_id] = Call(channel_id, message_id)

    def never_began(self, channel_id: str, result: CallResult) -> None:
        """Asterisk refused it, or was not there to be asked."""
        if self._ours.pop(channel_id, None):
            self._ended(Ended(channel_id, result, None))

    def forget(self) -> None:
        """The PBX is away: what goes on there is not known."""
        self._ours.clear()
        self._others.clear()
        self._gone.clear()

    def there_are(self, channels: Collection[Message], ours: dict[str, int | None]) -> frozenset[str]:
        """After a connection: the PBX's channels, and which may be ours (with the message each tells).

        Gives the channels of ours that are alive; they are followed from now on.
        """
        alive = {one["Uniqueid"]: one for one in channels if one.get("Uniqueid") not in self._gone}
        for channel_id, one in alive.items():
            if channel_id in ours:
                is_up = one.get("ChannelState") == UP
                self._ours[channel_id] = Call(channel_id, ours[channel_id], has_channel=True, is_answered=is_up)
            else:
                self._others.add(channel_id)
        self._gone.clear()
        return frozenset(self._ours)

    def event(self, message: Message, now: float) -> None:
        """Take an event; `now` in seconds."""
        channel_id = message.get("Uniqueid", "")
        match message.get("Event"):
            case "Newchannel":
                if call := self._ours.get(channel_id):
                    call.has_channel = True
                else:
                    self._others.add(channel_id)
            case "Newstate":
                if message.get("ChannelState") == UP and (call := self._ours.get(channel_id)):
                    self._is_answered(call)
            case "OriginateResponse":
                self._originated(message, now)
            case "ChannelTalkingStart":
                if call := self._ours.get(channel_id):
                    call.talks_since = now
            case "ChannelTalkingStop":
                if call := self._ours.get(channel_id):
                    call.talks_since = None
            case "Hangup":
                self._hung_up(channel_id, message.get("Cause", ""))

    def tick(self, now: float) -> None:
        """Notice who talks on, and what was refused without ever having a channel."""
        for call in list(self._ours.values()):
            if call.refused_at is not None and not call.has_channel and now - call.refused_at >= CHANNEL_SECONDS:
                self.never_began(call.channel_id, causes.result_of(call.reason, None))
            if call.talks_since is not None and now - call.talks_since >= TALKS_ON_SECONDS:
                call.talks_since = None
                self._talks_on(call.channel_id)

    def _is_answered(self, call: Call) -> None:
        if not call.is_answered:
            call.is_answered = True
            self._answered(call.channel_id)

    def _originated(self, message: Message, now: float) -> None:
        """Its channel is told by the ActionID, which is the channel's name.

        Whether there was one is not told: while the trunk answers no OPTIONS Asterisk makes none, and names as Uniqueid
        what we asked for. Nor is it known yet: a channel's own events may come after this one.
        """
        call = self._ours.get(message.get("ActionID", ""))
        if call is None:
            return
        call.reason = message.get("Reason")
        if call.reason == causes.ANSWERED:
            self._is_answered(call)
        elif message.get("Uniqueid") != call.channel_id:  # there was none, so no hang-up will come
            self.never_began(call.channel_id, causes.result_of(call.reason, None))
        elif not call.has_channel:
            call.refused_at = now

    def _hung_up(self, channel_id: str, cause: str) -> None:
        self._others.discard(channel_id)
        call = self._ours.pop(channel_id, None)
        if call is None:
            self._gone.add(channel_id)
            return
        number = int(cause) if cause.isdecimal() else None
        result = None if call.is_answered else causes.result_of(call.reason, number)
        self._ended(Ended(channel_id, result, number))
