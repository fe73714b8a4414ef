"""Lists as schools really have them, each made anew: people and numbers are invented."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from openpyxl import Workbook

from tests.school.roster.files import Cells, as_csv, as_xlsx, egn
from tests.school.roster.old_excel import as_ods, as_xls

GIVEN = ("Мария", "Иван", "Калина", "Мартин", "Ева", "Георги", "Анна-Мария", "Ивайло", "Десислава", "Павел")
FATHERS = (
    "Петрова",
    "Стоянов",
    "Георгиева",
    "Димитров",
    "Ангелова",
    "Тодоров",
    "Илиева",
    "Колев",
    "Маринова",
    "Иванов",
)
FAMILY = (
    "Иванова", "Петров", "Димитрова-Колева", "Ангелов", "Стойчева", "Бориславов", "Добрева", "Крумов", "Панайотова",
    "Кирилов",
)  # fmt: skip


@dataclass(frozen=True)
class Listed:
    """A file, and what must come of it."""

    data: bytes
    students: int = 0
    phones: frozenset[str] = frozenset()
    staff: int = 0
    choose: dict[str, str] = field(default_factory=dict)
    """Heading or letter -> what the person says the column is, where nobody could know."""
    answers: dict[str, str] = field(default_factory=dict)
    """What a cell says -> what the person answers, where the page asks."""
    asks: bool = True
    """Whether the page of the columns is shown at all."""


def mobile(number: int) -> str:
    """A telephone as people write it, another for every number."""
    return f"0888{number:06}"


def e164(number: int) -> str:
    """The same as it is kept."""
    return f"+359888{number:06}"


def person(number: int) -> tuple[str, str, str]:
    """Given, father's and family name."""
    return GIVEN[number % 10], FATHERS[number % 10], FAMILY[number % 10]


def born(number: int) -> date:
    """The birth date that the ЕГН says."""
    digits = egn(number)
    return date(2000 + int(digits[:2]), int(digits[2:4]) - 40, int(digits[4:6]))


def whole(number: int) -> str:
    """The name in one cell."""
    return " ".join(person(number))


def _phones(count: int, first: int = 0) -> frozenset[str]:
    return frozenset(e164(number) for number in range(first, first + count))


def mobile_heading() -> Listed:
    """„Мобилен“ alone, as the one telephone."""
    head = ["№", "Клас", "Трите имена", "ЕГН", "Мобилен"]
    rows = [[str(n + 1), "8а", whole(n), egn(n), mobile(n)] for n in range(12)]
    return Listed(as_csv(rows, head=head), 12, _phones(12))


def phone_of_parent() -> Listed:
    """„Тел. на родител“ and the parent's name, none of them in the template's words."""
    head = ["Име", "Презиме", "Фамилия", "Паралелка", "ЕГН", "Родител", "Тел. на родител"]
    rows = [[*person(n), "8б", egn(n), f"Силвия {FAMILY[n % 10]}", mobile(n)] for n in range(12)]
    return Listed(as_xlsx({"Списък": [head, *rows]}), 12, _phones(12))


