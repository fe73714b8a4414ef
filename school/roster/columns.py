"""The columns of our template. What other lists call them is in `headings`."""

from dataclasses import dataclass
from enum import StrEnum

MOST_GUARDIANS = 4
GUARDIANS_IN_TEMPLATE = 2


class Kind(StrEnum):
    """What a table lists."""

    STUDENTS = "students"
    STAFF = "staff"
    GRADES = "grades"


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
