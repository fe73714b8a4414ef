"""The part of an export that a person reads and prints: a page in Bulgarian that needs nothing but itself."""

from collections.abc import Iterator
from datetime import datetime
from html import escape

from db.kinds import ErasedKind
from runtime.localtime import SOFIA
from school.privacy import values, words
from school.privacy.people import Person
from school.privacy.sections import Rows, Section
from school.privacy.values import Names

HEAD = """<!doctype html>
<html lang="bg"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Лични данни</title>
<style>
body { font: 16px/1.5 sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
div { overflow-x: auto; } table { border-collapse: collapse; } h2 { margin-top: 2rem; }
th, td { border: 1px solid #999; padding: .2rem .5rem; text-align: left; vertical-align: top; }
@media print { body { font-size: 10pt; margin: 0; } div { overflow: visible; } tr { break-inside: avoid; } }
</style></head><body>
<h1>Копие на личните данни</h1>
"""
WHO = {
    ErasedKind.STUDENT: "ученика",
    ErasedKind.GUARDIAN: "родителя или настойника",
    ErasedKind.SUBSCRIBER: "абоната",
    ErasedKind.STAFF: "служителя",
}
ABOUT = """<p>Това е всичко, което училището пази в InfoServ e-School за {who} {name}, към {at} (чл. 15 и чл. 20 от
Регламент (ЕС) 2016/679). Администратор на данните е {school}, {town}; платформата ги обработва от негово име.</p>
<p>Данните се пазят, за да се води дневникът и да се уведомяват родителите. Получават ги служителите на училището според
ролите им, абонатите на ученика и операторите, по чиито мрежи минават съобщенията. Колко дълго се пазят, определя
училището. Можете да поискате поправка, изтриване или ограничаване и да подадете жалба до Комисията за защита на личните
данни.</p>
<p>ЕГН и ЛНЧ се пазят шифровани и се показват само отчасти. Пароли и ПИН кодове се пазят така, че никой не може да ги
прочете. Номерата и адресите на други хора са скрити. Същите данни за машинно четене са в data.json, описани в
schema.json.</p>
"""


def page(person: Person, names: Names, now: datetime, parts: Iterator[tuple[Section, Rows]]) -> Iterator[str]:
    """The page, piece by piece: a table for each kind of data, and what there is none of."""
    yield HEAD
    yield ABOUT.format(
        who=WHO[person.kind],
        name=escape(person.name),
        at=_moment(now),
        school=escape(names.school),
        town=escape(names.town),
    )
    empty = []
    for section, batches in parts:
        if not section.holding.title:
            continue
        columns = section.holding.personal
        is_first = True
        for rows in batches:
            if is_first:
                yield f"<h2>{escape(section.holding.title)}</h2>\n<div><table><thead><tr>"
                yield "".join(f'<th scope="col">{escape(words.COLUMNS[one])}</th>' for one in columns)
                yield "</tr></thead><tbody>\n"
                is_first = False
            yield "".join(_row(columns, row) for row in rows)
        if is_first:
            empty.append(section.holding.title)
        else:
            yield "</tbody></table></div>\n"
    if empty:
        yield f"<h2>Няма данни</h2>\n<p>{escape(', '.join(empty))}.</p>\n"
    yield "</body></html>\n"


def _row(columns: tuple[str, ...], row: dict[str, values.Value]) -> str:
    cells = []
    for column in columns:
        name = column.removesuffix("_id") if column.endswith("_id") else ""
        value = row[name] if name in row else row[values.name_of(column)]
        cells.append(f"<td>{escape(values.told(column, value, _moment))}</td>")
    return f"<tr>{''.join(cells)}</tr>\n"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(SOFIA):%d.%m.%Y, %H:%M}"
