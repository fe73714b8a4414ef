"""„ДА“ and „НЕ“ to an invitation, by SMS."""

import pytest
from sqlalchemy import select

from db.kinds import MeetingAnswer
from db.models import CampaignFamily, Subscriber
from db.session import Database
from smpp.protocol.transliteration import to_latin
from smpp.texts.commands import Coming, Grades, Stop, Unknown
from smpp.texts.parsing import parse
from tests.school.campaigns.conftest import Campaigning
from tests.smpp.texts.parent import Parent

PHONE = "+359888123456"


@pytest.mark.parametrize(
    ("text", "comes"),
    [
        ("ДА", True), ("да!", True), ("Да, ще дойда", True), ("Ще дойда.", True), ("yes", True),
        ("Да, ще присъстваме", True),
        ("НЕ", False), ("не.", False), ("Не мога", False), ("Няма да дойда", False), ("no", False),
    ],
)  # fmt: skip
def test_yes_and_no_in_the_words_that_parents_use(text: str, comes: bool) -> None:
    assert parse(text) == Coming(comes)
    assert parse(to_latin(text)) == Coming(comes)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("Да, моля оценки", Grades()), ("стоп, не искам", Stop()), ("Не знам какво е това", Unknown()),
        ("да 1234", Unknown()),
    ],
)  # fmt: skip
def test_whoever_says_more_means_something_else(text: str, command: object) -> None:
    assert parse(text) == command


def test_an_answer_is_noted_confirmed_and_may_be_changed(demonstration: Database) -> None:
    Campaigning(demonstration).start()
    parent = Parent(demonstration, PHONE)
    assert str(parent.text("ДА")).startswith("Записахме, че ще дойдете: Родителска среща, 30.11, 18:30 ч.")
    assert noted(demonstration) is MeetingAnswer.COMES
    assert str(parent.text("не мога")).startswith("Записахме, че няма да дойдете: Родителска среща")
    assert noted(demonstration) is MeetingAnswer.COMES_NOT


def test_who_was_invited_to_nothing_is_helped(demonstration: Database) -> None:
    assert "СТОП" in str(Parent(demonstration, PHONE).text("да"))  # the explanation of what can be texted


def test_stop_ends_invitations_also_for_a_guardian_who_follows_nobody(demonstration: Database) -> None:
    campaigning = Campaigning(demonstration)
    campaign_id = campaigning.start()
    with demonstration.reading() as session:
        followed = set(session.scalars(select(Subscriber.phone)))
    phone = next(
        one.phone
        for family in campaigning.families(campaign_id)
        for one in campaigning.telephones(family.id)
        if one.phone not in followed
    )
    parent = Parent(demonstration, phone)
    assert parent.text("СТОП") == "Училището повече няма да Ви търси с покани и съобщения на този номер."
    assert phone not in [dial.phone for dial in campaigning.choose() + campaigning.choose()]


def noted(database: Database) -> MeetingAnswer | None:
    with database.reading() as session:
        return session.scalars(select(CampaignFamily.answer).where(CampaignFamily.answer.is_not(None))).one_or_none()
