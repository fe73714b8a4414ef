"""E.164 -> the digits to dial on the trunk."""

from settings import Numbers

_BULGARIA = "+359"


def as_dialled(phone: str, form: Numbers) -> str:
    """`+359888123456` -> `0888123456`, `359888123456` or `+359888123456`. A foreign number's national form is `00…`.

    Raises ValueError for what is no number: it would end up in a channel's name.
    """
    digits = phone.removeprefix("+")
    if not (digits.isascii() and digits.isdecimal()):
        raise ValueError("not a telephone number in E.164")
    match form:
        case Numbers.PLUS:
            return f"+{digits}"
        case Numbers.INTERNATIONAL:
            return digits
        case Numbers.NATIONAL:
            return f"0{phone.removeprefix(_BULGARIA)}" if phone.startswith(_BULGARIA) else f"00{digits}"
