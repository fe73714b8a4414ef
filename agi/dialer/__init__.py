"""The dialer: rings the parents whom campaigns and the outbox are to reach, by Asterisk's manager interface."""

from agi.dialer.process import serve

__all__ = ["serve"]
