"""Following a student by e-mail, and adding e-mail to what one's telephone follows.

For the one an address and the ID-code are given, for the other the telephone asks by SMS. Nothing is sent before the
address's owner confirms.

Whoever types an address need not own it, so all that goes there unasked is one letter with a link. Every code that is
typed is counted as a try (school.security.doors), right or wrong, and the answer is the same: only the letter tells.
When many codes are wrong here, whoever types them, the address is confirmed first and the code looked up after.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.orm import Session

from db.kinds import Channel, Door, FollowWay, Language, MessagePurpose, SubscriptionStatus
from db.models import EmailRequest, Student, StudentCode, Subscriber, Subscription
from db.upsert import insert as insert_or
from errors import InputError
from school import audit
from school.billing.prices import price_on
from school.following import notices
from school.following import wording as notice_words
from school.monitoring import wrong_codes
from school.outbox import enqueue, unasked
from school.outbox.enqueue import PIN_PLACE
from school.roster import cells
from school.security import doors, lockouts, pins
from school.security.crypto import vault
from school.students.student_code import is_valid
from school.subscriptions import wording
from school.subscriptions.subscribers import Followed
from school.subscriptions.subscribing import FollowOutcome, follow
from school.wording.plain_letters import Action, Paragraph, written
from school.wording.service import Numbers
from school.wording.translation import SOURCE, gettext
from school.years import calendar

LASTS = timedelta(days=2)
"""How long a link waits to be opened."""
AGAIN_AFTER = timedelta(minutes=5)
"""Who asks again sooner gets no second letter: the first is on its way."""
MOST_A_DAY = 5
"""Addresses that one subscriber may have written to in a day."""
CODE_PURPOSE = "typed code"
"""What the key is derived for that encrypts a code until the address is confirmed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a wish led to: ASKED (if the code is right, a letter is on its way or was lately) or LOCKED."""

    outcome: FollowOutcome
    lock: lockouts.Lock | None = None


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Whose address was confirmed, and whom it follows by this link; None: those whom the telephone follows.

    `waits`: the class teacher decides first, and nobody is named.
    """

    subscriber_id: int
    email: str
    child: Followed | None
    waits: bool = False


def ask(session: Session, *, email: str, student_code: str, network: str, root: str, now: datetime) -> Asked:
    """Send a link to the address, if the code is a student's. Needs a session that is committed: the try is counted.

    `network` is the network address the wish came from, `root` the address of our pages. Raises InputError for what is
    no address or can be no code: a wrong check digit says nothing of which codes there are.
    """
    address = cells.email(email)
    code = "".join(student_code.split())
    if not (code.isascii() and code.isdecimal() and len(code) == 8):
        raise InputError("An ID-code has 8 digits: copy it from the label that the school gave you.")
    if not is_valid(code):
        raise InputError("This ID-code has a typing mistake: copy it from the label that the school gave you.")
    buckets = doors.codes_on_the_web(vault(session), code, address, network)
    if not lockouts.count_try(session, buckets, now).counted:
        return Asked(FollowOutcome.LOCKED, lockouts.running_lock(session, buckets, now))
    whom: Mapping[str, int | bytes] | None
    if wrong_codes.too_many(session, Door.WEB, now):
        braked = doors.codes_while_guessed(vault(session), network)
        if lockouts.charge(session, braked, now) is None:
            return Asked(FollowOutcome.LOCKED, lockouts.running_lock(session, (braked,), now))
        whom = {"code_encrypted": vault(session).encrypt(CODE_PURPOSE, code)}
    else:
        whom = _student_with(session, code)
    if whom is None:
        wrong_codes.note(session, Door.WEB, now)
    elif _may_write(session, address, now):
        _send_link(session, address, _question(SOURCE), root, now, whom)
    return Asked(FollowOutcome.ASKED)


def _student_with(session: Session, code: str) -> dict[str, int] | None:
    """The student and the school of a code; None: nobody's."""
    row = session.execute(
        select(Student.id, Student.school_id)
        .join(StudentCode, StudentCode.student_id == Student.id)
        .where(StudentCode.code == code, StudentCode.revoked_at.is_(None), Student.class_id.is_not(None))
    ).one_or_none()
    return None if row is None else {"school_id": row.school_id, "student_id": row.id}


