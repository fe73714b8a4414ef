"""The sender: hands the outbox's letters to the mail server."""

from mail.sender.process import serve

__all__ = ["serve"]
