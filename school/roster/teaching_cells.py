"""What somebody teaches as staff lists write it: „БЕЛ“, „БЕЛ, ИТ“, „БЕЛ – 5а, 5б; История (6а)“."""

import re
from dataclasses import dataclass

from errors import InputError
from school.roster import cells, class_names
from school.roster.class_names import ClassName, ClassRange
from school.roster.tables import Value

_WITH_CLASSES = re.compile(r"(?P<subject>[^\d(:]+?)\s*(?:[-–—:(]|на)\s*(?P<classes>(?:[IVX\d]).*?)\)?")


@dataclass(frozen=True, slots=True)
class Taught:
    """A subject with the classes that it is taught to; `written` is the subject as the file writes it."""

    subject: str
    written: str
    classes: tuple[ClassName, ...]
    ranges: tuple[ClassRange, ...]

    @property
    def all_classes(self) -> tuple[ClassName | ClassRange, ...]:
        """Classes and ranges of them."""
        return (*self.classes, *self.ranges)


def taught(value: Value, classes: tuple[ClassName, ...], ranges: tuple[ClassRange, ...]) -> tuple[Taught, ...]:
    """The subjects of a cell; those without classes of their own go with `classes` and `ranges`.

    Raises InputError for a name that is too long, or classes that are none.
    """
    text = cells.lines_of(value)
    own = _with_classes(text)
    if own:
        return own
    return tuple(Taught(name, name, classes, ranges) for name in dict.fromkeys(_names(text)))


def _names(text: str) -> list[str]:
    return [_checked(part) for part in re.split(r"[,;\n/+]", text) if part.strip()]


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if len(name) > cells.LONGEST_NAME:
        raise InputError("The subject is longer than {most} characters: shorten it.", most=cells.LONGEST_NAME)
    return name


def _with_classes(text: str) -> tuple[Taught, ...]:
    """Subjects that have their classes beside them; none when the cell is not written so."""
    found: list[Taught] = []
    for part in re.split(r"[;\n]|(?<=\))\s*,", text):
        if not part.strip():
            continue
        match = _WITH_CLASSES.fullmatch(part.strip(" ,"))
        if match is None:
            return ()
        name = _checked(match["subject"])
        found.append(Taught(name, name, *class_names.class_names(match["classes"])))
    return tuple(found)
