"""Local time: one time zone for every school, parent and teacher."""

from zoneinfo import ZoneInfo

SOFIA = ZoneInfo("Europe/Sofia")
"""The time zone of every school, parent and teacher; the database keeps UTC."""
