"""Versions: drafts are put in use from a date, and the past stays as it was."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from errors import InputError
from school.timetable import bells, grid, publishing, versions
from school.timetable.day import lessons_on
from school.timetable.in_force import version_on
from school.timetable.publishing import conflicts_of, publish
from school.timetable.versions import Plan
from tests.school.students.small_schools import NOW, TODAY, SmallSchool
from tests.school.timetable.in_use import lesson, timetable
from tests.school.timetable.test_grid import HISTORY, MATHS, draft, write

DAY = timedelta(days=1)


def put_in_use(here: SmallSchool, version: int, **more: bool) -> int:
    return publish(here.session, here.id, version, by=here.leader, now=NOW, **more)


class TestInUse:
    def test_a_draft_is_nobodys_day_until_it_is_put_in_use(self, here: SmallSchool) -> None:
        version = draft(here)
        write(here, version, {(2, 4): MATHS})
        assert lessons_on(here.session, here.id, here.teacher, TODAY) == ()
        assert put_in_use(here, version) == 0
        assert [one.lesson for one in lessons_on(here.session, here.id, here.teacher, TODAY)] == [4]
        assert here.audited("timetable.published")

    def test_a_change_from_a_date_leaves_the_past_as_it_was(self, here: SmallSchool) -> None:
        old = timetable(here)
        lesson(here, 1, timetable_id=old)
        plan = Plan("Зима", TODAY + 7 * DAY)
        new = versions.create(here.session, here.id, plan, copy_of=old, by=here.leader, now=NOW)
        write(here, new, {(2, 2): MATHS})
        put_in_use(here, new)
        numbers = {
            on: [one.lesson for one in lessons_on(here.session, here.id, here.teacher, on)]
            for on in (TODAY - 7 * DAY, TODAY, TODAY + 7 * DAY)
        }
        assert numbers == {TODAY - 7 * DAY: [1], TODAY: [1], TODAY + 7 * DAY: [2]}

    def test_the_first_one_may_be_entered_late_and_no_other_begins_in_the_past(self, here: SmallSchool) -> None:
        first = versions.create(here.session, here.id, Plan("Есен", date(2025, 9, 15)), by=here.leader, now=NOW)
        write(here, first, {(2, 1): MATHS})
        put_in_use(here, first)
        plan = Plan("Друго", TODAY - DAY)
        second = versions.create(here.session, here.id, plan, copy_of=first, by=here.leader, now=NOW)
        with pytest.raises(InputError, match="the past stays as it was"):
            put_in_use(here, second)

    def test_of_two_that_begin_on_one_day_the_one_put_in_use_last_is_in_force(self, here: SmallSchool) -> None:
        day = date(2025, 11, 4)
        first = timetable(here, published_at=NOW + timedelta(days=1))
        timetable(here)
        timetable(here, published_at=None)
        timetable(here, starts_on=date(2025, 10, 1), ends_on=date(2025, 10, 31))
        listed = versions.versions(here.session, here.id)
        assert versions.in_force(listed, day) == here.session.scalar(select(version_on(here.id, day))) == first
        assert versions.in_force(listed, date(2025, 9, 1)) is None

    def test_what_is_in_use_is_not_changed_removed_or_withdrawn(self, here: SmallSchool) -> None:
        version = timetable(here)
        for act in (versions.remove, versions.withdraw):
            with pytest.raises(InputError):
                act(here.session, here.id, version, by=here.leader, now=NOW)
        ahead = timetable(here, TODAY + DAY)
        versions.withdraw(here.session, here.id, ahead, by=here.leader, now=NOW)
        versions.remove(here.session, here.id, ahead, by=here.leader, now=NOW)
        assert [one.id for one in versions.versions(here.session, here.id)] == [version]

    def test_who_may_not_record_what_they_teach_is_told_and_assigned(self, here: SmallSchool) -> None:
        version = draft(here)
        write(here, version, {(2, 1): HISTORY})
        (missing,) = publishing.missing_assignments(here.session, here.id, version)
        assert (missing.class_name, missing.staff_id) == ("8а", here.idle)
        assert put_in_use(here, version) == 1
        assert publishing.missing_assignments(here.session, here.id, version) == ()
        assert here.audited("teaching.assigned")[-1].details["staff"] == here.idle

    def test_an_empty_one_is_not_put_in_use(self, here: SmallSchool) -> None:
        with pytest.raises(InputError, match="empty"):
            put_in_use(here, draft(here))

    @pytest.mark.parametrize(
        "plan",
        [
            Plan("", TODAY),
            Plan("Есен", date(2024, 1, 1)),
            Plan("Есен", TODAY, TODAY - DAY),
            Plan("Есен", TODAY, date(2027, 1, 1)),
        ],
    )
    def test_dates_outside_the_year_are_refused(self, here: SmallSchool, plan: Plan) -> None:
        with pytest.raises(InputError):
            versions.create(here.session, here.id, plan, by=here.leader, now=NOW)


class TestConflicts:
    def test_a_teacher_in_two_classes_is_told_until_the_school_says_that_they_are_merged(
        self, here: SmallSchool
    ) -> None:
        version = draft(here)
        write(here, version, {(2, 1): MATHS})
        write(here, version, {(2, 1): MATHS}, here.other)
        (told,) = conflicts_of(here.session, here.id, version)
        assert told.is_of_teacher
        assert told.classes == ("8а", "8б")
        with pytest.raises(InputError, match="has 1 conflicts"):
            put_in_use(here, version)
        pair = [told.conflict.one.id, told.conflict.other.id]
        publishing.know(here.session, here.id, version, pair, by=here.leader, now=NOW)
        write(here, version, {(2, 1): MATHS, (2, 2): MATHS})  # what is known stays known when the week is written anew
        assert [one.conflict.is_known for one in conflicts_of(here.session, here.id, version)] == [True]
        put_in_use(here, version)

    def test_shifts_are_told_apart_by_their_bells(self, here: SmallSchool) -> None:
        from datetime import time

        version = draft(here)
        write(here, version, {(2, 1): MATHS})
        write(here, version, {(2, 1): MATHS}, here.other)
        shifts = {
            name: bells.save(
                here.session, here.id, None, name, {1: (begins, time(begins.hour, 40))}, by=here.leader, now=NOW
            )
            for name, begins in (("Първа смяна", time(8)), ("Втора смяна", time(13)))
        }
        bells.follow(
            here.session, here.id, version,
            {here.own: shifts["Втора смяна"], here.other: shifts["Първа смяна"]}, by=here.leader, now=NOW,
        )  # fmt: skip
        assert conflicts_of(here.session, here.id, version) == ()
        put_in_use(here, version)
        day = lessons_on(here.session, here.id, here.teacher, TODAY)
        assert [(one.class_name, str(one.starts_at)) for one in day] == [("8б", "08:00:00"), ("8а", "13:00:00")]
        assert grid.read_grid(here.session, here.id, version, here.own).cells
