"""Erasing people: a student with everything recorded about them, a parent with everything they were told, and the name
of a member of staff who left.

What stays are counts: calls without their caller, and rows of the audit without details, which name ids that are
nobody's any more. Who was erased is written down by id (school.privacy.erased), so that they do not come back with a
backup. What is given back says what must still go from files (school.privacy.files) once the transaction is committed.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import String, and_, cast, delete, literal, or_, select, update
from sqlalchemy.orm import Session

from db.kinds import ErasedKind, ErasureGround, GroupKind, MessageState
from db.models import (
    STUDENT_EVENT_TABLES,
    Base,
    Call,
    CampaignTelephone,
    ClassGroup,
    ClassGroupStudent,
    EmailRequest,
    Guardian,
    HeardEvent,
    Message,
    Notification,
    Retention,
    RosterUpload,
    SchoolRequest,
    Staff,
    Student,
    StudentCode,
    StudentGuardian,
    Subscriber,
    Subscription,
    TimetableUpload,
)
from errors import InputError
from school import audit
from school.accounts.memberships import part
from school.billing import leaving
from school.privacy import erased, numbers, people, periods, traces
from school.privacy.holdings import Erased, Ids, Keys
from school.privacy.people import ERASED_DOMAIN, Person
from school.privacy.registry import REGISTRY
from school.privacy.traces import run
from school.recordings import editions
from school.security import doors, lockouts
from school.security.crypto import vault
from school.staff.leaders import check_leads
from school.students import national_ids

OWN_SCHEDULE = "Индивидуален график"
ERASED_NAME = ("Изтрит", "служител")
"""What the class book says instead of the name of a member of staff who was erased."""


@dataclass(frozen=True, slots=True)
class Gone:
    """What was erased, for the files of the home. `phones` in E.164; `emails` also of who stays but was told of it."""

    students: frozenset[int] = frozenset()
    subscriptions: frozenset[int] = frozenset()
    phones: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Whether anything was."""
        return bool(self.students or self.subscriptions or self.phones or self.emails)


def erase_students(
    session: Session,
    school_id: int,
    student_ids: Collection[int],
    now: datetime,
    *,
    by: int | None = None,
    ground: ErasureGround = ErasureGround.EXPIRED,
) -> Gone:
    """Erase students of a school: every row that is about them, in whichever table, and what was told of them.

    Guardians and subscribers who have nobody else are erased too. Ids of other schools' students are left alone.
    """
    found = session.scalars(
        select(Student).where(Student.school_id == school_id, Student.id.in_(student_ids)).with_for_update()
    ).all()
    if not found:
        return Gone()
    ids = sorted(one.id for one in found)
    made = {one.id: one.created_at for one in found}
    secrets = vault(session)
    codes = session.scalars(select(StudentCode.code).where(StudentCode.student_id.in_(ids))).all()
    typed = [*codes, *(national_ids.decrypt(secrets, one.national_id_encrypted).number for one in found)]
    names = {one.first_name for one in found}
    keys = people.student_keys(school_id, ids)
    followers = session.execute(
        select(Subscription.id, Subscription.subscriber_id).where(Subscription.id.in_(keys.subscriptions))
    ).all()
    told = {row.subscriber_id for row in followers}
    guardians = session.scalars(select(Guardian.id).where(Guardian.id.in_(keys.guardians))).all()
    asked = numbers.erase_requested(session, EmailRequest.student_id.in_(ids) & (EmailRequest.school_id == school_id))
    addresses: set[str | None] = asked | set(
        session.scalars(select(Subscriber.email).where(Subscriber.id.in_(told), Subscriber.email.is_not(None)))
    )

    _erase_told(session, [row.id for row in followers])
    _erase_answers(session, told, names)
    _erase_heard(session, school_id, keys.events)
    traces.erase_details(session, replace(keys, guardians=()), subscribers=())  # a guardian may stay
    traces.erase_forms(session, school_id, ids)
    _erase_lists(session, school_id)
    _rename_own_schedules(session, school_id, ids)
    numbers.erase_texts_that_say(session, typed)
    for code in typed:
        lockouts.lift(session, doors.code(secrets, code))
    run(
        session,
        update(Call)
        .where(Call.school_id == school_id, Call.student_id.in_(ids) | Call.subscription_id.in_(keys.subscriptions))
        .values(student_id=None, subscription_id=None, caller=None),
    )
    numbers.erase_families_of(session, school_id, ids)
    _erase_rows(session, Erased.WITH_STUDENT, "student_id", ids, school_id)
    run(session, delete(Student).where(Student.school_id == school_id, Student.id.in_(ids)))
    erased.note(session, school_id, ErasedKind.STUDENT, made.items(), ground, now, by)
    audit.write_many(
        session,
        [audit.row("student.erased", "student", id_, now, school_id=school_id, by=by) for id_ in ids],
    )
    gone = _erase_parents_of_nobody(session, school_id, guardians, told, ground, now, by)
    return Gone(
        frozenset(ids),
        frozenset(row.id for row in followers),
        gone.phones,
        gone.emails | frozenset(filter(None, addresses)),
    )


