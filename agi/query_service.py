"""Answers a dialogue's questions from the school's records, each in one short session of its own."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

import logs
import settings
from agi.bill_answers import BillAnswers
from agi.dialogue import queries as q
from agi.dialogue.steps import QueryResult, SchoolAway
from agi.message_spool import MessageSpool
from agi.voicemail_answers import VoicemailAnswers
from db.kinds import Channel, RecordingSource
from db.session import Database
from errors import ForbiddenError, InputError, OperationError, as_disk_error
from prompts.recording import by_telephone
from prompts.recording.script import Line
from runtime.blocking import RunBlocking, run_here
from runtime.localtime import today
from school import entitlement
from school.attendance import notices, warnings
from school.attendance import today as attendance_today
from school.attendance.given import Given
from school.attendance.given import Wish as NoticeWish
from school.attendance.today import Today
from school.campaigns import answers as campaign_answers
from school.campaigns import outcomes
from school.classbook.benefit import Standing
from school.dialling import attempts
from school.hearing import access, records
from school.recordings import keeping, lines, passes
from school.subscriptions import slow_speech, text_only

log = logs.get(__name__)


def _no_files() -> str:
    raise OSError("this call records nothing")


class QueryService:
    """Bound to one caller (E.164, None when hidden). No session stays open between two answers."""

    def __init__(
        self,
        database: Database,
        caller: str | None,
        run_blocking: RunBlocking = run_here,
        new_file: Callable[[], str] = _no_files,
        messages: MessageSpool | None = None,
    ) -> None:
        """`new_file`: where a sound of this call can lie, without an extension; raises OSError when it cannot."""
        self._voicemail = VoicemailAnswers(database, new_file, messages)
        self._database = database
        self._run_blocking = run_blocking
        self._caller = caller
        self._kinds: dict[type, Callable[[Any], object]] = {
            q.WhoIsCalling: self._who_is_calling,
            q.AdmitByCode: self._admit_by_code,
            q.AdmitToChild: self._admit_to_child,
            q.HowMuchIsNew: self._how_much_is_new,
            q.WhatIsNew: self._what_is_new,
            q.LatestGrades: self._latest_grades,
            q.GradesBySubject: self._grades_by_subject,
            q.LatestAbsences: self._latest_absences,
            q.DayAtSchool: self._day_at_school,
            q.GiveNotice: self._give_notice,
            q.LatestRemarks: self._latest_remarks,
            q.HealthNotes: self._health_notes,
            q.MeetingsAhead: self._meetings_ahead,
            q.SwitchSms: self._switch_sms,
            q.WantTextOnly: self._want_text_only,
            q.WantSlowSpeech: self._want_slow_speech,
            q.ChangePin: self._change_pin,
            q.PersonAnswered: self._person_answered,
            q.SoundsLikeMachine: self._sounds_like_machine,
            q.NoteAnswer: self._note_answer,
            q.OptOut: self._opt_out,
            q.OpenDesk: self._open_desk,
            q.NextLine: self._next_line,
            q.CheckTake: self._check_take,
            q.KeepTake: self._keep_take,
            **self._voicemail.kinds,
            **BillAnswers(database, caller).kinds,
        }

    def answer(self, question: object) -> QueryResult | SchoolAway:
        """The answer, or that the school's database is away."""
        try:
            return QueryResult(self._run_blocking(lambda: self._kinds[type(question)](question)))
        except OperationError as error:
            log.error("school.away", question=type(question).__name__, **logs.reason(error))
            return SchoolAway()
        except OSError as error:  # of a recording that is to be written
            of_disk = as_disk_error(error)
            if of_disk is None:
                raise
            log.error("school.away", question=type(question).__name__, reason=str(of_disk))
            return SchoolAway()

    def _who_is_calling(self, _question: q.WhoIsCalling) -> q.Caller:
        with self._database.reading() as session:
            children = access.recognise(session, self._caller)
            now = _now()
            until = None if children else access.locked_until(session, self._caller, None, now)
        return q.Caller(children, until - now if until else None, entitlement.is_on())

    def _admit_by_code(self, question: q.AdmitByCode) -> access.Admitted | q.NotAdmitted:
        now = _now()
        with self._database.session() as session:
            return _told(access.admit(session, self._caller, question.student_code, question.pin, now), now)

    def _admit_to_child(self, question: q.AdmitToChild) -> access.Admitted | q.NotAdmitted:
        now = _now()
        with self._database.session() as session:
            return _told(
                access.admit_child(session, self._caller, question.child.subscription_id, question.pin, now), now
            )

    def _how_much_is_new(self, question: q.HowMuchIsNew) -> records.NewsCounts:
        with self._database.reading() as session:
            return records.news_counts(session, question.child, _now())

    def _what_is_new(self, question: q.WhatIsNew) -> records.News:
        with self._database.reading() as session:
            now = _now()
            news = records.news(session, question.child, now)
            return replace(news, benefit=_benefit(session, question.child, now)) if news.absences else news

    def _latest_grades(self, question: q.LatestGrades) -> tuple[records.GradeRow, ...]:
        with self._database.reading() as session:
            return records.grades(session, question.child)

    def _grades_by_subject(self, question: q.GradesBySubject) -> tuple[records.SubjectAverage, ...]:
        with self._database.reading() as session:
            return records.averages(session, question.child)

    def _latest_absences(self, question: q.LatestAbsences) -> q.AbsencesTold:
        child, now = question.child, _now()
        with self._database.reading() as session:
            return q.AbsencesTold(
                records.absence_totals(session, child),
                records.absences(session, child),
                _benefit(session, child, now),
                notices.latest_of(session, child.subscriber_id, child.student_id, now),
            )

    def _day_at_school(self, question: q.DayAtSchool) -> Today:
        with self._database.reading() as session:
            return attendance_today.read(session, question.child.school_id, question.child.student_id, _now())

    def _give_notice(self, question: q.GiveNotice) -> Given:
        wish = NoticeWish(question.starts_on, question.ends_on, question.ground)
        with self._database.session() as session:
            return notices.give(session, question.child.subscription_id, Channel.CALL, wish, _now())

    def _latest_remarks(self, question: q.LatestRemarks) -> tuple[records.RemarkRow, ...]:
        with self._database.reading() as session:
            return records.remarks(session, question.child)

    def _health_notes(self, question: q.HealthNotes) -> tuple[records.HealthRow, ...]:
        with self._database.reading() as session:
            return records.health(session, question.child)

    def _meetings_ahead(self, question: q.MeetingsAhead) -> tuple[records.MeetingRow, ...]:
        with self._database.reading() as session:
            return records.meetings(session, question.child, _now())

    def _switch_sms(self, question: q.SwitchSms) -> None:
        with self._database.session() as session:
            access.set_sms(session, question.child.subscription_id, question.enabled, _now())

    def _want_text_only(self, question: q.WantTextOnly) -> bool:
        of, short_code = question.child.subscriber_id, settings.current().short_code
        with self._database.session() as session:
            return text_only.switch_by_call(session, of, question.wanted, short_code, _now())

    def _want_slow_speech(self, question: q.WantSlowSpeech) -> None:
        with self._database.session() as session:
            slow_speech.switch(session, question.child.subscriber_id, question.wanted, _now())

    def _change_pin(self, question: q.ChangePin) -> bool:
        try:
            with self._database.session() as session:
                access.change_pin_by_call(session, question.child.subscription_id, question.pin, _now())
        except InputError:
            return False
        return True

    def _person_answered(self, question: q.PersonAnswered) -> None:
        with self._database.session() as session:
            attempts.proved(session, question.channel_id, _now())

    def _sounds_like_machine(self, question: q.SoundsLikeMachine) -> bool:
        with self._database.reading() as session:
            return attempts.talks_on(session, question.channel_id)

    def _note_answer(self, question: q.NoteAnswer) -> None:
        with self._database.session() as session:
            attempts.proved(session, question.channel_id, _now())
            campaign_answers.note(session, question.family_id, question.answer, Channel.CALL, _now())

    def _opt_out(self, question: q.OptOut) -> None:
        with self._database.session() as session:
            attempts.proved(session, question.channel_id, _now())
            outcomes.opt_out(session, question.school_id, question.phone, _now())

    def _open_desk(self, question: q.OpenDesk) -> passes.Desk | q.NotAdmitted:
        now = _now()
        with self._database.session() as session:
            answer = passes.open_desk(session, self._caller, question.digits, now)
        if isinstance(answer, passes.Desk):
            return answer
        return q.NotAdmitted(answer.locked_until - now if answer.locked_until else None)

    def _next_line(self, question: q.NextLine) -> Line | None:
        with self._database.reading() as session:
            return lines.next_missing(session, question.desk.school_id, question.after)

    def _check_take(self, question: q.CheckTake) -> str | None:
        return by_telephone.heard(question.path)

    def _keep_take(self, question: q.KeepTake) -> None:
        desk = question.desk
        take = by_telephone.take(question.path)
        try:
            with self._database.session() as session:
                keeping.keep(
                    session,
                    desk.school_id,
                    question.name,
                    take,
                    RecordingSource.TELEPHONE,
                    by=desk.staff_id,
                    now=_now(),
                )
        except ForbiddenError:
            raise
        except InputError as error:
            # The text was changed, or somebody else has recorded it: the call goes on with the next line.
            log.info("take.not_kept", reason=type(error).__name__)


def _told(answer: access.Admitted | access.Refused, now: datetime) -> access.Admitted | q.NotAdmitted:
    """A dialogue knows when its call began, not what time it is: it is told how long a delay lasts from here."""
    if isinstance(answer, access.Admitted):
        return answer
    return q.NotAdmitted(answer.locked_until - now if answer.locked_until else None)


def _benefit(session: Session, child: access.Child, now: datetime) -> Standing | None:
    """Where the child benefit is near its end."""
    counts_lateness = settings.current().state_counts_lateness
    standing = warnings.standing_of(
        session, child.school_id, child.student_id, today(now), counts_lateness=counts_lateness
    )
    return standing if standing.is_near else None


def _now() -> datetime:
    return datetime.now(UTC)
