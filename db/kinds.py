"""Kinds and states stored in the tables: one enumeration each, stored by value.

A value is part of the database (and of its CHECK constraints): never rename one, add a migration instead.
"""

from enum import StrEnum


class Language(StrEnum):
    """Language a person is spoken and written to in."""

    BULGARIAN = "bg"
    ENGLISH = "en"


class Role(StrEnum):
    """What a staff account may do. A class teacher is a teacher to whom a class points."""

    TEACHER = "teacher"
    PRINCIPAL = "principal"
    SCHOOL_ADMINISTRATOR = "school_administrator"
    PLATFORM_OPERATOR = "platform_operator"


class GuardianRelation(StrEnum):
    """Who a guardian is to the student."""

    MOTHER = "mother"
    FATHER = "father"
    PARENT = "parent"
    """One of them, and the school's list does not say which."""
    GRANDPARENT = "grandparent"
    GUARDIAN = "guardian"
    FOSTER_PARENT = "foster_parent"


class NationalIdKind(StrEnum):
    """ЕГН of citizens, ЛНЧ of foreigners who live in Bulgaria."""

    EGN = "egn"
    LNCH = "lnch"


class GradeKind(StrEnum):
    """How a grade was earned, or that it closes a term or a year."""

    CURRENT = "current"  # текуща
    ORAL = "oral"  # устно изпитване
    WRITTEN = "written"  # писмено изпитване
    CONTROL_WORK = "control_work"  # контролно
    CLASS_WORK = "class_work"  # класно
    TEST = "test"  # тест
    HOMEWORK = "homework"  # домашно
    PROJECT = "project"  # проект
    ENTRY_LEVEL = "entry_level"  # входно ниво
    EXIT_LEVEL = "exit_level"  # изходно ниво
    TERM = "term"  # срочна
    ANNUAL = "annual"  # годишна

    @property
    def closes(self) -> bool:
        """Whether it closes a term or a year, and so does not count in an average."""
        return self in (GradeKind.TERM, GradeKind.ANNUAL)


class GradeScale(StrEnum):
    """Numbers 2-6; words for levels 1-3; words for students with special needs."""

    NUMERIC = "numeric"
    QUALITATIVE = "qualitative"
    SPECIAL_NEEDS = "special_needs"


class Mark(StrEnum):
    """A grade given in words."""

    EXCELLENT = "excellent"  # отличен
    VERY_GOOD = "very_good"  # много добър
    GOOD = "good"  # добър
    AVERAGE = "average"  # среден
    UNSATISFACTORY = "unsatisfactory"  # незадоволителен
    STRUGGLES = "struggles"  # среща затруднения
    COPES = "copes"  # справя се
    ACHIEVES = "achieves"  # постига изискванията

    @property
    def scale(self) -> GradeScale:
        """The scale the word belongs to."""
        special = (Mark.STRUGGLES, Mark.COPES, Mark.ACHIEVES)
        return GradeScale.SPECIAL_NEEDS if self in special else GradeScale.QUALITATIVE


FIRST_LESSON, LAST_LESSON = 1, 15
"""Numbers of a day's lessons: a school that teaches in two shifts numbers them on through the day."""


class AbsenceKind(StrEnum):
    """A missed lesson, or up to 20 minutes of it (late)."""

    UNEXCUSED = "unexcused"
    EXCUSED = "excused"
    LATE = "late"

    @property
    def half_hours(self) -> int:
        """How many half hours it adds to the unexcused absences: lateness counts one half of a lesson."""
        return {AbsenceKind.UNEXCUSED: 2, AbsenceKind.LATE: 1, AbsenceKind.EXCUSED: 0}[self]


class AbsenceReason(StrEnum):
    """Why an absence is excused."""

    HEALTH = "health"  # здравословни
    FAMILY = "family"  # семейни
    OTHER = "other"  # други


class RemarkKind(StrEnum):
    """A teacher's note."""

    CENSURE = "censure"  # забележка
    PRAISE = "praise"  # похвала


