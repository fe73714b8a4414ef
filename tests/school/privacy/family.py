"""A family of which something stands in every table and file that can hold it, and words by which it is found."""

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage
from typing import Any
from uuid import uuid4

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from db.kinds import (
    AbsenceReason,
    CallDirection,
    CallOutcome,
    CallResult,
    CampaignKind,
    CampaignState,
    Channel,
    Door,
    ErasureGround,
    EventKind,
    ExcuseKind,
    FamilyState,
    GradeKind,
    GradeScale,
    GuardianRelation,
    InputKind,
    MessagePurpose,
    MessageState,
    NoticeState,
    NotificationState,
    PartState,
    SanctionKind,
    SubscriptionStatus,
)
from db.models import (
    AbsenceNotice,
    Base,
    BenefitWarning,
    BroughtAbsences,
    BroughtGrade,
    Call,
    CallAttempt,
    CallStep,
    Campaign,
    CampaignChild,
    CampaignFamily,
    CampaignOptOut,
    CampaignTelephone,
    ChannelTiming,
    ClassGroup,
    ClassGroupStudent,
    EmailRequest,
    ExcuseNote,
    Guardian,
    HeardEvent,
    InboundPart,
    Message,
    MessagePart,
    Notification,
    NotificationSwitch,
    RosterUpload,
    Sanction,
    School,
    Student,
    StudentCode,
    StudentGuardian,
    StudentTransfer,
    Submission,
    Subscriber,
    TimetableUpload,
    VoiceMessage,
)
from logs import masked_phone
from prompts import manifest
from prompts.clips import Clips
from prompts.entered import about, entered
from school import audit
from school.security import doors, lockouts
from school.security.crypto import vault
from school.students import national_ids
from school.subscriptions import inbox
from settings import Settings
from tests.school.students.small_schools import NOW, TODAY, SmallSchool

GIVEN, MIDDLE, LAST = "Жулиета", "Планинска", "Ястребова"
MOTHER, FATHER, AUNT = "+359888314159", "+359878271828", "+359899161803"
LETTERS, FATHERS_LETTERS = "yastrebova@family.example", "yastreb@family.example"
REMARK = "Чете стихове на кокичета"
NOTE = "Слънчасване на Витоша"
ORDER = "Заповед-ЯСТР-77"
REASON = "сгрешена от объркан лаборант"
TEXTED = "Питам за екскурзията до Рила"


@dataclass
class Family:
    """Ids of the rows that tests ask about, and `needles`: what may be found nowhere once the family is erased."""

    school: SmallSchool
    student: int
    mother: int
    father: int
    subscribers: dict[str, int] = field(default_factory=dict)
    subscriptions: dict[str, int] = field(default_factory=dict)
    national_id: str = ""
    code: str = ""

    @property
    def needles(self) -> tuple[str, ...]:
        """Names, numbers, addresses, texts."""
        return (
            GIVEN, MIDDLE, LAST, "Ястребов", "Снежина", "Върбан", MOTHER, MOTHER[1:], f"0{MOTHER[4:]}", FATHER, AUNT,
            LETTERS, FATHERS_LETTERS, self.national_id, self.code, REMARK, NOTE, ORDER, REASON, TEXTED,
            "asks@family.example", "new@family.example",
        )  # fmt: skip


def forms(word: str) -> set[bytes]:
    """A word as files may hold it: UTF-8, JSON's escapes, UTF-16."""
    return {word.encode(), json.dumps(word)[1:-1].encode(), word.encode("utf-16-le")}


def add(session: Session, model: type[Base], **values: Any) -> int:
    """A row's id."""
    table = model.__table__
    return session.execute(insert(model).values(values).returning(table.c.id)).scalar_one()  # type: ignore[no-any-return]


def plant(school: SmallSchool) -> Family:
    """The family: Жулиета, her mother and father, and an aunt who follows by SMS; the father reads letters."""
    session = school.session
    student = school.add_student(GIVEN, school.own, middle_name=MIDDLE, last_name=LAST)
    row = session.get_one(Student, student)
    people = {
        "mother": ("Снежина", LAST, MOTHER, LETTERS, GuardianRelation.MOTHER),
        "father": ("Върбан", "Ястребов", FATHER, FATHERS_LETTERS, GuardianRelation.FATHER),
    }
    ids = {}
    for who, (first, last, phone, email, relation) in people.items():
        ids[who] = add(
            session, Guardian, school_id=school.id, first_name=first, last_name=last, phone=phone, email=email
        )
        session.execute(
            insert(StudentGuardian).values(
                school_id=school.id, student_id=student, guardian_id=ids[who], relation=relation
            )
        )
    found = Family(school, student, ids["mother"], ids["father"])
    found.national_id = national_ids.decrypt(vault(session), row.national_id_encrypted).number
    found.code = session.scalars(select(StudentCode.code).where(StudentCode.student_id == student)).one()
    followers: tuple[tuple[str, str | None, str | None], ...] = (
        ("mother", MOTHER, None), ("aunt", AUNT, None), ("father", None, FATHERS_LETTERS)
    )  # fmt: skip
    for who, number, address in followers:
        found.subscribers[who], found.subscriptions[who] = school.follower(number, student, email=address)
    session.execute(update(Subscriber).where(Subscriber.id == found.subscribers["mother"]).values(email=LETTERS))
    _class_book(found)
    _told(found)
    _called(found)
    _campaign(found)
    _traces(found)
    return found


