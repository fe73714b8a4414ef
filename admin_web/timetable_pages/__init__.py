"""Pages on which a school's leaders enter the timetable: versions, grids, bells, groups, substitutions, files."""

from admin_web.timetable_pages import bells, grid, groups, importing, substitutions, versions
from admin_web.timetable_pages.blueprint import timetable_pages

__all__ = ["bells", "grid", "groups", "importing", "substitutions", "timetable_pages", "versions"]
