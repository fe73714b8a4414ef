"""Addresses of web pages and mailboxes: nobody writes them down from a telephone, so they are only mentioned."""

from prompts.reading.rule import Found, rule

IN_THE_MESSAGE = "адресът е в съобщението"

_TOP = "com|bg|eu|org|net|info|edu|gov|me|be|gl|us|app|io|tv|uk|de|ly|ee|to|page|link|бг"
_HOST = rf"(?:[a-z0-9-]{{1,63}}\.){{1,5}}(?:{_TOP})(?![a-z0-9а-я])"
_PATH = r"(?:[/?#][^\s„“”\"<>()]{0,2000})?"


def _mentioned(found: Found) -> str:
    said = IN_THE_MESSAGE
    end = found[0][-1]
    return said + (end if end in ".,!?;:" else "")


def _code(found: Found) -> str | None:
    """A long code of letters and digits, such as an IBAN."""
    code = found[0]
    digits = sum(sign.isdigit() for sign in code)
    return "кодът е в съобщението" if digits >= 4 and digits < len(code.replace(" ", "")) else None


RULES = (
    rule(r"(?i)(?:https?://|www\.)[^\s„“”\"<>()]{1,2000}", _mentioned),
    rule(r"(?i)(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}", _mentioned),
    rule(rf"(?i)(?<![\w.@-]){_HOST}{_PATH}", _mentioned),
    rule(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])", _code),
    rule(r"(?<![A-Za-z0-9])(?=[A-Za-z]{0,20}\d)(?=\d{0,20}[A-Za-z])[A-Za-z0-9]{10,64}(?![A-Za-z0-9])", _code),
)
