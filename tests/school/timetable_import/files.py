"""Workbooks and exports as schools have them."""

import io
from collections.abc import Mapping, Sequence

from openpyxl import Workbook

Cells = Sequence[Sequence[str | int | None]]


def workbook(sheets: Mapping[str, Cells], merged: Mapping[str, Sequence[str]] | None = None) -> bytes:
    """An .xlsx of these sheets; `merged`: ranges of a sheet."""
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        for area in (merged or {}).get(name, ()):
            sheet.merge_cells(area)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


CLASSES_ACROSS = workbook(
    {
        "Седмично разписание": [
            ["СЕДМИЧНО РАЗПИСАНИЕ, I срок"],
            ["Ден", "Час", "8а клас", "VIII б"],
            ["Понеделник", "1.", "Мат.\nО. Петков", "БЕЛ"],
            [None, "2.", "БЕЛ", "Мат."],
            [None, 3, "АЕ / Радева [1 гр.]; НЕ / Вълчева [2 гр.]", "Физ. и астр."],
            ["Вторник", "1", "ФВС", None],
            [None, "2", "-", "ХООС / Христо Илиев / каб. 12"],
        ]
    },
    {"Седмично разписание": ["A3:A5"]},
)

SHEET_FOR_EACH_CLASS = workbook(
    {
        "8 А": [
            ["Час", "Понеделник", "Вторник", "Сряда", "Четвъртък", "Петък"],
            [1, "А: Химия / Илиев; Б: Физика / Колев", "Математика", None, None, "Час на класа / Стоянова"],
            [2, "Математика", "Математика", None, None, None],
        ],
        "8 Б": [
            ["", "пон", "вт", "ср", "чет", "пет"],
            ["1 час", None, "БЕЛ", None, None, None],
        ],
        "Бележки": [["Втора смяна от 13:30"]],
    }
)

TEACHERS_DOWN = workbook(
    {
        "Учители": [
            ["№", "Учител", "Понеделник", None, None, "Вторник", None, None, "Сряда", None],
            [None, None, 1, 2, 3, 1, 2, 3, 1, 2],
            [1, "Петков", "8а", "8б", None, "8а", None, None, None, None],
            [2, "Стоянова М.", "8б", "8а", None, None, "8а, 8б", None, None, None],
            [3, "А. Радева", None, None, "8а [1 гр.]", None, None, None, "8б АЕ", None],
        ]
    },
    {"Учители": ["C1:E1", "F1:H1", "I1:J1"]},
)

ASC = """<?xml version="1.0" encoding="windows-1251"?>
<timetable ascttversion="2024.7.1" importtype="database" options="idprefix:MyApp,daynumbering1">
  <periods options="canadd,export:silent" columns="period,name,short,starttime,endtime">
    <period name="1" short="1" period="1" starttime="7:30" endtime="8:10"/>
    <period name="2" short="2" period="2" starttime="8:20" endtime="9:00"/>
    <period name="3" short="3" period="3" starttime="9:10" endtime="9:50"/>
  </periods>
  <daysdefs options="canadd,export:silent" columns="id,days,name,short">
    <daysdef id="D1" name="Понеделник" short="По" days="10000"/>
    <daysdef id="D2" name="Вторник" short="Вт" days="01000"/>
  </daysdefs>
  <weeksdefs options="canadd,export:silent" columns="id,weeks,name,short">
    <weeksdef id="W1" name="Всяка седмица" short="В" weeks="11"/>
    <weeksdef id="W2" name="Седмица А" short="А" weeks="10"/>
  </weeksdefs>
  <termsdefs><termsdef id="T1" name="Срок 1" terms="10"/></termsdefs>
  <subjects options="canadd,export:silent" columns="id,name,short,partner_id">
    <subject id="S1" name="Математика" short="Мат"/>
    <subject id="S2" name="Английски език" short="АЕ"/>
    <subject id="S3" name="Физическо възпитание и спорт" short="ФВС"/>
  </subjects>
  <teachers options="canadd,export:silent" columns="id,firstname,lastname,name,short,gender,color,email,mobile">
    <teacher id="P1" firstname="Орлин" lastname="Петков" name="Петков Орлин" short="Пет"/>
    <teacher id="P2" firstname="" lastname="" name="Радева Анна" short="Рад"/>
    <teacher id="P3" name="С. Борисов" short="Бор"/>
  </teachers>
  <classrooms><classroom id="R1" name="Кабинет 204" short="204"/></classrooms>
  <classes options="canadd,export:silent" columns="id,name,short,classroomids,teacherid,grade">
    <class id="C1" name="8а" short="8а"/><class id="C2" name="8 Б" short="8б"/>
  </classes>
  <groups options="canadd,export:silent" columns="id,classid,name,entireclass,divisiontag,studentcount">
    <group id="G1" name="Цял клас" classid="C1" entireclass="1" divisiontag="0"/>
    <group id="G2" name="1. група" classid="C1" entireclass="0" divisiontag="1"/>
    <group id="G3" name="Цял клас" classid="C2" entireclass="1" divisiontag="0"/>
  </groups>
  <lessons options="canadd,export:silent" columns="id,subjectid,classids,groupids,teacherids,periodspercard">
    <lesson id="L1" classids="C1" subjectid="S1" periodspercard="2" teacherids="P1" groupids="G1"/>
    <lesson id="L2" classids="C1" subjectid="S2" periodspercard="1" teacherids="P2" groupids="G2"/>
    <lesson id="L3" classids="C1,C2" subjectid="S3" periodspercard="1" teacherids="P3" groupids="G1,G3"/>
    <lesson id="L4" classids="C2" subjectid="S1" periodspercard="1" teacherids="P1" groupids="G3"/>
  </lessons>
  <cards options="canadd,export:silent" columns="lessonid,period,days,weeks,terms,classroomids">
    <card lessonid="L1" classroomids="R1" period="1" weeks="11" terms="10" days="10000"/>
    <card lessonid="L2" classroomids="" period="3" weeks="10" terms="10" days="10000"/>
    <card lessonid="L3" classroomids="" period="1" weeks="11" terms="11" days="01000"/>
    <card lessonid="L4" classroomids="" period="2" weeks="11" terms="01" days="01000"/>
    <card lessonid="L4" classroomids="" period="" weeks="" terms="" days=""/>
  </cards>
</timetable>
"""
