"""How far the set-up has come, what comes next, and everything that can be changed later."""

from dataclasses import dataclass
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from admin_web.audience import LEADERS, open_to
from admin_web.database import reading
from admin_web.people import moment, my_school
from admin_web.setup_pages.blueprint import setup_pages
from admin_web.translations import _, _l, ngettext
from school import setup
from school.years import calendar

TITLES: dict[str, tuple[Any, str, Any]] = {
    "year": (_l("Учебна година"), "setup.year", _l("Срокове, ваканции и последен учебен ден по випуски.")),
    "classes": (_l("Паралелки"), "setup.classes", _l("Паралелките по випуски и техните класни ръководители.")),
    "subjects": (_l("Предмети"), "setup.subjects", _l("От списъка по рамковите планове, и Ваши собствени.")),
    "staff": (_l("Персонал"), "setup.staff", _l("Учители, директор и администратори; всеки получава покана.")),
    "assignments": (_l("Преподаване"), "setup.teaching", _l("Кой по какво и на кои паралелки преподава.")),
    "students": (_l("Ученици"), "setup.importing", _l("Списъци на ученици и родители от Excel, CSV или OneRoster.")),
}
LATER: tuple[tuple[str, Any, Any], ...] = (
    (
        "rollover.overview",
        _l("Следваща учебна година"),
        _l("Паралелките преминават нагоре; кой повтаря и кой напуска."),
    ),
    ("setup.offered_students", _l("От други училища"), _l("Ученици, които друго училище на платформата е пуснало.")),
    ("timetable.overview", _l("Разписание"), _l("Седмицата на всяка паралелка, смени, групи и замествания.")),
    ("setup.find_students", _l("Намиране на ученик"), _l("По име или код; нов ученик, друга паралелка, напускане.")),
    (
        "setup.school_name",
        _l("Име на училището"),
        _l("Ако се промени: на страниците, етикетите, писмата и по телефона."),
    ),
    ("setup.telling", _l("Уведомяване на родителите"), _l("Изчакване преди уведомяване, часове, ПИН и азбука на SMS.")),
    ("setup.phrases", _l("Готови фрази"), _l("Забележки и похвали, които учителите пишат често.")),
    ("setup.second_factor", _l("Втори фактор"), _l("Дали ръководителите влизат с код или ключ за достъп.")),
    ("voice.overview", _l("Глас на телефона"), _l("Запишете името на училището и поздрава му с човешки глас.")),
    ("setup.history", _l("История"), _l("Кой какво е записал, променил или изтрил.")),
    ("privacy.find", _l("Лични данни"), _l("Копие на данните на човек, и изтриването им.")),
    ("campaigns.listed", _l("Обаждания"), _l("Кампании за обаждане на родителите.")),
    ("schedule.shown", _l("По часовник"), _l("Какво системата прави сама и кога.")),
    ("tokens.listed", _l("Достъп за други системи"), _l("Ключове за програмния интерфейс.")),
)
"""Pages that are not a step; one whose endpoint does not exist is left out."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the set-up; `state` is what there is already."""

    title: Any
    endpoint: str
    about: Any
    state: str
    is_done: bool
    is_next: bool


@setup_pages.get("/")
@open_to(*LEADERS)
def overview() -> ResponseReturnValue:
    """The steps, and what is changed later."""
    with reading() as session:
        steps = steps_of(session)
    return render_template("setup/overview.html", steps=steps, later=LATER, done=sum(one.is_done for one in steps))


def steps_of(session: Any) -> tuple[Step, ...]:
    """The six steps as they stand."""
    now = setup.progress(session, my_school(), calendar.today(moment()))
    year = next((one.name for one in setup.years(session, my_school()) if one.id == now.year_id), "")
    states = {
        "year": year,
        "classes": ngettext("%(num)s паралелка", "%(num)s паралелки", now.classes),
        "subjects": ngettext("%(num)s предмет", "%(num)s предмета", now.subjects),
        "staff": ngettext("%(num)s човек", "%(num)s души", now.staff),
        "assignments": ngettext("%(num)s възлагане", "%(num)s възлагания", now.assignments),
        "students": ngettext("%(num)s ученик", "%(num)s ученици", now.students),
    }
    missing = now.missing
    return tuple(
        Step(title, endpoint, about, _("още няма") if name in missing else states[name], name not in missing,
             name == now.next_step)
        for name, (title, endpoint, about) in TITLES.items()
    )  # fmt: skip
