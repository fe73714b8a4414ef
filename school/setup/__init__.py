"""A school joins: its request, its year, classes, subjects, staff and who teaches what to whom."""

from school.setup.classes import LETTERS, ClassRow, add_classes, classes, names_for, remove_class, set_class_teacher
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
    "FreeDays",
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
    "end_assignment",
    "names_for",
    "plan_of",
    "progress",
    "refuse",
    "remove_class",
    "remove_subject",
    "remove_year",
    "requests",
    "set_class_teacher",
    "staff",
    "standard_plan",
    "standard_subjects",
    "subjects",
    "years",
]
