"""A class teacher hears by telephone what parents said: the oldest that nobody has heard first."""

from datetime import date

from agi.dialogue import message_queries as q
from agi.dialogue.steps import Ask, Bye, Menu, Speech, Step, Tell
from agi.dialogue.wording import PAUSE
from db.kinds import CallOutcome
from prompts.entered import about
from prompts.speech import of_class, on_day, phrase
from runtime import localtime
from school.recordings.passes import Desk


def to_hear(desk: Desk, today: date, after: int = 0, intro: Speech = ()) -> Step:
    """The next message beyond this id."""

    def found(message: q.Playable | None) -> Step:
        if message is None:
            said = (*intro, phrase("messages-none"), phrase("outbound-goodbye"))
            return Bye("messages-over", said, CallOutcome.FINISHED)
        return play(message)

    def play(message: q.Playable) -> Step:
        of_child = about(message.given_name) + of_class(message.class_name)
        when = on_day(localtime.today(message.recorded_at), today) + PAUSE
        return Tell("message-of", (*intro, of_child + when), lambda: begin(message))

    def begin(message: q.Playable) -> Step:
        """Only now it counts as heard: who hangs up before it begins finds it again."""
        heard = q.MarkHeard(desk, message.message_id)
        after_it = message.message_id
        return Ask("message-heard", heard, lambda kept: listen(message) if kept else to_hear(desk, today, after_it))

    def listen(message: q.Playable) -> Step:
        def onwards() -> Step:
            return to_hear(desk, today, message.message_id)

        return Menu(
            "message-play",
            (phrase("messages-choices"),),
            {
                "1": lambda: Ask("message-answered", q.MarkAnswered(desk, message.message_id), lambda _: onwards()),
                "#": onwards,
            },
            sounds=(message.file,),
            home=lambda: Bye("messages-stop", (phrase("outbound-goodbye"),), CallOutcome.FINISHED),
        )

    return Ask("message-next", q.NextMessage(desk, after), found)
