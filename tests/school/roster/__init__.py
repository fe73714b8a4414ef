"""Tests of the import of students and staff."""
