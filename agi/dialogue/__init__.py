"""Dialogues as pure state machines: they know neither Asterisk nor the database nor the clock."""