class SanctionKind(StrEnum):
    """Formal sanctions of чл. 199 ЗПУО, mildest first."""

    REPRIMAND = "reprimand"  # забележка
    OTHER_CLASS = "other_class"  # преместване в друга паралелка
    WARNING = "warning"  # предупреждение за преместване в друго училище
    OTHER_SCHOOL = "other_school"  # преместване в друго училище
    INDEPENDENT_STUDY = "independent_study"  # преместване в самостоятелна форма на обучение


class SchoolEventKind(StrEnum):
    """What parents are invited to."""

    MEETING = "meeting"  # родителска среща
    EVENT = "event"  # мероприятие


class EventKind(StrEnum):
    """What a parent can be told of. MEETING and EVENT are rows of one table and share its ids."""

    GRADE = "grade"
    ABSENCE = "absence"
    REMARK = "remark"
    HEALTH = "health"
    MEETING = "meeting"
    EVENT = "event"


class EventChange(StrEnum):
    """What a notification tells of its event."""

    RECORDED = "recorded"
    CORRECTED = "corrected"
    DELETED = "deleted"


class Channel(StrEnum):
    """How a subscriber is told."""

    SMS = "sms"
    EMAIL = "email"
    CALL = "call"


class NotificationState(StrEnum):
    """PENDING: not yet in a message. BUNDLED: its message tells the rest."""

    PENDING = "pending"
    BUNDLED = "bundled"
    CANCELLED = "cancelled"


class MessagePurpose(StrEnum):
    """Why a message is sent."""

    NOTIFICATION = "notification"  # what happened at school
    ANSWER = "answer"  # to what the subscriber wrote
    SERVICE = "service"  # about the subscription, unasked: a new follower, an approval
    CHARGE = "charge"  # the monthly price
    CAMPAIGN = "campaign"  # for a family that a campaign did not reach by telephone


class MessageState(StrEnum):
    """States of a message; which leads where is told in `school.outbox.states`."""

    READY = "ready"  # to be sent when due
    CLAIMED = "claimed"  # a sender has it in hand, for as long as its lease runs
    SENT = "sent"  # the operator or mail server has it
    DELIVERED = "delivered"  # it is in the telephone
    FAILED = "failed"  # given up
    UNKNOWN = "unknown"  # it went out and no answer came: may have arrived
    EXPIRED = "expired"  # too old to be of use
    CANCELLED = "cancelled"


class PartState(StrEnum):
    """States of one part of an SMS."""

    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"


class SubscriptionStatus(StrEnum):
    """WAITING: for the class teacher's approval. Only ACTIVE ones hear anything."""

    WAITING = "waiting"
    ACTIVE = "active"
    STOPPED = "stopped"


class FollowWay(StrEnum):
    """By what a subscription came. One whose way is not known counts as come by the ID-code."""

    CODE = "code"  # the ID-code, by SMS
    EMAIL = "email"  # the ID-code and an address, on the page
    NATIONAL_ID = "national_id"  # from a guardian's number
    APPROVAL = "approval"  # the class teacher or a leader let it


class EndReason(StrEnum):
    """Why somebody else than the subscriber ended a subscription."""

    STRANGER = "stranger"
    FAMILY_ASKED = "family_asked"
    COURT_ORDER = "court_order"
    MISTAKE = "mistake"
    OTHER = "other"
    FAMILY = "family"  # the family's first subscriber, by SMS
    NEW_CODE = "new_code"  # the ID-code by which it came was replaced
    GUARDIAN_REMOVED = "guardian_removed"
    GUARDIAN_CHANGED = "guardian_changed"  # the guardian has another number or address now
    NOT_TOLD = "not_told"  # the guardian may not be told
    ONLY_NAMED = "only_named"  # only those whom the school names may be told
    REFUSED = "refused"  # the class teacher refused the request
    LEFT = "left"  # the student left the school


class EnrolmentReason(StrEnum):
    """Why a student came to be in a class."""

    ADMITTED = "admitted"  # new in the school
    RETURNED = "returned"  # had left the school
    MOVED = "moved"  # from another class of the year
    PROMOTED = "promoted"  # from the class of the year before
    REPEATS = "repeats"  # was at this level in the year before
    TRANSFERRED = "transferred"  # from another school of the platform


