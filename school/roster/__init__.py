"""Lists of students, guardians and staff from files: read, look at what would happen, then carry it out.

```
roster = read(data, file_name, today)                          # InputError: no list at all
preview = prepare(session, school_id, roster, today).preview   # every problem, or what would happen
carry_out(session, school_id, roster, by=..., now=..., shown=preview.fingerprint)
```

A page asks about the columns between the two: `desk.fetch` and `desk.look` open what waits, `desk.answer_columns`
and `desk.answer_problems` keep what the person says, which `read` then follows.
"""

from school.roster.answers import Answers, Choice
from school.roster.carrying_out import Done, carry_out
from school.roster.planned_changes import Change, Detail, PlannedChange
from school.roster.plans import Options, Prepared, Preview, prepare, read
from school.roster.rows import Roster
from school.roster.tables import LARGEST_FILE, Problem
from school.roster.template import template_xlsx

__all__ = [
    "LARGEST_FILE",
    "Answers",
    "Change",
    "Choice",
    "Detail",
    "Done",
    "Options",
    "PlannedChange",
    "Prepared",
    "Preview",
    "Problem",
    "Roster",
    "carry_out",
    "prepare",
    "read",
    "template_xlsx",
]
