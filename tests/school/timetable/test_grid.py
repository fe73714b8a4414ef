"""A class's week: written whole, refused cell by cell, copied."""

import pytest

from errors import ForbiddenError, InputError, MissingError
from school.timetable import grid, versions
from school.timetable.grid import GridError
from school.timetable.versions import Plan
from tests.school.students.small_schools import NOW, TODAY, SmallSchool
from tests.school.timetable.in_use import timetable

MATHS, HISTORY = "Математика / Орлин Учителова", "История и цивилизации / Калина Учителова"


def draft(here: SmallSchool, *, two_weeks: bool = False) -> int:
    plan = Plan("Есен", TODAY, None, TODAY if two_weeks else None)
    return versions.create(here.session, here.id, plan, by=here.leader, now=NOW)


def write(here: SmallSchool, version: int, cells: dict[tuple[int, int], str], class_id: int | None = None) -> int:
    return grid.write_grid(here.session, here.id, version, class_id or here.own, cells, by=here.leader, now=NOW)


def cells(here: SmallSchool, version: int, class_id: int | None = None) -> dict[tuple[int, int], tuple[str, ...]]:
    return dict(grid.read_grid(here.session, here.id, version, class_id or here.own).cells)


class TestWriting:
    def test_what_is_written_is_shown_with_its_teacher(self, here: SmallSchool) -> None:
        version = draft(here)
        assert write(here, version, {(1, 1): "мат.", (2, 3): "История и цивилизации / К. Учителова / 204"}) == 2
        assert cells(here, version) == {(1, 1): (MATHS,), (2, 3): (f"{HISTORY} / 204",)}
        assert here.audited("timetable.lessons_changed")[-1].details["after"] == 2

    def test_writing_again_replaces_the_week_of_that_class_only(self, here: SmallSchool) -> None:
        version = draft(here)
        write(here, version, {(1, 1): MATHS})
        write(here, version, {(1, 2): HISTORY}, here.other)
        write(here, version, {(5, 7): MATHS})
        assert cells(here, version) == {(5, 7): (MATHS,)}
        assert cells(here, version, here.other) == {(1, 2): (HISTORY,)}

    def test_groups_that_are_new_are_made_once(self, here: SmallSchool) -> None:
        version = draft(here)
        text = f"{MATHS} [1 гр.]; {HISTORY} [2 гр.]"
        write(here, version, {(1, 1): text, (1, 2): text})
        write(here, version, {(1, 1): text.upper().replace("ГР.", "гр.")})
        assert cells(here, version) == {(1, 1): (f"{MATHS} [1 гр.]", f"{HISTORY} [2 гр.]")}
        names = [one.name for one in grid.read_grid(here.session, here.id, version, here.own).known.groups]
        assert names == ["1 гр.", "2 гр."]

    def test_weeks_a_and_b_are_for_a_timetable_that_has_them(self, here: SmallSchool) -> None:
        text = f"А: {MATHS}; Б: {HISTORY}"
        with pytest.raises(GridError, match="has no weeks A and B"):
            write(here, draft(here), {(1, 1): text})
        version = draft(here, two_weeks=True)
        assert write(here, version, {(1, 1): text}) == 2
        assert cells(here, version) == {(1, 1): (f"А: {MATHS}", f"Б: {HISTORY}")}

    def test_each_wrong_cell_is_named_and_nothing_is_written(self, here: SmallSchool) -> None:
        version = draft(here)
        write(here, version, {(1, 1): MATHS})
        with pytest.raises(GridError) as caught:
            write(
                here,
                version,
                {
                    (1, 1): HISTORY,
                    (1, 2): "Готварство",
                    (2, 1): "Математика / Неизвестен Човек",
                    (2, 2): "История и цивилизации",  # nobody is assigned to it
                    (3, 1): f"{MATHS}; {MATHS}",
                },
            )
        assert set(caught.value.refused) == {(1, 2), (2, 1), (2, 2), (3, 1)}
        assert cells(here, version) == {(1, 1): (MATHS,)}

    def test_only_leaders_write_and_only_a_draft_of_their_school(
        self, here: SmallSchool, elsewhere: SmallSchool
    ) -> None:
        version = draft(here)
        with pytest.raises(ForbiddenError):
            grid.write_grid(here.session, here.id, version, here.own, {}, by=here.teacher, now=NOW)
        with pytest.raises(ForbiddenError):
            grid.write_grid(here.session, here.id, version, here.own, {}, by=elsewhere.leader, now=NOW)
        with pytest.raises(MissingError):
            write(here, draft(elsewhere), {(1, 1): MATHS})
        with pytest.raises(MissingError):
            write(here, version, {(1, 1): MATHS}, elsewhere.own)
        with pytest.raises(InputError, match="in use and stays as it is"):
            write(here, timetable(here), {(1, 1): MATHS})


class TestCopying:
    def test_a_day_becomes_another(self, here: SmallSchool) -> None:
        version = draft(here)
        write(here, version, {(1, 1): MATHS, (1, 2): HISTORY, (2, 5): MATHS, (3, 1): MATHS})
        grid.copy_day(here.session, here.id, version, here.own, 1, 2, by=here.leader, now=NOW)
        assert cells(here, version) == {
            (1, 1): (MATHS,), (1, 2): (HISTORY,), (2, 1): (MATHS,), (2, 2): (HISTORY,), (3, 1): (MATHS,),
        }  # fmt: skip
        with pytest.raises(InputError):
            grid.copy_day(here.session, here.id, version, here.own, 1, 1, by=here.leader, now=NOW)

    def test_a_class_gets_its_own_teachers_where_it_has_them(self, here: SmallSchool) -> None:
        version = draft(here)
        write(here, version, {(1, 1): MATHS, (1, 2): f"{MATHS} [1 гр.]"})
        from school import setup

        setup.assign(
            here.session, here.id, here.year, staff_id=here.idle, subject_id=here.maths, classes=[here.other],
            by=here.leader, now=NOW,
        )  # fmt: skip
        grid.copy_class(here.session, here.id, version, here.other, here.own, by=here.leader, now=NOW)
        assert cells(here, version, here.other) == {
            (1, 1): ("Математика / Калина Учителова",),
            (1, 2): (f"{MATHS} [1 гр.]",),
        }