def _class_book(family: Family) -> None:
    school, session = family.school, family.school.session
    grade = school.grade(student_id=family.student)
    school.absence(student_id=family.student)
    school.remark(student_id=family.student, text=REMARK)
    school.health_note(student_id=family.student, note=NOTE)
    entered_by = {
        "school_id": school.id, "student_id": family.student, "staff_id": school.leader,
        "school_year_id": school.year, "recorded_at": NOW,
    }  # fmt: skip
    add(session, Sanction, **entered_by, kind=SanctionKind.WARNING, order_number=ORDER, ordered_on=TODAY, text=REMARK)
    paper = {"kind": ExcuseKind.MEDICAL, "reason": AbsenceReason.HEALTH, "school_days": 1}
    add(session, ExcuseNote, **entered_by, **paper, starts_on=TODAY, ends_on=TODAY)
    came_from_another_school(family.school, family.student)
    parent_spoke(school, family.student, family.subscribers["mother"], family.subscriptions["mother"])
    for person in family.subscribers.values():
        session.execute(
            insert(HeardEvent).values(
                subscriber_id=person, kind=grade.kind, event_id=grade.id, school_id=school.id, first_heard_at=NOW
            )
        )


def came_from_another_school(school: SmallSchool, student: int) -> None:
    """The child came from another school, and is let go to it again."""
    session = school.session
    other = session.scalar(select(School.id).where(School.institution_code == "9999999"))
    if other is None:
        other = add(session, School, institution_code="9999999", name="Друго", town="Русе", created_at=NOW)
    whose = {"school_id": school.id, "student_id": student}
    brought = whose | {"from_school": "Друго", "year": 2025, "term": 1}
    add(session, BroughtAbsences, **brought, excused=1, unexcused=2, late=3)
    add(
        session, BroughtGrade, **brought, subject="Математика", kind=GradeKind.ORAL, scale=GradeScale.NUMERIC,
        value=Decimal(5), mark=None, on_date=TODAY,
    )  # fmt: skip
    add(
        session, StudentTransfer, **whose, to_school_id=other, staff_id=school.leader, last_day=TODAY,
        offered_at=NOW,
    )  # fmt: skip


def parent_spoke(school: SmallSchool, student: int, subscriber: int, subscription: int) -> None:
    """A parent gave notice of an absence, left the class teacher a message, and was warned of unexcused hours."""
    session, whose = school.session, {"school_id": school.id, "student_id": student}
    add(
        session, AbsenceNotice, **whose, school_year_id=school.year, subscriber_id=subscriber, channel=Channel.SMS,
        starts_on=TODAY, ends_on=TODAY, school_days=1, state=NoticeState.WAITING, given_at=NOW,
        reason_encrypted=vault(session).encrypt("absence notice", REMARK),
    )  # fmt: skip
    add(
        session, VoiceMessage, **whose, subscription_id=subscription, recorded_at=NOW, milliseconds=1000,
        sound_encrypted=vault(session).encrypt_bytes("voice message", REMARK.encode()),
    )  # fmt: skip
    warning = {"month": TODAY.replace(day=1), "stage": 3, "half_hours": 6, "absence_id": 1, "warned_at": NOW}
    session.execute(insert(BenefitWarning).values(**whose, **warning))


