"""Files of every sort: what can be read is read, what cannot is told in one sentence."""

import contextlib
import csv
import io
import re
import time
import zipfile
from datetime import date
from itertools import pairwise
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from errors import InputError
from school import roster
from school.roster.template import template_xlsx
from tests.school.roster.files import STAFF_HEAD, STUDENT_HEAD, as_csv, as_xlsx, as_zip, egn, one_roster, student
from tests.school.roster.old_excel import as_ods, as_xls

TODAY = date(2025, 9, 10)


def read(data: bytes) -> roster.Roster:
    return roster.read(data, "списък.csv", TODAY)


class TestCsv:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
    @pytest.mark.parametrize("separator", [";", ",", "\t"])
    def test_every_way_to_save_it(self, encoding: str, separator: str) -> None:
        head = [one.replace("–", "-") for one in STUDENT_HEAD]
        found = read(as_csv([student(1), student(2)], head=head, encoding=encoding, separator=separator))
        assert found.problems == ()
        assert [one.first_name for one in found.students] == ["Иван", "Иван"]
        assert found.students[1].guardians[0].phone == "+359888000002"

    @given(
        cell=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=30),
        breaks=st.sampled_from(["", "\n", "\r\n"]),
        separator=st.sampled_from(";,\t"),
        encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
        quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
        line=st.sampled_from(["\r\n", "\n"]),
    )
    def test_any_text_in_any_dialect_stays_in_its_cell(
        self, cell: str, breaks: str, separator: str, encoding: str, quoting: Literal[0, 1], line: str
    ) -> None:
        """A column nobody knows holds any text at all: quoted, with line breaks, separators and quotation marks."""
        stream = io.StringIO(newline="")
        writer = csv.writer(stream, delimiter=separator, quoting=quoting, lineterminator=line)
        writer.writerow(["Клас", "Бележка", "Име", "Фамилия", "ЕГН"])
        writer.writerow(["8а", f"{cell}{breaks}{cell}", "Ана", "Динева", egn(1)])
        found = read(stream.getvalue().encode(encoding))
        assert found.problems == ()
        assert [(one.first_name, one.last_name) for one in found.students] == [("Ана", "Динева")]
        assert found.ignored in ((), ("Бележка",))  # an empty column needs no answer

    @given(st.binary(max_size=400))
    def test_any_bytes_end_in_a_roster_or_a_sentence(self, data: bytes) -> None:
        with contextlib.suppress(InputError):
            read(data)

    def test_rows_are_numbered_as_in_excel_despite_line_breaks_in_cells(self) -> None:
        rows = [student(1, c3="Петров"), student(2, c2=""), student(3)]
        rows[0][8] = "майка\n"
        found = read(as_csv(rows))
        assert [(one.row, one.letter, one.column) for one in found.problems] == [(3, "C", "Име")]

    def test_headings_in_other_words_and_order(self) -> None:
        head = ["ЕГН*", "ФАМИЛИЯ", "име", "Паралелка", "№"]
        found = read(as_csv([[egn(1), "Динева", "Ана", "8а", "3"]], head=head))
        assert (found.problems, found.students[0].number) == ((), 3)

    def test_titles_above_the_headings(self) -> None:
        text = "Списък на учениците;;\n;;\n" + as_csv([student(1)], encoding="utf-8").decode()
        found = read(text.encode())
        assert len(found.students) == 1
        assert found.students[0].place.row == 4

    def test_excels_line_that_names_the_separator(self) -> None:
        assert len(read(b"sep=,\r\n" + as_csv([student(1)], encoding="utf-8", separator=",")).students) == 1

    def test_a_separator_that_was_not_quoted_is_told(self) -> None:
        data = f"Клас,Име,Фамилия,ЕГН\n8а,Ана,Динева,{egn(1)},\n8а,Ана,Мария,Динева,{egn(2)}\n"
        texts = [(one.row, one.text) for one in read(data.encode()).problems]
        told = "The row has more cells than the headings: some cell probably has a separator without quotes."
        assert (3, told) in texts

    def test_every_wrong_cell_is_told_at_once(self) -> None:
        rows = [
            student(1),
            student(2, c0="8я9", c5="123", c11="1234", c12="а@б"),
            student(3, c2="", c4="4", c6="31.02.2012", c7="is it"),
            student(4, c8="леля", c9="", c1="100"),
        ]
        found = read(as_csv(rows))
        assert [(one.row, one.letter) for one in sorted(found.problems, key=lambda one: one.order)] == [
            (3, "A"), (3, "F"), (3, "L"), (3, "M"), (4, "C"), (4, "E"), (4, "G"), (4, "H"),
            (5, "B"), (5, "I"), (5, "J"),
        ]  # fmt: skip
        assert all(one.text.endswith((".", "?")) for one in found.problems)

    def test_the_date_of_birth_must_be_that_of_the_egn(self) -> None:
        (problem,) = read(as_csv([student(1, c6="05.05.2010")])).problems
        assert "not that of the EGN" in problem.text

    def test_a_foreigner_needs_a_date_of_birth(self) -> None:
        (problem,) = read(as_csv([student(1, c5="1001001001")])).problems
        assert (problem.letter, "An LNCh needs" in problem.text) == ("G", True)
        assert read(as_csv([student(1, c5="1001001001", c6="5.5.2012")])).students[0].birth_date == date(2012, 5, 5)

    def test_a_missing_column_is_told(self) -> None:
        found = read(as_csv([["8а", "Ана", "Динева"]], head=["Клас", "Име", "Фамилия"]))
        assert [(one.row, one.column) for one in found.problems] == [(1, "ЕГН/ЛНЧ")]

    def test_of_two_columns_for_one_thing_somebody_is_asked(self) -> None:
        found = read(
            as_csv([["8а", "Ана", "Динева", egn(1), "8а"]], head=["Клас", "Име", "Фамилия", "ЕГН", "паралелка"])
        )
        assert found.ignored == ("паралелка",)


