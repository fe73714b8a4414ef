"""How each row of the school's records sounds: rows -> items to hear. All words come from `prompts`."""

import math
from datetime import date, timedelta
from decimal import Decimal

from agi.dialogue.steps import Item, Speech
from db.kinds import RemarkKind
from prompts.entered import entered
from prompts.grammar import nouns
from prompts.speech import (
    Sentence,
    average,
    clock,
    counted,
    day,
    grade,
    halves,
    mark,
    phrase,
    school_class,
)
from school.access import Child
from school.records import (
    AbsenceRow,
    AbsenceTotals,
    GradeRow,
    HealthRow,
    MeetingRow,
    News,
    RemarkRow,
    SubjectAverage,
)

PAUSE = phrase("pause")
"""Ends an item, so that the next one is heard as another."""

Row = GradeRow | SubjectAverage | AbsenceRow | RemarkRow | HealthRow | MeetingRow
"""Whatever a caller can hear an item of."""


def child_of_class(child: Child) -> Sentence:
    """„За Мария, от осми а клас“."""
    return phrase("child") + entered(child.given_name) + phrase("of-class") + school_class(child.class_name) + PAUSE


def news_summary(news: News) -> Sentence:
    """How much is new, by kind; the items themselves are a key away."""
    counts = (
        (len(news.grades), nouns.GRADE),
        (len(news.absences), nouns.ABSENCE),
        (sum(row.kind is RemarkKind.CENSURE for row in news.remarks), nouns.CENSURE),
        (sum(row.kind is RemarkKind.PRAISE for row in news.remarks), nouns.PRAISE),
        (len(news.health), nouns.HEALTH_NOTE),
        (len(news.meetings), nouns.EVENT),
    )
    said = sum((counted(n, noun) for n, noun in counts if n), ())
    return phrase("news") + said + PAUSE if said else phrase("news-none")


def wait_minutes(wait: timedelta) -> Sentence:
    """„Опитайте отново след пет минути“; never less than a minute."""
    minutes = max(1, math.ceil(wait.total_seconds() / 60))
    if minutes > 90:
        return phrase("locked") + counted((minutes + 59) // 60, nouns.LESSON_HOUR) + PAUSE
    return phrase("locked") + counted(minutes, nouns.MINUTE) + PAUSE


def item(row: Row, today: date) -> Item:
    """How any row sounds. `today` is the day in Sofia: what happened on it is „днес“."""
    match row:
        case GradeRow():
            return _grade_item(row, today)
        case SubjectAverage():
            return _subject_item(row)
        case AbsenceRow():
            return _absence_item(row, today)
        case RemarkRow():
            return _remark_item(row, today)
        case HealthRow():
            return _health_item(row, today)
        case MeetingRow():
            return _meeting_item(row, today)


def _grade_item(row: GradeRow, today: date) -> Item:
    """Subject, grade, how it was earned, when."""
    subject = entered(row.subject) if row.subject else phrase("grade-overall")
    return Item((subject + _grade(row) + phrase(f"grade-{row.kind}") + day(row.on, today) + PAUSE,), row.ref)


def _grade(row: GradeRow) -> Sentence:
    if row.value is not None:
        return grade(row.value)
    assert row.mark is not None
    return mark(row.mark)


def _subject_item(subject: SubjectAverage) -> Item:
    """One subject: its grades oldest first as a diary shows them, the average, the forecast or the term grade."""
    counting = [row for row in reversed(subject.grades) if not row.kind.closes]
    said = entered(subject.subject) + sum((_grade(row) for row in counting), ())
    sentences = [said + PAUSE]
    if subject.average is not None and subject.count > 1:
        sentences.append(phrase("average") + average(subject.average) + PAUSE)
    if subject.term_grade is not None:
        sentences.append(phrase("term-grade") + grade(subject.term_grade) + PAUSE)
    elif subject.forecast is not None:
        sentences.append(phrase("forecast") + grade(Decimal(subject.forecast)) + PAUSE)
    return Item(tuple(sentences))


def absence_totals(totals: AbsenceTotals) -> Speech:
    """The three counts, and the sum in halves when lateness makes it differ."""
    counts = (
        counted(totals.unexcused, nouns.UNEXCUSED_ABSENCE)
        + counted(totals.excused, nouns.EXCUSED_ABSENCE)
        + counted(totals.late, nouns.LATENESS)
        + PAUSE
    )
    if not totals.late:
        return (counts,)
    return (counts, phrase("absences-total") + halves(totals.total_unexcused, nouns.ABSENCE) + PAUSE)


def _absence_item(row: AbsenceRow, today: date) -> Item:
    """Kind, subject, lesson, day, reason."""
    said = (
        phrase(f"absence-{row.kind}")
        + entered(row.subject)
        + phrase(f"lesson-{row.lesson}")
        + day(row.on, today)
        + (phrase(f"reason-{row.reason}") if row.reason else ())
        + PAUSE
    )
    return Item((said,), row.ref)


def _remark_item(row: RemarkRow, today: date) -> Item:
    """Censure or praise, subject, day, the teacher's words."""
    subject = entered(row.subject) if row.subject else ()
    said = phrase(f"remark-{row.kind}") + subject + day(row.on, today) + PAUSE
    return Item((said, entered(row.text) + PAUSE), row.ref)


def _health_item(row: HealthRow, today: date) -> Item:
    """That there is a note, and its dates: what it says stays in the school."""
    if row.starts_on == row.ends_on:
        said = phrase("health-note") + day(row.starts_on, today)
    else:
        said = phrase("health-from") + day(row.starts_on, today) + phrase("until") + day(row.ends_on, today)
    return Item((said + PAUSE,), row.ref)


def _meeting_item(row: MeetingRow, today: date) -> Item:
    """What, when, where, and the invitation's text."""
    when = day(row.starts_at.date(), today) + phrase("at") + clock(row.starts_at.time()) + PAUSE
    speech: Speech = (phrase(str(row.kind)) + entered(row.title) + PAUSE, when)
    if row.place:
        speech += (phrase("place") + entered(row.place) + PAUSE,)
    if row.text:
        speech += (entered(row.text) + PAUSE,)
    return Item(speech, row.ref)


def news_rows(news: News) -> tuple[Row, ...]:
    """All that is new, the most urgent first."""
    return (*news.absences, *news.grades, *news.remarks, *news.health, *news.meetings)
