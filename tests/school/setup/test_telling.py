"""Who changes how a school's parents are told, and whose settings change."""

import pytest
from sqlalchemy.orm import Session

from errors import ForbiddenError
from school.setup.telling import change_telling, telling_of_schools, telling_settings
from tests.school.joined import NOW, Joined, audited, person


def test_only_a_leader_of_the_school_changes_them(session: Session, school: Joined, stranger: Joined) -> None:
    before = telling_settings(session, school.school)
    for by in (person(session, school), stranger.administrator):
        with pytest.raises(ForbiddenError, match=r"^Only the school's principal or administrator may do this\.$"):
            change_telling(session, school.school, NOW, delay_minutes=5, by=by)
    assert telling_settings(session, school.school) == before
    assert audited(session, "school.telling_changed") == []


def test_one_school_changes_and_the_others_stay(session: Session, school: Joined, stranger: Joined) -> None:
    before = telling_settings(session, stranger.school)
    after = change_telling(session, school.school, NOW, delay_minutes=5, pin_always=True, by=school.administrator)
    assert (after.delay_minutes, after.pin_always, after.latin_sms) == (5, True, False)
    session.expire_all()
    assert telling_of_schools(session) == {school.school: after, stranger.school: before}
    assert audited(session, "school.telling_changed") == [
        (school.school, school.administrator, school.school, {"delay_minutes": [0, 5], "pin_always": [False, True]})
    ]
