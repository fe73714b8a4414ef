"""What a campaign knows of families goes after the retention period, and with whoever is erased."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, func, insert, select, update

from db.kinds import CallResult, FamilyState
from db.models import (
    Base,
    CallAttempt,
    Campaign,
    CampaignChild,
    CampaignFamily,
    CampaignTelephone,
    Guardian,
    StudentGuardian,
)
from db.session import Database
from school.calling.policy import Pauses
from school.campaigns import outcomes
from school.privacy import erasure, people, retention
from tests.school.privacy.family import FATHER, GROUND, MOTHER, Family, plant
from tests.school.students.small_schools import NOW, small_school

TABLES: tuple[type[Base], ...] = (CampaignFamily, CampaignTelephone, CampaignChild, CallAttempt)


@pytest.fixture
def family(database: Database) -> Family:
    """Planted and committed, in a campaign that runs."""
    with database.session() as session:
        return plant(small_school(session, "1690180"))


def counted(database: Database) -> list[int]:
    with database.reading() as session:
        return [session.scalars(select(func.count()).select_from(table)).one() for table in TABLES]


def test_families_of_a_campaign_go_when_messages_go(database: Database, family: Family) -> None:
    with database.session() as session:
        session.execute(update(Campaign).values(state="finished", ended_at=NOW))
    assert "0 families" in retention.apply(database, NOW + timedelta(days=399))
    assert counted(database) == [1, 2, 1, 2]
    assert "1 families" in retention.apply(database, NOW + timedelta(days=401))
    assert counted(database) == [0, 0, 0, 0]


def test_when_a_parent_goes_the_next_telephone_is_rung(database: Database, family: Family) -> None:
    with database.session() as session:
        person = people.of_guardian(session, family.school.id, family.mother)
        erasure.erase(session, person, NOW, by=None, ground=GROUND)
    with database.reading() as session:
        left = session.scalars(select(CampaignTelephone.phone)).all()
        one = session.scalars(select(CampaignFamily)).one()
    assert left == [FATHER]
    assert (one.position, one.state) == (2, FamilyState.WAITING)


def test_a_call_that_ends_after_its_parent_was_erased_troubles_nobody(database: Database, family: Family) -> None:
    with database.session() as session:
        one = session.scalars(select(CampaignFamily)).one()
        session.execute(delete(CampaignTelephone).where(CampaignTelephone.phone == MOTHER))
        outcomes.settle(session, one.id, 1, CallResult.BUSY, NOW, Pauses(1.0))
        assert one.state is FamilyState.WAITING


def test_a_family_that_was_called_for_the_erased_only_goes_though_the_mother_stays(
    database: Database, family: Family
) -> None:
    with database.session() as session:
        row = {"school_id": family.school.id, "student_id": family.school.classmate, "guardian_id": family.mother}
        session.execute(insert(StudentGuardian).values(row | {"relation": "mother"}))
    with database.session() as session:
        erasure.erase_students(session, family.school.id, [family.student], NOW)
    assert counted(database) == [0, 0, 0, 0]
    with database.reading() as session:
        assert session.scalars(select(Guardian.id)).all() == [family.mother]
