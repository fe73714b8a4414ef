"""What there is under a telephone number or an address: texts, calls, messages, campaigns, lock-outs.

A number that somebody else still has (a guardian of any school, a subscriber) is nobody's to erase: then only what the
school itself keeps of the erased goes. What belongs to no school goes with the last who had the number.
"""

import re
from collections.abc import Collection

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from db.kinds import FamilyState
from db.models import (
    CallAttempt,
    CampaignChild,
    CampaignFamily,
    CampaignOptOut,
    CampaignTelephone,
    EmailRequest,
    Guardian,
    InboundPart,
    InboundText,
    Message,
    Subscriber,
)
from school.privacy import traces
from school.privacy.traces import run
from school.security import doors, lockouts
from school.security.crypto import vault
from school.subscriptions import inbox

AT_ONCE = 1000
_NO_DIGIT = re.compile(r"\D")


def erase_at_school(
    session: Session, school_id: int, phones: Collection[str], emails: Collection[str]
) -> tuple[set[str], set[str]]:
    """What the school has under these numbers and addresses, unless another guardian or subscriber of the school has
    them; and what belongs to no school, of those that nobody has any more: gives these, phones and addresses.
    """
    free_phones = _nobodys(session, phones, Guardian.phone, Subscriber.phone)
    free_emails = _nobodys(session, emails, Guardian.email, Subscriber.email)
    of_school = Guardian.school_id == school_id
    at_school = set(phones) - set(session.scalars(select(Guardian.phone).where(of_school, Guardian.phone.in_(phones))))
    addresses = set(emails) - set(session.scalars(select(Guardian.email).where(of_school, Guardian.email.in_(emails))))
    traces.erase_details_with(session, school_id, at_school | addresses)
    _erase_telephones(session, school_id, at_school)
    run(
        session,
        delete(CampaignOptOut).where(CampaignOptOut.school_id == school_id, CampaignOptOut.phone.in_(at_school)),
    )
    if free_phones:
        run(session, delete(InboundText).where(InboundText.phone.in_(free_phones)))
        run(session, delete(InboundPart).where(InboundPart.source.in_(_as_written(free_phones))))
        run(session, delete(CallAttempt).where(CallAttempt.phone.in_(free_phones), CallAttempt.message_id.is_not(None)))
        lockouts.forget(session, *(doors.caller(vault(session), phone) for phone in free_phones))
    for address in free_emails:
        run(session, delete(EmailRequest).where(EmailRequest.email == address))
    run(session, delete(Message).where(Message.address.in_(free_phones | free_emails)))
    return free_phones, free_emails


def erase_address(session: Session, address: str) -> None:
    """What was sent to an address of staff, who are no subscribers."""
    if address in _nobodys(session, [address], Guardian.email, Subscriber.email):
        run(session, delete(Message).where(Message.address == address))


def erase_requested(session: Session, which: ColumnElement[bool]) -> set[str]:
    """Requests for letters with the letters that asked for a confirmation; gives the addresses they went to."""
    addresses = set(session.scalars(select(EmailRequest.email).where(which)))
    run(session, delete(EmailRequest).where(which))
    run(session, delete(Message).where(Message.address.in_(addresses), Message.subscriber_id.is_(None)))
    return addresses


def erase_families_of(session: Session, school_id: int, student_ids: Collection[int]) -> None:
    """Families of campaigns that were called for these students only, with their telephones, attempts and answers."""
    theirs = select(CampaignChild.family_id).where(
        CampaignChild.school_id == school_id, CampaignChild.student_id.in_(student_ids)
    )
    others = select(CampaignChild.family_id).where(
        CampaignChild.family_id == CampaignFamily.id, CampaignChild.student_id.not_in(student_ids)
    )
    families = session.scalars(
        select(CampaignFamily.id).where(
            CampaignFamily.school_id == school_id, CampaignFamily.id.in_(theirs), ~others.exists()
        )
    ).all()
    messages = session.scalars(
        select(CampaignFamily.message_id).where(CampaignFamily.id.in_(theirs), CampaignFamily.message_id.is_not(None))
    ).all()  # the SMS names the children
    run(session, delete(CampaignFamily).where(CampaignFamily.id.in_(families)))
    run(session, delete(Message).where(Message.id.in_(messages)))


def erase_texts_that_say(session: Session, codes: Collection[str]) -> None:
    """Texts in which one of these ID-codes or national ids stands, whoever sent them, with or without spaces."""
    wanted = set(codes)
    secrets = vault(session)
    last, found = 0, []
    while True:
        rows = session.execute(
            select(InboundText.id, InboundText.text_encrypted)
            .where(InboundText.id > last)
            .order_by(InboundText.id)
            .limit(AT_ONCE)
        ).all()
        for row in rows:
            words = inbox.read(secrets, row.text_encrypted)
            if words is not None and _says(words, wanted):
                found.append(row.id)
        if len(rows) < AT_ONCE:
            break
        last = rows[-1].id
    run(session, delete(InboundText).where(InboundText.id.in_(found)))


def _says(words: str, codes: Collection[str]) -> bool:
    digits = _NO_DIGIT.sub("", words)
    return any(code in digits for code in codes)


def _nobodys(session: Session, values: Collection[str], *columns: object) -> set[str]:
    """Those that stand in none of the columns."""
    found: set[str] = set()
    for column in columns:
        found.update(session.scalars(select(column).where(column.in_(values))))  # type: ignore[call-overload, attr-defined]
    return set(values) - found


def _as_written(phones: Collection[str]) -> set[str]:
    """A number as an operator may write it: E.164, without the plus, with 00, and within the country."""
    return {
        written
        for phone in phones
        for written in (phone, phone[1:], f"00{phone[1:]}", *((f"0{phone[4:]}",) if phone.startswith("+359") else ()))
    }


def _erase_telephones(session: Session, school_id: int, phones: Collection[str]) -> None:
    """Telephones of families in campaigns; a family that has no other goes whole, else its next one is rung."""
    rung = session.execute(
        select(CampaignTelephone.family_id, CampaignTelephone.position)
        .join(CampaignFamily, CampaignFamily.id == CampaignTelephone.family_id)
        .where(CampaignFamily.school_id == school_id, CampaignTelephone.phone.in_(phones))
    ).all()
    families = {row.family_id for row in rung}
    of_them = CallAttempt.family_id.in_(families) & CallAttempt.phone.in_(phones)
    run(session, delete(CallAttempt).where(of_them))
    run(
        session,
        delete(CampaignTelephone).where(CampaignTelephone.family_id.in_(families), CampaignTelephone.phone.in_(phones)),
    )
    left = dict(
        session.execute(
            select(CampaignTelephone.family_id, func.min(CampaignTelephone.position))
            .where(CampaignTelephone.family_id.in_(families))
            .group_by(CampaignTelephone.family_id)
        ).all()
    )
    run(session, delete(CampaignFamily).where(CampaignFamily.id.in_(families - left.keys())))
    for family_id, position in left.items():
        run(
            session,
            update(CampaignFamily)
            .where(
                CampaignFamily.id == family_id,
                CampaignFamily.state == FamilyState.WAITING,
                CampaignFamily.position.in_([row.position for row in rung if row.family_id == family_id]),
            )
            .values(position=position),
        )
