"""Outbound calls, whatever they are for: every attempt to ring a telephone, how it ended, and what follows."""
