"""Timetables from files."""
