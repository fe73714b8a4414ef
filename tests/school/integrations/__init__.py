"""Tests of what a school's other systems may read and hand in."""
