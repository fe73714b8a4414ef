"""The menu: the pages a person may open, in the order they need them."""

from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for
from flask_login import current_user

from admin_web.audience import admits, audiences_of
from admin_web.translations import _l

ENTRIES: tuple[tuple[str, Any], ...] = (
    ("home.start", _l("Начало")),
    ("lessons.today", _l("Уроци")),
    ("own_class.overview", _l("Моят клас")),
    ("events.listed", _l("Срещи и събития")),
    ("campaigns.listed", _l("Обаждания")),
    ("reports.listed", _l("Справки")),
    ("setup.overview", _l("Училище")),
    ("voice.overview", _l("Глас")),
    ("operator.overview", _l("Платформа")),
    ("accounts.profile", _l("Профил")),
)


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One line of the menu."""

    title: str
    address: str
    endpoint: str


def menu() -> list[MenuItem]:
    """What the person of this request may open."""
    if not current_user.is_authenticated or current_user.who.must_set_up_factor:
        return []
    return [
        MenuItem(str(title), url_for(endpoint), endpoint)
        for endpoint, title in ENTRIES
        if endpoint in current_app.view_functions and admits(audiences_of(current_app, endpoint), current_user.who)
    ]
