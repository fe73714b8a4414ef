"""Tests of a school's set-up."""
