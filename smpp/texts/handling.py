"""Carries out a parent's text and puts the answer into the outbox, in the caller's transaction.

One text acts on one number alone: the one it came from. The answer goes back by the operator that brought the text.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

import logs
from db.kinds import Channel, Language, MeetingAnswer, MessagePurpose, SubscriptionStatus
from errors import InputError
from school import entitlement, outbox
from school.billing import answers as billing_answers
from school.billing.prices import price_on
from school.campaigns import answers as campaign_answers
from school.dialling import call_backs
from school.following import notices
from school.following import wording as notice_words
from school.following.dropped import take_address
from school.following.ending import EndedBy
from school.hearing import records
from school.hearing.access import Child, recognise
from school.security import destinations, pins
from school.students import national_ids
from school.subscriptions import by_email, ending, inbox, stopping, subscribers, subscribing, texts, wording
from school.subscriptions.ending import RemovalOutcome
from school.subscriptions.subscribers import Followed, Person
from school.subscriptions.subscribing import FollowOutcome
from school.wording.service import Numbers
from school.wording.translation import FOREIGN, SOURCE, in_latin
from school.years import calendar
from smpp.texts import excuse_answers, wish_answers
from smpp.texts.commands import (
    Absences,
    Agree,
    Bill,
    CallBack,
    Coming,
    Command,
    Complaint,
    Grades,
    Help,
    Letters,
    Meetings,
    NewPin,
    Notice,
    Price,
    Remove,
    Stop,
    StopAsked,
    Subscribe,
    Thanks,
    Unknown,
)
from smpp.texts.excusing import Excuse
from smpp.texts.names import likeness, named
from smpp.texts.numbers import is_phone
from smpp.texts.parsing import is_english, parse
from smpp.texts.slow_words import SlowSpeech
from smpp.texts.subjects import Subject, SubjectKind
from smpp.texts.today_words import Today
from smpp.texts.wish_words import Hour, HowItStands, Kinds, NoCalls, TextOnly, UnclearWish, Wish, WrongHour

log = logs.get(__name__)

MOST_SUBJECTS = 5
"""Students whom one text may ask to follow."""
MOST_ALIKE = 2
"""Times that a number is answered within an hour to a text that is not understood, when it is the same text."""
NEWEST = 5
NEWEST_OF_SEVERAL = 3
"""Records of each child in an answer, for one child and for more."""


@dataclass(frozen=True, slots=True)
class Handled:
    """What the text was understood as, for its row (at most 20 characters), and whether an answer was sent."""

    command: str
    answered: bool


@dataclass(frozen=True, slots=True)
class _Reply:
    """What to send back; no text: silence. `{pin}` in it stands for `pin`."""

    command: str
    text: str | None
    pin: str | None = None
    latin: bool = False


@dataclass(frozen=True, slots=True)
class _Asker:
    """Who wrote; `person` None: a number that is new to us."""

    session: Session
    phone: str
    operator: str
    now: datetime
    numbers: Numbers
    person: Person | None
    in_english: bool = False
    """The text is English, whatever language the subscriber has chosen."""

    @property
    def language(self) -> Language:
        if self.in_english:
            return FOREIGN
        return self.person.language if self.person else SOURCE

    @property
    def price(self) -> str:
        return price_on(self.session, calendar.today(self.now)).told(self.language)


def handle(
    session: Session, *, phone: str, operator: str, text: str, now: datetime, numbers: Numbers | None = None
) -> Handled:
    """Do what a text asks for and put the answer into the outbox.

    `phone` (E.164) wrote `text` by way of `operator`. Needs a writing session that is committed whatever comes of it,
    and the text's row in it already, its `handled_at` set to the same `now`: limits are counted over those rows.
    Raises nothing for what a parent may write. A number that our lines do not write to (`school.security.destinations`)
    gets no answer, which we would pay for, and follows nobody: of what it asks only СТОП is done, in silence.
    """
    numbers = numbers or Numbers()
    command = parse(text, numbers.short_code)
    if not destinations.current().reaches(phone, Channel.SMS):
        log.info("text.not_answered_abroad", sender=logs.masked_phone(phone))
        if isinstance(command, Stop):
            _stop(_Asker(session, phone, operator, now, numbers, subscribers.find(session, phone)), command)
        return Handled("number not allowed", False)
    subscribers.came_by(session, phone, operator)
    asker = _Asker(session, phone, operator, now, numbers, subscribers.find(session, phone), is_english(text))
    too_many = texts.are_too_many(session, phone, now)
    if too_many and not isinstance(command, Stop):  # whoever wants to leave must be able to
        log.info("text.ignored", sender=logs.masked_phone(phone), why="too many within an hour")
        return Handled("too many", False)
    reply = _reply(asker, command, text)
    if reply.text is None or (too_many and reply.command != "stop"):
        log.info("text.unanswered", sender=logs.masked_phone(phone), command=reply.command)
        return Handled(reply.command, False)
    person = subscribers.find(session, phone)
    outbox.enqueue(
        session,
        channel=Channel.SMS,
        address=phone,
        text=reply.text,
        purpose=MessagePurpose.ANSWER,
        now=now,
        subscriber_id=person.subscriber_id if person else None,
        operator=operator,
        urgent=True,
        pin=reply.pin,
        latin=reply.latin or in_latin(asker.language),
    )
    return Handled(reply.command, True)


def _reply(asker: _Asker, command: Command, text: str) -> _Reply:
    match command:
        case Subscribe():
            return _subscribe(asker, command.subjects[:MOST_SUBJECTS])
        case Stop():
            return _stop(asker, command)
        case NewPin():
            return _of_children(asker, "new pin", command.subject, _new_pin)
        case Grades():
            return _of_children(asker, "grades", command.subject, partial(_records, _grades, command.about))
        case Absences():
            return _of_children(asker, "absences", command.subject, partial(_records, _absences, command.about))
        case Meetings():
            return _of_children(asker, "meetings", command.subject, partial(_records, _meetings, ()))
        case CallBack():
            return _call_back(asker)
        case Letters():
            return _of_children(asker, "e-mail", None, partial(_letters, command.address))
        case Remove():
            return _of_children(asker, "remove", None, partial(_remove, command))
        case Coming():
            return _coming(asker, command, text)
        case Excuse():
            return _of_children(asker, "excuse", command.subject, partial(_excuse, command))
        case Today():
            return _of_children(asker, "today", command.subject, partial(_today, command))
        case Kinds() | Hour() | NoCalls() | TextOnly() | SlowSpeech() | WrongHour() | HowItStands() | UnclearWish():
            return _of_children(asker, "wishes", None, partial(_wishes, command))
        case Help():
            return _Reply("help", wording.help_text(asker.language, asker.numbers, asker.price))
        case StopAsked():
            return _stop_asked(asker, command)
        case Bill():
            return _bill(asker)
        case Agree():
            return _agree(asker) or _unknown(asker, Unknown(), text)
        case Price():
            return _Reply("price", wording.price(asker.language, asker.numbers, asker.price))
        case Thanks():
            return _Reply("thanks", wording.not_at_all(asker.language, asker.numbers))
        case Complaint():
            return _Reply("complaint", wording.ask_the_teacher(asker.language, asker.numbers))
        case Notice():
            return _Reply("notice", None)
        case Unknown():
            return _unknown(asker, command, text)


def _call_back(asker: _Asker) -> _Reply:
    """The call is the answer; where none comes, the texts that are understood are."""
    outcome = call_backs.ask(asker.session, asker.phone, asker.now)
    log.info("call_back.asked", outcome=outcome)
    if outcome in (call_backs.Outcome.CALLED, call_backs.Outcome.UNDER_WAY):
        return _Reply("call back", None)
    return _Reply("call back", wording.help_text(asker.language, asker.numbers, asker.price))


def _subscribe(asker: _Asker, subjects: tuple[Subject, ...]) -> _Reply:
    pin = pins.generate()
    results = []
    for subject in subjects:
        results.append(_follow(asker, subject, pin))
        if results[-1].lock is not None:
            break
    person = subscribers.find(asker.session, asker.phone)
    language = person.language if person else asker.language
    of = {outcome: [one for result in results if result.outcome is outcome for one in result.children]
          for outcome in FollowOutcome}  # fmt: skip
    outcomes = {result.outcome for result in results}
    sentences = []
    if new := of[FollowOutcome.FOLLOWS]:
        terms = _terms(asker)
        sentences.append(wording.follows(language, _called(language, new), asker.numbers, "" if terms else asker.price))
        sentences += [terms] * bool(terms)
    if old := of[FollowOutcome.FOLLOWED]:
        sentences.append(wording.follows_already(language, _called(language, old)))
    if FollowOutcome.WAITS in outcomes:
        sentences.append(wording.waits(language))
    if FollowOutcome.ASKED in outcomes:
        sentences.append(wording.asked(language))
    lock = results[-1].lock
    command = "subscribe"
    if lock is not None and outcomes & {FollowOutcome.WRONG, FollowOutcome.LOCKED}:
        command = "locked"
        if sentences or not texts.answered(asker.session, asker.phone, ("locked",), lock.since):
            sentences.append(wording.locked(language, lock.until - asker.now))
    elif FollowOutcome.WRONG in outcomes:
        sentences.append(wording.wrong(language))
    log.info("text.subscribe", sender=logs.masked_phone(asker.phone), outcomes=sorted(outcomes))
    latin = any(one.latin for one in new + old)
    return _Reply(command, " ".join(sentences) or None, pin if new else None, latin)


def _follow(asker: _Asker, subject: Subject, pin: str) -> subscribing.FollowResult:
    if subject.kind is SubjectKind.STUDENT_CODE:
        return subscribing.by_code(
            asker.session,
            phone=asker.phone,
            operator=asker.operator,
            student_code=subject.digits,
            pin=pin,
            now=asker.now,
        )
    return subscribing.by_national_id(
        asker.session, phone=asker.phone, operator=asker.operator, digits=subject.digits, pin=pin, now=asker.now
    )


def _stop(asker: _Asker, command: Stop) -> _Reply:
    followed = subscribers.followed(asker.session, asker.person.subscriber_id) if asker.person else ()
    of_nobody = command.subject is None and not command.unclear
    invited = of_nobody and campaign_answers.stop_inviting(asker.session, asker.phone, asker.now)
    if invited and not followed:
        return _Reply("stop", wording.no_more_invitations(asker.language))
    if asker.person is None or not followed:
        if texts.answered(asker.session, asker.phone, ("stop", "stop nothing"), asker.now - texts.AN_HOUR):
            return _Reply("stop nothing", None)  # it is confirmed once
        return _Reply("stop nothing", wording.follows_nobody(asker.language, asker.numbers))
    which = _which_to_stop(asker, asker.person, followed, command)
    if not which:
        return _Reply("stop nothing", wording.stops_nobody(asker.language, asker.numbers))
    return _stopped(asker, asker.person, which)


def _which_to_stop(
    asker: _Asker, person: Person, followed: tuple[Followed, ...], command: Stop
) -> tuple[Followed, ...]:
    """Whoever names children stops only these; a number that is none of theirs stops nobody, except one's own."""
    if command.unclear:
        return ()
    if command.subject is None or _is_own(asker, command.subject):
        return followed
    wanted = [_named(asker, person, followed, subject) for subject in (command.subject, *command.others)]
    return tuple(one for one in followed if any(one in some for some in wanted))


