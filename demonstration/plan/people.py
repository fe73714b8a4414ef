"""The people of the demonstration school: two classes, their families, the staff."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from stdnum import luhn
from stdnum.bg import egn, pnf

from db.kinds import GuardianRelation, Language, NationalIdKind, Role, SubscriptionStatus
from demonstration.plan import words

CLASS_SIZE = 24
CLASSES = ((8, "а"), (11, "б"))
SIBLING_FAMILIES = (3, 11)
"""Places in the class list whose students have a brother or sister at the same place of the other class."""
UNSUBSCRIBED = (5, 14, 20)
FOLLOWED_TWICE = 1
SPECIAL_NEEDS = (0, 17)
"""Class and place of the student who is graded by what they achieve."""
FOREIGNER = (1, 9)
"""Class and place of the student with a ЛНЧ."""
WAITING = (1, 6)
"""Class and place of the student whom a number asked to follow by ЕГН and waits for approval."""
FIRST_PHONE = "+359888123456"
"""The first student's mother: one child, so a call goes straight to the menu."""


@dataclass(frozen=True, slots=True)
class StaffMember:
    """An account; `class_teacher_of` is an index into CLASSES."""

    first_name: str
    last_name: str
    email: str
    roles: tuple[Role, ...]
    subjects: tuple[str, ...] = ()
    class_teacher_of: int | None = None


@dataclass(frozen=True, slots=True)
class Guardian:
    """A parent of one or two students."""

    first_name: str
    last_name: str
    phone: str
    email: str | None
    relation: GuardianRelation


@dataclass(frozen=True, slots=True)
class Follower:
    """A subscription to a student."""

    phone: str
    language: Language = Language.BULGARIAN
    status: SubscriptionStatus = SubscriptionStatus.ACTIVE


@dataclass(frozen=True, slots=True)
class Student:
    """A student; `class_index` is an index into CLASSES, `number` the place in the class list from 1."""

    class_index: int
    number: int
    first_name: str
    middle_name: str
    last_name: str
    birth_date: date
    national_id_kind: NationalIdKind
    national_id: str
    student_code: str
    has_special_needs: bool
    guardians: tuple[Guardian, ...]
    followers: tuple[Follower, ...]


@dataclass(frozen=True, slots=True)
class People:
    """Everyone."""

    staff: tuple[StaffMember, ...]
    students: tuple[Student, ...]


def people(year_start: int) -> People:
    """Everyone at the school in the year that starts then: the same names every year, of the right age."""
    random = Random(f"people {year_start}")
    students: list[Student] = []
    codes = _student_codes(random)
    for class_index, (level, _letter) in enumerate(CLASSES):
        for place in range(CLASS_SIZE):
            sibling = students[place] if class_index and place in SIBLING_FAMILIES else None
            students.append(_student(random, class_index, place, year_start - 6 - level, next(codes), sibling))
    return People(tuple(_staff()), tuple(_numbered(students)))


def _numbered(students: list[Student]) -> Iterator[Student]:
    """With their numbers in the class list, which is in the alphabet's order."""
    listed = sorted(students, key=lambda one: (one.class_index, one.first_name, one.middle_name, one.last_name))
    place = {one.student_code: index for index, one in enumerate(listed)}
    for one in students:
        yield replace(one, number=place[one.student_code] % CLASS_SIZE + 1)


def _staff() -> Iterator[StaffMember]:
    class_teachers = {0: 0, 3: 1}
    for place, (first, last, login, subjects) in enumerate(words.TEACHERS):
        yield StaffMember(first, last, _email(login), (Role.TEACHER,), subjects, class_teachers.get(place))
    yield StaffMember(*words.PRINCIPAL[:2], _email(words.PRINCIPAL[2]), (Role.PRINCIPAL, Role.TEACHER))
    yield StaffMember(*words.ADMINISTRATOR[:2], _email(words.ADMINISTRATOR[2]), (Role.SCHOOL_ADMINISTRATOR,))
    yield StaffMember(*words.OPERATOR[:2], _email(words.OPERATOR[2]), (Role.PLATFORM_OPERATOR,))