END_REASONS_OF_STAFF = (
    EndReason.STRANGER,
    EndReason.FAMILY_ASKED,
    EndReason.COURT_ORDER,
    EndReason.MISTAKE,
    EndReason.OTHER,
)
"""Those that people of the school choose from."""


class CodeFollowers(StrEnum):
    """What becomes of those who came by an ID-code that is replaced."""

    GUARDIANS_STAY = "guardians-stay"
    ALL_STAY = "all-stay"
    ALL_END = "all-end"


class CallDirection(StrEnum):
    """Who dialled."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class CallOutcome(StrEnum):
    """How an answered call ended."""

    FINISHED = "finished"  # the dialogue came to its goodbye
    HUNG_UP = "hung_up"  # the caller hung up before it
    SILENT = "silent"  # nothing usable was pressed, the goodbye after three tries
    REFUSED = "refused"  # the code or the PIN was wrong, or the caller is locked out
    FAILED = "failed"  # our fault: the caller heard the apology


class InputKind(StrEnum):
    """What a step of a call got from the caller: whether a key came, never which one."""

    KEY = "key"
    SILENCE = "silence"
    INVALID = "invalid"
    HANGUP = "hangup"
    NONE = "none"


class LockoutKind(StrEnum):
    """What tries are counted against; `school.security.lockouts.SCHEDULES` has how many each lets through."""

    CALLER = "caller"  # a telephone number
    HIDDEN = "hidden"  # all who hide theirs
    CODE_AND_CALLER = "code_and_caller"  # a code or national id as one telephone number types it
    CODE_BY_CALL = "code_by_call"  # a code as strangers type it, door by door
    CODE_BY_SMS = "code_by_sms"
    CODE_BY_WEB = "code_by_web"
    ACCOUNT = "account"  # a staff account as one network tries it
    ACCOUNT_ANYWHERE = "account_anywhere"  # the same by all devices that are not known
    DEVICE = "device"  # one known device of an account
    OLD_PASSWORD = "old_password"  # noqa: S105  # asked of who is signed in
    ADDRESS = "address"  # sign-ins from a network address
    WEB_ADDRESS = "web_address"  # codes from a network address
    WEB_NETWORK = "web_network"  # codes from all addresses of a network
    WEB_BRAKED = "web_braked"  # the same while somebody guesses there
    MAILBOX = "mailbox"  # codes typed with an e-mail address
    LETTER = "letter"  # letters that an address did not ask for itself
    RESET_LETTER = "reset_letter"  # the same for a forgotten password
    PAYER_ADDRESS = "payer_address"  # codes for the payment pages asked for from a network address
    PAYER_NETWORK = "payer_network"  # the same from all addresses of a network


class Door(StrEnum):
    """Where ID-codes can be typed."""

    CALL = "call"
    SMS = "sms"
    WEB = "web"


class PassPurpose(StrEnum):
    """What the PIN from a page opens on the telephone."""

    RECORDING = "recording"
    MESSAGES = "messages"


class LinkPurpose(StrEnum):
    """What a one-time link is for."""

    INVITATION = "invitation"
    RESET = "reset"
    NEW_EMAIL = "new_email"


class PasskeyUse(StrEnum):
    """What a passkey is asked for."""

    SIGN_IN = "sign_in"
    REGISTER = "register"
    PROVE = "prove"  # that it is still the person who signed in, before their account is changed


class SchoolRequestStatus(StrEnum):
    """What became of a school's wish to join."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"


class ExcuseKind(StrEnum):
    """By which paper absences are excused (чл. 62 (1) of the Ordinance on inclusive education)."""

    PARENT = "parent"  # заявление от родител: only so many school days a year
    MEDICAL = "medical"  # медицинска бележка
    ORGANISER = "organiser"  # документ от организатор of a competition or concert, confirmed by the parent


