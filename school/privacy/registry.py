"""Every table and column: whose personal data it is, how it is erased, and how it is exported.

A new table or column must be added here: `tests/school/privacy/test_registry.py` fails until it is, and says how.
Erasing and exporting read this list, so a table that is told of here with the right key is erased and exported.
"""

from collections.abc import Mapping

from sqlalchemy import and_, false, or_, select

from db.models import Payer
from school.privacy.holdings import Erased, Holding, Keys, nobodys
from school.wording.translation import Words


def _words(names: str) -> tuple[str, ...]:
    return tuple(names.split())


def _event(title: str, personal: str) -> Holding:
    return Holding(
        "a student's: the class book",
        Erased.WITH_STUDENT,
        title,
        personal=_words(personal),
        technical=_words("id school_id student_id"),
        of_student=lambda c, keys: c.student_id.in_(keys.students),
    )


def _setting_of_subscriber(title: str, personal: str) -> Holding:
    return Holding(
        "a subscriber's wishes",
        Erased.WITH_SUBSCRIBER,
        title,
        personal=_words(personal),
        technical=("subscriber_id",),
        of_parent=lambda c, keys: c.subscriber_id.in_(keys.subscribers),
    )


def _heard(c, keys: Keys):  # type: ignore[no-untyped-def]
    return or_(false(), *(and_(c.kind == kind, c.event_id.in_(ids)) for kind, ids in keys.events.items()))


def _of_payer(title: str, about: str, personal: str, technical: str) -> Holding:
    """What is kept for the books for ten years; whose it was is known only until the subscriber is erased."""
    return Holding(
        about,
        Erased.NOTHING_PERSONAL,
        title,
        personal=_words(personal),
        technical=_words(technical),
        of_parent=lambda c, keys: c.payer_id.in_(select(Payer.id).where(Payer.subscriber_id.in_(keys.subscribers))),
    )


HASHED = "a keyed hash: it says nothing, and is used to find the row"
SIGNS_IN = "what the site recognises the device by; it is of no use elsewhere"
PASSWORD = "a secret that only the person may know"  # noqa: S105

CLASS_BOOK: Mapping[str, Holding] = {
    "grade": _event(
        Words("Оценки"), "subject_id staff_id school_year_id term kind scale value mark on_date recorded_at import_id"
    ),
    "absence": _event(
        Words("Отсъствия и закъснения"), "subject_id staff_id school_year_id kind reason on_date lesson recorded_at"
    ),
    "remark": _event(Words("Забележки и похвали"), "subject_id staff_id school_year_id kind text on_date recorded_at"),
    "sanction": _event(Words("Санкции"), "staff_id school_year_id kind order_number ordered_on text recorded_at"),
    "health_note": _event(
        Words("Здравни бележки"), "staff_id school_year_id starts_on ends_on note_encrypted recorded_at"
    ),
    "excuse_note": _event(
        Words("Извинителни бележки"),
        "staff_id school_year_id kind reason starts_on ends_on school_days parent_confirmed_on recorded_at",
    ),
    "absence_notice": Holding(
        "a student's, and of the subscriber who gave it",
        Erased.WITH_STUDENT,
        Words("Известия на родител за отсъствие"),
        personal=_words(
            "channel starts_on ends_on school_days ground reason_encrypted state given_at decided_at refused_for"
        ),
        technical=_words("id school_id student_id school_year_id subscriber_id excuse_note_id decided_by"),
        of_student=lambda c, keys: c.student_id.in_(keys.students),
        of_parent=lambda c, keys: (c.school_id == keys.school_id) & c.subscriber_id.in_(keys.subscribers),
    ),
    "benefit_warning": Holding(
        "a student's",
        Erased.WITH_STUDENT,
        Words("Предупреждения за детските надбавки"),
        personal=_words("month stage half_hours warned_at"),
        technical=_words("school_id student_id absence_id"),
        of_student=lambda c, keys: c.student_id.in_(keys.students),
    ),
}

