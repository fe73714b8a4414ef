"""Many values in one statement, as a single parameter or one for each column.

A parameter for each value makes another statement of every number of them: SQLAlchemy writes it and the database plans
it anew, and on the way every value is handled by itself. PostgreSQL takes arrays, SQLite a text in JSON.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Self

from sqlalchemy import (
    ARRAY,
    BindParameter,
    Boolean,
    ColumnElement,
    Dialect,
    FromClause,
    Text,
    bindparam,
    func,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


class _ListOf(TypeDecorator[Sequence[Any]]):
    """A list as a parameter; its items are plain strings, numbers, truth values and None."""

    impl = Text
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """An array where there are arrays."""
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(self.item))

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> Any:
        """JSON for SQLite."""
        return json.dumps(value, ensure_ascii=False) if dialect.name == "sqlite" else value


class _among(FunctionElement[bool]):  # noqa: N801  # a function of SQL
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> Self:
        """As it is: SQLAlchemy would make `(...) = 1` of it on SQLite, which then uses no index."""
        return self


@compiles(_among)
def _array(element: _among, compiler: SQLCompiler, **how: Any) -> str:
    column, values = element.clauses
    return f"{compiler.process(column, **how)} = ANY ({compiler.process(values, **how)})"


@compiles(_among, "sqlite")
def _json(element: _among, compiler: SQLCompiler, **how: Any) -> str:
    column, values = element.clauses
    listed = f"(SELECT value FROM json_each({compiler.process(values, **how)}))"  # noqa: S608  # a placeholder
    return f"{compiler.process(column, **how)} IN {listed}"


def among(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """The column is one of the values in the list that the parameter `name` will be."""
    values: BindParameter[Any] = bindparam(name, type_=_ListOf(column.type))
    return _among(column, values)


def among_these(column: Any, given: Collection[Any]) -> ColumnElement[bool]:
    """The column is one of the given values, which are plain."""
    values: BindParameter[Any] = bindparam(None, list(given), type_=_ListOf(column.type), unique=True)
    return _among(column, values)


class Rows:
    """Rows given to a statement: a table `told` in it, of these columns and `ordinal`, which counts the rows."""

    def __init__(self, dialect: str, columns: Mapping[str, TypeEngine[Any]]) -> None:
        self._dialect = dialect
        self._columns = columns
        self.table = self._of_json() if dialect == "sqlite" else self._of_arrays()

    def parameters(self, rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
        """The parameters of the statement for at least one row, each with a plain value a column in their order."""
        if self._dialect == "sqlite":
            return {"rows": rows}
        return {_of(name): list(values) for name, values in zip(self._columns, zip(*rows, strict=True), strict=True)}

    def _of_json(self) -> FromClause:
        each = func.json_each(bindparam("rows", type_=_ListOf(Text()))).table_valued("key", "value")
        columns = (
            func.json_extract(each.c.value, f"$[{place}]", type_=kind).label(name)
            for place, (name, kind) in enumerate(self._columns.items())
        )
        return select(each.c.key.label("ordinal"), *columns).subquery("told")

    def _of_arrays(self) -> FromClause:
        arrays = (bindparam(_of(name), type_=_ListOf(kind)) for name, kind in self._columns.items())
        columns = func.unnest(*arrays).table_valued(*self._columns, with_ordinality="ordinal", name="told")
        return columns.render_derived()


def _of(name: str) -> str:
    return f"all_{name}"
