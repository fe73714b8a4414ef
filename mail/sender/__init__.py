"""The sender: hands what the outbox holds for e-mail addresses to the mail server."""

from mail.sender.process import serve

__all__ = ["serve"]
