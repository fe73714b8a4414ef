"""What a list names and the school has not."""

import time

from school.roster import personnel
from school.roster.facts import Facts, subject_key
from school.roster.rows import Mention, Place, Roster
from school.setup.subjects import standard_subjects

SUBJECTS = {subject_key(one.name): (id_, one.name) for id_, one in enumerate(standard_subjects(range(1, 13)), 1)}
FACTS = Facts(1, 1, {}, {}, {}, {}, {}, {}, SUBJECTS, {}, {}, {})
ROWS = 5000


def test_a_wrong_subject_on_every_row_is_told_on_every_row_within_a_second() -> None:
    wrong = tuple(Mention(Place("Учители", row, {}), "subject", "Матиматика") for row in range(ROWS))
    began = time.process_time()
    problems = personnel.check_mentions(Roster(subjects=wrong), FACTS)
    assert time.process_time() - began < 1
    assert [one.row for one in problems] == list(range(ROWS))
    assert {one.guess for one in problems} == {"Математика"}
