"""How each row of the school's records sounds: rows -> items to hear. All words come from `prompts`."""

import math
from datetime import date, timedelta
from decimal import Decimal

from agi.dialogue.steps import Item, Speech
from db.kinds import GradeKind, SchoolEventKind
from prompts.entered import about, entered
from prompts.grammar import nouns
from prompts.speech import (
    Sentence,
    average,
    clock,
    counted,
    day,
    grade,
    halves,
    listed,
    mark,
    of_class,
    on_day,
    phrase,
)
from school.hearing.access import Child
from school.hearing.records import (
    AbsenceRow,
    AbsenceTotals,
    GradeRow,
    HealthRow,
    MeetingRow,
    News,
    NewsCounts,
    RemarkRow,
    SubjectAverage,
)

PAUSE = phrase("pause")
"""Ends an item, so that the next one is heard as another."""

Row = GradeRow | SubjectAverage | AbsenceRow | RemarkRow | HealthRow | MeetingRow
"""Whatever a caller can hear an item of."""


def child_of_class(child: Child) -> Sentence:
    """„За Мария от осми а клас“."""
    return about(child.given_name) + of_class(child.class_name)


def news_summary(new: NewsCounts) -> Sentence:
    """How much is new, by kind; the items themselves are a key away."""
    counts = (
        (new.grades, nouns.GRADE),
        (new.absences, nouns.ABSENCE),
        (new.censures, nouns.CENSURE),
        (new.praises, nouns.PRAISE),
        (new.health_notes, nouns.HEALTH_NOTE),
        (new.meetings, nouns.PARENTS_MEETING),
        (new.events, nouns.EVENT),
    )
    said = [counted(n, noun) for n, noun in counts if n]
    return phrase("news") + listed(said) + PAUSE if said else phrase("news-none")


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
    """„Математика, Отличен, шест на контролна работа, в петък, ...“, „История, срочна оценка, Добър, четири ...“."""
    said = entered(row.subject) if row.subject else phrase("grade-overall")
    if row.subject and row.kind.closes:
        said += phrase(f"grade-{row.kind}")
    said += _grade(row)
    # A current grade is the ordinary kind: nothing need be said of it.
    said += phrase("breath") if row.kind.closes or row.kind is GradeKind.CURRENT else phrase(f"grade-{row.kind}")
    return Item((said + on_day(row.on, today) + PAUSE,), row.ref)


def _grade(row: GradeRow) -> Sentence:
    if row.value is not None:
        return grade(row.value)
    assert row.mark is not None
    return mark(row.mark)


def _brief_grade(row: GradeRow) -> Sentence:
    """The number alone, as in a diary: a row of grades with their words would be long."""
    return average(row.value) if row.value is not None else _grade(row)


def _subject_item(subject: SubjectAverage) -> Item:
    """One subject: its grades oldest first as a diary shows them, the average, the forecast or the term grade."""
    counting = [row for row in reversed(subject.grades) if not row.kind.closes]
    sentences = [entered(subject.subject) + listed(map(_brief_grade, counting)) + PAUSE]
    if subject.average is not None and subject.count > 1:
        sentences.append(phrase("average") + average(subject.average) + PAUSE)
    if subject.term_grade is not None:
        sentences.append(phrase("term-grade") + grade(subject.term_grade) + PAUSE)
    elif subject.forecast is not None:
        sentences.append(phrase("forecast") + grade(Decimal(subject.forecast)) + PAUSE)
    return Item(tuple(sentences))


def absence_totals(totals: AbsenceTotals) -> Speech:
    """What there is of the three kinds, and the sum in halves when lateness makes it differ."""
    counts = (
        (totals.unexcused, nouns.UNEXCUSED_ABSENCE),
        (totals.excused, nouns.EXCUSED_ABSENCE),
        (totals.late, nouns.LATENESS),
    )
    said = listed([counted(n, noun) for n, noun in counts if n]) + PAUSE
    if not totals.late:
        return (said,)
    return (said, phrase("absences-total") + halves(totals.total_unexcused, nouns.ABSENCE) + PAUSE)


def _absence_item(row: AbsenceRow, today: date) -> Item:
    """Kind with its reason, subject, lesson, day."""
    kind = phrase(f"absence-{row.kind}-{row.reason}" if row.reason else f"absence-{row.kind}")
    said = kind + entered(row.subject) + phrase(f"lesson-{row.lesson}") + on_day(row.on, today) + PAUSE
    return Item((said,), row.ref)


def _remark_item(row: RemarkRow, today: date) -> Item:
    """Censure or praise, subject, day, the teacher's words."""
    subject = entered(row.subject) if row.subject else ()
    said = phrase(f"remark-{row.kind}") + subject + on_day(row.on, today) + PAUSE
    return Item((said, entered(row.text) + PAUSE), row.ref)


def _health_item(row: HealthRow, today: date) -> Item:
    """That there is a note, and its dates: what it says stays in the school."""
    if row.starts_on == row.ends_on:
        said = phrase("health-note") + day(row.starts_on, today)
    else:
        said = phrase("health-from") + day(row.starts_on, today) + phrase("until") + day(row.ends_on, today)
    return Item((said + PAUSE,), row.ref)


def _meeting_item(row: MeetingRow, today: date) -> Item:
    """What, when, where, and the invitation's text. A title that says it is a meeting needs no other word for it."""
    is_plain = row.kind is SchoolEventKind.EVENT or "среща" in row.title.lower()
    when = on_day(row.starts_at.date(), today) + phrase("at") + clock(row.starts_at.time()) + PAUSE
    speech: Speech = ((() if is_plain else phrase("meeting")) + entered(row.title) + when,)
    if row.place:
        speech += (phrase("place") + entered(row.place) + PAUSE,)
    if row.text:
        speech += (entered(row.text) + PAUSE,)
    return Item(speech, row.ref)


def news_rows(news: News) -> tuple[Row, ...]:
    """All that is new, the most urgent first."""
    return (*news.absences, *news.grades, *news.remarks, *news.health, *news.meetings)
