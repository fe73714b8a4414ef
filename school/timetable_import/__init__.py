"""A timetable from a file: read, its names matched with the school's, carried out as a draft.

```
found = read(data)                                     # InputError: no timetable
guessed = prepare(session, school_id, found, on)       # guesses for each name
carry_out(session, school_id, found, answers, ...)     # what a person confirmed, by kind and name
```
"""

from school.timetable_import.carrying_out import Answers, Imported, carry_out
from school.timetable_import.found import FoundLesson, FoundTimetable, Note
from school.timetable_import.matching import KINDS, GuessedName, Read, prepare
from school.timetable_import.reading import read
from school.timetable_import.uploads import GONE, Upload, keep, kept, take

__all__ = [
    "GONE",
    "KINDS",
    "Answers",
    "FoundLesson",
    "FoundTimetable",
    "GuessedName",
    "Imported",
    "Note",
    "Read",
    "Upload",
    "carry_out",
    "keep",
    "kept",
    "prepare",
    "read",
    "take",
]
