"""Families whose call would lack words: nobody is rung before all that is said to them can be heard."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import CampaignChild, SchoolClass, Student
from prompts.speech import Sentence
from school.calling.policy import IsSpoken
from school.campaigns import invitation
from school.campaigns.invitation import CalledFor, Invitation


def unspoken(session: Session, campaigns: Mapping[int, int], today: date, is_spoken: IsSpoken) -> frozenset[int]:
    """Of these families (id -> its campaign) those whose message, as it is now, cannot be heard whole yet."""
    invitations = {one: invitation.read(session, one) for one in set(campaigns.values())}
    silent = {one for one, said in invitations.items() if not is_spoken(_pieces(said, (), today))}
    children = _children(session, [family for family, campaign in campaigns.items() if campaign not in silent])
    return frozenset(
        family
        for family, campaign in campaigns.items()
        if campaign in silent or not is_spoken(_pieces(invitations[campaign], children[family], today))
    )


def _pieces(said: Invitation, children: tuple[CalledFor, ...], today: date) -> set[str]:
    sentences: tuple[Sentence, ...] = (
        *invitation.hello(said),
        *invitation.offer(said),
        *invitation.message(said, children, today),
        *invitation.choices(said),
    )
    return {piece for sentence in sentences for piece in sentence}


def _children(session: Session, family_ids: list[int]) -> Mapping[int, tuple[CalledFor, ...]]:
    rows = session.execute(
        select(CampaignChild.family_id, Student.first_name, SchoolClass.level, SchoolClass.letter)
        .join(Student, Student.id == CampaignChild.student_id)
        .join(SchoolClass, SchoolClass.id == Student.class_id)
        .where(CampaignChild.family_id.in_(family_ids))
    )
    found: dict[int, tuple[CalledFor, ...]] = defaultdict(tuple)
    for row in rows:
        found[row.family_id] += (CalledFor(row.first_name, f"{row.level}{row.letter}"),)
    return found
