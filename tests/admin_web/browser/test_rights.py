"""A stranger follows a child: the class teacher ends it; later the family wants its data, and to be forgotten."""

import io
import json
import re
import zipfile
from collections.abc import Callable

import pytest
from sqlalchemy import select

from db.kinds import SubscriptionStatus
from db.models import Guardian, Staff, Student, StudentCode, StudentGuardian, Subscription
from db.models import SchoolClass as Class
from devtools.browser import Window
from devtools.site import LEADER, Site, coming_school_day
from school.subscriptions.subscribing import FollowOutcome, by_code

Windows = Callable[..., Window]
STRANGER = "+359899987654"
SHOWN = re.compile(r"\+359 89\* \*\*\* \*54")


class Family:
    """A child of a class with a class teacher, and its guardians."""

    def __init__(self, site: Site) -> None:
        self.site = site
        with site.database() as database, database.reading() as session:
            row = session.execute(
                select(Student.id, Student.first_name, Student.last_name, Staff.email, StudentCode.code)
                .join(Class, Class.id == Student.class_id)
                .join(Staff, Staff.id == Class.class_teacher_id)
                .join(StudentCode, StudentCode.student_id == Student.id)
                .join(StudentGuardian, StudentGuardian.student_id == Student.id)
                .where(StudentCode.revoked_at.is_(None))
                .order_by(Student.id.desc())
                .limit(1)
            ).one()
            self.student_id, self.first_name, self.code = row.id, row.first_name, row.code
            self.last_name, self.name = row.last_name, f"{row.first_name} {row.last_name}"
            self.class_teacher = str(row.email).partition("@")[0]

    def statuses(self) -> list[SubscriptionStatus]:
        """How the subscriptions of the child stand."""
        with self.site.database() as database, database.reading() as session:
            return list(session.scalars(select(Subscription.status).where(Subscription.student_id == self.student_id)))

    def follow(self, phone: str, code: str) -> FollowOutcome:
        """Somebody texts the code."""
        with self.site.database() as database, database.session() as session:
            return by_code(
                session, phone=phone, operator=None, student_code=code, pin="4711", now=coming_school_day()
            ).outcome

    def is_stored(self) -> bool:
        """Whether the child, or a guardian of nobody, is still there."""
        with self.site.database() as database, database.reading() as session:
            orphans = select(Guardian.id).where(Guardian.id.not_in(select(StudentGuardian.guardian_id)))
            return session.get(Student, self.student_id) is not None or session.scalar(orphans.limit(1)) is not None


@pytest.fixture(scope="module")
def family(site: Site) -> Family:
    return Family(site)


def test_a_class_teacher_ends_a_stranger_and_replaces_the_code(window: Windows, family: Family) -> None:
    assert family.follow(STRANGER, family.code) is FollowOutcome.FOLLOWS
    teacher = window()
    teacher.enter_as(family.class_teacher)
    teacher.open(f"/class/student/{family.student_id}")
    page = teacher.page
    page.get_by_role("link", name=re.compile("Прекрати.*54")).click()
    page.get_by_text(SHOWN).wait_for()
    page.get_by_label("непознат").check()
    teacher.shoot("ending-a-stranger")
    page.get_by_role("button", name="Прекрати").click()
    page.get_by_text("Абонаментът е прекратен.").wait_for()
    assert page.get_by_role("link", name=re.compile("Прекрати.*54")).count() == 0
    assert SubscriptionStatus.STOPPED in family.statuses()
    assert family.follow(STRANGER, family.code) is FollowOutcome.WAITS
    teacher.open(f"/class/student/{family.student_id}")
    page.get_by_role("button", name="Издай нов код").click()
    page.get_by_text(re.compile("нов.*код", re.IGNORECASE)).first.wait_for()
    fresh = "".join(page.locator(".code").inner_text().split())
    assert re.fullmatch(r"\d{8}", fresh)
    assert fresh != family.code
    assert family.follow("+359899987655", family.code) is FollowOutcome.WRONG


def test_a_leader_gives_the_family_its_copy_and_erases_it(window: Windows, family: Family) -> None:
    leader = window()
    leader.enter_as(LEADER)
    leader.open("/school/privacy/")
    page = leader.page
    page.get_by_label("Име, ID-код, телефон или имейл").fill(family.name)
    page.get_by_role("button", name="Намери").click()
    page.get_by_role("link", name=re.compile(f"{family.first_name} .*{family.last_name}")).first.click()
    with page.expect_download() as loading:
        page.get_by_role("button", name="Изтегли копието").click()
    content = loading.value.path().read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as copy:
        assert family.first_name not in " ".join(copy.namelist())
        told = {name: copy.read(name).decode() for name in copy.namelist() if name.endswith((".json", ".html"))}
    assert any(family.first_name in text for name, text in told.items() if name.endswith(".html"))
    assert all(json.loads(text) for name, text in told.items() if name.endswith(".json"))
    leader.shoot("personal-data")
    words = page.locator("label[for=confirmation]").inner_text().partition(":")[2].strip()
    page.get_by_label("Основание").select_option(label="съгласието е оттеглено")
    page.get_by_label(re.compile("Зная, че ученикът още е тук")).check()
    page.get_by_label(re.compile("За потвърждение напишете")).fill(words)
    page.get_by_role("button", name="Изтрий завинаги").click()
    page.wait_for_url("**/school/privacy/")
    assert not family.is_stored()
    page.get_by_label("Име, ID-код, телефон или имейл").fill(family.name)
    page.get_by_role("button", name="Намери").click()
    page.get_by_text("Няма такъв човек.").wait_for()
