"""Tests of when parents may be rung, and of what follows a call."""
