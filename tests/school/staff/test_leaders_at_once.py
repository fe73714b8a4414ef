"""Two leaders who switch each other off at one moment: the school keeps one."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import func, select

from db.kinds import Role
from db.models import Staff
from db.session import Database
from errors import EschoolError
from school import setup
from tests.school.joined import NOW, joined, person


def test_a_school_keeps_a_leader(database: Database) -> None:
    with database.session() as session:
        school = joined(session)
        other = person(session, school, "direktor", Role.PRINCIPAL)
    for is_active, roles in ((False, [Role.PRINCIPAL]), (True, [Role.TEACHER])):
        together = Barrier(2)

        def end(
            by: int, whom: int, is_active: bool = is_active, roles: list[Role] = roles, together: Barrier = together
        ) -> bool:
            together.wait(30)
            try:
                with database.session() as session:
                    setup.change_staff(
                        session, school.school, whom, first_name="Мария", last_name="Стоянова", roles=roles,
                        is_active=is_active, by=by, now=NOW,
                    )  # fmt: skip
            except EschoolError:
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            done = [pool.submit(end, school.administrator, other), pool.submit(end, other, school.administrator)]
        assert sorted(one.result() for one in done) == [False, True]
        with database.session() as session:
            leaders = [
                one for one in setup.staff(session, school.school)
                if one.is_active and set(one.roles) & {Role.PRINCIPAL, Role.SCHOOL_ADMINISTRATOR}
            ]  # fmt: skip
            assert len(leaders) == 1
            assert session.scalar(select(func.count(Staff.id)).where(Staff.school_id == school.school)) == 2
            for whom in {school.administrator, other} - {leaders[0].id}:
                setup.change_staff(
                    session, school.school, whom, first_name="Мария", last_name="Стоянова",
                    roles=[Role.PRINCIPAL], is_active=True, by=leaders[0].id, now=NOW,
                )  # fmt: skip
