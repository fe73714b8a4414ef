"""Files as schools would upload them."""

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from openpyxl import Workbook

STUDENT_HEAD = (
    "Клас", "№ в класа", "Име", "Презиме", "Фамилия", "ЕГН/ЛНЧ", "Дата на раждане", "СОП",
    "Родител 1 – кой е", "Родител 1 – име", "Родител 1 – фамилия", "Родител 1 – телефон", "Родител 1 – имейл",
    "Родител 2 – кой е", "Родител 2 – име", "Родител 2 – фамилия", "Родител 2 – телефон", "Родител 2 – имейл",
)  # fmt: skip
STAFF_HEAD = ("Име", "Фамилия", "Имейл", "Роля", "Класен ръководител на", "Предмет", "Класове", "Профилиращ")
Cells = Sequence[object]


def egn(number: int) -> str:
    """A valid ЕГН of somebody born in 2009 to 2012, another for every number below 50,000."""
    born = date(2009, 1, 1) + timedelta(days=number % 1400)
    digits = f"{born.year % 100:02}{born.month + 40:02}{born.day:02}{number // 1400 * 2 + 100:03}"
    weights = (2, 4, 8, 5, 10, 9, 7, 3, 6)
    return digits + str(sum(int(one) * weight for one, weight in zip(digits, weights, strict=True)) % 11 % 10)


def student(number: int, class_name: str = "8а", *, guardian: bool = True, **changed: object) -> list[object]:
    """A row of the template; `changed` gives other cells by `c<index>`."""
    row: list[object] = [
        class_name,
        str(number % 30 + 1),
        "Иван",
        "Петров",
        f"Иванов{'абвгдежзий'[number % 10]}",
        egn(number),
        "",
        "",
    ]
    family = ["майка", "Силвия", "Иванова", f"0888{number:06}", f"s{number}@mail.example"] if guardian else [""] * 5
    row += [*family, *[""] * 5]
    for name, value in changed.items():
        row[int(name[1:])] = value
    return row


def as_csv(
    rows: Sequence[Cells], *, head: Cells = STUDENT_HEAD, encoding: str = "utf-8-sig", separator: str = ";"
) -> bytes:
    """A CSV file."""
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=separator).writerows([head, *rows])
    return stream.getvalue().encode(encoding)


def as_xlsx(sheets: Mapping[str, Sequence[Cells]]) -> bytes:
    """An XLSX file with the rows as they are, headings included."""
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def as_zip(files: Mapping[str, str | bytes]) -> bytes:
    """A zip archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return stream.getvalue()


def one_roster() -> dict[str, str]:
    """A OneRoster 1.2 export: two students of 8а, one of 8б, a mother, a teacher of mathematics, the principal."""
    users = (
        "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,"
        "email,sms,phone,agentSourcedIds,grades,password,userMasterIdentifier,resourceSourcedIds,preferredGivenName,"
        "preferredMiddleName,preferredFamilyName,primaryOrgSourcedId,pronouns\n"
    )

    def user(id_: str, first: str, last: str, *, ids: str = "", identifier: str = "", email: str = "", sms: str = "",
             agents: str = "") -> str:  # fmt: skip
        quoted = f'"{agents}"' if agents else ""
        return f"{id_},,,true,{id_},{ids},{first},{last},,{identifier},{email},{sms},,{quoted},,,,,,,,o1,\n"

    return {
        "manifest.csv": "propertyName,value\nmanifest.version,1.0\noneroster.version,1.2\n"
        "file.users,bulk\nfile.roles,bulk\nfile.classes,bulk\nfile.enrollments,bulk\nfile.courses,bulk\n"
        "file.demographics,bulk\n",
        "orgs.csv": "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\no1,,,Училище,school,1,\n",
        "users.csv": users
        + user("s1", "Мария", "Колева", ids="{ЕГН:" + egn(1) + "}", agents="p1,p2")
        + user("s2", "Петър", "Колев", identifier=egn(2), agents="p1")
        + user("s3", "Ана", "Динева", ids="{EGN:" + egn(3) + "}")
        + user("p1", "Весела", "Колева", sms="0888111222", email="vesela@mail.example")
        + user("p2", "Красимир", "Колев", sms="0888111333")
        + user("t1", "Огнян", "Петков", email="o.petkov@school.example")
        + user("d1", "Надежда", "Йовчева", email="direktor@school.example"),
        "roles.csv": "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,"
        "userProfileSourcedId\n"
        + "".join(
            f"r{number},,,{who},primary,{role},,,o1,\n"
            for number, (who, role) in enumerate(
                [("s1", "student"), ("s2", "student"), ("s3", "student"), ("p1", "parent"), ("p2", "parent"),
                 ("t1", "teacher"), ("d1", "principal")]
            )
        ),
        "classes.csv": "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,"
        "schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods\n"
        "h1,,,8а,08,,,homeroom,,o1,,,,\nh2,,,8 б клас,08,,,homeroom,,o1,,,,\n"
        "m1,,,Математика 8,08,k1,,scheduled,,o1,,,,\n",
        "courses.csv": "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,"
        "subjects,subjectCodes\nk1,,,,Математика,MAT,08,o1,,\n",
        "enrollments.csv": "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,"
        "primary,beginDate,endDate\n"
        + "".join(
            f"e{number},,,{of},o1,{who},{role},,,\n"
            for number, (of, who, role) in enumerate(
                [("h1", "s1", "student"), ("h1", "s2", "student"), ("h2", "s3", "student"), ("h1", "t1", "teacher"),
                 ("m1", "s1", "student"), ("m1", "s3", "student"), ("m1", "t1", "teacher")]
            )
        ),
        "demographics.csv": "sourcedId,status,dateLastModified,birthDate,sex\np1,,,,female\ns1,,,,female\n",
    }  # fmt: skip
