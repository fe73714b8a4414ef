"""Both languages are whole: each text that somebody may read is in the catalogues once, and nothing else is."""

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from db.kinds import Language
from school.wording import translation
from school.wording.translation import Words, gettext, ngettext, within

CHECKOUT = Path(__file__).parents[3]
ROOMS = (
    *(
        "admin_web",
        "agi",
        "asterisk_conf",
        "cli",
        "db",
        "demonstration",
        "mail",
        "prompts",
        "scheduler",
        "school",
        "smpp",
    ),
)
READ_BY_PEOPLE = ("admin_web", "mail", "school")
"""Rooms with texts that somebody reads in the language of their choice."""
ON_A_TERMINAL = {"commands.py", "lookup.py", "trace.py"}
"""Modules whose errors are told on a terminal, in English."""
WHOLLY_TEXTS = {"accounts", "following", "mail", "reports", "subscriptions", "wording", "campaigns/progress.py"}
NO_TEXTS = {"_SUBJECTS", "_VOWELS"}
"""What words.py knows of Bulgarian itself: how the names of subjects are shortened."""
CYRILLIC = re.compile("[а-я]", re.IGNORECASE)
LATIN = re.compile("[a-z]{2}")
PLACE = re.compile(r"%\(\w+\)s|{[^}]*}")


class Text(NamedTuple):
    """A text as a catalogue finds it. `many`: the other one of two, where the count decides."""

    one: str
    many: str = ""
    context: str = ""


class Module(NamedTuple):
    """A module of ours as it is written."""

    path: Path
    tree: ast.Module
    constants: dict[str, ast.expr]
    """What its names stand for that are given a value once, at its top."""


def modules(*rooms: str) -> Iterator[Module]:
    for room in rooms:
        for path in sorted((CHECKOUT / room).rglob("*.py")):
            tree = ast.parse(path.read_text("utf-8"))
            named = {
                node.targets[0].id: node.value
                for node in tree.body
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
            }
            yield Module(path, tree, named)


def calls(module: Module) -> Iterator[tuple[str, ast.Call]]:
    """Every call with the name of what is called: `InputError`, or `problem` for `place.problem`."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            yield getattr(node.func, "id", getattr(node.func, "attr", "")), node


def literals(arguments: Iterable[ast.expr], module: Module) -> Iterator[str]:
    """The texts among arguments, also of either branch of a condition and behind a name; f-strings as written."""
    for node in arguments:
        match node:
            case ast.Constant(value=str(text)):
                yield text
            case ast.JoinedStr():
                yield ast.unparse(node)
            case ast.IfExp():
                yield from literals((node.body, node.orelse), module)
            case ast.Name() if node.id in module.constants:
                yield from literals((module.constants[node.id],), module)


def sentences(*rooms: str) -> Iterator[tuple[Path, str]]:
    """What our errors, and the problems of an uploaded list, say: those that a person can do something about."""
    for module in modules(*rooms):
        for name, call in calls(module):
            if re.fullmatch(r"(Input|Entry|Missing|Forbidden|Operation)Error", name):
                found = [text for text in literals(call.args, module) if " " in text]
            elif name in ("problem", "wrong", "Problem", "_problem", "Notice", "_notice"):
                found = [text for text in literals(call.args, module) if text.endswith((".", "?"))]
            else:
                continue
            for text in found:
                yield module.path, text


def errors() -> set[str]:
    """The sentences of errors that a page may show. The API speaks English only."""
    told = {
        text
        for path, text in sentences("school", "admin_web", "prompts/recording")
        if path.name not in ON_A_TERMINAL and path.parent.name != "api"
    }
    operations = {
        text
        for module in modules("school", "admin_web")
        for name, call in calls(module)
        if name == "OperationError"
        for text in literals(call.args, module)
    }
    return told - operations


def constants() -> set[Text]:
    """Every text in rooms that raise errors: a sentence may reach its error by way of an argument."""
    return {
        Text(node.value)
        for module in modules("admin_web", "school", "prompts/recording")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def of_pages() -> set[Text]:
    options = {"**/templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true"}}
    methods = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
    keywords = {"_": None, "_l": None, "ngettext": (1, 2)}
    found = set()
    for _file, _line, text, _comments, _context in extract_from_dir(
        CHECKOUT / "admin_web", method_map=methods, options_map=options, keywords=keywords
    ):
        found.add(Text(text) if isinstance(text, str) else Text(*text))
    return found


def below_pages() -> set[Text]:
    """Every text that other rooms have translated, or mark as to be translated."""
    found: set[Text] = set()
    for module in modules("mail", "school"):
        for name, call in calls(module):
            texts = tuple(literals(call.args, module))
            if name in ("Words", "gettext"):
                found.update(map(Text, texts))
            elif name == "ngettext" and texts:
                found.add(Text(*texts))
            elif name == "within" and texts:
                found.add(Text(texts[1], context=texts[0]))
            elif name == "map" and isinstance(call.args[0], ast.Name) and call.args[0].id == "Words":
                (many,) = call.args[1:]
                found.update(Text(str(node.value)) for node in ast.walk(many) if isinstance(node, ast.Constant))
    return {text for text in found if text.one}


def in_rooms_of_texts() -> set[Text]:
    """Every Bulgarian text in modules that hold nothing else, also one that nobody has marked."""
    found = set()
    for module in modules("mail", "school"):
        if not WHOLLY_TEXTS & {module.path.parent.name, "/".join(module.path.parts[-2:])}:
            continue
        left_out = {id(node.value) for node in ast.walk(module.tree) if isinstance(node, ast.Expr)}  # docstrings
        marked = (call for name, call in calls(module) if name in ("ngettext", "within"))
        left_out |= {id(argument) for call in marked for argument in call.args}
        for name in NO_TEXTS:
            left_out |= {id(node) for node in ast.walk(module.constants.get(name, ast.Pass()))}
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in left_out:
                written = ast.unparse(node) if isinstance(node, ast.JoinedStr) else node.value
                if isinstance(written, str) and CYRILLIC.search(written):
                    found.add(Text(written))
    return found


def entries(language: str) -> list[tuple[str, Message]]:
    """Every entry of a language's catalogues with its file."""
    return [
        (source.name, message)
        for source in sorted((translation.FOLDER / language).glob("*.po"))
        for message in read_po(BytesIO(source.read_bytes()), locale=language)
        if message.id
    ]