class NoticeState(StrEnum):
    """States of a parent's notice of an absence; which leads where is told in `school.attendance.notice_states`."""

    COUNTED = "counted"  # within the limits and in time: it excused at once
    WAITING = "waiting"  # for the class teacher's decision
    ACCEPTED = "accepted"  # by the class teacher
    REFUSED = "refused"
    REPLACED = "replaced"  # the parent gave another one for the same days, which counted


class Obstacle(StrEnum):
    """Why a parent's notice does not count by itself, and the only reasons for which it may be refused.

    Ordinance on inclusive education, art. 62 (1) 3.
    """

    AT_ONCE = "at_once"  # more school days than one notice may excuse
    A_YEAR = "a_year"  # more than the year has left
    LATE = "late"  # given after the first day of the absence
    NO_REASON = "no_reason"


class CampaignKind(StrEnum):
    """What parents are called for."""

    MEETING = "meeting"  # a meeting or event of the school: they answer whether they come
    ANNOUNCEMENT = "announcement"


class CampaignState(StrEnum):
    """States of a campaign; which leads where is told in `school.campaigns.states`."""

    DRAFT = "draft"  # being prepared: nobody is called
    SCHEDULED = "scheduled"  # starts at its hour
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"  # by a person, or because its meeting was called off
    FINISHED = "finished"


class FamilyState(StrEnum):
    """How far a campaign has come with one family."""

    WAITING = "waiting"  # to be called when due
    CALLING = "calling"
    REACHED = "reached"  # a person heard it, or answered
    MACHINE = "machine"  # an answering machine has the short version
    NOT_REACHED = "not_reached"  # no telephone left to try, or no time
    OPTED_OUT = "opted_out"
    SKIPPED = "skipped"  # the campaign was stopped, or a sibling's call reached them
    UNKNOWN = "unknown"  # a call whose end nobody saw: never repeated by itself
    NOT_ALLOWED = "not_allowed"  # our lines do not reach its numbers
    WRITTEN = "written"  # was sent an SMS and is not called


class MeetingAnswer(StrEnum):
    """What a family answered to an invitation."""

    COMES = "comes"
    COMES_NOT = "comes_not"


class CallResult(StrEnum):
    """How an outbound call ended."""

    REACHED = "reached"  # a key proved a person, or everything was told
    MACHINE = "machine"
    CUT_SHORT = "cut_short"  # answered, and hung up before anything was told
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    BAD_NUMBER = "bad_number"
    TRUNK = "trunk"  # the fault of our trunk: the parents' telephone never rang
    FAILED = "failed"  # answered, and our own failure: the parent heard the apology
    UNKNOWN = "unknown"  # nobody saw its end
    NOT_ALLOWED = "not_allowed"  # our lines do not reach the number: it was not dialled


class RecordingSource(StrEnum):
    """How a recording came."""

    UPLOAD = "upload"
    LONG_RECORDING = "long_recording"  # taken apart by its pauses
    TELEPHONE = "telephone"


class JobOutcome(StrEnum):
    """How a run of a job of the clock ended."""

    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"  # its time passed while no scheduler ran, and it is of no use later


class ErasedKind(StrEnum):
    """What was erased: the table whose row of a person went, or (staff) lost its name."""

    STUDENT = "student"
    GUARDIAN = "guardian"
    SUBSCRIBER = "subscriber"
    STAFF = "staff"


class ErasureGround(StrEnum):
    """Why a person was erased: the grounds of GDPR article 17 (1), and the end of the retention period.

    A choice and no free text: what is typed there would be personal data that nobody erases.
    """

    EXPIRED = "expired"  # the retention period has ended; by the clock
    NOT_NEEDED = "not_needed"  # (a)
    CONSENT_WITHDRAWN = "consent_withdrawn"  # (b)
    OBJECTION = "objection"  # (c)
    UNLAWFUL = "unlawful"  # (d): recorded by mistake, or of somebody who never was at the school
    LEGAL_DUTY = "legal_duty"  # (e)


class GroupKind(StrEnum):
    """What a part of a class is."""

    GROUP = "group"
    INDIVIDUAL = "individual"
    """индивидуален график: who has one is not in the class's lessons of those subjects."""


