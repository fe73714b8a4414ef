"""Measurements, as ratios against a limit or a peer of the same run. Not tests: nothing here passes or fails."""
