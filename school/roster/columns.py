"""The columns of our template: which headings mean what, in whichever way a school writes them."""

import re
from dataclasses import dataclass
from enum import StrEnum

from school.roster.cells import in_cyrillic
from school.roster.tables import Problem, Row, Table, Value, is_blank, letter_of

MOST_GUARDIANS = 4
GUARDIANS_IN_TEMPLATE = 2
LOOKED_AT = 12
"""Rows at the beginning in which the headings are looked for."""


class Kind(StrEnum):
    """What a table lists."""

    STUDENTS = "students"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in code, its heading in the template, other headings it is known by, what it is for."""

    field: str
    heading: str
    others: tuple[str, ...] = ()
    required: bool = False
    hint: str = ""
    width: int = 14


_GUARDIAN = (
    Column("relation", "кой е", ("връзка",), hint="майка, баща, баба, дядо, настойник, приемен родител", width=16),
    Column("first", "име", hint="Име на родителя"),
    Column("last", "фамилия", hint="Фамилия на родителя", width=16),
    Column("phone", "телефон", ("тел", "gsm", "мобилен"), hint="Един номер: 0888123456", width=16),
    Column("email", "имейл", ("email", "e-mail", "електронна поща"), hint="Може да остане празно", width=24),
)  # fmt: skip


def guardian_columns(number: int) -> tuple[Column, ...]:
    """The columns of the student's guardian number 1..4: `guardian1_phone`, „Родител 1 – телефон“."""
    return tuple(
        Column(
            f"guardian{number}_{one.field}",
            f"Родител {number} – {one.heading}",
            tuple(f"Родител {number} {other}" for other in one.others),
            hint=one.hint,
            width=one.width,
        )
        for one in _GUARDIAN
    )


STUDENT_COLUMNS = (
    Column("class", "Клас", ("паралелка", "клас и паралелка"), True, "Паралелката, например 8а", 8),
    Column("number", "№ в класа", ("№", "номер в клас", "№ в клас"), hint="1, 2, 3 …", width=10),
    Column("first", "Име", (), True, "Собствено име"),
    Column("middle", "Презиме", (), hint="Може да остане празно"),
    Column("last", "Фамилия", (), True, "Фамилия", 16),
    Column("national_id", "ЕГН/ЛНЧ", ("ЕГН", "ЛНЧ", "ЕГН или ЛНЧ"), True, "10 цифри", 14),
    Column("birth", "Дата на раждане", ("роден на", "рождена дата"), hint="ДД.ММ.ГГГГ; нужна е само при ЛНЧ", width=16),
    Column("special", "СОП", ("специални образователни потребности",), hint="да или не", width=8),
    *(column for number in range(1, MOST_GUARDIANS + 1) for column in guardian_columns(number)),
)  # fmt: skip
STAFF_COLUMNS = (
    Column("first", "Име", (), True, "Собствено име"),
    Column("last", "Фамилия", (), True, "Фамилия", 16),
    Column("email", "Имейл", ("email", "e-mail", "електронна поща", "имейл адрес"), True, "С него се влиза", 28),
    Column("role", "Роля", ("длъжност",), hint="учител, директор, администратор", width=16),
    Column("leads_class", "Класен ръководител на", ("класен", "класен ръководител"), hint="Паралелка: 8а", width=22),
    Column("subject", "Предмет", ("учебен предмет",), hint="Един предмет на ред", width=28),
    Column("classes", "Класове", ("преподава на", "паралелки"), hint="8а, 8б, 9а", width=20),
    Column("profiled", "Профилиращ", ("профилиран",), hint="да или не", width=12),
)
COLUMNS = {Kind.STUDENTS: STUDENT_COLUMNS, Kind.STAFF: STAFF_COLUMNS}
SHEETS = {Kind.STUDENTS: "Ученици", Kind.STAFF: "Персонал"}


def key_of(heading: str) -> str:
    """What two spellings of a heading have in common: letters and digits, in one alphabet and case."""
    text = in_cyrillic(heading.casefold()) if re.search("[а-я№]", heading.casefold()) else heading.casefold()
    return re.sub(r"[\W_]+", "", text.replace("№", "номер"))


_FIELDS = {
    kind: {key_of(name): column.field for column in columns for name in (column.heading, *column.others)}
    for kind, columns in COLUMNS.items()
}


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the columns of a table are: field -> (index, heading as the file writes it)."""

    kind: Kind
    table: str
    header_row: int
    width: int
    """Columns that have a heading, the blank ones between them included."""
    places: dict[str, tuple[int, str]]
    unknown: tuple[str, ...]
    """Headings nobody knows: their columns are not read."""
    problems: tuple[Problem, ...]


def known_headings(cells: tuple[Value, ...], kind: Kind) -> int:
    """How many different columns of a kind a row of cells names."""
    fields = _FIELDS[kind]
    return len({fields[key] for cell in cells if isinstance(cell, str) and (key := key_of(cell)) in fields})


def score(cells: tuple[Value, ...]) -> int:
    """How much a row looks like one of headings."""
    return max(known_headings(cells, kind) for kind in Kind)


def find_layout(table: Table) -> Layout | None:
    """The headings of a table; None: it has none that are ours, at least three of one kind in a row."""
    first = table.rows[:LOOKED_AT]
    if not first:
        return None
    header = max(first, key=lambda row: score(row.cells))
    if score(header.cells) < 3:
        return None
    kind = max(Kind, key=lambda one: known_headings(header.cells, one))
    return _layout(table.name, header, kind)


def _layout(name: str, header: Row, kind: Kind) -> Layout:
    places: dict[str, tuple[int, str]] = {}
    unknown, problems = [], []
    for index, cell in enumerate(header.cells):
        if is_blank(cell):
            continue
        heading = " ".join(str(cell).split())
        field = _FIELDS[kind].get(key_of(heading))
        if field is None:
            unknown.append(heading[:80])
        elif field in places:
            problems.append(
                Problem(name, header.number, letter_of(index), heading, "This column is here twice: remove one.")
            )
        else:
            places[field] = (index, heading)
    for column in COLUMNS[kind]:
        if column.required and column.field not in places:
            problems.append(
                Problem(name, header.number, "", column.heading, "This column is missing: add it as in the template.")
            )
    width = max(index for index, cell in enumerate(header.cells) if not is_blank(cell)) + 1
    return Layout(kind, name, header.number, width, places, tuple(unknown), tuple(problems))
