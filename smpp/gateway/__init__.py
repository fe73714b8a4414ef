"""The gateway: sends the outbox's SMS through the operators' links, and takes in what parents text."""

from smpp.gateway.process import serve

__all__ = ["serve"]
