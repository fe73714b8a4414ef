"""Timetables: versions, grids, conflicts, the lessons of a date, substitutions."""
