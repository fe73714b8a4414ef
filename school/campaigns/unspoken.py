"""Families whose call would lack words: nobody is rung before all that is said to them can be heard.

The names of children are not asked for: they were entered long before, and a call goes on without one.
"""

from collections.abc import Iterable
from datetime import date

from sqlalchemy.orm import Session

from prompts.speech import Sentence
from school.calling.policy import IsSpoken
from school.campaigns import invitation


def unspoken(session: Session, campaign_ids: Iterable[int], today: date, is_spoken: IsSpoken) -> frozenset[int]:
    """The campaigns whose message, as it is now, cannot be heard whole yet."""
    return frozenset(one for one in set(campaign_ids) if not is_spoken(_pieces(session, one, today)))


def _pieces(session: Session, campaign_id: int, today: date) -> set[str]:
    said = invitation.read(session, campaign_id)
    sentences: tuple[Sentence, ...] = (
        *invitation.hello(said),
        *invitation.offer(said),
        *invitation.message(said, (), today),
        *invitation.choices(said),
    )
    return {piece for sentence in sentences for piece in sentence}
