"""The dialer: calls the parents of campaigns and of the outbox through Asterisk's manager interface."""

from agi.dialer.process import serve

__all__ = ["serve"]
