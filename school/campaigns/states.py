"""The permitted transitions between states of a campaign, and the final states of a family."""

from sqlalchemy import ColumnElement, bindparam

from db.kinds import CampaignState, FamilyState
from db.models import Campaign, CampaignFamily

NEXT: dict[CampaignState, frozenset[CampaignState]] = {
    CampaignState.DRAFT: frozenset({CampaignState.SCHEDULED, CampaignState.RUNNING}),
    CampaignState.SCHEDULED: frozenset({CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.STOPPED}),
    CampaignState.RUNNING: frozenset({CampaignState.PAUSED, CampaignState.STOPPED, CampaignState.FINISHED}),
    CampaignState.PAUSED: frozenset({CampaignState.RUNNING, CampaignState.STOPPED, CampaignState.FINISHED}),
    CampaignState.STOPPED: frozenset(),
    CampaignState.FINISHED: frozenset(),
}
"""The one table of transitions."""

OPEN = (CampaignState.SCHEDULED, CampaignState.RUNNING, CampaignState.PAUSED)
"""What a dialer, now or later, has to do with."""

UNDER_WAY = (FamilyState.WAITING, FamilyState.CALLING)
"""All other states of a family are ends."""


def is_in(*states: CampaignState) -> ColumnElement[bool]:
    """The campaign is in one of these states; written into the statement, so that a partial index answers it."""
    return Campaign.state.in_(
        bindparam(None, list(states), type_=Campaign.state.type, expanding=True, literal_execute=True)
    )


def is_waiting() -> ColumnElement[bool]:
    """The family waits to be called; written into the statement as `is_in` is."""
    waiting = bindparam(None, FamilyState.WAITING, type_=CampaignFamily.state.type, literal_execute=True)
    return CampaignFamily.state == waiting
