"""Who leads a school and who operates the platform: nobody else, and nobody by the rights of another school."""

import pytest
from sqlalchemy.orm import Session

from db.kinds import Role
from errors import ForbiddenError
from school.staff.leaders import check_leads, check_operates
from tests.school.joined import Joined, operator, person, switch_off

NOT_LEADING = r"^Only the school's principal or administrator may do this\.$"
NOT_OPERATING = r"^Only the platform's operator may do this\.$"


def test_principals_and_administrators_lead_their_school(session: Session, school: Joined) -> None:
    check_leads(session, school.school, school.administrator)
    check_leads(session, school.school, person(session, school, role=Role.PRINCIPAL))


def test_nobody_else_leads_it(session: Session, school: Joined, stranger: Joined) -> None:
    former = person(session, school, "former", Role.PRINCIPAL)
    switch_off(session, school, former)
    others = {
        "a teacher": person(session, school),
        "a principal who was switched off": former,
        "another school's administrator": stranger.administrator,
        "an operator of the platform": operator(session),
        "nobody": 10**6,
    }
    for by in others.values():
        with pytest.raises(ForbiddenError, match=NOT_LEADING):
            check_leads(session, school.school, by)


def test_only_operators_operate_the_platform(session: Session, school: Joined) -> None:
    check_operates(session, operator(session))
    for by in (school.administrator, person(session, school), 10**6):
        with pytest.raises(ForbiddenError, match=NOT_OPERATING):
            check_operates(session, by)
