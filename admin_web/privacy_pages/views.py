"""Finding a person, seeing in numbers what is stored of them, giving them a copy, and erasing them."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

import logs
from admin_web.audience import LEADERS, open_to
from admin_web.database import database, reading, writing
from admin_web.people import me, moment, my_school
from admin_web.translations import _, _l, told
from db.kinds import ErasedKind, ErasureGround
from errors import ForbiddenError, InputError, MissingError, OperationError
from school.privacy import erased, erasure, export, files, finding, people, retention
from school.privacy.people import Person
from settings import Settings

log = logs.get(__name__)
privacy_pages = Blueprint("privacy", __name__, url_prefix="/school/privacy")

Finder = Callable[[Session], Person]
GROUNDS = {
    ErasureGround.EXPIRED: _l("срокът за пазене е изтекъл"),
    ErasureGround.NOT_NEEDED: _l("данните вече не са нужни"),
    ErasureGround.CONSENT_WITHDRAWN: _l("съгласието е оттеглено"),
    ErasureGround.OBJECTION: _l("има възражение срещу обработването"),
    ErasureGround.UNLAWFUL: _l("записани са без основание или по грешка"),
    ErasureGround.LEGAL_DUTY: _l("изтриването се изисква по закон"),
}
KINDS = {
    ErasedKind.STUDENT: _l("ученик"),
    ErasedKind.GUARDIAN: _l("родител или настойник"),
    ErasedKind.SUBSCRIBER: _l("абонат"),
    ErasedKind.STAFF: _l("служител"),
}
ENDPOINTS = {
    ErasedKind.STUDENT: ("privacy.student", "student_id"),
    ErasedKind.GUARDIAN: ("privacy.guardian", "guardian_id"),
    ErasedKind.SUBSCRIBER: ("privacy.follower", "subscription_id"),
    ErasedKind.STAFF: ("privacy.member", "staff_id"),
}


@privacy_pages.get("/")
@open_to(*LEADERS)
def find() -> ResponseReturnValue:
    """Find the person whose rights it is about."""
    asked = " ".join(request.args.get("q", "").split())[:80]
    with reading() as session:
        found = finding.find(session, my_school(), asked)
        kept = retention.of_school(session, my_school())
    lines = [(one, _address(one.kind, one.row_id)) for one in found]
    return render_template("privacy/find.html", asked=asked, lines=lines, kinds=KINDS, kept=kept)


@privacy_pages.get("/erased")
@open_to(*LEADERS)
def erased_people() -> ResponseReturnValue:
    """Who was erased lately, by kind and number."""
    with reading() as session:
        rows = erased.of_school(session, my_school())
    return render_template("privacy/erased.html", rows=rows, kinds=KINDS, grounds=GROUNDS)


@privacy_pages.route("/student/<int:student_id>", methods=["GET", "POST"])
@open_to(*LEADERS)
def student(student_id: int) -> ResponseReturnValue:
    """A student, at the school or not."""
    return _page(lambda session: people.of_student(session, my_school(), student_id))


@privacy_pages.post("/student/<int:student_id>/copy")
@open_to(*LEADERS)
def copy_of_student(student_id: int) -> ResponseReturnValue:
    """The copy for a student."""
    return _copy(lambda session: people.of_student(session, my_school(), student_id))


@privacy_pages.route("/guardian/<int:guardian_id>", methods=["GET", "POST"])
@open_to(*LEADERS)
def guardian(guardian_id: int) -> ResponseReturnValue:
    """A parent or guardian, with the subscriber who has the same number."""
    return _page(lambda session: people.of_guardian(session, my_school(), guardian_id))


@privacy_pages.post("/guardian/<int:guardian_id>/copy")
@open_to(*LEADERS)
def copy_of_guardian(guardian_id: int) -> ResponseReturnValue:
    """The copy for a parent or guardian."""
    return _copy(lambda session: people.of_guardian(session, my_school(), guardian_id))


@privacy_pages.route("/follower/<int:subscription_id>", methods=["GET", "POST"])
@open_to(*LEADERS)
def follower(subscription_id: int) -> ResponseReturnValue:
    """A subscriber, by any of their subscriptions at the school."""
    return _page(lambda session: people.of_follower(session, my_school(), subscription_id))


@privacy_pages.post("/follower/<int:subscription_id>/copy")
@open_to(*LEADERS)
def copy_of_follower(subscription_id: int) -> ResponseReturnValue:
    """The copy for a subscriber."""
    return _copy(lambda session: people.of_follower(session, my_school(), subscription_id))


@privacy_pages.route("/staff/<int:staff_id>", methods=["GET", "POST"])
@open_to(*LEADERS)
def member(staff_id: int) -> ResponseReturnValue:
    """A member of staff."""
    return _page(lambda session: people.of_staff(session, my_school(), staff_id))


@privacy_pages.post("/staff/<int:staff_id>/copy")
@open_to(*LEADERS)
def copy_of_member(staff_id: int) -> ResponseReturnValue:
    """The copy for a member of staff."""
    return _copy(lambda session: people.of_staff(session, my_school(), staff_id))


def _address(kind: ErasedKind, row_id: int) -> str:
    endpoint, argument = ENDPOINTS[kind]
    values: dict[str, Any] = {argument: row_id}
    return url_for(endpoint, **values)


def _page(finder: Finder) -> ResponseReturnValue:
    """What is stored in numbers, and the form that erases; handed in, it erases."""
    if request.method == "POST" and _erase(finder):
        return redirect(url_for("privacy.find"))
    now = moment()
    with reading() as session:
        person = finder(session)
        numbers = export.counts(session, person)
        kept = retention.of_school(session, my_school())
        is_due = erasure.is_expired(session, person, now)
    grounds = {ground: words for ground, words in GROUNDS.items() if ground is not ErasureGround.EXPIRED or is_due}
    return render_template(
        "privacy/person.html", person=person, numbers=numbers, kept=kept, is_due=is_due, grounds=grounds, kinds=KINDS
    )


def _erase(finder: Finder) -> bool:
    """Whether the person was erased; if not, the page says why."""
    typed = request.form.get("confirmation", "").strip()
    ground = request.form.get("ground", "")
    try:
        with writing() as session:
            person = finder(session)
            if typed.casefold() != person.confirmation.casefold():
                flash(_("Нищо не е изтрито: напишете за потвърждение точно каквото пише на страницата."), "error")
                return False
            if ground not in list(ErasureGround):
                flash(_("Нищо не е изтрито: изберете основание."), "error")
                return False
            gone = erasure.erase(
                session,
                person,
                moment(),
                by=me().staff_id,
                ground=ErasureGround(ground),
                still_here="still_here" in request.form,
            )
    except (ForbiddenError, MissingError):
        raise
    except InputError as error:
        flash(told(error), "error")
        return False
    config: Settings = current_app.config["ESCHOOL"]
    try:
        files.clean(config, database(), [gone])
    except OperationError as error:
        log.error("erasure.unclean", error=type(error).__name__)
        flash(_("Изтрито е. Остатъците по дисковете се изчистват през нощта."), "done")
    else:
        flash(_("Изтрито е. Никое копие не е останало на този сървър."), "done")
    return True


def _copy(finder: Finder) -> ResponseReturnValue:
    """The ZIP, made while it is downloaded; its name says nothing of whose it is."""
    now = moment()
    with writing() as session:
        person = finder(session)
        export.note(session, person, now, by=me().staff_id)
    headers = {"Content-Disposition": f'attachment; filename="personal-data-{now:%Y-%m-%d}.zip"'}
    return Response(export.stream(database().reading, person, now), content_type="application/zip", headers=headers)
