"""A school joins: its request, its year, classes, subjects, staff and who teaches what to whom."""

from school.setup.classes import LETTERS, ClassRow, add_classes, classes, names_for, remove_class, set_class_teacher
from school.setup.duties import Duties, Duty
from school.setup.duties import has_any as has_duties
from school.setup.duties import of as duties_of
from school.setup.identity import Identity, correct_national_id, identity, rename, rename_school, school_name
from school.setup.leaving import leave
from school.setup.progress import Progress, progress
from school.setup.requests import Approved, RequestRow, approve, ask_to_join, refuse, requests
from school.setup.staff import (
    ROLES,
    AssignmentRow,
    StaffMember,
    add_staff,
    assign,
    assignments,
    change_staff,
    correct_email,
    end_assignment,
    staff,
)
from school.setup.subjects import (
    StandardSubject,
    SubjectRow,
    add_subjects,
    remove_subject,
    standard_subjects,
    subjects,
)
from school.years.plans import CalendarPlan, FreeDays, standard_plan
from school.years.years import YearRow, add_year, change_year, plan_of, remove_year, years

__all__ = [
    "LETTERS",
    "ROLES",
    "Approved",
    "AssignmentRow",
    "CalendarPlan",
    "ClassRow",
    "Duties",
    "Duty",
    "FreeDays",
    "Identity",
    "Progress",
    "RequestRow",
    "StaffMember",
    "StandardSubject",
    "SubjectRow",
    "YearRow",
    "add_classes",
    "add_staff",
    "add_subjects",
    "add_year",
    "approve",
    "ask_to_join",
    "assign",
    "assignments",
    "change_staff",
    "change_year",
    "classes",
    "correct_email",
    "correct_national_id",
    "duties_of",
    "end_assignment",
    "has_duties",
    "identity",
    "leave",
    "names_for",
    "plan_of",
    "progress",
    "refuse",
    "remove_class",
    "remove_subject",
    "remove_year",
    "rename",
    "rename_school",
    "requests",
    "school_name",
    "set_class_teacher",
    "staff",
    "standard_plan",
    "standard_subjects",
    "subjects",
    "years",
]