def _is_own(asker: _Asker, subject: Subject) -> bool:
    """„СТОП 0888123456“, from this very number."""
    return is_phone(subject.digits) and asker.phone.endswith(subject.digits[-9:])


def _stop_asked(asker: _Asker, command: StopAsked) -> _Reply:
    """Behind СТОП there may be a child's name."""
    if asker.person is not None and command.about:
        followed = subscribers.followed(asker.session, asker.person.subscriber_id)
        which = tuple(
            one
            for one in followed
            if one.status is SubscriptionStatus.ACTIVE
            and all(likeness(word, f"{one.given_name} {one.class_name or ''}") for word in command.about)
        )
        if len(which) == 1:
            return _stopped(asker, asker.person, which)
    return _Reply("stop asked", wording.how_to_stop(asker.language, asker.numbers))


def _stopped(asker: _Asker, person: Person, which: tuple[Followed, ...]) -> _Reply:
    stopping.stop(asker.session, person.subscriber_id, which, asker.now)
    active = [one for one in which if one.status is SubscriptionStatus.ACTIVE]
    _tell_address(asker, notice_words.stopped_by_sms, active)
    return _Reply(
        "stop",
        wording.stopped(asker.language, _called(asker.language, active), asker.numbers),
        latin=any(one.latin for one in which),
    )


