"""What a parent's text may mean: the commands of `smpp.texts.parsing`."""

from dataclasses import dataclass, field

from smpp.texts import excusing, today_words, wish_words
from smpp.texts.subjects import Subject


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Follow these students; at least one."""

    subjects: tuple[Subject, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """Follow this student no more; None: nobody. `unclear`: a number came with it that is no code.

    `others`: further students that are named.
    """

    subject: Subject | None = None
    unclear: bool = False
    others: tuple[Subject, ...] = ()


@dataclass(frozen=True, slots=True)
class StopAsked:
    """A refusal in other words, or STOP inside a sentence: nothing is stopped, and it is told how to.

    `about`: words behind STOP that may name a child, which is meant then.
    """

    about: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class CallBack:
    """A call back is wanted."""


@dataclass(frozen=True, slots=True)
class NewPin:
    """A new PIN is wanted."""

    subject: Subject | None = None


@dataclass(frozen=True, slots=True)
class Grades:
    """The latest grades are wanted now; of one student, or of all that the number follows.

    `about`: the words behind, which may name a subject or a child.
    """

    subject: Subject | None = None
    about: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Absences:
    """The absences are wanted now.

    `about`: the words behind, which may name a subject or a child.
    """

    subject: Subject | None = None
    about: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Meetings:
    """The meetings and events ahead are wanted now."""

    subject: Subject | None = None


@dataclass(frozen=True, slots=True)
class Letters:
    """To be told by e-mail too, at this address as it was typed; None: it was left out."""

    address: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Remove:
    """End another's following: `number` as it was told in a warning, or a telephone number; None: whose is wanted.

    `letters`: the subscriber's own address is meant.
    """

    number: str | None = field(default=None, repr=False)
    letters: bool = False


@dataclass(frozen=True, slots=True)
class Coming:
    """„ДА“ or „НЕ“ to an invitation.

    `bare`: the word stands alone, and may agree to the price too. „Ще дойда“ and „да, благодаря“ never do.
    """

    comes: bool
    bare: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Help:
    """An explanation is wanted."""


@dataclass(frozen=True, slots=True)
class Price:
    """What it costs is asked."""


@dataclass(frozen=True, slots=True)
class Bill:
    """What was paid is asked, and what is next."""


@dataclass(frozen=True, slots=True)
class Agree:
    """The price is agreed to, in words that mean nothing else."""


@dataclass(frozen=True, slots=True)
class Thanks:
    """Nothing is asked."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """Something of the class book is said to be wrong."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A network or a telephone wrote it, and nobody waits for an answer."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Anything else. `almost_a_code`: nothing but a number of the wrong length."""

    almost_a_code: bool = False


Command = (
    Subscribe
    | Stop
    | NewPin
    | Grades
    | Absences
    | Meetings
    | CallBack
    | Letters
    | Remove
    | Coming
    | wish_words.Wish
    | excusing.Excuse
    | today_words.Today
    | Help
    | StopAsked
    | Price
    | Bill
    | Agree
    | Thanks
    | Complaint
    | Notice
    | Unknown
)
