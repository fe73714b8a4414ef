"""„ДНЕС“: what was entered of the day is asked for. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from smpp.texts.excuse_days import TODAY
from smpp.texts.numbers import subjects_in
from smpp.texts.subjects import Subject
from smpp.texts.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Today:
    """What was entered of the day is asked for. `about`: a word that may name a child."""

    subject: Subject | None = None
    about: tuple[str, ...] = field(default=(), repr=False)


_TODAY_BESIDE = Vocabulary(
    "какво как е ли на в във училище детето дете децата ми моето сега час часа часове има имаше беше "
    "присъства отсъства там тук моля здравейте добър ден код ид номер от за",
    "is my child at in school now please hello hi id the how what",
)
_AT_SCHOOL, _WHETHER = Vocabulary("училище", "school"), Vocabulary("ли", "is")
MOST_OF_TODAY = 10
"""Words of a question about the day; what is longer is about something else."""


def asks_of_today(numbers: Sequence[str], spoken: Sequence[str], short_code: str) -> Today | None:
    """„ДНЕС“, „на училище ли е“: nothing else is asked. `spoken`: the words that are no numbers."""
    if not spoken or len(spoken) > MOST_OF_TODAY:
        return None
    strange = [word for word in spoken if word not in TODAY and word not in _TODAY_BESIDE]
    asks = TODAY.any(spoken[:3]) or (_AT_SCHOOL.any(spoken) and _WHETHER.any(spoken))
    if not asks or len(strange) > 1 or (strange and spoken[0] not in TODAY):
        return None
    subjects = subjects_in(numbers, short_code)
    return Today(subjects[0] if subjects else None, tuple(strange))