def _tell_address(asker: _Asker, words: Callable[[Language, list[str]], str], which: list[Followed]) -> None:
    """The answer is read by whoever holds the telephone: a subscriber who gets letters reads of it there too."""
    if asker.person is not None and which:
        to = notices.recipient(asker.session, asker.person.subscriber_id)
        notices.write(asker.session, to, words(asker.language, _called(asker.language, which)), asker.now)


_Act = Callable[[_Asker, tuple[Followed, ...]], _Reply]


def _of_children(asker: _Asker, command: str, subject: Subject | None, act: _Act) -> _Reply:
    """Do it for the children whom the number follows, or for the one that was named."""
    children: tuple[Followed, ...] = ()
    if asker.person is not None:
        everybody = subscribers.followed(asker.session, asker.person.subscriber_id)
        children = tuple(one for one in everybody if one.status is SubscriptionStatus.ACTIVE)
    if asker.person is None or not children:
        return _Reply(command, wording.follows_nobody(asker.language, asker.numbers))
    which = _named(asker, asker.person, children, subject)
    if not which:
        return _Reply(command, wording.follows_another(asker.language))
    reply = act(asker, which)
    return _Reply(command, reply.text, reply.pin, any(one.latin for one in which))


def _excuse(command: Excuse, asker: _Asker, which: tuple[Followed, ...]) -> _Reply:
    return _Reply("", excuse_answers.excuse(asker.session, which, asker.language, command, asker.now))