def _told(family: Family) -> None:
    """Messages in every state on every channel, each with a notification; and answers without any."""
    session = family.school.session
    pending = session.scalars(
        select(Notification.id).where(Notification.subscription_id.in_(family.subscriptions.values()))
    ).all()
    assert pending
    event = session.scalar(select(func.max(Notification.event_id))) or 0
    addresses = {"mother": MOTHER, "aunt": AUNT, "father": FATHERS_LETTERS}
    for number, state in enumerate(MessageState):
        for who, address in addresses.items():
            claimed = state is MessageState.CLAIMED
            common = {
                "channel": Channel.EMAIL if who == "father" else Channel.SMS, "subscriber_id": family.subscribers[who],
                "address": address, "state": state, "due_at": NOW, "expires_at": NOW, "from_hour": 8,
                "until_hour": 20, "attempts": 1, "created_at": NOW,
                "lease_until": NOW if claimed else None, "lease_owner": "host:1" if claimed else None,
            }  # fmt: skip
            text = f"{GIVEN}: {REMARK}"
            message = add(session, Message, **common, purpose=MessagePurpose.NOTIFICATION, text=text)
            add(session, Message, **common, purpose=MessagePurpose.ANSWER, text=f"Следите {GIVEN}. ПИН {{pin}}")
            add(
                session, Notification, school_id=family.school.id, subscription_id=family.subscriptions[who],
                subscriber_id=family.subscribers[who], channel=common["channel"], kind=EventKind.REMARK,
                event_id=event + 1000 + number, change="recorded", state=NotificationState.BUNDLED, line=REMARK,
                due_at=NOW, from_hour=8, until_hour=20, created_at=NOW, message_id=message,
            )  # fmt: skip
            session.execute(
                insert(MessagePart).values(
                    message_id=message, number=1, total=1, operator="a1", smsc_id=f"{message}",
                    state=PartState.SENT, sent_at=NOW,
                )
            )  # fmt: skip
    for person in family.subscribers.values():
        session.execute(
            insert(NotificationSwitch).values(subscriber_id=person, channel=Channel.SMS, kind=EventKind.GRADE)
        )
        session.execute(insert(ChannelTiming).values(subscriber_id=person, channel=Channel.EMAIL, daily_hour=18))
    link = {"created_at": NOW, "expires_at": NOW + timedelta(days=1)}
    session.execute(
        insert(EmailRequest).values(
            token_hash=b"1", email="asks@family.example", school_id=family.school.id, student_id=family.student, **link
        )
    )
    for address in ("asks@family.example", "new@family.example"):
        add(
            session, Message, channel=Channel.EMAIL, purpose=MessagePurpose.ANSWER, address=address, from_hour=8,
            text=f"Потвърдете, че следите {GIVEN}", state=MessageState.SENT, due_at=NOW, expires_at=NOW,
            until_hour=20, attempts=1, created_at=NOW,
        )  # fmt: skip
    session.execute(
        insert(EmailRequest).values(
            token_hash=b"2", email="new@family.example", subscriber_id=family.subscribers["aunt"], **link
        )
    )


def _called(family: Family) -> None:
    session, secrets = family.school.session, vault(family.school.session)
    for who, phone in (("mother", MOTHER), ("aunt", AUNT)):
        call = add(
            session, Call, call_id=uuid4(), school_id=family.school.id, student_id=family.student,
            subscription_id=family.subscriptions[who], direction=CallDirection.INBOUND, caller=masked_phone(phone),
            started_at=NOW, ended_at=NOW, outcome=CallOutcome.FINISHED,
        )  # fmt: skip
        session.execute(
            insert(CallStep).values(call_id=call, position=1, at=NOW, state="code", input_kind=InputKind.KEY)
        )
        add(
            session, Call, call_id=uuid4(), direction=CallDirection.INBOUND, caller=masked_phone(phone), started_at=NOW,
            ended_at=NOW, outcome=CallOutcome.REFUSED,
        )  # fmt: skip
        inbox.store(session, "a1", "t", phone, f"{TEXTED} {phone}", NOW)
        session.execute(
            insert(InboundPart).values(
                operator="a1", source=phone[1:], destination="1987", kind="udh8", reference=1, number=1, total=2,
                octets=TEXTED.encode("utf-16-be"), data_coding=8, first_at=NOW,
            )
        )  # fmt: skip
        lockouts.charge(session, doors.caller(secrets, phone), NOW)
    inbox.store(session, "a1", "t", "+359888000999", f"абонамент {family.code[:4]} {family.code[4:]}", NOW)
    lockouts.charge(session, doors.code_at(secrets, family.code, Door.CALL), NOW)
    lockouts.charge(session, doors.code_at(secrets, family.national_id, Door.SMS), NOW)


