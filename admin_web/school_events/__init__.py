"""Meetings and events: announced, corrected, called off."""
