"""Tests of school.billing."""
