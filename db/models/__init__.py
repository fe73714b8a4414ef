"""The tables, by topic."""

from db.base import Base
from db.models.accounts import ApiToken, SchoolRequest, StaffLink, StaffSession
from db.models.attendance import AbsenceNotice, BenefitWarning
from db.models.audit import Audit
from db.models.backups import Backup
from db.models.billing import Charge, Consent, Cover, Payer, Payment, Price, Refund
from db.models.campaigns import (
    CallAttempt,
    Campaign,
    CampaignChild,
    CampaignFamily,
    CampaignOptOut,
    CampaignTelephone,
)
from db.models.classbook import (
    EVENT_TABLES,
    STUDENT_EVENT_TABLES,
    Absence,
    Grade,
    HealthNote,
    Remark,
    Sanction,
    SchoolEvent,
    StudentEvent,
)
from db.models.clock import JobRun, Lease, Retention, ScheduledJob
from db.models.enrolments import Enrolment, Rollover, RolloverDraft
from db.models.inbound import InboundPart, InboundText
from db.models.keys import DataKey
from db.models.ledger import BillingFile, BillingHold, BillingLine, LedgerAccount, LedgerEntry
from db.models.lines import CampaignStop, LineBudget, LineUse
from db.models.monitoring import ProcessStatus
from db.models.outbox import (
    ChannelTiming,
    EarlyReceipt,
    Message,
    MessagePart,
    Notification,
    NotificationSwitch,
)
from db.models.payments import (
    DeskPayment,
    PayerCode,
    PayerCodeSend,
    PayerNumber,
    PaymentNotice,
    PaymentOrder,
    StoredCard,
)
from db.models.people import Guardian, SchoolClass, Staff, StaffRole, Student, StudentCode, StudentGuardian
from db.models.privacy import Erasure
from db.models.recordings import FoundPiece, Recording, RecordingPass, VoiceEdition, VoiceEditionRecording, VoiceInUse
from db.models.schools import School, SchoolYear, Term, TermEnd, Vacation
from db.models.second_step import Passkey, PasskeyChallenge, RecoveryCode, SecondFactorDemand
from db.models.subjects import Subject, TeachingAssignment
from db.models.subscriptions import EmailRequest, Subscriber, Subscription
from db.models.teaching import ExcuseNote, GradeImport, RemarkPhrase, RosterShape, RosterUpload, Submission
from db.models.timetable import (
    Bell,
    BellSchedule,
    ClassGroup,
    ClassGroupStudent,
    Substitution,
    Timetable,
    TimetableClass,
    TimetableDay,
    TimetableLesson,
    TimetableUpload,
)
from db.models.transfers import BroughtAbsences, BroughtGrade, StudentTransfer
from db.models.voice import Call, CallStep, HeardEvent, Lockout, WrongCodes
from db.models.voice_messages import VoiceMessage

__all__ = [
    "EVENT_TABLES",
    "STUDENT_EVENT_TABLES",
    "Absence",
    "AbsenceNotice",
    "ApiToken",
    "Audit",
    "Backup",
    "Base",
    "Bell",
    "BellSchedule",
    "BenefitWarning",
    "BillingFile",
    "BillingHold",
    "BillingLine",
    "BroughtAbsences",
    "BroughtGrade",
    "Call",
    "CallAttempt",
    "CallStep",
    "Campaign",
    "CampaignChild",
    "CampaignFamily",
    "CampaignOptOut",
    "CampaignStop",
    "CampaignTelephone",
    "ChannelTiming",
    "Charge",
    "ClassGroup",
    "ClassGroupStudent",
    "Consent",
    "Cover",
    "DataKey",
    "DeskPayment",
    "EarlyReceipt",
    "EmailRequest",
    "Enrolment",
    "Erasure",
    "ExcuseNote",
    "FoundPiece",
    "Grade",
    "GradeImport",
    "Guardian",
    "HealthNote",
    "HeardEvent",
    "InboundPart",
    "InboundText",
    "JobRun",
    "Lease",
    "LedgerAccount",
    "LedgerEntry",
    "LineBudget",
    "LineUse",
    "Lockout",
    "Message",
    "MessagePart",
    "Notification",
    "NotificationSwitch",
    "Passkey",
    "PasskeyChallenge",
    "Payer",
    "PayerCode",
    "PayerCodeSend",
    "PayerNumber",
    "Payment",
    "PaymentNotice",
    "PaymentOrder",
    "Price",
    "ProcessStatus",
    "Recording",
    "RecordingPass",
    "RecoveryCode",
    "Refund",
    "Remark",
    "RemarkPhrase",
    "Retention",
    "Rollover",
    "RolloverDraft",
    "RosterShape",
    "RosterUpload",
    "Sanction",
    "ScheduledJob",
    "School",
    "SchoolClass",
    "SchoolEvent",
    "SchoolRequest",
    "SchoolYear",
    "SecondFactorDemand",
    "Staff",
    "StaffLink",
    "StaffRole",
    "StaffSession",
    "StoredCard",
    "Student",
    "StudentCode",
    "StudentEvent",
    "StudentGuardian",
    "StudentTransfer",
    "Subject",
    "Submission",
    "Subscriber",
    "Subscription",
    "Substitution",
    "TeachingAssignment",
    "Term",
    "TermEnd",
    "Timetable",
    "TimetableClass",
    "TimetableDay",
    "TimetableLesson",
    "TimetableUpload",
    "Vacation",
    "VoiceEdition",
    "VoiceEditionRecording",
    "VoiceInUse",
    "VoiceMessage",
    "WrongCodes",
]