PEOPLE: Mapping[str, Holding] = {
    "student": Holding(
        "a student's",
        Erased.BY_ITS_OWN_RULE,
        Words("Ученик"),
        personal=_words(
            "class_id number_in_class first_name middle_name last_name birth_date national_id_kind "
            "national_id_encrypted has_special_needs only_named_followers left_on created_at"
        ),
        technical=_words("id school_id"),
        withheld={"national_id_hash": HASHED},
        of_student=lambda c, keys: c.id.in_(keys.students),
    ),
    "enrolment": Holding(
        "a student's",
        Erased.WITH_STUDENT,
        Words("Класове, в които е учил"),
        personal=_words("class_id number_in_class starts_on ends_on reason"),
        technical=_words("id school_id student_id"),
        of_student=lambda c, keys: c.student_id.in_(keys.students),
    ),
    "student_transfer": Holding(
        "a student's: where they went, and where they came from",
        Erased.WITH_STUDENT,
        Words("Преместване в друго училище"),
        personal=_words("to_school_id staff_id last_day offered_at admitted_at"),
        technical=_words("id school_id student_id to_student_id"),
        of_student=lambda c, keys: or_(c.student_id.in_(keys.students), c.to_student_id.in_(keys.students)),
    ),
    "brought_grade": _event(
        Words("Оценки от друго училище"), "from_school subject year term kind scale value mark on_date"
    ),
    "brought_absences": _event(Words("Отсъствия в друго училище"), "from_school year term excused unexcused late"),
    "class_group_student": Holding(
        "a student's: in which groups of the class they are",
        Erased.WITH_STUDENT,
        Words("Групи"),
        personal=_words("group_id"),
        technical=_words("school_id student_id"),
        of_student=lambda c, keys: c.student_id.in_(keys.students),
    ),
    "student_code": Holding(
        "a student's",
        Erased.WITH_STUDENT,
        "ID-кодове",
        personal=_words("code issued_at revoked_at"),
        technical=_words("school_id student_id"),
        of_student=lambda c, keys: c.student_id.in_(keys.students),
    ),
    "guardian": Holding(
        "a parent's, as the school recorded it",
        Erased.BY_ITS_OWN_RULE,
        Words("Родители и настойници"),
        personal=_words("first_name last_name phone email created_at"),
        technical=_words("id school_id"),
        of_student=lambda c, keys: c.id.in_(keys.guardians),
        of_parent=lambda c, keys: c.id.in_(keys.guardians),
        masked_for_student=_words("phone email"),
    ),
    "student_guardian": Holding(
        "a student's and a parent's: who they are to each other",
        Erased.WITH_STUDENT,
        Words("Кой на кого е родител или настойник"),
        personal=_words("student_id guardian_id relation may_be_told"),
        technical=("school_id",),
        of_student=lambda c, keys: c.student_id.in_(keys.students),
        of_parent=lambda c, keys: c.guardian_id.in_(keys.guardians),
    ),
    "subscriber": Holding(
        "a subscriber's",
        Erased.BY_ITS_OWN_RULE,
        Words("Абонат"),
        personal=_words("phone email language operator text_only slow_speech friday_summary summarised_on created_at"),
        technical=("id",),
        of_student=lambda c, keys: c.id.in_(keys.subscribers),
        of_parent=lambda c, keys: c.id.in_(keys.subscribers),
        masked_for_student=_words("phone email"),
    ),
    "subscription": Holding(
        "a student's and a subscriber's",
        Erased.WITH_STUDENT,
        Words("Абонаменти"),
        personal=_words(
            "student_id subscriber_id status sms_enabled calls_enabled email_enabled created_at following_since "
            "stopped_at came_by ended_why"
        ),
        technical=_words("id school_id removal_number"),
        withheld={"pin_hash": PASSWORD},
        of_student=lambda c, keys: c.student_id.in_(keys.students),
        of_parent=lambda c, keys: c.id.in_(keys.subscriptions),
    ),
    "notification_switch": _setting_of_subscriber(Words("Изключени известия"), "channel kind"),
    "channel_timing": _setting_of_subscriber(Words("Кога се изпраща"), "channel daily_hour"),
    "email_request": Holding(
        "a student's and a subscriber's: who asked for letters",
        Erased.WITH_STUDENT,
        Words("Заявки за писма"),
        personal=_words("email created_at expires_at confirmed_at"),
        technical=_words("school_id student_id subscriber_id"),
        withheld={
            "token_hash": "whoever has the link may confirm the request",
            "code_encrypted": "what somebody typed as an ID-code; it may be another student's",
        },
        of_student=lambda c, keys: c.student_id.in_(keys.students),
        of_parent=lambda c, keys: (
            or_(c.subscriber_id.in_(keys.subscribers), c.email.in_(keys.emails))
            & (c.school_id.is_(None) | (c.school_id == keys.school_id))
        ),
        masked_for_student=("email",),
    ),
}

