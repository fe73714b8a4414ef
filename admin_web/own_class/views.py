"""The class teacher's pages. The school's leaders open any class by its address."""

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from admin_web.accounts.forms import ConfirmForm
from admin_web.actions import done
from admin_web.audience import LEADERS, Audience, open_to
from admin_web.database import reading, writing
from admin_web.entries.forms import HealthNoteForm
from admin_web.labels import labels_pdf
from admin_web.own_class.forms import EXCUSES, FOLLOWERS, ExcuseForm, GuardianForm
from admin_web.people import acting, me, moment, my_school
from admin_web.translations import _, told
from db.kinds import CodeFollowers, ExcuseKind, GuardianRelation, SubscriptionStatus
from errors import InputError, MissingError
from school import setup
from school.attendance import notices_of_class
from school.classbook import excuses, recording
from school.staff import authority
from school.students import guardians, student_code
from school.students.card import read_health
from school.students.labels import give_codes, labels_of, reissue
from school.students.own_class import read_class
from school.subscriptions import requests
from school.wording.service import Numbers
from settings import Settings

own_class_pages = Blueprint("own_class", __name__, url_prefix="/class")

FOLLOWING = (SubscriptionStatus.ACTIVE, SubscriptionStatus.WAITING)
"""Who follows a student, and who asks to."""
CLASS_AUDIENCE = (Audience.CLASS_TEACHER, *LEADERS)


@own_class_pages.get("/")
@open_to(Audience.CLASS_TEACHER)
def overview() -> ResponseReturnValue:
    """The person's own class."""
    class_id = me().own_class_id
    if class_id is None:
        abort(404)
    return one_class(class_id)


@own_class_pages.get("/<int:class_id>")
@open_to(*CLASS_AUDIENCE)
def one_class(class_id: int) -> ResponseReturnValue:
    """A class: every student with absences, code and followers."""
    config: Settings = current_app.config["ESCHOOL"]
    with reading() as session:
        found = read_class(session, acting(), class_id, moment(), counts_lateness=config.state_counts_lateness)
        asking = requests.listed(session, status=[SubscriptionStatus.WAITING], by=acting(), class_id=class_id)
        waiting = list(asking) if any(one.waiting for one in found.members) else ()
        notices = notices_of_class.count_waiting(session, my_school(), class_id)
    return render_template("own_class/overview.html", own=found, waiting=waiting, notices=notices)


@own_class_pages.post("/requests/<int:subscription_id>")
@open_to(*CLASS_AUDIENCE)
def decide(subscription_id: int) -> ResponseReturnValue:
    """Let a number that asked by national id follow the student, or not."""
    config: Settings = current_app.config["ESCHOOL"]
    with reading() as session:
        of = requests.of_class(session, subscription_id, my_school())
    back = redirect(url_for("own_class.one_class", class_id=of.class_id) if of.class_id else url_for("home.start"))
    approves = request.form.get("decision") == "approve"

    def act(session: Session) -> None:
        if approves:
            requests.approve(session, subscription_id, by=me().staff_id, now=moment(), numbers=Numbers.of(config))
        else:
            requests.refuse(session, subscription_id, by=me().staff_id, now=moment())

    let = _("Разрешено е. Родителят получава ПИН, другите абонати на ученика научават за новия номер или адрес.")
    try:
        done(act, let if approves else _("Отказано е. Не се отговаря."))
    except MissingError:  # somebody else was quicker
        flash(_("Тази заявка вече е решена."), "error")
    return back


@own_class_pages.post("/<int:class_id>/codes")
@open_to(*LEADERS)
def missing_codes(class_id: int) -> ResponseReturnValue:
    """Give a code to each student of the class who has none."""

    def act(session: Session) -> None:
        without = labels_of(session, my_school(), class_id, by=me().staff_id).without_code
        give_codes(session, my_school(), without, by=me().staff_id, now=moment())

    done(act, _("Всички ученици от класа имат код."))
    return redirect(url_for("own_class.one_class", class_id=class_id))


@own_class_pages.get("/<int:class_id>/labels.pdf")
@open_to(*CLASS_AUDIENCE)
def labels(class_id: int) -> ResponseReturnValue:
    """The labels of a class, ready to cut and hand to parents."""
    with reading() as session:
        found = labels_of(session, my_school(), class_id, by=me().staff_id)
    config: Settings = current_app.config["ESCHOOL"]
    content = labels_pdf(
        found.school,
        found.class_name,
        found.rows,
        inbound_number=config.inbound_number,
        short_code=config.short_code,
    )
    return Response(
        content, content_type="application/pdf", headers={"Content-Disposition": 'inline; filename="labels.pdf"'}
    )


@own_class_pages.get("/student/<int:student_id>")
@open_to(*CLASS_AUDIENCE)
def student(student_id: int) -> ResponseReturnValue:
    """What the class teacher does for one student."""
    return _student_page(student_id, ExcuseForm(), GuardianForm())


@own_class_pages.post("/student/<int:student_id>/excuse")
@open_to(*CLASS_AUDIENCE)
def excuse(student_id: int) -> ResponseReturnValue:
    """Excuse absences by a note."""
    form = ExcuseForm()
    if form.validate_on_submit():
        try:
            with writing() as session:
                result = excuses.excuse(
                    session,
                    by=me().staff_id,
                    student_id=student_id,
                    kind=ExcuseKind(form.kind.data),
                    starts_on=form.starts_on.data,
                    ends_on=form.ends_on.data,
                    parent_confirmed_on=form.parent_confirmed_on.data,
                    now=moment(),
                )
        except InputError as error:
            flash(told(error), "error")
        else:
            flash(
                _(
                    "Извинени отсъствия: %(absences)s. По заявления от родител остават %(left)s учебни дни.",
                    absences=result.absences,
                    left=result.days_left,
                ),
                "done",
            )
            return redirect(url_for("own_class.student", student_id=student_id))
    return _student_page(student_id, form, GuardianForm(formdata=None))


