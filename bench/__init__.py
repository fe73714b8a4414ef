"""Measurements, compared with a limit or another program in the same run. Not tests: nothing passes or fails."""
