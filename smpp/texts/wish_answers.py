"""Carries out what a parent's text wants told on the telephone, and says how it stands then."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from sqlalchemy.orm import Session

from db.kinds import Channel, Language
from school.following import notices
from school.following import wording as notice_words
from school.subscriptions import slow_speech, text_only, wish_wording, wishes
from school.subscriptions.wishes import Wishes
from school.wording.service import Numbers
from smpp.texts.slow_words import SlowSpeech
from smpp.texts.wish_words import (
    Changes,
    Hour,
    HowItStands,
    Kinds,
    NoCalls,
    TextOnly,
    UnclearWish,
    Wish,
    WrongHour,
)


@dataclass(frozen=True, slots=True)
class _Alteration:
    """What a wish makes of the wishes of a channel."""

    wish: Kinds | Hour | NoCalls

    @property
    def channels(self) -> tuple[Channel, ...]:
        match self.wish:
            case Kinds(channels=channels):
                return channels
            case Hour(channel=channel):
                return (channel,)
            case NoCalls():
                return (Channel.CALL,)

    def __call__(self, before: Wishes) -> Wishes:
        match self.wish:
            case Kinds(kinds=kinds, wanted=wanted):
                return replace(before, unwanted=before.unwanted - kinds if wanted else before.unwanted | kinds)
            case Hour(hour=hour):
                return replace(before, timed=True, daily_hour=hour)
            case NoCalls():
                return replace(before, timed=False, daily_hour=None)


@dataclass(frozen=True, slots=True)
class _Calls:
    """What a subscriber wants of calls whatever the channel's wishes."""

    text_only: bool
    slow_speech: bool

    @classmethod
    def of(cls, session: Session, subscriber_id: int) -> Self:
        return cls(text_only.is_on(session, subscriber_id), slow_speech.is_on(session, subscriber_id))


def answer(
    session: Session, subscriber_id: int, language: Language, wish: Wish, now: datetime, numbers: Numbers
) -> str:
    """Do it, for all children whom the subscriber follows; gives the answer for the telephone.

    A subscriber who gets letters reads of a change there too: the answer is read by whoever holds the telephone.
    """
    match wish:
        case WrongHour():
            return wish_wording.wrong_hour(language, wish.channel)
        case UnclearWish():
            return wish_wording.unclear(language)
        case HowItStands():
            calls = _Calls.of(session, subscriber_id)
            stands = _how_it_stands(session, subscriber_id, calls, language, numbers)
            can_be_changed = wish_wording.what_can_be_changed(
                language, text_only=calls.text_only, slow_speech=calls.slow_speech
            )
            return f"{stands} {can_be_changed}"
        case Kinds() | Hour() | NoCalls() | TextOnly() | SlowSpeech():
            changed = _change(session, subscriber_id, wish, now)
            stands = _how_it_stands(session, subscriber_id, _Calls.of(session, subscriber_id), language, numbers)
            if changed:
                to = notices.recipient(session, subscriber_id)
                notices.write(session, to, notice_words.wishes_changed_by_sms(language, stands), now)
            return stands


def _change(session: Session, subscriber_id: int, wish: Changes, now: datetime) -> bool:
    """Whether anything was changed. Who asks for calls at an hour wants calls again."""
    if isinstance(wish, TextOnly):
        return text_only.switch(session, subscriber_id, wish.wanted, now)
    if isinstance(wish, SlowSpeech):
        return slow_speech.switch(session, subscriber_id, wish.wanted, now)
    alteration = _Alteration(wish)
    changed = wishes.change(session, subscriber_id, alteration.channels, alteration, now)
    if isinstance(wish, Hour) and wish.channel is Channel.CALL and text_only.is_on(session, subscriber_id):
        changed |= text_only.switch(session, subscriber_id, False, now)
    return changed


def _how_it_stands(session: Session, subscriber_id: int, calls: _Calls, language: Language, numbers: Numbers) -> str:
    return wish_wording.how_it_stands(
        language,
        wishes.wishes(session, subscriber_id),
        notices.recipient(session, subscriber_id).hours,
        gets_sms=wishes.gets_sms(session, subscriber_id),
        text_only=calls.text_only,
        slow_speech=calls.slow_speech,
        numbers=numbers,
    )
