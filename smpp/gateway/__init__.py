"""The gateway: sends what the outbox holds by the operators' links, and takes in what subscribers text."""

from smpp.gateway.process import serve

__all__ = ["serve"]
