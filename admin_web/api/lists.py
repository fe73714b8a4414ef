"""The shapes of the API's lists."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from admin_web.api.fields import Id

PAGE_AT_MOST = 500
NATIONAL_IDS_AT_MOST = 1000


class FromRow(BaseModel):
    """Made of a row with the same names."""

    model_config = ConfigDict(from_attributes=True)


class School(FromRow):
    """The school whose token it is."""

    institution_code: str = Field(description="Its code in НЕИСПУО.")
    name: str
    town: str
    year_starts_on: date | None = Field(description="Of the school year that runs or began last.")
    year_ends_on: date | None


class SchoolClass(FromRow):
    """A class of the school year, such as 8а."""

    id: int
    name: str
    level: int
    class_teacher_id: int | None


class Classes(BaseModel):
    """All classes of the year."""

    classes: list[SchoolClass]


class Subject(FromRow):
    """A subject."""

    id: int
    name: str


class Subjects(BaseModel):
    """All subjects of the school."""

    subjects: list[Subject]


class Teacher(FromRow):
    """A person in whose name an event can be handed in."""

    id: int
    first_name: str
    last_name: str
    email: str


class Teachers(BaseModel):
    """All active staff of the school."""

    teachers: list[Teacher]


class Teaching(FromRow):
    """Who teaches what to which class."""

    class_id: int
    subject_id: int
    teacher_id: int


class TeachingList(BaseModel):
    """All teaching of the year."""

    teaching: list[Teaching]


class StudentsAsked(BaseModel):
    """Which students."""

    class_id: Id | None = Field(None, description="Only of this class.")
    after: int = Field(0, ge=0, le=2**31 - 1, description="`next` of the page before.")
    limit: int = Field(100, ge=1, le=PAGE_AT_MOST, description="How many at most.")


class Student(FromRow):
    """A student in a class."""

    id: int
    class_id: int
    class_name: str
    number: int | None = Field(description="In the class.")
    first_name: str
    middle_name: str
    last_name: str


class Students(BaseModel):
    """One page."""

    students: list[Student]
    next: int | None = Field(description="Give it as `after` for the next page; null: this was the last.")


class NationalIds(BaseModel):
    """Numbers to find students by. They are in the body, never in an address: addresses stand in logs."""

    model_config = ConfigDict(extra="forbid")

    national_ids: list[str] = Field(
        min_length=1, max_length=NATIONAL_IDS_AT_MOST, description="ЕГН or ЛНЧ, 10 digits each."
    )


class StudentIds(BaseModel):
    """The students, in the order of the numbers."""

    student_ids: list[int | None] = Field(description="null: no such number, or nobody's who is in a class.")
