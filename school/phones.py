"""Telephone numbers as a trunk, a person or a roster writes them -> E.164."""


def e164(raw: str | None) -> str | None:
    """`0888123456`, `359888123456`, `00359…`, `+359 888…` -> `+359888123456`; hidden or unusable -> None."""
    raise NotImplementedError