TOLD: Mapping[str, Holding] = {
    "notification": Holding(
        "a student's and a subscriber's",
        Erased.BY_ITS_OWN_RULE,
        Words("Известия"),
        personal=_words("channel kind change state line due_at created_at"),
        technical=_words("id school_id subscription_id subscriber_id event_id from_hour until_hour message_id"),
        of_student=lambda c, keys: c.subscription_id.in_(keys.subscriptions),
        of_parent=lambda c, keys: c.subscription_id.in_(keys.subscriptions),
    ),
    "message": Holding(
        "a subscriber's, and of the students it tells of",
        Erased.BY_ITS_OWN_RULE,
        Words("Съобщения"),
        personal=_words("channel purpose address operator text charged state due_at created_at sent_at ended_at error"),
        technical=_words(
            "id school_id subscriber_id latin urgent expires_at from_hour until_hour attempts lease_until lease_owner "
            "refusal"
        ),
        withheld={"pin_encrypted": PASSWORD},
        of_student=lambda c, keys: c.id.in_(keys.messages),
        of_parent=lambda c, keys: c.id.in_(keys.messages),
        masked_for_student=("address",),
    ),
    "message_part": Holding(
        "of the message",
        Erased.WITH_PARENT_ROW,
        Words("Части на SMS"),
        personal=_words("number total operator state sent_at ended_at error"),
        technical=_words("message_id smsc_id"),
        of_parent=lambda c, keys: c.message_id.in_(keys.messages),
    ),
    "inbound_text": Holding(
        "of whoever has the number: what they texted",
        Erased.BY_ITS_OWN_RULE,
        Words("Получени SMS"),
        personal=_words("operator phone text_encrypted received_at handled_at command answered"),
        technical=_words("id session"),
        withheld={"fingerprint": HASHED},
        of_parent=lambda c, keys: c.id.in_(keys.texts),
    ),
    "inbound_part": Holding(
        "of whoever has the number: parts of a text that is not whole yet; soon deleted",
        Erased.BY_ITS_OWN_RULE,
        technical=_words("operator source destination kind reference number total octets data_coding first_at"),
    ),
    "early_receipt": nobodys("an operator's word about a part", "operator smsc_id state error received_at"),
    "call": Holding(
        "a student's and a subscriber's, or of whoever has the number",
        Erased.BY_ITS_OWN_RULE,
        Words("Обаждания"),
        personal=_words("direction caller started_at answered_at ended_at outcome"),
        technical=_words("id call_id school_id student_id subscription_id"),
        of_student=lambda c, keys: c.id.in_(keys.calls),
        of_parent=lambda c, keys: c.id.in_(keys.calls),
        masked_for_student=("caller",),
    ),
    "call_step": Holding(
        "of the call: names of steps, never the keys",
        Erased.NOTHING_PERSONAL,
        Words("Стъпки на обажданията"),
        personal=_words("at state input_kind"),
        technical=_words("call_id position"),
        of_student=lambda c, keys: c.call_id.in_(keys.calls),
        of_parent=lambda c, keys: c.call_id.in_(keys.calls),
    ),
    "heard_event": Holding(
        "a student's and a subscriber's: who has heard what",
        Erased.WITH_SUBSCRIBER,
        Words("Чуто по телефона"),
        personal=_words("kind first_heard_at"),
        technical=_words("subscriber_id event_id school_id"),
        of_student=lambda c, keys: (c.school_id == keys.school_id) & _heard(c, keys),
        of_parent=lambda c, keys: (c.school_id == keys.school_id) & c.subscriber_id.in_(keys.subscribers),
    ),
    "voice_message": Holding(
        "a student's and a subscriber's: what a parent told the class teacher",
        Erased.WITH_STUDENT,
        Words("Гласови съобщения до класния ръководител"),
        personal=_words("recorded_at milliseconds heard_at answered_at"),
        technical=_words("id school_id student_id subscription_id heard_by"),
        withheld={
            "sound_encrypted": "the class teacher's page plays it to whoever may hear it, for as long as it is kept"
        },
        of_student=lambda c, keys: c.student_id.in_(keys.students),
        of_parent=lambda c, keys: c.subscription_id.in_(keys.subscriptions),
    ),
    "lockout": Holding(
        "of whoever typed wrong codes: keyed hashes of numbers, codes, accounts and addresses, for a day",
        Erased.BY_ITS_OWN_RULE,
        technical=_words("kind failures locked_until forgotten_at"),
        withheld={"subject_hash": HASHED, "owner_hash": HASHED},
    ),
    "wrong_codes": Holding(
        "nobody's: how many wrong codes were typed, for a week",
        Erased.NOTHING_PERSONAL,
        technical=_words("door since count"),
    ),
}

