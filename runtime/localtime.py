"""The time that people read on their clocks: one zone for every school, parent and teacher."""

from zoneinfo import ZoneInfo

SOFIA = ZoneInfo("Europe/Sofia")
"""The time zone of every school, parent and teacher; the database keeps UTC."""