def level_and_letter() -> Listed:
    """„Клас“ and „Паралелка“ apart, the level as a number of Excel."""
    head = ["Клас", "Паралелка", "Номер", "Име, презиме, фамилия", "ЕГН", "Телефон на родител"]
    rows = [[8, "А" if n % 2 else "Б", n // 2 + 1, whole(n), int(egn(n)), 888000000 + n] for n in range(12)]
    return Listed(as_xlsx({"Sheet1": [head, *rows]}), 12, _phones(12))


def sheet_for_each_class() -> Listed:
    """One sheet for each class, named like it; the title tells the school."""
    sheets = {}
    for place, name in enumerate(("7А", "8А", "8Б")):
        rows: list[Cells] = [["ОУ „Васил Левски“, гр. Видин"], ["№", "Име на ученика", "ЕГН", "Майка", "Телефон"]]
        rows += [
            [n % 10 + 1, whole(n), egn(n), f"Силвия {FAMILY[n % 10]}", mobile(n)]
            for n in range(place * 10, place * 10 + 8)
        ]
        sheets[name] = rows
    phones = frozenset(e164(place * 10 + n) for place in range(3) for n in range(8))
    return Listed(as_xlsx(sheets), 24, phones)


def family_first() -> Listed:
    """The family name first, as registers sort."""
    head = ["клас", "Име", "ЕГН", "телефон"]
    rows = [["11а", f"{person(n)[2]} {person(n)[0]} {person(n)[1]}", egn(n), mobile(n)] for n in range(10)]
    return Listed(as_csv(rows, head=head, encoding="cp1251"), 10, _phones(10))


def merged_headings() -> Listed:
    """Two rows of headings with merged cells, a title above, columns numbered below."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Лист1"
    sheet.append(["Списък на учениците от 8а клас за учебната 2025/2026 година"])
    sheet.merge_cells("A1:I1")
    sheet.append([])
    sheet.append(["№", "Ученик", None, None, "ЕГН", "Майка", None, "Баща", None])
    sheet.append([None, "Име", "Презиме", "Фамилия", None, "Име и фамилия", "Телефон", "Име и фамилия", "Телефон"])
    for area in ("B3:D3", "F3:G3", "H3:I3", "A3:A4", "E3:E4"):
        sheet.merge_cells(area)
    sheet.append([1, 2, 3, 4, 5, 6, 7, 8, 9])
    for n in range(9):
        sheet.append(
            [
                n + 1,
                *person(n),
                egn(n),
                f"Силвия {FAMILY[n]}",
                mobile(n),
                f"Петър {FAMILY[(n + 1) % 10]}",
                mobile(100 + n),
            ]
        )
    sheet.append([None, "Всичко: 9 ученици"])
    sheet.append([None, "Класен ръководител: ................."])
    sheet.append([None, None, None, "Директор: М. Иванова"])
    stream = io.BytesIO()
    book.save(stream)
    return Listed(stream.getvalue(), 9, _phones(9) | _phones(9, 100))


def class_as_a_line() -> Listed:
    """Each class begins with a line of its own and repeats the headings."""
    rows: list[Cells] = [["Списъци по класове"]]
    for place, name in enumerate(("VII а клас", "VIII а клас", "VIII б клас")):
        rows += [[name], ["№", "Име", "Фамилия", "ЕГН", "GSM"]]
        rows += [[n % 10 + 1, person(n)[0], person(n)[2], egn(n), mobile(n)] for n in range(place * 10, place * 10 + 6)]
        rows.append(["", "Общо:", "6"])
    return Listed(
        as_xlsx({"Училище": rows}), 18, frozenset(e164(place * 10 + n) for place in range(3) for n in range(6))
    )


def class_merged_downwards() -> Listed:
    """The class is written once and merged over the rows of its students."""
    head = ["Паралелка", "Ученик", "ЕГН", "Телефон за връзка"]
    rows = [["8а" if n == 0 else "8б" if n == 6 else None, whole(n), egn(n), mobile(n)] for n in range(12)]
    return Listed(as_xlsx({"Лист1": [head, *rows]}), 12, _phones(12))


def two_telephones_in_a_cell() -> Listed:
    """Several telephones with a comma, a stroke, a line break or nothing between them, and whose they are."""
    cells = [
        f"{mobile(0)}, {mobile(100)}",
        f"{mobile(1)} / {mobile(101)}",
        f"{mobile(2)}\n{mobile(102)}",
        f"{mobile(3)} (майка), {mobile(103)} (баща)",
        f"майка: {mobile(4)}; баща: {mobile(104)}",
        f"{mobile(5)}/{mobile(105)}",
        f"{mobile(6)} {mobile(106)}",
        f"{mobile(7)} - майка {mobile(107)} - баща",
        f"Силвия Иванова {mobile(8)}",
        f"тел. {mobile(9)}; моб. {mobile(109)}",
    ]
    head = ["Клас", "Име", "Фамилия", "ЕГН", "Телефони"]
    rows = [["8а", person(n)[0], person(n)[2], egn(n), cell] for n, cell in enumerate(cells)]
    phones = _phones(10) | frozenset(e164(100 + n) for n in (*range(8), 9))
    return Listed(as_csv(rows, head=head, separator=","), 10, phones)


def numbers_of_excel() -> Listed:
    """What Excel makes of telephones and dates: no zero, 8.88E+08 with all its digits, 359…, its own dates."""
    head = ["Клас", "Име", "Фамилия", "ЕГН", "Роден на", "Телефон 1", "Телефон 2"]
    rows = [
        ["8а", person(n)[0], person(n)[2], int(egn(n)), born(n),
         888000000 + n, 359888000100.0 + n]
        for n in range(10)
    ]  # fmt: skip
    rows[3][5] = "8.88000003E+08"
    return Listed(as_xlsx({"Лист1": [head, *rows]}), 10, _phones(10) | _phones(10, 100))


def latin_letters() -> Listed:
    """„8A“ and „8B“ typed with the Latin keyboard."""
    head = ["Class", "First name", "Last name", "EGN", "Mobile phone"]
    rows = [["8A" if n % 2 else "8B", person(n)[0], person(n)[2], egn(n), mobile(n)] for n in range(10)]
    return Listed(as_csv(rows, head=head), 10, _phones(10), answers={"8B": "8б"})


def tabs_in_utf_16() -> Listed:
    """Excel's „Unicode text“."""
    head = ["Клас", "Ученик", "ЕГН", "Имейл на родител", "Телефон на майката", "Телефон на бащата"]
    rows = [["8а", whole(n), egn(n), f"p{n}@mail.example", mobile(n), mobile(100 + n)] for n in range(8)]
    return Listed(as_csv(rows, head=head, separator="\t", encoding="utf-16"), 8, _phones(8) | _phones(8, 100))


def old_excel() -> Listed:
    """.xls of Excel 97."""
    head = ["Клас", "Име", "Презиме", "Фамилия", "ЕГН", "Тел."]
    rows = [["8а", *person(n), egn(n), float(888000000 + n)] for n in range(8)]
    return Listed(as_xls({"8а": [head, *rows]}), 8, _phones(8))


def open_document() -> Listed:
    """.ods of LibreOffice."""
    head = ["Паралелка", "Ученик", "ЕГН", "Родител", "Мобилен телефон"]
    rows = [["8б", whole(n), egn(n), f"Силвия {FAMILY[n % 10]}", mobile(n)] for n in range(8)]
    return Listed(as_ods({"Лист1": [head, *rows]}), 8, _phones(8))


def no_headings() -> Listed:
    """Nothing above the first student."""
    rows = [[egn(n), whole(n), "8а", mobile(n)] for n in range(8)]
    return Listed(as_csv(rows[1:], head=rows[0]), 8, _phones(8))


def strange_headings() -> Listed:
    """Headings that say nothing: the contents tell."""
    head = ["А1", "А2", "А3", "А4", "Забележка"]
    rows = [["8а", whole(n), egn(n), mobile(n), "пътува" if n == 2 else ""] for n in range(8)]
    return Listed(as_xlsx({"Данни": [head, *rows]}), 8, _phones(8), choose={"Забележка": ""})


def admin_export() -> Listed:
    """Many columns of an administrative system, most of them not ours."""
    head = [
        "№ по ред", "Вид идентификатор", "Идентификатор", "Име", "Презиме", "Фамилия", "Дата на раждане", "Пол",
        "Гражданство", "Випуск", "Паралелка", "Форма на обучение", "Телефон на ученика", "Имена на родител",
        "Телефон на родител", "Е-mail на родител",
    ]  # fmt: skip
    rows = [
        [str(n + 1), "ЕГН", egn(n), *person(n), f"{born(n):%d.%m.%Y} г.", "Ж",
         "България", "8", ("8а", "8б")[n // 30], "дневна", mobile(500 + n),
         f"Силвия Петрова {FAMILY[n % 10]}", mobile(n),
         f"s{n}@mail.example"]
        for n in range(60)
    ]  # fmt: skip
    choose = dict.fromkeys(
        ("Вид идентификатор", "Пол", "Гражданство", "Випуск", "Форма на обучение", "Телефон на ученика"), ""
    )
    return Listed(as_csv(rows, head=head, encoding="cp1251"), 60, _phones(60), choose=choose)


def father_and_mother() -> Listed:
    """Names and telephones of both, the double family name with blanks around its hyphen, capitals."""
    head = ["ПАРАЛЕЛКА", "ИМЕ НА ДЕТЕТО", "ЕГН", "ИМЕ НА МАЙКАТА", "ТЕЛ. МАЙКА", "ИМЕ НА БАЩАТА", "ТЕЛ. БАЩА"]
    rows = [
        ["8 „А“ клас", f"{GIVEN[n]} {FATHERS[n]} Димитрова - Колева".upper(), egn(n), "СИЛВИЯ ИВАНОВА", mobile(n),
         "" if n == 4 else "ПЕТЪР ИВАНОВ", "няма" if n == 4 else mobile(100 + n)]
        for n in range(10)
    ]  # fmt: skip
    return Listed(as_xlsx({"Sheet1": [head, *rows]}), 10, _phones(10) | (_phones(10, 100) - {e164(104)}))


def second_telephone_of_a_parent() -> Listed:
    """A mobile and a home telephone of the same parent."""
    head = ["Клас", "Име", "Фамилия", "ЕГН", "Родител", "Мобилен телефон", "Домашен телефон"]
    rows = [["8а", person(n)[0], person(n)[2], egn(n), "Силвия Иванова", mobile(n), f"02 98{n:05}"] for n in range(6)]
    return Listed(as_csv(rows, head=head), 6, _phones(6) | frozenset(f"+359298{n:05}" for n in range(6)))


def staff_as_they_are() -> Listed:
    """Positions, abbreviated subjects, classes without their level, ranges."""
    head = ["Трите имена", "Длъжност", "Предмет", "Преподава на", "Класен р-л", "Служебен e-mail"]
    rows = [
        ["Огнян Петров Петков", "ст. учител", "Математика", "8 а, б", "8а", "o.petkov@school.example"],
        ["Ана Илиева Динева", "главен учител", "БЕЛ", "7а-8б", "", "a.dineva@school.example"],
        ["Боряна Колева", "учител", "Математика; Английски", "7а", "", "b.koleva@school.example"],
        ["Надежда Йовчева", "директор", "", "", "", "direktor@school.example"],
        ["Петя Колева", "учител", "История и цивилизации", "5-8", "", "p.koleva@school.example"],
    ]
    answers = {"БЕЛ": "Български език и литература", "Английски": "Английски език"}
    return Listed(as_xlsx({"Учители": [head, *rows]}), staff=5, answers=answers)


def staff_with_classes_beside_subjects() -> Listed:
    """Subject and classes in one cell."""
    head = ["Име и фамилия", "E-mail", "Длъжност", "Преподавани предмети"]
    rows = [
        ["Огнян Петков", "o.petkov@school.example", "учител", "Математика – 8а, 8б; Английски език (7а)"],
        ["Ана Динева", "a.dineva@school.example", "старши учител", "Математика (11а)"],
    ]
    return Listed(as_csv(rows, head=head), staff=2)


def siblings_and_shared_phones() -> Listed:
    """Brothers with one telephone and no name of the parent."""
    head = ["Паралелка", "Име", "Фамилия", "ЕГН", "Тел. за контакт"]
    rows = [[("7а", "8а")[n % 2], person(n)[0], person(n)[2], egn(n), mobile(n // 2)] for n in range(8)]
    return Listed(as_csv(rows, head=head), 8, _phones(4))


def two_lists_in_a_workbook() -> Listed:
    """Students in a sheet of their own form, staff in another, and a page of notes."""
    students: Sequence[Cells] = [["Клас", "Ученик", "ЕГН", "Родител: GSM"]] + [
        ["8а", whole(n), egn(n), mobile(n)] for n in range(5)
    ]
    staff: Sequence[Cells] = [
        ["Учител", "Електронна поща", "Предмет", "Класове"],
        ["Огнян Петков", "o.petkov@school.example", "Математика", "8а, 8б"],
    ]
    notes: Sequence[Cells] = [["Бележки"], ["Списъкът е от септември."]]
    return Listed(as_xlsx({"Ученици": students, "Учители": staff, "Бележки": notes}), 5, _phones(5), 1)


def spaces_and_plus() -> Listed:
    """Telephones as people write them by hand."""
    forms: tuple[Callable[[str], str], ...] = (
        lambda p: f"+359 {p[1:4]} {p[4:7]} {p[7:]}",
        lambda p: f"00359{p[1:]}",
        lambda p: f"{p[:4]} {p[4:6]} {p[6:8]} {p[8:]}",
        lambda p: f"{p[:4]}/{p[4:7]}-{p[7:]}",
        lambda p: f"{p[:4]}-{p[4:]}",
        lambda p: f"({p[:4]}) {p[4:]}",
        lambda p: f"359{p[1:]}",
        lambda p: p[1:],
        lambda p: f"'{p}",
        lambda p: f"тел: {p}.",
    )
    head = ["Клас", "Ученик", "ЕГН", "Телефон"]
    rows = [["8а", whole(n), egn(n), form(mobile(n))] for n, form in enumerate(forms)]
    return Listed(as_csv(rows, head=head), 10, _phones(10))


def guardian_and_relation() -> Listed:
    """A column that says who the contact is, with words of its own."""
    head = ["Клас", "Име", "Презиме", "Фамилия", "ЕГН", "Лице за контакт", "Родство", "Телефон за контакт"]
    rows = [["8а", *person(n), egn(n), "Силвия Иванова", ("майка", "Баба", "леля")[n % 3], mobile(n)] for n in range(9)]
    return Listed(as_csv(rows, head=head), 9, _phones(9), answers={"леля": "настойник"})


def dates_and_foreigners() -> Listed:
    """ЕГН and ЛНЧ in one column, dates as text of several forms."""
    head = ["Клас", "Име", "Фамилия", "ЕГН/ЛНЧ/Служебен №", "Дата на раждане", "тел. родител"]
    rows: list[Cells] = [["8а", person(n)[0], person(n)[2], egn(n), "", mobile(n)] for n in range(5)]
    rows += [["8а", "Айше", "Мехмед", "1001001001", date(2011, 5, 5), mobile(5)]]
    return Listed(as_xlsx({"8а клас": [head, *rows]}), 6, _phones(6))


LISTS: tuple[Callable[[], Listed], ...] = (
    mobile_heading, phone_of_parent, level_and_letter, sheet_for_each_class, family_first, merged_headings,
    class_as_a_line, class_merged_downwards, two_telephones_in_a_cell, numbers_of_excel, latin_letters, tabs_in_utf_16,
    old_excel, open_document, no_headings, strange_headings, admin_export, father_and_mother,
    second_telephone_of_a_parent, staff_as_they_are, staff_with_classes_beside_subjects, siblings_and_shared_phones,
    two_lists_in_a_workbook, spaces_and_plus, guardian_and_relation, dates_and_foreigners,
)  # fmt: skip