CAMPAIGNS: Mapping[str, Holding] = {
    "campaign": Holding(
        "the school's; by whom it was made",
        Erased.NOTHING_PERSONAL,
        Words("Кампании"),
        personal=_words("staff_id kind title created_at"),
        technical=_words(
            "id school_id event_id class_id level text state starts_at ends_at from_hour until_hour weekdays "
            "attempts sms_fallback ended_at apology_for_id"
        ),
        of_staff=lambda c, keys: c.staff_id.in_(keys.staff),
    ),
    "campaign_family": Holding(
        "a family's: how it was reached and what it answered",
        Erased.BY_ITS_OWN_RULE,
        Words("Обаждания от кампании"),
        personal=_words("campaign_id state answer answered_at answered_by ended_at"),
        technical=_words("id school_id due_at position message_id"),
        of_student=lambda c, keys: c.id.in_(keys.families),
        of_parent=lambda c, keys: c.id.in_(keys.families),
    ),
    "campaign_telephone": Holding(
        "a family's",
        Erased.BY_ITS_OWN_RULE,
        Words("Телефони в кампании"),
        personal=_words("phone attempts last_result"),
        technical=_words("family_id position guardian_id due_at"),
        of_student=lambda c, keys: c.family_id.in_(keys.families),
        of_parent=lambda c, keys: c.family_id.in_(keys.families) & c.phone.in_(keys.phones),
        masked_for_student=("phone",),
    ),
    "campaign_child": Holding(
        "a student's",
        Erased.WITH_STUDENT,
        technical=_words("school_id family_id student_id"),
        of_student=lambda c, keys: c.student_id.in_(keys.students),
    ),
    "campaign_opt_out": Holding(
        "of whoever has the number",
        Erased.BY_ITS_OWN_RULE,
        Words("Отказ от обаждания"),
        personal=_words("phone at"),
        technical=("school_id",),
        of_parent=lambda c, keys: (c.school_id == keys.school_id) & c.phone.in_(keys.phones),
    ),
    "call_attempt": Holding(
        "of whoever has the number",
        Erased.BY_ITS_OWN_RULE,
        Words("Опити за обаждане"),
        personal=_words("phone dialled_at answered_at person_at ended_at result"),
        technical=_words("id school_id channel_id family_id message_id position dialer sounds_like_machine cause"),
        of_student=lambda c, keys: c.family_id.in_(keys.families) | c.message_id.in_(keys.messages),
        of_parent=lambda c, keys: (
            c.phone.in_(keys.phones) & (c.family_id.in_(keys.families) | c.message_id.in_(keys.messages))
        ),
        masked_for_student=("phone",),
    ),
}

