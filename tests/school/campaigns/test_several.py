"""Several campaigns at once: the same telephone is not rung by all of them within an hour."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from db.kinds import CallResult, FamilyState
from db.models import CallAttempt
from tests.school.campaigns.conftest import MINUTE, Campaigning

HOUR = timedelta(hours=1)


def all_attempts(campaigning: Campaigning) -> list[tuple[str, datetime]]:
    with campaigning.database.reading() as session:
        rows = session.execute(select(CallAttempt.phone, CallAttempt.dialled_at).order_by(CallAttempt.dialled_at))
        return [(row.phone, row.dialled_at) for row in rows]


def most_within(attempts: list[tuple[str, datetime]], span: timedelta) -> int:
    """The most calls that any telephone got in any such span."""
    by_phone: dict[str, list[datetime]] = {}
    for phone, at in attempts:
        by_phone.setdefault(phone, []).append(at)
    return max(sum(at <= other < at + span for other in times) for times in by_phone.values() for at in times)


def go_on(campaigning: Campaigning, hours: int, result: CallResult = CallResult.REACHED) -> None:
    for _ in range(hours * 6):
        while dials := campaigning.choose():
            for dial in dials:
                campaigning.answered(dial, result)
        campaigning.later(10 * MINUTE)


class TestFourCampaigns:
    def test_two_calls_an_hour_and_all_four_are_heard_in_the_end(self, campaigning: Campaigning) -> None:
        campaigning.now -= timedelta(hours=8)  # 10:00 in Sofia
        ids = [campaigning.start(event_id=None, title=f"Съобщение {number}") for number in range(4)]
        go_on(campaigning, 3)
        attempts = all_attempts(campaigning)
        assert most_within(attempts, HOUR) == 2
        assert set(Counter(phone for phone, _ in attempts).values()) == {4}
        assert {one.state for id_ in ids for one in campaigning.families(id_)} == {FamilyState.REACHED}

    def test_six_a_day(self, campaigning: Campaigning) -> None:
        campaigning.now -= timedelta(hours=9)
        for number in range(9):
            campaigning.start(event_id=None, title=f"Съобщение {number}")
        go_on(campaigning, 12)
        assert most_within(all_attempts(campaigning), timedelta(days=1)) == 6

    @pytest.mark.parametrize("an_hour", [1, 3])
    def test_as_the_setting_says(self, campaigning: Campaigning, monkeypatch: pytest.MonkeyPatch, an_hour: int) -> None:
        monkeypatch.setenv("ESCHOOL_NUMBER_CALLS_AN_HOUR", str(an_hour))
        campaigning.now -= timedelta(hours=8)
        for number in range(4):
            campaigning.start(event_id=None, title=f"Съобщение {number}")
        go_on(campaigning, 5)
        assert most_within(all_attempts(campaigning), HOUR) == an_hour

    def test_the_same_announcement_is_told_once(self, campaigning: Campaigning) -> None:
        first = campaigning.start(event_id=None, title="Утре няма вода", text="Донесете вода.")
        second = campaigning.start(event_id=None, title="Утре няма вода", text="Донесете вода.")
        go_on(campaigning, 1)
        assert set(Counter(phone for phone, _ in all_attempts(campaigning)).values()) == {1}
        assert {one.state for one in campaigning.families(first)} == {FamilyState.REACHED}
        assert {one.state for one in campaigning.families(second)} == {FamilyState.SKIPPED}

    def test_a_call_that_did_not_ring_does_not_count(self, campaigning: Campaigning) -> None:
        campaign_id = campaigning.start()
        campaigning.only(campaign_id, telephones=1)
        for _ in range(3):
            (dial,) = campaigning.choose()
            campaigning.unanswered(dial, CallResult.TRUNK)
            campaigning.later(5 * MINUTE)
        assert len(campaigning.choose()) == 1
