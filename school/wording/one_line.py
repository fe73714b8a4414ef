"""What people type, on one line."""

from unicodedata import category


def on_one_line(text: str) -> str:
    """The text with single spaces, and one in place of whatever is no character to be written (NUL, half a pair)."""
    return " ".join("".join(" " if category(one) in ("Cc", "Cs") else one for one in text).split())