def erase_parent(
    session: Session,
    person: Person,
    now: datetime,
    *,
    by: int | None,
    ground: ErasureGround,
    until: datetime | None = None,
) -> Gone:
    """Erase a parent as far as the school goes: the guardian, the subscriber, what they were told, wrote and answered.

    The students stay. `until`: subscriptions that began later stay too (an erasure that is carried out again).
    """
    keys, school_id = person.keys, person.school_id
    subscribers = list(session.scalars(select(Subscriber.id).where(Subscriber.id.in_(keys.subscribers))))
    wanted = select(Subscription.id).where(Subscription.id.in_(keys.subscriptions))
    if until is not None:
        wanted = wanted.where(Subscription.created_at <= until)
    subscriptions = session.scalars(wanted).all()
    _erase_told(session, subscriptions)
    _erase_answers(session, subscribers, None)
    traces.erase_details(session, keys, subscribers=subscribers)
    run(
        session,
        delete(HeardEvent).where(HeardEvent.school_id == school_id, HeardEvent.subscriber_id.in_(subscribers)),
    )
    run(
        session,
        update(Call)
        .where(Call.school_id == school_id, Call.subscription_id.in_(subscriptions))
        .values(subscription_id=None, caller=None),
    )
    _erase_lists(session, school_id)
    run(session, delete(Subscription).where(Subscription.id.in_(subscriptions)))
    guardians = list(session.scalars(select(Guardian.id).where(Guardian.id.in_(keys.guardians))))
    run(session, delete(StudentGuardian).where(StudentGuardian.guardian_id.in_(guardians)))
    _erase_parents_of_nobody(session, school_id, guardians, subscribers, ground, now, by)
    left = set(session.scalars(select(Subscriber.id).where(Subscriber.id.in_(subscribers))))
    erased.note_subscribers(session, school_id, sorted(left), ground, now, by)  # they follow at another school
    numbers.erase_at_school(session, school_id, keys.phones, keys.emails)
    audit.write(session, "parent.erased", str(person.kind), person.row_id, now, school_id=school_id, by=by)
    return Gone(frozenset(), frozenset(subscriptions), keys.phones, keys.emails)


