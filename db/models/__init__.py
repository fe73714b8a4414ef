"""The tables, by topic."""

from db.base import Base
from db.models.audit import Audit
from db.models.classbook import Absence, Grade, HealthNote, Remark, Sanction, SchoolEvent
from db.models.people import Guardian, SchoolClass, Staff, StaffRole, Student, StudentCode, StudentGuardian
from db.models.schools import School, SchoolYear, Term, TermEnd, Vacation
from db.models.subjects import Subject, TeachingAssignment
from db.models.subscriptions import Subscriber, Subscription
from db.models.voice import Call, CallStep, HeardEvent, Lockout

__all__ = [
    "Absence",
    "Audit",
    "Base",
    "Call",
    "CallStep",
    "Grade",
    "Guardian",
    "HealthNote",
    "HeardEvent",
    "Lockout",
    "Remark",
    "Sanction",
    "School",
    "SchoolClass",
    "SchoolEvent",
    "SchoolYear",
    "Staff",
    "StaffRole",
    "Student",
    "StudentCode",
    "StudentGuardian",
    "Subject",
    "Subscriber",
    "Subscription",
    "TeachingAssignment",
    "Term",
    "TermEnd",
    "Vacation",
]
