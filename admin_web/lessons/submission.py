"""From the submitted fields of a lesson's sheet to entries."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from uuid import UUID

from admin_web.numbers import row_id, whole_number
from db.kinds import AbsenceKind, GradeKind, Mark
from errors import InputError
from school.classbook.sheet_entries import EntryError, SheetEntry, SheetError, SheetSubmission

_FIELD = re.compile(r"([garps])(\d{1,12})")


def read_entries(form: Mapping[str, str]) -> SheetSubmission:
    """The entries of a form. Raises InputError, or SheetError naming the students whose fields are wrong."""
    try:
        head = {
            "key": UUID(form["key"]),
            "class_id": row_id(form["class_id"]),
            "subject_id": row_id(form["subject_id"]),
            "on": date.fromisoformat(form["on"]),
            "lesson": whole_number(form["lesson"]),
            "kind": GradeKind(form["kind"]),
        }
        fields: dict[int, dict[str, str]] = {}
        for name, value in form.items():
            if found := _FIELD.fullmatch(name):
                fields.setdefault(row_id(found[2]), {})[found[1]] = value.strip()
    except (KeyError, ValueError):
        raise InputError("The form is incomplete: reload the page and try again.") from None
    entries: list[SheetEntry] = []
    refused: list[EntryError] = []
    for student_id, of in fields.items():
        try:
            entries.append(_entry(student_id, of))
        except InputError as error:
            refused.append(EntryError(student_id, error.sentence, **error.values))
    if refused:
        raise SheetError(refused)
    return SheetSubmission(entries=tuple(entries), **head)  # type: ignore[arg-type]  # each value has its field's type


def _entry(student_id: int, of: Mapping[str, str]) -> SheetEntry:
    return SheetEntry(
        student_id=student_id,
        grade=read_grade(of.get("g", "")),
        absence=_absence(of.get("a", "")),
        absence_seen=_absence(of.get("s", "")),
        censure=of.get("r", ""),
        praise=of.get("p", ""),
    )


def read_grade(text: str) -> Decimal | Mark | None:
    """A grade as it is typed or chosen; None: nothing was. Raises InputError for what is neither number nor mark."""
    if not text:
        return None
    if text in set(Mark):
        return Mark(text)
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise InputError("{value} is no grade: give 2, or 3.00 to 6.00.", value=text[:10]) from None


def _absence(text: str) -> AbsenceKind | None:
    try:
        return AbsenceKind(text) if text else None
    except ValueError:
        raise InputError("The form is incomplete: reload the page and try again.") from None