MONEY: Mapping[str, Holding] = {
    "payer": Holding(
        "a subscriber's, who pays; the row stays for the books, and names nobody",
        Erased.BY_ITS_OWN_RULE,
        Words("Плащания за известията"),
        personal=_words("state paid_until trial_until created_at"),
        technical=_words(
            "id subscriber_id day trusted_until billed_month retry_on asked_at silence_told_at reminded_on"
        ),
        of_parent=lambda c, keys: c.subscriber_id.in_(keys.subscribers),
    ),
    "cover": Holding(
        "a student's and a payer's: who pays for whom",
        Erased.WITH_STUDENT,
        technical=_words("id payer_id school_id student_id began_at ended_at"),
    ),
    "consent": _of_payer(
        Words("Съгласия с цената"),
        "a payer's: what was agreed to",
        "way shown cents currency operator agreed_at withdrawn_at",
        "id payer_id price_id",
    ),
    "charge": _of_payer(
        Words("Таксувания по телефона"),
        "a payer's",
        "month attempt state outcome operator children cents currency planned_at sent_at ended_at",
        "id payer_id made_in price_id message_id smsc_id error reported_at settled_on",
    ),
    "payment": _of_payer(
        Words("Плащания предварително"),
        "a payer's",
        "method months until cents currency vat_percent at",
        "id payer_id reference",
    ),
    "refund": _of_payer(
        Words("Върнати суми"),
        "a payer's; names who asked and who decided by id",
        "cents currency reason asked_at decided_at granted",
        "id payer_id charge_id payment_id asked_by decided_by",
    ),
    "price": nobodys(
        "the price list", "id valid_from first_cents further_cents currency vat_percent leva_cents announced_at"
    ),
    "ledger_account": nobodys("the books; names payers by id", "id code kind payer_id operator currency"),
    "ledger_entry": nobodys("the books", "id cause reference line debit_id credit_id cents currency on_day at"),
    "billing_file": nobodys(
        "what an operator says that it charged, in sums",
        "id operator month name digest settled_on share_cents currency imported_at closed_at",
    ),
    "billing_line": nobodys(
        "the same, charge by charge, without numbers",
        "id file_id operator number reference on_day cents currency verdict charge_id",
    ),
    "billing_hold": nobodys(
        "whether anybody is charged; names who decided by id",
        "id scope reason began_at began_by lifted_at lifted_by",
    ),
}

PAYMENTS: Mapping[str, Holding] = {
    "payment_order": _of_payer(
        Words("Поръчки за плащане"),
        "a payer's: what was to be paid, and what the processor says of it",
        "way months cents currency state created_at expires_at ended_at paid_at paid_cents",
        "id invoice payer_id language code outside_name stan bcode bin",
    ),
    "payer_number": _of_payer(Words("Абонатен номер за плащане"), "a payer's", "number issued_at", "payer_id"),
    "stored_card": Holding(
        "a subscriber's: a card that we may charge, by the processor's name for it",
        Erased.WITH_SUBSCRIBER,
        Words("Запазени карти"),
        personal=_words("shown expires created_at tried_at failures"),
        technical=_words("id payer_id subscriber_id device"),
        withheld={
            "token_encrypted": "whoever has it, and our secret, can charge the card",
            "instrument_encrypted": "as the token",
        },
        of_parent=lambda c, keys: c.subscriber_id.in_(keys.subscribers),
    ),
    "payment_notice": nobodys(
        "what ePay.bg told of an order, for two months", "invoice status answer times first_at last_at"
    ),
    "desk_payment": nobodys("what a cash desk told of an order", "tid order_id at"),
    "payer_code": Holding(
        "of whoever asked for a code by SMS on the payment pages: keyed hashes, for a day",
        Erased.BY_ITS_OWN_RULE,
        technical=_words("tries asked_at expires_at"),
        withheld={"number_hash": HASHED, "code_hash": HASHED},
    ),
    "payer_code_send": Holding(
        "the same: how many were asked for, for a day",
        Erased.BY_ITS_OWN_RULE,
        technical=_words("id is_sent at"),
        withheld={"number_hash": HASHED},
    ),
}

