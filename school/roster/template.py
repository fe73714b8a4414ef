"""Our template: the workbook a school downloads, fills and uploads."""

import io

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from school.roster.columns import (
    GUARDIANS_IN_TEMPLATE,
    SHEETS,
    STAFF_COLUMNS,
    STUDENT_COLUMNS,
    Column,
    Kind,
    guardian_columns,
)

ROWS_PREPARED = 1000
"""Rows in which the cells are text already, so that Excel swallows no zero."""

_LISTS = {
    "relation": "майка,баща,баба,дядо,настойник,приемен родител",
    "special": "да,не",
    "profiled": "да,не",
    "role": "учител,директор,администратор",
}
_HEAD = PatternFill("solid", fgColor="FFDCE6F1")
_REQUIRED = PatternFill("solid", fgColor="FFFFE699")

GUIDE = (
    "Как се попълва",
    "1. Лист „Ученици“: по един ред за всеки ученик. Жълтите колони са задължителни.",
    "2. Лист „Персонал“: по един ред за всеки учител и предмет. Който има два предмета, е на два реда с един имейл.",
    "3. Паралелките и предметите трябва вече да са въведени в училището.",
    "4. ЕГН се пише с всичките си 10 цифри. Дата на раждане е нужна само при ЛНЧ.",
    "5. Телефонът на родителя му дава право да се абонира с ЕГН на детето: проверете го.",
    "6. Може да качите файла пак след поправки: никой не се въвежда два пъти. Празна клетка не изтрива нищо.",
    "7. Заглавията на колоните не се променят; ненужните колони може да се изтрият.",
)


def template_xlsx() -> bytes:
    """The template with both lists, empty, and a guide."""
    book = Workbook()
    students = book.active
    assert isinstance(students, Worksheet)
    students.title = SHEETS[Kind.STUDENTS]
    extra = {column.field for number in range(GUARDIANS_IN_TEMPLATE + 1, 5) for column in guardian_columns(number)}
    _fill(students, tuple(column for column in STUDENT_COLUMNS if column.field not in extra))
    _fill(book.create_sheet(SHEETS[Kind.STAFF]), STAFF_COLUMNS)
    guide = book.create_sheet("Указания")
    guide.column_dimensions["A"].width = 110
    for row, line in enumerate(GUIDE, 1):
        guide.cell(row, 1, line).font = Font(bold=row == 1, size=14 if row == 1 else 11)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _fill(sheet: Worksheet, columns: tuple[Column, ...]) -> None:
    for index, column in enumerate(columns, 1):
        letter = get_column_letter(index)
        head = sheet.cell(1, index, column.heading)
        head.font = Font(bold=True)
        head.fill = _REQUIRED if column.required else _HEAD
        head.alignment = Alignment(wrap_text=True, vertical="top")
        if column.hint:
            head.comment = Comment(column.hint, "e-School", width=260, height=70)
        sheet.column_dimensions[letter].width = column.width
        sheet.column_dimensions[letter].number_format = "@"
        for row in range(2, ROWS_PREPARED + 2):
            sheet.cell(row, index).number_format = "@"
        choices = _LISTS.get(column.field.rpartition("_")[2])
        if choices:
            # A hint, not a rule: the import understands more words than the list shows.
            validation = DataValidation("list", formula1=f'"{choices}"', allow_blank=True, showErrorMessage=False)
            validation.add(f"{letter}2:{letter}{ROWS_PREPARED + 1}")
            sheet.add_data_validation(validation)
    sheet.row_dimensions[1].height = 32
    sheet.freeze_panes = "A2"