def add(session: Session, *, subscriber_id: int, language: Language, email: str, root: str, now: datetime) -> bool:
    """Send a link, in this language, to an address at which a subscriber with a telephone wants to be told too.

    False: the subscriber asked too often today. Raises InputError for what is no address.
    """
    address = cells.email(email)
    asked_today = select(func.count()).where(
        EmailRequest.subscriber_id == subscriber_id, EmailRequest.created_at > now - timedelta(days=1)
    )
    if (session.scalar(asked_today) or 0) >= MOST_A_DAY:
        return False
    if _may_write(session, address, now):
        _send_link(session, address, _question_of_telephone(language), root, now, {"subscriber_id": subscriber_id})
    return True


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a link confirms: an address, of a new follower or (`of_telephone`) of one whose telephone follows."""

    email: str
    of_telephone: bool


def is_open(session: Session, token: str, now: datetime) -> Waiting:
    """What a link confirms. Raises InputError when it is unknown, used or too old."""
    found = session.execute(
        select(EmailRequest.email, EmailRequest.subscriber_id).where(
            EmailRequest.token_hash == _hash(token),
            EmailRequest.confirmed_at.is_(None),
            EmailRequest.expires_at > now,
        )
    ).one_or_none()
    if found is None:
        raise _unusable()
    return Waiting(found.email, found.subscriber_id is not None)


def confirm(session: Session, token: str, *, numbers: Numbers, now: datetime) -> Confirmed | None:
    """Let the address follow: it gets the PIN, and the student's other followers are told. Raises InputError.

    None: the code that waited for the address to be confirmed is nobody's; commit, for it is counted. The address of a
    telephone that follows is only written to as well.
    """
    asked = session.execute(
        update(EmailRequest)
        .where(
            EmailRequest.token_hash == _hash(token),
            EmailRequest.confirmed_at.is_(None),
            EmailRequest.expires_at > now,
        )
        .values(confirmed_at=now)
        .returning(
            EmailRequest.email,
            EmailRequest.school_id,
            EmailRequest.student_id,
            EmailRequest.subscriber_id,
            EmailRequest.code_encrypted,
        )
    ).one_or_none()
    if asked is None:
        raise _unusable()
    if asked.subscriber_id is not None:
        _write_to(session, asked.subscriber_id, asked.email, numbers, now)
        return Confirmed(asked.subscriber_id, asked.email, None)
    school_id, student_id = asked.school_id, asked.student_id
    if asked.code_encrypted is not None:
        whom = _student_with(session, vault(session).decrypt(CODE_PURPOSE, asked.code_encrypted))
        if whom is None:
            wrong_codes.note(session, Door.WEB, now)
            return None
        school_id, student_id = whom["school_id"], whom["student_id"]
    if school_id is None or student_id is None:
        raise _unusable()
    if session.scalar(select(Student.class_id).where(Student.id == student_id)) is None:
        raise InputError("The student is no longer at the school.")
    subscriber_id, language = _find_or_add(session, asked.email, now)
    pin = pins.generate()
    outcome, child = follow(
        session,
        subscriber_id,
        school_id,
        student_id,
        pin,
        now,
        way=FollowWay.EMAIL,
    )
    if outcome is FollowOutcome.WAITS:
        return Confirmed(subscriber_id, asked.email, None, waits=True)
    if outcome is FollowOutcome.FOLLOWS:
        welcome(session, subscriber_id, asked.email, language, child, pin, numbers=numbers, now=now)
    return Confirmed(subscriber_id, asked.email, child)


def welcome(
    session: Session,
    subscriber_id: int,
    email: str,
    language: Language,
    child: Followed,
    pin: str,
    *,
    numbers: Numbers,
    now: datetime,
) -> None:
    """Send the first letter of a subscription, with its PIN."""
    enqueue(
        session,
        channel=Channel.EMAIL,
        address=email,
        text=_welcome(language, child, numbers, price_on(session, calendar.today(now)).told(language)),
        pin=pin,
        purpose=MessagePurpose.SERVICE,
        now=now,
        subscriber_id=subscriber_id,
        urgent=True,
        keep_for=timedelta(days=3),
    )


def _may_write(session: Session, address: str, now: datetime) -> bool:
    """Whether the address may get a letter: none went there just now, and not too many today."""
    latest = session.scalar(
        select(func.max(EmailRequest.created_at, type_=EmailRequest.created_at.type)).where(
            EmailRequest.email == address, EmailRequest.created_at > now - AGAIN_AFTER
        )
    )
    return latest is None and bool(unasked.may_write(session, (address,), now))


def _send_link(
    session: Session, address: str, question: str, root: str, now: datetime, whom: Mapping[str, int | bytes]
) -> None:
    token = secrets.token_urlsafe(32)
    session.execute(
        insert(EmailRequest).values(
            token_hash=_hash(token), email=address, created_at=now, expires_at=now + LASTS, **whom
        )
    )
    enqueue(
        session,
        channel=Channel.EMAIL,
        address=address,
        text=question,
        pin=f"{root}/email/confirm/{token}",
        purpose=MessagePurpose.SERVICE,
        now=now,
        urgent=True,
        keep_for=LASTS,
    )


def _write_to(session: Session, subscriber_id: int, email: str, numbers: Numbers, now: datetime) -> None:
    """Tell the subscriber at this address too, instead of the one before. Raises InputError when it is another's.

    The telephone and the address before are told: whoever held the telephone for a moment may have asked for it.
    """
    holder = session.scalar(
        select(Subscriber.id).where(
            Subscriber.email == email,
            Subscriber.id != subscriber_id,
            Subscriber.phone.is_(None) | _follows_or_waits(),
        )
    )
    if holder is not None:
        raise InputError(
            "This address follows a student in a subscription of its own: "
            "stop that first, with the link below any of its letters."
        )
    # Of a number whose subscriptions are over, such as a guardian's old one.
    session.execute(
        update(Subscriber).where(Subscriber.email == email, Subscriber.id != subscriber_id).values(email=None)
    )
    before = notices.recipient(session, subscriber_id)
    session.execute(update(Subscriber).where(Subscriber.id == subscriber_id).values(email=email))
    if before.email != email:
        text = notice_words.address_added(before.language, email, numbers.short_code)
        notices.send(session, before, text, now)
        if before.email is not None:
            notices.write(session, before, notice_words.no_more_letters(before.language), now, email=before.email)
    session.execute(
        update(Subscription)
        .where(Subscription.subscriber_id == subscriber_id, Subscription.status == SubscriptionStatus.ACTIVE)
        .values(email_enabled=True)
    )
    audit.write(session, "address.added", "subscriber", subscriber_id, now, school_id=None, subscriber_id=subscriber_id)


def _follows_or_waits() -> ColumnElement[bool]:
    return (
        select(Subscription.id)
        .where(Subscription.subscriber_id == Subscriber.id, Subscription.status != SubscriptionStatus.STOPPED)
        .exists()
    )


def _find_or_add(session: Session, email: str, now: datetime) -> tuple[int, Language]:
    """The address's subscriber, and the language they read."""
    session.execute(
        insert_or(session.get_bind().dialect.name, Subscriber)
        .values(email=email, language=SOURCE, created_at=now)
        .on_conflict_do_nothing(index_elements=[Subscriber.email])
    )
    row = session.execute(
        select(Subscriber.id, Subscriber.language).where(Subscriber.email == email).with_for_update()
    ).one()
    return row.id, row.language


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _unusable() -> InputError:
    return InputError("This link was used already or is too old: ask for a new one.")