def _campaign(family: Family) -> None:
    session, school = family.school.session, family.school
    campaign = add(
        session, Campaign, school_id=school.id, staff_id=school.leader, kind=CampaignKind.ANNOUNCEMENT, title="Сняг",
        text="Утре няма училище.", state=CampaignState.RUNNING, starts_at=NOW, ends_at=NOW + timedelta(days=1),
        from_hour=8, until_hour=20, weekdays="12345", attempts=3, created_at=NOW,
    )  # fmt: skip
    message = add(
        session, Message, channel=Channel.SMS, purpose=MessagePurpose.ANSWER, address=MOTHER, text=f"За {GIVEN}",
        state=MessageState.SENT, due_at=NOW, expires_at=NOW, from_hour=8, until_hour=20, attempts=1, created_at=NOW,
    )  # fmt: skip
    one = add(
        session, CampaignFamily, school_id=school.id, campaign_id=campaign, state=FamilyState.WAITING, due_at=NOW,
        position=1, answer="comes", answered_at=NOW, answered_by=Channel.CALL, message_id=message,
    )  # fmt: skip
    for position, (phone, guardian) in enumerate(((MOTHER, family.mother), (FATHER, family.father)), 1):
        session.execute(
            insert(CampaignTelephone).values(
                family_id=one, position=position, phone=phone, guardian_id=guardian, attempts=1,
                last_result=CallResult.BUSY,
            )
        )  # fmt: skip
        add(
            session, CallAttempt, channel_id=f"c{one}-{position}", family_id=one, position=position, phone=phone,
            dialer="d", dialled_at=NOW, result=CallResult.BUSY,
        )  # fmt: skip
        session.execute(insert(CampaignOptOut).values(school_id=school.id, phone=phone, at=NOW))
    session.execute(insert(CampaignChild).values(school_id=school.id, family_id=one, student_id=family.student))


def _traces(family: Family) -> None:
    session, school = family.school.session, family.school
    common: dict[str, Any] = {"now": NOW, "school_id": school.id, "by": school.leader}
    audit.write(session, "student.created", "student", family.student, **common)
    audit.write(session, "guardian.changed", "guardian", family.mother, **common, phone=[AUNT, MOTHER], email=[LETTERS])
    audit.write(
        session, "remark.corrected", "remark", 1, **common, student_id=family.student, before=REMARK, reason=REASON
    )
    audit.write(
        session, "wishes.changed", "subscriber", family.subscribers["aunt"], NOW, school_id=None,
        subscriber_id=family.subscribers["aunt"], address=LETTERS,
    )  # fmt: skip
    form = {"digest": "0", "recorded": 1, "conflicts": [], "fields": {f"r{family.student}": REMARK, "r0": "друго"}}
    session.execute(
        insert(Submission).values(staff_id=school.teacher, key=uuid4(), school_id=school.id, at=NOW, answer=form)
    )
    group = session.scalars(
        insert(ClassGroup).values(school_id=school.id, class_id=school.own, name="1 гр.").returning(ClassGroup.id)
    ).one()
    session.execute(insert(ClassGroupStudent).values(school_id=school.id, group_id=group, student_id=family.student))
    session.execute(
        insert(TimetableUpload).values(
            staff_id=school.leader, school_id=school.id, uploaded_at=NOW, file_name="разписание.xml",
            content_encrypted=vault(session).encrypt("timetable upload", GIVEN),
        )
    )  # fmt: skip
    session.execute(
        insert(RosterUpload).values(
            staff_id=school.leader, school_id=school.id, uploaded_at=NOW, file_name="списък.csv",
            content_encrypted=vault(session).encrypt("roster upload", GIVEN),
        )
    )  # fmt: skip


def plant_files(settings: Settings, family: Family) -> tuple[str, ...]:
    """Clips of two voices, calls that wait, letters; gives the texts of clips that must stay."""
    stays = (*about("Иван"), *about("Мария"), *entered("Математика"))
    texts = (*about(GIVEN), *entered(REMARK), *stays)
    clips = Clips(settings)
    for folder in (clips.folder, clips.folder.with_name("another-voice")):
        folder.mkdir(parents=True, exist_ok=True)
        for text in texts:
            (folder / clips.name_of(text)).write_bytes(b"\xd5" * 160)
        manifest.append(folder, {clips.name_of(text): text for text in texts})
    (clips.folder / clips.name_of(f"{LAST},")).write_bytes(b"\xd5" * 160)  # its line was lost
    waiting = settings.home_path / "calls-waiting"
    waiting.mkdir()
    record = {"call_id": str(uuid4()), "caller": MOTHER, "student_id": family.student, "subscription_id": None}
    (waiting / "1.json").write_text(json.dumps(record))
    (waiting / "2.json").write_text(json.dumps(record | {"caller": "+359888555555", "student_id": None}))
    (waiting / "3.unreadable").write_text(MOTHER[:9] + MOTHER)
    letters = settings.home_path / "mail"
    letters.mkdir()
    for number, (to, words) in enumerate(((FATHERS_LETTERS, f"{GIVEN} {LAST}"), ("other@family.example", "Иван")), 1):
        letter = EmailMessage()
        letter["To"], letter["From"] = to, "no-reply@school.example"
        letter.set_content(words, cte="8bit")
        (letters / f"{number}.eml").write_bytes(letter.as_bytes())
    return stays


GROUND = ErasureGround.CONSENT_WITHDRAWN
STOPPED = SubscriptionStatus.STOPPED
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
LEFT = date(2025, 9, 1)