def _today(command: Today, asker: _Asker, which: tuple[Followed, ...]) -> _Reply:
    answer = excuse_answers.today(asker.session, which, asker.language, command, asker.now)
    return _Reply("", answer or wording.not_understood(asker.language, asker.numbers))


def _new_pin(asker: _Asker, which: tuple[Followed, ...]) -> _Reply:
    pin = pins.generate()
    stopping.renew_pin(asker.session, which, pin, asker.now)
    _tell_address(asker, notice_words.pin_changed_by_sms, list(which))
    return _Reply("new pin", wording.new_pin(asker.language, [one.given_name for one in which], asker.numbers), pin)


def _letters(address: str | None, asker: _Asker, _which: tuple[Followed, ...]) -> _Reply:
    if address is None or asker.person is None:
        return _Reply("", wording.which_address(asker.language))
    try:
        sent = by_email.add(
            asker.session,
            subscriber_id=asker.person.subscriber_id,
            language=asker.language,
            email=address,
            root=asker.numbers.pages,
            now=asker.now,
        )
    except InputError:
        return _Reply("", wording.which_address(asker.language))
    return _Reply("", wording.letter_sent(asker.language) if sent else wording.too_many_letters(asker.language))


def _wishes(wish: Wish, asker: _Asker, _which: tuple[Followed, ...]) -> _Reply:
    assert asker.person is not None
    return _Reply(
        "",
        wish_answers.answer(asker.session, asker.person.subscriber_id, asker.language, wish, asker.now, asker.numbers),
    )


def _remove(command: Remove, asker: _Asker, which: tuple[Followed, ...]) -> _Reply:
    assert asker.person is not None
    language, subscriber_id = asker.language, asker.person.subscriber_id
    if command.letters:
        taken = take_address(asker.session, subscriber_id, asker.now, by=EndedBy(subscriber_id=subscriber_id))
        return _Reply("", wording.address_removed(language) if taken else wording.no_address(language))
    if command.number is not None:
        removal = ending.end_by_family(asker.session, subscriber_id, which, command.number, asker.now)
        if removal.outcome is RemovalOutcome.REMOVED:
            return _Reply("", wording.removed(language, removal.shown, _called(language, list(removal.children))))
        if removal.outcome is RemovalOutcome.GUARDIAN:
            return _Reply("", wording.is_guardian(language))
    others = ending.removable(asker.session, subscriber_id, which)
    if others is None:
        return _Reply("", wording.not_first(language))
    listed = dict.fromkeys((one.shown, one.number) for one in others if not one.is_guardian)
    return _Reply("", wording.whom_to_remove(language, tuple(listed)))


_Tell = Callable[[_Asker, Child, int, tuple[str, ...]], str]


def _records(tell: _Tell, about: tuple[str, ...], asker: _Asker, which: tuple[Followed, ...]) -> _Reply:
    """Of the children whom the words `about` name, if they name one; the other words may name a subject."""
    wanted = {one.subscription_id for one in which}
    children = [one for one in recognise(asker.session, asker.phone) if one.subscription_id in wanted]
    if meant := [one for one in children if any(likeness(word, one.given_name) for word in about)]:
        about = tuple(word for word in about if not any(likeness(word, one.given_name) for one in meant))
        children = meant
    newest = NEWEST if len(children) == 1 else NEWEST_OF_SEVERAL
    return _Reply("", "\n".join(tell(asker, child, newest, about) for child in children) or None)


def _grades(asker: _Asker, child: Child, newest: int, about: tuple[str, ...]) -> str:
    subjects = _subjects(asker, child, about)
    rows = records.grades(asker.session, child, None if subjects else newest, now=asker.now)
    if subjects:
        rows = tuple(row for row in rows if row.subject in subjects)[:newest]
    return wording.grades(asker.language, child.given_name, rows, subjects)


