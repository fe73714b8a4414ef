"""Both languages are whole: no page or error falls back to the other one."""

import ast
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from admin_web import translations

CHECKOUT = Path(__file__).parents[2]
RAISED = ("InputError", "EntryError", "MissingError", "ForbiddenError")
FOR_OPERATORS = {
    "commands.py",
    "outbox_commands.py",
    "trace.py",
    "record_commands.py",
    "named.py",
    "telling_commands.py",
    "report.py",
    "loading.py",
}
"""Modules whose errors are told on a terminal, in English."""

RAISED = ("InputError", "EntryError", "ForbiddenError", "MissingError")


def translated(language: str) -> dict[str, Any]:
    """Everything that a language's catalogues say."""
    found: dict[str, Any] = {}
    for source in (translations.FOLDER / language).glob("*.po"):
        for message in read_po(BytesIO(source.read_bytes()), locale=language):
            for text in message.id if isinstance(message.id, tuple) else (str(message.id),):
                found[text] = message.string
    return found


def sentences() -> Iterator[tuple[str, str]]:
    """The sentence of every InputError that a rule of the school raises, with its file."""
    for path in sorted((CHECKOUT / "school").rglob("*.py")):
        if path.name in FOR_OPERATORS:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in (
                "InputError",
                "EntryError",
                "ForbiddenError",
                "MissingError",
            ):
                for argument in node.args:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        yield argument.value, path.name
                    elif isinstance(argument, ast.JoinedStr):
                        yield ast.unparse(argument), path.name


def test_every_rule_speaks_bulgarian() -> None:
    bulgarian = translated("bg")
    english = {text: name for text, name in sentences() if not re.search("[а-я]", text)}
    assert not {text: name for text, name in english.items() if text not in bulgarian}


def of_pages() -> Iterator[str]:
    """Every text that pages and their modules have translated, one of two where the count decides."""
    options = {"**/templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true"}}
    methods = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
    keywords = {"_": None, "_l": None, "gettext": None, "ngettext": (1, 2)}
    for _file, _line, text, _comments, _context in extract_from_dir(
        CHECKOUT / "admin_web", method_map=methods, options_map=options, keywords=keywords
    ):
        yield text if isinstance(text, str) else text[0]


def of_reports() -> Iterator[ast.AST]:
    """Every Bulgarian text in the modules of reports, which translate nothing themselves."""
    for path in sorted((CHECKOUT / "school" / "reports").glob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
        raised = {id(part) for node in ast.walk(tree) if isinstance(node, ast.Raise) for part in ast.walk(node)}
        for node in ast.walk(tree):
            is_text = isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in told | raised
            if is_text and re.search("[а-я]", ast.unparse(node), re.IGNORECASE):
                yield node


def test_every_word_of_a_report_speaks_english() -> None:
    english = translated("en")
    texts = list(of_reports())
    assert len(texts) > 150
    # What an f-string says is found in no catalogue: `Words` keeps the sentence apart from its values.
    assert not [ast.unparse(one) for one in texts if isinstance(one, ast.JoinedStr)]
    assert not [one.value for one in texts if isinstance(one, ast.Constant) and not english.get(str(one.value))]


def test_every_page_and_every_rule_speaks_english() -> None:
    english = translated("en")
    assert {text for text in of_pages() if not english.get(text)} == set()
    assert {text for text, _ in sentences() if re.search("[а-я]", text) and not english.get(text)} == set()


@pytest.mark.parametrize("language", ["bg", "en"])
def test_translations_keep_their_places(language: str) -> None:
    for text, said in translated(language).items():
        for one in said if isinstance(said, tuple) else (said,):
            places = set(re.findall(r"%\(\w+\)s|{[^}]*}", str(one)))
            assert places == set(re.findall(r"%\(\w+\)s|{[^}]*}", text)), text