def erase_staff(session: Session, person: Person, now: datetime, *, by: int | None, ground: ErasureGround) -> Gone:
    """Take the name of a member of staff who left: the class book stays valid and names „Изтрит служител“.

    Who works at another school too keeps what they sign in with, and the letters to their address. Raises InputError
    for somebody who can still sign in.
    """
    if person.is_active:
        raise InputError("This person can still sign in: switch the account off first.")
    staff_id = person.row_id
    one = session.scalars(
        select(Staff).where(Staff.id == staff_id, Staff.school_id == person.school_id).with_for_update()
    ).one()
    address, made = one.email, one.created_at
    works_elsewhere = part(session, staff_id, f"{staff_id}{ERASED_DOMAIN}")
    _erase_rows(session, Erased.WITH_STAFF, "staff_id", [staff_id], None)
    run(session, delete(RosterUpload).where(RosterUpload.staff_id == staff_id))
    run(session, delete(TimetableUpload).where(TimetableUpload.staff_id == staff_id))
    editions.forget_voice_of(session, staff_id, now)
    one.first_name, one.last_name = ERASED_NAME
    one.password_hash = None
    one.totp_encrypted = one.totp_pending_encrypted = one.totp_pending_until = one.totp_last_step = None
    session.flush()
    traces.erase_details(session, person.keys, subscribers=())
    if not works_elsewhere:
        numbers.erase_address(session, address)
        lockouts.lift(session, doors.account(vault(session), address))
    of_school = [SchoolRequest.made_school_id == person.school_id] if works_elsewhere else []
    run(
        session,
        update(SchoolRequest)
        .where(SchoolRequest.email == address, *of_school)
        .values(first_name="–", last_name="–", email=f"{staff_id}{ERASED_DOMAIN}", phone=None, text=""),
    )
    erased.note(session, person.school_id, ErasedKind.STAFF, [(staff_id, made)], ground, now, by)
    audit.write(session, "staff.erased", "staff", staff_id, now, school_id=person.school_id, by=by)
    return Gone() if works_elsewhere else Gone(emails=frozenset({address}))


def erase(
    session: Session,
    person: Person,
    now: datetime,
    *,
    by: int | None,
    ground: ErasureGround,
    still_here: bool = False,
) -> Gone:
    """Erase a person, whoever they are. `by` is a leader of the school; none: the platform's operator.

    The class book is a document that schools must keep. So the ground has to be one of the law's unless the retention
    period is over, and `still_here` must say that a student is meant who is in a class. Raises InputError.
    """
    if by is not None:
        check_leads(session, person.school_id, by)
    if person.kind is ErasedKind.STUDENT and person.is_active and not still_here:
        raise InputError("This student is still at the school: confirm that the class book is to go all the same.")
    if ground is ErasureGround.EXPIRED and not is_expired(session, person, now):
        raise InputError("The retention period is not over: choose the reason for erasing before its end.")
    if person.kind is ErasedKind.STUDENT:
        return erase_students(session, person.school_id, [person.row_id], now, by=by, ground=ground)
    if person.kind is ErasedKind.STAFF:
        return erase_staff(session, person, now, by=by, ground=ground)
    return erase_parent(session, person, now, by=by, ground=ground)


def is_expired(session: Session, person: Person, now: datetime) -> bool:
    """Whether a student left so long ago that the school need not keep their class book."""
    years = session.scalar(select(Retention.left_years).where(Retention.school_id == person.school_id))
    return person.left_on is not None and person.left_on < periods.years_before(now, years or periods.USUAL.left_years)


def _erase_rows(session: Session, how: Erased, column: str, ids: Collection[int], school_id: int | None) -> None:
    """The rows of every table that goes with these ids."""
    for table in reversed(Base.metadata.sorted_tables):  # what points at others comes before them
        if REGISTRY[table.name].erased is how:
            of_school = [table.c.school_id == school_id] if school_id and "school_id" in table.c else []
            run(session, table.delete().where(table.c[column].in_(ids), *of_school))


def _erase_told(session: Session, subscription_ids: Collection[int]) -> None:
    """Notifications of these subscriptions, and every message that told any of them."""
    of_them = Notification.subscription_id.in_(subscription_ids)
    messages = session.scalars(
        select(Notification.message_id).where(of_them, Notification.message_id.is_not(None)).distinct()
    ).all()
    run(session, delete(Notification).where(of_them | Notification.message_id.in_(messages)))
    run(session, delete(Message).where(Message.id.in_(messages)))


def _erase_answers(session: Session, subscriber_ids: Collection[int], names: Collection[str] | None) -> None:
    """What subscribers were told beside notifications: answers, confirmations, summaries, which name the children.

    What still has to be sent stays unless it names one of the erased; with no `names` everything goes.
    """
    tells = select(Notification.id).where(Notification.message_id == Message.id).exists()
    over = Message.state.not_in((MessageState.READY, MessageState.CLAIMED))
    names_them = [Message.text.contains(name, autoescape=True) for name in names or ()]
    which = [] if names is None else [or_(over, *names_them)]
    run(session, delete(Message).where(and_(Message.subscriber_id.in_(subscriber_ids), ~tells, *which)))