def _absences(asker: _Asker, child: Child, newest: int, about: tuple[str, ...]) -> str:
    subjects = _subjects(asker, child, about)
    if subjects:
        every = records.absences(asker.session, child, now=asker.now)
        rows = tuple(row for row in every if row.subject in subjects)
        return wording.absences(asker.language, child.given_name, records.totals_of(rows), rows[:newest], subjects)
    totals = records.absence_totals(asker.session, child, now=asker.now)
    rows = records.absences(asker.session, child, newest, now=asker.now)
    return wording.absences(asker.language, child.given_name, totals, rows)


def _subjects(asker: _Asker, child: Child, about: tuple[str, ...]) -> list[str]:
    """The subjects of the child's school that the words name; most texts name none, and cost no query."""
    return named(about, records.subjects(asker.session, child)) if about else []


def _meetings(asker: _Asker, child: Child, newest: int, _about: tuple[str, ...]) -> str:
    rows = records.meetings(asker.session, child, asker.now, newest)
    return wording.meetings(asker.language, child.given_name, rows, asker.numbers)


def _asking(asker: _Asker) -> billing_answers.Asking | None:
    """Who asks about money; None: parents do not pay, or the number is new to us."""
    person = subscribers.find(asker.session, asker.phone) if entitlement.is_on() else None
    if person is None:
        return None
    return billing_answers.Asking(
        person.subscriber_id, asker.phone, asker.operator, asker.language, asker.numbers, asker.now
    )


def _terms(asker: _Asker) -> str:
    asking = _asking(asker)
    return billing_answers.terms(asker.session, asking) if asking else ""


def _agree(asker: _Asker, *, only_if_asked: bool = False) -> _Reply | None:
    asking = _asking(asker)
    if asking is None or (only_if_asked and not billing_answers.is_asked(asker.session, asking)):
        return None
    text = billing_answers.agree(asker.session, asking)
    return _Reply("agree", text) if text else None


def _bill(asker: _Asker) -> _Reply:
    asking = _asking(asker)
    if asking is None:
        return _Reply("price", wording.price(asker.language, asker.numbers, asker.price))
    return _Reply("bill", billing_answers.bill(asker.session, asking))


def _coming(asker: _Asker, command: Coming, text: str) -> _Reply:
    may_agree = command.comes and command.bare
    if may_agree and (agreed := _agree(asker, only_if_asked=True)):
        return agreed
    handle = MeetingAnswer.COMES if command.comes else MeetingAnswer.COMES_NOT
    noted = campaign_answers.by_sms(asker.session, asker.phone, handle, asker.now)
    if noted is None:
        return (_agree(asker) if may_agree else None) or _unknown(asker, Unknown(), text)
    return _Reply("coming", wording.coming(asker.language, noted.title, noted.starts_at, comes=command.comes))


def _unknown(asker: _Asker, command: Unknown, text: str) -> _Reply:
    """A person who pays is answered: in full once an hour, shortly after that, and the same text over and over no more.

    Two machines would go on for ever, and they say the same again and again.
    """
    if command.almost_a_code:
        return _Reply("unknown", wording.not_a_code(asker.language))
    since = asker.now - texts.AN_HOUR
    if not texts.answered(asker.session, asker.phone, ("unknown", "help"), since):
        return _Reply("unknown", wording.help_text(asker.language, asker.numbers, asker.price))
    if inbox.times_received(asker.session, asker.operator, asker.phone, text, since) > MOST_ALIKE:
        return _Reply("unknown", None)
    return _Reply("unknown", wording.not_understood(asker.language, asker.numbers))


def _named(
    asker: _Asker, person: Person, followed: tuple[Followed, ...], subject: Subject | None
) -> tuple[Followed, ...]:
    """Those of the followed children whom the text names: all when it names none."""
    if subject is None:
        return followed
    if subject.kind is SubjectKind.STUDENT_CODE:
        students = subscribers.follows_by(asker.session, person.subscriber_id, student_code=subject.digits)
    else:
        try:
            national_id = national_ids.parse(subject.digits, calendar.today(asker.now))
        except InputError:
            return ()
        students = subscribers.follows_by(asker.session, person.subscriber_id, national_id=national_id)
    return tuple(one for one in followed if one.student_id in students)


def _called(language: Language, children: list[Followed]) -> list[str]:
    return [wording.child(language, one.given_name, one.class_name) for one in children]