def _student(
    random: Random, class_index: int, place: int, birth_year: int, code: str, sibling: Student | None
) -> Student:
    is_girl = (place + class_index) % 2 == 1
    names = words.GIRLS if is_girl else words.BOYS
    first_name = names[(place // 2 + 12 * class_index) % len(names)]
    family = words.FAMILIES[place if sibling else place + CLASS_SIZE * class_index]
    father_name = words.FATHERS[(place * 3 + (0 if sibling else class_index)) % len(words.FATHERS)]
    birth = date(birth_year, 1, 1) + timedelta(days=random.randrange(365))
    foreigner = (class_index, place) == FOREIGNER
    guardians = sibling.guardians if sibling else _guardians(random, class_index, place, family, father_name)
    return Student(
        class_index=class_index,
        number=0,  # given when the class is complete
        first_name=first_name,
        middle_name=_of_woman(_patronymic(father_name)) if is_girl else _patronymic(father_name),
        last_name=_of_woman(family) if is_girl else family,
        birth_date=birth,
        national_id_kind=NationalIdKind.LNCH if foreigner else NationalIdKind.EGN,
        national_id=_lnch(random) if foreigner else _egn(random, birth, is_girl),
        student_code=code,
        has_special_needs=(class_index, place) == SPECIAL_NEEDS,
        guardians=guardians,
        followers=tuple(_followers(random, class_index, place, guardians)),
    )


def _guardians(random: Random, class_index: int, place: int, family: str, father_name: str) -> tuple[Guardian, ...]:
    mother_name = words.MOTHERS[(place * 7 + class_index) % len(words.MOTHERS)]
    first = class_index == 0 and place == 0
    mother = Guardian(
        mother_name,
        _of_woman(family),
        FIRST_PHONE if first else _phone(random),
        f"roditel{class_index * CLASS_SIZE + place + 1}@{words.EMAIL_DOMAIN}",
        GuardianRelation.MOTHER,
    )
    father = Guardian(father_name, family, _phone(random), None, GuardianRelation.FATHER)
    if place == 7:
        return (Guardian("Йорданка", _of_woman(family), _phone(random), None, GuardianRelation.GRANDPARENT),)
    return (mother, father) if place % 3 != 2 else (mother,)


def _followers(random: Random, class_index: int, place: int, guardians: tuple[Guardian, ...]) -> Iterator[Follower]:
    if place in UNSUBSCRIBED:
        return
    language = Language.ENGLISH if (class_index, place) == FOREIGNER else Language.BULGARIAN
    yield Follower(guardians[0].phone, language)
    if place == FOLLOWED_TWICE and len(guardians) > 1:
        yield Follower(guardians[1].phone)
    if (class_index, place) == WAITING:
        yield Follower(_phone(random), status=SubscriptionStatus.WAITING)


def _patronymic(father_name: str) -> str:
    return f"{father_name}в" if father_name.endswith("о") else f"{father_name}ов"


def _of_woman(family: str) -> str:
    return f"{family}а"


def _email(login: str) -> str:
    return f"{login}@{words.EMAIL_DOMAIN}"


def _phone(random: Random) -> str:
    return f"+359{random.choice((88, 87, 89))}{random.randrange(2_000_000, 9_999_999)}"


def _egn(random: Random, birth: date, is_girl: bool) -> str:
    """YYMMDD, month + 40 for who was born since 2000, a serial number that is odd for girls, the check digit."""
    serial = random.randrange(0, 99) * 10 + 2 * random.randrange(5) + is_girl
    digits = f"{birth:%y}{birth.month + (40 if birth.year >= 2000 else 0):02}{birth.day:02}{serial:03}"
    return digits + str(egn.calc_check_digit(digits))


def _lnch(random: Random) -> str:
    digits = f"100{random.randrange(10**6):06}"
    return digits + str(pnf.calc_check_digit(digits))


def _student_codes(random: Random) -> Iterator[str]:
    for number in random.sample(range(10**6, 10**7), CLASS_SIZE * len(CLASSES)):
        yield f"{number}{luhn.calc_check_digit(str(number))}"
