"""What the grades of a column are, by its heading and its sheet's titles; what they do not say is asked."""

import re
from datetime import date

from db.kinds import GradeKind
from school.roster.answers import GradeColumn
from school.roster.facts import Facts, subject_key
from school.roster.headings import key_of
from school.roster.sheets import Sheet

_KINDS = (
    (re.compile(r"\bсрочн|\bсрок\b"), GradeKind.TERM),
    (re.compile(r"\bгодишн|\bгод\b"), GradeKind.ANNUAL),
    (re.compile(r"\bвходн"), GradeKind.ENTRY_LEVEL),
    (re.compile(r"\bизходн"), GradeKind.EXIT_LEVEL),
    (re.compile(r"\bконтролн|\bкр\b"), GradeKind.CONTROL_WORK),
    (re.compile(r"\bкласн|\bкл р\b"), GradeKind.CLASS_WORK),
    (re.compile(r"\bтест"), GradeKind.TEST),
    (re.compile(r"\bдомашн"), GradeKind.HOMEWORK),
    (re.compile(r"\bпроект"), GradeKind.PROJECT),
    (re.compile(r"\bустн"), GradeKind.ORAL),
    (re.compile(r"\bписмен"), GradeKind.WRITTEN),
    (re.compile(r"\bтекущ"), GradeKind.CURRENT),
)
_OF_SHEETS = re.compile(r"клас|паралелк|випуск|групи?\b|лист|учени[кц]|учебна|година|оценк|дневник|училище|[iі]+\b")
"""Words that a title has beside a subject: „клас“ is no „Час на класа“; and the term's Roman number."""
_DATE = re.compile(r"\b(\d{1,2})[./](\d{1,2})(?:[./](\d{4}|\d{2}))?\b")
_TERM = ((re.compile(r"\b(?:първи|i|1|1 ви|іви)\b"), "1"), (re.compile(r"\b(?:втори|ii|2|іі)\b"), "2"))


def of_heading(heading: str, facts: Facts, today: date) -> GradeColumn:
    """What a heading says; what it does not say is empty."""
    key = key_of(heading)
    kind = next((kind for pattern, kind in _KINDS if pattern.search(key)), None)
    term = next((number for pattern, number in _TERM if pattern.search(key)), "") if kind is GradeKind.TERM else ""
    return GradeColumn(_subject(heading, facts), str(kind or ""), _day(heading, today), term)


def of_sheet(sheet: Sheet, facts: Facts, today: date) -> GradeColumn:
    """What the sheet's name and titles say of all its grades."""
    texts = [sheet.table.name]
    first = sheet.header_rows[0] if sheet.header_rows else 0
    texts += [
        str(cell) for row in sheet.table.rows if row.number < first for cell in row.cells if isinstance(cell, str)
    ]
    found = [of_heading(text, facts, today) for text in texts]
    subject = next((one.subject for one in found if one.subject), "")
    kind = next((one.kind for one in found if one.kind), "")
    term = next((one.term for one in found if one.term), "")
    return GradeColumn(subject, kind, next((one.on for one in found if one.on), ""), term)


def filled(own: GradeColumn, *others: GradeColumn) -> GradeColumn:
    """What the first of them that says it says."""
    every = (own, *others)
    return GradeColumn(
        next((one.subject for one in every if one.subject), ""),
        next((one.kind for one in every if one.kind), ""),
        next((one.on for one in every if one.on), ""),
        next((one.term for one in every if one.term), ""),
    )


def _subject(text: str, facts: Facts) -> str:
    """The school's subject within a text: the longest that stands in it, else the abbreviation that it is."""
    key = subject_key(text)
    inside = [name for known, (_, name) in facts.subjects.items() if known in key]
    if inside:
        return max(inside, key=len)
    bare = re.sub(r"[\d.,:()/–—-]+", " ", key)
    bare = " ".join(
        word
        for word in bare.split()
        if len(word) > 1 and not _OF_SHEETS.match(word) and not any(pattern.search(word) for pattern, _ in _KINDS)
    )
    return facts.subject_like(bare) if bare else ""


def _day(text: str, today: date) -> str:
    """A date in a heading; without its year it is the last such day before today."""
    match = _DATE.search(text)
    if match is None:
        return ""
    day, month, year = int(match[1]), int(match[2]), match[3]
    years = [int(year) if len(year) == 4 else 2000 + int(year)] if year else [today.year, today.year - 1]
    for one in years:
        try:
            found = date(one, month, day)
        except ValueError:
            continue
        if year or found <= today:
            return found.isoformat()
    return ""
