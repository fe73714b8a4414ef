"""The student code (ID-код): 8 random digits, the last a Luhn check digit."""


def generate() -> str:
    """A random code; that it was never given before is checked where it is issued."""
    raise NotImplementedError


def is_valid(code: str) -> bool:
    """Whether it is 8 digits with the right check digit."""
    raise NotImplementedError