class TestXlsx:
    def test_what_excel_makes_of_cells(self) -> None:
        row = student(1, c1=4.0, c5=int(egn(1)), c6=date(2009, 1, 2), c7=True, c11=888123456)
        found = read(as_xlsx({"Ученици": [STUDENT_HEAD, row]}))
        assert found.problems == ()
        (one,) = found.students
        assert (one.number, one.national_id.number, one.special_needs) == (4, egn(1), True)
        assert one.guardians[0].phone == "+359888123456"

    def test_both_lists_in_one_workbook(self) -> None:
        staff = ["Мария", "Стоянова", "m@school.example", "учител", "8а", "Математика", "8а, 8б", ""]
        found = read(
            as_xlsx({"Ученици": [STUDENT_HEAD, student(1)], "Персонал": [STAFF_HEAD, staff], "Друго": [["x"]]})
        )
        assert (len(found.students), len(found.staff), found.problems) == (1, 1, ())
        assert found.staff[0].classes == ((8, "а"), (8, "б"))

    def test_the_template_is_read_back(self) -> None:
        book = load_workbook(io.BytesIO(template_xlsx()))
        assert book.sheetnames == ["Ученици", "Персонал", "Указания"]
        heads = [[cell.value for cell in next(book[name].iter_rows(max_row=1))] for name in book.sheetnames[:2]]
        assert heads == [list(STUDENT_HEAD), list(STAFF_HEAD)]
        for column, value in enumerate(student(1), 1):
            book["Ученици"].cell(2, column, str(value))
        stream = io.BytesIO()
        book.save(stream)
        found = read(stream.getvalue())
        assert (len(found.students), found.problems) == (1, ())

    def test_an_empty_template_is_told(self) -> None:
        with pytest.raises(InputError, match="no rows"):
            read(template_xlsx())

    def test_half_a_file_is_told_wherever_it_was_cut(self) -> None:
        whole = as_xlsx({"Ученици": [STUDENT_HEAD, *(student(one) for one in range(50))]})
        for cut in range(100, len(whole) - 1, max(1, len(whole) // 25)):
            with pytest.raises(InputError):
                read(whole[:cut])

    def test_flipped_bytes_never_end_in_anything_but_a_sentence(self) -> None:
        whole = as_xlsx({"Ученици": [STUDENT_HEAD, student(1)]})
        for place in range(0, len(whole), 97):
            damaged = bytearray(whole)
            damaged[place] ^= 0xFF
            with contextlib.suppress(InputError):
                read(bytes(damaged))

    def test_notes_beside_the_table_are_nobodys_problem(self) -> None:
        found = read(as_xlsx({"Ученици": [STUDENT_HEAD, [*student(1), "", "", "бележка"]]}))
        assert found.problems == ()


class TestOtherFiles:
    @pytest.mark.parametrize(
        ("data", "says"),
        [
            (b"", "empty"),
            (b"\r\n  \r\n", "empty"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "incomplete"),
            (b"%PDF-1.7 ...", "not a table"),
            (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "not a table"),
            (b"<html><table><tr><td>8a</td></tr></table>", "web page"),
            (b"PK\x05\x06" + b"\0" * 18, "incomplete"),
            (b"\x00\x01\x02\x03\x04", "not a table"),
            ("Здравейте, това е писмо.".encode(), "no column headings"),
            (as_zip({"x.txt": "x"}), "not an Excel table"),
            (as_zip({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}), "not an Excel table"),
            (as_csv([]), "no rows"),
            (as_csv([student(1)])[:-4] + b'"', "quotes"),
            (b"x" * (roster.LARGEST_FILE + 1), "larger"),
        ],
    )
    def test_each_is_told_in_a_sentence(self, data: bytes, says: str) -> None:
        with pytest.raises(InputError, match=says):
            read(data)

    def test_half_a_csv_is_told(self) -> None:
        rows = [student(one, c10="Иванова;Петрова\nКолева") for one in range(20)]
        whole = as_csv(rows, encoding="cp1251")
        with pytest.raises(InputError, match="incomplete"):
            read(whole[: whole.index("Петрова\n".encode("cp1251"), len(whole) // 2) + 8])

    def test_too_many_rows(self) -> None:
        with pytest.raises(InputError, match="more than 5000 rows"):
            read(as_csv([["8а", "Ана", "Динева", "1"]] * 5002, head=["Клас", "Име", "Фамилия", "ЕГН"]))


class TestArchives:
    def test_a_bomb_is_refused_unopened(self) -> None:
        bomb = as_zip({"xl/workbook.xml": b"\0" * (81 << 20)})
        assert len(bomb) < roster.LARGEST_FILE
        with pytest.raises(InputError, match="too large"):
            read(bomb)

    def test_a_bomb_that_lies_about_its_size_is_refused(self) -> None:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("manifest.csv", b"propertyName,value\n" + b"x" * (5 << 20))
        data = bytearray(stream.getvalue())
        size = (19 + (5 << 20)).to_bytes(4, "little")
        for place in [index for index, _ in enumerate(data) if data[index : index + 4] == size]:
            data[place : place + 4] = (100).to_bytes(4, "little")
        with pytest.raises(InputError, match="incomplete"):
            read(bytes(data))

    @pytest.mark.parametrize(
        ("part", "unit", "size"),
        [
            ("xl/styles.xml", "<xf/>", 600 << 10),
            ("xl/sharedStrings.xml", "<si><t>a</t></si>", 9 << 20),
            ("xl/worksheets/sheet1.xml", "<c><v>1</v></c>", 9 << 20),
        ],
    )
    def test_a_part_that_is_costly_to_read_is_refused_unread(self, part: str, unit: str, size: int) -> None:
        files = {"xl/workbook.xml": "<workbook/>", part: unit * (size // len(unit))}
        began = time.perf_counter()
        with pytest.raises(InputError, match="too large"):
            read(as_zip(files))
        assert time.perf_counter() - began < 3

    def test_many_parts_are_refused(self) -> None:
        with pytest.raises(InputError, match="too large"):
            read(as_zip({f"{one}.csv": "" for one in range(501)}))

    @pytest.mark.parametrize(
        "name", ["../users.csv", "/etc/users.csv", "..\\users.csv", "C:\\users.csv", "a/../users.csv"]
    )
    def test_names_that_lead_elsewhere_are_refused(self, name: str) -> None:
        with pytest.raises(InputError, match="not allowed"):
            read(as_zip(one_roster() | {name: "x"}))

    def test_entities_are_refused(self) -> None:
        text = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><workbook>&a;</workbook>'
        with pytest.raises(InputError, match="damaged"):
            read(as_zip({"xl/workbook.xml": text}))


class TestOldWorkbooks:
    HEAD = ("Клас", "Име", "Фамилия", "ЕГН")

    def test_half_a_file_and_flipped_bytes_end_in_a_sentence(self) -> None:
        whole = as_xls({"8а": [self.HEAD, *(["8а", "Ана", "Динева", egn(one)] for one in range(20))]})
        damaged = bytearray(whole)
        for place in range(0, 600, 7):
            damaged[place] ^= 0xFF
        for data in (whole[: len(whole) // 2], whole[:600], bytes(damaged)):
            with pytest.raises(InputError):
                read(data)

    @pytest.mark.parametrize(
        ("rows", "columns", "text"),
        [(1_000_000, 1000, "а"), (6000, 1000, "аб"), (4990, 60, "а" * 1000), (4990, 60, "а" * 80)],
        ids=["all of memory", "more than memory", "memory without an end", "a long text for the pages"],
    )
    def test_a_sheet_that_would_fill_the_memory_is_refused_in_time(
        self, monkeypatch: pytest.MonkeyPatch, rows: int, columns: int, text: str
    ) -> None:
        monkeypatch.setenv("RUST_BACKTRACE", "1")  # with which the reader waited for ever when it had no memory
        data = as_ods({"Лист": [self.HEAD, ["8а", "Ана", "Динева", egn(1)]]})
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = {name: archive.read(name).decode() for name in archive.namelist()}
        row = f'<table:table-row table:number-rows-repeated="{rows}">'
        cells = f'<table:table-cell table:number-columns-repeated="{columns}" office:value-type="string">'
        cell = row + cells + f"<text:p>{text}</text:p></table:table-cell></table:table-row></table:table>"
        files["content.xml"] = files["content.xml"].replace("</table:table>", cell)
        began = time.perf_counter()
        with pytest.raises(InputError):
            read(as_zip(files))
        assert time.perf_counter() - began < 15


class TestOneRoster:
    def test_students_their_mother_and_who_teaches_them(self) -> None:
        found = read(as_zip(one_roster()))
        assert [problem.text for problem in found.problems] == []
        assert [(one.first_name, one.class_name) for one in found.students] == [
            ("Мария", (8, "а")), ("Петър", (8, "а")), ("Ана", (8, "б")),
        ]  # fmt: skip
        first, second, _ = found.students
        assert [(one.relation, one.phone) for one in first.guardians] == [
            ("mother", "+359888111222"), ("father", "+359888111333"),
        ]  # fmt: skip
        assert second.national_id.number == egn(2)
        teacher, principal = found.staff
        assert (teacher.subject, teacher.classes, teacher.leads_class) == ("Математика", ((8, "а"), (8, "б")), (8, "а"))
        assert principal.roles == {"principal"}

    def test_in_a_folder_of_the_archive(self) -> None:
        assert read(as_zip({f"export/{name}": text for name, text in one_roster().items()})).problems == ()

    def test_a_wrong_person_is_told_by_row(self) -> None:
        files = one_roster()
        files["users.csv"] = files["users.csv"].replace(egn(3), "1234567890").replace("0888111333", "1234")
        found = read(as_zip(files))
        assert sorted((one.table, one.row, one.column) for one in found.problems) == [
            ("users.csv", 2, "ред 6: sms"), ("users.csv", 4, "userIds"),
        ]  # fmt: skip

    def test_version_1_1_has_the_roles_with_the_users(self) -> None:
        files = one_roster()
        roles = dict(re.findall(r"r\d+,,,(\w+),primary,(\w+),", files.pop("roles.csv")))
        files["manifest.csv"] = (
            files["manifest.csv"].replace("version,1.2", "version,1.1").replace("file.roles,bulk\n", "")
        )
        head, *lines = files["users.csv"].splitlines()
        files["users.csv"] = "\n".join([f"{head},role", *(f"{one},{roles[one.split(',')[0]]}" for one in lines)])
        found = read(as_zip(files))
        assert [problem.text for problem in found.problems] == []
        assert (len(found.students), len({one.email for one in found.staff})) == (3, 2)
        assert [one.relation for one in found.students[0].guardians] == ["mother", "father"]

    def test_of_two_classes_the_present_one_counts_and_its_dates_are_kept(self) -> None:
        files = one_roster()
        files["enrollments.csv"] += (
            "e90,,,h2,o1,s1,student,,2025-09-01,2025-09-05\ne91,,,h1,o1,s2,student,,2025-09-08,2026-06-30\n"
        )
        first, second, _ = read(as_zip(files)).students
        assert (first.class_name, first.stay.begins_on) == ((8, "а"), None)
        assert (second.stay.begins_on, second.stay.ends_on) == (date(2025, 9, 8), date(2026, 6, 30))

    def test_what_is_to_be_deleted_is_left_out(self) -> None:
        files = one_roster()
        files["users.csv"] = files["users.csv"].replace("s3,,", "s3,tobedeleted,")
        assert len(read(as_zip(files)).students) == 2

    @pytest.mark.parametrize(
        ("name", "old", "new", "says"),
        [
            ("manifest.csv", "oneroster.version,1.2", "oneroster.version,1.0", "OneRoster 1.0"),
            ("manifest.csv", "file.users,bulk", "file.users,delta", "delta"),
            ("users.csv", None, "", "users.csv"),
        ],
    )
    def test_another_version_or_half_of_it_is_told(self, name: str, old: str | None, new: str, says: str) -> None:
        files = one_roster()
        if old is None:
            del files[name]
        else:
            files[name] = files[name].replace(old, new)
        with pytest.raises(InputError, match=says):
            read(as_zip(files))


def test_problems_come_in_the_order_of_the_file() -> None:
    rows = [student(one, c5="1", c2="?") for one in range(40)]
    problems = sorted(read(as_csv(rows)).problems, key=lambda one: one.order)
    assert all(first.row <= second.row for first, second in pairwise(problems))
    assert len(problems) == 80