STAFF: Mapping[str, Holding] = {
    "staff": Holding(
        "a member of staff's: the name goes, the row stays, because the class book names its authors by it",
        Erased.BY_ITS_OWN_RULE,
        Words("Служител"),
        personal=_words("first_name last_name email is_active joined_at created_at"),
        technical=_words("id school_id account_id passkeys_know totp_last_step totp_pending_until"),
        withheld={"password_hash": PASSWORD, "totp_encrypted": PASSWORD, "totp_pending_encrypted": PASSWORD},
        of_staff=lambda c, keys: c.id.in_(keys.staff),
    ),
    "staff_role": Holding(
        "a member of staff's",
        Erased.WITH_STAFF,
        Words("Роли"),
        personal=("role",),
        technical=("staff_id",),
        of_staff=lambda c, keys: c.staff_id.in_(keys.staff),
    ),
    "staff_session": Holding(
        "a member of staff's",
        Erased.WITH_STAFF,
        Words("Влизания"),
        personal=_words("device created_at last_seen_at expires_at revoked_at"),
        technical=_words("id staff_id"),
        withheld={"token_hash": PASSWORD},
        of_staff=lambda c, keys: c.staff_id.in_(keys.staff),
    ),
    "staff_link": Holding(
        "a member of staff's",
        Erased.WITH_STAFF,
        Words("Връзки за парола"),
        personal=_words("purpose new_email created_at expires_at used_at"),
        technical=("staff_id",),
        withheld={"token_hash": PASSWORD},
        of_staff=lambda c, keys: c.staff_id.in_(keys.staff),
    ),
    "passkey": Holding(
        "a member of staff's",
        Erased.WITH_STAFF,
        Words("Ключове за достъп"),
        personal=_words("name created_at last_used_at"),
        technical=_words("id staff_id sign_count"),
        withheld={"credential_id": SIGNS_IN, "credential": SIGNS_IN},
        of_staff=lambda c, keys: c.staff_id.in_(keys.staff),
    ),
    "passkey_challenge": Holding(
        "a member of staff's, for some minutes",
        Erased.WITH_STAFF,
        technical=_words("purpose staff_id expires_at"),
        withheld={"token_hash": PASSWORD, "challenge": "what a browser is asked to sign, once"},
    ),
    "recovery_code": Holding(
        "a member of staff's",
        Erased.WITH_STAFF,
        Words("Кодове за възстановяване"),
        personal=_words("created_at used_at"),
        technical=_words("id staff_id"),
        withheld={"code_hash": PASSWORD},
        of_staff=lambda c, keys: c.staff_id.in_(keys.staff),
    ),
    "second_factor_demand": nobodys(
        "who must have a second factor; names who decided by id", "id scope school_id since decided_by"
    ),
    "recording": Holding(
        "a member of staff's voice",
        Erased.BY_ITS_OWN_RULE,
        Words("Записи на гласа"),
        personal=_words("name text milliseconds source recorded_at replaced_at"),
        technical=_words("id school_id digest recorded_by"),
        withheld={"sound": "the sound itself can be heard and kept on the page of the telephone's voice"},
        of_staff=lambda c, keys: c.recorded_by.in_(keys.staff),
    ),
    "found_piece": Holding(
        "a member of staff's voice: a long recording, for two hours",
        Erased.WITH_STAFF,
        technical=_words("staff_id number school_id name text milliseconds doubtful uploaded_at"),
        withheld={"sound_encrypted": "what is kept of it stands in the recordings"},
    ),
    "recording_pass": Holding(
        "a member of staff's, for two hours",
        Erased.WITH_STAFF,
        technical=_words("school_id staff_id purpose expires_at"),
        withheld={"pin_hash": PASSWORD},
    ),
    "voice_edition": nobodys("which recordings belong together; names who made it by id", "id made_at made_by"),
    "voice_edition_recording": nobodys("which recordings belong together", "edition_id recording_id"),
    "voice_in_use": nobodys("which recordings callers hear", "id edition_id since"),
    "submission": Holding(
        "a member of staff's, and of the students in the lesson: a form, known again for a week",
        Erased.WITH_STAFF,
        technical=_words("staff_id key school_id at"),
        withheld={"answer": "what was typed stands in the class book; here it is kept for a week, to be known again"},
    ),
    "roster_upload": Holding(
        "of all who stand in an uploaded list: encrypted, for two hours",
        Erased.BY_ITS_OWN_RULE,
        technical=_words("staff_id school_id uploaded_at"),
        withheld={
            "file_name": "the uploader's, for two hours",
            "content_encrypted": "a list with others in it, for two hours; what was imported stands in its tables",
            "answers_encrypted": "what was said of that list, for two hours",
        },
    ),
    "roster_shape": nobodys("what the columns of a school's files are", "school_id shape choice used_at"),
    "grade_import": Holding(
        "a member of staff's work: it stays with the pseudonym",
        Erased.NOTHING_PERSONAL,
        Words("Внесени оценки"),
        personal=_words("class_id staff_id imported_at file_name grades undone_at"),
        technical=_words("id school_id"),
        of_staff=lambda c, keys: c.staff_id.in_(keys.staff),
    ),
    "school_request": Holding(
        "of whoever asked for a school to join, usually its administrator later",
        Erased.BY_ITS_OWN_RULE,
        Words("Заявка за училище"),
        personal=_words(
            "institution_code school_name town first_name last_name email phone text status created_at decided_at"
        ),
        technical=_words("id decided_by made_school_id"),
        of_staff=lambda c, keys: c.email.in_(keys.emails) & (c.made_school_id == keys.school_id),
    ),
    "teaching_assignment": Holding(
        "a member of staff's work: it stays with the pseudonym",
        Erased.NOTHING_PERSONAL,
        Words("Преподаване"),
        personal=_words("class_id subject_id staff_id is_profiled to_confirm"),
        technical=_words("id school_id"),
        of_staff=lambda c, keys: c.staff_id.in_(keys.staff),
    ),
    "timetable_upload": Holding(
        "of the teachers who stand in an uploaded timetable: encrypted, for two hours",
        Erased.BY_ITS_OWN_RULE,
        technical=_words("staff_id school_id uploaded_at"),
        withheld={
            "file_name": "the uploader's, for two hours",
            "content_encrypted": "a timetable with others in it, for two hours; what was imported stands in its tables",
        },
    ),
    "timetable_lesson": nobodys(
        "the timetable names its teacher by id",
        "id school_id timetable_id class_id subject_id staff_id weekday lesson week group_id room may_overlap",
    ),
    "substitution": Holding(
        "of who is away and who substitutes, both by id: it stays with the pseudonyms, as the principal's order does",
        Erased.NOTHING_PERSONAL,
        Words("Замествания"),
        personal=_words(
            "on_date lesson class_id group_id subject_id absent_id kind substitute_id reason order_number ordered_on "
            "recorded_at"
        ),
        technical=_words("id school_id"),
        of_staff=lambda c, keys: c.absent_id.in_(keys.staff) | c.substitute_id.in_(keys.staff),
    ),
    "api_token": nobodys(
        "another system's; names who made it by id",
        "id school_id title token_hash may_write created_by created_at last_used_at revoked_at",
    ),
    "audit": Holding(
        "of whom a change was about, and of who made it: details go, the row stays",
        Erased.BY_ITS_OWN_RULE,
        Words("Кой какво е записал или разгледал"),
        personal=_words("at staff_id action details"),
        technical=_words("id school_id subscriber_id entity entity_id"),
    ),
    "erasure": nobodys(
        "ids of those who were erased, which are nobody's any more",
        "id school_id kind row_id row_created_at ground at staff_id",
    ),
}

