"""How fast a call is spoken: as the subscriber wishes, from the answer that says who it is."""

from agi.dialogue import queries as q
from school.hearing.access import Admitted


def is_slow(question: object, answer: object, before: bool) -> bool:
    """Whether what follows the school's `answer` is spoken slowly; `before`: whether what stood before it was."""
    match question, answer:
        case _, q.Caller(children=(child, *_)) | Admitted(child=child):
            return child.slow_speech
        case q.WantSlowSpeech(wanted=wanted), _:
            return wanted
    return before