def _erase_heard(session: Session, school_id: int, events: Mapping[str, Ids]) -> None:
    for kind in STUDENT_EVENT_TABLES:
        run(
            session,
            delete(HeardEvent).where(
                HeardEvent.school_id == school_id, HeardEvent.kind == kind, HeardEvent.event_id.in_(events[str(kind)])
            ),
        )


def _erase_lists(session: Session, school_id: int) -> None:
    """Uploaded lists of the school that wait to be carried out: they may hold the person, and are encrypted."""
    run(session, delete(RosterUpload).where(RosterUpload.school_id == school_id))
    run(session, delete(TimetableUpload).where(TimetableUpload.school_id == school_id))


def _rename_own_schedules(session: Session, school_id: int, student_ids: Collection[int]) -> None:
    """A schedule of one student's own is often called by the student's name; its lessons stay in the timetable."""
    theirs = select(ClassGroupStudent.group_id).where(ClassGroupStudent.student_id.in_(student_ids))
    own = (ClassGroup.kind == GroupKind.INDIVIDUAL) & ClassGroup.id.in_(theirs)
    name = literal(f"{OWN_SCHEDULE} ") + cast(ClassGroup.id, String)
    run(session, update(ClassGroup).where(ClassGroup.school_id == school_id, own).values(name=name))


def _erase_parents_of_nobody(
    session: Session,
    school_id: int,
    guardians: Iterable[int],
    subscribers: Iterable[int],
    ground: ErasureGround,
    now: datetime,
    by: int | None,
) -> Gone:
    """Those of them who have no student and follow nobody any more, and what else there is under their numbers."""
    has_child = select(StudentGuardian.guardian_id).where(StudentGuardian.guardian_id == Guardian.id).exists()
    follows = select(Subscription.id).where(Subscription.subscriber_id == Subscriber.id).exists()
    parents = session.execute(
        select(Guardian.id, Guardian.phone, Guardian.email, Guardian.created_at).where(
            Guardian.school_id == school_id, Guardian.id.in_(list(guardians)), ~has_child
        )
    ).all()
    readers = session.execute(
        select(Subscriber.id, Subscriber.phone, Subscriber.email, Subscriber.created_at).where(
            Subscriber.id.in_(list(subscribers)), ~follows
        )
    ).all()
    reader_ids = [row.id for row in readers]
    traces.erase_details(session, Keys(school_id, guardians=[row.id for row in parents]), subscribers=reader_ids)
    run(
        session,
        update(CampaignTelephone)
        .where(CampaignTelephone.guardian_id.in_([row.id for row in parents]))
        .values(guardian_id=None),
    )
    run(session, delete(Guardian).where(Guardian.id.in_([row.id for row in parents])))
    leaving.forget(session, reader_ids, now)  # while the SMS of charges that wait can be cancelled yet
    run(session, delete(Message).where(Message.subscriber_id.in_(reader_ids)))
    asked = numbers.erase_requested(session, EmailRequest.subscriber_id.in_(reader_ids))
    _erase_rows(session, Erased.WITH_SUBSCRIBER, "subscriber_id", reader_ids, None)
    run(session, delete(Subscriber).where(Subscriber.id.in_(reader_ids)))
    erased.note(session, school_id, ErasedKind.GUARDIAN, [(row.id, row.created_at) for row in parents], ground, now, by)
    erased.note(
        session, school_id, ErasedKind.SUBSCRIBER, [(row.id, row.created_at) for row in readers], ground, now, by
    )
    phones = frozenset(row.phone for row in (*parents, *readers) if row.phone)
    emails = frozenset(row.email for row in (*parents, *readers) if row.email)
    free_phones, free_emails = numbers.erase_at_school(session, school_id, phones, emails)
    return Gone(phones=frozenset(free_phones), emails=frozenset(free_emails | asked))
