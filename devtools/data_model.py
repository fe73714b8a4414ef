"""`python -m devtools.data_model` writes docs/developing/data-model.md from the models; a test compares the two."""

import inspect
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import JSON, Column, ForeignKeyConstraint, Table, TypeDecorator
from sqlalchemy.orm import Mapper

from db.models import Base

PAGE = Path(__file__).parents[1] / "docs" / "developing" / "data-model.md"
HEAD = """\
# Data model

For developers. This page is generated from the SQLAlchemy models: after a change of the models run
`python -m devtools.data_model`. `tests/devtools/test_data_model.py` fails while the two differ.

There is one diagram for each module of `db/models/`. A table of another module appears as a box without columns.
To keep the diagrams readable, references to `school` are left out: almost every table has a `school_id`, and most
foreign keys between the tables of one school include it, so that no row can refer to another school's data.
A crow's foot marks the "many" side of a reference; a circle means that there may be none.
"""
SCHOOL = "school"


def page() -> str:
    """The whole page, as Markdown with a Mermaid diagram for each module of models."""
    topics: dict[str, list[Mapper[object]]] = defaultdict(list)
    for mapper in Base.registry.mappers:
        topics[mapper.class_.__module__].append(mapper)
    return "\n".join([HEAD, *(_topic(module, topics[module]) for module in sorted(topics))])


def _topic(module: str, mappers: list[Mapper[object]]) -> str:
    mappers = sorted(mappers, key=lambda one: _table(one).name)
    title = module.rpartition(".")[2].replace("_", " ").capitalize()
    return "\n".join(
        [
            f"## {title}",
            "",
            _first_paragraph(sys.modules[module].__doc__),
            "",
            "```mermaid",
            "erDiagram",
            *(line for mapper in mappers for line in _entity(_table(mapper))),
            *(line for mapper in mappers for line in _references(_table(mapper))),
            "```",
            "",
            "| table | class | what a row is |",
            "|---|---|---|",
            *(
                f"| `{_table(one).name}` | `{one.class_.__name__}` | {_first_paragraph(one.class_.__doc__)} |"
                for one in mappers
            ),
            "",
        ]
    )


def _entity(table: Table) -> Iterator[str]:
    yield f"    {table.name} {{"
    for column in table.columns:
        yield f"        {_type(column)} {column.name}{_marks(column)}"
    yield "    }"


def _type(column: Column[object]) -> str:
    """The Python type of a value; for an enumeration, its name."""
    enumeration = getattr(column.type, "enum_class", None)
    if enumeration is not None:
        return str(enumeration.__name__)
    stored = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    return "json" if isinstance(stored, JSON) else stored.python_type.__name__


def _marks(column: Column[object]) -> str:
    keys = [mark for mark, holds in (("PK", column.primary_key), ("FK", bool(column.foreign_keys))) if holds]
    return (f" {','.join(keys)}" if keys else "") + (' "may be empty"' if column.nullable else "")


def _references(table: Table) -> Iterator[str]:
    """A line for each foreign key but those to the school alone."""
    lines = set()
    for constraint in table.foreign_key_constraints:
        columns = _named_columns(constraint)
        if not columns:
            continue
        optional = any(table.columns[name].nullable for name in columns)
        one = "|o" if optional else "||"
        many = "o|" if _is_unique(table, columns) else "o{"
        lines.add(f"    {constraint.referred_table.name} {one}--{many} {table.name} : {'_'.join(columns)}")
    yield from sorted(lines)


def _named_columns(constraint: ForeignKeyConstraint) -> list[str]:
    """The referring columns without the school's; none for a reference to the school itself."""
    if constraint.referred_table.name == SCHOOL:
        return []
    return [name for name in constraint.column_keys if name != "school_id"]


def _is_unique(table: Table, columns: list[str]) -> bool:
    return [column.name for column in table.primary_key] == columns


def _table(mapper: Mapper[object]) -> Table:
    table = mapper.local_table
    assert isinstance(table, Table)
    return table


def _first_paragraph(text: str | None) -> str:
    return " ".join(inspect.cleandoc(text or "").partition("\n\n")[0].split()).replace("|", "\\|")


def main() -> None:
    """Write the page."""
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), "utf-8")
    print(f"written: {PAGE}")


if __name__ == "__main__":
    main()