def key(message: Message) -> Text:
    one, many = message.id if isinstance(message.id, tuple) else (str(message.id), "")
    return Text(one, many, message.context or "")


@pytest.mark.parametrize("language", ["bg", "en"])
def test_every_text_is_translated_and_nothing_else(language: str) -> None:
    """What is written in Bulgarian is in English, and the other way round; products and units are in neither."""
    below = below_pages() | set(map(Text, errors()))
    texts = below | of_pages() | in_rooms_of_texts()
    if language == "en":
        needed = {text for text in texts if CYRILLIC.search(text.one)}
    else:
        needed = {text for text in below if LATIN.search(PLACE.sub("", text.one)) and not CYRILLIC.search(text.one)}
    translated = {key(message) for _, message in entries(language)}
    assert len(needed) > 100
    assert needed - translated == set()
    assert translated - texts - constants() == set()


@pytest.mark.parametrize("language", ["bg", "en"])
def test_translations_are_whole(language: str) -> None:
    for _, message in entries(language):
        assert not message.fuzzy
        assert all(_said(message)), message.id
        assert len(_said(message)) == (2 if isinstance(message.id, tuple) else 1)
        for said in _said(message):
            assert set(PLACE.findall(said)) == set(PLACE.findall(key(message).one)), message.id


@pytest.mark.parametrize("language", ["bg", "en"])
def test_a_text_stands_in_one_catalogue(language: str) -> None:
    times = Counter((one, context) for one, _, context in (key(message) for _, message in entries(language)))
    assert [text for text, count in times.items() if count > 1] == []


def test_errors_are_written_in_english() -> None:
    assert {(path.name, text) for path, text in sentences(*ROOMS) if CYRILLIC.search(text)} == set()


def test_only_the_catalogues_tell_languages_apart() -> None:
    """No text is chosen by `if language is Language.ENGLISH`, nor from a dictionary by language.

    The demonstration is left out: its people speak a language, and no text hangs on it.
    """
    assert {
        str(module.path.relative_to(CHECKOUT))
        for module in modules(*(room for room in ROOMS if room not in ("db", "demonstration")))
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "Language"
        and node.attr in Language.__members__
    } == {"school/wording/translation.py"}


def _said(message: Message) -> tuple[str, ...]:
    return tuple(message.string) if isinstance(message.string, list | tuple) else (str(message.string),)


def test_words_bring_their_values_and_are_translated_inside_others() -> None:
    """What stands in a place is translated too if it is ours, and passes through if somebody wrote it."""
    month = Words("{month} {year}", month=Words("ноември"), year=2026)
    assert month == "ноември 2026"
    assert gettext(Language.ENGLISH, month) == "November 2026"
    assert gettext(Language.ENGLISH, "Обаждания: {title}", title="ноември") == "Calls: ноември"
    assert gettext(Language.ENGLISH, Words("")) == ""
    assert gettext(Language.ENGLISH, "{unknown} %(text)s") == "{unknown} %(text)s"


def test_the_same_word_may_differ_by_where_it_stands() -> None:
    assert gettext(Language.ENGLISH, Words("отсъствие")) == "absence"
    assert gettext(Language.ENGLISH, within("subject", "отсъствие")) == "an absence"
    assert gettext(Language.BULGARIAN, within("subject", "отсъствие")) == "отсъствие"


@pytest.mark.parametrize(
    ("count", "bulgarian", "english"), [(1, "1 час", "1 hour"), (2, "2 часа", "2 hours"), (21, "21 часа", "21 hours")]
)
def test_plurals(count: int, bulgarian: str, english: str) -> None:
    assert ngettext(Language.BULGARIAN, "{count} час", "{count} часа", count) == bulgarian
    assert ngettext(Language.ENGLISH, "{count} час", "{count} часа", count) == english