def _question(language: Language) -> str:
    """The letter to an address that is to follow a student."""
    return written(
        gettext(language, "Потвърдете имейла си за InfoServ e-School"),
        Paragraph(gettext(language, "Здравейте!")),
        Paragraph(gettext(language, "С този адрес е поискан абонамент за новините на ученик в InfoServ e-School.")),
        Action(gettext(language, "Потвърдете"), PIN_PLACE),
        Paragraph(
            gettext(
                language,
                "Връзката важи 2 дни. Ако не сте поискали абонамент, не правете нищо: повече няма да Ви пишем.",
            )
        ),
    )


def _question_of_telephone(language: Language) -> str:
    """The letter to an address at which a telephone's subscriber wants to be told too."""
    return written(
        gettext(language, "Потвърдете имейла си за InfoServ e-School"),
        Paragraph(gettext(language, "Здравейте!")),
        Paragraph(gettext(language, "С SMS беше поискано новините от училище да идват и на този адрес.")),
        Action(gettext(language, "Потвърдете"), PIN_PLACE),
        Paragraph(
            gettext(
                language,
                "Връзката важи 2 дни. Ако не сте го поискали, не правете нищо: повече няма да Ви пишем.",
            )
        ),
    )


def _welcome(language: Language, child: Followed, numbers: Numbers, price: str) -> str:
    """The first letter of a subscription, with the place of its PIN."""
    return written(
        gettext(language, "Вече следите новините от училище"),
        Paragraph(
            gettext(
                language,
                "Вече следите {child}: ще Ви пишем за оценки, отсъствия, забележки и срещи.",
                child=wording.child(language, child.given_name, child.class_name),
            )
        ),
        Paragraph(
            gettext(
                language,
                "С ПИН {pin} и ID-кода може и да чуете всичко на телефон {voice}. Абонаментът е {price} на месец.",
                pin=PIN_PLACE,
                voice=numbers.voice,
                price=price,
            )
        ),
        Paragraph(gettext(language, "Какво и кога да Ви пишем, избирате от настройките под това писмо.")),
    )