class SubstitutionKind(StrEnum):
    """What becomes of a lesson whose teacher is away."""

    SPECIALIST = "specialist"
    NON_SPECIALIST = "non_specialist"
    """The lesson becomes civic education."""
    EXTERNAL = "external"
    """външен лектор, with an account of the school."""
    EMPTY = "empty"


class PayerState(StrEnum):
    """What a payer owes; which leads where is told in `school.billing.states`."""

    TRIAL = "trial"  # free at first
    AWAITING_CONSENT = "awaiting_consent"  # knows the price and has not agreed to it
    ACTIVE = "active"
    PASSIVE = "passive"  # the school entered nothing in the last month: nothing was charged
    GRACE = "grace"  # a charge failed and will be tried again
    SUSPENDED = "suspended"  # not told by SMS, e-mail or calls until paid
    CANCELLED = "cancelled"  # wrote СТОП


class ConsentWay(StrEnum):
    """How a payer agreed to the price."""

    ONE_STEP = "one_step"  # the ID-code itself, where the contract with the operator lets it
    TWO_STEPS = "two_steps"  # ДА in answer to the price
    PAID = "paid"  # paid ahead, with the price in sight


class ChargeState(StrEnum):
    """States of an attempt to charge a telephone for a month; PASSIVE: nothing was owed for the month."""

    PLANNED = "planned"  # its SMS waits in the outbox
    SENT = "sent"  # the operator has it and has not reported
    CHARGED = "charged"
    FAILED = "failed"
    UNKNOWN = "unknown"  # no report: the operator's file decides, and nobody tries again
    CANCELLED = "cancelled"  # it never left
    PASSIVE = "passive"


class ChargeOutcome(StrEnum):
    """How an operator answered to a charge; `school.billing.outcomes` has what follows from each."""

    CHARGED = "charged"
    CREDIT = "credit"  # not enough of it
    BARRED = "barred"
    LIMIT = "limit"  # the subscriber's or the operator's limit is reached
    UNKNOWN_NUMBER = "unknown_number"
    TEMPORARY = "temporary"
    NO_REPORT = "no_report"


class AccountKind(StrEnum):
    """Kinds of accounts of the ledger."""

    PAYER = "payer"  # what a payer owes
    RECEIVABLE = "operator_receivable"  # what an operator charged for us and has not paid out
    SHARE = "operator_share"  # what operators keep
    SETTLED = "operator_settled"  # what an operator paid out
    EPAY = "epay"
    EASYPAY = "easypay"
    BANK = "bank"
    INCOME = "income"
    VAT = "vat"
    REFUNDS = "refunds"
    WRITE_OFFS = "write_offs"
    NOT_OURS = "not_ours"  # reported by an operator, and no charge of ours


class LedgerCause(StrEnum):
    """Why an entry of the ledger was made."""

    MONTH_DUE = "month_due"
    CHARGED = "charged"
    PAYMENT = "payment"
    REFUND = "refund"
    WRITE_OFF = "write_off"
    REPORTED = "reported"  # an operator's file has it otherwise than we
    SETTLEMENT = "settlement"
    CORRECTION = "correction"


class LineVerdict(StrEnum):
    """What a line of an operator's file is to us."""

    MATCHED = "matched"
    DIFFERS = "differs"  # another amount than we asked for
    THEIRS_ONLY = "theirs_only"
    NOT_CHARGED = "not_charged"  # the operator says that it charged nothing


class PaymentWay(StrEnum):
    """How a payer pays an order."""

    EPAY = "epay"  # from an account at ePay.bg
    CARD = "card"  # by a card on ePay.bg's page
    SAVED_CARD = "saved_card"  # by a card on ePay.bg's page that is stored for the months to come
    STORED_CARD = "stored_card"  # by the token of such a card
    EASYPAY = "easypay"  # in cash, by a code of 10 digits
    DESK = "desk"  # in cash, by the payer's own number


class OrderState(StrEnum):
    """What became of an order; which leads where is told in `school.billing.orders`."""

    WAITING = "waiting"
    PAID = "paid"
    DENIED = "denied"  # the payer, or their bank, refused
    EXPIRED = "expired"
    CANCELLED = "cancelled"