NOBODYS: Mapping[str, Holding] = {
    "school": nobodys(
        "the school's",
        "id institution_code name town pin_always notify_delay_minutes from_hour until_hour call_weekdays latin_sms "
        "new_email_waits new_sms_waits greeting today_from_hour voice_message_days created_at",
    ),
    "school_year": nobodys("the school's calendar", "id school_id starts_on ends_on"),
    "term": nobodys("the school's calendar", "school_id school_year_id number starts_on ends_on"),
    "term_end": nobodys("the school's calendar", "school_id school_year_id term_number level ends_on"),
    "vacation": nobodys("the school's calendar", "id school_id school_year_id starts_on ends_on name"),
    "school_class": nobodys(
        "the school's; names its class teacher by id",
        "id school_id school_year_id level letter class_teacher_id teacher_to_confirm",
    ),
    "rollover": nobodys(
        "the school's; names who carried it out by id",
        "id school_id school_year_id from_year_id staff_id carried_out_at made_classes finishing "
        "farewell_on farewell_at",
    ),
    "rollover_draft": nobodys(
        "the school's, until it goes over to its next year; names students by id", "school_id start wishes changed_at"
    ),
    "subject": nobodys("the school's", "id school_id name"),
    "timetable": nobodys(
        "the school's", "id school_id school_year_id title starts_on ends_on weeks week_a_on published_at created_at"
    ),
    "bell_schedule": nobodys("the school's", "id school_id name"),
    "bell": nobodys("the school's", "school_id bell_schedule_id lesson starts_at ends_at"),
    "timetable_class": nobodys("the school's", "school_id timetable_id class_id bell_schedule_id"),
    "timetable_day": nobodys("the school's", "id school_id on_date weekday week"),
    "class_group": nobodys(
        "a part of a class; who is in it stands in class_group_student", "id school_id class_id name kind"
    ),
    "remark_phrase": nobodys("the school's ready phrases", "id school_id kind text"),
    "school_event": nobodys(
        "the school's; names who announced it by id",
        "id school_id class_id level staff_id kind title place starts_at text recorded_at reminded_of",
    ),
    "retention": nobodys("the school's retention periods", "id school_id messages_days calls_days left_years"),
    "line_use": nobodys(
        "what a school used of the lines, in counts",
        "school_id day calls call_seconds sms_parts campaign_calls campaign_texts",
    ),
    "line_budget": nobodys("what a school may use of the lines", "school_id calls minutes sms_parts"),
    "campaign_stop": nobodys(
        "campaigns that were stopped; names who decided by id",
        "id school_id scope day began_at used most told_at decided_at decided_by released",
    ),
    "data_key": nobodys(
        "what everything is encrypted under, wrapped", "version secret_key wrapped created_at completed_at"
    ),
    "apscheduler_jobs": nobodys("when jobs run", "id next_run_time job_state"),
    "lease": nobodys("which process does what only one may do", "name holder term until"),
    "job_run": nobodys("what jobs did, in counts", "job started_at ended_at outcome result"),
    "backup": nobodys("which backups there are", "name made_at size verified_at trouble"),
    "process_status": nobodys("how processes are", "process instance part state works last_error figures updated_at"),
}

REGISTRY: Mapping[str, Holding] = {**PEOPLE, **CLASS_BOOK, **TOLD, **CAMPAIGNS, **MONEY, **PAYMENTS, **STAFF, **NOBODYS}
"""By name of table, in the order of an export."""
