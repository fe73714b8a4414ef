"""School years as a school's data: made, read, changed and taken back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from db.models import ExcuseNote, Term, TermEnd, Vacation
from errors import ForbiddenError, InputError, MissingError
from school.years import years
from school.years.plans import FreeDays, standard_plan
from tests.school.joined import NOW, Joined, approved, audited, operator, person, student

D = date
NO_YEAR = r"^The school has no such school year\.$"
USED = r"^This school year has classes or entries: it cannot be removed\.$"
NEXT = standard_plan(2026)


def add_next(session: Session, school: Joined) -> int:
    """The year 2026/2027, with nothing in it."""
    return years.add_year(session, school.school, NEXT, by=school.administrator, now=NOW)


def test_a_year_is_read_as_it_was_planned(session: Session, school: Joined) -> None:
    year = add_next(session, school)
    assert years.plan_of(session, school.school, year) == replace(NEXT, source="", is_order=False)
    assert [(one.id, one.name) for one in years.years(session, school.school)] == [
        (year, "2026/2027"), (school.year, "2025/2026")
    ]  # fmt: skip
    assert audited(session, "school_year.created")[-1] == (
        school.school, school.administrator, year, {"starts_on": str(NEXT.starts_on), "source": NEXT.source}
    )  # fmt: skip


def test_a_changed_year_has_the_new_dates_only_and_the_old_ones_are_kept_in_the_audit(
    session: Session, school: Joined, stranger: Joined
) -> None:
    before = years.plan_of(session, school.school, school.year)
    wanted = replace(
        before,
        term_1=(D(2025, 9, 16), D(2026, 1, 29)),
        level_ends=((12, D(2026, 5, 20)),),
        vacations=(FreeDays(D(2025, 12, 24), D(2026, 1, 4), "  Коледна   ваканция "),),
    )
    years.change_year(session, school.school, school.year, wanted, by=school.administrator, now=NOW)
    written = replace(wanted, vacations=(replace(wanted.vacations[0], name="Коледна ваканция"),))
    assert years.plan_of(session, school.school, school.year) == written
    assert years.plan_of(session, stranger.school, stranger.year) == before
    ((of, by, year, details),) = audited(session, "school_year.changed")
    assert (of, by, year) == (school.school, school.administrator, school.year)
    assert details["before"]["terms"][0] == ["2025-09-15", "2026-01-30"]
    assert details["after"]["terms"][0] == ["2025-09-16", "2026-01-29"]
    assert details["after"]["level_ends"] == {"12": "2026-05-20"}


def test_a_year_may_be_moved_over_its_own_dates_and_not_over_anothers(session: Session, school: Joined) -> None:
    year, by = add_next(session, school), school.administrator
    years.change_year(session, school.school, year, replace(NEXT, ends_on=D(2027, 9, 10)), by=by, now=NOW)
    overlapping = replace(NEXT, starts_on=D(2026, 9, 14))
    for attempt in (
        lambda: years.change_year(session, school.school, year, overlapping, by=by, now=NOW),
        lambda: years.add_year(session, school.school, standard_plan(2025), by=by, now=NOW),
    ):
        with pytest.raises(InputError, match=r"^The dates overlap with the school year 2025/2026: check them\.$"):
            attempt()


def test_two_schools_have_the_same_years(session: Session, school: Joined, stranger: Joined) -> None:
    add_next(session, school)
    add_next(session, stranger)


def test_an_empty_year_is_taken_back_with_all_its_days(session: Session, school: Joined) -> None:
    year = add_next(session, school)
    years.remove_year(session, school.school, year, by=school.administrator, now=NOW)
    assert [one.id for one in years.years(session, school.school)] == [school.year]
    for table in (Term, TermEnd, Vacation):
        assert session.scalars(select(table).where(table.school_year_id == year)).all() == []
    ((_, by, _, details),) = audited(session, "school_year.removed")
    assert by == school.administrator
    assert details["before"]["year"] == [str(NEXT.starts_on), str(NEXT.ends_on)]


def test_a_year_with_a_class_or_a_note_of_a_parent_stays(session: Session, school: Joined) -> None:
    with pytest.raises(InputError, match=USED):
        years.remove_year(session, school.school, school.year, by=school.administrator, now=NOW)
    year = add_next(session, school)
    on = D(2026, 10, 1)
    note = {"kind": "parent", "starts_on": on, "ends_on": on, "school_days": 1, "recorded_at": NOW}
    of = {"school_id": school.school, "school_year_id": year, "staff_id": school.administrator, "reason": "family"}
    session.execute(insert(ExcuseNote).values(student_id=student(session, school), **note, **of))
    with pytest.raises(InputError, match=USED):
        years.remove_year(session, school.school, year, by=school.administrator, now=NOW)


def test_another_schools_year_is_not_there(session: Session, school: Joined, stranger: Joined) -> None:
    by, foreign = school.administrator, add_next(session, stranger)
    attempts: list[Callable[[], object]] = [
        lambda: years.plan_of(session, school.school, foreign),
        lambda: years.change_year(session, school.school, foreign, NEXT, by=by, now=NOW),
        lambda: years.remove_year(session, school.school, foreign, by=by, now=NOW),
    ]
    for attempt in attempts:
        with pytest.raises(MissingError, match=NO_YEAR):
            attempt()
    assert foreign in [one.id for one in years.years(session, stranger.school)]


def test_only_leaders_of_the_school_make_change_and_remove_years(
    session: Session, school: Joined, stranger: Joined
) -> None:
    year, of = add_next(session, school), school.school
    other = standard_plan(2027)
    for by in (person(session, school), stranger.administrator):
        for attempt in (
            lambda by=by: years.add_year(session, of, other, by=by, now=NOW),
            lambda by=by: years.change_year(session, of, year, other, by=by, now=NOW),
            lambda by=by: years.remove_year(session, of, year, by=by, now=NOW),
        ):
            with pytest.raises(ForbiddenError, match="Only the school's principal or administrator may do this"):
                attempt()


def test_dates_that_contradict_each_other_are_never_written(session: Session) -> None:
    new = approved(session, operator(session))
    with pytest.raises(InputError, match="The school year ends before it has begun"):
        years.add_year(session, new.school_id, replace(NEXT, ends_on=NEXT.starts_on), by=new.administrator_id, now=NOW)
    assert years.years(session, new.school_id) == ()