@own_class_pages.post("/student/<int:student_id>/health")
@open_to(*CLASS_AUDIENCE)
def add_health_note(student_id: int) -> ResponseReturnValue:
    """Record a health note."""
    form = HealthNoteForm(prefix="health")
    if form.validate_on_submit() and done(
        lambda session: recording.record_health_note(
            session,
            by=me().staff_id,
            student_id=student_id,
            starts_on=form.starts_on.data,
            ends_on=form.ends_on.data,
            note=form.text.data,
            now=moment(),
        ),
        _("Бележката е записана. Родителите научават само датите."),
    ):
        return redirect(url_for("own_class.student", student_id=student_id))
    return _student_page(student_id, ExcuseForm(formdata=None), GuardianForm(formdata=None), form)


@own_class_pages.post("/student/<int:student_id>/guardians")
@open_to(*CLASS_AUDIENCE)
def add_guardian(student_id: int) -> ResponseReturnValue:
    """Record a guardian."""
    form = GuardianForm()
    if form.validate_on_submit():
        try:
            with writing() as session:
                guardians.add_guardian(
                    session,
                    by=me().staff_id,
                    student_id=student_id,
                    first_name=form.first_name.data,
                    last_name=form.last_name.data,
                    relation=GuardianRelation(form.relation.data),
                    phone=form.phone.data or "",
                    email=form.email.data or "",
                    now=moment(),
                )
        except InputError as error:
            flash(told(error), "error")
        else:
            flash(_("Родителят е записан."), "done")
            return redirect(url_for("own_class.student", student_id=student_id))
    return _student_page(student_id, ExcuseForm(formdata=None), form)


@own_class_pages.route("/student/<int:student_id>/guardians/<int:guardian_id>", methods=["GET", "POST"])
@open_to(*CLASS_AUDIENCE)
def change_guardian(student_id: int, guardian_id: int) -> ResponseReturnValue:
    """Correct a guardian."""
    with reading() as session:
        known = authority.known_student(session, acting(), student_id)
        found = {row.guardian_id: row for row in guardians.guardians(session, known)}
    row = found.get(guardian_id) or abort(404)
    form = GuardianForm(obj=row)
    if form.validate_on_submit():
        try:
            with writing() as session:
                guardians.change_guardian(
                    session,
                    by=me().staff_id,
                    student_id=student_id,
                    guardian_id=guardian_id,
                    first_name=form.first_name.data,
                    last_name=form.last_name.data,
                    relation=GuardianRelation(form.relation.data),
                    phone=form.phone.data or "",
                    email=form.email.data or "",
                    now=moment(),
                )
        except InputError as error:
            flash(told(error), "error")
        else:
            flash(_("Промените са записани."), "done")
            return redirect(url_for("own_class.student", student_id=student_id))
    return render_template("own_class/guardian.html", form=form, student_id=student_id, row=row)


@own_class_pages.post("/student/<int:student_id>/guardians/<int:guardian_id>/remove")
@open_to(*CLASS_AUDIENCE)
def remove_guardian(student_id: int, guardian_id: int) -> ResponseReturnValue:
    """The person is no guardian of the student any more."""
    with writing() as session:
        guardians.remove_guardian(
            session, by=me().staff_id, student_id=student_id, guardian_id=guardian_id, now=moment()
        )
    flash(_("Родителят е премахнат."), "done")
    return redirect(url_for("own_class.student", student_id=student_id))


@own_class_pages.post("/student/<int:student_id>/code")
@open_to(*CLASS_AUDIENCE)
def new_code(student_id: int) -> ResponseReturnValue:
    """Give the student another ID-код; the old one opens nothing any more."""
    asked = request.form.get("followers", "")
    become = CodeFollowers(asked) if asked in set(CodeFollowers) else CodeFollowers.GUARDIANS_STAY
    with writing() as session:
        reissue(session, my_school(), student_id, by=me().staff_id, now=moment(), followers=become)
    flash(_("Ученикът има нов код. Отпечатайте новия етикет; старият код вече не важи."), "done")
    return redirect(url_for("own_class.student", student_id=student_id))


def _student_page(
    student_id: int,
    excuse_form: ExcuseForm,
    guardian_form: GuardianForm,
    health_form: HealthNoteForm | None = None,
) -> ResponseReturnValue:
    with reading() as session:
        known = authority.known_student(session, acting(), student_id)
        family = guardians.guardians(session, known)
        health = read_health(session, known, moment())
        code = student_code.in_force(session, student_id)
        notes = excuses.notes_of(session, known, moment())
        subscriptions = list(requests.listed(session, status=FOLLOWING, by=acting(), student_id=student_id))
        classes = setup.classes(session, my_school(), known.school_year_id) if me().leads else ()
    return render_template(
        "own_class/student.html",
        student=known,
        class_id=known.of.class_id,
        family=family,
        health=health,
        code=code,
        notes=notes,
        excuses=EXCUSES,
        become=FOLLOWERS,
        followers=[one for one in subscriptions if one.status is SubscriptionStatus.ACTIVE],
        waiting=[one for one in subscriptions if one.status is SubscriptionStatus.WAITING],
        classes=[one for one in classes if one.id != known.of.class_id],
        excuse_form=excuse_form,
        guardian_form=guardian_form,
        health_form=health_form or HealthNoteForm(formdata=None, prefix="health"),
        confirm=ConfirmForm(),
    )
