"""The Flask application: `create_app(settings)`."""

from datetime import timedelta

from flask import Flask
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI

from admin_web import (
    errors_pages,
    formats,
    hardening,
    history_words,
    json_bodies,
    metrics,
    people,
    translations,
    uploads,
)
from admin_web.accounts.factor_pages import factor_pages
from admin_web.accounts.school_pages import school_pages
from admin_web.accounts.views import accounts_pages
from admin_web.api import api, problems
from admin_web.api.token_pages import token_pages
from admin_web.audience import audiences_of, check_audience
from admin_web.campaigns.views import campaign_pages
from admin_web.clock_pages import clock_pages
from admin_web.database import KEY, USE
from admin_web.email_pages.views import email_pages
from admin_web.entries.views import entry_pages
from admin_web.fields import field
from admin_web.health import health_pages
from admin_web.home import home_pages
from admin_web.joining import joining_pages
from admin_web.lessons.views import lesson_pages
from admin_web.listening import listening_pages
from admin_web.menu import menu
from admin_web.numbers import IdConverter
from admin_web.operator_pages import operator_pages
from admin_web.operator_pages.lines import line_pages
from admin_web.operator_pages.money import money_pages
from admin_web.own_class import own_class_pages
from admin_web.payment_pages import payment_calls, payment_pages
from admin_web.privacy_pages.views import privacy_pages
from admin_web.reports.views import report_pages
from admin_web.rollover_pages import rollover_pages
from admin_web.school_events.views import event_pages
from admin_web.setup_pages import setup_pages
from admin_web.timetable_pages import timetable_pages
from admin_web.voice_pages import voice_pages
from db.session import Database, open_database
from runtime.version import VERSION
from school.security.crypto import vault_of
from settings import Settings

BLUEPRINTS = (
    home_pages,
    accounts_pages,
    factor_pages,
    school_pages,
    lesson_pages,
    entry_pages,
    own_class_pages,
    event_pages,
    campaign_pages,
    listening_pages,
    report_pages,
    setup_pages,
    rollover_pages,
    timetable_pages,
    privacy_pages,
    operator_pages,
    line_pages,
    money_pages,
    voice_pages,
    clock_pages,
    email_pages,
    joining_pages,
    payment_pages,
    payment_calls,
    health_pages,
    metrics.metrics_pages,
    token_pages,
)


API_DESCRIPTION = (
    "For the other systems of a school. The school's administrator makes a token under Училище; it reads and records "
    "within that school only."
)


def create_app(settings: Settings, database: Database | None = None) -> OpenAPI:
    """The application over the configured database, or over one that is open already.

    Raises OperationError when the database cannot be reached, RuntimeError when a view declares no audience.
    """
    app = OpenAPI(
        "admin_web",
        info=Info(title="InfoServ e-School", version=VERSION, description=API_DESCRIPTION),
        security_schemes={"token": {"type": "http", "scheme": "bearer"}},
        validation_error_callback=problems.invalid,
        validation_error_model=problems.Problem,
        doc_ui=False,
        static_folder="static",
        template_folder="templates",
    )
    app.extensions[KEY] = database or open_database(settings, USE)
    app.config.update(
        SECRET_KEY=vault_of(settings.key()).key_for("web cookies"),
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        SEND_FILE_MAX_AGE_DEFAULT=3600,
        ESCHOOL=settings,
    )
    app.json = json_bodies.Provider(app)
    app.url_map.converters["int"] = IdConverter
    uploads.register(app)
    hardening.harden(app, settings)
    translations.translate(app)
    people.manager.init_app(app)
    errors_pages.register(app)
    formats.register(app)
    history_words.register(app)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        menu=menu, languages=translations.LANGUAGES, language=translations.language, field=field
    )
    app.before_request(check_audience)
    metrics.measure(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.register_api(api)
    app.jinja_env.globals["endpoints"] = app.view_functions
    _check_that_every_view_is_declared(app)
    return app


def _check_that_every_view_is_declared(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        audiences_of(app, rule.endpoint)
