"""The lines of one subscriber's notifications -> the texts of as few messages as possible.

`Мария: a; b`, the children by name and each on a line of its own; what concerns several children is said once.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from db.events import EventRef
from db.kinds import Channel
from school.wording.lines import called, units

SMS_ROOM = 6 * 67
"""UTF-16 units of a text in Cyrillic before it is split: six parts of 67 (3GPP TS 23.040)."""
LATIN_ROOM = 6 * 153 * 2 // 3
"""The same in Latin letters, six parts of 153 septets: three letters for every two of Cyrillic is more than any text
needs."""
OTHER_ROOM = 3500
"""Characters of an e-mail's or a call's text."""


class NewsLine(NamedTuple):
    """One notification: what is told of which child."""

    notification_id: int
    student_id: int
    child: str
    """Given name."""
    class_name: str
    event: EventRef
    line: str


class Letter(NamedTuple):
    """The text of one message, and what it tells."""

    text: str
    notification_ids: tuple[int, ...]


def letters(told: Sequence[NewsLine], channel: Channel, *, latin: bool = False) -> list[Letter]:
    """The messages for one subscriber. Only a single line longer than a message's room goes beyond it."""
    room = OTHER_ROOM if channel is not Channel.SMS else LATIN_ROOM if latin else SMS_ROOM
    written: list[Letter] = []
    text, ids, last = "", (), ""  # type: tuple[str, tuple[int, ...], str]
    for head, line, of in lines_by_child(told):
        longer = f"{text}; {line}" if head == last else f"{text}\n{head}: {line}"
        if text and units(longer) <= room:
            text, ids, last = longer, ids + of, head
            continue
        if text:
            written.append(Letter(text, ids))
        text, ids, last = f"{head}: {line}", of, head
    if text:
        written.append(Letter(text, ids))
    return written


def lines_by_child(told: Sequence[NewsLine]) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    """(whom it is about, line, notifications) in the order of the text; what concerns several is one line."""
    names = _names(told)
    of_event: dict[tuple[EventRef, str], list[NewsLine]] = {}
    for one in told:
        of_event.setdefault((one.event, one.line), []).append(one)
    heads: dict[tuple[str, ...], list[tuple[str, tuple[int, ...]]]] = {}
    for (_, line), ones in of_event.items():
        about = tuple(sorted({names[one.student_id] for one in ones}))
        heads.setdefault(about, []).append((line, tuple(one.notification_id for one in ones)))
    for about in sorted(heads, key=lambda about: (len(about), about)):
        for line, ids in heads[about]:
            yield ", ".join(about), line, ids


def _names(told: Sequence[NewsLine]) -> dict[int, str]:
    """What each child is called: by the given name, with the class where two share it."""
    children = {one.student_id: one for one in told}
    given = [child.child for child in children.values()]
    return {
        student_id: f"{called(child.child)} ({child.class_name})"
        if given.count(child.child) > 1 and child.class_name
        else called(child.child)
        for student_id, child in children.items()
    }
